"""The physical quantities we keep, in our units, and what nature allows of them."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Quantity:
    """The bounds of a quantity in our unit, and how many of the provider's units make one of ours."""

    low: float
    high: float
    per_unit: float = 1.0

    def told_in(self, per_unit: float) -> "Quantity":
        """The same quantity, told by a provider in a smaller unit: `WIND_SPEED.told_in(KMH)`."""
        return replace(self, per_unit=per_unit)

    def summed_over(self, hours: int) -> "Quantity":
        """The sum over several hours of a quantity bounded for one."""
        return replace(self, high=self.high * hours)

    def read(self, value: object) -> float | None:
        """The value in our unit; None where it is no number or lies outside what nature allows.

        NaN and the infinities lie outside. The bounds are compared first, as an integer of a thousand
        digits cannot be converted.
        """
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if not self.low * self.per_unit <= value <= self.high * self.per_unit:
            return None
        return value / self.per_unit + 0.0  # a negative zero becomes the plain one


KMH = 3.6  # km/h in one m/s

TEMPERATURE = Quantity(-95, 65)
APPARENT_TEMPERATURE = Quantity(-120, 80)
HUMIDITY = Quantity(0, 100)
WIND_SPEED = Quantity(0, 120)
WIND_DIRECTION = Quantity(0, 360)
PRESSURE = Quantity(850, 1100)
CLOUD_COVER = Quantity(0, 100)
PRECIPITATION = Quantity(0, 500)  # mm in one hour
PROBABILITY = Quantity(0, 100)
LATITUDE = Quantity(-90, 90)
LONGITUDE = Quantity(-180, 180)

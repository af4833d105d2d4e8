"""Numbers with their units; the values that come in are °C, m/s, mm, hPa and %."""

from service.locales.catalog import Catalog
from service.locales.numbers import Numbers
from service.locales.units import (
    Units,
    away_from_zero,
    fahrenheit,
    inches,
    inches_of_mercury,
    kilometres_per_hour,
    miles_per_hour,
)

_NBSP = "\u00a0"  # a number and its unit are never parted at a line end


class Quantities:
    """The quantities of one language and one system of units."""

    def __init__(self, catalog: Catalog, numbers: Numbers, units: Units) -> None:
        """Look the unit signs up once."""
        self._catalog = catalog
        self._numbers = numbers
        self._imperial = units is Units.IMPERIAL
        names = ("fahrenheit", "mph", "inch", "inhg") if self._imperial else ("celsius", "kmh", "mm", "hpa")
        signs = [_NBSP + catalog.text(f"unit.{name}") for name in (*names, "percent")]
        self._degree, self._speed_sign, self._rain_sign, self._pressure_sign, self._percent_sign = signs

    def temperature(self, celsius: float) -> str:
        return self._numbers.write(self._shown_degrees(celsius)) + self._degree

    def degrees(self, celsius: float) -> str:
        return self._numbers.write(self._shown_degrees(celsius)) + "°"

    def temperature_range(self, low: float, high: float, *, in_words: bool) -> str:
        """A dash beside a minus sign cannot be read, so a range with a negative end is always in words."""
        shown = [self._shown_degrees(low), self._shown_degrees(high)]
        if shown[0] == shown[1]:
            return self.temperature(low)
        key = "range.words" if in_words or min(shown) < 0 else "range.dash"
        ends = [self._numbers.write(end) for end in shown]
        return self._catalog.text(key, low=ends[0], high=ends[1]) + self._degree

    def percent(self, value: float) -> str:
        return self._numbers.write(value) + self._percent_sign

    def shown_speed(self, metres_per_second: float) -> float:
        """The whole number that is printed for a speed."""
        convert = miles_per_hour if self._imperial else kilometres_per_hour
        return away_from_zero(convert(metres_per_second))

    def speed(self, metres_per_second: float) -> str:
        return self._numbers.write(self.shown_speed(metres_per_second)) + self._speed_sign

    def rain(self, millimetres: float) -> str:
        """No rain is a bare 0, and a trace is said to be one: "0,0 mm" would be neither."""
        amount, decimals = (inches(millimetres), 2) if self._imperial else (millimetres, 1)
        least = 10.0**-decimals
        if amount <= 0:
            return "0" + self._rain_sign
        if amount < least:
            trace = self._numbers.write(least, decimals) + self._rain_sign
            return self._catalog.text("precipitation.under", amount=trace)
        return self._numbers.write(amount, decimals) + self._rain_sign

    def pressure(self, hectopascals: float) -> str:
        """Without grouping: a Vietnamese reader takes "1.009" for one point zero zero nine."""
        value, decimals = (inches_of_mercury(hectopascals), 2) if self._imperial else (hectopascals, 0)
        return self._numbers.write(value, decimals, grouped=False) + self._pressure_sign

    def _shown_degrees(self, celsius: float) -> float:
        return away_from_zero(fahrenheit(celsius) if self._imperial else celsius)

"""The wind: its direction, its force on the Vietnamese scale, and a sentence with both."""

from bisect import bisect_right

from service.locales.catalog import Catalog
from service.locales.numbers import Quantities
from service.locales.units import kilometres_per_hour, round_half_up

ABOVE_SCALE = 18

# The lowest whole km/h of forces 1 to 17, and of winds above the scale (the Vietnamese table of wind grades).
_LOWEST_KMH = (1, 6, 12, 20, 29, 39, 50, 62, 75, 89, 103, 118, 134, 150, 167, 184, 202, 221)
_POINTS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
_WEAK_GUST = 1  # gusts of this force are not mentioned


def force(metres_per_second: float) -> int:
    """Return the force from 0 to 17, or 18 above the scale.

    It follows from the whole km/h that are shown: the table's own m/s differ at some limits, and a reader
    would notice the contradiction.
    """
    return bisect_right(_LOWEST_KMH, round_half_up(kilometres_per_hour(metres_per_second)))


class Winds:
    """Wind in one language and one system of units."""

    def __init__(self, catalog: Catalog, quantities: Quantities) -> None:
        self._catalog = catalog
        self._quantities = quantities

    def direction(self, degrees: float) -> str:
        index = int((degrees + 22.5) // 45) % 8
        return self._catalog.text(f"direction.{_POINTS[index]}")

    def force_text(self, metres_per_second: float) -> str:
        number = force(metres_per_second)
        if number >= ABOVE_SCALE:
            return self._catalog.text("wind.force_over")
        return self._catalog.text("wind.force", n=number)

    def inline(self, speed: float, direction: float | None) -> str:
        """Return the wind for the middle of a sentence, without its force."""
        if self._is_calm(speed):
            return self._catalog.text("sentence.calm")
        speed_text = self._quantities.speed(speed)
        if direction is None:
            return self._catalog.text("sentence.wind_alone", speed=speed_text)
        return self._catalog.text("sentence.wind", direction=self.direction(direction), speed=speed_text)

    def sentence(self, speed: float, direction: float | None, gust: float | None) -> str:
        wind = self.inline(speed, direction)
        wind = wind[:1].upper() + wind[1:]
        if not self._is_calm(speed):
            wind = self._catalog.text("wind.with_force", wind=wind, force=self.force_text(speed))
        if gust is None or force(gust) <= max(force(speed), _WEAK_GUST):
            return wind
        return self._catalog.text(
            "wind.with_gust", wind=wind, gust=self._quantities.speed(gust), force=self.force_text(gust)
        )

    def _is_calm(self, speed: float) -> bool:
        return self._quantities.rounded_speed(speed) == 0

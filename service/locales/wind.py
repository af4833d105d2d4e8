"""Where the wind comes from, how strong it is, and the sentence that says so."""

from bisect import bisect_right

from service.locales.catalog import Catalog
from service.locales.quantities import Quantities
from service.locales.units import away_from_zero, kilometres_per_hour

ABOVE_THE_SCALE = 18

# The first whole km/h of forces 1 to 17, and the first above the scale (the Vietnamese table of wind grades).
_FIRST_KMH = (1, 6, 12, 20, 29, 39, 50, 62, 75, 89, 103, 118, 134, 150, 167, 184, 202, 221)
_POINTS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
_BREEZE = 1  # a gust of this force is no news


def force(metres_per_second: float) -> int:
    """The force from 0 to 17, or 18 above the scale.

    Taken from the whole km/h that are shown: the m/s column of the table disagrees at some limits, and a
    reader would find the contradiction.
    """
    return bisect_right(_FIRST_KMH, away_from_zero(kilometres_per_hour(metres_per_second)))


class Winds:
    """Wind in one language and one system of units."""

    def __init__(self, catalog: Catalog, quantities: Quantities) -> None:
        """Speeds are written by `quantities`."""
        self._catalog = catalog
        self._quantities = quantities

    def direction(self, degrees: float) -> str:
        index = int((degrees + 22.5) // 45) % 8
        return self._catalog.text(f"direction.{_POINTS[index]}")

    def force_text(self, metres_per_second: float) -> str:
        number = force(metres_per_second)
        if number >= ABOVE_THE_SCALE:
            return self._catalog.text("wind.force_over")
        return self._catalog.text("wind.force", n=number)

    def inside(self, speed: float, direction: float | None) -> str:
        """The wind inside a sentence, without its force."""
        if self._quantities.shown_speed(speed) == 0:
            return self._catalog.text("sentence.calm")
        shown = self._quantities.speed(speed)
        if direction is None:
            return self._catalog.text("sentence.wind_alone", speed=shown)
        return self._catalog.text("sentence.wind", direction=self.direction(direction), speed=shown)

    def sentence(self, speed: float, direction: float | None, gust: float | None) -> str:
        wind = self.inside(speed, direction)
        wind = wind[:1].upper() + wind[1:]
        if self._quantities.shown_speed(speed) != 0:
            wind = self._catalog.text("wind.with_force", wind=wind, force=self.force_text(speed))
        if gust is None or force(gust) <= max(force(speed), _BREEZE):
            return wind
        return self._catalog.text(
            "wind.with_gust", wind=wind, gust=self._quantities.speed(gust), force=self.force_text(gust)
        )

"""Coordinates: as they are asked for, and whether an answer is for the place that was meant."""

from service.places.model import Place

_DECIMALS = 4  # about ten metres; MET Norway refuses more


def decimal(degrees: float) -> str:
    """Degrees with four decimals at the most."""
    written = f"{round(degrees, _DECIMALS) + 0.0:.{_DECIMALS}f}"
    return written.rstrip("0").rstrip(".")


def is_near(place: Place, latitude: float | None, longitude: float | None, degrees: float) -> bool:
    """Whether a position lies within so many degrees of the place, in each direction."""
    if latitude is None or longitude is None:
        return False
    west_east = abs((longitude - place.longitude + 180) % 360 - 180)  # 179.9° E and W are neighbours
    return abs(latitude - place.latitude) <= degrees and west_east <= degrees

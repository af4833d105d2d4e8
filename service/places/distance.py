"""How far apart places are."""

from math import asin, cos, radians, sin, sqrt

from service.places.model import Place


def great_circle(one: Place, other: Place) -> float:
    """The angle between two places along the great circle, in radians (haversine formula)."""
    south, north = radians(one.latitude), radians(other.latitude)
    across = radians(other.longitude - one.longitude)
    half_chord = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(across / 2) ** 2
    return 2 * asin(sqrt(min(1.0, half_chord)))

"""Where the sun stands, to within a few minutes.

Declination and equation of time by Spencer's series (1971), as NOAA's solar calculator uses them.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_RISING = -0.833  # degrees: the sun's upper edge seen through the air's refraction
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR = timedelta(days=365.2425)


@dataclass(frozen=True, slots=True)
class Daylight:
    """One day's sunrise and sunset, in UTC."""

    sunrise: datetime
    sunset: datetime


def year_angle(instant: datetime) -> float:
    """How far the year has gone, in radians: 0 at its beginning, π at the beginning of July."""
    return math.tau * (((instant - _EPOCH) / _YEAR) % 1.0)


def elevation(latitude: float, longitude: float, instant: datetime) -> float:
    """Degrees above the horizon, negative below; of a place in degrees, north and east positive."""
    place, sun = math.radians(latitude), _declination(instant)
    angle = math.radians(_hour_angle(longitude, instant) / _DAY * 360)
    sine = math.sin(place) * math.sin(sun) + math.cos(place) * math.cos(sun) * math.cos(angle)
    return math.degrees(math.asin(max(-1.0, min(1.0, sine))))


def is_day(latitude: float, longitude: float, instant: datetime) -> bool:
    """Whether the sun is up."""
    return is_up(elevation(latitude, longitude, instant))


def is_up(height: float) -> bool:
    """Whether a sun at this elevation is seen."""
    return height > _RISING


def daylight(latitude: float, longitude: float, noon: datetime) -> Daylight | None:
    """Sunrise and sunset around the solar noon nearest to this instant; None where the sun does neither."""
    transit = noon - _hour_angle(longitude, noon)
    place, sun = math.radians(latitude), _declination(transit)
    across = math.cos(place) * math.cos(sun)
    cosine = (math.sin(math.radians(_RISING)) - math.sin(place) * math.sin(sun)) / across
    if abs(cosine) > 1:
        return None
    half = _DAY * (math.acos(cosine) / math.tau)
    return Daylight(transit - half, transit + half)


def _hour_angle(longitude: float, instant: datetime) -> timedelta:
    """Time since the nearest solar noon, negative before it: from -12 to 12 hours."""
    solar = (instant - _EPOCH) + timedelta(minutes=4 * longitude) + _equation_of_time(instant)
    return solar % _DAY - _DAY / 2


@lru_cache(maxsize=1024)  # many places are asked about the same instants
def _declination(instant: datetime) -> float:
    """The sun's latitude, in radians."""
    a = year_angle(instant)
    return (
        0.006918
        - 0.399912 * math.cos(a)
        + 0.070257 * math.sin(a)
        - 0.006758 * math.cos(2 * a)
        + 0.000907 * math.sin(2 * a)
        - 0.002697 * math.cos(3 * a)
        + 0.00148 * math.sin(3 * a)
    )


@lru_cache(maxsize=1024)
def _equation_of_time(instant: datetime) -> timedelta:
    """How far the sundial is ahead of the clock."""
    a = year_angle(instant)
    wave = 0.001868 * math.cos(a) - 0.032077 * math.sin(a)
    wave += -0.014615 * math.cos(2 * a) - 0.040849 * math.sin(2 * a)
    return timedelta(minutes=229.18 * (0.000075 + wave))

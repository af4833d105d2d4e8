"""The sample weather: the hours of samples/fair.json or storm.json, moved in time and shifted by place.

A sample is repeated for ever, by the local hour; each place begins with a day of its own. What is said of a
time is the same whenever it is asked for.
"""

import json
import math
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from operator import itemgetter
from typing import Any

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR = timedelta(days=365.2425)
_COLDEST = 4.0  # °C: there is no snow or ice, wherever one asks
_RISING = math.radians(-0.833)  # the sun's height when its upper edge is seen through the air's refraction


class Sample:
    """The hours of one file: the air at the hour's beginning, then what falls within the hour.

    Values have Open-Meteo's names, in the `units` that the file tells; `symbol_code` is MET Norway's, by day.
    """

    def __init__(self, name: str) -> None:
        written = read(name)
        self.units: dict[str, str] = written["air"] | written["fallen"]
        air, fallen = list(written["air"]), [*written["fallen"], "symbol_code"]
        self._air = [dict(zip(air, row[: len(air)], strict=True)) for row in written["hours"]]
        self._fallen = [dict(zip(fallen, row[len(air) :], strict=True)) for row in written["hours"]]

    def air(self, latitude: float, longitude: float, instant: datetime) -> dict[str, float]:
        """The air at a place (degrees, WGS 84) at an aware instant, between two rows in proportion."""
        hours = self._position(latitude, longitude, instant)
        row, season = int(hours), _season(latitude, instant)
        before, after = self._air[row], self._air[(row + 1) % len(self._air)]
        air = {name: value + (after[name] - value) * (hours - row) for name, value in before.items()}
        air["temperature_2m"] += _warmer(latitude, longitude, season)
        air["temperature_2m"] = max(_COLDEST, air["temperature_2m"])
        # The samples have the monsoon of the winter; in summer it comes from the other side.
        air["wind_direction_10m"] = (air["wind_direction_10m"] + 90 * (1 - math.cos(season - 0.26))) % 360
        return air

    def fallen(self, latitude: float, longitude: float, start: datetime, hours: float = 1) -> dict[str, Any]:
        """What falls in hours or in a part of one: the sum, the greatest chance, the gravest weather."""
        first = int(self._position(latitude, longitude, start))
        rows = [self._fallen[(first + hour) % len(self._fallen)] for hour in range(max(1, round(hours)))]
        return max(rows, key=itemgetter("weather_code")) | {
            "precipitation": sum(row["precipitation"] for row in rows) * min(hours, 1),
            "precipitation_probability": max(row["precipitation_probability"] for row in rows),
        }

    def _position(self, latitude: float, longitude: float, instant: datetime) -> float:
        """Where in the sample an instant lies, in hours; degrees of latitude and longitude differ by days."""
        days = math.floor(latitude) + math.floor(longitude)
        local = (instant - _EPOCH) / _HOUR + round(longitude / 15)
        return (local + 24 * days) % len(self._air)


@cache
def sample(*, storm: bool) -> Sample:
    """The sample that is played."""
    return Sample("storm" if storm else "fair")


@lru_cache(maxsize=1024)
def altitude(latitude: float, longitude: float) -> float:
    """Metres above the sea, roughly: of the coast, and near the towns of samples/highlands.json more."""
    towns = read("highlands")["highlands"].values()
    tops = [top * math.exp(-(math.dist((latitude, longitude), town) ** 2) / 0.15**2) for *town, top in towns]
    return float(max(8.0, *tops))


def is_day(latitude: float, longitude: float, instant: datetime) -> bool:
    """Whether the sun is up."""
    return abs(_since_noon(longitude, instant)) < _half_day(latitude, instant)


def daylight(latitude: float, longitude: float, noon: datetime) -> tuple[datetime, datetime] | None:
    """Sunrise and sunset around the solar noon nearest to this instant; None where the sun does neither."""
    noon -= _since_noon(longitude, noon)
    half = _half_day(latitude, noon)
    return (noon - half, noon + half) if timedelta(0) < half < _DAY / 2 else None


def floor(time: datetime, step: timedelta) -> datetime:
    """The last full step before a time, counted in UTC."""
    return time - (time - _EPOCH) % step


def _warmer(latitude: float, longitude: float, season: float) -> float:
    """How much warmer it is than in the samples, in °C: by latitude, season and height above the sea."""
    north = max(0.0, abs(latitude) - 8.5)  # degrees from Cà Mau
    warmest = math.tau * (115 + 70 * min(north / 12.5, 1.0)) / 365  # late April there, early July in Hà Nội
    swing = min(1.4 + 0.36 * north, 11.0)
    return 1.5 - 0.28 * north + swing * math.cos(season - warmest) - 0.006 * altitude(latitude, longitude)


def _season(latitude: float, instant: datetime) -> float:
    """The year's angle, 0 at its beginning; the southern hemisphere is half a year away."""
    return math.tau * ((instant - _EPOCH) / _YEAR) + (math.pi if latitude < 0 else 0.0)


def _since_noon(longitude: float, instant: datetime) -> timedelta:
    """Time since the nearest solar noon, negative before it: from -12 to 12 hours."""
    angle = _season(0, instant) - math.tau * 80 / 365
    sundial_ahead = 9.87 * math.sin(2 * angle) - 7.53 * math.cos(angle) - 1.5 * math.sin(angle)
    solar = instant - _EPOCH + timedelta(minutes=4 * longitude + sundial_ahead)
    return solar % _DAY - _DAY / 2


def _half_day(latitude: float, instant: datetime) -> timedelta:
    """From sunrise to noon; nothing or twelve hours where the sun does not rise or set."""
    year = _season(0, instant)
    turn = year + math.tau * 9 / 365 + 0.0334 * math.sin(year - math.tau * 3 / 365)  # the orbit is no circle
    place, sun = math.radians(latitude), math.asin(-0.3978 * math.cos(turn))  # latitudes, both
    cosine = (math.sin(_RISING) - math.sin(place) * math.sin(sun)) / (math.cos(place) * math.cos(sun))
    return _DAY * (math.acos(max(-1.0, min(1.0, cosine))) / math.tau)


@cache
def read(name: str) -> Any:
    """What stands in samples/`name`.json."""
    return json.loads(files("service.demo").joinpath(f"samples/{name}.json").read_text(encoding="utf-8"))

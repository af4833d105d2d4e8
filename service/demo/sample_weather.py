"""The sample weather: the hours of samples/fair.json or storm.json, moved in time and shifted by place.

A sample repeats for ever, by the local hour; each place begins with another of its days. The values of a time
are the same whenever they are requested.
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
_MIN_TEMPERATURE = 4.0  # °C: without snow or ice anywhere
_SUNRISE_ELEVATION = math.radians(-0.833)  # the sun's elevation at sunrise, by its size and by refraction


class Sample:
    """The hours of one file: the values at the beginning of each hour, then those of the hour as a period.

    Values have Open-Meteo's names and the file's `units`; `symbol_code` is MET Norway's, by day.
    """

    def __init__(self, name: str) -> None:
        content = read(name)
        self.units: dict[str, str] = content["air"] | content["fallen"]
        instant, period = list(content["air"]), [*content["fallen"], "symbol_code"]
        self._instants = [dict(zip(instant, row[: len(instant)], strict=True)) for row in content["hours"]]
        self._periods = [dict(zip(period, row[len(instant) :], strict=True)) for row in content["hours"]]

    def at(self, latitude: float, longitude: float, instant: datetime) -> dict[str, float]:
        """Return the values at a place (degrees, WGS 84) and an aware instant, between two rows by time."""
        hours = self._position(latitude, longitude, instant)
        row, season = int(hours), _season(latitude, instant)
        before, after = self._instants[row], self._instants[(row + 1) % len(self._instants)]
        values = {name: value + (after[name] - value) * (hours - row) for name, value in before.items()}
        values["temperature_2m"] += _temperature_offset(latitude, longitude, season)
        values["temperature_2m"] = max(_MIN_TEMPERATURE, values["temperature_2m"])
        # The samples have the winter monsoon; the summer monsoon blows the other way.
        direction = values["wind_direction_10m"] + 90 * (1 - math.cos(season - 0.26))
        values["wind_direction_10m"] = direction % 360
        return values

    def over(self, latitude: float, longitude: float, start: datetime, hours: float = 1) -> dict[str, Any]:
        """Return the values of a period: the sum, the highest probability, the most severe weather."""
        first = int(self._position(latitude, longitude, start))
        rows = [self._periods[(first + hour) % len(self._periods)] for hour in range(max(1, round(hours)))]
        return max(rows, key=itemgetter("weather_code")) | {
            "precipitation": sum(row["precipitation"] for row in rows) * min(hours, 1),
            "precipitation_probability": max(row["precipitation_probability"] for row in rows),
        }

    def _position(self, latitude: float, longitude: float, instant: datetime) -> float:
        """Return the position of an instant in the sample, in hours; each degree shifts it by a day."""
        days = math.floor(latitude) + math.floor(longitude)
        local = (instant - _EPOCH) / _HOUR + round(longitude / 15)
        return (local + 24 * days) % len(self._instants)


@cache
def sample(*, storm: bool) -> Sample:
    return Sample("storm" if storm else "fair")


@lru_cache(maxsize=1024)
def altitude(latitude: float, longitude: float) -> float:
    """Return metres above the sea, roughly: those of the coast, more near the towns of highlands.json."""
    towns = read("highlands")["highlands"].values()
    tops = [top * math.exp(-(math.dist((latitude, longitude), town) ** 2) / 0.15**2) for *town, top in towns]
    return float(max(8.0, *tops))


def is_day(latitude: float, longitude: float, instant: datetime) -> bool:
    return abs(_since_noon(longitude, instant)) < _half_day(latitude, instant)


def daylight(latitude: float, longitude: float, noon: datetime) -> tuple[datetime, datetime] | None:
    """Return sunrise and sunset around the solar noon nearest to this instant; None where neither is."""
    noon -= _since_noon(longitude, noon)
    half = _half_day(latitude, noon)
    return (noon - half, noon + half) if timedelta(0) < half < _DAY / 2 else None


def floor(time: datetime, step: timedelta) -> datetime:
    """Return the last full step before a time, counted in UTC."""
    return time - (time - _EPOCH) % step


def _temperature_offset(latitude: float, longitude: float, season: float) -> float:
    """Return the difference to the sample in °C, by latitude, season and altitude."""
    north = max(0.0, abs(latitude) - 8.5)  # degrees from Cà Mau
    warmest = math.tau * (115 + 70 * min(north / 12.5, 1.0)) / 365  # late April there, early July in Hà Nội
    swing = min(1.4 + 0.36 * north, 11.0)
    return 1.5 - 0.28 * north + swing * math.cos(season - warmest) - 0.006 * altitude(latitude, longitude)


def _season(latitude: float, instant: datetime) -> float:
    """Return the angle of the year, 0 at its beginning; the southern hemisphere is half a year away."""
    return math.tau * ((instant - _EPOCH) / _YEAR) + (math.pi if latitude < 0 else 0.0)


def _since_noon(longitude: float, instant: datetime) -> timedelta:
    """Return the time since the nearest solar noon, from -12 to 12 hours."""
    angle = _season(0, instant) - math.tau * 80 / 365
    sundial_ahead = 9.87 * math.sin(2 * angle) - 7.53 * math.cos(angle) - 1.5 * math.sin(angle)
    solar = instant - _EPOCH + timedelta(minutes=4 * longitude + sundial_ahead)
    return solar % _DAY - _DAY / 2


def _half_day(latitude: float, instant: datetime) -> timedelta:
    """Return the time from sunrise to noon; nothing or twelve hours where the sun does not rise or set."""
    year = _season(0, instant)
    turn = year + math.tau * 9 / 365 + 0.0334 * math.sin(year - math.tau * 3 / 365)  # the orbit is no circle
    place, sun = math.radians(latitude), math.asin(-0.3978 * math.cos(turn))  # latitudes, both
    cosine = (math.sin(_SUNRISE_ELEVATION) - math.sin(place) * math.sin(sun)) / (
        math.cos(place) * math.cos(sun)
    )
    return _DAY * (math.acos(max(-1.0, min(1.0, cosine))) / math.tau)


@cache
def read(name: str) -> Any:
    """Return the content of samples/`name`.json."""
    return json.loads(files("service.demo").joinpath(f"samples/{name}.json").read_text(encoding="utf-8"))

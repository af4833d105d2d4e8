"""The sample weather as Open-Meteo tells it: `/v1/forecast`. https://open-meteo.com/en/docs.

Of its variables there are the sample's and what is worked out of those. What is not offered, such as ranges
given by dates, is refused rather than ignored.
"""

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from service.demo import weather
from service.demo.weather import Sample, floor

_HOUR, _DAY, _INTERVAL = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)
_MOST_PLACES = 1000
_DEFAULTS = {"timezone": "GMT", "past_days": "0", "forecast_days": "7"}
_NOT_OFFERED = {
    *("minutely_15", "start_date", "end_date", "start_hour", "end_hour", "forecast_hours", "past_hours"),
    *("forecast_minutely_15", "past_minutely_15", "models", "bounding_box", "format"),
}


class _Unit(NamedTuple):
    """A label, the digits after the point, and how the sample's unit becomes this one."""

    label: str
    digits: int = 0
    factor: float = 1.0
    shift: float = 0.0


_WORKED_OUT = {"apparent_temperature": "°C", "is_day": ""}
# What `daily` may name besides the sun: the variable whose 24 values make the day's, and how.
_DAYS: Mapping[str, tuple[str, Callable[[Iterable[float]], float]]] = {
    "weather_code": ("weather_code", max),
    "temperature_2m_max": ("temperature_2m", max),
    "temperature_2m_min": ("temperature_2m", min),
    "precipitation_sum": ("precipitation", sum),
    "precipitation_probability_max": ("precipitation_probability", max),
}
_SUN = ("sunrise", "sunset")

_Row = Mapping[str, Any]  # values of a time or a day in the sample's units; times are aware


class BadQueryError(ValueError):
    """The query is at fault; the text is what Open-Meteo gives as its reason."""


class _Spot(NamedTuple):
    """A point and the zone its times are told in; the offset is the one valid now, for the whole answer."""

    latitude: float
    longitude: float
    timezone: str
    abbreviation: str
    offset: timedelta


class _Asked:
    """A query, and how its answer is written."""

    def __init__(self, told: Mapping[str, str], sample: Sample, now: datetime) -> None:
        """Raise BadQueryError for the query's first fault."""
        if strange := sorted(_NOT_OFFERED & told.keys()):
            raise BadQueryError(f"The sample data has no parameter '{strange[0]}'.")
        query = _DEFAULTS | {key.replace("windspeed", "wind_speed"): value for key, value in told.items()}
        units = weather.read("units")
        chosen = {unit: known[_choice(query, key, known)] for unit, (key, known) in units["chosen"].items()}
        written = {unit: _Unit(*how) for unit, how in (units["fixed"] | chosen).items()}
        hourly = {name: written[unit] for name, unit in (sample.units | _WORKED_OUT).items()}
        daily = {name: hourly[variable] for name, (variable, _) in _DAYS.items()}
        timeformat = _choice(query, "timeformat", ("iso8601", "unixtime"))
        self.is_unix = timeformat == "unixtime"
        times = dict.fromkeys(("time", *_SUN), _Unit(timeformat))
        self.units = hourly | daily | times | {"interval": _Unit("seconds")}
        self.spots = _spots(query, now)
        self.current = _variables(query, "current", hourly)
        self.hourly = _variables(query, "hourly", hourly)
        self.daily = _variables(query, "daily", {*daily, *_SUN})
        self.days = range(-_days(query, "past_days", 92), _days(query, "forecast_days", 16))

    def section(self, key: str, names: Sequence[str], rows: Sequence[_Row], spot: _Spot) -> dict[str, Any]:
        """A section of the answer: the units, and a list for each variable."""
        names = ["time", *names]
        return {
            f"{key}_units": {name: self.units[name].label for name in names},
            key: {name: [self._written(name, row[name], spot) for row in rows] for name in names},
        }

    def _written(self, name: str, value: Any, spot: _Spot) -> Any:
        """Times local without an offset, or in seconds since 1970; numbers without digits as integers."""
        if isinstance(value, datetime):
            return int(value.timestamp()) if self.is_unix else f"{value + spot.offset:%Y-%m-%dT%H:%M}"
        unit = self.units[name]
        return None if value is None else round(value * unit.factor + unit.shift, unit.digits or None)


def forecast(query: Mapping[str, str], now: datetime, *, storm: bool = False) -> tuple[int, bytes]:
    """Status and JSON body of the answer: one object, or a list for several places.

    Any fault of the query is a 400 with `{"error": true, "reason": …}`. `now` is aware.
    """
    sample = weather.sample(storm=storm)
    try:
        asked = _Asked(query, sample, now)
    except BadQueryError as fault:
        return 400, _json({"error": True, "reason": str(fault)})
    elements = [_element(asked, spot, sample, now.astimezone(UTC)) for spot in asked.spots]
    for position, element in enumerate(elements[1:], 1):
        element["location_id"] = position
    return 200, _json(elements[0] if len(elements) == 1 else elements)


def _element(asked: _Asked, spot: _Spot, sample: Sample, now: datetime) -> dict[str, Any]:
    """One place's part. It names the middle of a model's cell, not the point that was asked for."""
    element: dict[str, Any] = {
        "latitude": round(spot.latitude * 8) / 8,
        "longitude": round(spot.longitude * 8) / 8,
        "generationtime_ms": 0.25,
        "utc_offset_seconds": int(spot.offset.total_seconds()),
        "timezone": spot.timezone,
        "timezone_abbreviation": spot.abbreviation,
        "elevation": float(round(weather.altitude(spot.latitude, spot.longitude))),
    }
    if asked.current:
        row = _row(sample, spot, floor(now, _INTERVAL), _INTERVAL)
        element |= asked.section("current", ["interval", *asked.current], [row], spot)
        element["current"] = {name: values[0] for name, values in element["current"].items()}
    if asked.hourly or asked.daily:
        midnight = floor(now + spot.offset, _DAY) - spot.offset
        hours = range(24 * asked.days.start, 24 * asked.days.stop)
        rows = [_row(sample, spot, midnight + hour * _HOUR, _HOUR) for hour in hours]
    if asked.hourly:
        element |= asked.section("hourly", asked.hourly, rows, spot)
    if asked.daily:
        days = [_day(rows[first : first + 24], spot) for first in range(0, len(rows), 24)]
        element |= asked.section("daily", asked.daily, days, spot)
        times = element["daily"]["time"]
        element["daily"]["time"] = times if asked.is_unix else [time[:10] for time in times]
    return element


def _row(sample: Sample, spot: _Spot, time: datetime, back: timedelta) -> _Row:
    """The air at a time, and what fell in the hour, or the quarter of an hour, before it."""
    point = spot.latitude, spot.longitude
    air = sample.air(*point, time)
    warmth, wind = air["temperature_2m"], air["wind_speed_10m"]
    vapour = air["relative_humidity_2m"] / 100 * 6.105 * math.exp(17.27 * warmth / (237.7 + warmth))
    return {
        **air,
        **sample.fallen(*point, time - back, back / _HOUR),
        "wind_direction_10m": round(air["wind_direction_10m"]) % 360,
        "apparent_temperature": warmth + 0.33 * vapour - 0.70 * wind - 4.0,  # Steadman's, in the shade (1994)
        "is_day": weather.is_day(*point, time),
        "time": time,
        "interval": back.total_seconds(),
    }


def _day(rows: Sequence[_Row], spot: _Spot) -> _Row:
    sun = weather.daylight(spot.latitude, spot.longitude, rows[12]["time"]) or (None, None)
    made = {name: how(row[variable] for row in rows) for name, (variable, how) in _DAYS.items()}
    return {**made, "time": rows[0]["time"], **dict(zip(_SUN, sun, strict=True))}


def _spots(query: Mapping[str, str], now: datetime) -> list[_Spot]:
    latitudes, longitudes = _degrees(query, "latitude", 90), _degrees(query, "longitude", 180)
    if len(latitudes) != len(longitudes):
        raise BadQueryError("Parameter 'latitude' and 'longitude' must have the same number of elements")
    if len(latitudes) > _MOST_PLACES:
        raise BadQueryError(f"Only up to {_MOST_PLACES} locations can be requested at once")
    zones = query["timezone"].split(",")
    if len(zones) not in {1, len(latitudes)}:
        raise BadQueryError("Parameter 'timezone' must have the same number of elements")
    zones *= len(latitudes) // len(zones)
    return [_spot(*point, now) for point in zip(latitudes, longitudes, zones, strict=True)]


def _spot(latitude: float, longitude: float, zone: str, now: datetime) -> _Spot:
    """With `auto` the zone is Vietnam's for its land and sea, elsewhere whole hours by the longitude."""
    if zone == "auto":
        hours = math.floor(longitude / 15 + 0.5)
        zone = f"Etc/GMT{-hours:+d}" if hours else "GMT"  # the names of this series count westwards
        if 6 <= latitude <= 23.5 and 102.1 <= longitude <= 118:  # noqa: PLR2004 - Cà Mau to Đồng Văn, A Pa Chải to Trường Sa
            zone = "Asia/Ho_Chi_Minh"
    try:
        there = now.astimezone(ZoneInfo(zone))
    except (OSError, ValueError, KeyError) as fault:  # a folder of zones, a path, a name nobody knows
        raise BadQueryError("Invalid timezone") from fault
    name = there.tzname() or ""
    if not name.isalpha():  # "+0545"
        name = f"GMT{name[0]}{int(name[1:3])}" + (f":{name[3:]}" if name[3:] else "")
    return _Spot(latitude, longitude, zone, name, there.utcoffset() or timedelta(0))


def _variables(query: Mapping[str, str], key: str, known: Collection[str]) -> list[str]:
    """The names of a list, each once."""
    names = dict.fromkeys(name.strip() for name in query.get(key, "").split(",") if name.strip())
    return [_choice({key: name}, key, known, "WeatherVariable") for name in names]


def _choice(query: Mapping[str, str], key: str, known: Collection[str], kind: str = "") -> str:
    """The word that was chosen, or the first of those known."""
    word = query.get(key) or next(iter(known))
    if word not in known:
        raise BadQueryError(f"Cannot initialize {kind or key} from invalid String value {word} for key {key}")
    return word


def _days(query: Mapping[str, str], key: str, most: int) -> int:
    if not query[key].isdecimal() or int(query[key]) > most:
        name = key.capitalize().replace("_", " ")
        raise BadQueryError(f"{name} is invalid. Allowed range 0 to {most}. Given {query[key]}.")
    return int(query[key])


def _degrees(query: Mapping[str, str], key: str, most: int) -> list[float]:
    try:
        numbers = [float(word) for word in query.get(key, "").split(",")]
    except ValueError as fault:
        raise BadQueryError(f"Value of type 'Float' required for key '{key}'.") from fault
    for number in numbers:
        if not -most <= number <= most:
            name = key.capitalize()
            raise BadQueryError(f"{name} must be in range of -{most} to {most}°. Given: {number}.")
    return numbers


def _json(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

"""The sample weather in Open-Meteo's format: `/v1/forecast`. https://open-meteo.com/en/docs.

It has the variables of the sample and those derived from them. Other parameters of the API, such as ranges of
dates, are refused rather than ignored.
"""

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from service.demo import sample_weather
from service.demo.sample_weather import Sample, floor

_HOUR, _DAY, _INTERVAL = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)
_MAX_PLACES = 1000
_DEFAULTS = {"timezone": "GMT", "past_days": "0", "forecast_days": "7"}
_UNSUPPORTED = {
    *("minutely_15", "start_date", "end_date", "start_hour", "end_hour", "forecast_hours", "past_hours"),
    *("forecast_minutely_15", "past_minutely_15", "models", "bounding_box", "format"),
}


class _Unit(NamedTuple):
    """A unit's label, the digits after the point, and the conversion from the sample's unit."""

    label: str
    digits: int = 0
    factor: float = 1.0
    shift: float = 0.0


_DERIVED = {"apparent_temperature": "°C", "is_day": ""}
# The daily variables besides the sun: which hourly variable they summarise, and how.
_DAILY: Mapping[str, tuple[str, Callable[[Iterable[float]], float]]] = {
    "weather_code": ("weather_code", max),
    "temperature_2m_max": ("temperature_2m", max),
    "temperature_2m_min": ("temperature_2m", min),
    "precipitation_sum": ("precipitation", sum),
    "precipitation_probability_max": ("precipitation_probability", max),
}
_SUN = ("sunrise", "sunset")

_Row = Mapping[str, Any]  # the values of a time or a day in the sample's units; times are aware


class BadQueryError(ValueError):
    """A fault of the query; the message is what Open-Meteo gives as its reason."""


class _Spot(NamedTuple):
    """A location and its zone; the offset of now is that of all times in the response."""

    latitude: float
    longitude: float
    timezone: str
    abbreviation: str
    offset: timedelta


class _Query:
    """A checked query, and the units of its response."""

    def __init__(self, parameters: Mapping[str, str], sample: Sample, now: datetime) -> None:
        """Check the query (BadQueryError for its first fault)."""
        if unsupported := sorted(_UNSUPPORTED & parameters.keys()):
            raise BadQueryError(f"The sample data has no parameter '{unsupported[0]}'.")
        query = _DEFAULTS | {key.replace("windspeed", "wind_speed"): parameters[key] for key in parameters}
        units = sample_weather.read("units")
        chosen = {unit: known[_choice(query, key, known)] for unit, (key, known) in units["chosen"].items()}
        written = {unit: _Unit(*how) for unit, how in (units["fixed"] | chosen).items()}
        hourly = {name: written[unit] for name, unit in (sample.units | _DERIVED).items()}
        daily = {name: hourly[variable] for name, (variable, _) in _DAILY.items()}
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
        """Return a section of the response: the units, and a list for each variable."""
        names = ["time", *names]
        return {
            f"{key}_units": {name: self.units[name].label for name in names},
            key: {name: [self._format(name, row[name], spot) for row in rows] for name in names},
        }

    def _format(self, name: str, value: Any, spot: _Spot) -> Any:
        """Return times in local ISO form or in Unix time, and numbers without digits as integers."""
        if isinstance(value, datetime):
            return int(value.timestamp()) if self.is_unix else f"{value + spot.offset:%Y-%m-%dT%H:%M}"
        unit = self.units[name]
        return None if value is None else round(value * unit.factor + unit.shift, unit.digits or None)


def forecast(query: Mapping[str, str], now: datetime, *, storm: bool = False) -> tuple[int, bytes]:
    """Return the status and JSON body of the response: an object, or a list for several places.

    A fault of the query is a 400 with `{"error": true, "reason": …}`. `now` is aware.
    """
    sample = sample_weather.sample(storm=storm)
    try:
        checked = _Query(query, sample, now)
    except BadQueryError as fault:
        return 400, _json({"error": True, "reason": str(fault)})
    elements = [_element(checked, spot, sample, now.astimezone(UTC)) for spot in checked.spots]
    for position, element in enumerate(elements[1:], 1):
        element["location_id"] = position
    return 200, _json(elements[0] if len(elements) == 1 else elements)


def _element(query: _Query, spot: _Spot, sample: Sample, now: datetime) -> dict[str, Any]:
    """Return the element of one place, with the position of the model's grid cell."""
    element: dict[str, Any] = {
        "latitude": round(spot.latitude * 8) / 8,
        "longitude": round(spot.longitude * 8) / 8,
        "generationtime_ms": 0.25,
        "utc_offset_seconds": int(spot.offset.total_seconds()),
        "timezone": spot.timezone,
        "timezone_abbreviation": spot.abbreviation,
        "elevation": float(round(sample_weather.altitude(spot.latitude, spot.longitude))),
    }
    if query.current:
        row = _row(sample, spot, floor(now, _INTERVAL), _INTERVAL)
        element |= query.section("current", ["interval", *query.current], [row], spot)
        element["current"] = {name: values[0] for name, values in element["current"].items()}
    if query.hourly or query.daily:
        midnight = floor(now + spot.offset, _DAY) - spot.offset
        hours = range(24 * query.days.start, 24 * query.days.stop)
        rows = [_row(sample, spot, midnight + hour * _HOUR, _HOUR) for hour in hours]
    if query.hourly:
        element |= query.section("hourly", query.hourly, rows, spot)
    if query.daily:
        days = [_day(rows[first : first + 24], spot) for first in range(0, len(rows), 24)]
        element |= query.section("daily", query.daily, days, spot)
        times = element["daily"]["time"]
        element["daily"]["time"] = times if query.is_unix else [time[:10] for time in times]
    return element


def _row(sample: Sample, spot: _Spot, time: datetime, back: timedelta) -> _Row:
    """Return the values at a time, and of the hour, or the quarter of an hour, before it."""
    point = spot.latitude, spot.longitude
    values = sample.at(*point, time)
    temperature, wind = values["temperature_2m"], values["wind_speed_10m"]
    saturation = 6.105 * math.exp(17.27 * temperature / (237.7 + temperature))  # hPa
    vapour = values["relative_humidity_2m"] / 100 * saturation
    return {
        **values,
        **sample.over(*point, time - back, back / _HOUR),
        "wind_direction_10m": round(values["wind_direction_10m"]) % 360,
        "apparent_temperature": temperature + 0.33 * vapour - 0.7 * wind - 4.0,  # Steadman 1994
        "is_day": sample_weather.is_day(*point, time),
        "time": time,
        "interval": back.total_seconds(),
    }


def _day(rows: Sequence[_Row], spot: _Spot) -> _Row:
    sun = sample_weather.daylight(spot.latitude, spot.longitude, rows[12]["time"]) or (None, None)
    made = {name: how(row[variable] for row in rows) for name, (variable, how) in _DAILY.items()}
    return {**made, "time": rows[0]["time"], **dict(zip(_SUN, sun, strict=True))}


def _spots(query: Mapping[str, str], now: datetime) -> list[_Spot]:
    latitudes, longitudes = _degrees(query, "latitude", 90), _degrees(query, "longitude", 180)
    if len(latitudes) != len(longitudes):
        raise BadQueryError("Parameter 'latitude' and 'longitude' must have the same number of elements")
    if len(latitudes) > _MAX_PLACES:
        raise BadQueryError(f"Only up to {_MAX_PLACES} locations can be requested at once")
    zones = query["timezone"].split(",")
    if len(zones) not in {1, len(latitudes)}:
        raise BadQueryError("Parameter 'timezone' must have the same number of elements")
    zones *= len(latitudes) // len(zones)
    return [_spot(*point, now) for point in zip(latitudes, longitudes, zones, strict=True)]


def _spot(latitude: float, longitude: float, zone: str, now: datetime) -> _Spot:
    """Return the spot; its zone with `auto` is Vietnam's for its land and sea, elsewhere by the longitude."""
    if zone == "auto":
        hours = math.floor(longitude / 15 + 0.5)
        zone = f"Etc/GMT{-hours:+d}" if hours else "GMT"  # the names of this series count westwards
        if 6 <= latitude <= 23.5 and 102.1 <= longitude <= 118:  # noqa: PLR2004 - Cà Mau to Đồng Văn, A Pa Chải to Trường Sa
            zone = "Asia/Ho_Chi_Minh"
    try:
        there = now.astimezone(ZoneInfo(zone))
    except (OSError, ValueError, KeyError) as fault:  # a folder of zones, a path, an unknown name
        raise BadQueryError("Invalid timezone") from fault
    name = there.tzname() or ""
    if not name.isalpha():  # "+0545"
        name = f"GMT{name[0]}{int(name[1:3])}" + (f":{name[3:]}" if name[3:] else "")
    return _Spot(latitude, longitude, zone, name, there.utcoffset() or timedelta(0))


def _variables(query: Mapping[str, str], key: str, known: Collection[str]) -> list[str]:
    """Return the names of a list, each once."""
    names = dict.fromkeys(name.strip() for name in query.get(key, "").split(",") if name.strip())
    return [_choice({key: name}, key, known, "WeatherVariable") for name in names]


def _choice(query: Mapping[str, str], key: str, known: Collection[str], kind: str = "") -> str:
    """Return the parameter's value, by default the first of those known."""
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

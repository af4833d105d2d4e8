"""What is asked of Open-Meteo: its parameters, read and judged as it does."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from service.demo.open_meteo_variables import (
    DAILY,
    HOURLY,
    RAIN_UNITS,
    TEMPERATURE_UNITS,
    TIMES,
    WIND_UNITS,
    Units,
)

_MOST_PLACES = 1000
_MOST_DAYS, _MOST_PAST_DAYS = 16, 92
_NOT_OFFERED = (
    *("minutely_15", "start_date", "end_date", "start_hour", "end_hour", "forecast_hours", "past_hours"),
    *("forecast_minutely_15", "past_minutely_15", "models", "bounding_box", "format"),
)


N = TypeVar("N", int, float)


class BadQueryError(ValueError):
    """The query is at fault; the text is what Open-Meteo gives as its reason."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A point and the zone its times are told in; the offset is the one valid now, for the whole answer."""

    latitude: float
    longitude: float
    timezone: str
    abbreviation: str
    offset: timedelta


@dataclass(frozen=True, slots=True)
class Asked:
    """A query without faults."""

    spots: tuple[Spot, ...]
    current: tuple[str, ...]
    hourly: tuple[str, ...]
    daily: tuple[str, ...]
    units: Units
    timeformat: str
    forecast_days: int
    past_days: int


def read_query(query: Mapping[str, str], now: datetime) -> Asked:
    """The query's meaning at an aware instant.

    Raises:
        BadQueryError: at its first fault.
    """
    for name in _NOT_OFFERED:
        if name in query:
            raise BadQueryError(f"The sample data has no parameter '{name}'.")
    return Asked(
        spots=_spots(query, now),
        current=_variables(query, "current", HOURLY),
        hourly=_variables(query, "hourly", HOURLY),
        daily=_variables(query, "daily", DAILY.keys() | TIMES),
        units=_units(query),
        timeformat=_choice(query, "timeformat", ("iso8601", "unixtime")),
        forecast_days=_days(query, "forecast_days", 7, _MOST_DAYS),
        past_days=_days(query, "past_days", 0, _MOST_PAST_DAYS),
    )


def _spots(query: Mapping[str, str], now: datetime) -> tuple[Spot, ...]:
    latitudes = _degrees(query, "latitude", 90)
    longitudes = _degrees(query, "longitude", 180)
    if len(latitudes) != len(longitudes):
        raise BadQueryError("Parameter 'latitude' and 'longitude' must have the same number of elements")
    if len(latitudes) > _MOST_PLACES:
        raise BadQueryError(f"Only up to {_MOST_PLACES} locations can be requested at once")
    zones = _words(query, "timezone") or ("GMT",)
    if len(zones) == 1:
        zones = zones * len(latitudes)
    if len(zones) != len(latitudes):
        raise BadQueryError("Parameter 'timezone' must have the same number of elements")
    return tuple(_spot(*point, now) for point in zip(latitudes, longitudes, zones, strict=True))


def _degrees(query: Mapping[str, str], name: str, limit: int) -> list[float]:
    words = _words(query, name)
    if not words:
        raise BadQueryError(f"Value of type 'Float' required for key '{name}'.")
    numbers = [_number(word, name, float) for word in words]
    for number in numbers:
        if not -limit <= number <= limit:
            raise BadQueryError(
                f"{name.capitalize()} must be in range of -{limit} to {limit}°. Given: {number}."
            )
    return numbers


def _spot(latitude: float, longitude: float, zone: str, now: datetime) -> Spot:
    name = zone_of(latitude, longitude) if zone == "auto" else zone
    try:
        there = now.astimezone(ZoneInfo(name))
    except (OSError, ValueError, KeyError) as fault:  # a folder of zones, a path, a name nobody knows
        raise BadQueryError("Invalid timezone") from fault
    offset = there.utcoffset() or timedelta(0)
    return Spot(latitude, longitude, name, _abbreviation(there.tzname() or "", offset), offset)


def zone_of(latitude: float, longitude: float) -> str:
    """The zone of a point: Vietnam's for its land and sea, elsewhere whole hours by the longitude."""
    if 6 <= latitude <= 23.5 and 102.1 <= longitude <= 118:  # noqa: PLR2004 - Cà Mau to Đồng Văn, A Pa Chải to Trường Sa
        return "Asia/Ho_Chi_Minh"
    hours = math.floor(longitude / 15 + 0.5)
    return f"Etc/GMT{-hours:+d}" if hours else "GMT"  # the names of this series count westwards


def _abbreviation(name: str, offset: timedelta) -> str:
    if name.isalpha() and name != "UTC":
        return name
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    if not hours and not minutes:
        return "GMT"
    return f"GMT{'-' if offset < timedelta(0) else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


def _variables(query: Mapping[str, str], key: str, known: Collection[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(_words(query, key)))
    for name in names:
        if name not in known:
            raise BadQueryError(
                f"Cannot initialize WeatherVariable from invalid String value {name} for key {key}"
            )
    return names


def _units(query: Mapping[str, str]) -> Units:
    legacy = {"wind_speed_unit": query["windspeed_unit"]} if "windspeed_unit" in query else {}
    return Units(
        TEMPERATURE_UNITS[_choice(query, "temperature_unit", tuple(TEMPERATURE_UNITS))],
        WIND_UNITS[_choice({**legacy, **query}, "wind_speed_unit", tuple(WIND_UNITS))],
        RAIN_UNITS[_choice(query, "precipitation_unit", tuple(RAIN_UNITS))],
    )


def _choice(query: Mapping[str, str], key: str, allowed: tuple[str, ...]) -> str:
    """The value, or the first allowed where none is given."""
    value = query.get(key) or allowed[0]
    if value not in allowed:
        raise BadQueryError(f"Cannot initialize {key} from invalid String value {value} for key {key}")
    return value


def _days(query: Mapping[str, str], key: str, default: int, most: int) -> int:
    value = query.get(key)
    days = _number(value, key, int) if value else default
    if not 0 <= days <= most:
        raise BadQueryError(
            f"{key.replace('_', ' ').capitalize()} is invalid. Allowed range 0 to {most}. Given {days}."
        )
    return days


def _number(word: str, key: str, kind: Callable[[str], N]) -> N:
    try:
        return kind(word)
    except ValueError as fault:
        raise BadQueryError(
            f"Data corrupted at path ''. Cannot convert '{word}' to a number for key '{key}'."
        ) from fault


def _words(query: Mapping[str, str], key: str) -> tuple[str, ...]:
    return tuple(word for word in (part.strip() for part in query.get(key, "").split(",")) if word)

"""Parsing MET Norway's response into a forecast in our units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.weather.model import (
    UNKNOWN_CONDITION,
    Current,
    DetailedCondition,
    HourlyForecast,
    HourlyPoint,
)
from service.weather.provider import ProviderForecast
from service.weather.providers.met_norway.payload import names_in_other_units
from service.weather.providers.met_norway.symbols import condition_and_daylight
from service.weather.providers.readings import PAST_STORED, is_about_now, parse_hours, parse_instant

_NEXT_HOUR = timedelta(hours=1)  # a new series may begin with the hour to come
_SIX_HOURS = timedelta(hours=6)
_EMPTY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class _Period:
    """What an entry says of the next hour, six hours or twelve hours."""

    symbol: object = None
    precipitation: float | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the series; `until_next` is the time to the next one, None for the last."""

    time: datetime
    until_next: timedelta | None
    values: Mapping[str, float | None]
    hour: _Period | None
    six_hours: _Period | None
    twelve_hours: _Period | None


def parse_properties(properties: Mapping[str, Any], place: Place, now: datetime) -> ProviderForecast:
    """Return the current values and the hourly forecast of a response's loaded properties.

    Raises:
        UpstreamError: where they are not a series, are for another time, or have no values.
    """
    unusable = names_in_other_units(properties["meta"]["units"])
    entries = _entries(properties["timeseries"], unusable)
    if not entries:
        raise UpstreamError(
            Cause.UNREADABLE, f"The response for {place.id} is not a series in order of time."
        )
    current = _current(_entry_for(now, entries, place))
    points = tuple(_point(entry) for entry in entries if entry.time >= now - PAST_STORED)
    hourly = HourlyForecast(points) if any(point.temperature is not None for point in points) else None
    if current is None and hourly is None:
        raise UpstreamError(
            Cause.UNREADABLE, f"The response for {place.id} has no number in a documented unit."
        )
    return ProviderForecast(place, current, hourly, parse_instant(properties["meta"]["updated_at"]))


def _entries(series: Sequence[Mapping[str, Any]], unusable: frozenset[str]) -> list[_Entry]:
    times = parse_hours([entry["time"] for entry in series])
    gaps: list[timedelta | None] = [*(later - earlier for earlier, later in pairwise(times)), None]
    return [
        _entry(time, gap, entry["data"] or _EMPTY, unusable)
        for time, gap, entry in zip(
            times, gaps, series, strict=False
        )  # no entries for a series without times
    ]


def _entry(
    time: datetime, gap: timedelta | None, data: Mapping[str, Any], unusable: frozenset[str]
) -> _Entry:
    periods = (_period(data.get(name), unusable) for name in ("hour", "six_hours", "twelve_hours"))
    return _Entry(time, gap, _usable((data.get("instant") or _EMPTY).get("details"), unusable), *periods)


def _period(section: Mapping[str, Any] | None, unusable: frozenset[str]) -> _Period | None:
    if section is None:
        return None
    details = _usable(section.get("details"), unusable)
    symbol = (section["summary"] or _EMPTY).get("symbol")
    return _Period(symbol, details.get("precipitation"), details.get("precipitation_probability"))


def _usable(
    values: Mapping[str, float | None] | None, unusable: frozenset[str]
) -> Mapping[str, float | None]:
    return {name: value for name, value in (values or _EMPTY).items() if name not in unusable}


def _entry_for(now: datetime, entries: Sequence[_Entry], place: Place) -> _Entry:
    """Return the last entry that has begun, or the first one if it is about to begin."""
    begun = [entry for entry in entries if entry.time <= now]
    entry = begun[-1] if begun else entries[0]
    if not is_about_now(entry.time, now) or entry.time > now + _NEXT_HOUR:
        raise UpstreamError(
            Cause.CLOCK, f"The values for {place.id} are for {entry.time:%Y-%m-%d %H:%M} UTC."
        )
    return entry


def _current(entry: _Entry) -> Current | None:
    values, hour = entry.values, entry.hour or _Period()
    condition, is_day = _condition_and_daylight(hour, entry)
    if all(value is None for value in values.values()):
        return None
    return Current(
        time=entry.time,
        condition=condition,
        temperature=values.get("temperature"),
        humidity=values.get("humidity"),
        wind_speed=values.get("wind_speed"),
        wind_direction=values.get("wind_direction"),
        wind_gust=values.get("wind_gust"),
        pressure=values.get("pressure"),
        cloud_cover=values.get("cloud_cover"),
        precipitation=hour.precipitation,
        is_day=is_day,
    )


def _point(entry: _Entry) -> HourlyPoint:
    """Return a point of one hour, or of six where the series goes on in steps of six hours."""
    length, period = 1, entry.hour or _Period()
    if entry.hour is None and entry.six_hours is not None and entry.until_next == _SIX_HOURS:
        length, period = 6, entry.six_hours
    condition, is_day = _condition_and_daylight(period, entry)
    return HourlyPoint(
        time=entry.time,
        hours=length,
        condition=condition,
        temperature=entry.values.get("temperature"),
        precipitation=period.precipitation,
        precipitation_probability=period.probability,
        wind_speed=entry.values.get("wind_speed"),
        is_day=is_day,
    )


def _condition_and_daylight(period: _Period, entry: _Entry) -> tuple[DetailedCondition, bool | None]:
    """Return those of the period; else the condition of a longer one, whose daylight is another time's."""
    if period.symbol is not None:
        return condition_and_daylight(period.symbol)
    for longer in (entry.six_hours, entry.twelve_hours):
        if longer is not None and longer.symbol is not None:
            return condition_and_daylight(longer.symbol)[0], None
    return UNKNOWN_CONDITION, None

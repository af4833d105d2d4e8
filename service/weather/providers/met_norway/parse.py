"""From MET Norway's answer to what it says, in our units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.weather.model import UNKNOWN_CONDITION, Current, DetailedCondition, HourlyForecast, HourlyPoint
from service.weather.provider import ProviderForecast
from service.weather.providers.instants import KEPT_BACK, hours, instant, is_about_now
from service.weather.providers.met_norway.payload import in_other_units
from service.weather.providers.met_norway.symbols import sky_and_light
from service.weather.providers.skies import held_against

_AHEAD = timedelta(hours=1)  # a new series may begin with the hour to come
_SIX_HOURS = timedelta(hours=6)
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class _Period:
    symbol: object = None
    precipitation: float | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the series. `until_next` is None for the last one."""

    time: datetime
    until_next: timedelta | None
    values: Mapping[str, float | None]
    hour: _Period | None
    six_hours: _Period | None
    twelve_hours: _Period | None


def said_of(properties: Mapping[str, Any], place: Place, now: datetime) -> ProviderForecast:
    """What the loaded properties of the answer say: the values for now, and the steps ahead.

    Raises:
        UpstreamError: where they cannot be used: they are no series, for another time, or empty.
    """
    strange = in_other_units(properties["meta"]["units"])
    entries = _entries(properties["timeseries"], strange)
    if not entries:
        raise UpstreamError(Cause.UNREADABLE, f"The answer for {place.id} is no series in order of time.")
    current = _current(_entry_for(now, entries, place))
    steps = tuple(_step(entry) for entry in entries if entry.time >= now - KEPT_BACK)
    outlook = HourlyForecast(steps) if any(step.temperature is not None for step in steps) else None
    if current is None and outlook is None:
        raise UpstreamError(
            Cause.UNREADABLE, f"The answer for {place.id} has no number in a unit that was documented."
        )
    return ProviderForecast(place, current, outlook, instant(properties["meta"]["updated_at"]))


def _entries(series: Sequence[Mapping[str, Any]], strange: frozenset[str]) -> list[_Entry]:
    times = hours([entry["time"] for entry in series])
    following = [later - earlier for earlier, later in pairwise(times)]
    gaps: list[timedelta | None] = [*following, None]
    return [
        _entry(time, gap, entry["data"] or _NOTHING, strange)
        for time, gap, entry in zip(times, gaps, series, strict=False)  # without times there are none
    ]


def _entry(time: datetime, gap: timedelta | None, data: Mapping[str, Any], strange: frozenset[str]) -> _Entry:
    periods = (_period(data.get(name), strange) for name in ("hour", "six_hours", "twelve_hours"))
    return _Entry(time, gap, _known((data.get("instant") or _NOTHING).get("details"), strange), *periods)


def _period(section: Mapping[str, Any] | None, strange: frozenset[str]) -> _Period | None:
    if section is None:
        return None
    sums = _known(section.get("details"), strange)
    symbol = (section["summary"] or _NOTHING).get("symbol")
    return _Period(symbol, sums.get("precipitation"), sums.get("precipitation_probability"))


def _known(values: Mapping[str, float | None] | None, strange: frozenset[str]) -> Mapping[str, float | None]:
    """The values whose unit is known."""
    return {name: value for name, value in (values or _NOTHING).items() if name not in strange}


def _entry_for(now: datetime, entries: Sequence[_Entry], place: Place) -> _Entry:
    """The last entry that has begun, or the first one when it is about to."""
    begun = [entry for entry in entries if entry.time <= now]
    entry = begun[-1] if begun else entries[0]
    if not is_about_now(entry.time, now) or entry.time > now + _AHEAD:
        raise UpstreamError(
            Cause.CLOCK, f"What is said of {place.id} is for {entry.time:%Y-%m-%d %H:%M} UTC."
        )
    return entry


def _current(entry: _Entry) -> Current | None:
    values, hour = entry.values, entry.hour or _Period()
    sky, is_day = _sky_and_light(hour, entry)
    current = Current(
        time=entry.time,
        condition=held_against(sky, values.get("temperature"), hour.precipitation),
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
    return None if all(value is None for value in values.values()) else current


def _step(entry: _Entry) -> HourlyPoint:
    """A step of an hour where the hour is told, or of six where that is the way to the next entry."""
    length, own = 1, entry.hour or _Period()
    if entry.hour is None and entry.six_hours is not None and entry.until_next == _SIX_HOURS:
        length, own = 6, entry.six_hours
    sky, is_day = _sky_and_light(own, entry)
    temperature = entry.values.get("temperature")
    return HourlyPoint(
        time=entry.time,
        hours=length,
        condition=held_against(sky, temperature, own.precipitation),
        temperature=temperature,
        precipitation=own.precipitation,
        precipitation_probability=own.probability,
        wind_speed=entry.values.get("wind_speed"),
        is_day=is_day,
    )


def _sky_and_light(own: _Period, entry: _Entry) -> tuple[DetailedCondition, bool | None]:
    """By the step's own period, else the sky of a longer one; its light is that of its middle, not ours."""
    if own.symbol is not None:
        return sky_and_light(own.symbol)
    for period in (entry.six_hours, entry.twelve_hours):
        if period is not None and period.symbol is not None:
            return sky_and_light(period.symbol)[0], None
    return UNKNOWN_CONDITION, None

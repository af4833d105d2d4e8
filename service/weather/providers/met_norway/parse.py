"""Parsing MET Norway's response into a forecast in our units.

The documentation (https://docs.api.met.no/doc/locationforecast/datamodel) has `next_1_hours` and
`next_6_hours` begin at the time of their entry, so nothing is moved. The series is hourly for two or three
days and goes on in blocks of six hours, whose precipitation is shared out over their hours.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.weather.hours import HOUR, KEPT_PAST
from service.weather.model import (
    UNKNOWN_CONDITION,
    Current,
    DetailedCondition,
    Extremes,
    HourlyForecast,
    HourlyPoint,
)
from service.weather.provider import ProviderForecast
from service.weather.providers.met_norway.payload import names_in_other_units
from service.weather.providers.met_norway.symbols import condition_and_daylight
from service.weather.providers.readings import is_about_now, parse_hours, parse_instant

_NEXT_HOUR = timedelta(hours=1)  # a new series may begin with the hour to come
_BLOCK = 6  # hours
_EMPTY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class _Period:
    """What an entry says of the next hour, six hours or twelve hours."""

    symbol: object = None
    precipitation: float | None = None
    probability: float | None = None
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    """What six hours tell of those of their hours that have no period of their own."""

    start: datetime
    condition: DetailedCondition
    is_day: bool | None
    share: float | None
    probability: float | None

    def covers(self, time: datetime) -> bool:
        return time < self.start + _BLOCK * HOUR


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
    since = now - KEPT_PAST
    points = tuple(point for point in _points(entries) if point.time >= since)
    extremes = tuple(one for one in map(_extremes, entries) if one is not None and one.start >= since)
    has_temperature = any(point.temperature is not None for point in points)
    hourly = HourlyForecast(points, extremes=extremes) if has_temperature else None
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
    names = ("precipitation", "precipitation_probability", "lowest", "highest")
    return _Period(symbol, *(details.get(name) for name in names))


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
        precipitation_rate=hour.precipitation,
        is_day=is_day,
    )


# Hours


def _points(entries: Sequence[_Entry]) -> list[HourlyPoint]:
    """Return a point for each entry, and for the hours between two of them that a block of six hours covers.

    Blocks overlap where the series is hourly. An hour whose precipitation no entry tells has its share of the
    last block to begin: of its sum, less what is told of other hours of that block.
    """
    told = {entry.time: entry.hour.precipitation for entry in entries if entry.hour is not None}
    points: list[HourlyPoint] = []
    last: _Entry | None = None  # with a block
    block: _Block | None = None
    for entry in entries:
        if entry.six_hours is not None:
            last, block = entry, None
        is_whole = told.get(entry.time) is not None and entry.until_next == HOUR
        if last is not None and block is None and not is_whole:  # most hours need no block
            block = _block(last, told)
        points.append(_point(entry, block))
        if block is not None and entry.until_next != HOUR:
            points += _between(entry, block)
    return points


def _block(entry: _Entry, told: Mapping[datetime, float | None]) -> _Block:
    """Return the block that begins with this entry, with the share of an hour of which nothing is told."""
    period = entry.six_hours or _Period()
    hours = [told.get(entry.time + n * HOUR) for n in range(_BLOCK)]
    known = [amount for amount in hours if amount is not None]
    share = None
    if period.precipitation is not None and len(known) < _BLOCK:
        # No less than nothing: each of the amounts is rounded.
        rest = max(period.precipitation - sum(known), 0.0) if known else period.precipitation
        share = rest / (_BLOCK - len(known))
    condition, is_day = UNKNOWN_CONDITION, None
    if period.symbol is not None:
        condition, is_day = condition_and_daylight(period.symbol)
    return _Block(entry.time, condition, is_day, share, period.probability)


def _point(entry: _Entry, block: _Block | None) -> HourlyPoint:
    period = entry.hour or _Period()
    condition, is_day = _condition_and_daylight(period, entry)
    precipitation, probability = period.precipitation, period.probability
    if block is not None and block.covers(entry.time):
        precipitation = block.share if precipitation is None else precipitation
        if entry.hour is None:
            probability = block.probability
            condition = condition if block.condition == UNKNOWN_CONDITION else block.condition
    return HourlyPoint(
        time=entry.time,
        condition=condition,
        temperature=entry.values.get("temperature"),
        precipitation=precipitation,
        precipitation_probability=probability,
        wind_speed=entry.values.get("wind_speed"),
        is_day=is_day,
    )


def _between(entry: _Entry, block: _Block) -> Iterator[HourlyPoint]:
    """Return the hours of the block that lie between this entry and the next one."""
    time, end = entry.time + HOUR, block.start + _BLOCK * HOUR
    if entry.until_next is not None:
        end = min(end, entry.time + entry.until_next)
    while time < end:
        yield HourlyPoint(
            time,
            condition=block.condition,
            precipitation=block.share,
            precipitation_probability=block.probability,
            # Recordings show that `_day` and `_night` of a block's symbol are those of its middle.
            is_day=block.is_day if time == block.start + _BLOCK * HOUR / 2 else None,
        )
        time += HOUR


def _extremes(entry: _Entry) -> Extremes | None:
    """Return those of a block whose hours have no entries of their own."""
    period = entry.six_hours
    if period is None or entry.hour is not None or entry.until_next == HOUR:
        return None
    low, high = period.lowest, period.highest
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        return None
    return Extremes(entry.time, _BLOCK, low, high)


def _condition_and_daylight(period: _Period, entry: _Entry) -> tuple[DetailedCondition, bool | None]:
    """Return those of the period; else the condition of a longer one, whose daylight is another time's."""
    if period.symbol is not None:
        return condition_and_daylight(period.symbol)
    for longer in (entry.six_hours, entry.twelve_hours):
        if longer is not None and longer.symbol is not None:
            return condition_and_daylight(longer.symbol)[0], None
    return UNKNOWN_CONDITION, None

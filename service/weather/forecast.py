"""What a reader is shown of one place: the kept parts, judged at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.core.freshness import AgeLimits, State, judge
from service.places.model import Place
from service.weather.derived import days_of
from service.weather.model import Current, Day, HourlyForecast, HourlyPoint, StoredWeather

SHOWN_HOURS = 48
SHOWN_DAYS = 7
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """One place at one moment, ready for the widget and for the JSON.

    Attributes:
        state: the state of the current values; with `unavailable`, current is None, hours and days are empty.
        hours: from the current hour on, 48 at the most, every one an hour long.
        days: from the local today on, 7 at the most.
        source: the id of the provider named beside the data.
        until: when this judgement ends by the clock alone (None: never).
        hidden_at: when the first of the numbers shown must not be shown any more.
        awaits_hours: there are current values and no hours yet: a little later more can be told.
    """

    place: Place
    state: State
    current: Current | None = None
    hours: tuple[HourlyPoint, ...] = ()
    days: tuple[Day, ...] = ()
    updated_at: datetime | None = None
    fetched_at: datetime | None = None
    source: str | None = None
    until: datetime | None = None
    hidden_at: datetime | None = None
    awaits_hours: bool = False


def assemble(
    place: Place,
    current: StoredWeather[Current] | None,
    outlook: StoredWeather[HourlyForecast] | None,
    now: datetime,
    ladder: AgeLimits,
) -> Forecast:
    """Judge the kept parts of a place at `now`.

    Without current values nothing is shown, however young the hours are: a chart beside no temperature
    would be a riddle. Hours past `hide_after` are left out by themselves.
    """
    if current is None:
        return Forecast(place, State.UNAVAILABLE)
    freshness = judge(current.fetched_at, now, ladder)
    if freshness.state is State.UNAVAILABLE:
        return Forecast(
            place,
            State.UNAVAILABLE,
            updated_at=current.updated_at,
            fetched_at=current.fetched_at,
            source=current.source,
        )
    hours: tuple[HourlyPoint, ...] = ()
    days: tuple[Day, ...] = ()
    ends = [freshness.until]
    oldest = current.fetched_at
    if outlook is not None:
        ahead = judge(outlook.fetched_at, now, ladder)
        if ahead.state is not State.UNAVAILABLE:
            hours = _hours_from(outlook.value, now)
            days = days_of(outlook.value, place.timezone, now)[:SHOWN_DAYS]
            oldest = min(oldest, outlook.fetched_at)
            ends += [ahead.until, _next_hour(now, hours), _next_midnight(now, place)]
    return Forecast(
        place,
        freshness.state,
        current.value,
        hours,
        days,
        current.updated_at,
        current.fetched_at,
        current.source,
        min(end for end in ends if end is not None),
        oldest + ladder.hide_after,
        awaits_hours=not hours,
    )


def _hours_from(outlook: HourlyForecast, now: datetime) -> tuple[HourlyPoint, ...]:
    """From the hour that has begun: not every zone's begins when UTC's does."""
    first = now - _HOUR
    ahead = [step for step in outlook.steps if step.time > first and step.hours == 1]
    return tuple(step for step in ahead if step.time <= first + _HOUR * SHOWN_HOURS)


def _next_hour(now: datetime, hours: Sequence[HourlyPoint]) -> datetime:
    """When the first of the hours is over."""
    if hours and hours[0].time <= now:
        return hours[0].time + _HOUR
    return now.replace(minute=0, second=0, microsecond=0) + _HOUR


def _next_midnight(now: datetime, place: Place) -> datetime:
    tomorrow = now.astimezone(ZoneInfo(place.timezone)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), ZoneInfo(place.timezone)).astimezone(UTC)

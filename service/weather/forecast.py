"""The forecast of one place at one moment, assembled from the store's records and judged by their age."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.core.freshness import AgeLimits, State, judge
from service.places.model import Place
from service.weather.days import NO_CHANCE, days_of, is_wet
from service.weather.derived import plausible_condition, with_plausible_conditions
from service.weather.hours import MUCH_WATER, SOME_WATER
from service.weather.model import WET, Condition, Current, Day, HourlyForecast, HourlyPoint, StoredWeather

MAX_HOURS = 48
MAX_DAYS = 7
_HOUR = timedelta(hours=1)

# What two providers may differ in before one is taken to contradict the other.
_MAX_DIFFERENCE = 5.0  # °C
_SOME_CHANCE = 30.0  # %


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where data came from: the provider, its own time of the data if it gives one, when it was fetched."""

    provider_id: str
    updated_at: datetime | None
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """One place at one moment, ready for the widget and for the JSON.

    Attributes:
        place: the place.
        state: the state of the current values; if it is `unavailable`, current is None, hours and days are
            empty.
        current: the current values.
        hours: from the current hour on, at most 48 points of one hour each.
        days: from the local today on, at most 7.
        updated_at: the provider's own time of its data, where it gives one.
        fetched_at: when the current values were fetched.
        provider_id: the provider of the current values.
        hourly_from: where the hours and the days, which are derived from them, came from; None without hours.
        valid_until: when this forecast changes by the clock alone (None: never).
        hide_at: when the oldest part of it becomes too old to be displayed.
        hourly_missing: there are current values but no hours, which are usually fetched moments later.
    """

    place: Place
    state: State
    current: Current | None = None
    hours: tuple[HourlyPoint, ...] = ()
    days: tuple[Day, ...] = ()
    updated_at: datetime | None = None
    fetched_at: datetime | None = None
    provider_id: str | None = None
    hourly_from: Provenance | None = None
    valid_until: datetime | None = None
    hide_at: datetime | None = None
    hourly_missing: bool = False

    @property
    def current_from(self) -> Provenance | None:
        """Where the current values came from; None before the first."""
        if self.provider_id is None or self.fetched_at is None:
            return None
        return Provenance(self.provider_id, self.updated_at, self.fetched_at)


def assemble(
    place: Place,
    current: StoredWeather[Current] | None,
    hourly: StoredWeather[HourlyForecast] | None,
    now: datetime,
    age_limits: AgeLimits,
) -> Forecast:
    """Return the forecast of a place at `now`.

    Without current values nothing is shown, however young the hourly forecast is: a chart without a
    temperature beside it would puzzle readers. An hourly forecast past `hide_after` is left out by itself, as
    is one of another provider that contradicts the current values: the collector requests those of the same
    provider at once, but that may fail.

    Conditions are held against their numbers here, so that what earlier versions stored agrees too.
    """
    if current is None:
        return Forecast(place, State.UNAVAILABLE)
    freshness = judge(current.fetched_at, now, age_limits)
    if freshness.state is State.UNAVAILABLE:
        return Forecast(
            place,
            State.UNAVAILABLE,
            updated_at=current.updated_at,
            fetched_at=current.fetched_at,
            provider_id=current.provider_id,
        )
    hours: tuple[HourlyPoint, ...] = ()
    days: tuple[Day, ...] = ()
    hourly_from: Provenance | None = None
    changes = [freshness.until]
    oldest = current.fetched_at
    value = _plausible(current.value, None)
    if hourly is not None:
        hourly_freshness = judge(hourly.fetched_at, now, age_limits)
        if hourly_freshness.state is not State.UNAVAILABLE:
            agreeing = with_plausible_conditions(hourly.value)
            if hourly.provider_id == current.provider_id:
                value = _plausible(current.value, _hour_of(current.value, agreeing))
            hours = _hours_from(agreeing, now)
            if hourly.provider_id != current.provider_id and hours and contradicts(hours[0], value):
                hours = ()
            else:
                days = _with_rain_of_now(days_of(agreeing, place.timezone, now)[:MAX_DAYS], value)
                if hours or days:
                    hourly_from = Provenance(hourly.provider_id, hourly.updated_at, hourly.fetched_at)
            oldest = min(oldest, hourly.fetched_at)
            changes += [hourly_freshness.until, _next_hour(now, hours), _next_midnight(now, place)]
    return Forecast(
        place,
        freshness.state,
        value,
        hours,
        days,
        current.updated_at,
        current.fetched_at,
        current.provider_id,
        hourly_from,
        valid_until=min(change for change in changes if change is not None),
        hide_at=oldest + age_limits.hide_after,
        hourly_missing=not hours,
    )


def _plausible(current: Current, hour: HourlyPoint | None) -> Current:
    """Return the values with a condition that agrees with their numbers, and with their provider's hour.

    Where the condition says rain and no number beside it does, the numbers of the hour count.
    """
    water, chance = current.precipitation_rate, None
    if hour is not None and current.condition.kind in WET and (water is None or water < SOME_WATER):
        known = [amount for amount in (water, hour.precipitation) if amount is not None]
        water, chance = max(known, default=None), hour.precipitation_probability
    condition = plausible_condition(current.condition, current.temperature, water, chance)
    return current if condition == current.condition else replace(current, condition=condition)


def _with_rain_of_now(days: tuple[Day, ...], current: Current) -> tuple[Day, ...]:
    """Return the days; where it rains now, today without a chance of 0 %, which that contradicts."""
    if not days or not is_wet(current.condition):
        return days
    today, *others = days
    chance = today.precipitation_probability
    if chance is None or chance >= NO_CHANCE:
        return days
    return (replace(today, precipitation_probability=None), *others)


def _hour_of(current: Current, hourly: HourlyForecast) -> HourlyPoint | None:
    """Return the hour in which the current values are."""
    time = current.time
    if time is None:
        return None
    return next((point for point in hourly.points if point.time <= time < point.time + _HOUR), None)


def contradicts(hour: HourlyPoint, current: Current) -> bool:
    """Return whether the hour of now and the current values, of two providers, cannot both be true.

    Their temperatures are more than 5 °C apart, or it rains now in an hour without rain and with less than
    30 %, or 1 mm falls in the hour and the sky of now is a dry one.
    """
    temperatures = (current.temperature, hour.temperature)
    known = [temperature for temperature in temperatures if temperature is not None]
    if max(known, default=0.0) - min(known, default=0.0) > _MAX_DIFFERENCE:
        return True
    if current.condition.kind is Condition.UNKNOWN:
        return False
    water, chance = hour.precipitation or 0.0, hour.precipitation_probability or 0.0
    if is_wet(current.condition):
        return not is_wet(hour.condition) and water < SOME_WATER and chance < _SOME_CHANCE
    return water >= MUCH_WATER


def _hours_from(hourly: HourlyForecast, now: datetime) -> tuple[HourlyPoint, ...]:
    # Every hour that has not ended: in some time zones hours do not begin at full hours of UTC.
    earliest = now - _HOUR
    return tuple(point for point in hourly.points if earliest < point.time <= earliest + _HOUR * MAX_HOURS)


def _next_hour(now: datetime, hours: Sequence[HourlyPoint]) -> datetime:
    """Return when the first of the hours ends."""
    if hours and hours[0].time <= now:
        return hours[0].time + _HOUR
    return now.replace(minute=0, second=0, microsecond=0) + _HOUR


def _next_midnight(now: datetime, place: Place) -> datetime:
    tomorrow = now.astimezone(ZoneInfo(place.timezone)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), ZoneInfo(place.timezone)).astimezone(UTC)

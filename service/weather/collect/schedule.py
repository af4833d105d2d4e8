"""The schedule: the next request, as a pure function of the last fetches, the quotas and the clock."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.places.model import Place
from service.weather.collect.intervals import Intervals, due_at
from service.weather.model import Dataset
from service.weather.provider import Provider
from service.weather.quota import ProviderQuota

_JOIN_SHARE = 0.06  # a place due within this share of its interval joins a batch, which saves a request
_CLOCK_TOLERANCE = timedelta(seconds=5)
_MAX_SLEEP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LastFetch:
    """The last successful fetch of one dataset of one place."""

    fetched_at: datetime
    provider_id: str
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One request to make."""

    provider: Provider
    dataset: Dataset
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """Everything that the schedule depends on, but for the clock.

    Attributes:
        places: all places.
        in_use: the ids of the places in use, which come first.
        last_fetches: by dataset and place id.
        providers: in order of preference.
        quotas: by provider id.
        intervals: between two fetches.
        forced: everything is due.
        requested: provider id, dataset and place id of all requests of this pass; none is made twice.
    """

    places: Sequence[Place]
    in_use: Collection[str]
    last_fetches: Mapping[tuple[Dataset, str], LastFetch]
    providers: Sequence[Provider]
    quotas: Mapping[str, ProviderQuota]
    intervals: Intervals
    forced: bool = False
    requested: frozenset[tuple[str, Dataset, str]] = frozenset()


def next_batch(state: ScheduleState, now: datetime) -> Batch | None:
    """Return the next request, or None while nothing is due or no provider may be requested.

    Current values come before hourly forecasts. A place for which the preferred provider is not available
    goes to the next one in the same pass.
    """
    for dataset in Dataset:
        due = _due_places(state, dataset, now)
        for provider in state.providers:
            if batch := _batch(state, provider, dataset, due, now):
                return batch
            due = [
                place
                for place in due
                if not _is_allowed_within_a_minute(state, provider, dataset, place, now)
            ]
    return None


def minute_limit_until(state: ScheduleState, now: datetime) -> datetime | None:
    """Return when the pass can go on if only a provider's limit of the minute holds it up, else None.

    Call it where there is no next batch: then nothing else can hold up a place that is due and an available
    provider.
    """
    for dataset in Dataset:
        for place in _due_places(state, dataset, now):
            if any(
                _is_allowed_within_a_minute(state, provider, dataset, place, now)
                for provider in state.providers
            ):
                return _next_minute(now)
    return None


def wake_at(state: ScheduleState, now: datetime) -> datetime:
    """Return the next time when something is due that some provider may be requested for."""
    available = {provider.id: _available_at(state, provider, now) for provider in state.providers}
    earliest = now + _MAX_SLEEP
    for dataset in Dataset:
        for place in state.places:
            due = _due_time(state, dataset, place, now)
            if due < earliest:
                allowed = min(
                    max(available[provider.id], _allowed_at(state, provider, dataset, place, now))
                    for provider in state.providers
                )
                earliest = min(earliest, max(due, allowed))
    return earliest


def _due_places(state: ScheduleState, dataset: Dataset, now: datetime) -> list[Place]:
    """Return the places to fetch, those in use first, then the longest overdue; none if none is due yet."""
    open_places = [place for place in state.places if not _was_fetched_in_this_pass(state, dataset, place)]
    due = {place.id: _due_time(state, dataset, place, now) for place in open_places}
    if not any(time <= now for time in due.values()):
        return []
    joining = [
        place
        for place in open_places
        if due[place.id] - _interval(state, dataset, place) * _JOIN_SHARE <= now
    ]
    return sorted(joining, key=lambda place: (place.id not in state.in_use, due[place.id]))


def _was_fetched_in_this_pass(state: ScheduleState, dataset: Dataset, place: Place) -> bool:
    last = state.last_fetches.get((dataset, place.id))
    return last is not None and (last.provider_id, dataset, place.id) in state.requested


def _due_time(state: ScheduleState, dataset: Dataset, place: Place, now: datetime) -> datetime:
    last = state.last_fetches.get((dataset, place.id))
    if state.forced or last is None or _is_in_future(last, now):
        return now
    due = due_at(last.fetched_at, _interval(state, dataset, place))
    if last.provider_id == state.providers[0].id and last.not_before is not None:
        # No other provider is requested just because the preferred one has nothing new.
        return max(due, last.not_before)
    return due


def _is_in_future(last: LastFetch, now: datetime) -> bool:
    """Return whether the clock has been set back since, which must not postpone anything."""
    return last.fetched_at > now + _CLOCK_TOLERANCE


def _interval(state: ScheduleState, dataset: Dataset, place: Place) -> timedelta:
    return state.intervals.interval(dataset, in_use=place.id in state.in_use)


def _batch(
    state: ScheduleState, provider: Provider, dataset: Dataset, due: Iterable[Place], now: datetime
) -> Batch | None:
    if not _is_available(state, provider, now):
        return None
    quota, limits = state.quotas[provider.id], provider.limits
    units_left = min(quota.left_this_minute(limits, now), quota.left_this_hour_and_day(limits, now))
    size = limits.max_places
    if units_left != float("inf"):
        size = min(size, int(units_left / provider.cost(dataset)))
    places = [place for place in due if _is_allowed(state, provider, dataset, place, now)]
    return Batch(provider, dataset, tuple(places[:size])) if places and size else None


def _is_available(state: ScheduleState, provider: Provider, now: datetime) -> bool:
    """Return whether the provider may be requested at all: no back-off, and units left in hour and day."""
    quota = state.quotas[provider.id]
    units_left = quota.left_this_hour_and_day(provider.limits, now)
    return not quota.in_backoff(now) and units_left >= _max_cost(provider)


def _is_allowed(
    state: ScheduleState, provider: Provider, dataset: Dataset, place: Place, now: datetime
) -> bool:
    if (provider.id, dataset, place.id) in state.requested:
        return False
    return _allowed_at(state, provider, dataset, place, now) <= now


def _is_allowed_within_a_minute(
    state: ScheduleState, provider: Provider, dataset: Dataset, place: Place, now: datetime
) -> bool:
    """Return whether only the limit of the minute may delay the request: then no other provider is used."""
    return _is_available(state, provider, now) and _is_allowed(state, provider, dataset, place, now)


def _allowed_at(
    state: ScheduleState, provider: Provider, dataset: Dataset, place: Place, now: datetime
) -> datetime:
    """Return from when on this provider may be requested for this place, even in a forced pass."""
    times = [now]
    quota = state.quotas[provider.id]
    if quota.skips_place(place.id, now):
        times.append(quota.skipped_places[place.id])
    for other in Dataset:
        last = state.last_fetches.get((other, place.id))
        if (
            last is None
            or last.provider_id != provider.id
            or last.not_before is None
            or _is_in_future(last, now)
        ):
            continue
        # `Expires` holds for a URL: one response of MET Norway has both datasets.
        if other is dataset or provider.request(other, [place]) == provider.request(dataset, [place]):
            times.append(last.not_before)
    return max(times)


def _available_at(state: ScheduleState, provider: Provider, now: datetime) -> datetime:
    quota = state.quotas[provider.id]
    if quota.in_backoff(now) and quota.backoff_until is not None:
        return quota.backoff_until
    if quota.left_this_hour_and_day(provider.limits, now) < _max_cost(provider):
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if quota.left_this_minute(provider.limits, now) < _max_cost(provider):
        return _next_minute(now)
    return now


def _next_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _max_cost(provider: Provider) -> float:
    return max(provider.cost(dataset) for dataset in Dataset)

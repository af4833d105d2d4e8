"""What is to be asked next, of whom, for which places: a pure function of what is kept and the clock."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.places.model import Place
from service.weather.collect.intervals import Intervals, due_at
from service.weather.model import Dataset
from service.weather.provider import Provider
from service.weather.quota import ProviderQuota

_JOIN = 0.06  # a place due within this share of its interval comes along: one request instead of two
_CLOCK_SLACK = timedelta(seconds=5)
_NOTHING_TO_DO = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LastFetch:
    """What is known of the last answer for one dataset of one place."""

    fetched_at: datetime
    provider_id: str
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One request to be made."""

    provider: Provider
    dataset: Dataset
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """Everything the schedule decides from.

    Attributes:
        places: all that are served.
        used: ids of those in use; they come first.
        last: the last answers, by dataset and place id.
        providers: in order of preference.
        ledgers: by provider id.
        forced: everything is due.
        done: who was asked for what in this pass; nobody is asked for the same twice in one.
    """

    places: Sequence[Place]
    used: Collection[str]
    last: Mapping[tuple[Dataset, str], LastFetch]
    providers: Sequence[Provider]
    quotas: Mapping[str, ProviderQuota]
    pace: Intervals
    forced: bool = False
    done: frozenset[tuple[str, Dataset, str]] = frozenset()


def next_batch(desk: ScheduleState, now: datetime) -> Batch | None:
    """The next request, or None while there is nothing to ask or nobody to be asked.

    Current values come before hours. A place that the preferred provider cannot tell now goes to the next
    one in the same pass.
    """
    for dataset in Dataset:
        due = _due(desk, dataset, now)
        for provider in desk.providers:
            if batch := _batch(desk, provider, dataset, due, now):
                return batch
            due = [place for place in due if not _may_ask_soon(desk, provider, dataset, place, now)]
    return None


def held_up_until(desk: ScheduleState, now: datetime) -> datetime | None:
    """When the pass can go on, if all that holds it up is a provider's limit of the minute.

    It is asked where there is no next batch: then nothing else can stand between a provider that is open
    and a place that is due.
    """
    for dataset in Dataset:
        for place in _due(desk, dataset, now):
            if any(_may_ask_soon(desk, provider, dataset, place, now) for provider in desk.providers):
                return _next_minute(now)
    return None


def wake_at(desk: ScheduleState, now: datetime) -> datetime:
    """When to look again: the next time something is due and somebody may be asked for it."""
    free = {provider.id: _free_at(desk, provider, now) for provider in desk.providers}
    earliest = now + _NOTHING_TO_DO
    for dataset in Dataset:
        for place in desk.places:
            due = _due_time(desk, dataset, place, now)
            if due < earliest:
                allowed = (max(free[p.id], _allowed_at(desk, p, dataset, place, now)) for p in desk.providers)
                earliest = min(earliest, max(due, min(allowed)))
    return earliest


def _due(desk: ScheduleState, dataset: Dataset, now: datetime) -> list[Place]:
    """The places to ask for, those in use first, then the longest waiting; empty if none is due."""
    open_still = [place for place in desk.places if not _answered_in_this_pass(desk, dataset, place)]
    times = {place.id: _due_time(desk, dataset, place, now) for place in open_still}
    if not any(due <= now for due in times.values()):
        return []
    joining = [place for place in open_still if times[place.id] - _join(desk, dataset, place) <= now]
    return sorted(joining, key=lambda place: (place.id not in desk.used, times[place.id]))


def _answered_in_this_pass(desk: ScheduleState, dataset: Dataset, place: Place) -> bool:
    last = desk.last.get((dataset, place.id))
    return last is not None and (last.provider_id, dataset, place.id) in desk.done


def _due_time(desk: ScheduleState, dataset: Dataset, place: Place, now: datetime) -> datetime:
    last = desk.last.get((dataset, place.id))
    if desk.forced or last is None or _is_ahead(last, now):
        return now
    due = due_at(last.fetched_at, desk.pace.interval(dataset, used=place.id in desk.used))
    if last.provider_id == desk.providers[0].id and last.not_before is not None:
        return max(due, last.not_before)  # nobody else is asked because the preferred one has nothing new
    return due


def _is_ahead(last: LastFetch, now: datetime) -> bool:
    """Whether the clock was set back since, which must not put everything off."""
    return last.fetched_at > now + _CLOCK_SLACK


def _join(desk: ScheduleState, dataset: Dataset, place: Place) -> timedelta:
    return desk.pace.interval(dataset, used=place.id in desk.used) * _JOIN


def _batch(
    desk: ScheduleState, provider: Provider, dataset: Dataset, due: Iterable[Place], now: datetime
) -> Batch | None:
    quota, cost = desk.quotas[provider.id], provider.cost(dataset)
    if not _open(desk, provider, now):
        return None
    room = min(
        quota.left_this_minute(provider.limits, now), quota.left_this_hour_and_day(provider.limits, now)
    )
    most = (
        provider.limits.max_places
        if room == float("inf")
        else min(provider.limits.max_places, int(room / cost))
    )
    places = [place for place in due if _may_ask(desk, provider, dataset, place, now)]
    return Batch(provider, dataset, tuple(places[:most])) if places and most else None


def _open(desk: ScheduleState, provider: Provider, now: datetime) -> bool:
    """Whether the provider may be asked at all: it does not rest, and its hour and day have room."""
    quota = desk.quotas[provider.id]
    return not quota.in_backoff(now) and quota.left_this_hour_and_day(provider.limits, now) >= _dearest(
        provider
    )


def _may_ask(desk: ScheduleState, provider: Provider, dataset: Dataset, place: Place, now: datetime) -> bool:
    if (provider.id, dataset, place.id) in desk.done:
        return False
    return _allowed_at(desk, provider, dataset, place, now) <= now


def _may_ask_soon(
    desk: ScheduleState, provider: Provider, dataset: Dataset, place: Place, now: datetime
) -> bool:
    """Whether this provider will be asked for the place within a minute: then no other is."""
    return _open(desk, provider, now) and _may_ask(desk, provider, dataset, place, now)


def _allowed_at(
    desk: ScheduleState, provider: Provider, dataset: Dataset, place: Place, now: datetime
) -> datetime:
    """From when on this provider may be asked for this place: by its own terms, also for a forced pass."""
    ends = [now]
    quota = desk.quotas[provider.id]
    if quota.skips_place(place.id, now):
        ends.append(quota.skipped_places[place.id])
    for told in Dataset:
        last = desk.last.get((told, place.id))
        if last is None or last.provider_id != provider.id or last.not_before is None or _is_ahead(last, now):
            continue
        if told is dataset or provider.request(told, [place]) == provider.request(dataset, [place]):
            ends.append(last.not_before)
    return max(ends)


def _free_at(desk: ScheduleState, provider: Provider, now: datetime) -> datetime:
    quota = desk.quotas[provider.id]
    if quota.in_backoff(now) and quota.backoff_until is not None:
        return quota.backoff_until
    if quota.left_this_hour_and_day(provider.limits, now) < _dearest(provider):
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if quota.left_this_minute(provider.limits, now) < _dearest(provider):
        return _next_minute(now)
    return now


def _next_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _dearest(provider: Provider) -> float:
    return max(provider.cost(dataset) for dataset in Dataset)

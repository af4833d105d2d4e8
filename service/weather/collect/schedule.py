"""The schedule: the next request, as a pure function of the last fetches, the quotas and the clock.

The providers of a place have an order: that of preference, but for the hours the provider of the current
values comes first, since both are shown together. A place goes to the first one that it is due for and that
may be requested. What delays a request:

- The last fetch: until the interval has passed.
- An `Expires` of this provider, for 24 h at most.
- An `Expires` of the provider of the last fetch, where that comes before this one and could be requested
  otherwise: no longer than until half of `stale_after` has passed since.
- Its back-off, a quota that is spent, a place that it had no answer for.
- For current values that it would take over from another provider: all of this for the hours, too.

Where current values and hours are of two providers, what the preferred one of the two lacks is due from it at
once; while it cannot be requested for that, the other one is for what that lacks. A provider that had no
hours for a place is asked for them first before it takes the place over.

Where all this delays every provider beyond half of `stale_after`, a back-off that the provider did not ask
for is cut to a third of it, and current values are taken over without hours.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from service.places.model import Place
from service.weather.collect.intervals import Intervals, due_at
from service.weather.model import Dataset
from service.weather.provider import Provider
from service.weather.quota import ProviderQuota

MAX_EXPIRES = timedelta(hours=24)
_JOIN_SHARE = 0.06  # a place due within this share of its interval joins a batch, which saves a request
_CLOCK_TOLERANCE = timedelta(seconds=5)
_MAX_SLEEP = timedelta(hours=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)
_BESIDE = {Dataset.CURRENT: Dataset.HOURLY, Dataset.HOURLY: Dataset.CURRENT}


@dataclass(frozen=True, slots=True)
class LastFetch:
    """The last successful fetch of one dataset of one place.

    Attributes:
        fetched_at: when the response came.
        provider_id: the provider that sent it.
        not_before: it forbids the next request before this time (HTTP `Expires`).
        others_not_before: likewise of the providers whose data it has replaced, by id.
    """

    fetched_at: datetime
    provider_id: str
    not_before: datetime | None = None
    others_not_before: Mapping[str, datetime] = field(default_factory=dict)

    def forbidden_until(self, provider_id: str) -> datetime | None:
        """Return until when this provider forbids a request; no response is believed for more than 24 h."""
        own = provider_id == self.provider_id
        until = self.not_before if own else self.others_not_before.get(provider_id)
        return None if until is None else min(until, self.fetched_at + MAX_EXPIRES)

    def replaced(self, now: datetime, provider_id: str, not_before: datetime | None) -> "LastFetch":
        """Return the fetch that replaces this one; it remembers what other providers still forbid."""
        others: dict[str, datetime] = {}
        if self.fetched_at <= now + _CLOCK_TOLERANCE:
            for other in (self.provider_id, *self.others_not_before):
                until = self.forbidden_until(other)
                if other != provider_id and until is not None and until > now:
                    others[other] = until
        return LastFetch(now, provider_id, not_before, others)


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
        fetched: dataset and place id of all that was fetched in this pass.
    """

    places: Sequence[Place]
    in_use: Collection[str]
    last_fetches: Mapping[tuple[Dataset, str], LastFetch]
    providers: Sequence[Provider]
    quotas: Mapping[str, ProviderQuota]
    intervals: Intervals
    forced: bool = False
    requested: frozenset[tuple[str, Dataset, str]] = frozenset()
    fetched: frozenset[tuple[Dataset, str]] = frozenset()

    def after(
        self, batch: Batch, datasets: Collection[Dataset], fetched: Collection[tuple[Dataset, str]]
    ) -> "ScheduleState":
        """Return the state after a request for these datasets, which fetched those of some places."""
        requested = {(batch.provider.id, dataset, place.id) for dataset in datasets for place in batch.places}
        return replace(self, requested=self.requested | requested, fetched=self.fetched | set(fetched))


def next_batch(state: ScheduleState, now: datetime) -> Batch | None:
    """Return the next request, or None while nothing is due or no provider may be requested.

    Current values come before hourly forecasts, but for the hours of places whose current values have come
    from another provider in this pass; places in use before the others, then the longest overdue. A place
    for which the preferred provider is not available goes to the next one in the same pass, but not where
    only the limit of the minute is spent.
    """
    candidates = _candidates(state, now)
    if taken_over := _taken_over(state):
        of_these = replace(state, places=taken_over)
        if batch := _first_batch(of_these, candidates, Dataset.HOURLY, now):
            return batch
    for dataset in Dataset:
        if batch := _first_batch(state, candidates, dataset, now):
            return batch
    return None


def minute_limit_until(state: ScheduleState, now: datetime) -> datetime | None:
    """Return when the pass can go on if only a provider's limit of the minute holds it up, else None.

    Call it where there is no next batch: then nothing else can hold up a place that is due.
    """
    candidates = _candidates(state, now)
    assigned = (is_due for dataset in Dataset for *_, is_due in _assigned(state, candidates, dataset, now))
    return _next_minute(now) if any(assigned) else None


def wake_at(state: ScheduleState, now: datetime) -> datetime:
    """Return the next time when something is due that some provider may be requested for."""
    candidates = _candidates(state, now)
    minute_from = {
        one.id: now if state.quotas[one.id].left_this_minute(one.limits, now) >= _max_cost(one)
        else _next_minute(now)
        for one in state.providers
    }  # fmt: skip
    earliest = now + _MAX_SLEEP
    for dataset in Dataset:
        for due, _, place in _earliest_due(state, candidates, dataset, now):
            if due < earliest:
                for turn in _turns(state, candidates, dataset, place, now):
                    earliest = min(earliest, max(turn.at, minute_from[turn.provider_id]))
    return max(earliest, now)


# The providers


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A provider at this moment.

    Attributes:
        id: the provider's.
        available_from: its back-off is over, and it has units left in hour and day.
        available_early: likewise if no other provider can be asked.
        answers_both: one response has both datasets.
        without_hours: the places that it last had no hours for.
    """

    id: str
    available_from: datetime
    available_early: datetime
    answers_both: bool
    without_hours: Collection[str]


def answers_both(provider: Provider, place: Place) -> bool:
    """Return whether one response of the provider has both datasets of a place."""
    current, hourly = (provider.request(dataset, [place]) for dataset in Dataset)
    return current == hourly


def _candidates(state: ScheduleState, now: datetime) -> dict[str, _Candidate]:
    """Return the providers by id, in order of preference; none without places."""
    return {one.id: _candidate(state, one, now) for one in state.providers} if state.places else {}


def _candidate(state: ScheduleState, provider: Provider, now: datetime) -> _Candidate:
    quota = state.quotas[provider.id]
    has_units = quota.left_this_hour_and_day(provider.limits, now) >= _max_cost(provider)
    units_from = now if has_units else now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    rested = early = now
    if quota.backoff_until is not None and quota.in_backoff(now):
        rested = early = quota.backoff_until
        if len(state.providers) > 1:  # the only one is left alone for as long as its refusal deserves
            early = quota.last_resort_from(state.intervals.short_rest) or rested
    return _Candidate(
        provider.id,
        max(units_from, rested),
        max(units_from, early),
        answers_both(provider, state.places[0]),
        quota.without_answer(Dataset.HOURLY),
    )


def _max_size(state: ScheduleState, provider: Provider, dataset: Dataset, now: datetime) -> int:
    """Return for how many places there are units left now."""
    quota, limits = state.quotas[provider.id], provider.limits
    units_left = min(quota.left_this_minute(limits, now), quota.left_this_hour_and_day(limits, now))
    if units_left == float("inf"):
        return limits.max_places
    return min(limits.max_places, int(units_left / provider.cost(dataset)))


def _max_cost(provider: Provider) -> float:
    return max(provider.cost(dataset) for dataset in Dataset)


def _next_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


# The places


@dataclass(frozen=True, slots=True)
class _Turn:
    """From when a provider may be requested for a dataset of a place: it is due, and nothing forbids it."""

    provider_id: str
    due: datetime
    allowed_from: datetime

    @property
    def at(self) -> datetime:
        return max(self.due, self.allowed_from)


def _first_batch(
    state: ScheduleState, candidates: Mapping[str, _Candidate], dataset: Dataset, now: datetime
) -> Batch | None:
    """Return a batch of the most preferred provider that a place is due from; nearly due places join it."""
    providers = {one.id: one for one in state.providers}
    sizes = {one.id: size for one in state.providers if (size := _max_size(state, one, dataset, now))}
    places: dict[str, list[Place]] = {name: [] for name in sizes}
    due_from: set[str] = set()
    for name, place, is_due in _assigned(state, candidates, dataset, now):
        if name not in sizes:
            continue
        if is_due:
            due_from.add(name)
        if len(places[name]) < sizes[name]:
            places[name].append(place)
        first = next((one for one in sizes if one in due_from), None)
        if first is not None and len(places[first]) == sizes[first]:
            break  # the batch is full: the other places need not be looked at
    first = next((one for one in sizes if one in due_from), None)
    return None if first is None else Batch(providers[first], dataset, tuple(places[first]))


def _taken_over(state: ScheduleState) -> list[Place]:
    """Return the places whose current values came in this pass, from another provider than their hours."""
    places = []
    for place in state.places:
        if (Dataset.CURRENT, place.id) in state.fetched:
            hourly = state.last_fetches.get((Dataset.HOURLY, place.id))
            current = state.last_fetches[Dataset.CURRENT, place.id]
            if hourly is not None and hourly.provider_id != current.provider_id:
                places.append(place)
    return places


def _assigned(
    state: ScheduleState, candidates: Mapping[str, _Candidate], dataset: Dataset, now: datetime
) -> Iterator[tuple[str, Place, bool]]:
    """Yield the places that may be fetched now, each with its provider and whether it is due already.

    Those in use come first, then the longest overdue.
    """
    nearly_due = [
        (place.id not in state.in_use, due, join, place)
        for due, join, place in _earliest_due(state, candidates, dataset, now)
        if due - join <= now
    ]
    for _, _, join, place in sorted(nearly_due, key=lambda one: one[:2]):
        turns = [turn for turn in _turns(state, candidates, dataset, place, now) if turn.allowed_from <= now]
        for latest in (now, now + join):
            turn = next((turn for turn in turns if turn.due <= latest), None)
            if turn is not None:
                yield turn.provider_id, place, turn.due <= now
                break


def _earliest_due(
    state: ScheduleState, candidates: Mapping[str, _Candidate], dataset: Dataset, now: datetime
) -> Iterator[tuple[datetime, timedelta, Place]]:
    """Yield a time before which each place is due from no provider, and how much earlier it joins a batch.

    Nearly all places are passed over by it in every pass; those fetched in this pass are left out.
    """
    lasts, in_use, latest = state.last_fetches, state.in_use, now + _CLOCK_TOLERANCE
    kinds = [state.intervals.interval(dataset, in_use=used) for used in (False, True)]
    intervals = [(interval, interval * _JOIN_SHARE) for interval in kinds]
    to_try = (
        {id_ for one in candidates.values() for id_ in one.without_hours}
        if dataset is Dataset.HOURLY
        else set()
    )
    for place in state.places:
        interval, join = intervals[place.id in in_use]
        last = lasts.get((dataset, place.id))
        if last is None:
            yield now, join, place
            continue
        beside = lasts.get((_BESIDE[dataset], place.id))
        is_split = beside is not None and beside.provider_id != last.provider_id
        at_once = is_split or place.id in to_try
        if (dataset, place.id) in state.fetched and not at_once:
            continue
        is_due = at_once or state.forced or last.fetched_at > latest
        yield now if is_due else due_at(last.fetched_at, interval), join, place


def _turns(
    state: ScheduleState,
    candidates: Mapping[str, _Candidate],
    dataset: Dataset,
    place: Place,
    now: datetime,
) -> list[_Turn]:
    """Return the turns of the providers in the place's order; without those requested in this pass."""
    last = _last_fetch(state, dataset, place, now)
    impatient_from = _LONG_AGO if last is None else last.fetched_at + state.intervals.patience
    at_once = _provider_at_once(state, candidates, dataset, place, now)
    is_done = (dataset, place.id) in state.fetched
    due = interval_over = _due_time(state, dataset, place, now)
    turns: list[_Turn] = []
    last_resorts: list[_Turn] = []
    for candidate in _in_order(state, candidates, dataset, place):
        allowed = _allowed_from(state, candidate, dataset, place, now)
        as_a_rule = max(allowed, candidate.available_from)
        if dataset is Dataset.CURRENT and (last is None or last.provider_id != candidate.id):
            as_a_rule = max(as_a_rule, _hours_from(state, candidate, place, now))
        if (candidate.id, dataset, place.id) in state.requested:
            pass
        elif candidate.id == at_once:
            turns.append(_Turn(candidate.id, now, as_a_rule))
            last_resorts.append(turns[-1])
        elif not is_done:
            turns.append(_Turn(candidate.id, due, as_a_rule))
            early = max(allowed, candidate.available_early)
            last_resorts.append(_Turn(candidate.id, max(interval_over, impatient_from), early))
        if last is not None and last.provider_id == candidate.id and not state.forced:
            is_skipped = state.quotas[candidate.id].skipped_until(place.id, dataset, now) is not None
            if candidate.available_from <= now and not is_skipped:
                # Only an `Expires` can delay it: those behind it wait with it, but not for long.
                due = max(due, min(allowed, impatient_from))
    if turns and min(turn.at for turn in turns) > max(interval_over, impatient_from, now):
        return [min(pair, key=lambda turn: turn.at) for pair in zip(turns, last_resorts, strict=True)]
    return turns


def _provider_at_once(
    state: ScheduleState,
    candidates: Mapping[str, _Candidate],
    dataset: Dataset,
    place: Place,
    now: datetime,
) -> str | None:
    """Return the provider that a dataset is due from at once, so that both are of one provider."""
    current = state.last_fetches.get((Dataset.CURRENT, place.id))
    hourly = state.last_fetches.get((Dataset.HOURLY, place.id))
    if current is None or hourly is None:
        return None
    if current.provider_id == hourly.provider_id:
        return _provider_to_try(candidates, place, current) if dataset is Dataset.HOURLY else None
    missing = {current.provider_id: Dataset.HOURLY, hourly.provider_id: Dataset.CURRENT}
    both = sorted(
        missing, key=lambda name: list(candidates).index(name) if name in candidates else len(candidates)
    )
    preferred, other = both
    if dataset is missing[preferred]:
        return preferred
    candidate = candidates.get(preferred)
    if candidate is None:
        return None
    allowed = _allowed_from(state, candidate, missing[preferred], place, now)
    return None if max(allowed, candidate.available_from) <= now else other


def _provider_to_try(candidates: Mapping[str, _Candidate], place: Place, current: LastFetch) -> str | None:
    """Return a preferred provider that had no hours: it is asked for them before it takes the place over."""
    for candidate in candidates.values():
        if candidate.id == current.provider_id:
            return None
        if place.id in candidate.without_hours:
            return candidate.id
    return None


def _hours_from(state: ScheduleState, candidate: _Candidate, place: Place, now: datetime) -> datetime:
    """Return from when a provider that takes over the current values of a place can give hours, too."""
    hourly = state.last_fetches.get((Dataset.HOURLY, place.id))
    if hourly is None or hourly.provider_id == candidate.id:
        return now
    if place.id in candidate.without_hours:
        return _NEVER
    return _allowed_from(state, candidate, Dataset.HOURLY, place, now)


def _in_order(
    state: ScheduleState, candidates: Mapping[str, _Candidate], dataset: Dataset, place: Place
) -> list[_Candidate]:
    order = list(candidates.values())
    current = state.last_fetches.get((Dataset.CURRENT, place.id))
    if dataset is Dataset.HOURLY and current is not None:
        order.sort(key=lambda candidate: candidate.id != current.provider_id)
    return order


def _allowed_from(
    state: ScheduleState, candidate: _Candidate, dataset: Dataset, place: Place, now: datetime
) -> datetime:
    """Return from when this provider may be requested for this place, even in a forced pass."""
    times = [now]
    if skip := state.quotas[candidate.id].skipped_until(place.id, dataset, now):
        times.append(skip)
    # `Expires` holds for a URL: one response of MET Norway has both datasets.
    for of_same_url in (dataset, _BESIDE[dataset]) if candidate.answers_both else (dataset,):
        last = _last_fetch(state, of_same_url, place, now)
        if last is not None and (expires := last.forbidden_until(candidate.id)):
            times.append(expires)
    return max(times)


def _last_fetch(state: ScheduleState, dataset: Dataset, place: Place, now: datetime) -> LastFetch | None:
    """Return the last fetch; none from the future, since a clock set back must not postpone anything."""
    last = state.last_fetches.get((dataset, place.id))
    return None if last is None or last.fetched_at > now + _CLOCK_TOLERANCE else last


def _due_time(state: ScheduleState, dataset: Dataset, place: Place, now: datetime) -> datetime:
    """Return when the interval since the last fetch is over."""
    last = _last_fetch(state, dataset, place, now)
    if state.forced or last is None:
        return now
    return due_at(last.fetched_at, _interval(state, dataset, place))


def _interval(state: ScheduleState, dataset: Dataset, place: Place) -> timedelta:
    return state.intervals.interval(dataset, in_use=place.id in state.in_use)

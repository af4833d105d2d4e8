"""Asks the providers for what is due, normalises what they say, and keeps it."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from service.collector.loop import PassResult
from service.core.errors import Cause, UpstreamError
from service.core.ports import Answer, Store, Upstream
from service.http_client.caching_headers import fresh_until
from service.places.model import Place
from service.weather import keys, records
from service.weather.collect import weather_state
from service.weather.collect.fetch_weather import FetchResult, ask
from service.weather.collect.intervals import (
    Intervals,
    RefreshGoals,
    RequestCost,
    chance,
    due_at,
    pace,
    units_per_day,
)
from service.weather.collect.schedule import (
    Batch,
    LastFetch,
    ScheduleState,
    held_up_until,
    next_batch,
    wake_at,
)
from service.weather.derived import with_feels_like, with_past_points
from service.weather.model import Current, Dataset, HourlyForecast, StoredWeather
from service.weather.provider import Provider, ProviderForecast
from service.weather.quota import ProviderQuota, skip_until

_OF_THE_PLACE = {Cause.GONE, Cause.UNREADABLE, Cause.CLOCK}
_IN_A_ROW = 2  # places that may be unusable one after another before the provider itself is at fault
_AFTER_EXPIRES = timedelta(minutes=5)  # by chance within these: not everybody at the same second

log = logging.getLogger(__name__)


class WeatherCollector:
    """The only writer of weather; what it has kept it also remembers.

    Raises StoreError from every method when the store fails: nothing is fetched that cannot be kept.
    """

    def __init__(  # noqa: PLR0913 - the wiring names every one of them
        self,
        *,
        store: Store,
        upstream: Upstream,
        providers: Sequence[Provider],
        places: Sequence[Place],
        always_used: Iterable[str],
        goals: RefreshGoals,
        clock: Callable[[], datetime],
        wait: Callable[[timedelta], bool],
    ) -> None:
        """Read what is kept, and forget what is of another spot than the place now lies at.

        `wait` waits that long and says whether to stop; it paces requests to one provider.
        """
        self._store, self._upstream, self._clock, self._wait = store, upstream, clock, wait
        self._providers, self._places, self._goals = tuple(providers), tuple(places), goals
        self._always_used = frozenset(always_used)
        weather_state.forget_what_moved(store, self._places, self._providers)
        self._last = weather_state.last_answers(store, self._places)
        self._ledgers = weather_state.quotas(store, self._providers)
        self._origin, self._newest_write = store.origin(), store.last_write()
        self._pace: Intervals | None = None

    def run(self, *, forced: bool = False) -> PassResult:
        """One pass over what is due: the next provider fills in where one fails.

        A forced pass goes over everything, also over who rests; only what a provider's own terms forbid is
        left out, and who fails in it rests again.
        """
        self._read_again_if_replaced()
        if forced:
            self._ledgers = {name: quota.reset_backoff() for name, quota in self._ledgers.items()}
        desk, result, stopped = self._desk(forced=forced), PassResult(), False
        while not stopped:
            if batch := next_batch(desk, self._clock()):
                result = PassResult(result.requested + 1, result.failed + self._ask(batch))
                asked = {(batch.provider.id, batch.dataset, place.id) for place in batch.places}
                desk = replace(desk, done=desk.done | asked)
                stopped = self._wait(batch.provider.limits.min_interval)
            elif until := held_up_until(desk, self._clock()):
                stopped = self._wait(until - self._clock())
            else:
                break
        return result

    def wake_at(self) -> datetime:
        """When the next pass has something to do, as far as is known now."""
        return wake_at(self._desk(forced=False), self._clock())

    def _read_again_if_replaced(self) -> None:
        """Another file in the store's place does not hold what this process remembers to have kept."""
        origin, newest = self._store.origin(), self._store.last_write()
        if origin != self._origin or newest < self._newest_write:  # an older copy of the same store has less
            log.warning("the store was replaced; what it lacks is fetched anew")
            self._last = weather_state.last_answers(self._store, self._places)
        self._origin, self._newest_write = origin, newest

    def _desk(self, *, forced: bool) -> ScheduleState:
        asked = weather_state.asked_lately(self._store, self._clock()) | self._always_used
        used = frozenset(place.id for place in self._places if place.id in asked)
        costs = self._costs()
        chosen = pace(self._goals, costs, len(used), len(self._places) - len(used))
        self._tell(chosen, costs, len(used))
        # The last answers and the ledgers are the collector's own: the desk sees what becomes of them.
        return ScheduleState(self._places, used, self._last, self._providers, self._ledgers, chosen, forced)

    def _costs(self) -> RequestCost:
        first = self._providers[0]
        return RequestCost(first.cost(Dataset.CURRENT), first.cost(Dataset.HOURLY), first.limits.daily_budget)

    def _tell(self, chosen: Intervals, costs: RequestCost, used: int) -> None:
        """Say once when the budget does not allow what the configuration asks for."""
        if chosen == self._pace:
            return
        self._pace = chosen
        idle = len(self._places) - used
        units = units_per_day(chosen, costs, used, idle)
        if chosen.used > self._goals.refresh:
            log.warning(
                "weather.refresh: the budget allows not %s for %d places in use, but %s (%.0f units a day)",
                self._goals.refresh, used, _rounded(chosen.used), units,
            )  # fmt: skip
        if chosen.idle > self._goals.stale_after / 2:
            log.warning(
                "weather.stale_after: the budget refreshes %d places every %s only, more than half of %s",
                idle, _rounded(chosen.idle), self._goals.stale_after,
            )  # fmt: skip
        log.info(
            "%d places in use every %s, %d others every %s, hours every %s: %.0f units a day",
            used, _rounded(chosen.used), idle, _rounded(chosen.idle), _rounded(chosen.hourly), units,
        )  # fmt: skip

    def _ask(self, batch: Batch) -> int:
        """Make one request and keep what it brings; the number of failures is 0 or 1."""
        provider, now = batch.provider, self._clock()
        quota = self._ledgers[provider.id].spend(provider.cost(batch.dataset) * len(batch.places), now)
        self._write_down(provider, quota)
        try:
            told = ask(batch, self._upstream, self._store, self._clock)
        except UpstreamError as error:
            self._fail(batch, error)
            return 1
        self._keep(batch, told)
        return 0

    def _keep(self, batch: Batch, told: FetchResult) -> None:
        now = self._clock()
        not_before = _not_before(told.answer, now)
        new: dict[tuple[Dataset, str], LastFetch] = {}
        to_keep = dict(told.to_keep)
        refused = {}
        for place, said in zip(batch.places, told.said, strict=True):
            parts = self._worth_keeping(batch, said, now, not_before) if said else {}
            if batch.dataset not in parts:
                refused[place.id] = skip_until(now)
            for dataset, part in parts.items():
                to_keep[keys.weather(dataset, place.id)] = _to_bytes(part)
                new[dataset, place.id] = LastFetch(part.fetched_at, part.provider_id, part.not_before)
        quota = self._ledgers[batch.provider.id].succeeded(now, refused)
        self._store.write(to_keep | {keys.quota(batch.provider.id): records.quota_to_bytes(quota)})
        self._ledgers[batch.provider.id] = quota
        self._last.update(new)
        usable = len(batch.places) - len(refused)
        log.info("%s told %s of %d places", batch.provider.id, batch.dataset.value, usable)
        if refused:
            log.warning("%s: %s unusable for %s", batch.provider.id, batch.dataset.value, ", ".join(refused))

    def _worth_keeping(
        self, batch: Batch, told: ProviderForecast, now: datetime, not_before: datetime | None
    ) -> dict[Dataset, StoredWeather[Current] | StoredWeather[HourlyForecast]]:
        """What was asked for, and what came along unless another provider's is kept that is not yet due."""
        parts: dict[Dataset, StoredWeather[Current] | StoredWeather[HourlyForecast]] = {}
        source = batch.provider.id
        if told.current is not None and self._welcome(Dataset.CURRENT, batch, told.place, now):
            parts[Dataset.CURRENT] = StoredWeather(
                with_feels_like(told.current), source, told.updated_at, now, not_before
            )
        if told.hourly is not None and self._welcome(Dataset.HOURLY, batch, told.place, now):
            outlook = self._with_the_morning(told.place, told.hourly, source)
            parts[Dataset.HOURLY] = StoredWeather(outlook, source, told.updated_at, now, not_before)
        return parts

    def _welcome(self, dataset: Dataset, batch: Batch, place: Place, now: datetime) -> bool:
        last = self._last.get((dataset, place.id))
        if (
            dataset is batch.dataset
            or last is None
            or last.provider_id == batch.provider.id
            or self._pace is None
        ):
            return True
        return due_at(last.fetched_at, self._pace.interval(dataset, used=True)) <= now

    def _with_the_morning(self, place: Place, outlook: HourlyForecast, source: str) -> HourlyForecast:
        key = keys.weather(Dataset.HOURLY, place.id)
        old = records.hourly_from_bytes(self._store.read([key]).get(key))
        return (
            with_past_points(outlook, old.value) if old is not None and old.provider_id == source else outlook
        )

    def _fail(self, batch: Batch, error: UpstreamError) -> None:
        """Let the provider rest, or only the place where the place is what it cannot tell."""
        now, quota = self._clock(), self._ledgers[batch.provider.id]
        if error.cause in _OF_THE_PLACE and len(batch.places) == 1 and quota.failures < _IN_A_ROW:
            quota = quota.skipping_place(batch.places[0].id, now)
        else:
            quota = quota.failed(error, now)
        log.warning("%s: %s (%s)", batch.provider.id, error, error.cause.value)
        self._write_down(batch.provider, quota)

    def _write_down(self, provider: Provider, quota: ProviderQuota) -> None:
        self._store.write({keys.quota(provider.id): records.quota_to_bytes(quota)})
        self._ledgers[provider.id] = quota


def _not_before(answer: Answer, now: datetime) -> datetime | None:
    """As long as the answer itself says it is good, and a little longer by chance."""
    until = fresh_until(answer.headers, now)
    return until + _AFTER_EXPIRES * chance(now) if until else None


def _to_bytes(part: StoredWeather[Current] | StoredWeather[HourlyForecast]) -> bytes:
    if isinstance(part.value, Current):
        return records.current_to_bytes(part)
    return records.hourly_to_bytes(part)


def _rounded(interval: timedelta) -> timedelta:
    return timedelta(seconds=round(interval.total_seconds()))

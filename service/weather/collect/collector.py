"""The weather collector: it fetches what is due, completes it and stores it. Nothing else writes weather."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from service.collector.loop import PassResult
from service.collector.state_changes import StateChanges
from service.core.counters import Counters, UpstreamRequest
from service.core.decisions import NO_DECISIONS, DecisionLog, DecisionRecorder
from service.core.errors import Cause, UpstreamError, traceback_without_messages
from service.core.freshness import AgeLimits
from service.core.ports import Response, Store, Upstream
from service.http_client.caching_headers import conditional_headers, fresh_until, http_date
from service.places.model import Place
from service.weather import records
from service.weather.collect.intervals import (
    Intervals,
    RefreshGoals,
    RequestCost,
    due_at,
    plan_intervals,
    random_fraction,
    units_per_day,
)
from service.weather.collect.schedule import (
    MAX_EXPIRES,
    Batch,
    LastFetch,
    ScheduleState,
    answers_both,
    minute_limit_until,
    next_batch,
    wake_at,
)
from service.weather.collect.stored_state import (
    forget_changed_providers,
    forget_moved_places,
    last_fetches,
    places_in_use,
    quotas,
)
from service.weather.derived import start_of_today, with_feels_like, with_past_points
from service.weather.hours import KEPT_PAST
from service.weather.model import Current, Dataset, HourlyForecast, StoredWeather
from service.weather.provider import Provider, ProviderForecast
from service.weather.quota import ProviderQuota, skip_until

_CAUSED_BY_PLACE = {Cause.GONE, Cause.UNREADABLE, Cause.CLOCK}
_MAX_PLACES_AT_FAULT = 2  # consecutive failures blamed on their places before the provider itself is at fault
_AFTER_EXPIRES = timedelta(minutes=5)  # a random part of it, so that not all clients come in the same second
_OF_A_TIME = {Cause.CLOCK, Cause.INCOMPLETE}  # whose texts name the time of the values
_SAME_CLOCK = timedelta(minutes=5)
_NOT_MODIFIED = 304

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _FetchResult:
    """A response and its forecast for each place of the batch; `records` are to be stored with it."""

    response: Response
    forecasts: Sequence[ProviderForecast | UpstreamError]
    records: Mapping[str, bytes] = field(default_factory=dict)


class WeatherCollector:
    """Fetches weather in passes, as the schedule says.

    Every method raises StoreError when the store fails: nothing is fetched that cannot be stored.
    """

    def __init__(  # noqa: PLR0913 - one argument for each part
        self,
        *,
        store: Store,
        upstream: Upstream,
        providers: Sequence[Provider],
        places: Sequence[Place],
        always_in_use: Iterable[str],
        goals: RefreshGoals,
        clock: Callable[[], datetime],
        wait: Callable[[timedelta], bool],
        decisions: DecisionLog = NO_DECISIONS,
        provider_settings: Mapping[str, str] = MappingProxyType({}),
        counters: Counters | None = None,
    ) -> None:
        """Read the state of the last run from the store.

        `provider_settings` are digests by provider id: where one has changed, the provider begins anew.
        `wait` waits for a time and returns whether to stop; it also spaces the requests to a provider.
        `decisions` is where the last decision about each place and provider is recorded, `counters` count the
        requests.
        """
        self._counters = counters or Counters()
        self._store, self._upstream, self._clock, self._wait = store, upstream, clock, wait
        self._providers, self._places, self._goals = tuple(providers), tuple(places), goals
        self._always_in_use = frozenset(always_in_use)
        self._provider_settings = provider_settings
        forget_moved_places(store, self._places, self._providers)
        self._last_fetches = self._read_last_fetches()
        self._quotas = quotas(store, self._providers)
        self._origin, self._last_write = store.origin(), store.last_write()
        self._states = StateChanges("places", AgeLimits(goals.stale_after, goals.hide_after))
        _log_rests(self._quotas, clock())
        self._intervals: Intervals | None = None
        self._in_use: frozenset[str] = frozenset()
        self._decisions = {
            provider.id: DecisionRecorder(decisions, f"weather/{provider.id}", clock, log)
            for provider in self._providers
        }

    def run(self, *, forced: bool = False) -> PassResult:
        """Make one pass over what is due. Where a provider fails, the next one is used in the same pass.

        In a forced pass everything is due and no back-off counts, but `not_before` still does.
        """
        self._reload_if_store_was_replaced()
        self._observe_states()
        if forced:
            self._quotas = {name: quota.reset_backoff() for name, quota in self._quotas.items()}
        state, result, stopped = self._state(forced=forced), PassResult(), False
        while not stopped:
            if batch := next_batch(state, self._clock()):
                fetched = self._fetch_and_store(batch)
                failed = not any(dataset is batch.dataset for dataset, _ in fetched)
                result = PassResult(result.requested + 1, result.failed + failed)
                state = state.after(batch, _datasets_of(batch), fetched)
                stopped = self._wait(batch.provider.limits.min_interval)
            elif until := minute_limit_until(state, self._clock()):
                stopped = self._wait(until - self._clock())
            else:
                break
        if result.requested:
            self._observe_states()
        return result

    def _observe_states(self) -> None:
        fetches = {place.id: self._last_fetches.get((Dataset.CURRENT, place.id)) for place in self._places}
        times = {place: last.fetched_at if last else None for place, last in fetches.items()}
        self._states.observe(times, self._clock())

    def wake_at(self) -> datetime:
        """Return when the next pass will have something to do."""
        return wake_at(self._state(forced=False), self._clock())

    def _reload_if_store_was_replaced(self) -> None:
        origin, last_write = self._store.origin(), self._store.last_write()
        # An older copy of the same store has the same origin but fewer writes.
        if origin != self._origin or last_write < self._last_write:
            log.warning("the store was replaced; what it lacks is fetched anew")
            self._last_fetches = self._read_last_fetches()
        self._origin, self._last_write = origin, last_write

    def _read_last_fetches(self) -> dict[tuple[Dataset, str], LastFetch]:
        changed = forget_changed_providers(self._store, self._provider_settings, self._clock())
        return last_fetches(self._store, self._places, changed)

    def _state(self, *, forced: bool) -> ScheduleState:
        wanted = places_in_use(self._store, self._clock()) | self._always_in_use
        in_use = self._in_use = frozenset(place.id for place in self._places if place.id in wanted)
        cost = RequestCost.of(self._providers[0])
        intervals = plan_intervals(self._goals, cost, len(in_use), len(self._places) - len(in_use))
        if intervals != self._intervals:
            self._intervals = intervals
            self._log_intervals(intervals, cost, len(in_use))
        # The state shares these two dicts with the collector, so it sees the changes of a running pass.
        return ScheduleState(
            self._places, in_use, self._last_fetches, self._providers, self._quotas, intervals, forced
        )

    def _log_intervals(self, intervals: Intervals, cost: RequestCost, in_use: int) -> None:
        idle = len(self._places) - in_use
        units = units_per_day(intervals, cost, in_use, idle)
        if intervals.in_use > self._goals.refresh:
            log.warning(
                "weather.refresh: the budget allows not %s for %d places in use, but %s (%.0f units a day)",
                self._goals.refresh, in_use, _rounded(intervals.in_use), units,
            )  # fmt: skip
        if intervals.idle > self._goals.stale_after / 2:
            log.warning(
                "weather.stale_after: the budget refreshes %d places every %s only, more than half of %s",
                idle, _rounded(intervals.idle), self._goals.stale_after,
            )  # fmt: skip
        log.info(
            "%d places in use every %s, %d others every %s, hours every %s: %.0f units a day",
            in_use, _rounded(intervals.in_use), idle, _rounded(intervals.idle), _rounded(intervals.hourly),
            units,
        )  # fmt: skip

    def _fetch_and_store(self, batch: Batch) -> Collection[tuple[Dataset, str]]:
        """Make one request and return what it fetched, by dataset and place id."""
        provider, units = batch.provider, batch.provider.cost(batch.dataset) * len(batch.places)
        before = self._quotas[provider.id]
        # Stored before the request, so that a crash forgets no spent units.
        self._store_quota(provider, before.spend(units, self._clock()))
        try:
            with self._counters.request_to(provider.id) as request:
                result = self._fetch(batch, request)
                if fault := _fault_of_all(batch, result, self._clock()):
                    request.failed(fault)
        except UpstreamError as error:
            if not error.is_sent:
                self._quotas[provider.id] = before  # stored with the failure
            self._store_failure(batch, error)
            return ()
        return self._store_result(batch, result)

    # Fetching

    def _fetch(self, batch: Batch, counted: UpstreamRequest) -> _FetchResult:
        """Fetch a batch; where the last response is stored, conditionally.

        After a 304 the stored body is parsed again, since its current values depend on the clock.

        Raises:
            UpstreamError: when there is no response, or nothing usable in it.
        """
        request = batch.provider.request(batch.dataset, batch.places)
        if batch.provider.limits.max_places > 1 or len(_datasets_of(batch)) == 1:
            # Only the last response of a place is stored, and it must be that of this request.
            response = counted.answered(self._upstream.fetch(request))
            return _FetchResult(response, self._parse(batch, response))
        key = records.response_key(batch.provider.id, batch.places[0].id)
        stored = records.response_from_bytes(self._store.read([key]).get(key))
        if stored is not None:
            request = replace(request, headers={**request.headers, **stored.validators})
        response = counted.answered(self._upstream.fetch(request))
        if response.status != _NOT_MODIFIED:
            forecasts = self._parse(batch, response)
            validators = conditional_headers(response.headers)
            record = records.response_to_bytes(records.StoredResponse(response.body, validators))
            return _FetchResult(response, forecasts, {key: record} if validators else {})
        if stored is None:
            raise UpstreamError(Cause.UNREADABLE, f"{batch.provider.id} answered 304 to a plain request")
        response = replace(response, body=stored.body)
        try:
            return _FetchResult(response, self._parse(batch, response))
        except UpstreamError:
            self._store.delete([key])  # so that the next response has a body
            raise

    def _parse(self, batch: Batch, response: Response) -> list[ProviderForecast | UpstreamError]:
        now = self._clock()
        try:
            parsed = batch.provider.parse(response.body, batch.places, now)
            return [
                _with_clock_note(one, response, now) if isinstance(one, UpstreamError) else one
                for one in parsed
            ]
        except UpstreamError as error:
            raise _with_clock_note(error, response, now) from error
        except Exception as error:  # a bug of a parser must not stop the collector
            # Without the exception's own text, which may quote the response.
            log.error("%s: parsing failed\n%s", batch.provider.id, traceback_without_messages(error))  # noqa: TRY400
            raise UpstreamError(
                Cause.UNREADABLE, f"reading the answer failed: {type(error).__name__}"
            ) from error

    # Storing

    def _store_result(self, batch: Batch, result: _FetchResult) -> Collection[tuple[Dataset, str]]:
        """Store what a response answers, and return it; skip what it does not answer."""
        now, provider = self._clock(), batch.provider
        not_before = _not_before(result.response, now)
        until = max(skip_until(now, self._goals.short_rest), not_before or now)
        requested = _datasets_of(batch)
        refused: dict[Dataset, dict[str, UpstreamError]] = {dataset: {} for dataset in Dataset}
        fetches: dict[tuple[Dataset, str], LastFetch] = {}
        to_store: dict[str, bytes] = {}
        due: list[datetime] = []
        for place, forecast in zip(batch.places, result.forecasts, strict=True):
            faults = _faults(forecast, result.response, now)
            for dataset in _refused(requested, forecast, faults):
                refused[dataset][place.id] = faults[dataset]
                self._decide(batch, place, dataset, "refused", str(faults[dataset]), until)
            if isinstance(forecast, UpstreamError):
                continue
            for dataset in self._datasets_to_store(batch, place, faults, now):
                fetch = self._fetched(dataset, place, provider.id, not_before, now)
                stored = self._to_stored(dataset, forecast, fetch)
                fetches[dataset, place.id] = fetch
                to_store[records.weather_key(dataset, place.id)] = _to_bytes(stored)
                next_at = self._decide_stored(batch, place, dataset, stored, fetch)
                due += [next_at] if next_at is not None else []
        self._log_taken_over(provider.id, fetches)
        errors = refused[batch.dataset]
        if len(errors) < len(batch.places):
            to_store |= result.records
        is_long = not_before is not None and not_before > now + self._goals.patience
        quota = _quota_after(self._quotas[provider.id], batch, list(errors.values()), now)
        quota = replace(quota, expires=not_before if is_long else None).due_again(due, now)
        for dataset, of_places in refused.items():
            answered = {place for of_dataset, place in fetches if of_dataset is dataset}
            quota = quota.answering(answered, dataset)
            if of_places:
                skips = dict.fromkeys(of_places, until)
                quota = quota.skipping(skips, dataset if dataset in requested else None, now)
        self._store.write(to_store | {records.quota_key(provider.id): records.quota_to_bytes(quota)})
        self._quotas[provider.id] = quota
        self._last_fetches.update(fetches)
        log.info(
            "%s: %s of %d places fetched",
            provider.id, batch.dataset.value, len(batch.places) - len(errors),
        )  # fmt: skip
        for dataset, of_places in refused.items():
            if of_places:
                log.warning(
                    "%s: %s refused for %s: %s Asked for it again from %s UTC.",
                    provider.id, dataset.value, ", ".join(of_places),
                    " ".join(dict.fromkeys(map(str, of_places.values()))), _minute(until),
                )  # fmt: skip
        self._decisions[provider.id].flush()
        return fetches.keys()

    def _log_taken_over(self, provider_id: str, fetches: Mapping[tuple[Dataset, str], LastFetch]) -> None:
        before = [self._last_fetches.get(key) for key in fetches if key[0] is Dataset.CURRENT]
        others = Counter(last.provider_id for last in before if last and last.provider_id != provider_id)
        for other, number in others.items():
            log.info("%s: takes over %d places from %s", provider_id, number, other or "nobody known")

    def _datasets_to_store(
        self, batch: Batch, place: Place, faults: Collection[Dataset], now: datetime
    ) -> list[Dataset]:
        """Return the datasets to store: all that a response has, so that both are of one provider.

        Where the requested one is no answer, another provider will be requested for it. The one that came
        along is then left out, unless there is none, one of the same provider, or one that is due.
        """
        answered = [dataset for dataset in Dataset if dataset not in faults]
        if batch.dataset not in faults:
            return answered
        return [dataset for dataset in answered if self._is_wanted(dataset, batch, place, now)]

    def _is_wanted(self, dataset: Dataset, batch: Batch, place: Place, now: datetime) -> bool:
        last = self._last_fetches.get((dataset, place.id))
        if last is None or last.provider_id == batch.provider.id or self._intervals is None:
            return True
        return due_at(last.fetched_at, self._intervals.interval(dataset, in_use=True)) <= now

    def _fetched(
        self, dataset: Dataset, place: Place, provider_id: str, not_before: datetime | None, now: datetime
    ) -> LastFetch:
        last = self._last_fetches.get((dataset, place.id))
        if last is None:
            return LastFetch(now, provider_id, not_before)
        return last.replaced(now, provider_id, not_before)

    def _to_stored(
        self, dataset: Dataset, forecast: ProviderForecast, fetch: LastFetch
    ) -> StoredWeather[Current] | StoredWeather[HourlyForecast]:
        """Return what is stored of a dataset that the forecast has."""
        provider_id, updated_at = fetch.provider_id, forecast.updated_at
        times = (fetch.fetched_at, fetch.not_before, fetch.others_not_before)
        if dataset is Dataset.CURRENT and forecast.current is not None:
            return StoredWeather(with_feels_like(forecast.current), provider_id, updated_at, *times)
        hourly = self._with_earlier_hours(
            forecast.place, forecast.hourly or HourlyForecast(()), provider_id, fetch.fetched_at
        )
        return StoredWeather(hourly, provider_id, updated_at, *times)

    def _with_earlier_hours(
        self, place: Place, hourly: HourlyForecast, provider_id: str, now: datetime
    ) -> HourlyForecast:
        """Return the forecast with those hours of today that were told before, where it begins later."""
        known_from = next((point.time for point in hourly.points if point.temperature is not None), None)
        if known_from is not None and known_from <= start_of_today(place.timezone, now):
            return hourly  # it has all of today
        key = records.weather_key(Dataset.HOURLY, place.id)
        stored = records.hourly_from_bytes(self._store.read([key]).get(key), until=known_from)
        if stored is None or stored.provider_id != provider_id:
            return hourly
        return with_past_points(hourly, stored.value, now - KEPT_PAST)

    def _store_failure(self, batch: Batch, error: UpstreamError) -> None:
        """Back off, or only skip the place where that alone seems to be the cause."""
        now, quota = self._clock(), self._quotas[batch.provider.id]
        one_place = error.cause in _CAUSED_BY_PLACE and len(batch.places) == 1
        if one_place and quota.failures < _MAX_PLACES_AT_FAULT:
            until = skip_until(now, self._goals.short_rest)
            next_at: datetime | None = until
            quota = _blamed_on_places(quota, batch, now)
            for dataset in (*_datasets_of(batch), None):
                quota = quota.skipping({batch.places[0].id: until}, dataset, now)
        else:
            quota = quota.failed(error, now)
            next_at = quota.backoff_until
        log.warning(
            "%s: %s (%s); asked again from %s UTC",
            batch.provider.id, error, error.cause.value, _minute(next_at),
        )  # fmt: skip
        self._store_quota(batch.provider, quota)
        for place in batch.places:
            self._decide(batch, place, batch.dataset, "failed", f"{error} ({error.cause.value})", next_at)
        self._decisions[batch.provider.id].flush()

    # Decisions

    def _decide(  # noqa: PLR0913, PLR0917 - what a decision has
        self,
        batch: Batch,
        place: Place,
        dataset: Dataset,
        outcome: str,
        detail: str,
        next_at: datetime | None,
    ) -> None:
        recorder = self._decisions[batch.provider.id]
        recorder.decide(f"{place.id}/{dataset.value}", outcome, detail, next_at=next_at)

    def _decide_stored(
        self,
        batch: Batch,
        place: Place,
        dataset: Dataset,
        stored: StoredWeather[Current] | StoredWeather[HourlyForecast],
        fetch: LastFetch,
    ) -> datetime | None:
        """Record that this was stored, and return when it is due again, if that is known."""
        details = [f"values for {_minute(stored.updated_at)} UTC"] if stored.updated_at else []
        next_at = None
        if self._intervals is not None:
            interval = self._intervals.interval(dataset, in_use=place.id in self._in_use)
            next_at = due_at(fetch.fetched_at, interval)
            expires = fetch.forbidden_until(fetch.provider_id)
            if expires is not None and expires > next_at:
                patient_until = fetch.fetched_at + self._intervals.patience
                if len(self._providers) == 1 or expires <= patient_until:
                    next_at = expires
                else:
                    next_at = max(next_at, patient_until)
                    details.append(f"Expires {_minute(expires)} UTC, before which another one is asked")
        self._decide(batch, place, dataset, "stored", "; ".join(details), next_at)
        return next_at

    def _store_quota(self, provider: Provider, quota: ProviderQuota) -> None:
        self._store.write({records.quota_key(provider.id): records.quota_to_bytes(quota)})
        self._quotas[provider.id] = quota


def _log_rests(quotas: Mapping[str, ProviderQuota], now: datetime) -> None:
    """Tell which providers rest since before the start, and for how long."""
    for name, quota in quotas.items():
        if quota.in_backoff(now) and quota.backoff_until is not None:
            log.warning(
                "%s: rests for %s more, until %s UTC: %s, %d in a row",
                name, _rounded(quota.backoff_until - now), _minute(quota.backoff_until),
                quota.cause.value if quota.cause else "failed", quota.failures,
            )  # fmt: skip


# Responses


def _datasets_of(batch: Batch) -> tuple[Dataset, ...]:
    """Return the datasets that the response to a batch has."""
    return tuple(Dataset) if answers_both(batch.provider, batch.places[0]) else (batch.dataset,)


def _faults(
    forecast: ProviderForecast | UpstreamError, response: Response, now: datetime
) -> dict[Dataset, UpstreamError]:
    """Return why a place's part of a response is no answer, for each dataset that it is none for."""
    if isinstance(forecast, UpstreamError):
        return dict.fromkeys(Dataset, forecast)
    faults = ((dataset, forecast.fault(dataset, now)) for dataset in Dataset)
    return {dataset: _with_clock_note(fault, response, now) for dataset, fault in faults if fault}


def _fault_of_all(batch: Batch, result: _FetchResult, now: datetime) -> UpstreamError | None:
    """Return why a response is no answer for any place of its batch; None where it is one for some."""
    faults = [_faults(one, result.response, now).get(batch.dataset) for one in result.forecasts]
    return faults[0] if faults and all(faults) else None


def _refused(
    requested: Collection[Dataset], forecast: ProviderForecast | UpstreamError, faults: Collection[Dataset]
) -> list[Dataset]:
    """Return the datasets that the provider is not to be requested for: it should have had an answer."""
    expected = Dataset if isinstance(forecast, UpstreamError) else requested
    return [dataset for dataset in expected if dataset in faults]


def _quota_after(
    quota: ProviderQuota, batch: Batch, errors: Sequence[UpstreamError], now: datetime
) -> ProviderQuota:
    """Return the quota after a response in which so many places had no answer."""
    if len(errors) < len(batch.places):
        return quota.succeeded(now)
    if quota.failures < _MAX_PLACES_AT_FAULT:
        return _blamed_on_places(quota, batch, now)
    return quota.failed(errors[0], now)


def _blamed_on_places(quota: ProviderQuota, batch: Batch, now: datetime) -> ProviderQuota:
    """Return the quota after a failure of its places, which counts unless they had no answer before."""
    known = quota.without_answer(batch.dataset)
    return quota.failed_for_places(now, is_known=all(place.id in known for place in batch.places))


def _with_clock_note(error: UpstreamError, response: Response, now: datetime) -> UpstreamError:
    """Return the error with a note whether the response's `Date` agrees with our clock."""
    date = http_date(response.headers.get("date"))
    if error.cause not in _OF_A_TIME or date is None:
        return error
    difference = abs(date - now)
    supported = "our clock" if difference < _SAME_CLOCK else f"another clock ({difference} from ours)"
    return UpstreamError(
        error.cause, f"{error.detail} Its Date supports {supported}.", status=response.status
    )


def expires_at(response: Response, now: datetime) -> datetime | None:
    """Return until when a response forbids the next request: its `Expires`, for 24 h at most."""
    until = fresh_until(response.headers, now)
    return None if until is None else min(until, now + MAX_EXPIRES)


def _not_before(response: Response, now: datetime) -> datetime | None:
    """Return from when the next request may be sent: a little after `Expires`, where that is not too long."""
    until = expires_at(response, now)
    return None if until is None else min(until + _AFTER_EXPIRES * random_fraction(now), now + MAX_EXPIRES)


def _minute(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M}" if time else "now"


def _to_bytes(stored: StoredWeather[Current] | StoredWeather[HourlyForecast]) -> bytes:
    if isinstance(stored.value, Current):
        return records.current_to_bytes(stored)
    return records.hourly_to_bytes(stored)


def _rounded(interval: timedelta) -> timedelta:
    return timedelta(seconds=round(interval.total_seconds()))

"""Asks the providers for what is due, normalises what they say, and keeps it."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.collector.pace import Costs, Goals, Pace, chance, pace, units_a_day
from service.collector.schedule import Batch, Desk, Last, next_batch, wake_at
from service.domain.completion import carry_over, complete
from service.domain.failures import Cause, UpstreamError
from service.domain.ledger import Ledger, refused_until
from service.domain.places import Place
from service.domain.ports import Answer, Provider, Request, Said, Store, Upstream
from service.domain.weather import Aspect, Current, Kept, Outlook
from service.store import keys, records
from service.upstream.dates import conditions, good_until, http_date

_NOT_MODIFIED = 304
_OF_THE_PLACE = {Cause.GONE, Cause.UNREADABLE, Cause.CLOCK}
_IN_A_ROW = 2  # places that may be unusable one after another before the provider itself is at fault
_IN_USE = timedelta(days=1)
_AFTER_EXPIRES = timedelta(minutes=5)  # by chance within these: not everybody at the same second

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did."""

    asked: int = 0
    failed: int = 0


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
        goals: Goals,
        clock: Callable[[], datetime],
        wait: Callable[[timedelta], bool],
    ) -> None:
        """Read what is kept.

        `wait` waits that long and says whether to stop; it paces requests to one provider.
        """
        self._store, self._upstream, self._clock, self._wait = store, upstream, clock, wait
        self._providers, self._places, self._goals = tuple(providers), tuple(places), goals
        self._always_used = frozenset(always_used)
        self._last = _kept_before(store, self._places)
        self._ledgers = _ledgers(store, self._providers)
        self._pace: Pace | None = None

    def run(self, *, forced: bool = False) -> Pass:
        """One pass over what is due: the next provider fills in where one fails."""
        done: frozenset[tuple[str, Aspect, str]] = frozenset()
        result = Pass()
        desk = self._desk(forced=forced)
        while batch := next_batch(replace(desk, done=done), self._clock()):
            failed = self._ask(batch)
            result = Pass(result.asked + 1, result.failed + failed)
            if forced:  # else what was kept, and who rests, keeps a pass from asking twice
                done |= {(batch.provider.id, batch.aspect, place.id) for place in batch.places}
            if self._wait(batch.provider.terms.interval):
                break
        return result

    def wake_at(self) -> datetime:
        """When the next pass has something to do, as far as is known now."""
        return wake_at(self._desk(forced=False), self._clock())

    def _desk(self, *, forced: bool) -> Desk:
        used = self._in_use()
        costs = self._costs()
        chosen = pace(self._goals, costs, len(used), len(self._places) - len(used))
        self._tell(chosen, costs, len(used))
        return Desk(self._places, used, self._last, self._providers, self._ledgers, chosen, forced)

    def _in_use(self) -> frozenset[str]:
        now = self._clock()
        asked = self._store.read(self._store.keys(keys.ASKED))
        recent = {
            place
            for place, record in zip(keys.asked_places(asked), asked.values(), strict=True)
            if (at := records.instant_from_bytes(record)) is not None and now - at < _IN_USE
        }
        return frozenset(place.id for place in self._places if place.id in recent | self._always_used)

    def _costs(self) -> Costs:
        first = self._providers[0]
        return Costs(first.cost(Aspect.CURRENT), first.cost(Aspect.OUTLOOK), first.terms.daily_budget)

    def _tell(self, chosen: Pace, costs: Costs, used: int) -> None:
        """Say once when the budget does not allow what the configuration asks for."""
        if chosen == self._pace:
            return
        self._pace = chosen
        idle = len(self._places) - used
        units = units_a_day(chosen, costs, used, idle)
        if chosen.used > self._goals.refresh:
            log.warning(
                "weather.refresh: the budget allows not %s for %d places in use, but %s (%.0f units a day)",
                self._goals.refresh, used, _rounded(chosen.used), units,
            )  # fmt: skip
        log.info(
            "%d places in use every %s, %d others every %s, hours every %s: %.0f units a day",
            used, _rounded(chosen.used), idle, _rounded(chosen.idle), _rounded(chosen.outlook), units,
        )  # fmt: skip

    def _ask(self, batch: Batch) -> int:
        """Make one request and keep what it brings; the number of failures is 0 or 1."""
        provider, now = batch.provider, self._clock()
        ledger = self._ledgers[provider.id].charged(provider.cost(batch.aspect) * len(batch.places), now)
        self._write_down(provider, ledger)
        try:
            answer = self._fetch(batch)
        except UpstreamError as error:
            self._fail(batch, error)
            return 1
        try:
            said = provider.read(answer.body, batch.places, self._clock())
        except UpstreamError as error:
            self._fail(batch, _with_clock(error, answer, self._clock()))
            return 1
        self._keep(batch, answer, said)
        return 0

    def _fetch(self, batch: Batch) -> Answer:
        """The answer; after a 304 with the body that was kept."""
        request = batch.provider.request(batch.aspect, batch.places)
        if len(batch.places) > 1 or batch.provider.terms.batch > 1:
            return self._upstream.fetch(request)
        key = keys.answer(batch.provider.id, batch.places[0].id)
        kept = records.answer_from_bytes(self._store.read([key]).get(key))
        answer = self._upstream.fetch(_conditional(request, kept))
        if answer.status == _NOT_MODIFIED:
            if kept is None:
                raise UpstreamError(Cause.UNREADABLE, f"{batch.provider.id} answered 304 to a plain request")
            return replace(answer, body=kept.body)
        if validators := conditions(answer.headers):
            self._store.keep({key: records.answer_to_bytes(records.KeptAnswer(answer.body, validators))})
        return answer

    def _keep(self, batch: Batch, answer: Answer, said: Sequence[Said | None]) -> None:
        now = self._clock()
        not_before = _not_before(answer, now)
        new: dict[tuple[Aspect, str], Last] = {}
        kept: dict[str, bytes] = {}
        refused = {}
        for place, told in zip(batch.places, said, strict=True):
            parts = self._worth_keeping(batch, told, now, not_before) if told else {}
            if batch.aspect not in parts:
                refused[place.id] = refused_until(now)
            for aspect, part in parts.items():
                kept[keys.weather(aspect, place.id)] = _to_bytes(part)
                new[aspect, place.id] = Last(part.fetched_at, part.source, part.not_before)
        ledger = self._ledgers[batch.provider.id].succeeded(now, refused)
        self._store.keep(kept | {keys.ledger(batch.provider.id): records.ledger_to_bytes(ledger)})
        self._ledgers[batch.provider.id] = ledger
        self._last.update(new)
        told_places = len(batch.places) - len(refused)
        log.info("%s told %s of %d places", batch.provider.id, batch.aspect.value, told_places)
        if refused:
            log.warning("%s: %s unusable for %s", batch.provider.id, batch.aspect.value, ", ".join(refused))

    def _worth_keeping(
        self, batch: Batch, told: Said, now: datetime, not_before: datetime | None
    ) -> dict[Aspect, Kept[Current] | Kept[Outlook]]:
        """What was asked for, and what came along if nothing better is kept."""
        parts: dict[Aspect, Kept[Current] | Kept[Outlook]] = {}
        source = batch.provider.id
        if told.current is not None and self._welcome(Aspect.CURRENT, batch, told.place):
            parts[Aspect.CURRENT] = Kept(complete(told.current), source, told.updated_at, now, not_before)
        if told.outlook is not None and self._welcome(Aspect.OUTLOOK, batch, told.place):
            outlook = self._with_the_morning(told.place, told.outlook, source)
            parts[Aspect.OUTLOOK] = Kept(outlook, source, told.updated_at, now, not_before)
        return parts

    def _welcome(self, aspect: Aspect, batch: Batch, place: Place) -> bool:
        last = self._last.get((aspect, place.id))
        return aspect is batch.aspect or last is None or last.source == batch.provider.id

    def _with_the_morning(self, place: Place, outlook: Outlook, source: str) -> Outlook:
        key = keys.weather(Aspect.OUTLOOK, place.id)
        old = records.outlook_from_bytes(self._store.read([key]).get(key))
        return carry_over(old.value, outlook) if old is not None and old.source == source else outlook

    def _fail(self, batch: Batch, error: UpstreamError) -> None:
        """Let the provider rest, or only the place where the place is what it cannot tell."""
        now, ledger = self._clock(), self._ledgers[batch.provider.id]
        if error.cause in _OF_THE_PLACE and len(batch.places) == 1 and ledger.failures < _IN_A_ROW:
            ledger = ledger.refusing(batch.places[0].id, now)
        else:
            ledger = ledger.failed(error, now)
        log.warning("%s: %s (%s)", batch.provider.id, error, error.cause.value)
        self._write_down(batch.provider, ledger)

    def _write_down(self, provider: Provider, ledger: Ledger) -> None:
        self._store.keep({keys.ledger(provider.id): records.ledger_to_bytes(ledger)})
        self._ledgers[provider.id] = ledger


def _kept_before(store: Store, places: Sequence[Place]) -> dict[tuple[Aspect, str], Last]:
    current = store.read([keys.weather(Aspect.CURRENT, place.id) for place in places])
    outlook = store.read([keys.weather(Aspect.OUTLOOK, place.id) for place in places])
    last: dict[tuple[Aspect, str], Last] = {}
    for place in places:
        now = records.current_from_bytes(current.get(keys.weather(Aspect.CURRENT, place.id)))
        ahead = records.outlook_from_bytes(outlook.get(keys.weather(Aspect.OUTLOOK, place.id)))
        if now is not None:
            last[Aspect.CURRENT, place.id] = Last(now.fetched_at, now.source, now.not_before)
        if ahead is not None:
            last[Aspect.OUTLOOK, place.id] = Last(ahead.fetched_at, ahead.source, ahead.not_before)
    return last


def _ledgers(store: Store, providers: Sequence[Provider]) -> dict[str, Ledger]:
    kept = store.read([keys.ledger(provider.id) for provider in providers])
    return {p.id: records.ledger_from_bytes(kept.get(keys.ledger(p.id))) for p in providers}


def _conditional(request: Request, kept: records.KeptAnswer | None) -> Request:
    if kept is None:
        return request
    return replace(request, headers={**request.headers, **kept.validators})


def _not_before(answer: Answer, now: datetime) -> datetime | None:
    """As long as the answer itself says it is good, and a little longer by chance."""
    until = good_until(answer.headers, now)
    return until + _AFTER_EXPIRES * chance(now) if until else None


def _with_clock(error: UpstreamError, answer: Answer, now: datetime) -> UpstreamError:
    """The same failure with word of which clock the answer's `Date` supports."""
    date = http_date(answer.headers.get("date"))
    if error.cause is not Cause.CLOCK or date is None:
        return error
    apart = abs(date - now)
    sides = "our clock" if apart < timedelta(minutes=5) else f"another clock ({apart} from ours)"
    return UpstreamError(error.cause, f"{error.detail}; its Date supports {sides}", status=answer.status)


def _to_bytes(part: Kept[Current] | Kept[Outlook]) -> bytes:
    if isinstance(part.value, Current):
        return records.current_to_bytes(part)
    return records.outlook_to_bytes(part)


def _rounded(interval: timedelta) -> timedelta:
    return timedelta(seconds=round(interval.total_seconds()))

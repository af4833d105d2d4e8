"""The schedule played through days in seconds: real terms, costs and ledgers; no network, no store."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from service.core.errors import UpstreamError
from service.core.ports import Provider
from service.places.model import Place
from service.weather.collect.intervals import Costs, Goals, pace
from service.weather.collect.schedule import Batch, Desk, Last, held_up_until, next_batch, wake_at
from service.weather.model import Aspect
from service.weather.quota import Ledger

START = datetime(2026, 11, 22, 3, 7, 13, tzinfo=UTC)
DEFAULTS = Goals(timedelta(minutes=15), timedelta(minutes=90), timedelta(hours=6))
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(hours=1)

Trouble = Callable[[Batch, datetime], UpstreamError | None]
Expires = Callable[[Batch], timedelta | None]


def some_places(count: int) -> list[Place]:
    return [
        Place(
            f"place-{n}", {"vi": f"Nơi {n}", "en": f"Place {n}"}, "VN", 8 + n / 100, 106, "Asia/Ho_Chi_Minh"
        )
        for n in range(count)
    ]


@dataclass
class Asked:
    """One request that went out."""

    at: datetime
    provider: str
    aspect: Aspect
    places: tuple[str, ...]
    units: float
    ok: bool


@dataclass
class World:
    """A collector's mind, a clock and the providers' moods."""

    places: Sequence[Place]
    used: frozenset[str]
    providers: Sequence[Provider]
    goals: Goals = DEFAULTS
    trouble: Trouble = lambda _batch, _now: None
    expires: Expires = lambda _batch: None
    takes: timedelta = timedelta(seconds=0.4)
    now: datetime = START
    last: dict[tuple[Aspect, str], Last] = field(default_factory=dict)
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    wakes: int = 0
    longest_wait: dict[Aspect, timedelta] = field(default_factory=lambda: dict.fromkeys(Aspect, timedelta(0)))

    def __post_init__(self) -> None:
        for provider in self.providers:
            self.ledgers.setdefault(provider.id, Ledger())

    def desk(self, *, forced: bool = False) -> Desk:
        first = self.providers[0]
        costs = Costs(first.cost(Aspect.CURRENT), first.cost(Aspect.OUTLOOK), first.terms.daily_budget)
        chosen = pace(self.goals, costs, len(self.used), len(self.places) - len(self.used))
        return Desk(self.places, self.used, self.last, self.providers, self.ledgers, chosen, forced)

    def run(self, length: timedelta) -> None:
        """Play that long, waking as the schedule says."""
        end = self.now + length
        while self.now < end:
            self.wakes += 1
            self.make_a_pass()
            pause = wake_at(self.desk(), self.now) - self.now
            self.now += min(max(pause, SHORTEST), LONGEST)

    def make_a_pass(self) -> None:
        desk = self.desk()
        while True:
            if batch := next_batch(desk, self.now):
                self.ask(batch)
                asked = {(batch.provider.id, batch.aspect, place.id) for place in batch.places}
                desk = replace(desk, done=desk.done | asked)
            elif until := held_up_until(desk, self.now):
                self.now = until
            else:
                return

    def ask(self, batch: Batch) -> None:
        provider, at = batch.provider, self.now
        units = provider.cost(batch.aspect) * len(batch.places)
        self.ledgers[provider.id] = self.ledgers[provider.id].charged(units, at)
        error = self.trouble(batch, at)
        self.now += self.takes
        ids = tuple(place.id for place in batch.places)
        self.asked.append(Asked(at, provider.id, batch.aspect, ids, units, error is None))
        if error is not None:
            self.ledgers[provider.id] = self.ledgers[provider.id].failed(error, self.now)
            return
        self.ledgers[provider.id] = self.ledgers[provider.id].succeeded(self.now, {})
        lasts = self.expires(batch)
        for name in ids:
            before = self.last.get((batch.aspect, name))
            if before is not None:
                waited = self.now - before.fetched_at
                self.longest_wait[batch.aspect] = max(self.longest_wait[batch.aspect], waited)
            self.last[batch.aspect, name] = Last(
                self.now, provider.id, self.now + lasts if lasts is not None else None
            )

    def most_units(self, provider: str, length: timedelta, since: datetime = MIDNIGHT) -> float:
        """The most spent in any one window of this length, counted from then on as providers do."""
        counted: defaultdict[int, float] = defaultdict(float)
        for asked in self.asked:
            if asked.provider == provider:
                counted[(asked.at - since) // length] += asked.units
        return max(counted.values(), default=0.0)

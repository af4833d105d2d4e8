"""The schedule played through days in seconds: real limits, costs and quotas; no network, no store."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from service.core.errors import UpstreamError
from service.places.model import Place
from service.weather.collect.intervals import RefreshGoals, RequestCost, plan_intervals
from service.weather.collect.schedule import (
    Batch,
    LastFetch,
    ScheduleState,
    minute_limit_until,
    next_batch,
    wake_at,
)
from service.weather.model import Dataset
from service.weather.provider import Provider
from service.weather.quota import ProviderQuota

START = datetime(2026, 11, 22, 3, 7, 13, tzinfo=UTC)
DEFAULTS = RefreshGoals(timedelta(minutes=15), timedelta(minutes=90), timedelta(hours=6))
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
    dataset: Dataset
    places: tuple[str, ...]
    units: float
    ok: bool


@dataclass
class World:
    """A collector's mind, a clock and the providers' moods."""

    places: Sequence[Place]
    used: frozenset[str]
    providers: Sequence[Provider]
    goals: RefreshGoals = DEFAULTS
    trouble: Trouble = lambda _batch, _now: None
    expires: Expires = lambda _batch: None
    takes: timedelta = timedelta(seconds=0.4)
    now: datetime = START
    last: dict[tuple[Dataset, str], LastFetch] = field(default_factory=dict)
    quotas: dict[str, ProviderQuota] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    wakes: int = 0
    longest_wait: dict[Dataset, timedelta] = field(
        default_factory=lambda: dict.fromkeys(Dataset, timedelta(0))
    )

    def __post_init__(self) -> None:
        for provider in self.providers:
            self.quotas.setdefault(provider.id, ProviderQuota())

    def state(self, *, forced: bool = False) -> ScheduleState:
        first = self.providers[0]
        cost = RequestCost.of(first)
        intervals = plan_intervals(self.goals, cost, len(self.used), len(self.places) - len(self.used))
        return ScheduleState(
            self.places, self.used, self.last, self.providers, self.quotas, intervals, forced
        )

    def run(self, length: timedelta) -> None:
        """Play that long, waking as the schedule says."""
        end = self.now + length
        while self.now < end:
            self.wakes += 1
            self.make_a_pass()
            pause = wake_at(self.state(), self.now) - self.now
            self.now += min(max(pause, SHORTEST), LONGEST)

    def make_a_pass(self) -> None:
        state = self.state()
        while True:
            if batch := next_batch(state, self.now):
                self.ask(batch)
                asked = {(batch.provider.id, batch.dataset, place.id) for place in batch.places}
                state = replace(state, requested=state.requested | asked)
            elif until := minute_limit_until(state, self.now):
                self.now = until
            else:
                return

    def ask(self, batch: Batch) -> None:
        provider, at = batch.provider, self.now
        units = provider.cost(batch.dataset) * len(batch.places)
        self.quotas[provider.id] = self.quotas[provider.id].spend(units, at)
        error = self.trouble(batch, at)
        self.now += self.takes
        ids = tuple(place.id for place in batch.places)
        self.asked.append(Asked(at, provider.id, batch.dataset, ids, units, error is None))
        if error is not None:
            self.quotas[provider.id] = self.quotas[provider.id].failed(error, self.now)
            return
        self.quotas[provider.id] = self.quotas[provider.id].succeeded(self.now, {})
        lasts = self.expires(batch)
        for name in ids:
            before = self.last.get((batch.dataset, name))
            if before is not None:
                waited = self.now - before.fetched_at
                self.longest_wait[batch.dataset] = max(self.longest_wait[batch.dataset], waited)
            self.last[batch.dataset, name] = LastFetch(
                self.now, provider.id, self.now + lasts if lasts is not None else None
            )

    def most_units(self, provider: str, length: timedelta, since: datetime = MIDNIGHT) -> float:
        """The most spent in any one window of this length, counted from then on as providers do."""
        counted: defaultdict[int, float] = defaultdict(float)
        for asked in self.asked:
            if asked.provider == provider:
                counted[(asked.at - since) // length] += asked.units
        return max(counted.values(), default=0.0)

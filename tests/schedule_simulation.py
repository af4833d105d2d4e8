"""The schedule played through days in seconds: real limits, costs and quotas; no network, no store."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from service.core.errors import UpstreamError
from service.places.model import Place
from service.weather import records
from service.weather.collect.intervals import RefreshGoals, RequestCost, plan_intervals
from service.weather.collect.schedule import (
    Batch,
    LastFetch,
    ScheduleState,
    answers_both,
    minute_limit_until,
    next_batch,
    wake_at,
)
from service.weather.model import Current, Dataset, StoredWeather
from service.weather.provider import Provider
from service.weather.quota import ProviderQuota, skip_until

START = datetime(2026, 11, 22, 3, 7, 13, tzinfo=UTC)
DEFAULTS = RefreshGoals(timedelta(minutes=15), timedelta(minutes=90), timedelta(hours=6))
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(hours=1)

Trouble = Callable[[Batch, datetime], UpstreamError | None]
Lacks = Callable[[Batch, Place, datetime], bool]
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
    """A collector's mind, a clock and the providers' moods.

    `lacks`: a response that has no temperature for a place. `worst_age`: the greatest age of current values
    since all places have some. `split`: how long current values and hours were of two providers after a pass.
    `too_early`: requests before the last response to the same one had expired, or a day had passed.
    """

    places: Sequence[Place]
    used: frozenset[str]
    providers: Sequence[Provider]
    goals: RefreshGoals = DEFAULTS
    trouble: Trouble = lambda _batch, _now: None
    lacks: Lacks = lambda _batch, _place, _now: False
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
    worst_age: timedelta = timedelta(0)
    split: timedelta = timedelta(0)
    too_early: list[Asked] = field(default_factory=list)
    promised: dict[tuple[str, Dataset, str], datetime] = field(default_factory=dict)

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
            pause = min(max(wake_at(self.state(), self.now) - self.now, SHORTEST), LONGEST)
            if any(self.is_split(place) for place in self.places):
                self.split += pause
            self.now += pause
            self.note_age()

    def is_split(self, place: Place) -> bool:
        current, hourly = (self.last.get((dataset, place.id)) for dataset in Dataset)
        return current is not None and hourly is not None and current.provider_id != hourly.provider_id

    def note_age(self) -> None:
        ages = [
            self.now - last.fetched_at
            for (dataset, _), last in self.last.items()
            if dataset is Dataset.CURRENT
        ]
        if len(ages) == len(self.places):
            self.worst_age = max(self.worst_age, *ages)

    def make_a_pass(self) -> None:
        state = self.state()
        while True:
            if batch := next_batch(state, self.now):
                answered = self.ask(batch)
                state = state.after(batch, self.datasets_of(batch), answered)
            elif until := minute_limit_until(state, self.now):
                self.now = until
            else:
                return

    def ask(self, batch: Batch) -> set[tuple[Dataset, str]]:
        provider, at = batch.provider, self.now
        units = provider.cost(batch.dataset) * len(batch.places)
        self.quotas[provider.id] = self.quotas[provider.id].spend(units, at)
        error = self.trouble(batch, at)
        self.now += self.takes
        ids = tuple(place.id for place in batch.places)
        asked = Asked(at, provider.id, batch.dataset, ids, units, error is None)
        self.asked.append(asked)
        if any(at < self.promised.get((provider.id, batch.dataset, name), START) for name in ids):
            self.too_early.append(asked)
        if error is not None:
            self.quotas[provider.id] = self.quotas[provider.id].failed(error, self.now)
            return set()
        lasts = self.expires(batch)
        not_before = self.now + min(lasts, DAY) if lasts is not None else None
        answered = [place.id for place in batch.places if not self.lacks(batch, place, at)]
        quota = self.quotas[provider.id]
        quota = quota.succeeded(self.now) if answered else quota.failed_for_places(self.now)
        until = max(skip_until(self.now, self.goals.short_rest), not_before or self.now)
        lacking = dict.fromkeys(set(ids) - set(answered), until)
        for dataset in self.datasets_of(batch):
            quota = quota.answering(answered, dataset).skipping(lacking, dataset, self.now)
            self.promised |= {(provider.id, dataset, name): not_before for name in ids if not_before}
            for name in answered:
                self.store(dataset, name, provider.id, not_before)
        self.quotas[provider.id] = quota
        return {(dataset, name) for dataset in self.datasets_of(batch) for name in answered}

    def store(self, dataset: Dataset, name: str, provider: str, not_before: datetime | None) -> None:
        before = self.last.get((dataset, name))
        if before is None:
            self.last[dataset, name] = LastFetch(self.now, provider, not_before)
            return
        self.longest_wait[dataset] = max(self.longest_wait[dataset], self.now - before.fetched_at)
        self.last[dataset, name] = before.replaced(self.now, provider, not_before)

    def datasets_of(self, batch: Batch) -> tuple[Dataset, ...]:
        return tuple(Dataset) if answers_both(batch.provider, batch.places[0]) else (batch.dataset,)

    def restart(self) -> None:
        """Read what was kept, and nothing else."""
        self.quotas = {
            name: records.quota_from_bytes(records.quota_to_bytes(quota))
            for name, quota in self.quotas.items()
        }
        self.last = {key: _kept(last) for key, last in self.last.items()}

    def most_units(self, provider: str, length: timedelta, since: datetime = MIDNIGHT) -> float:
        """The most spent in any one window of this length, counted from then on as providers do."""
        counted: defaultdict[int, float] = defaultdict(float)
        for asked in self.asked:
            if asked.provider == provider:
                counted[(asked.at - since) // length] += asked.units
        return max(counted.values(), default=0.0)


def _kept(last: LastFetch) -> LastFetch:
    stored = StoredWeather(
        Current(None), last.provider_id, None, last.fetched_at, last.not_before, last.others_not_before
    )
    read = records.current_from_bytes(records.current_to_bytes(stored))
    assert read is not None
    return LastFetch(read.fetched_at, read.provider_id, read.not_before, read.others_not_before)

"""The intervals between fetches: the configured goals, stretched to what the budget allows. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Self

from service.settings.model import WeatherSettings
from service.weather.model import Dataset
from service.weather.provider import Provider

_DAY = timedelta(days=1)
_BUDGET_SHARE = 0.75  # 8,000 of 10,000 units is the promise; days differ, and failures and restarts cost too
_IDLE_SHARE = 0.98  # of half of stale_after: fetching takes time, too
_HOURLY_SHARE = 0.75  # of hide_after: the rest is for retries before the hours are hidden
_MAX_HOURLY = timedelta(hours=6)
_JITTER = 0.05  # every interval is shortened by up to this share of itself
_BEFORE_THE_HOUR = timedelta(seconds=90)
_TOO_SHORT_TO_SHIFT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RefreshGoals:
    """The goals of the configuration."""

    refresh: timedelta
    stale_after: timedelta
    hide_after: timedelta

    @property
    def patience(self) -> timedelta:
        """The age of data up to which a provider is waited for rather than the next one requested."""
        return self.stale_after / 2

    @property
    def short_rest(self) -> timedelta:
        """The longest rest of a provider whose data may be needed: with `patience`, it is not stale yet."""
        return self.stale_after / 3

    @classmethod
    def from_settings(cls, settings: WeatherSettings) -> Self:
        return cls(settings.refresh, settings.stale_after, settings.hide_after)


@dataclass(frozen=True, slots=True)
class RequestCost:
    """The units that one place costs, and the budget of a day (None: the provider does not count)."""

    current: float
    hourly: float
    daily_budget: float | None

    @classmethod
    def of(cls, provider: Provider) -> Self:
        return cls(
            provider.cost(Dataset.CURRENT), provider.cost(Dataset.HOURLY), provider.limits.daily_budget
        )


@dataclass(frozen=True, slots=True)
class Intervals:
    """The intervals between two fetches.

    Attributes:
        in_use: of the current values of places in use.
        idle: of the current values of all other places.
        hourly: of the hourly forecast of every place.
        patience, short_rest: those of the goals.
    """

    in_use: timedelta
    idle: timedelta
    hourly: timedelta
    patience: timedelta
    short_rest: timedelta

    def interval(self, dataset: Dataset, *, in_use: bool) -> timedelta:
        """Return the interval for a dataset of a place."""
        if dataset is Dataset.HOURLY:
            return self.hourly
        return self.in_use if in_use else self.idle


def plan_intervals(goals: RefreshGoals, cost: RequestCost, in_use: int, idle: int) -> Intervals:
    """Return the intervals for so many places in use and so many idle ones.

    Places in use are stretched first, up to the interval of the idle ones; where even that exceeds the
    budget, everything is stretched alike.
    """
    longest = goals.stale_after / 2 * _IDLE_SHARE
    wanted = Intervals(
        in_use=min(goals.refresh, longest),
        idle=longest,
        hourly=min(goals.hide_after * _HOURLY_SHARE, _MAX_HOURLY),
        patience=goals.patience,
        short_rest=goals.short_rest,
    )
    if cost.daily_budget is None:
        return wanted
    budget = cost.daily_budget * _BUDGET_SHARE
    fixed = _per_day(idle, wanted.idle, cost.current) + _per_day(in_use + idle, wanted.hourly, cost.hourly)
    if fixed + _per_day(in_use, wanted.in_use, cost.current) <= budget:
        return wanted
    if fixed + _per_day(in_use, longest, cost.current) <= budget:
        return replace(wanted, in_use=_DAY * (in_use * cost.current * _mean_speedup() / (budget - fixed)))
    factor = (fixed + _per_day(in_use, longest, cost.current)) / budget
    return replace(wanted, in_use=longest * factor, idle=longest * factor, hourly=wanted.hourly * factor)


def units_per_day(intervals: Intervals, cost: RequestCost, in_use: int, idle: int) -> float:
    """Return the units that these intervals cost in a day without failures."""
    return (
        _per_day(in_use, intervals.in_use, cost.current)
        + _per_day(idle, intervals.idle, cost.current)
        + _per_day(in_use + idle, intervals.hourly, cost.hourly)
    )


@lru_cache(4096)  # the places of a batch share their time, and every pass asks again
def due_at(fetched_at: datetime, interval: timedelta) -> datetime:
    """Return when something that was fetched at this time is due: a little early, and never on the hour.

    Requests are spread by a pseudo-random fraction of the interval, drawn from the time of fetching, so that
    a batch stays together. Full hours are avoided since many other clients send their requests then.
    """
    due = fetched_at + interval * (1 - _JITTER * random_fraction(fetched_at))
    if due.minute == 0 and interval > _TOO_SHORT_TO_SHIFT:
        due -= _BEFORE_THE_HOUR
    return due


def random_fraction(seed: datetime) -> float:
    """Return a pseudo-random number from 0 to 1, the same for the same time."""
    return int.from_bytes(blake2b(seed.isoformat().encode(), digest_size=4).digest()) / 0xFFFFFFFF


def _per_day(places: int, interval: timedelta, cost: float) -> float:
    return places * cost * (_DAY / interval) * _mean_speedup()


def _mean_speedup() -> float:
    return 1 / (1 - _JITTER / 2)

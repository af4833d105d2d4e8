"""How often each thing is asked for: what the goals say, stretched to what the budget allows. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

from service.weather.model import Dataset

_DAY = timedelta(days=1)
_BUDGET_SHARE = 0.75  # 8,000 of 10,000 units is the promise; days differ, and failures and restarts cost too
_IDLE_SHARE = 0.98  # of half of stale_after: the answer itself takes time
_OUTLOOK_SHARE = 0.75  # of hide_after: the rest is for trying again before the hours are hidden
_LONGEST_OUTLOOK = timedelta(hours=6)
_JITTER = 0.05  # every interval is shortened by up to this share of itself
_ON_THE_HOUR = timedelta(seconds=90)
_TOO_SHORT_TO_SHIFT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RefreshGoals:
    """What the configuration asks for."""

    refresh: timedelta
    stale_after: timedelta
    hide_after: timedelta


@dataclass(frozen=True, slots=True)
class RequestCost:
    """Units of the preferred provider: for one place, and the budget of a day (None: it counts nothing)."""

    current: float
    hourly: float
    daily_budget: float | None


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals between two answers.

    Attributes:
        used: current values of places in use.
        idle: current values of the others.
        hourly: hours and sun of every place.
    """

    used: timedelta
    idle: timedelta
    hourly: timedelta

    def interval(self, dataset: Dataset, *, used: bool) -> timedelta:
        """The interval for one dataset of one place."""
        if dataset is Dataset.HOURLY:
            return self.hourly
        return self.used if used else self.idle


def pace(goals: RefreshGoals, costs: RequestCost, used: int, idle: int) -> Intervals:
    """The intervals for so many places in use and idle.

    Places in use are stretched first, up to the interval of the idle ones; where even that is more than
    the budget, everything is stretched alike.
    """
    slowest = goals.stale_after / 2 * _IDLE_SHARE
    wished = Intervals(
        used=min(goals.refresh, slowest),
        idle=slowest,
        hourly=min(goals.hide_after * _OUTLOOK_SHARE, _LONGEST_OUTLOOK),
    )
    if costs.daily_budget is None:
        return wished
    budget = costs.daily_budget * _BUDGET_SHARE
    fixed = _per_day(idle, wished.idle, costs.current) + _per_day(used + idle, wished.hourly, costs.hourly)
    if fixed + _per_day(used, wished.used, costs.current) <= budget:
        return wished
    if fixed + _per_day(used, slowest, costs.current) <= budget:
        return replace(wished, used=_DAY * (used * costs.current * _mean_haste() / (budget - fixed)))
    over = (fixed + _per_day(used, slowest, costs.current)) / budget
    return Intervals(slowest * over, slowest * over, wished.hourly * over)


def units_per_day(pace: Intervals, costs: RequestCost, used: int, idle: int) -> float:
    """What this pace costs in a day without failures."""
    return (
        _per_day(used, pace.used, costs.current)
        + _per_day(idle, pace.idle, costs.current)
        + _per_day(used + idle, pace.hourly, costs.hourly)
    )


@lru_cache(4096)  # a batch shares its moment, and every pass asks again
def due_at(fetched_at: datetime, interval: timedelta) -> datetime:
    """When something fetched then is due again: a little early, by chance, and never on the hour.

    The chance is drawn from the moment of fetching, so that what was fetched in one batch stays in one.
    """
    due = fetched_at + interval * (1 - _JITTER * chance(fetched_at))
    if due.minute == 0 and interval > _TOO_SHORT_TO_SHIFT:
        due -= _ON_THE_HOUR
    return due


def chance(moment: datetime) -> float:
    """A number from 0 to 1 that looks random and is the same for the same moment."""
    return int.from_bytes(blake2b(moment.isoformat().encode(), digest_size=4).digest()) / 0xFFFFFFFF


def _per_day(places: int, interval: timedelta, cost: float) -> float:
    return places * cost * (_DAY / interval) * _mean_haste()


def _mean_haste() -> float:
    return 1 / (1 - _JITTER / 2)

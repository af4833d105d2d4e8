"""Until when an answer is true, and what caches in front of us may do with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.core.freshness import State
from service.weather.forecast import Forecast

_SOON = timedelta(seconds=60)
_UNTIL_HOURS = timedelta(seconds=5)
_WHILE_REVALIDATING = timedelta(seconds=60)
UNAVAILABLE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """What the headers of one answer say.

    Attributes:
        max_age: None: nobody may keep it.
        stale: how long it may be used beyond max_age, at the most; none of it past `hide_after`.
        renewing: how much of that it may be used while the next one is being made.
        retry_after: when to ask again, for what is not available.
        modified: the newest moment in the answer's data.
    """

    max_age: timedelta | None
    stale: timedelta = timedelta(0)
    renewing: timedelta = _WHILE_REVALIDATING
    retry_after: timedelta | None = None
    modified: datetime | None = None

    @property
    def bridges(self) -> timedelta:
        """How long the answer may stand in while the next one is being made."""
        return min(self.stale, self.renewing)

    def cache_control(self) -> str:
        """The header."""
        if self.max_age is None:
            return "no-store"
        parts = ["public", f"max-age={_seconds(self.max_age)}"]
        if _seconds(self.bridges) > 0:
            parts.append(f"stale-while-revalidate={_seconds(self.bridges)}")
        if _seconds(self.stale) > 0:
            parts.append(f"stale-if-error={_seconds(self.stale)}")
        return ", ".join(parts)


NO_STORE = CachePolicy(None)
NOT_NOW = CachePolicy(None, retry_after=UNAVAILABLE)


def for_long(length: timedelta) -> CachePolicy:
    """For what changes with a release or a configuration only."""
    return CachePolicy(length, stale=length)


def of_forecast(forecast: Forecast, now: datetime, refresh: timedelta) -> CachePolicy:
    """Until the next refresh or change of state, whichever comes first.

    The current values of a place come seconds before its first hours. What is told in between ends as soon,
    and nobody is to be given it while the next answer is being made.
    """
    if forecast.fetched_at is None:
        return NOT_NOW
    if forecast.state is State.UNAVAILABLE or forecast.valid_until is None:
        return CachePolicy(UNAVAILABLE, retry_after=UNAVAILABLE, modified=forecast.fetched_at)
    ends = forecast.valid_until - now
    max_age = max(min(ends, _until_refresh(forecast.fetched_at, now, refresh)), timedelta(0))
    if forecast.hourly_missing:
        max_age = min(max_age, _UNTIL_HOURS)
    hidden = (forecast.hide_at or now) - now
    return CachePolicy(
        max_age,
        stale=max(hidden - max_age, timedelta(0)),
        renewing=timedelta(0) if forecast.hourly_missing else _WHILE_REVALIDATING,
        modified=forecast.fetched_at,
    )


def _until_refresh(fetched_at: datetime, now: datetime, refresh: timedelta) -> timedelta:
    """Until newer data is expected; where it is overdue, a minute at the most."""
    ahead = fetched_at + refresh - now
    if ahead > timedelta(0):
        return min(ahead, refresh)  # the clock may have been set back since
    return min(refresh, _SOON)


def of_all(validities: Iterable[CachePolicy]) -> CachePolicy:
    """An answer made of several parts is as true as the one that ends first."""
    every = list(validities)
    retry = [part.retry_after for part in every if part.retry_after is not None]
    ages = [part.max_age for part in every if part.max_age is not None]
    modified = [part.modified for part in every if part.modified is not None]
    return CachePolicy(
        min(ages) if len(ages) == len(every) else None,
        stale=min(part.stale for part in every),
        renewing=min(part.renewing for part in every),
        retry_after=min(retry, default=None),
        modified=max(modified, default=None),
    )


def _seconds(length: timedelta) -> int:
    """Whole seconds, rounded down, so that no answer is called true a moment too long."""
    return int(length.total_seconds())

"""How long each response stays true, and what caches in front of the service may do with it.

Every `max-age` of the service is a constant of this file, but for responses made of data: these stay true
until the data are fetched again or change their state (`until_next_forecast`, `until_next_articles`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from service.core.freshness import State

_SOON = timedelta(seconds=60)
_RETRY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """The caching headers of one response.

    Attributes:
        max_age: None: no-store.
        stale: how long it may be used beyond `max_age`, at most.
        renewing: how much of that it may be used while the next one is being made.
        retry_after: when to ask again, for what is not available.
        modified: the newest moment in the response's data.
        immutable: what the URL names never changes.
        in_memory: how long this process keeps it, where that is less than `max_age`.
    """

    max_age: timedelta | None
    stale: timedelta = timedelta(0)
    renewing: timedelta = _SOON
    retry_after: timedelta | None = None
    modified: datetime | None = None
    immutable: bool = False
    in_memory: timedelta | None = None

    @property
    def stale_while_revalidate(self) -> timedelta:
        """How long the response may stand in while the next one is being made."""
        return min(self.stale, self.renewing)

    def cache_control(self) -> str:
        """Return the header's value. Seconds are rounded down: never true a moment too long."""
        if self.max_age is None:
            return "no-store"
        parts = ["public", f"max-age={int(self.max_age.total_seconds())}"]
        if self.immutable:
            parts.append("immutable")
        if seconds := int(self.stale_while_revalidate.total_seconds()):
            parts.append(f"stale-while-revalidate={seconds}")
        if seconds := int(self.stale.total_seconds()):
            parts.append(f"stale-if-error={seconds}")
        return ", ".join(parts)


def _unchanging(length: timedelta) -> CachePolicy:
    """For what changes with a release or a configuration only."""
    return CachePolicy(length, stale=length)


NO_STORE = CachePolicy(None)
UNAVAILABLE = CachePolicy(None, retry_after=_RETRY)
SHORT = CachePolicy(timedelta(seconds=60))  # failures that are not ours, redirects, oEmbed
START_PAGE = _unchanging(timedelta(minutes=5))
ARTICLE_PAGE = CachePolicy(timedelta(minutes=5), stale=timedelta(hours=1))
PLACES = _unchanging(timedelta(hours=1))
EMBED_SCRIPT = _unchanging(timedelta(hours=1))
SITE_FILES = _unchanging(timedelta(days=1))  # robots.txt, favicon.ico
IMAGE = CachePolicy(timedelta(days=365), immutable=True, in_memory=timedelta(seconds=60))
_BEFORE_HOURS = timedelta(seconds=5)  # the current values of a new place come before its hours


class Aged(Protocol):
    """Data of a state that ages: a source's articles, or the base of a forecast."""

    @property
    def state(self) -> State: ...
    @property
    def fetched_at(self) -> datetime | None: ...


class AgedForecast(Aged, Protocol):
    """A place's forecast: when its state ends by the clock, when its numbers must not be shown any more."""

    @property
    def valid_until(self) -> datetime | None: ...
    @property
    def hide_at(self) -> datetime | None: ...
    @property
    def hourly_missing(self) -> bool: ...


def until_next_forecast(forecast: AgedForecast, now: datetime, refresh: timedelta) -> CachePolicy:
    """Return the policy of a response made of one place's forecast.

    It is true until the next refresh or change of state. While the hours are awaited it is true for seconds,
    and nobody is given it while the next response is being made.
    """
    if forecast.fetched_at is None:
        return UNAVAILABLE
    if forecast.state is State.UNAVAILABLE or forecast.valid_until is None:
        return CachePolicy(_RETRY, retry_after=_RETRY, modified=forecast.fetched_at)
    left = min(forecast.valid_until - now, _until_refresh(forecast.fetched_at, now, refresh))
    max_age = max(left, timedelta(0))
    if forecast.hourly_missing:
        max_age = min(max_age, _BEFORE_HOURS)
    return CachePolicy(
        max_age,
        stale=max((forecast.hide_at or now) - now - max_age, timedelta(0)),
        renewing=timedelta(0) if forecast.hourly_missing else _SOON,
        modified=forecast.fetched_at,
    )


def until_next_articles(
    sources: Sequence[Aged],
    now: datetime,
    refresh: timedelta,
    stale_after: timedelta,
    modified: datetime | None = None,
) -> CachePolicy:
    """Return the policy of a response made of these sources' articles.

    It is true until the first source is asked again or changes its state. An outage may be bridged as long
    as a silent source counts as fresh: old articles stay true, and say their dates.
    """
    if not sources:
        return SHORT
    if all(source.fetched_at is None for source in sources):
        return UNAVAILABLE
    ends = []
    for source in sources:
        left = _until_refresh(source.fetched_at, now, refresh)
        if source.fetched_at is not None and source.state is State.FRESH:
            left = min(left, source.fetched_at + stale_after - now)
        ends.append(max(left, timedelta(0)))
    return CachePolicy(min(ends), stale=stale_after, modified=modified)


def shortest(policies: Iterable[CachePolicy]) -> CachePolicy:
    """Return the policy of a response made of several parts: the strictest of each rule."""
    every = list(policies)
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


def _until_refresh(fetched_at: datetime | None, now: datetime, refresh: timedelta) -> timedelta:
    """Return the time until newer data are expected; where they are overdue, a minute at most."""
    ahead = fetched_at + refresh - now if fetched_at else timedelta(0)
    if ahead > timedelta(0):
        return min(ahead, refresh)  # the clock may have been set back since
    return min(refresh, _SOON)

"""How long a response may be cached, by this process and by caches in front of it.

Every `max-age` of the service is a constant in this file, except for responses made from stored data: they
are valid until the data are fetched again or change their state (`until_next_forecast`,
`until_next_articles`).
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
        max_age: None means no-store.
        stale: how long the response may be used beyond `max_age` while requests fail.
        renewing: how much of `stale` applies while the next response is being made.
        retry_after: when to repeat the request, for data that are not available yet.
        modified: the newest time in the response's data.
        immutable: the content of this URL never changes.
        in_memory: how long this process stores the response, where that is less than `max_age`.
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
        """Return how long the stale response may be served while the next one is being made."""
        return min(self.stale, self.renewing)

    def cache_control(self) -> str:
        """Return the header's value; seconds are rounded down."""
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


def _static(max_age: timedelta) -> CachePolicy:
    """Return the policy of responses that change only with a release or the configuration."""
    return CachePolicy(max_age, stale=max_age)


NO_STORE = CachePolicy(None)
UNAVAILABLE = CachePolicy(None, retry_after=_RETRY)
BUSY = CachePolicy(None, retry_after=timedelta(seconds=1))
TOO_MANY = CachePolicy(None, retry_after=timedelta(seconds=2))  # about what a full queue takes
SHORT = CachePolicy(timedelta(seconds=60))  # client errors, redirects, oEmbed
START_PAGE = _static(timedelta(minutes=5))
ARTICLE_PAGE = CachePolicy(timedelta(minutes=5), stale=timedelta(hours=1))
PLACES = _static(timedelta(hours=1))
EMBED_SCRIPT = _static(timedelta(hours=1))
SITE_FILES = _static(timedelta(days=1))  # robots.txt, favicon.ico
IMAGE = CachePolicy(timedelta(days=365), immutable=True, in_memory=timedelta(seconds=60))
_HOURLY_MISSING = timedelta(seconds=5)  # for a new place the hourly forecast follows the current values


class FetchedData(Protocol):
    """Data whose state depends on their age: the articles of a source, or a forecast."""

    @property
    def state(self) -> State: ...
    @property
    def fetched_at(self) -> datetime | None: ...


class FetchedForecast(FetchedData, Protocol):
    """The forecast of a place: its state ends at `valid_until`; from `hide_at` on its values are hidden."""

    @property
    def valid_until(self) -> datetime | None: ...
    @property
    def hide_at(self) -> datetime | None: ...
    @property
    def hourly_missing(self) -> bool: ...


def until_next_forecast(forecast: FetchedForecast, now: datetime, refresh: timedelta) -> CachePolicy:
    """Return the policy of a response made from one place's forecast.

    It is valid until the next refresh or change of state. While the hourly forecast is missing it is valid
    for seconds, and not served while the next response is being made.
    """
    if forecast.fetched_at is None:
        return UNAVAILABLE
    if forecast.state is State.UNAVAILABLE or forecast.valid_until is None:
        return CachePolicy(_RETRY, retry_after=_RETRY, modified=forecast.fetched_at)
    left = min(forecast.valid_until - now, _until_refresh(forecast.fetched_at, now, refresh))
    max_age = max(left, timedelta(0))
    if forecast.hourly_missing:
        max_age = min(max_age, _HOURLY_MISSING)
    return CachePolicy(
        max_age,
        stale=max((forecast.hide_at or now) - now - max_age, timedelta(0)),
        renewing=timedelta(0) if forecast.hourly_missing else _SOON,
        modified=forecast.fetched_at,
    )


def until_next_articles(
    sources: Sequence[FetchedData],
    now: datetime,
    refresh: timedelta,
    stale_after: timedelta,
    modified: datetime | None = None,
) -> CachePolicy:
    """Return the policy of a response made from these sources' articles.

    It is valid until the first source is fetched again or changes its state. During an outage it may be used
    for as long as a source counts as fresh: old articles remain correct, and have their dates.
    """
    if not sources:
        return SHORT
    if all(source.fetched_at is None for source in sources):
        return UNAVAILABLE
    max_ages = []
    for source in sources:
        left = _until_refresh(source.fetched_at, now, refresh)
        if source.fetched_at is not None and source.state is State.FRESH:
            left = min(left, source.fetched_at + stale_after - now)
        max_ages.append(max(left, timedelta(0)))
    return CachePolicy(min(max_ages), stale=stale_after, modified=modified)


def shortest(policies: Iterable[CachePolicy]) -> CachePolicy:
    """Return the policy of a response made from several parts: the strictest of each rule."""
    parts = list(policies)
    retry = [part.retry_after for part in parts if part.retry_after is not None]
    ages = [part.max_age for part in parts if part.max_age is not None]
    modified = [part.modified for part in parts if part.modified is not None]
    return CachePolicy(
        min(ages) if len(ages) == len(parts) else None,
        stale=min(part.stale for part in parts),
        renewing=min(part.renewing for part in parts),
        retry_after=min(retry, default=None),
        modified=max(modified, default=None),
    )


def _until_refresh(fetched_at: datetime | None, now: datetime, refresh: timedelta) -> timedelta:
    """Return the time until newer data are expected; if they are overdue, a minute at most."""
    left = fetched_at + refresh - now if fetched_at else timedelta(0)
    if left > timedelta(0):
        return min(left, refresh)  # the clock may have been set back since
    return min(refresh, _SOON)

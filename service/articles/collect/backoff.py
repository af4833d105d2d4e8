"""When a source is fetched again: never sooner than it wishes, later each time it fails. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from service.articles.model import SourceState
from service.core.errors import UpstreamError

_MAX_RETRY_AFTER = timedelta(days=1)
_MAX_BACKOFF = timedelta(hours=3)  # unless the configured interval is longer
_MIN_PAUSE = 0.5  # of an interval, after a response that took most of it
_JITTER = 0.1  # every interval is lengthened by up to this share of itself
_MAX_WISH = timedelta(hours=6)  # a `ttl` of a week is a source's mistake, not its wish


def after_response(  # noqa: PLR0913 - each is one of the things that decide
    state: SourceState,
    *,
    refresh: timedelta,
    wish: timedelta | None,
    fresh_until: datetime | None,
    validators: Mapping[str, str],
    requested: datetime,
    now: datetime,
) -> SourceState:
    """Return the state after a usable response, a 304 included.

    Args:
        state: before it.
        refresh: the configured interval.
        wish: the interval that the listing itself wishes for (`ttl`).
        fresh_until: what the headers of the response say.
        validators: make the next request conditional.
        requested: when the request was sent; the interval begins then, so that a slow response does not
            lengthen it.
        now: our clock.
    """
    interval = max(refresh, min(wish or refresh, _MAX_WISH))
    due = max(requested + _with_jitter(interval, now), now + interval * _MIN_PAUSE)
    if fresh_until is not None:
        due = max(due, min(fresh_until, now + _MAX_WISH))
    return replace(state, fetched_at=now, cause=None, failures=0, due=due, validators=dict(validators))


def after_failure(
    state: SourceState, error: UpstreamError, *, refresh: timedelta, now: datetime
) -> SourceState:
    """Return the state after a failure: the interval doubles, up to three hours or the source's own wish."""
    failures = state.failures + 1
    delay = min(refresh * (1 << min(failures - 1, 10)), max(_MAX_BACKOFF, refresh))
    delay = max(_with_jitter(delay, now), min(error.retry_after or timedelta(0), _MAX_RETRY_AFTER))
    return replace(state, cause=error.cause, failures=failures, due=now + delay)


def with_trouble(state: SourceState, error: UpstreamError) -> SourceState:
    """Return the state of a source whose listing is in order, but one of its documents is not."""
    return replace(state, cause=error.cause)


def is_due(state: SourceState, now: datetime) -> bool:
    """Return whether to fetch now; a time impossibly far ahead is that of a clock that was set back."""
    return state.due is None or state.due <= now or state.due > now + 2 * _MAX_RETRY_AFTER


def _with_jitter(interval: timedelta, now: datetime) -> timedelta:
    # Pseudo-random, so that sources do not come together, but the same for the same time.
    fraction = int.from_bytes(blake2b(now.isoformat().encode(), digest_size=4).digest()) / 0xFFFFFFFF
    return interval * (1 + _JITTER * fraction)

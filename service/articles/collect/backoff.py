"""When a source is asked again: never sooner than it wishes, later each time it fails. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from service.articles.model import SourceState
from service.core.errors import UpstreamError
from service.core.jitter import random_fraction

_LONGEST = timedelta(days=1)
_LONGEST_AFTER_FAILURE = timedelta(hours=3)
_LEAST_REST = 0.5  # of an interval, behind an answer that took most of it
_JITTER = 0.1  # every interval is lengthened by up to this share of itself
_BOUNDED_WISH = timedelta(hours=6)  # a `ttl` of a week is a portal's mistake, not its wish


def after_answer(  # noqa: PLR0913 - each is one of the things that decide
    state: SourceState,
    *,
    refresh: timedelta,
    wish: timedelta | None,
    good_until: datetime | None,
    validators: Mapping[str, str],
    asked: datetime,
    now: datetime,
) -> SourceState:
    """The state after an answer that could be used, a 304 included.

    `wish` is the listing's own `ttl`, `good_until` what its headers say, `validators` what makes the next
    request conditional. Intervals count from when it was asked, so that a slow answer does not lengthen them.
    """
    interval = max(refresh, min(wish or refresh, _BOUNDED_WISH))
    due = max(asked + _with_jitter(interval, now), now + interval * _LEAST_REST)
    if good_until is not None:
        due = max(due, min(good_until, now + _BOUNDED_WISH))
    return replace(state, fetched_at=now, cause=None, failures=0, due=due, validators=dict(validators))


def after_failure(
    state: SourceState, error: UpstreamError, *, refresh: timedelta, now: datetime
) -> SourceState:
    """The state after a failure: what was kept stays, and the next try is later each time."""
    failures = state.failures + 1
    rest = min(refresh * (1 << min(failures - 1, 10)), max(_LONGEST_AFTER_FAILURE, refresh))
    rest = max(_with_jitter(rest, now), min(error.retry_after or timedelta(0), _LONGEST))
    return replace(state, cause=error.cause, failures=failures, due=now + rest)


def with_trouble(state: SourceState, error: UpstreamError) -> SourceState:
    """The state of a source whose listing is in order and one of whose documents was given up."""
    return replace(state, cause=error.cause)


def is_due(state: SourceState, now: datetime) -> bool:
    """Whether to ask now; a time that lies impossibly far ahead is that of a clock that was set back."""
    return state.due is None or state.due <= now or state.due > now + _LONGEST + _LONGEST


def _with_jitter(interval: timedelta, now: datetime) -> timedelta:
    return interval * (1 + _JITTER * random_fraction(now))

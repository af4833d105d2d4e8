"""The age limits of data: one pure function, with the clock passed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Whether data is shown, shown with its age, or not shown; the values are the public JSON's `state`."""

    FRESH = "fresh"
    STALE = "stale"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class AgeLimits:
    """Ages, counted from `fetched_at`, from which data is stale and from which it is hidden."""

    stale_after: timedelta
    hide_after: timedelta


@dataclass(frozen=True, slots=True)
class Freshness:
    """A state, and the moment when age alone ends it; None where it never does."""

    state: State
    until: datetime | None


def judge(fetched_at: datetime | None, now: datetime, limits: AgeLimits) -> Freshness:
    """Return the state at `now` of data fetched at `fetched_at` (None: nothing was ever fetched).

    Data from the future, as after the clock was set back, is fresh.
    """
    if fetched_at is None:
        return Freshness(State.UNAVAILABLE, None)
    stale_at, hidden_at = fetched_at + limits.stale_after, fetched_at + limits.hide_after
    if now < min(stale_at, hidden_at):
        return Freshness(State.FRESH, min(stale_at, hidden_at))
    if now < hidden_at:
        return Freshness(State.STALE, hidden_at)
    return Freshness(State.UNAVAILABLE, None)

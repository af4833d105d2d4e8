"""How old is too old: one pure judgement, with the clock passed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """The rungs of the ladder; the values are the public JSON's `state`."""

    FRESH = "fresh"
    STALE = "stale"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class AgeLimits:
    """Ages, counted from `fetched_at`, at which data stops being fresh and stops being shown."""

    stale_after: timedelta
    hide_after: timedelta


@dataclass(frozen=True, slots=True)
class Freshness:
    """A state, and the moment it ends by age alone (None: it does not)."""

    state: State
    until: datetime | None


def judge(fetched_at: datetime | None, now: datetime, ladder: AgeLimits) -> Freshness:
    """The state at `now` of data fetched at `fetched_at` (None: nothing was ever fetched).

    Data from the future, as after a clock that was set back, is as young as data can be.
    """
    if fetched_at is None:
        return Freshness(State.UNAVAILABLE, None)
    stale_at, hidden_at = fetched_at + ladder.stale_after, fetched_at + ladder.hide_after
    if now < min(stale_at, hidden_at):
        return Freshness(State.FRESH, min(stale_at, hidden_at))
    if now < hidden_at:
        return Freshness(State.STALE, hidden_at)
    return Freshness(State.UNAVAILABLE, None)

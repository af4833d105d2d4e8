"""Tells in the log when what is collected becomes stale or unavailable, and when it is fresh again."""

import logging
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from service.core.freshness import AgeLimits, State, judge

_MAX_NAMED = 5

log = logging.getLogger(__name__)


class StateChanges:
    """Compares the states of items with those of the last time, and logs a line for each kind of change."""

    def __init__(self, kind: str, limits: AgeLimits) -> None:
        """Name what the items are, in the plural, and from which ages on they are stale and unavailable."""
        self._kind, self._limits = kind, limits
        self._before: dict[str, State] = {}

    def observe(self, fetched: Mapping[str, datetime | None], now: datetime) -> None:
        """Look at the items, by id with the time of their last fetch."""
        states = {item: judge(at, now, self._limits).state for item, at in fetched.items()}
        changed: dict[State, list[str]] = defaultdict(list)
        for item, state in states.items():
            if self._before.get(item, state) is not state:
                changed[state].append(item)
        self._before = states
        for state, items in changed.items():
            level = logging.INFO if state is State.FRESH else logging.WARNING
            log.log(
                level, "%s: %d of %d are %s now: %s",
                self._kind, len(items), len(states), state.value, named(items),
            )  # fmt: skip


def named(items: list[str]) -> str:
    """Return the first items by name, and how many others there are."""
    others = len(items) - _MAX_NAMED
    return ", ".join(items[:_MAX_NAMED]) + (f" and {others} others" if others > 0 else "")

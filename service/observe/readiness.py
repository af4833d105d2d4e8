"""What `/readyz` tells: the states of store, collector, places and sources, and what is wrong with them."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from service.articles.service import ArticleService
from service.core.errors import StoreError, StoreSlowError
from service.core.freshness import State
from service.storage.counter_files import SharedCounters
from service.storage.fallback import BoundedWait
from service.storage.store import SqliteStore
from service.weather.service import ForecastService
from service.web.context import AppContext

_ABSENT_AFTER = timedelta(seconds=60)  # a collector shows every five seconds that it goes on
_TRY_AGAIN = timedelta(seconds=5)
_PATIENCE = 0.09  # seconds: others wait for the thread that answers
_MAY_TAKE = timedelta(seconds=8)  # a write, with the time since the one before


@dataclass(slots=True)
class Readiness:
    """The state of the service beyond this worker, which can answer readers in any case.

    Attributes:
        file: the store itself, as `context.store` goes on reading from memory while it fails.
        since: when this worker started.
    """

    context: AppContext
    forecasts: ForecastService
    articles: ArticleService
    shared: SharedCounters
    file: SqliteStore
    since: datetime
    _tried: tuple[datetime, bool] | None = None
    _written: datetime | None = None
    _trying: threading.Lock = field(default_factory=threading.Lock)
    _wait: BoundedWait = field(default_factory=lambda: BoundedWait(_PATIENCE, _PATIENCE, 0.0))

    def state(self) -> dict[str, Any]:
        """Return the fields of the answer: states, numbers of places and sources, and the problems."""
        now = self.context.clock()
        can_read = self.forecasts.store_error() is None
        can_write = can_read and self._can_write(now)
        places = self.forecasts.count_states(self.context.catalogue, now)
        try:
            sources = Counter(status.state for status in self.articles.statuses(now))
        except StoreError:
            sources = None
        seconds = self.shared.collector_seen()
        seen = datetime.fromtimestamp(seconds, UTC) if seconds else None
        collector = _collector_state(seen, self.since, now)
        problems = {
            "no-collector": collector == "absent",
            "store-not-readable": not can_read,
            "store-not-writable": not can_write,
            "all-unavailable": _is_all_unavailable(places, sources),
        }
        return {
            "problems": [name for name, is_so in problems.items() if is_so],
            "store": {"state": ("ok" if can_write else "read-only") if can_read else "failed"},
            "collector": {"state": collector, "last_seen": seen and f"{seen:%Y-%m-%dT%H:%M:%SZ}"},
            "weather": _count_by_state(places),
            "articles": _count_by_state(sources),
        }

    def _can_write(self, now: datetime) -> bool:
        """Return whether the store can be written: tried once in a while, by one request at a time."""
        if self._tried is not None and abs(now - self._tried[0]) < _TRY_AGAIN:
            return self._tried[1]
        if not self._trying.acquire(blocking=False):
            return self._tried is None or self._tried[1]
        try:
            self._wait(self.file.try_write)
            self._written = now
        except StoreSlowError:  # perhaps while the collector writes much: not a failure before it lasts
            return self._written is not None and now - self._written < _MAY_TAKE
        except StoreError:
            self._tried = (now, False)
            return False
        finally:
            self._trying.release()
        self._tried = (now, True)
        return True


def _collector_state(seen: datetime | None, since: datetime, now: datetime) -> str:
    if seen is not None and now - seen <= _ABSENT_AFTER:
        return "ok"
    return "starting" if now - since <= _ABSENT_AFTER else "absent"


def _is_all_unavailable(places: Mapping[State, int] | None, sources: Mapping[State, int] | None) -> bool:
    """Return whether there are places or sources and none of them has anything to show."""
    known = [counts for counts in (places, sources) if counts is not None and any(counts.values())]
    return bool(known) and all(
        not any(counts.get(state, 0) for state in (State.FRESH, State.STALE)) for counts in known
    )


def _count_by_state(counts: Counter[State] | None) -> dict[str, int] | None:
    return {state.value: counts[state] for state in State} if counts is not None else None

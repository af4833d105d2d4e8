"""Invalidates what was made of store items that have been written since; checks the store once a second."""

import threading
from dataclasses import dataclass

from service.core.errors import StoreError
from service.core.ports import Store
from service.http_cache.entries import EntryCache

_INTERVAL = 1.0  # seconds
_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class _StoreState:
    """What the last check found: the store's origin, the number of its last write, when the check began."""

    origin: int
    last_write: int
    checked_at: float


class StoreWatcher:
    """Compares the number of the store's last write with the one it saw before. Safe for threads.

    It has no thread of its own: the first request after a second is over does the check, and the others do
    not wait for it. So nothing has to be started after a fork, and an idle worker reads nothing.
    """

    def __init__(self, store: Store, cache: EntryCache) -> None:
        """Watch this store on behalf of this cache; the first check invalidates everything in it."""
        self._store, self._cache = store, cache
        self._state: _StoreState | None = None
        self._last_check = _NEVER
        self._checking = threading.Lock()

    def is_due(self, now: float) -> bool:
        """Return whether a check is due and none is under way; after the clock was set back it is due."""
        return not self._last_check <= now < self._last_check + _INTERVAL and not self._checking.locked()

    def check(self, now: float) -> None:
        """Check, if it is due. While the store fails, responses stay valid until their own end."""
        if not self.is_due(now) or not self._checking.acquire(blocking=False):
            return
        try:
            self._last_check = now
            self._compare(now)
        except StoreError:
            return
        finally:
            self._checking.release()

    def _compare(self, now: float) -> None:
        before, origin, last_write = self._state, self._store.origin(), self._store.last_write()
        written: list[str] | None = None  # unknown: another store, or one whose count went back
        if before is not None and origin == before.origin and last_write >= before.last_write:
            if last_write == before.last_write:
                self._state = _StoreState(origin, last_write, now)
                return
            written = self._store.written_since(before.last_write)
        if self._store.origin() != origin:  # the file was replaced during the check
            self._state, written = None, None
        else:
            self._state = _StoreState(origin, last_write, now)
        self._cache.invalidate(written, before.checked_at if before else _NEVER, now)

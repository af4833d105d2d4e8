"""Looks once a second at the number of the store's writes, and tells the cache what was written."""

import threading
from dataclasses import dataclass

from service.core.errors import StoreError
from service.core.ports import Store
from service.http_cache.entries import EntryCache

_EVERY = 1.0  # seconds
_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class _Known:
    """What was seen last: of which store, which write, and when the look at it began."""

    origin: int
    number: int
    at: float


class StoreWatcher:
    """Safe for threads: one looks, and nobody waits for it.

    No thread of its own: whoever comes when a second is over looks first. So nothing has to be started
    after a fork, and nobody looks at a store for nobody.
    """

    def __init__(self, store: Store, cache: EntryCache) -> None:
        """Nothing is looked at yet."""
        self._store, self._cache = store, cache
        self._known: _Known | None = None
        self._looked = _NEVER
        self._looking = threading.Lock()

    def is_due(self, now: float) -> bool:
        """Whether it is time, and nobody is looking already. A clock set back makes it time."""
        return not self._looked <= now < self._looked + _EVERY and not self._looking.locked()

    def look(self, now: float) -> None:
        """Look, if it is time. While the store fails, what is kept stays true until its own end."""
        if not self.is_due(now) or not self._looking.acquire(blocking=False):
            return
        try:
            self._looked = now
            self._compare(now)
        except StoreError:
            return
        finally:
            self._looking.release()

    def _compare(self, now: float) -> None:
        before, origin, number = self._known, self._store.origin(), self._store.last_write()
        if before is not None and (origin, number) == (before.origin, before.number):
            self._known = _Known(origin, number, now)
            return
        changed: list[str] | None = None  # a store not known of, or one that has lost its count
        if before is not None and origin == before.origin and number > before.number:
            changed = self._store.written_since(before.number)
        if self._store.origin() != origin:  # it was replaced while we looked
            self._known, changed = None, None
        else:
            self._known = _Known(origin, number, now)
        self._cache.changed(changed, before.at if before else _NEVER, now)

"""The supervisor's look at the store: whether it is damaged, when somebody met damage or the file changed."""

import logging
from collections.abc import Callable

from service.core.errors import StoreError, StoreRefusedError
from service.storage.store import SqliteStore

# Seconds between two checks of the whole file, and how much longer than a check it goes on without one.
_SHORTEST, _LONGEST, _TIMES = 3.0, 600.0, 50.0

log = logging.getLogger(__name__)


class DamageWatch:
    """Checks the whole file when somebody met damage in it, or when it was written.

    The larger it is, and the longer a check takes, the fewer there are.
    """

    def __init__(self, store: SqliteStore, clock: Callable[[], float]) -> None:
        """Watch this store's file; `clock` counts seconds."""
        self._store, self._clock = store, clock
        self._seen = self._state()
        self._next = clock() + _SHORTEST

    def found_damage(self) -> bool:
        """Return whether the file is damaged, as far as there was a reason to look."""
        now = self._clock()
        is_met, state = self._store.damage_mark.exists(), self._state()
        if now < self._next or not (is_met or state != self._seen):
            return False
        self._seen = state
        try:
            is_damaged = self._store.is_damaged()
        except StoreRefusedError:  # a newer version's: the parts end by themselves
            is_damaged = False
        except StoreError as error:
            log.debug("the store cannot be checked: %s", error)
            is_damaged = False
        self._store.close()  # its shared memory, when it is cut, takes along whoever has it open
        took = self._clock() - now
        self._next = now + took + min(max(_SHORTEST, took * _TIMES), _LONGEST)
        if is_met and not is_damaged:
            self._forget_mark()
        return is_damaged

    def _forget_mark(self) -> None:
        try:
            self._store.damage_mark.unlink(missing_ok=True)
        except OSError as error:
            log.debug("%s cannot be removed: %s", self._store.damage_mark, error)

    def _state(self) -> tuple[int, ...]:
        try:
            status = self._store.path.stat()
        except OSError:
            return ()
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns

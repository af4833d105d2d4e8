"""What readers get of the store: from the file within a bounded wait, and from memory while it fails."""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from queue import SimpleQueue
from time import monotonic
from typing import Any, TypeVar, cast

from cachetools import LRUCache

from service.core.errors import StoreError, StoreSlowError
from service.storage.store import SqliteStore

_MAX_RECORDS = 2_000
_MAX_IDLE = 4  # threads
# All in seconds.
_PATIENCE = 0.06  # where memory has an answer
_LONG_PATIENCE = 1.0  # where it has none
_SLOW = 0.02  # a failure that took longer is not waited for again by everybody
_TRY_AGAIN = 0.5

T = TypeVar("T")


class BoundedWait:
    """Calls functions that use the store in threads of its own, and waits for each only a short while.

    So a disk that hangs, or a lock that SQLite waits for beyond its own timeout, holds up no reader. While a
    call hangs, and for a moment after a failure that took its time, further calls fail at once.
    """

    def __init__(
        self,
        patience: float = _PATIENCE,
        long_patience: float = _LONG_PATIENCE,
        try_again: float = _TRY_AGAIN,
    ) -> None:
        """Wait so many seconds where the caller has something else to answer, and where it has not.

        `try_again` is for how many seconds a failure that took its time is raised again, untried.
        """
        self._patience, self._long_patience, self._try_again = patience, long_patience, try_again
        self._local = threading.local()
        self._reset()

    def _reset(self) -> None:
        self._process, self._has_succeeded = os.getpid(), False
        self._idle: SimpleQueue[_Helper] = SimpleQueue()
        self._hanging: _Call | None = None
        self._failed: tuple[float, StoreError] | None = None  # until when, and what is raised

    def __call__(self, function: Callable[[], T], *, has_other: bool = True) -> T:
        """Return what the function returns, and raise what it raises.

        Raises:
            StoreError: when it takes too long; `has_other` says that the caller then has another answer.
        """
        if getattr(self._local, "is_helper", False):
            return function()
        if self._process != os.getpid():  # no thread survives a fork
            self._reset()
        is_quick = has_other and self._has_succeeded  # the first call opens the file
        patience, begun = self._patience if is_quick else self._long_patience, monotonic()
        hanging, failed = self._hanging, self._failed
        if hanging is not None and not hanging.done.is_set() and hanging.lasts(patience):
            raise hanging.error_now()
        if failed is not None:
            if begun < failed[0]:
                raise failed[1]
            self._failed = begun + self._try_again, failed[1]  # this call tries; the others go on without
        call = _Call(function, begun)
        self._helper().calls.put(call)
        if not call.done.wait(patience):
            self._hanging = call
            raise call.error_now()
        took = monotonic() - begun
        self._failed = None
        self._has_succeeded |= call.error is None
        if isinstance(call.error, StoreError) and took > _SLOW:
            self._failed = begun + took + self._try_again, call.error
        if call.error is not None:
            raise call.error
        return cast("T", call.result)

    def _helper(self) -> "_Helper":
        return self._idle.get_nowait() if not self._idle.empty() else _Helper(self._idle, self._local)


class _Call:
    """One function, to be called in a helper, in the context of who asks for it."""

    def __init__(self, function: Callable[[], Any], begun: float) -> None:
        self._function, self._context, self._begun = function, copy_context(), begun
        self.done = threading.Event()
        self.result: Any = None
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.result = self._context.run(self._function)
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            self.error = error

    def lasts(self, patience: float) -> bool:
        """Return whether it was made so long ago: on a busy machine it may just be late."""
        return monotonic() - self._begun >= patience

    def error_now(self) -> StoreError:
        return StoreSlowError(f"the store has not answered for {(monotonic() - self._begun) * 1000:.0f} ms")


class _Helper:
    """A thread that makes one call after another, and ends when enough others have nothing to do."""

    def __init__(self, idle: "SimpleQueue[_Helper]", local: threading.local) -> None:
        self.calls: SimpleQueue[_Call] = SimpleQueue()
        self._idle, self._local = idle, local
        threading.Thread(target=self._run, name="store", daemon=True).start()

    def _run(self) -> None:
        self._local.is_helper = True
        while True:
            call = self.calls.get()
            call.run()
            goes_on = self._idle.qsize() < _MAX_IDLE
            if goes_on:
                self._idle.put(self)
            call.done.set()
            del call
            if not goes_on:
                return


class StaleOnErrorStore:
    """Wraps a store and returns the records that were last read of it while the store itself fails.

    So it does for a record that the file has lost: a damaged one, and all those that a new file in the place
    of the former one does not have yet.
    """

    def __init__(
        self,
        store: SqliteStore,
        max_records: int = _MAX_RECORDS,
        on_fallback: Callable[[], None] = lambda: None,
        wait: BoundedWait | None = None,
    ) -> None:
        """Remember at most `max_records`; `on_fallback` is called before records are returned from memory."""
        self._store, self._on_fallback = store, on_fallback
        self._wait = wait or BoundedWait()
        self._memory: LRUCache[str, bytes | None] = LRUCache(max_records)
        self._lock = threading.Lock()  # cachetools' caches are not thread-safe

    def read(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the records from the store, or from memory when it fails.

        Raises:
            StoreError: when it fails and one of the keys was never read.
        """
        with self._lock:
            is_known = all(key in self._memory for key in keys)
        try:
            found = self._wait(lambda: self._store.look_up(keys), has_other=is_known)
        except StoreError as error:
            return self._from_memory(keys, error)
        values: dict[str, bytes] = {}
        is_lost = False
        with self._lock:
            for key in keys:
                value = found.get(key)
                if key not in found:
                    value = self._memory.get(key)
                    is_lost |= value is not None
                self._memory[key] = value
                if value is not None:
                    values[key] = value
        if is_lost:
            self._on_fallback()
        return values

    def _from_memory(self, keys: Sequence[str], error: StoreError) -> dict[str, bytes]:
        self._on_fallback()
        with self._lock:
            if any(key not in self._memory for key in keys):
                raise error
            known = {key: self._memory[key] for key in keys}
        return {key: value for key, value in known.items() if value is not None}

    def write(self, records: Mapping[str, bytes]) -> None:
        self._store.write(records)

    def delete(self, keys: Sequence[str]) -> None:
        self._store.delete(keys)

    def keys(self, prefix: str) -> list[str]:
        return self._wait(lambda: self._store.keys(prefix))

    def origin(self) -> int:
        return self._wait(self._store.origin)

    def last_write(self) -> int:
        return self._wait(self._store.last_write)

    def written_since(self, number: int) -> list[str]:
        return self._wait(lambda: self._store.written_since(number))

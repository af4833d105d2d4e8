"""A store that goes on reading from memory while the file fails."""

import threading
from collections.abc import Callable, Mapping, Sequence

from cachetools import LRUCache

from service.core.errors import StoreError
from service.core.ports import Store

_MAX_RECORDS = 2_000


class StaleOnErrorStore:
    """Wraps a store and returns the records that were last read of it while the store itself fails."""

    def __init__(
        self, store: Store, max_records: int = _MAX_RECORDS, on_fallback: Callable[[], None] = lambda: None
    ) -> None:
        """Remember at most `max_records`; `on_fallback` is called before records are returned from memory."""
        self._store, self._on_fallback = store, on_fallback
        self._memory: LRUCache[str, bytes | None] = LRUCache(max_records)
        self._lock = threading.Lock()  # cachetools' caches are not thread-safe

    def read(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the records from the store, or from memory when it fails.

        Raises:
            StoreError: when it fails and one of the keys was never read.
        """
        try:
            found = self._store.read(keys)
        except StoreError as error:
            return self._from_memory(keys, error)
        with self._lock:
            for key in keys:
                self._memory[key] = found.get(key)
        return found

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
        return self._store.keys(prefix)

    def origin(self) -> int:
        return self._store.origin()

    def last_write(self) -> int:
        return self._store.last_write()

    def written_since(self, number: int) -> list[str]:
        return self._store.written_since(number)

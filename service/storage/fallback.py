"""What was read once is still known when the store fails."""

import threading
from collections.abc import Callable, Mapping, Sequence

from cachetools import LRUCache

from service.core.errors import StoreError
from service.core.ports import Store

_REMEMBERED = 2_000


class StaleOnErrorStore:
    """Wraps a store; it speaks from memory only while the store itself cannot, and says that it does."""

    def __init__(
        self, store: Store, remembered: int = _REMEMBERED, on_recall: Callable[[], None] = lambda: None
    ) -> None:
        """Remember this many records at the most; `on_recall` is called when memory is about to speak."""
        self._store, self._on_recall = store, on_recall
        self._memory: LRUCache[str, bytes | None] = LRUCache(remembered)
        self._lock = threading.Lock()  # cachetools' caches are not thread-safe

    def read(self, keys: Sequence[str]) -> dict[str, bytes]:
        """From the store, or from memory when it fails; StoreError if a key was never read."""
        try:
            found = self._store.read(keys)
        except StoreError as error:
            return self._recall(keys, error)
        with self._lock:
            for key in keys:
                self._memory[key] = found.get(key)
        return found

    def _recall(self, keys: Sequence[str], error: StoreError) -> dict[str, bytes]:
        self._on_recall()
        with self._lock:
            if any(key not in self._memory for key in keys):
                raise error
            known = {key: self._memory[key] for key in keys}
        return {key: value for key, value in known.items() if value is not None}

    def keep(self, records: Mapping[str, bytes]) -> None:
        """See the port."""
        self._store.keep(records)

    def forget(self, keys: Sequence[str]) -> None:
        """See the port."""
        self._store.forget(keys)

    def keys(self, prefix: str) -> list[str]:
        """See the port."""
        return self._store.keys(prefix)

    def origin(self) -> int:
        """See the port."""
        return self._store.origin()

    def last_write(self) -> int:
        """See the port."""
        return self._store.last_write()

    def written_since(self, number: int) -> list[str]:
        """See the port."""
        return self._store.written_since(number)

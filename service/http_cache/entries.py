"""Stored responses by cache key, and how long each may be served. Thread-safe; the clock is passed in.

A look-up gives one of four results: a hit; a stale entry, to be served while another request makes the next
response; a response in flight, to wait for; or a miss, and then the caller makes the response.
No entry is served after its `fresh_until`, but for those few seconds in which the next response is made.

A write to the store is noticed some time after it was made. So a response whose making began before a change
was noticed may hold the old data, and it is not stored. `Flight.changes_seen` is for that.
"""

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from cachetools import LRUCache

from service.core.errors import StoreError
from service.core.ports import Store
from service.http_cache.responses import CLOCK_TOLERANCE, CacheEntry, WireResponse

_ERROR_SHARE = 16  # one part in so many of the memory is for errors, so that bad URLs evict nothing good
_ERROR_LIFETIME = 10.0  # seconds
_MAX_STALE = 4.0  # seconds; with the second until a write is noticed they make five
_CHANGES_REMEMBERED = 64
_MAX_HOT, _MAX_UNCACHEABLE = 2_000, 500  # requests, keys


@dataclass(eq=False, slots=True)
class Flight:
    """The making of one response, with the number of changes that were known of when it began."""

    changes_seen: int
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Hit:
    """The entry is fresh."""

    entry: CacheEntry


@dataclass(frozen=True, slots=True)
class Stale:
    """The entry may be served, since another request is making the next response."""

    entry: CacheEntry


@dataclass(frozen=True, slots=True)
class InFlight:
    """Another request is making the first response."""

    flight: Flight


@dataclass(frozen=True, slots=True)
class Miss:
    """The caller makes the response, calls `store` with it, and `finish` in any case.

    Attributes:
        flight: what both are called with.
        stale: whether there is an entry that is out of date.
    """

    flight: Flight
    stale: bool


class EntryCache:
    """Entries by key, bounded by their bytes; those unused for longest are evicted first.

    Attributes:
        lock: held by a caller that does several things as one.
        hot_responses: what to send in the present second, by the parts of a request as it came.
    """

    def __init__(self, max_bytes: int) -> None:
        """Hold entries of at most so many bytes."""
        self.lock = threading.RLock()
        self.hot_responses: dict[Hashable, WireResponse] = {}
        self._hot_entries: dict[Hashable, CacheEntry] = {}
        for_errors = max_bytes // _ERROR_SHARE
        self._errors = _Partition(for_errors, self._forget)
        self._entries = _Partition(max_bytes - for_errors, self._forget)
        self._flights: dict[Hashable, Flight] = {}
        self._uncacheable: LRUCache[Hashable, bool] = LRUCache(_MAX_UNCACHEABLE)
        self._dependents: dict[str, set[Hashable]] = {}  # cache keys by the store key they depend on
        self._change_count = 0
        self._changes: deque[tuple[int, frozenset[str] | None]] = deque(maxlen=_CHANGES_REMEMBERED)

    def lookup(self, key: Hashable, now: float) -> Hit | Stale | InFlight | Miss:
        """Return what there is for this key."""
        with self.lock:
            flight = self._flights.get(key)
            if flight is not None and self._usable(key, now) is None and key not in self._uncacheable:
                return InFlight(flight)
            return self.lookup_without_waiting(key, now)

    def lookup_without_waiting(self, key: Hashable, now: float) -> Hit | Stale | Miss:
        """Return what there is for a caller that does not wait for another request."""
        with self.lock:
            entry = self._usable(key, now)
            if entry is not None and now < entry.fresh_until:
                return Hit(entry)
            if entry is not None and key in self._flights:
                return Stale(entry)
            flight = Flight(self._change_count)
            self._flights.setdefault(key, flight)
            return Miss(flight, stale=self._get(key) is not None)

    def claim(self, key: Hashable, now: float) -> Miss | None:
        """Begin a flight if there is a stale entry to be served meanwhile, and no other flight."""
        with self.lock:
            if self._usable(key, now) is None or key in self._flights:
                return None
            found = self.lookup_without_waiting(key, now)
            return found if isinstance(found, Miss) else None

    def peek(self, key: Hashable, now: float) -> CacheEntry | None:
        """Return a fresh entry, or a stale one while another request makes the next response."""
        with self.lock:
            entry = self._usable(key, now)
            return entry if entry is not None and (now < entry.fresh_until or key in self._flights) else None

    def store(self, key: Hashable, entry: CacheEntry, flight: Flight) -> bool:
        """Store the entry, unless an item that it depends on has changed meanwhile, or it is too large."""
        is_error = not entry.response.status.startswith(("2", "3"))
        partition = self._errors if is_error else self._entries
        if is_error:
            entry.fresh_until = min(entry.fresh_until, entry.created + _ERROR_LIFETIME)
            entry.stale_until = entry.fresh_until
        entry.stale_until = min(entry.stale_until, entry.fresh_until + _MAX_STALE)
        with self.lock:
            before = self._get(key)
            if self._changed_since(flight, entry.store_keys) or entry.size > partition.maxsize:
                return False
            if before is not None and before.created > entry.created:
                return False
            self._drop(key)
            self._put(key, entry, partition)
            self._uncacheable.pop(key, None)
            return True

    def modified(self, key: Hashable, digest: str, now: float) -> int:
        """Return since which second the response of this key has had this body, as far as it is known here.

        A body never has the second of another one before it: a client that sends that second has the other.
        """
        with self.lock:
            before = self._get(key)
        if before is None or before.response.modified is None:
            return int(now)
        is_same = before.response.digest == digest
        return before.response.modified if is_same else max(int(now), before.response.modified + 1)

    def finish(self, key: Hashable, flight: Flight) -> None:
        """End the flight. Where nothing was stored, nobody waits for the next flight of this key."""
        with self.lock:
            if self._get(key) is None:
                self._uncacheable[key] = True
            if self._flights.get(key) is flight:
                del self._flights[key]
        flight.done.set()

    def invalidate(self, store_keys: Iterable[str] | None, unchanged_at: float, now: float) -> None:
        """End the freshness of what depends on items written after `unchanged_at`; None: of everything."""
        with self.lock:
            self._change_count += 1
            if store_keys is None:
                self._changes.append((self._change_count, None))
                for key in [*self._entries, *self._errors]:
                    self._drop(key)
                return
            written = frozenset(store_keys)
            self._changes.append((self._change_count, written))
            stale_until = min(unchanged_at, now) + _MAX_STALE  # the clock may have been set back
            for key in {key for item in written & self._dependents.keys() for key in self._dependents[item]}:
                self._expire(key, stale_until, now)

    def reinsert(self, key: Hashable, entry: CacheEntry) -> None:
        """Weigh an entry again whose encodings have changed, and drop the responses made of them."""
        with self.lock:
            for partition in (self._entries, self._errors):
                if partition.get(key) is entry:
                    self._drop(key)
                    if entry.size <= partition.maxsize:
                        self._put(key, entry, partition)

    def add_hot(self, hot_key: Hashable, entry: CacheEntry, response: WireResponse) -> None:
        """Let this request find the response directly until the entry goes. The caller holds the lock."""
        if hot_key not in self.hot_responses:
            if len(self.hot_responses) >= _MAX_HOT:
                self._remove_hot(next(iter(self.hot_responses)))
            entry.hot_keys.add(hot_key)
            self._hot_entries[hot_key] = entry
        self.hot_responses[hot_key] = response

    def contains(self, key: Hashable, entry: CacheEntry) -> bool:
        """Return whether this very entry is stored under the key."""
        with self.lock:
            return self._get(key) is entry

    @property
    def size(self) -> int:
        """The bytes of all entries."""
        return int(self._entries.currsize + self._errors.currsize)

    def _usable(self, key: Hashable, now: float) -> CacheEntry | None:
        entry = self._get(key)
        return (
            entry
            if entry is not None and entry.created - CLOCK_TOLERANCE <= now < entry.stale_until
            else None
        )

    def _get(self, key: Hashable) -> CacheEntry | None:
        entry: CacheEntry | None = self._entries.get(key) or self._errors.get(key)
        return entry

    def _expire(self, key: Hashable, stale_until: float, now: float) -> None:
        if entry := self._get(key):
            entry.fresh_until = min(entry.fresh_until, now)
            entry.stale_until = min(entry.stale_until, stale_until)
            self._drop_wire_responses(entry)

    def _changed_since(self, flight: Flight, store_keys: frozenset[str]) -> bool:
        if self._changes and self._changes[0][0] > flight.changes_seen + 1:
            return True  # it began so long ago that not all changes since are remembered
        later = (written for number, written in self._changes if number > flight.changes_seen)
        return any(written is None or written & store_keys for written in later)

    def _put(self, key: Hashable, entry: CacheEntry, partition: "_Partition") -> None:
        partition[key] = entry
        for item in entry.store_keys:
            self._dependents.setdefault(item, set()).add(key)

    def _drop(self, key: Hashable) -> None:
        for partition in (self._entries, self._errors):
            entry = partition.pop(key, None)
            if entry is not None:
                self._forget(key, entry)

    def _forget(self, key: Hashable, entry: CacheEntry) -> None:
        self._drop_wire_responses(entry)
        for item in entry.store_keys:
            keys = self._dependents.get(item, set())
            keys.discard(key)
            if not keys:
                self._dependents.pop(item, None)

    def _drop_wire_responses(self, entry: CacheEntry) -> None:
        entry.wire_responses.clear()
        for hot_key in list(entry.hot_keys):
            self._remove_hot(hot_key)

    def _remove_hot(self, hot_key: Hashable) -> None:
        self.hot_responses.pop(hot_key, None)
        self._hot_entries.pop(hot_key).hot_keys.discard(hot_key)


class _Partition(LRUCache[Hashable, CacheEntry]):
    """A share of the memory, which reports what it evicts."""

    def __init__(self, max_bytes: int, on_evict: Callable[[Hashable, CacheEntry], None]) -> None:
        super().__init__(max_bytes, getsizeof=lambda entry: entry.size)
        self._on_evict = on_evict

    def popitem(self) -> tuple[Hashable, CacheEntry]:
        key, entry = super().popitem()
        self._on_evict(key, entry)
        return key, entry


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

    def age(self, now: float) -> float:
        """Return the seconds since the last check began; infinite after the clock was set back."""
        return now - self._last_check if now >= self._last_check else float("inf")

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

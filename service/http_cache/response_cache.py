"""The response cache of a process, which both adapters share: entries, the watch over the store, compression.

A response is served until the moment that its view has named (`cache_tags.true_for`), counted from when the
request came, which is before the view read its clock; its `max-age` reaches no further. So all its life it
goes out with the same `max-age` and a growing `Age` (RFC 9111 §5.1) that never passes it, and a cache in
front which calculates as RFC 9111 §4.2.3 says drops it when we do. Only a stale response, served while the
next one is being made, is older than its `max-age`: by four seconds at most, and never longer than its
`stale-while-revalidate` (RFC 5861 §3), which ends with `hide_after`.

A body is compressed fast for the request that first needs the coding, and once more as small as it gets in
the background: brotli at its best takes 10 ms for a page, twenty times as long as the fast one, and several
times as long as rendering it.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from weakref import ref

from service.core.ports import Store
from service.http_cache.cache_tags import Dependencies
from service.http_cache.entries import EntryCache, Flight, Hit, InFlight, Miss, Stale, StoreWatcher
from service.http_cache.responses import (
    AppResponse,
    CacheEntry,
    Coding,
    EncodedResponse,
    WireResponse,
    negotiate,
)

_MAX_LENGTH = 4_096  # characters of path and query; the longest useful list names fifty places of 64 each
_MEMO_SIZE, _MEMO_MAX_LENGTH = 2_000, 500  # requests, and characters of each


@dataclass(frozen=True, slots=True)
class CacheKey:
    """All that a response may depend on: the application sees nothing else of the request.

    Attributes:
        port: the port of the request, which absolute links name where no public address is configured.
        path: PATH_INFO, as WSGI has it: percent-decoded, each byte as one Latin-1 character.
        query: canonical: only the parameters that the view declares, each once, in one order.
    """

    port: str
    path: str
    query: str


class CacheKeys:
    """Makes cache keys, and remembers those of short requests."""

    def __init__(self, canonical_query: Callable[[str, str], str | None]) -> None:
        """Make keys with this function, described at `ResponseCache`."""
        self._canonical_query = canonical_query
        self._memo: dict[tuple[str, str, str], CacheKey] = {}

    def of(self, port: str, path: str, query: str) -> CacheKey | None:
        """Return the key of this request; None where its response cannot be stored."""
        request = (port, path, query)
        known = self._memo.get(request)
        if known is not None:
            return known
        length = len(path) + len(query)
        if length > _MAX_LENGTH:
            return None
        canonical = self._canonical_query(path, query)
        if canonical is None:
            return None
        key = CacheKey(port, path, canonical)
        if length <= _MEMO_MAX_LENGTH:
            if len(self._memo) >= _MEMO_SIZE:
                self._memo.clear()
            self._memo[request] = key
        return key


_CACHEABLE_STATUSES = ("200", "302", "404", "400")
_MAX_WAIT = 2.0  # seconds for a response that another request is making
_MAX_HOT_KEY = 600  # characters of a request that may be found directly, with its Accept-Encoding
_MAX_QUEUED = 256  # beyond it the oldest task is dropped, and a body merely stays larger

log = logging.getLogger(__name__)


class ResponseCache:
    """Finds and stores responses. Safe for threads.

    Attributes:
        clock: seconds.
        cache_keys: makes the key of a request.
        hot_responses: what to send in the present second, by the parts of a request as it came; the adapters
            look here first, and a response from here is to be sent only between its `valid_from` and
            `valid_until`.
        background: compresses.
        has_more_to_do: returns whether many others wait to be rendered. What is made meanwhile is compressed
            further only when somebody asks for it again: a made-up query is asked once.
    """

    def __init__(
        self,
        store: Store,
        max_bytes: int,
        clock: Callable[[], float],
        on_hit: Callable[[Iterable[str]], None],
        canonical_query: Callable[[str, str], str | None],
    ) -> None:
        """Store responses that are made of this store's items.

        Args:
            store: whose writes invalidate responses.
            max_bytes: the most that all entries take.
            clock: seconds; it may jump, both ways.
            on_hit: called with the store keys that a served entry was made of.
            canonical_query: returns for a path and a query the part of the query that its view reads; None
                for a view that sees more of the request, whose responses are not stored.
        """
        self.clock, self.cache_keys = clock, CacheKeys(canonical_query)
        self._entries = EntryCache(max_bytes)
        self._watcher = StoreWatcher(store, self._entries)
        self._on_hit = on_hit
        self.background = BackgroundQueue()
        self.has_more_to_do: Callable[[], bool] = lambda: False
        self.hot_responses = self._entries.hot_responses

    def find_ready(
        self, key: Hashable, accept_encoding: str, hot_key: tuple[object, ...], *, is_checked: bool = False
    ) -> WireResponse | None:
        """Return what can be sent without encoding, waiting or reading the store, and make it hot.

        `is_checked`: the caller has seen to it that the store is looked at.
        """
        now, coding = self.clock(), negotiate(accept_encoding)
        if not is_checked and self._watcher.is_due(now):
            return None
        with self._entries.lock:
            entry = self._entries.peek(key, now)
            if entry is None or (coding := entry.coding(coding)) not in entry.encoded:
                return None
            response = entry.wire_response(now, coding)
            self._improve(key, entry, coding)
            if sum(len(part) for part in hot_key if isinstance(part, str | bytes)) <= _MAX_HOT_KEY:
                self._entries.add_hot(hot_key, entry, response)
        self._on_hit(entry.store_keys)
        return response

    @property
    def is_check_due(self) -> bool:
        """Whether the store has to be looked at before anything is found."""
        return self._watcher.is_due(self.clock())

    @property
    def seconds_since_check(self) -> float:
        """The time since the last look at the store began; infinite where the clock was set back."""
        return self._watcher.age(self.clock())

    def check_store(self) -> None:
        """Look at the store, if that is due."""
        self._watcher.check(self.clock())

    def is_servable(self, key: Hashable) -> bool:
        """Return whether there is a response that only has to be encoded."""
        return self._entries.peek(key, self.clock()) is not None

    def find_stored(self, key: Hashable, accept_encoding: str) -> WireResponse | None:
        """Return what can be sent without rendering, encoded for this client; None if it has gone."""
        entry = self._entries.peek(key, self.clock())
        if entry is None:
            return None
        self._on_hit(entry.store_keys)
        return self.wire_response(key, entry, accept_encoding)

    def claim(self, key: Hashable) -> Miss | None:
        """Begin the next response of a stale one, which is served until the caller finishes.

        None where there is none that may be served, or another request has begun already.
        """
        return self._entries.claim(key, self.clock())

    def find(self, key: Hashable, *, waits: bool = True) -> Hit | Stale | Miss:
        """Return what there is for this key; wait a little where another request is making it."""
        now = self.clock()
        self._watcher.check(now)
        found = self._entries.lookup(key, now)
        if isinstance(found, InFlight):
            if waits:
                found.flight.done.wait(_MAX_WAIT)
            found = self._entries.lookup_without_waiting(key, self.clock())
        if not isinstance(found, Miss):
            self._on_hit(found.entry.store_keys)
        return found

    def wire_response(self, key: Hashable, entry: CacheEntry, accept_encoding: str) -> WireResponse:
        """Return what to send now of this entry to a client that accepts these codings."""
        self.encoded(key, entry, accept_encoding)
        with self._entries.lock:
            return entry.wire_response(self.clock(), entry.coding(negotiate(accept_encoding)))

    def encoded(self, key: Hashable, entry: CacheEntry, accept_encoding: str) -> EncodedResponse:
        """Return the entry in the best of these codings; encode it where this is the first request for it."""
        coding = entry.coding(negotiate(accept_encoding))
        if coding not in entry.encoded:
            self._encode(key, entry, coding)
        return entry.encoded[coding]

    def store(
        self, key: Hashable, response: AppResponse, dependencies: Dependencies, begun: float, flight: Flight
    ) -> CacheEntry | None:
        """Store a response whose request came at `begun`; return None where it must not be stored."""
        if dependencies.true_for is None or not dependencies.storable or not _is_cacheable(response):
            return None
        fresh_until = begun + dependencies.true_for
        if response.digest:
            response = response.modified_at(self._entries.modified(key, response.digest, begun))
        entry = CacheEntry(
            response,
            frozenset(dependencies.store_keys),
            created=begun,
            fresh_until=fresh_until,
            stale_until=fresh_until + dependencies.stale_while_revalidate,
        )
        return entry if self._entries.store(key, entry, flight) else None

    def finish(self, key: Hashable, flight: Flight) -> None:
        """End the making of a response, whether it was stored or not; those that wait for it go on."""
        self._entries.finish(key, flight)

    def _encode(self, key: Hashable, entry: CacheEntry, coding: Coding) -> None:
        fast = EncodedResponse(entry.response, coding)
        with self._entries.lock:
            if coding in entry.encoded:
                return
            entry.encoded[coding] = fast
            self._entries.reinsert(key, entry)
            if not self.has_more_to_do():
                self._improve(key, entry, coding)

    def _improve(self, key: Hashable, entry: CacheEntry, coding: Coding) -> None:
        """Let the body be encoded at its best, unless it was. The caller holds the lock."""
        if coding is not Coding.IDENTITY and coding not in entry.improved:
            entry.improved.add(coding)
            # A weak reference: an entry that is evicted while the task is queued takes no memory any more.
            self.background.add(partial(self._encode_best, key, ref(entry), coding))

    def _encode_best(self, key: Hashable, queued: ref[CacheEntry], coding: Coding) -> None:
        entry = queued()
        if entry is None or not self._entries.contains(key, entry):
            return
        best = EncodedResponse(entry.response, coding, best=True)
        with self._entries.lock:
            if len(best.body) < len(entry.encoded[coding].body):
                entry.encoded[coding] = best
                self._entries.reinsert(key, entry)


def _is_cacheable(response: AppResponse) -> bool:
    """Return whether the response is no fault of ours, and the same for all readers."""
    is_public = response.header("cache-control").startswith("public")
    is_for_some = response.header("vary") or response.header("set-cookie")
    return response.status.startswith(_CACHEABLE_STATUSES) and is_public and not is_for_some


class BackgroundQueue:
    """Runs tasks in order, in a thread that exists only while there are some.

    A thread that is gone after a fork is started again with the next task.
    """

    def __init__(self) -> None:
        self._tasks: deque[Callable[[], None]] = deque(maxlen=_MAX_QUEUED)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, task: Callable[[], None]) -> None:
        """Run this task soon."""
        with self._lock:
            self._tasks.append(task)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="http-cache", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._tasks:
                    self._thread = None
                    return
                task = self._tasks.popleft()
            try:
                task()
            except Exception:
                log.exception("a cached response could not be compressed")

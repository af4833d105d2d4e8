"""The edge's memory: the cache, the watch over the store, the packing. The adapters share one in a process.

What is told of time:

An answer is kept until the moment its view has named, counted from when the request came, which is before the
view looked at its clock; its `max-age` reaches no further. So what goes out of memory has the same `max-age`
all its life and an `Age` that grows, which never passes it, and a cache in front that counts as RFC 9111
§4.2.3 says lets go of it when we do. Only what stands in for the next answer while that one is being made is
older than its `max-age`: for four seconds, and never longer than `stale-while-revalidate`, which ends with
`hide_after`.
"""

from collections.abc import Callable, Hashable, Iterable
from functools import partial
from weakref import ref

from service.core.ports import Store
from service.http_cache.background_queue import BackgroundQueue
from service.http_cache.cache_key import CacheKeys
from service.http_cache.cache_tags import Dependencies
from service.http_cache.content_encoding import Coding, chosen
from service.http_cache.entries import EntryCache, Flight, Hit, InFlight, Miss, Stale
from service.http_cache.invalidation import StoreWatcher
from service.http_cache.responses import AppResponse, CacheEntry, EncodedResponse, WireResponse

_KEPT_STATUSES = ("200", "302", "404", "400")
_PATIENCE = 2.0  # seconds for which somebody else's answer is waited for
_LONGEST_NAME = 600  # characters of a request that may lie at hand


class ResponseCache:
    """Finds and keeps finished answers. Safe for threads."""

    def __init__(
        self,
        store: Store,
        size: int,
        clock: Callable[[], float],
        asked_again: Callable[[Iterable[str]], None],
        canonical: Callable[[str, str], str],
    ) -> None:
        """Keep answers made of this store.

        Args:
            store: whose writes make answers old.
            size: bytes at the most.
            clock: seconds; it may jump, both ways.
            asked_again: told what an answer is made of that goes out of memory.
            canonical: tells of a path and a query what of the query its view reads.
        """
        self.clock, self.questions = clock, CacheKeys(canonical)
        self._cache = EntryCache(size)
        self._watch = StoreWatcher(store, self._cache)
        self._asked_again = asked_again
        self.leisure = BackgroundQueue()
        self.at_hand = self._cache.at_hand

    def find_now(self, key: Hashable, accept_encoding: str, alias: tuple[object, ...]) -> WireResponse | None:
        """What can go out without work or waiting; it then lies at hand under the alias for a second."""
        now, coding = self.clock(), chosen(accept_encoding)
        if self._watch.is_due(now):
            return None
        with self._cache.lock:
            kept = self._cache.peek(key, now)
            if kept is None or (coding := kept.coding(coding)) not in kept.packed:
                return None
            finished = kept.at(now, coding)
            if sum(len(part) for part in alias if isinstance(part, str | bytes)) <= _LONGEST_NAME:
                self._cache.lay_at_hand(alias, kept, finished)
        self._asked_again(kept.items)
        return finished

    def find(self, key: Hashable) -> Hit | Stale | Miss:
        """What there is, or the duty to make it; waits a little for somebody who makes it already."""
        now = self.clock()
        self._watch.look(now)
        found = self._cache.lookup(key, now)
        if isinstance(found, InFlight):
            found.flight.done.wait(_PATIENCE)
            found = self._cache.lookup_alone(key, self.clock())
        if not isinstance(found, Miss):
            self._asked_again(found.kept.items)
        return found

    def finished(self, key: Hashable, kept: CacheEntry, accept_encoding: str) -> WireResponse:
        """A kept answer as this client takes it now."""
        self.packed(key, kept, accept_encoding)
        with self._cache.lock:
            return kept.at(self.clock(), kept.coding(chosen(accept_encoding)))

    def packed(self, key: Hashable, kept: CacheEntry, accept_encoding: str) -> EncodedResponse:
        """The same without what changes every second; packed now if nobody has asked for it so before."""
        coding = kept.coding(chosen(accept_encoding))
        if coding not in kept.packed:
            self._pack(key, kept, coding)
        return kept.packed[coding]

    def keep(
        self, key: Hashable, answer: AppResponse, dependencies: Dependencies, begun: float, flight: Flight
    ) -> CacheEntry | None:
        """Keep what was made, if it may be kept."""
        if dependencies.true_for is None or not dependencies.storable or not _may_be_kept(answer):
            return None
        until = begun + dependencies.true_for
        kept = CacheEntry(
            answer,
            frozenset(dependencies.items),
            made=begun,
            until=until,
            usable_until=until + dependencies.stale_while_revalidate,
        )
        return kept if self._cache.store(key, kept, flight) else None

    def land(self, key: Hashable, flight: Flight) -> None:
        """What was to be made is made, or will not be."""
        self._cache.land(key, flight)

    def _pack(self, key: Hashable, kept: CacheEntry, coding: Coding) -> None:
        """Quickly for whoever waits; as small as can be soon afterwards."""
        quick = EncodedResponse(kept.answer, coding)
        with self._cache.lock:
            if coding in kept.packed:
                return
            kept.packed[coding] = quick
            self._cache.repacked(key, kept)
        if coding is not Coding.IDENTITY:
            self.leisure.add(partial(self._pack_best, key, ref(kept), coding))

    def _pack_best(self, key: Hashable, waiting: ref[CacheEntry], coding: Coding) -> None:
        kept = waiting()  # what has gone meanwhile is not to take room while it waits
        if kept is None or not self._cache.holds(key, kept):
            return
        best = EncodedResponse(kept.answer, coding, best=True)
        with self._cache.lock:
            if len(best.body) < len(kept.packed[coding].body):
                kept.packed[coding] = best
                self._cache.repacked(key, kept)


def _may_be_kept(answer: AppResponse) -> bool:
    """Neither our own faults, nor what is for one reader alone."""
    public = answer.named("cache-control").startswith("public")
    for_some = answer.named("vary") or answer.named("set-cookie")
    return answer.status.startswith(_KEPT_STATUSES) and public and not for_some

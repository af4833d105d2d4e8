"""What is kept of finished answers, and for how long: pure, with the clock passed in. Safe for threads.

Four things can be found under a key: a hit; an old answer that stands in while somebody makes the next one;
somebody at work who is worth waiting for; or nothing, and then whoever asks makes it. Nobody is given an
answer past its `until`, but for those few seconds in which another one is being made.

A write is noticed some time after it was made, so an answer that was begun before a change was noticed may
hold the old; such an answer is not kept. That is what a flight's mark is for.
"""

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from cachetools import LRUCache

from service.http_cache.responses import CLOCK_WAVERS, CacheEntry, WireResponse

_SMALL_SHARE = 16  # of the memory, one part: for what is not there and for bad parameters
_FAILURES_LAST = 10.0  # seconds
_BRIDGES = 4.0  # seconds: with a second until a write is noticed they make five
_REMEMBERED_CHANGES = 64
_AT_HAND, _NOT_KEPT = 2_000, 500


@dataclass(eq=False, slots=True)
class Flight:
    """An answer that is being made: begun when so many changes were known of."""

    mark: int
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Hit:
    """True now."""

    kept: CacheEntry


@dataclass(frozen=True, slots=True)
class Stale:
    """Good enough while somebody else makes the next one."""

    kept: CacheEntry


@dataclass(frozen=True, slots=True)
class InFlight:
    """Somebody is making it."""

    flight: Flight


@dataclass(frozen=True, slots=True)
class Miss:
    """Nobody else will: make it, `store` it, and `land` in any case. `stale`: there was one."""

    flight: Flight
    stale: bool


class EntryCache:
    """Kept answers by key, bounded by bytes; those not asked for the longest go first."""

    def __init__(self, memory: int) -> None:
        """Take so many bytes at the most."""
        self.lock = threading.RLock()
        self.at_hand: dict[Hashable, WireResponse] = {}
        self._laid_by: dict[Hashable, CacheEntry] = {}
        small = memory // _SMALL_SHARE
        self._failures = _Share(small, self._gone)
        self._answers = _Share(memory - small, self._gone)
        self._flights: dict[Hashable, Flight] = {}
        self._not_kept: LRUCache[Hashable, bool] = LRUCache(_NOT_KEPT)
        self._made_of: dict[str, set[Hashable]] = {}
        self._mark = 0
        self._changes: deque[tuple[int, frozenset[str] | None]] = deque(maxlen=_REMEMBERED_CHANGES)

    def lookup(self, key: Hashable, now: float) -> Hit | Stale | InFlight | Miss:
        """What there is."""
        with self.lock:
            flight = self._flights.get(key)
            if flight is not None and self._usable(key, now) is None and key not in self._not_kept:
                return InFlight(flight)
            return self.lookup_alone(key, now)

    def lookup_alone(self, key: Hashable, now: float) -> Hit | Stale | Miss:
        """What there is for one who waits for nobody."""
        with self.lock:
            kept = self._usable(key, now)
            if kept is not None and now < kept.until:
                return Hit(kept)
            if kept is not None and key in self._flights:
                return Stale(kept)
            mine = Flight(self._mark)
            self._flights.setdefault(key, mine)
            return Miss(mine, stale=self._get(key) is not None)

    def peek(self, key: Hashable, now: float) -> CacheEntry | None:
        """A hit, or an old answer while somebody makes the next one."""
        with self.lock:
            kept = self._usable(key, now)
            return kept if kept is not None and (now < kept.until or key in self._flights) else None

    def store(self, key: Hashable, kept: CacheEntry, flight: Flight) -> bool:
        """Keep this, unless something it was made of has changed meanwhile, or it is too large."""
        failure = not kept.answer.status.startswith(("2", "3"))
        share = self._failures if failure else self._answers
        if failure:
            kept.until = min(kept.until, kept.made + _FAILURES_LAST)
            kept.usable_until = kept.until
        kept.usable_until = min(kept.usable_until, kept.until + _BRIDGES)
        with self.lock:
            before = self._get(key)
            if self._changed_since(flight.mark, kept.items) or kept.size > share.maxsize:
                return False
            if before is not None and before.made > kept.made:
                return False
            self._drop(key)
            self._put(key, kept, share)
            self._not_kept.pop(key, None)
            return True

    def land(self, key: Hashable, flight: Flight) -> None:
        """The flight is over. Where nothing could be kept of it, nobody needs to wait for the next one."""
        with self.lock:
            if self._get(key) is None:
                self._not_kept[key] = True
            if self._flights.get(key) is flight:
                del self._flights[key]
        flight.done.set()

    def changed(self, items: Iterable[str] | None, unchanged_at: float, now: float) -> None:
        """These were written after `unchanged_at` (None: nobody knows which); what they made is old."""
        with self.lock:
            self._mark += 1
            if items is None:
                self._changes.append((self._mark, None))
                for key in [*self._answers, *self._failures]:
                    self._drop(key)
                return
            known = frozenset(items)
            self._changes.append((self._mark, known))
            for key in {key for item in known & self._made_of.keys() for key in self._made_of[item]}:
                self._age(key, min(unchanged_at, now) + _BRIDGES, now)  # the clock may have been set back

    def repacked(self, key: Hashable, kept: CacheEntry) -> None:
        """This answer is packed otherwise now: it weighs something else, and its finished forms are old."""
        with self.lock:
            for share in (self._answers, self._failures):
                if share.get(key) is kept:
                    self._drop(key)
                    if kept.size <= share.maxsize:
                        self._put(key, kept, share)

    def lay_at_hand(self, alias: Hashable, kept: CacheEntry, finished: WireResponse) -> None:
        """Let it be found under the name of a request, until the answer goes. Under the lock."""
        if alias not in self.at_hand:
            if len(self.at_hand) >= _AT_HAND:
                self._take_from_hand(next(iter(self.at_hand)))
            kept.aliases.add(alias)
            self._laid_by[alias] = kept
        self.at_hand[alias] = finished

    def holds(self, key: Hashable, kept: CacheEntry) -> bool:
        """Whether this very answer is kept."""
        with self.lock:
            return self._get(key) is kept

    @property
    def size(self) -> int:
        """Bytes kept."""
        return int(self._answers.currsize + self._failures.currsize)

    def _usable(self, key: Hashable, now: float) -> CacheEntry | None:
        kept = self._get(key)
        return kept if kept is not None and kept.made - CLOCK_WAVERS <= now < kept.usable_until else None

    def _get(self, key: Hashable) -> CacheEntry | None:
        found: CacheEntry | None = self._answers.get(key) or self._failures.get(key)
        return found

    def _age(self, key: Hashable, usable_until: float, now: float) -> None:
        if kept := self._get(key):
            kept.until = min(kept.until, now)
            kept.usable_until = min(kept.usable_until, usable_until)
            self._put_away(kept)

    def _changed_since(self, mark: int, items: frozenset[str]) -> bool:
        if self._changes and self._changes[0][0] > mark + 1:
            return True  # so long ago that nobody knows
        later = (changed for number, changed in self._changes if number > mark)
        return any(changed is None or changed & items for changed in later)

    def _put(self, key: Hashable, kept: CacheEntry, share: "_Share") -> None:
        share[key] = kept
        for item in kept.items:
            self._made_of.setdefault(item, set()).add(key)

    def _drop(self, key: Hashable) -> None:
        for share in (self._answers, self._failures):
            kept = share.pop(key, None)
            if kept is not None:
                self._gone(key, kept)

    def _gone(self, key: Hashable, kept: CacheEntry) -> None:
        self._put_away(kept)
        for item in kept.items:
            keys = self._made_of.get(item, set())
            keys.discard(key)
            if not keys:
                self._made_of.pop(item, None)

    def _put_away(self, kept: CacheEntry) -> None:
        kept.finished.clear()
        for alias in list(kept.aliases):
            self._take_from_hand(alias)

    def _take_from_hand(self, alias: Hashable) -> None:
        self.at_hand.pop(alias, None)
        self._laid_by.pop(alias).aliases.discard(alias)


class _Share(LRUCache[Hashable, CacheEntry]):
    """A part of the memory, which says what it lets go."""

    def __init__(self, memory: int, let_go: Callable[[Hashable, CacheEntry], None]) -> None:
        super().__init__(memory, getsizeof=lambda kept: kept.size)
        self._let_go = let_go

    def popitem(self) -> tuple[Hashable, CacheEntry]:
        key, kept = super().popitem()
        self._let_go(key, kept)
        return key, kept

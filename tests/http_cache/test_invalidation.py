"""The watch over a real store: which writes it notices, and what it does when the store fails."""

import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from service.core.errors import StoreError
from service.http_cache.entries import EntryCache, StoreWatcher
from service.storage.store import SqliteStore


class RecordingCache(EntryCache):
    """A cache that records the calls."""

    def __init__(self) -> None:
        super().__init__(100_000)
        self.calls: list[tuple[list[str] | None, float]] = []

    def invalidate(self, store_keys: Iterable[str] | None, unchanged_at: float, now: float) -> None:
        self.calls.append((None if store_keys is None else list(store_keys), unchanged_at))
        super().invalidate(store_keys, unchanged_at, now)


class Unreliable(SqliteStore):
    """A store that fails, is slow or has lost writes on demand."""

    fails = False
    lost_writes = 0
    replaced_during_check = False
    replacements = 0
    gate: threading.Event | None = None
    entered = threading.Event()

    def origin(self) -> int:
        origin = super().origin() + self.replacements
        self.replacements += self.replaced_during_check
        return origin

    def last_write(self) -> int:
        if self.gate is not None:
            self.entered.set()
            self.gate.wait(10)
        if self.fails:
            raise StoreError("not now")
        return super().last_write() - self.lost_writes


@pytest.fixture
def store(tmp_path: Path) -> Unreliable:
    return Unreliable(tmp_path / "store.sqlite3")


@pytest.fixture
def cache() -> RecordingCache:
    return RecordingCache()


@pytest.fixture
def watcher(store: Unreliable, cache: RecordingCache) -> StoreWatcher:
    """A watcher that has checked at second 10."""
    store.write({"current/hue": b"1"})
    watcher = StoreWatcher(store, cache)
    watcher.check(10.0)
    cache.calls.clear()
    return watcher


def test_the_first_check_trusts_nothing_that_was_stored_before(
    store: Unreliable, cache: RecordingCache
) -> None:
    StoreWatcher(store, cache).check(10.0)
    assert cache.calls == [(None, float("-inf"))]


def test_a_write_invalidates_its_keys_at_the_next_check(
    store: Unreliable, cache: RecordingCache, watcher: StoreWatcher
) -> None:
    store.write({"current/vinh": b"2", "asked/vinh": b"3"})
    watcher.check(10.9)
    assert cache.calls == []
    watcher.check(11.0)
    assert cache.calls == [(["asked/vinh", "current/vinh"], 10.0)]


def test_nothing_is_invalidated_while_nothing_is_written(
    cache: RecordingCache, watcher: StoreWatcher
) -> None:
    for second in range(11, 20):
        watcher.check(float(second))
    assert cache.calls == []


def test_a_clock_set_back_makes_it_check_at_once(
    store: Unreliable, cache: RecordingCache, watcher: StoreWatcher
) -> None:
    store.write({"current/vinh": b"2"})
    watcher.check(5.0)
    assert cache.calls == [(["current/vinh"], 10.0)]


def test_a_failing_store_changes_nothing_and_what_it_missed_is_noticed_later(
    store: Unreliable, cache: RecordingCache, watcher: StoreWatcher
) -> None:
    store.write({"current/vinh": b"2"})
    store.fails = True
    watcher.check(11.0)
    assert cache.calls == []
    store.fails = False
    watcher.check(12.0)
    assert cache.calls == [(["current/vinh"], 10.0)]


def test_a_store_that_was_replaced_makes_everything_old(
    store: Unreliable, cache: RecordingCache, watcher: StoreWatcher
) -> None:
    """Also when the new one has counted further than the old one had."""
    store.path.unlink()
    for suffix in ("-wal", "-shm"):
        store.path.with_name(store.path.name + suffix).unlink(missing_ok=True)
    for number in range(5):
        store.write({"current/vinh": b"%d" % number})
    watcher.check(11.0)
    assert cache.calls == [(None, 10.0)]
    store.write({"current/vinh": b"again"})
    watcher.check(12.0)
    assert cache.calls[1:] == [(["current/vinh"], 11.0)]


def test_a_store_whose_count_went_back_makes_everything_old(
    store: Unreliable, cache: RecordingCache, watcher: StoreWatcher
) -> None:
    """The same file with fewer writes, as a copy that was put back has them."""
    store.lost_writes = 1
    watcher.check(11.0)
    assert cache.calls == [(None, 10.0)]
    watcher.check(12.0)
    assert cache.calls == [(None, 10.0)]


def test_a_store_that_is_replaced_during_a_check_makes_everything_old_twice(
    store: Unreliable, cache: RecordingCache, watcher: StoreWatcher
) -> None:
    """Once since it is not known which file the number was of, once since nothing is known of the new one."""
    store.write({"current/vinh": b"2"})
    store.replaced_during_check = True
    watcher.check(11.0)
    store.replaced_during_check = False
    watcher.check(12.0)
    watcher.check(13.0)
    assert cache.calls == [(None, 10.0), (None, float("-inf"))]


def test_it_checks_once_in_a_moment(watcher: StoreWatcher) -> None:
    assert not watcher.is_due(10.0)


def test_one_checks_and_the_others_go_on(store: Unreliable, watcher: StoreWatcher) -> None:
    store.gate, store.entered = threading.Event(), threading.Event()
    checking = threading.Thread(target=watcher.check, args=(11.0,))
    checking.start()
    assert store.entered.wait(10)
    assert not watcher.is_due(15.0)
    watcher.check(15.0)  # returns at once
    store.gate.set()
    checking.join(10)
    assert not checking.is_alive()
    assert watcher.is_due(15.0)

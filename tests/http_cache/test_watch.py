"""The watch over a real store: what it notices, and what it makes of trouble."""

import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from service.core.errors import StoreError
from service.http_cache.entries import EntryCache
from service.http_cache.invalidation import StoreWatcher
from service.storage.store import SqliteStore


class Heard(EntryCache):
    """A cache that writes down what it is told."""

    def __init__(self) -> None:
        super().__init__(100_000)
        self.told: list[tuple[list[str] | None, float]] = []

    def changed(self, items: Iterable[str] | None, unchanged_at: float, now: float) -> None:
        self.told.append((None if items is None else list(items), unchanged_at))
        super().changed(items, unchanged_at, now)


class Failing(SqliteStore):
    """A store that can be told to fail, and to be slow."""

    fails = False
    gate: threading.Event | None = None
    entered = threading.Event()

    def last_write(self) -> int:
        if self.gate is not None:
            self.entered.set()
            self.gate.wait(10)
        if self.fails:
            raise StoreError("not now")
        return super().last_write()


@pytest.fixture
def store(tmp_path: Path) -> Failing:
    return Failing(tmp_path / "store.sqlite3")


@pytest.fixture
def cache() -> Heard:
    return Heard()


@pytest.fixture
def watch(store: Failing, cache: Heard) -> StoreWatcher:
    """One that has looked at ten."""
    store.write({"current/hue": b"1"})
    watch = StoreWatcher(store, cache)
    watch.look(10.0)
    cache.told.clear()
    return watch


def test_the_first_look_trusts_nothing_that_was_kept_before(store: Failing, cache: Heard) -> None:
    StoreWatcher(store, cache).look(10.0)
    assert cache.told == [(None, float("-inf"))]


def test_a_write_is_told_by_its_keys_at_the_next_look(
    store: Failing, cache: Heard, watch: StoreWatcher
) -> None:
    store.write({"current/vinh": b"2", "asked/vinh": b"3"})
    watch.look(10.9)
    assert cache.told == []
    watch.look(11.0)
    assert cache.told == [(["asked/vinh", "current/vinh"], 10.0)]


def test_nothing_is_told_while_nothing_is_written(cache: Heard, watch: StoreWatcher) -> None:
    for second in range(11, 20):
        watch.look(float(second))
    assert cache.told == []


def test_a_clock_set_back_makes_it_look_at_once(store: Failing, cache: Heard, watch: StoreWatcher) -> None:
    store.write({"current/vinh": b"2"})
    watch.look(5.0)
    assert cache.told == [(["current/vinh"], 10.0)]


def test_a_failing_store_changes_nothing_and_what_it_missed_is_told_later(
    store: Failing, cache: Heard, watch: StoreWatcher
) -> None:
    store.write({"current/vinh": b"2"})
    store.fails = True
    watch.look(11.0)
    assert cache.told == []
    store.fails = False
    watch.look(12.0)
    assert cache.told == [(["current/vinh"], 10.0)]


def test_a_store_that_was_replaced_makes_everything_old(
    store: Failing, cache: Heard, watch: StoreWatcher
) -> None:
    """Also when the new one has counted further than the old one had."""
    store.path.unlink()
    for suffix in ("-wal", "-shm"):
        store.path.with_name(store.path.name + suffix).unlink(missing_ok=True)
    for number in range(5):
        store.write({"current/vinh": b"%d" % number})
    watch.look(11.0)
    assert cache.told == [(None, 10.0)]
    store.write({"current/vinh": b"again"})
    watch.look(12.0)
    assert cache.told[1:] == [(["current/vinh"], 11.0)]


def test_one_looks_and_the_others_go_on(store: Failing, watch: StoreWatcher) -> None:
    store.gate, store.entered = threading.Event(), threading.Event()
    looking = threading.Thread(target=watch.look, args=(11.0,))
    looking.start()
    assert store.entered.wait(10)
    assert not watch.is_due(15.0)
    watch.look(15.0)  # returns at once
    store.gate.set()
    looking.join(10)
    assert not looking.is_alive()
    assert watch.is_due(15.0)

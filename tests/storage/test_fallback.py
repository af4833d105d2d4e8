import shutil
from pathlib import Path

import pytest

from service.core.errors import StoreError
from service.storage.fallback import StaleOnErrorStore
from service.storage.store import SqliteStore


@pytest.fixture
def inner(tmp_path: Path) -> SqliteStore:
    store = SqliteStore(tmp_path / "folder" / "store.sqlite3")
    store.write({"a": b"1", "b": b"1"})
    return store


def break_it(store: SqliteStore) -> None:
    store.close()
    shutil.rmtree(store.path.parent)
    store.path.parent.write_text("no folder any more")


def mend_it(store: SqliteStore) -> None:
    store.path.parent.unlink()


def test_memory_speaks_only_while_the_store_cannot(inner: SqliteStore) -> None:
    store = StaleOnErrorStore(inner)
    assert store.read(["a"]) == {"a": b"1"}
    inner.write({"a": b"2"})
    assert store.read(["a"]) == {"a": b"2"}
    break_it(inner)
    assert store.read(["a"]) == {"a": b"2"}
    mend_it(inner)
    inner.write({"a": b"3"})
    assert store.read(["a"]) == {"a": b"3"}


def test_that_a_record_was_missing_is_remembered_too(inner: SqliteStore) -> None:
    store = StaleOnErrorStore(inner)
    assert store.read(["a", "none"]) == {"a": b"1"}
    break_it(inner)
    assert store.read(["none", "a"]) == {"a": b"1"}


def test_what_was_never_read_is_not_made_up(inner: SqliteStore) -> None:
    store = StaleOnErrorStore(inner)
    store.read(["a"])
    break_it(inner)
    with pytest.raises(StoreError):
        store.read(["a", "b"])


def test_a_record_that_was_forgotten_is_not_remembered(inner: SqliteStore) -> None:
    store = StaleOnErrorStore(inner)
    store.read(["a"])
    store.delete(["a"])
    store.read(["a"])
    break_it(inner)
    assert store.read(["a"]) == {}


def test_only_so_many_records_are_remembered_the_latest_read_first(inner: SqliteStore) -> None:
    store = StaleOnErrorStore(inner, max_records=1)
    store.read(["a"])
    store.read(["b"])
    break_it(inner)
    assert store.read(["b"]) == {"b": b"1"}
    with pytest.raises(StoreError):
        store.read(["a"])


def test_writes_are_not_swallowed_when_the_store_fails(inner: SqliteStore) -> None:
    store = StaleOnErrorStore(inner)
    break_it(inner)
    with pytest.raises(StoreError):
        store.write({"a": b"2"})
    with pytest.raises(StoreError):
        store.last_write()
    with pytest.raises(StoreError):
        store.keys("")

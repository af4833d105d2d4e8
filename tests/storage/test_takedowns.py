"""Takedowns are in the store and in a file beside it, and whatever happens to either, none returns."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from stored_articles import article

from service.articles.store.sqlite import SqliteArticleRepository
from service.core.errors import StoreError
from service.storage.store import SqliteStore
from service.storage.takedowns import TakedownFile

TWO = [("a", "https://portal.example/a"), ("b", "")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "store.sqlite3"


def test_what_one_process_adds_another_knows_at_its_next_look(path: Path) -> None:
    one, other = TakedownFile(path), TakedownFile(path)
    assert not other.bars("a")
    one.add(TWO)
    one.add(TWO)
    assert other.all() == TWO
    assert other.bars("a")
    assert other.bars("of another source", ["https://portal.example/a"])
    assert not other.bars("c", ["", "https://portal.example/c"])
    assert one.path.read_bytes().count(b"\n") == 2


def torn(content: bytes) -> bytes:
    return content[:-7]


def garbage_between(content: bytes) -> bytes:
    return content[:3] + b"\xff\0\n[[[[" * 100 + content


def a_flipped_bit(content: bytes) -> bytes:
    at = content.index(b"b", 30)
    return content[:at] + b"c" + content[at + 1 :]


def of_another_kind(content: bytes) -> bytes:
    return b'{"a": 1}\n["a"]\n7\n' + b"[" * 100_000 + b"\n" + content


@pytest.mark.parametrize("damage", [torn, garbage_between, a_flipped_bit, of_another_kind])
def test_a_damaged_line_costs_no_other_and_is_written_again_by_who_knows_it(
    path: Path, damage: Callable[[bytes], bytes]
) -> None:
    file = TakedownFile(path)
    file.add(TWO)
    file.path.write_bytes(damage(file.path.read_bytes()))
    assert set(TakedownFile(path).all()) <= set(TWO)
    file.add([("c", "")])
    assert set(TakedownFile(path).all()) == {*TWO, ("c", "")}


def cut_to_nothing(store: SqliteStore) -> None:
    os.truncate(store.path, 0)


def deleted(store: SqliteStore) -> None:
    for suffix in ("", "-wal", "-shm"):
        store.path.with_name(store.path.name + suffix).unlink(missing_ok=True)


def without_its_folder(store: SqliteStore) -> None:
    shutil.rmtree(store.path.parent)


def without_its_tombstones(store: SqliteStore) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as raw:
        raw.execute("UPDATE taken_down SET id = 'flipped', identity = ''")


def without_the_file_beside_it(store: SqliteStore) -> None:
    store.takedowns.path.unlink()


HARM = [cut_to_nothing, deleted, without_its_folder, without_its_tombstones, without_the_file_beside_it]


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("restarts", [False, True])
def test_what_was_taken_down_does_not_return(
    path: Path, harm: Callable[[SqliteStore], None], restarts: bool
) -> None:
    store = SqliteStore(path)
    repository = SqliteArticleRepository(store)
    repository.save([article("a", canonical_url="https://portal.example/a"), article("b")])
    repository.take_down(["a"])
    harm(store)
    if restarts and harm is not without_its_folder:  # which leaves it in the memory of the running alone
        store.close()
        store = SqliteStore(path)
        repository = SqliteArticleRepository(store)
    with suppress(StoreError):
        store.set_aside_if_damaged()
    again = [
        article("a", canonical_url="https://portal.example/a"),
        article("b"),
        article("c", canonical_url="https://portal.example/a"),
    ]
    repository.save(again)
    assert [one.id for one in repository.page().articles] == ["b"]
    assert repository.get(["a", "c"]) == []
    assert repository.seen(["a"]) == {"a"}
    assert {"a", "c"} <= TakedownFile(path).barred(["a", "b", "c"]) | repository.taken_down(["a", "c"])
    assert TakedownFile(path).bars("a")


def test_an_older_copy_that_is_put_in_its_place_shows_nothing_that_was_taken_down(path: Path) -> None:
    store = SqliteStore(path)
    repository = SqliteArticleRepository(store)
    repository.save([article("a"), article("b")])
    store.close()
    shutil.copy(path, path.with_name("copy"))
    repository.take_down(["a"])
    store.close()
    path.with_name("copy").rename(path)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    assert [one.id for one in repository.page().articles] == ["b"]
    assert repository.get(["a"]) == []
    repository.save([article("c")])
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT id FROM articles ORDER BY id").fetchall() == [("b",), ("c",)]


def test_what_is_taken_down_while_the_store_fails_is_removed_once_it_can_be_used(path: Path) -> None:
    store, other = SqliteStore(path), SqliteStore(path)
    repository, reader = SqliteArticleRepository(store), SqliteArticleRepository(other)
    repository.save([article("a"), article("b")])
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("ALTER TABLE taken_down RENAME TO lost")
        with pytest.raises(StoreError):
            repository.take_down(["a"])
        raw.execute("ALTER TABLE lost RENAME TO taken_down")
    assert [one.id for one in reader.page().articles] == ["b"]
    repository.save([article("c")])
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT id FROM articles ORDER BY id").fetchall() == [("b",), ("c",)]

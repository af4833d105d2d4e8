"""Backups of a store in use, and what is taken back of them."""

import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from stored_articles import article

from service.articles.store.sqlite import SqliteArticleRepository
from service.backup import restore
from service.storage.backup import BackupError, Content, back_up
from service.storage.migrations import STEPS
from service.storage.store import SqliteStore
from service.weather.records import PROVIDERS_KEY, quota_key

OLD_FILE = Path(__file__).parent / "kept_by_27ebb81" / "store.sqlite3"


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "store.sqlite3")


@contextmanager
def writing(path: Path) -> Iterator[threading.Event]:
    """Write the same number under two keys, again and again, until the end; the event tells of the first."""
    begun, ended = threading.Event(), threading.Event()

    def write() -> None:
        store, number = SqliteStore(path), 0
        while not ended.is_set():
            number += 1
            store.write(dict.fromkeys(("busy/a", "busy/b"), b"%d" % number))
            begun.set()
        store.close()

    thread = threading.Thread(target=write)
    thread.start()
    begun.wait(20)
    try:
        yield begun
    finally:
        ended.set()
        thread.join(20)


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in a file but the numbers of writes."""
    tables = {
        "records": "SELECT key, value, checksum FROM records WHERE value IS NOT NULL ORDER BY key",
        "articles": "SELECT * FROM articles ORDER BY place",
        "pictures": "SELECT * FROM pictures ORDER BY hash",
        "sightings": "SELECT * FROM sightings ORDER BY id",
    }
    with closing(sqlite3.connect(path)) as connection:
        return {name: connection.execute(query).fetchall() for name, query in tables.items()}


def filled(store: SqliteStore) -> SqliteArticleRepository:
    store.write({f"current/{number}": b"%d" % number * 50 for number in range(300)})
    repository = SqliteArticleRepository(store)
    repository.save([article(f"tin-{number}", minutes=number) for number in range(30)])
    return repository


def test_a_backup_is_one_state_of_a_store_in_use_and_complete_in_one_file(
    store: SqliteStore, tmp_path: Path
) -> None:
    filled(store)
    target = tmp_path / "copies" / "backup"
    target.parent.mkdir()
    with writing(store.path):
        for _ in range(5):
            made = back_up(store, target)
            with closing(sqlite3.connect(f"file:{target}?mode=ro&immutable=1", uri=True)) as connection:
                query = "SELECT count(DISTINCT value), count(*) FROM records WHERE key LIKE 'busy/%'"
                assert connection.execute(query).fetchone() == (1, 2)
    assert (made.path, made.rows["records"], made.rows["articles"]) == (target, 302, 30)
    assert "302 records, 30 articles" in str(made)
    assert [path.name for path in target.parent.iterdir()] == ["backup"]


def test_a_store_in_use_becomes_what_the_backup_has(store: SqliteStore, tmp_path: Path) -> None:
    repository = filled(store)
    backup = back_up(store, tmp_path / "backup").path
    reader = SqliteStore(store.path)
    before = reader.origin(), reader.last_write()
    store.write({"current/1": b"later", "current/new": b"later"})
    repository.save([article("later", minutes=90)])
    with writing(store.path):
        taken, copy = restore(store, backup)
    store.delete(["busy/a", "busy/b"])
    assert content(store.path) == content(backup)
    assert (taken.rows["articles"], repository.get(["later"])) == (30, [])
    assert reader.read(["current/1", "current/new"]) == {"current/1": b"1" * 50}
    assert reader.origin() != before[0]
    assert reader.last_write() > before[1]
    assert set(reader.written_since(before[1])) >= {"current/1"}
    assert copy is not None
    assert SqliteArticleRepository(SqliteStore(copy)).get(["later"])
    assert [path.name for path in tmp_path.glob("*restoring*")] == []


def test_a_backup_fills_a_store_that_is_not_there(store: SqliteStore, tmp_path: Path) -> None:
    filled(store)
    backup = back_up(store, tmp_path / "backup").path
    elsewhere = SqliteStore(tmp_path / "another" / "host" / "store.sqlite3")
    _, copy = restore(elsewhere, backup)
    assert copy is None
    assert content(elsewhere.path) == content(backup)


def test_what_was_taken_down_since_does_not_return(store: SqliteStore, tmp_path: Path) -> None:
    repository = filled(store)
    repository.save([article("same-headline", minutes=2, title="Tin tin-9", source="bao")])
    repository.take_down(["tin-1"])
    backup = back_up(store, tmp_path / "backup").path
    repository.take_down(["tin-7"], everywhere=True)
    repository.take_down(["gone"])
    for _ in range(2):
        restore(store, backup)
        repository.save([article("tin-7", minutes=7), article("gone"), article("tin-1", minutes=1)])
        assert repository.get(["tin-1", "tin-7", "gone"]) == []
        assert repository.get(["tin-9", "same-headline"])
    assert {"tin-1", "tin-7", "gone"} <= {one for one, _ in repository.takedowns()}


def test_what_was_spent_of_a_quota_stays_spent(store: SqliteStore, tmp_path: Path) -> None:
    store.write({quota_key("open-meteo"): b"little", PROVIDERS_KEY: b"old", "current/hue": b"then"})
    backup = back_up(store, tmp_path / "backup").path
    spent = {quota_key("open-meteo"): b"much", quota_key("met-norway"): b"some", PROVIDERS_KEY: b"new"}
    store.write(spent | {"current/hue": b"now"})
    restore(store, backup)
    assert store.read([*spent, "current/hue"]) == spent | {"current/hue": b"then"}


def test_a_backup_of_an_earlier_version_is_migrated_and_stays_as_it_is(
    store: SqliteStore, tmp_path: Path
) -> None:
    backup = Path(shutil.copy(OLD_FILE, tmp_path / "old"))
    before = backup.read_bytes()
    taken, _ = restore(store, backup)
    assert taken.rows["articles"] > 0
    assert content(store.path)["records"] == content(OLD_FILE)["records"]
    assert backup.read_bytes() == before


def test_a_backup_of_a_newer_version_changes_nothing(store: SqliteStore, tmp_path: Path) -> None:
    filled(store)
    backup = back_up(store, tmp_path / "backup").path
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 4}")
    before = content(store.path)
    with pytest.raises(BackupError, match=rf"is of version {len(STEPS) + 4}, and .* up to {len(STEPS)}"):
        restore(store, backup)
    assert content(store.path) == before


def test_what_is_no_backup_is_refused_and_nothing_is_changed(store: SqliteStore, tmp_path: Path) -> None:
    filled(store)
    text, cut, copied = tmp_path / "notes.txt", tmp_path / "cut", tmp_path / "copied"
    text.write_text("notes")
    cut.write_bytes(back_up(store, tmp_path / "backup").path.read_bytes()[:20_000])
    fresh = SqliteStore(tmp_path / "fresh.sqlite3")
    fresh.write({"a": b"only in the write-ahead log"})
    shutil.copy(fresh.path, copied)
    before = content(store.path)
    for wrong, told in (
        (text, "is no backup; make one with portal-widgets backup"),
        (cut, "(is damaged|is no backup)"),
        (copied, "is empty, like a store that was copied without its -wal"),
        (tmp_path / "none", "there is no such file"),
        (tmp_path, "there is no such file"),
    ):
        with pytest.raises(BackupError, match=f"^{re.escape(str(wrong))}:? {told}"):
            restore(store, wrong)
    assert content(store.path) == before


def test_a_backup_overwrites_nothing_but_a_backup(store: SqliteStore, tmp_path: Path) -> None:
    filled(store)
    text = tmp_path / "notes.txt"
    text.write_text("notes")
    for target, told in (
        (text, "is replaced only if it is a backup"),
        (store.path, "is the store itself"),
        (tmp_path, "is not a file"),
        (tmp_path / "no" / "folder", "the folder .* does not exist"),
    ):
        with pytest.raises(BackupError, match=told):
            back_up(store, target)
    assert text.read_text() == "notes"
    with pytest.raises(BackupError, match="there is nothing to back up"):
        back_up(SqliteStore(tmp_path / "none.sqlite3"), tmp_path / "backup")
    made: Content = back_up(store, tmp_path / "backup")
    assert back_up(store, tmp_path / "backup") == made

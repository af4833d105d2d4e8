"""A store that fails is told in one line when it begins and one when it is over, each with a remedy."""

import logging
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from service.core.errors import StoreError
from service.storage.connections import LengthMonitor
from service.storage.failure_log import Access, FailureLog, TruncatedError, explain
from service.storage.store import SqliteStore

BIG = {f"outlook/{number}": os.urandom(3_000) for number in range(200)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store with some hundred pages, all of them in the file itself."""
    made = SqliteStore(tmp_path / "folder" / "store.sqlite3")
    made.failure_log = FailureLog(made.path, over_after=0.0)
    made.write(BIG)
    with closing(sqlite3.connect(made.path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert made.read(list(BIG)) == BIG
    yield made
    made.close()


def tried(*uses: Callable[[], object]) -> None:
    for use in uses:
        with suppress(StoreError):
            use()


def cut_to_nothing(store: SqliteStore) -> None:
    os.truncate(store.path, 0)


def cut_in_half(store: SqliteStore) -> None:
    os.truncate(store.path, store.path.stat().st_size // 2)


CUTS = [cut_to_nothing, cut_in_half]


@pytest.mark.parametrize("cut", CUTS)
def test_a_file_that_is_cut_short_is_noticed_at_the_next_use_whatever_is_in_the_cache(
    store: SqliteStore, cut: Callable[[SqliteStore], None]
) -> None:
    store.read(["outlook/1"])
    cut(store)
    for _ in range(2):
        with pytest.raises(StoreError, match="cut short"):
            store.read(["outlook/1"])
        with pytest.raises(StoreError, match="cut short"):
            store.write({"a": b"1"})


def test_a_file_that_grew_between_two_looks_was_not_cut_short(tmp_path: Path) -> None:
    """One thread looks at a new file before another fills it, and has its turn after that one."""
    path, monitor = tmp_path / "new", LengthMonitor()
    path.touch()
    earlier = path.stat()
    path.write_bytes(b"x" * 4096)
    first = monitor.generation(path.stat(), path.stat, lambda: False)
    assert monitor.generation(earlier, path.stat, lambda: False) == first
    os.truncate(path, 0)
    with pytest.raises(TruncatedError):
        monitor.generation(path.stat(), path.stat, lambda: True)


@pytest.mark.parametrize("cut", CUTS)
def test_a_file_that_was_cut_short_is_set_aside_with_its_log_and_a_new_one_begun(
    store: SqliteStore, cut: Callable[[SqliteStore], None]
) -> None:
    store.write({"newest": b"in the log"})
    log = store.path.with_name("store.sqlite3-wal").read_bytes()
    assert log
    cut(store)
    aside = store.set_aside_if_damaged()
    assert aside is not None
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == log
    assert store.keys("") == []
    store.write({"a": b"1"})
    assert store.read(["a"]) == {"a": b"1"}
    assert store.set_aside_if_damaged() is None


def test_a_file_that_was_made_shorter_by_rights_is_used_on(store: SqliteStore) -> None:
    kept = dict(list(BIG.items())[:3])
    store.delete([key for key in BIG if key not in kept])
    before = store.path.stat().st_size
    with closing(sqlite3.connect(store.path, isolation_level=None)) as raw:
        raw.execute("VACUUM")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert store.path.stat().st_size < before
    assert store.read(list(BIG)) == kept
    store.write({"a": b"1"})
    assert store.set_aside_if_damaged() is None


def test_a_file_that_was_cut_short_and_is_whole_again_is_used_again(store: SqliteStore) -> None:
    whole = store.path.read_bytes()
    cut_in_half(store)
    tried(lambda: store.read(["outlook/1"]))
    store.path.write_bytes(whole)
    assert store.read(["outlook/1"]) == {"outlook/1": BIG["outlook/1"]}


def test_a_file_that_was_cut_short_is_told_once_and_the_new_one_once(
    store: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    cut_in_half(store)
    for _ in range(3):
        tried(lambda: store.read(["a"]), store.last_write, lambda: store.write({"a": b"1"}))
    (line,) = caplog.messages
    assert str(store.path) in line
    assert "backup" in line
    store.set_aside_if_damaged()
    tried(store.last_write, lambda: store.write({"a": b"1"}))
    assert len(caplog.messages) == 2
    assert "is another file than before" in caplog.messages[-1]


LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


def test_a_locked_file_is_told_once_and_its_end_once(
    store: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    command = [sys.executable, "-c", LOCK, store.path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(StoreError, match="another process has had it locked"):
            store.write({"a": b"1"})
        store.read(["a"])  # which goes on meanwhile, and ends nothing
        assert len(caplog.messages) == 1
        other.stdin.close()
    store.write({"a": b"1"})
    assert caplog.messages[1:] == [f"the store {store.path} can be used again"]


def test_a_full_disk_is_told_with_its_folder(store: SqliteStore, caplog: pytest.LogCaptureFixture) -> None:
    """A file that may not grow stands for the disk: SQLite meets the same refusal at its next page."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (store.path.stat().st_size, hard))
    try:
        for _ in range(3):
            tried(lambda: store.write({f"more/{key}": value * 2 for key, value in BIG.items()}))
        assert store.read(["outlook/1"]) == {"outlook/1": BIG["outlook/1"]}
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    (line,) = caplog.messages
    assert "takes no more" in line
    store.write({"a": b"1"})
    assert caplog.messages[1:] == [f"the store {store.path} can be used again"]


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (sqlite3.SQLITE_FULL, "free some room in /var/lib/x"),
        (sqlite3.SQLITE_READONLY, "(uid "),
        (sqlite3.SQLITE_CANTOPEN, "enter and write to /var/lib/x"),
        (sqlite3.SQLITE_BUSY, "end what else uses it"),
        (sqlite3.SQLITE_CORRUPT, "backup"),
        (sqlite3.SQLITE_NOTADB, "backup"),
        (sqlite3.SQLITE_IOERR | 3 << 8, "quota"),
        (sqlite3.SQLITE_ERROR, "store.url"),
    ],
)
def test_every_cause_comes_with_its_remedy(code: int, remedy: str) -> None:
    error = sqlite3.OperationalError("raw words")
    error.sqlite_errorcode = code
    sentence = explain(Path("/var/lib/x/store.sqlite3"), error)
    assert sentence.startswith("the store /var/lib/x/store.sqlite3 cannot be used: ")
    assert remedy in sentence


def test_a_refusal_of_the_system_names_who_is_to_be_let_in() -> None:
    sentence = explain(Path("/var/lib/x/store.sqlite3"), PermissionError(13, "Permission denied"))
    assert f"Permission denied; let the user of this process (uid {os.geteuid()}) enter" in sentence


def test_what_fails_for_some_and_not_for_others_is_not_told_again_and_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = 0.0
    told = FailureLog(Path("/store"), clock=lambda: now)
    damage = sqlite3.DatabaseError()
    damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    for _ in range(100):
        told.failed(Access.READ, "damaged", damage)
        now += 10
        told.succeeded(Access.READ)
    assert caplog.messages == ["damaged"]
    now += 100
    told.succeeded(Access.READ)
    assert caplog.messages[1:] == ["the store /store can be used again"]


def test_what_ends_for_readers_alone_has_not_ended(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = FailureLog(Path("/store"), over_after=0.0)
    told.failed(Access.READ, "gone", OSError())
    told.failed(Access.WRITE, "gone", OSError())
    told.succeeded(Access.READ)
    assert caplog.messages == ["gone"]
    told.succeeded(Access.WRITE)
    assert len(caplog.messages) == 2

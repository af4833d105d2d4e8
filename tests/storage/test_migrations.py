"""A file of every earlier version becomes one of today, by whoever opens it first, and loses nothing."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from stored_articles import article

from service.articles.store.sqlite import SqliteArticleRepository
from service.core.errors import StoreError
from service.storage.migrations import STEPS, Step, migrate, schema_version
from service.storage.store import SqliteStore

KEPT = Path(__file__).parent / "kept_by_27ebb81" / "store.sqlite3"
FIRST_RECORDS = """
CREATE TABLE records (
    key TEXT PRIMARY KEY, value BLOB, checksum BLOB NOT NULL, write INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX records_by_write ON records (write);
"""


def opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def schema(path: Path) -> set[tuple[str, str, str]]:
    """Type, name and words of everything in the file's schema."""
    with closing(opened(path)) as raw:
        rows = raw.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master")
        return {(kind, name, " ".join(sql.split())) for kind, name, sql in rows}


def nothing(path: Path) -> None:
    assert not path.exists()


def an_empty_file(path: Path) -> None:
    path.touch()


def the_very_first(path: Path) -> None:
    """Before versions were counted."""
    with closing(opened(path)) as raw:
        raw.executescript(FIRST_RECORDS)


def records_alone(path: Path) -> None:
    """Version 1 of a service that never had an article, and was made before files had a number."""
    with closing(opened(path)) as raw:
        raw.executescript(f"PRAGMA journal_mode = WAL; {FIRST_RECORDS} PRAGMA user_version = 1;")


def kept_by_27ebb81(path: Path) -> None:
    """Version 1 with the tables of articles."""
    shutil.copy(KEPT, path)


def a_copy_of_today(path: Path) -> None:
    """As `VACUUM INTO` makes it, in another journal mode."""
    original = path.with_name("original")
    SqliteStore(original).write({"a": b"1"})
    with closing(opened(original)) as raw:
        raw.execute("VACUUM INTO ?", (str(path),))


def version(number: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with closing(opened(path)) as raw:
            raw.execute("PRAGMA journal_mode = WAL")
            migrate(raw, STEPS[:number])

    make.__name__ = f"version_{number}"
    return make


EARLIER = (nothing, an_empty_file, the_very_first, records_alone, kept_by_27ebb81, a_copy_of_today)
makers = pytest.mark.parametrize(
    "make", [*EARLIER, *map(version, range(len(STEPS) + 1))], ids=lambda make: str(make.__name__)
)


@makers
def test_a_file_of_every_earlier_version_becomes_like_a_new_one(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    new, old = SqliteStore(tmp_path / "new.sqlite3"), SqliteStore(tmp_path / "old.sqlite3")
    new.last_write()
    make(old.path)
    old.last_write()
    assert schema(old.path) == schema(new.path)
    with closing(opened(old.path)) as raw:
        assert schema_version(raw) == len(STEPS)
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert old.origin() > 0


@makers
def test_a_file_of_every_earlier_version_works_for_records_and_articles(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    store = SqliteStore(tmp_path / "old.sqlite3")
    make(store.path)
    repository = SqliteArticleRepository(store)
    repository.save([article("a")])
    store.write({"current/hue": b"warm"})
    assert store.read(["current/hue"]) == {"current/hue": b"warm"}
    assert [one.id for one in repository.get(["a"])] == ["a"]


def test_what_is_kept_is_as_it_was_after_every_step(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    kept_by_27ebb81(path)
    tables = ("records", "articles", "article_search_data", "sightings", "taken_down", "pictures", "shown")

    def content() -> dict[str, list[tuple[object, ...]]]:
        with closing(opened(path)) as raw:
            return {table: sorted(raw.execute(f"SELECT * FROM {table}"), key=repr) for table in tables}

    before = content()
    for number in range(1, len(STEPS) + 1):
        with closing(opened(path)) as raw:
            migrate(raw, STEPS[:number])
        assert content() == before


def test_the_number_of_a_file_stays_through_every_step(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    kept_by_27ebb81(path)
    with closing(opened(path)) as raw:
        (before,) = raw.execute("PRAGMA application_id").fetchone()
    assert SqliteStore(path).origin() == before


# Steps to come


def adds_a_table(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE more (a INTEGER)")
    connection.execute("INSERT INTO more SELECT 1 FROM records")


def fails_halfway(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE halfway (a INTEGER)")
    connection.execute("DELETE FROM records")
    raise sqlite3.OperationalError("the step failed")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store = SqliteStore(tmp_path / "store.sqlite3")
    store.write({"a": b"1"})
    store.close()
    return store.path


def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    before = schema(path)
    newer = SqliteStore(path, steps=(*STEPS, fails_halfway))
    for _ in range(2):
        with pytest.raises(StoreError, match="the step failed"):
            newer.read(["a"])
    assert schema(path) == before
    assert SqliteStore(path).read(["a"]) == {"a": b"1"}


def test_the_steps_before_one_that_fails_are_taken(path: Path) -> None:
    newer = SqliteStore(path, steps=(*STEPS, adds_a_table, fails_halfway))
    with pytest.raises(StoreError, match="the step failed"):
        newer.read(["a"])
    assert SqliteStore(path, steps=(*STEPS, adds_a_table)).read(["a"]) == {"a": b"1"}


STEP = """
import os, sqlite3, sys
from pathlib import Path
from service.storage.migrations import STEPS
from service.storage.store import SqliteStore

def adds_a_table(connection):
    connection.execute("CREATE TABLE more (a INTEGER)")
    connection.execute("INSERT INTO more SELECT 1 FROM records")

def dies_halfway(connection):
    adds_a_table(connection)
    os._exit(9)
"""
OPEN = """
store = SqliteStore(Path(sys.argv[1]), steps=(*STEPS, adds_a_table))
sys.stdin.read()
assert store.read(["a"]) == {"a": b"1"}
with store.reading() as connection:
    print(connection.execute("SELECT count(*) FROM more").fetchone()[0])
store.write({f"own/{os.getpid()}": b"x"})
"""


def test_a_process_that_dies_in_the_midst_of_a_step_leaves_the_file_as_it_was(path: Path) -> None:
    before = schema(path)
    script = f"{STEP}\nSqliteStore(Path(sys.argv[1]), steps=(*STEPS, dies_halfway)).read(['a'])"
    died = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert died.returncode == 9
    assert SqliteStore(path).read(["a"]) == {"a": b"1"}
    assert schema(path) == before
    assert SqliteStore(path, steps=(*STEPS, adds_a_table)).read(["a"]) == {"a": b"1"}


def test_processes_that_open_it_at_once_all_succeed_and_the_step_is_taken_once(path: Path) -> None:
    command = [sys.executable, "-c", STEP + OPEN, str(path)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(5)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    outputs = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert outputs == [b"1"] * 5
    assert [process.returncode for process in processes] == [0] * 5
    assert len(SqliteStore(path, steps=(*STEPS, adds_a_table)).keys("own/")) == 5


def test_a_step_that_another_process_took_meanwhile_is_not_taken_again(path: Path) -> None:
    def when_it_begins(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE":
            with closing(opened(path)) as other:
                migrate(other, (*STEPS, adds_a_table))

    with closing(opened(path)) as raw:
        raw.set_trace_callback(when_it_begins)
        migrate(raw, (*STEPS, adds_a_table))
        assert schema_version(raw) == len(STEPS) + 1


def test_nobody_sees_half_a_step(path: Path) -> None:
    seen: list[object] = []
    reader = opened(path)

    def watched(connection: sqlite3.Connection) -> None:
        adds_a_table(connection)
        seen.append(reader.execute("SELECT name FROM sqlite_master WHERE name = 'more'").fetchone())
        seen.append(schema_version(reader))

    SqliteStore(path, steps=(*STEPS, watched)).read(["a"])
    assert seen == [None, len(STEPS)]
    assert schema_version(reader) == len(STEPS) + 1
    reader.close()


def test_an_earlier_file_that_is_put_in_the_place_of_an_open_one_is_migrated(
    path: Path, tmp_path: Path
) -> None:
    store = SqliteStore(path)
    assert store.read(["a"]) == {"a": b"1"}
    earlier = tmp_path / "earlier.sqlite3"
    kept_by_27ebb81(earlier)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    earlier.rename(path)
    assert store.keys("spots") == ["spots"]
    with closing(opened(path)) as raw:
        assert schema_version(raw) == len(STEPS)


def test_a_step_is_never_taken_twice(path: Path) -> None:
    taken: list[int] = []
    step: Step = lambda _: taken.append(1)  # noqa: E731 - a step that counts
    for _ in range(3):
        SqliteStore(path, steps=(*STEPS, step)).read(["a"])
    assert taken == [1]

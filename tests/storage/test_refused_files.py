"""A file of a newer version, or of another application, is refused in a sentence and left as it is."""

import os
import shutil
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from stored_articles import article

from service.articles.store.sqlite import SqliteArticleRepository
from service.core.errors import StoreError, StoreRefusedError
from service.storage import file_check
from service.storage.damage_watch import DamageWatch
from service.storage.migrations import STEPS, set_readable_from
from service.storage.store import SqliteStore

NEWEST = len(STEPS)
NEWER = NEWEST + 1


def found_in(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file of a folder: its content and when it was written."""
    return {
        file.name: (sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns)
        for file in folder.iterdir()
    }


def opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def ours(path: Path) -> None:
    store = SqliteStore(path)
    store.write({"a": b"1"})
    SqliteArticleRepository(store).save([article("a")])
    store.close()


def newer(path: Path) -> None:
    ours(path)
    with closing(opened(path)) as raw:
        raw.execute(f"PRAGMA user_version = {NEWER}")


def much_newer_in_another_journal_mode(path: Path) -> None:
    ours(path)
    with closing(opened(path)) as raw:
        raw.execute("PRAGMA journal_mode = DELETE")
        raw.execute("ALTER TABLE records ADD COLUMN more TEXT")
        raw.execute("PRAGMA user_version = 2000000000")


def newer_in_its_log_alone(path: Path) -> None:
    """The newer version was killed before it carried its step over into the file."""
    alive = path.with_name("alive")
    alive.mkdir()
    ours(alive / path.name)
    with closing(opened(alive / path.name)) as raw:
        raw.execute("PRAGMA wal_autocheckpoint = 0")
        raw.execute("BEGIN")
        raw.execute("CREATE TABLE more (a)")
        raw.execute(f"PRAGMA user_version = {NEWER}")
        raw.execute("COMMIT")
        for suffix in ("", "-wal"):
            shutil.copy(f"{alive / path.name}{suffix}", path.parent)
    shutil.rmtree(alive)
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (NEWEST,)


def another_database(path: Path) -> None:
    with closing(opened(path)) as raw:
        raw.executescript("CREATE TABLE songs (title TEXT); INSERT INTO songs VALUES ('Hạ trắng');")


def another_database_with_a_version(path: Path) -> None:
    with closing(opened(path)) as raw:
        raw.executescript(
            "PRAGMA journal_mode = WAL; CREATE TABLE records (title TEXT); PRAGMA user_version = 1;"
        )


def another_database_with_a_negative_version(path: Path) -> None:
    with closing(opened(path)) as raw:
        raw.executescript("CREATE TABLE songs (title TEXT); PRAGMA user_version = -7;")


OF_NEWER = [newer, much_newer_in_another_journal_mode, newer_in_its_log_alone]
OF_OTHERS = [another_database, another_database_with_a_version, another_database_with_a_negative_version]
refused_ones = pytest.mark.parametrize("make", OF_NEWER + OF_OTHERS, ids=lambda make: str(make.__name__))

USES: dict[str, Callable[[SqliteStore], object]] = {
    "read": lambda store: store.read(["a"]),
    "keys": lambda store: store.keys(""),
    "origin": lambda store: store.origin(),
    "last_write": lambda store: store.last_write(),
    "written_since": lambda store: store.written_since(0),
    "keep": lambda store: store.write({"a": b"2"}),
    "forget": lambda store: store.delete(["a"]),
    "set aside": lambda store: store.set_aside_if_damaged(),
    "list": lambda store: SqliteArticleRepository(store).page(),
    "save": lambda store: SqliteArticleRepository(store).save([article("b")]),
    "take down": lambda store: SqliteArticleRepository(store).take_down(["a"]),
    "trim": lambda store: SqliteArticleRepository(store).trim("tinh", 0),
    "image": lambda store: SqliteArticleRepository(store).image("aa"),
}


@refused_ones
def test_no_use_of_it_touches_it_or_leaves_a_file_beside_it(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "store.sqlite3"
    make(path)
    before = found_in(tmp_path)
    for use in USES.values():
        store = SqliteStore(path)
        for _ in range(2):
            with pytest.raises(StoreRefusedError, match=r"store\.sqlite3 is .*: it is left as it is; "):
                use(store)
        store.close()
    assert SqliteStore(path).refusal(is_ours=False)
    path.with_name("store.sqlite3.takedowns").unlink()  # what was taken down is noted there
    assert found_in(tmp_path) == before


@pytest.mark.parametrize("make", OF_NEWER, ids=lambda make: make.__name__)
def test_the_sentence_names_both_versions(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "store.sqlite3"
    make(path)
    version = 2_000_000_000 if make is much_newer_in_another_journal_mode else NEWER
    refusal = SqliteStore(path).refusal() or ""
    assert f"{path} is of version {version}, and this portal-widgets knows versions up to {NEWEST}" in refusal
    assert "\n" not in refusal


@pytest.mark.parametrize("make", OF_OTHERS, ids=lambda make: make.__name__)
def test_another_applications_database_is_named_as_that(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "store.sqlite3"
    make(path)
    assert "is a database of another application" in (SqliteStore(path).refusal(is_ours=False) or "")


@pytest.mark.parametrize("make", OF_OTHERS, ids=lambda make: make.__name__)
def test_another_applications_database_in_the_place_of_ours_is_set_aside_whole(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "store.sqlite3"
    path.with_name("store.sqlite3.lock").touch()  # a collector was here
    make(path)
    content = path.read_bytes()
    reader = SqliteStore(path)
    with pytest.raises(StoreRefusedError):
        reader.read(["a"])
    assert reader.damage_mark.exists()
    assert DamageWatch(SqliteStore(path), iter((0.0, 9.0, 9.0)).__next__).found_damage()
    assert reader.refusal() is None
    aside = SqliteStore(path).set_aside_if_damaged(datetime(2020, 3, 7, 1, 15, tzinfo=UTC))
    assert aside == path.with_name("store.sqlite3.damaged-20200307T011500Z")
    assert aside.read_bytes() == content
    assert reader.read(["a"]) == {}


@pytest.mark.parametrize("name", ["notes.txt", "photo.webp", "settings.toml", "store"])
def test_a_file_that_is_no_database_and_was_never_ours_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("nothing of ours\n" * 100)
    before = found_in(tmp_path)
    assert "is no SQLite database" in (SqliteStore(path).refusal(is_ours=False) or "")
    assert SqliteStore(path).refusal(is_ours=True) is None  # a damaged one, which will be set aside
    assert found_in(tmp_path) == before


@pytest.mark.parametrize("name", ["store", "new.sqlite3"])
@pytest.mark.parametrize("exists", [True, False])
def test_an_empty_file_and_none_at_all_may_become_a_store(tmp_path: Path, name: str, exists: bool) -> None:
    path = tmp_path / name
    if exists:
        path.touch()
    assert SqliteStore(path).refusal(is_ours=False) is None
    assert SqliteStore(path).read(["a"]) == {}


def test_a_name_with_signs_that_mean_something_in_an_address_is_no_hindrance(tmp_path: Path) -> None:
    path = tmp_path / "a store?mode=memory#1 %41.sqlite3"
    ours(path)
    assert SqliteStore(path).refusal() is None
    with closing(opened(path)) as raw:
        raw.execute(f"PRAGMA user_version = {NEWER}")
    assert f"is of version {NEWER}" in (SqliteStore(path).refusal() or "")


def test_a_file_that_another_process_is_making_is_not_another_applications(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"

    def between(statement: str) -> None:
        if "sqlite_master" in statement:
            ours(path)

    with closing(opened(path)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
        raw.set_trace_callback(between)
        assert file_check.database_refusal(raw, path, NEWEST) is None


# A newer version takes over while we run


def take_over(path: Path) -> None:
    def more(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE more (a)")

    SqliteStore(path, steps=(*STEPS, more)).last_write()


def test_a_store_that_a_newer_version_takes_over_is_used_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "store.sqlite3"
    ours(path)
    store = SqliteStore(path)
    assert store.read(["a"]) == {"a": b"1"}
    take_over(path)
    for use in USES.values():
        with pytest.raises(StoreRefusedError, match=f"of version {NEWER}"):
            use(store)
    assert len([line for line in caplog.messages if "is of version" in line]) == 1
    with closing(opened(path)) as raw:
        assert raw.execute("SELECT key, value FROM records WHERE key = 'a'").fetchall() == [("a", b"1")]


def test_a_write_that_waits_for_the_newer_version_to_finish_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    ours(path)
    store = SqliteStore(path)

    def when_it_begins(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE":
            take_over(path)

    with store.reading() as connection:
        connection.set_trace_callback(when_it_begins)
    with pytest.raises(StoreRefusedError):
        store.write({"b": b"2"})
    with closing(opened(path)) as raw:
        assert raw.execute("SELECT count(*) FROM records WHERE key = 'b'").fetchone() == (0,)


def test_when_the_former_file_is_back_it_is_used_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, backup = tmp_path / "store.sqlite3", tmp_path / "backup"
    ours(path)
    shutil.copy(path, backup)
    store = SqliteStore(path)
    store.last_write()
    take_over(path)
    with pytest.raises(StoreRefusedError):
        store.read(["a"])
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    backup.rename(path)
    assert store.read(["a"]) == {"a": b"1"}
    assert [line for line in caplog.messages if "can be used again" in line]


# What is read without SQLite


def test_what_was_never_committed_to_the_log_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    newer_in_its_log_alone(path)
    log = path.with_name("store.sqlite3-wal")
    whole = log.read_bytes()
    (size,) = struct.unpack(">I", whole[8:12])
    frame = 24 + size
    assert file_check.newer_version_in_wal(whole, NEWEST) == NEWER
    assert file_check.newer_version_in_wal(whole[: 32 + frame // 2], NEWEST) is None
    spoilt = bytearray(whole)
    for at in range(32, len(whole), frame):
        spoilt[at + 24 + 100] ^= 1  # a bit of every page, so that no checksum fits
    assert file_check.newer_version_in_wal(bytes(spoilt), NEWEST) is None
    uncommitted = whole[:-frame]  # the last frame of the only transaction
    assert len(uncommitted) > frame
    assert file_check.newer_version_in_wal(uncommitted, NEWEST) is None
    log.write_bytes(bytes(spoilt))
    assert SqliteStore(path).read(["a"]) == {"a": b"1"}  # SQLite is of the same opinion


@pytest.mark.parametrize("noise", [b"", b"x", b"x" * 5_000, bytes(5_000), b"\x37\x7f\x06\x82" + bytes(4_000)])
def test_noise_beside_the_file_is_no_log(tmp_path: Path, noise: bytes) -> None:
    path = tmp_path / "store.sqlite3"
    ours(path)
    path.with_name("store.sqlite3-wal").write_bytes(noise)
    assert file_check.newer_version_in_wal(noise, NEWEST) is None
    assert SqliteStore(path).read(["a"]) == {"a": b"1"}


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="the kernel is asked for its locks")
def test_to_look_at_a_file_frees_no_lock_that_this_process_has_on_it(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    store = SqliteStore(path)
    store.write({"a": b"1"})

    def locks() -> list[str]:
        mine = f" {os.getpid()} ", f":{path.stat().st_ino} "
        return [line for line in Path("/proc/locks").read_text().splitlines() if all(m in line for m in mine)]

    held = locks()
    assert held
    assert SqliteStore(path).refusal(is_ours=False) is None
    assert file_check.is_database(path)
    assert len(locks()) == len(held)


def test_a_damaged_store_is_no_refused_one(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    ours(path)
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    store = SqliteStore(path)
    assert store.refusal(is_ours=False) is None
    with pytest.raises(StoreError) as raised:
        store.keys("")
    assert not isinstance(raised.value, StoreRefusedError)
    assert store.set_aside_if_damaged() is not None


# A newer version's file that says that this version can read it


def newer_and_readable(path: Path) -> None:
    ours(path)
    with closing(opened(path)) as raw:
        raw.execute("CREATE TABLE more (a)")
        raw.execute(f"PRAGMA user_version = {NEWER}")
        set_readable_from(raw, NEWEST)


WRITES = ("keep", "forget", "save", "take down", "trim")


def test_a_newer_file_that_can_be_read_is_read_and_never_written(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    newer_and_readable(path)
    before = path.read_bytes()
    store = SqliteStore(path)
    assert store.refusal() is None
    assert f"is of version {NEWER}, and this portal-widgets knows versions up to {NEWEST}: it is read" in (
        store.write_refusal() or ""
    )
    assert store.read(["a"]) == {"a": b"1"}
    assert [one.id for one in SqliteArticleRepository(store).page().articles] == ["a"]
    for name in WRITES:
        with pytest.raises(StoreRefusedError, match="not written"):
            USES[name](store)
    with pytest.raises(StoreRefusedError, match="not written"):
        store.try_write()
    assert store.set_aside_if_damaged() is None
    assert SqliteArticleRepository(store).get(["a"]) == []  # it was taken down beside the store
    store.close()
    assert path.read_bytes() == before


def test_what_another_version_said_of_its_own_files_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    newer_and_readable(path)
    with closing(opened(path)) as raw:
        raw.execute(f"PRAGMA user_version = {NEWER + 1}")
    assert f"is of version {NEWER + 1}" in (SqliteStore(path).refusal() or "")


def test_a_newer_version_that_takes_over_a_file_in_use_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    ours(path)
    store = SqliteStore(path)
    assert store.write_refusal() is None
    with closing(opened(path)) as raw:
        raw.execute(f"PRAGMA user_version = {NEWER}")
        set_readable_from(raw, 1)
        assert store.read(["a"]) == {"a": b"1"}
        with pytest.raises(StoreRefusedError, match="not written"):
            store.write({"b": b"2"})
        raw.execute("UPDATE records SET value = NULL")
        assert store.read(["a"]) == {}

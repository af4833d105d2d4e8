"""What can happen to the file: bits flip, disks fill, processes fork, somebody replaces or deletes it."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from service.core.errors import StoreError
from service.storage.store import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "folder" / "store.sqlite3")


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A process of its own that has the store's class at hand."""
    head = "import sys\nfrom pathlib import Path\nfrom service.storage.store import SqliteStore\n"
    command = [sys.executable, "-c", head + script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def said(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    return output.strip()


def test_the_file_and_its_folder_are_made_at_first_use_in_wal_mode(store: SqliteStore) -> None:
    assert not store.path.parent.exists()
    assert store.read(["a"]) == {}
    with closing(sqlite3.connect(store.path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("column", ["value", "checksum"])
def test_a_flipped_bit_makes_a_record_as_if_it_were_not_there(store: SqliteStore, column: str) -> None:
    store.write({"a": b"warm", "b": b"cold"})
    with closing(sqlite3.connect(store.path, isolation_level=None)) as raw:
        (blob,) = raw.execute(f"SELECT {column} FROM records WHERE key = 'a'").fetchone()
        spoilt = bytes([blob[0] ^ 1]) + blob[1:]
        raw.execute(f"UPDATE records SET {column} = ? WHERE key = 'a'", (spoilt,))
    assert store.read(["a", "b"]) == {"b": b"cold"}
    store.write({"a": b"warm again"})
    assert store.read(["a"]) == {"a": b"warm again"}


def test_a_value_under_another_records_key_is_not_taken_for_it(store: SqliteStore) -> None:
    store.write({"hue": b"warm", "ha-noi": b"cold"})
    with closing(sqlite3.connect(store.path, isolation_level=None)) as raw:
        raw.execute(
            "UPDATE records SET (value, checksum) = (SELECT value, checksum FROM records WHERE key = 'hue')"
            " WHERE key = 'ha-noi'"
        )
    assert store.read(["hue", "ha-noi"]) == {"hue": b"warm"}


MAKE = """
from threading import Barrier
store = SqliteStore(Path(sys.argv[1]))
sys.stdin.read()
for number in range(5):
    store.write({f"{sys.argv[2]}-{number}": b"x"})
print(len(store.keys("")))
"""


def test_many_processes_may_make_a_new_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    command = [sys.executable, "-c", "import sys\nfrom pathlib import Path\n"
               "from service.storage.store import SqliteStore\n" + MAKE, str(path)]  # fmt: skip
    makers = [
        subprocess.Popen(
            [*command, f"maker{n}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for n in range(6)
    ]
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.close()
        maker.stdin = None
    outputs = [maker.communicate(timeout=60)[0] for maker in makers]
    assert [maker.returncode for maker in makers] == [0] * 6, outputs
    assert len(SqliteStore(path).keys("maker")) == 30


def test_threads_may_make_a_new_file_at_once(tmp_path: Path) -> None:
    faults: list[BaseException] = []

    def make(path: Path, start: threading.Barrier, number: int) -> None:
        try:
            start.wait(10)
            SqliteStore(path).write({f"{number}": b"x"})
        except BaseException as fault:  # noqa: BLE001 - a thread's failure is the test's
            faults.append(fault)

    for attempt in range(10):
        start = threading.Barrier(6)
        path = tmp_path / f"{attempt}.sqlite3"
        threads = [threading.Thread(target=make, args=(path, start, n)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not faults
        assert len(SqliteStore(path).keys("")) == 6


WRITE = """
store = SqliteStore(Path(sys.argv[1]))
for number in range(40):
    value = str(number).encode() * 500
    store.write({"a": value, "b": value, f"own/{sys.argv[2]}": b"x"})
"""
READ = """
store = SqliteStore(Path(sys.argv[1]))
for _ in range(200):
    found = store.read(["a", "b"])
    assert found["a"] == found["b"], found
"""


def test_writers_and_readers_in_several_processes_see_whole_writes_only(store: SqliteStore) -> None:
    store.write({"a": b"0", "b": b"0"})
    processes = [run(WRITE, store.path, n) for n in range(2)] + [run(READ, store.path) for _ in range(3)]
    for process in processes:
        said(process)
    assert store.last_write() == 81
    assert store.keys("own/") == ["own/0", "own/1"]


FORK = """
import os
store = SqliteStore(Path(sys.argv[1]))
store.write({"before": b"1"})
child = os.fork()
if child == 0:
    store.write({"of the child": b"1"})
    assert store.read(["before"]) == {"before": b"1"}
    os._exit(0)
_, status = os.waitpid(child, 0)
assert status == 0, status
store.write({"after": b"1"})
print(",".join(store.keys("")))
"""


def test_a_store_is_used_on_both_sides_of_a_fork(store: SqliteStore) -> None:
    assert said(run(FORK, store.path)) == "after,before,of the child"
    with closing(sqlite3.connect(store.path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_that_was_deleted_is_made_anew_under_its_reader(store: SqliteStore) -> None:
    store.write({"a": b"1"})
    shutil.rmtree(store.path.parent)
    assert store.read(["a"]) == {}
    store.write({"a": b"2"})
    assert SqliteStore(store.path).read(["a"]) == {"a": b"2"}


def test_a_file_that_was_replaced_is_noticed_at_the_next_read(store: SqliteStore, tmp_path: Path) -> None:
    store.write({"a": b"old"})
    other = SqliteStore(tmp_path / "other.sqlite3")
    other.write({"a": b"new"})
    other.close()
    for suffix in ("-wal", "-shm"):
        store.path.with_name(store.path.name + suffix).unlink(missing_ok=True)
    other.path.rename(store.path)
    assert store.read(["a"]) == {"a": b"new"}


def spoil(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "another format":
        path.write_bytes(b"this is no database at all" * 1_000)
    elif how == "a broken middle":
        path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    else:
        path.write_bytes(content[:5000])


@pytest.mark.parametrize("how", ["another format", "a broken middle", "cut short"])
def test_a_damaged_file_is_set_aside_whole_and_workers_go_over_to_the_new_one(
    store: SqliteStore, how: str
) -> None:
    store.write({f"key-{n}": b"x" * 900 for n in range(100)})
    store.close()
    spoil(store.path, how)
    damaged = store.path.read_bytes()
    worker = SqliteStore(store.path)
    with pytest.raises(StoreError, match=r"store\.sqlite3"):
        worker.read([f"key-{n}" for n in range(100)])
    aside = SqliteStore(store.path).set_aside_if_damaged()
    assert aside is not None
    assert aside.read_bytes() == damaged
    assert worker.read(["key-1"]) == {}
    worker.write({"key-1": b"anew"})
    assert store.read(["key-1"]) == {"key-1": b"anew"}
    assert SqliteStore(store.path).set_aside_if_damaged() is None


def test_a_second_damaged_file_does_not_replace_the_first(store: SqliteStore) -> None:
    for _ in range(2):
        store.write({"a": b"1"})
        store.close()
        spoil(store.path, "another format")
        store.set_aside_if_damaged()
    asides = sorted(path.name for path in store.path.parent.glob("*.damaged*"))
    assert asides == ["store.sqlite3.damaged", "store.sqlite3.damaged-2"]


def test_a_healthy_file_and_one_that_is_only_busy_are_left_where_they_are(store: SqliteStore) -> None:
    store.write({"a": b"1"})
    assert store.set_aside_if_damaged() is None
    assert store.read(["a"]) == {"a": b"1"}


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    below_a_file = SqliteStore(tmp_path / "file" / "store.sqlite3")
    with pytest.raises(StoreError, match="cannot be used"):
        below_a_file.read(["a"])
    with pytest.raises(StoreError, match="cannot be used"):
        below_a_file.write({"a": b"1"})
    assert "cannot be made" in (below_a_file.refusal() or "")
    (tmp_path / "dir").mkdir()
    assert "not a file" in (SqliteStore(tmp_path / "dir").refusal() or "")
    assert SqliteStore(tmp_path / "new" / "store.sqlite3").refusal() is None


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody can write to: /proc")
def test_a_folder_that_nobody_can_write_to_is_refused() -> None:
    assert SqliteStore(Path("/proc/self/store.sqlite3")).refusal()


FULL = """
import os, resource
from service.core.errors import StoreError
store = SqliteStore(Path(sys.argv[1]))
store.write({"a": b"good"})
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))  # for this process the disk is full here
try:
    store.write({"a": b"lost", "big": os.urandom(2_000_000)})
except StoreError as error:
    print(error)
assert store.read(["a", "big"]) == {"a": b"good"}
"""


def test_a_full_disk_fails_the_write_and_keeps_what_is_kept(store: SqliteStore) -> None:
    assert "cannot be used" in said(run(FULL, store.path))
    assert store.read(["a", "big"]) == {"a": b"good"}
    store.write({"a": b"better"})
    assert store.read(["a"]) == {"a": b"better"}

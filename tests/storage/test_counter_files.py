"""The counts of several processes: those of the dead are kept, and none is told twice or lost."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.core.counters import Counters
from service.storage.counter_files import SharedCounters, _CounterFile, _fold


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


def process(store: Path, requests: int = 0) -> SharedCounters:
    """Return what a process has that has counted so many requests."""
    shared = SharedCounters(store, Counters())
    count(shared, requests)
    shared.save()
    return shared


def count(shared: SharedCounters, requests: int = 1) -> None:
    shared.counters.http_requests.cell("/", "200", "hit")[0] += requests


def requests_of(shared: SharedCounters) -> int:
    return shared.total().get("http_requests_total", {}).get(("/", "200", "hit"), [0])[0]


def files(store: Path) -> list[str]:
    return sorted(path.name for path in store.parent.iterdir())


def test_every_process_tells_the_counts_of_all(store: Path) -> None:
    several = [process(store, requests) for requests in (1, 20, 300)]
    assert [requests_of(one) for one in several] == [321] * 3
    count(several[0])
    assert requests_of(several[0]) == 322  # its own at once, and saved
    assert requests_of(several[2]) == 322


def test_the_counts_of_the_dead_are_kept_and_their_files_are_not(store: Path) -> None:
    for requests in (1, 20, 300):
        process(store, requests).close()
    assert len(files(store)) == 3
    last = process(store, 4_000)
    assert [requests_of(last) for _ in range(3)] == [4_321] * 3
    assert len(files(store)) == 2
    last.close()
    assert requests_of(process(store)) == 4_321  # over a restart of everything
    assert len(files(store)) == 2


def test_the_latest_time_is_told_of_all_that_were_seen(store: Path) -> None:
    for seconds in (30, 50, 40):
        one = process(store)
        one.counters.collector_seen.set(seconds)
        one.close()
    assert process(store).total()["collector_last_seen_timestamp_seconds"] == {(): [50]}


def test_a_forked_process_begins_at_zero_in_a_file_of_its_own(store: Path) -> None:
    parent = process(store, 5)
    parent.after_fork_in_child()  # in the child, whose copy this is
    count(parent, 2)
    assert requests_of(parent) == 2 + 5  # the file it had, which nobody holds here any more
    assert len(files(store)) == 2


def test_a_file_that_was_deleted_is_made_again(store: Path) -> None:
    one, other = process(store, 5), process(store)
    for path in store.parent.glob("*.metrics*"):
        path.unlink()
    assert requests_of(one) == 5
    assert requests_of(other) == 5


class KilledError(BaseException):
    """Stands for the end of the process."""


class DyingFile(_CounterFile):
    """The past, whose process is killed after so many writes."""

    writes = 1

    def write(self, payload: bytes, *, durable: bool = False) -> None:
        super().write(payload, durable=durable)
        self.writes -= 1
        if not self.writes:
            raise KilledError


@pytest.mark.parametrize("writes", [1, 2], ids=["before it deletes the files", "before it is done"])
def test_whoever_is_killed_while_adding_to_the_past_counts_nothing_twice(store: Path, writes: int) -> None:
    for requests in (5, 60):
        process(store, requests).close()
    past = DyingFile(store.with_name("store.sqlite3.metrics"), os.O_RDWR | os.O_CREAT)
    past.writes = writes
    dead = [_CounterFile(path, os.O_RDONLY) for path in store.parent.glob("*.metrics-*")]
    with pytest.raises(KilledError):
        _fold(past, dead)
    for file in (past, *dead):
        file.close()
    last = process(store, 700)
    assert [requests_of(last) for _ in range(2)] == [765, 765]
    assert len(files(store)) == 2


@pytest.fixture
def written(store: Path) -> Iterator[tuple[SharedCounters, Path]]:
    """Return a process and the file of another one, which is dead."""
    one = process(store)
    other = process(store, 5)
    count(other, 2)
    other.close()
    (path,) = (path for path in store.parent.glob("*.metrics-*") if path != one._file.path)  # type: ignore[union-attr] # noqa: SLF001 - which of them
    yield one, path
    one.close()


def test_whatever_stands_in_a_file_a_scrape_tells_the_rest(
    written: tuple[SharedCounters, Path], store: Path
) -> None:
    one, path = written
    count(one, 10)
    whole, chance = path.read_bytes()[:600], random.Random(22)
    variations = [b"", whole[:10], whole[:40], b"\xff" * 600, b"{}", bytes(600)]
    for _ in range(60):
        at = chance.randrange(200)
        variations.append(whole[:at] + bytes([chance.randrange(256)]) + whole[at + 1 :])
    for content in variations:
        path.write_bytes(content)
        store.with_name("store.sqlite3.metrics").write_bytes(b"")
        assert requests_of(one) in {10, 17}
        assert not path.exists()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"counts":[],"folded":[]}',
        b'{"counts":{"a":1},"folded":[]}',
        b'{"counts":{"http_requests_total":[[["/","200","hit"],["x"]]]},"folded":[]}',
        b'{"counts":{"http_requests_total":[[["/","200","hit"],[1,2]]]},"folded":[]}',
        b'{"counts":{"http_requests_total":[[["/","200","hit"],[1e400]]]},"folded":[]}',
        b'{"counts":{"http_requests_total":[[["/","200","hit"],[null]]]},"folded":[1,null]}',
        b'{"counts":{"http_requests_total":[[1,[1]]]},"folded":[]}',
        b'{"counts":{"http_requests_total":[[["a"]]]},"folded":[]}',
    ],
    ids=lambda payload: str(payload[:60]),
)
def test_what_no_version_writes_counts_nothing(payload: bytes, store: Path) -> None:
    one = process(store, 7)
    file = _CounterFile(store.with_name("store.sqlite3.metrics-1-a"), os.O_RDWR | os.O_CREAT)
    file.write(payload)
    file.close()
    assert [requests_of(one) for _ in range(2)] == [7, 7]


def test_what_is_no_file_is_left_alone(store: Path) -> None:
    one, other = process(store, 7), process(store, 20)
    store.with_name("store.sqlite3.metrics-1-a").mkdir()
    os.mkfifo(store.with_name("store.sqlite3.metrics-2-b"))
    other.close()
    assert [requests_of(one) for _ in range(2)] == [27, 27]
    assert len(files(store)) == 4


def test_whoever_holds_the_past_for_ever_stops_no_scrape(store: Path) -> None:
    one = process(store, 7)
    requests_of(one)
    past = _CounterFile(store.with_name("store.sqlite3.metrics"), os.O_RDWR)
    assert past.try_lock()
    assert one.total(patience=0.05)["http_requests_total"][("/", "200", "hit")] == [7]
    past.close()


def test_where_no_file_can_be_made_a_process_tells_its_own(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    one = process(tmp_path / "file" / "store.sqlite3", 3)
    assert requests_of(one) == 3


_ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from service.core.counters import Counters
from service.storage.counter_files import SharedCounters
one = SharedCounters(Path(sys.argv[1]), Counters())
cell = one.counters.http_requests.cell("/", "200", "hit")
def told():
    cell[0] += 1
    return one.total().get("http_requests_total", {}).get(("/", "200", "hit"), [0])[0]
before = int(sys.argv[2]) and told()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
print(before, told(), told())
"""


@pytest.mark.parametrize(
    ("saves_before", "room", "told", "kept"),
    [(0, 1_000, "0 1 2", 0), (1, 65_536, "1 2 3", 3)],
    ids=["from the start", "later, within what was allocated"],
)
def test_on_a_full_disk_counts_are_told_and_those_within_allocated_blocks_are_kept(
    store: Path, saves_before: int, room: int, told: str, kept: int
) -> None:
    arguments = [sys.executable, "-c", _ON_A_FULL_DISK, str(store), str(saves_before), str(room)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=20)
    assert done.stdout.strip() == told
    assert requests_of(process(store)) == kept


_COUNTS_UNTIL_KILLED = """
import sys
from pathlib import Path
from service.core.counters import Counters
from service.storage.counter_files import SharedCounters
one = SharedCounters(Path(sys.argv[1]), Counters())
for number in range(1_000_000):
    one.counters.http_requests.cell(f"/{number % 7 * number % 50}", "200", "hit")[0] += 1
    one.save()
"""


def test_no_count_falls_while_processes_are_killed(store: Path) -> None:
    """The long form, with whole services, is `tests/drills/drill_metrics.py`."""
    one, told, has_begun, chance = process(store), 0, False, random.Random(22)
    arguments = [sys.executable, "-c", _COUNTS_UNTIL_KILLED, str(store)]
    running = [subprocess.Popen(arguments) for _ in range(5)]
    try:
        while running:
            for _ in range(chance.randrange(1, 8)):
                total = sum(cell[0] for cell in one.total().get("http_requests_total", {}).values())
                assert total >= told
                told = total
            has_begun = has_begun or len(files(store)) > len(running) + 1
            if has_begun:
                running[0].kill()
                running.pop(0).wait()
        assert sum(cell[0] for cell in one.total()["http_requests_total"].values()) >= told
    finally:
        for child in running:
            child.kill()
            child.wait()
    assert len(files(store)) == 2

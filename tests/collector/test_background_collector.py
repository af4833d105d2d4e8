"""One collector a deployment, kept alive by whoever serves: real processes, real signals."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from commands import collectors_of, is_alive, portal_widgets, running, until

from service.background import Background
from service.collector.supervisor import acquire_lock, lock_holder, lock_path, still_holds
from service.storage.store import SqliteStore

KEEPER = """
import logging, sys, threading
from pathlib import Path
from service.background import run_collector
logging.basicConfig(level=logging.INFO)
run_collector(sys.argv[2:], Path(sys.argv[1]), threading.Event())
"""
COLLECT = (sys.executable, "-m", "service", "collect")


@contextmanager
def a_keeper(home: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A process that keeps a collector of sample weather for three places."""
    path = store_in(home)
    arguments = ["-c", KEEPER, str(lock_path(path)), *(command or COLLECT)]
    settings = {"STORE__URL": f"sqlite://{path}", "DEMO": "1", "WEATHER__CITIES": "hue,da-nang,dong-ha"}
    with running(*arguments, home=home, **settings) as keeper:
        yield keeper
    until(lambda: not collectors_of(path))


def store_in(home: Path) -> Path:
    return home / "store" / "demo-store.sqlite3"


def the_collector(home: Path, other_than: int = 0) -> int:
    """The one that is there, as soon as it has kept something."""
    path = store_in(home)
    until(lambda: [pid for pid in collectors_of(path) if pid != other_than])
    until(lambda: path.exists() and SqliteStore(path).keys("ledger/"))
    (pid,) = collectors_of(path)
    return pid


def test_a_keeper_starts_a_collector_that_holds_the_lock_and_leaves_with_it(tmp_path: Path) -> None:
    path = lock_path(store_in(tmp_path))
    with a_keeper(tmp_path) as keeper:
        pid = the_collector(tmp_path)
        assert acquire_lock(path) is None
        keeper.send_signal(signal.SIGKILL)
        until(lambda: not is_alive(pid))
        until(lambda: (taken := acquire_lock(path)) is not None and os.close(taken) is None)


def test_of_two_keepers_one_has_the_collector_and_the_other_takes_over(tmp_path: Path) -> None:
    with a_keeper(tmp_path) as first:
        pid = the_collector(tmp_path)
        with a_keeper(tmp_path):
            first.kill()
            until(lambda: not is_alive(pid))
            replaced = the_collector(tmp_path, other_than=pid)
            assert replaced != pid
            assert collectors_of(store_in(tmp_path)) == [replaced]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_a_collector_that_was_sent_away_is_replaced_within_seconds(
    tmp_path: Path, number: signal.Signals
) -> None:
    with a_keeper(tmp_path):
        pid = the_collector(tmp_path)
        os.kill(pid, number)
        until(lambda: not is_alive(pid), seconds=5)
        until(lambda: [other for other in collectors_of(store_in(tmp_path)) if other != pid], seconds=9)
        assert len(collectors_of(store_in(tmp_path))) == 1
    said = (tmp_path / "log").read_text()
    assert f"(process {pid}) ended: " in said
    assert "Traceback" not in said


def test_a_collector_that_fails_at_once_is_not_started_again_and_again(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    notes = f"import time; open({str(starts)!r}, 'a').write(f'{{time.monotonic()}} ')"
    dies = (sys.executable, "-c", f"{notes}; raise SystemExit(2)")
    with a_keeper(tmp_path, *dies), a_keeper(tmp_path, *dies):
        until(lambda: starts.exists() and starts.read_text().count(" ") == 3)
    times = [float(start) for start in starts.read_text().split()]
    # The lock is held for two seconds after a failure, whoever would be next.
    assert all(later - earlier > 2 for earlier, later in pairwise(times))
    said = (tmp_path / "log").read_text()
    assert "the configuration or the store cannot be used (status 2)" in said


def test_a_keeper_whose_lock_cannot_be_opened_says_so_once(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("no folder")
    with a_keeper(tmp_path) as keeper, pytest.raises(subprocess.TimeoutExpired):
        keeper.wait(3)
    assert (tmp_path / "log").read_text().count("no collector can be started") == 1


def test_a_collector_by_itself_waits_for_the_lock_and_ends_cleanly(tmp_path: Path) -> None:
    path = store_in(tmp_path)
    held = acquire_lock(lock_path(path))
    assert held is not None
    settings = {"STORE__URL": f"sqlite://{path}", "DEMO": "1", "WEATHER__CITIES": "hue"}
    with running(*COLLECT[1:], home=tmp_path, **settings) as collector:
        until(lambda: "another collector holds the lock; waiting" in (tmp_path / "log").read_text())
        os.close(held)
        the_collector(tmp_path)
        collector.terminate()
        assert collector.wait(10) == 0


def test_a_damaged_store_is_set_aside_by_the_collector_that_begins(tmp_path: Path) -> None:
    path = tmp_path / "demo-store.sqlite3"
    path.write_bytes(b"this is no database" * 500)
    done = portal_widgets(
        "collect", "--once", home=tmp_path, STORE__URL=f"sqlite://{path}", DEMO="1", WEATHER__CITIES="hue"
    )
    assert done.returncode == 0, done.stderr
    assert f"store.url: the damaged file was moved to {path}.damaged-20" in done.stderr
    assert SqliteStore(path).keys("current/") == ["current/hue"]


def test_a_lock_that_was_deleted_is_taken_again_unless_another_was_quicker(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.lock"
    held = [acquire_lock(path) or 0]
    assert still_holds(path, held)
    shutil.rmtree(path.parent)
    assert still_holds(path, held)
    assert len(held) == 2
    assert acquire_lock(path) is None
    path.unlink()
    other = acquire_lock(path)
    assert other is not None
    assert not still_holds(path, held)
    for descriptor in (other, *held):
        os.close(descriptor)


def test_the_lock_is_free_again_when_its_holder_closes_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.lock"
    held = acquire_lock(path)
    assert held is not None
    assert acquire_lock(path) is None
    assert lock_holder(path) == os.getpid()
    os.close(held)
    again = acquire_lock(path)
    assert again is not None
    os.close(again)


def test_background_tasks_live_until_they_are_stopped() -> None:
    began, ended = threading.Event(), threading.Event()

    def task(stop: threading.Event) -> None:
        began.set()
        stop.wait()
        ended.set()

    background = Background([task])
    background.start()
    assert began.wait(5)
    background.stop()
    assert ended.is_set()


FORK = """
import os, sys, threading
from service.background import Background
def task(stop):
    print("began", os.getpid(), flush=True)
    stop.wait()
    print("ended", os.getpid(), flush=True)
background = Background([task])
background.start()
for _ in range(2):
    child = os.fork()
    if child == 0:
        background.stop()
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
print("parent", threading.active_count())
"""


def test_after_a_fork_the_children_have_the_tasks_and_the_parent_has_none() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORK], capture_output=True, text=True, timeout=30, check=True
    )
    lines = done.stdout.split("\n")
    began = [line.split()[1] for line in lines if line.startswith("began")]
    ended = [line.split()[1] for line in lines if line.startswith("ended")]
    assert len(set(began)) == 3
    assert sorted(began) == sorted(ended)
    assert "parent 1" in lines

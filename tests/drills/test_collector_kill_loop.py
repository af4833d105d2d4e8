"""Collectors and keepers are killed for a minute; afterwards there is one collector and a sound store."""

import os
import random
import signal
import sqlite3
import time
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from commands import collectors_of, is_alive, running, until

from service.collector.supervisor import lock_path
from service.places.catalogue import built_in_places
from service.storage.store import SqliteStore

KEEPER = """
import sys, threading
from pathlib import Path
from service.background import run_collector
run_collector([sys.executable, "-m", "service", "collect"], Path(sys.argv[1]), threading.Event())
"""


def is_gone(pid: int) -> bool:
    return not is_alive(pid)


def test_whatever_is_killed_one_collector_comes_back_within_ten_seconds(tmp_path: Path) -> None:
    path = tmp_path / "store" / "demo-store.sqlite3"
    arguments = ["-c", KEEPER, str(lock_path(path))]
    settings = {"STORE__URL": f"sqlite://{path}", "DEMO": "1", "WEATHER__REFRESH": "1s"}
    chance, ends, kills = random.Random(22), time.monotonic() + 60, 0
    with ExitStack() as resources:
        keepers = [resources.enter_context(running(*arguments, home=tmp_path, **settings)) for _ in range(3)]
        while time.monotonic() < ends:
            until(lambda: collectors_of(path), seconds=10)
            time.sleep(chance.random() * 2)
            assert len(collectors_of(path)) <= 1
            for pid in collectors_of(path):
                os.kill(pid, chance.choice([signal.SIGKILL, signal.SIGTERM]))
                until(partial(is_gone, pid), seconds=10)
                kills += 1
            if kills % 7 == 0:
                keepers.append(resources.enter_context(running(*arguments, home=tmp_path, **settings)))
                keepers.pop(0).kill()
        until(lambda: len(collectors_of(path)) == 1, seconds=10)
    until(lambda: not collectors_of(path), seconds=20)
    assert kills > 5
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(SqliteStore(path).keys("current/")) == len(built_in_places())

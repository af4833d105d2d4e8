"""Random requests to a running service for minutes: `pytest tests/drills/drill_cache.py -s`.

Several processes send them while new values are stored, workers are killed or reloaded, and memory is short.
Where values are stored often, most responses are new; where seldom, most come from memory, and there are many
more of them. DRILL_SECONDS is the length of each run.
"""

import http.client
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from random_requests import ITEMS, Checker, Response, WriteLog, Writer, expected, send_at_random, settings_of
from running_service import PACKAGED, PLAIN, Running, running, until

from service.storage.store import SqliteStore

SECONDS, CLIENTS = int(os.environ.get("DRILL_SECONDS", "100")), 3
PACES = {"often": (0.005, 0.05, 0.1, 0.5), "seldom": (1.0, 2.0, 4.0)}  # seconds between two writes
WAYS = {
    "asgi": (*PACKAGED, "--workers", "3"),
    "gthread": (*PLAIN, "--worker-class", "gthread", "--threads", "8", "--workers", "2"),
    "sync": (*PLAIN, "--worker-class", "sync", "--workers", "2"),
}


class Client:
    """Sends requests over a persistent connection; opens a new one when its worker has gone."""

    def __init__(self, port: int) -> None:
        self._port, self.broken = port, 0
        self._connection: http.client.HTTPConnection | None = None

    def __call__(self, method: str, target: str, headers: Mapping[str, str]) -> Response:
        while True:
            with suppress(OSError, http.client.HTTPException):
                if self._connection is None:
                    self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
                self._connection.request(method, target, headers=dict(headers))
                response = self._connection.getresponse()
                body = response.read()
                return response.status, {name.lower(): value for name, value in response.getheaders()}, body
            self.broken += 1
            if self._connection is not None:
                self._connection.close()
            self._connection = None


def send_requests(seed: int, port: int, checker: Checker, over: Any, results: Any) -> None:
    """Send requests until it is over, and put what was counted, or the error, into the queue."""
    chance, client = random.Random(seed), Client(port)
    try:
        while not over.is_set():
            send_at_random(client, checker, chance)
    except Exception as error:  # noqa: BLE001 - whatever it is, the drill is to say it
        results.put({"fault": f"{type(error).__name__}: {error}"})
        return
    results.put({**checker.counted, "connections lost": client.broken})


@pytest.mark.parametrize("hurt", ["at rest", "killed", "reloaded"])
@pytest.mark.parametrize("memory", ["32MB", "200KB"])
@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("way", WAYS)
def test_every_response_is_whole_its_own_and_up_to_date(
    way: str, pace: str, memory: str, hurt: str, tmp_path: Path
) -> None:
    write_log, store = WriteLog(), SqliteStore(tmp_path / "store.sqlite3")
    writer = Writer(store, write_log)
    writer.begin()
    responses = expected(tmp_path)
    written = {
        name.removeprefix("PORTAL_WIDGETS_").lower(): value
        for name, value in settings_of(tmp_path, PORTAL_WIDGETS_EDGE__MEMORY=memory).items()
    }
    context = multiprocessing.get_context("spawn")
    over, results = context.Event(), context.Queue()
    with running(WAYS[way], tmp_path, weather__cities="all", **written) as service:
        until(service.answers, 60, lambda: service.log)
        clients = [
            context.Process(
                target=send_requests, args=(seed, service.port, Checker(write_log, responses), over, results)
            )
            for seed in range(CLIENTS)
        ]
        for one in clients:
            one.start()
        _write_and(_HURTS[hurt], service, writer, PACES[pace])
        over.set()
        counted = [results.get(timeout=60) for _ in clients]
        for one in clients:
            one.join()
    assert not [one["fault"] for one in counted if "fault" in one]
    total = sum(map(Counter, counted), Counter())
    print(f"{way}, {pace}, {memory}, {hurt}: {dict(total)}")  # noqa: T201 - how much was asked
    assert min(total[kind] for kind in ("hit", "fwd", "304")) > 0
    assert hurt != "at rest" or total["connections lost"] == 0


def _write_and(
    hurt: Callable[[Running], None], service: Running, writer: Writer, pauses: Sequence[float]
) -> None:
    """Store a value every now and then, and hurt the service every ten seconds."""
    chance, ends, next_hurt = random.Random(22), time.monotonic() + SECONDS, time.monotonic() + 10
    while time.monotonic() < ends:
        writer.write(chance.randrange(len(ITEMS)))
        time.sleep(chance.choice(pauses))
        if time.monotonic() > next_hurt:
            hurt(service)
            next_hurt += 10


def _kill_a_worker(service: Running) -> None:
    if workers := sorted(service.workers()):
        os.kill(random.Random(1).choice(workers), signal.SIGKILL)


_HURTS: dict[str, Callable[[Running], None]] = {
    "at rest": lambda _: None,
    "killed": _kill_a_worker,
    "reloaded": lambda service: service.process.send_signal(signal.SIGHUP),
}

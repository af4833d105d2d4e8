"""Everything is killed while the metrics are scraped: `python -m pytest tests/drills/drill_metrics.py`."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest
from local_upstream import LocalUpstream
from prometheus_client import parser
from running_service import PACKAGED, PLAIN, Running, running, telling, until

WAYS = [
    (*PACKAGED, "--workers", "3"),
    (*PACKAGED, "--workers", "3", "--preload"),
    *((*PLAIN, "--worker-class", kind, "--workers", "3") for kind in ("sync", "gthread", "gevent")),
]
SECONDS, LIVES = 10, 2


@pytest.fixture
def upstream() -> Iterator[LocalUpstream]:
    with LocalUpstream() as server:
        telling(server)
        yield server


class Scraper:
    """Scrapes, and compares each counter with what was told of it before."""

    def __init__(self) -> None:
        self.told: dict[tuple[str, ...], float] = {}
        self.scrapes = 0

    def scrape(self, service: Running) -> None:
        """Scrape once, if there is an answer at all.

        Raises:
            AssertionError: when a counter fell or is gone.
        """
        with suppress(OSError, HTTPException):
            text = service.get("/metrics")
            found = {
                (sample.name, *map(str, sorted(sample.labels.items()))): sample.value
                for family in parser.text_string_to_metric_families(text)
                if family.type in {"counter", "histogram"}
                for sample in family.samples
            }
            fallen = {
                name: (was, found.get(name)) for name, was in self.told.items() if found.get(name, -1) < was
            }
            assert not fallen
            self.told, self.scrapes = found, self.scrapes + 1

    def requests(self) -> float:
        return sum(
            value for name, value in self.told.items() if name[0] == "portal_widgets_http_requests_total"
        )


@pytest.mark.parametrize("command", WAYS, ids=" ".join)
def test_no_counter_falls_and_no_file_stays(
    command: tuple[str, ...], tmp_path: Path, upstream: LocalUpstream
) -> None:
    chance, scraper, answered = random.Random(16), Scraper(), [0]
    for _ in range(LIVES):
        with running(command, tmp_path, upstream, weather__refresh="1s") as service:
            until(service.answers, 20, lambda: service.log)
            over = threading.Event()

            def read(service: Running = service, over: threading.Event = over) -> None:
                while not over.is_set():
                    with suppress(OSError, HTTPException):
                        service.read(chance.choice(["/widgets/weather/hue", "/nowhere", "/healthz"]))
                        answered[0] += 1

            reader = threading.Thread(target=read)
            reader.start()
            try:
                kill_and_scrape(service, scraper, chance)
            finally:
                over.set()
                reader.join()
            os.kill(service.process.pid, signal.SIGKILL)
            until(lambda: not service.processes(), 20, service.processes)
    with running(command, tmp_path, upstream) as service:
        until(service.answers, 20, lambda: service.log)
        until(service.collectors, 20, lambda: service.log)
        scraper.scrape(service)
        until(lambda: is_tidy(service, scraper), 20, lambda: sorted(tmp_path.iterdir()))
    assert scraper.scrapes > SECONDS * LIVES
    assert scraper.requests() > answered[0] / 2  # at most the last second of each process is lost


def kill_and_scrape(service: Running, scraper: Scraper, chance: random.Random) -> None:
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        for _ in range(chance.randrange(12)):
            scraper.scrape(service)
        victims = [pid for pid in service.processes() if pid != service.process.pid]
        for pid in chance.sample(victims, min(len(victims), chance.choice([1, 1, 2, 9]))):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def is_tidy(service: Running, scraper: Scraper) -> bool:
    """Whether there is one file for each process that counts, and that of the past."""
    scraper.scrape(service)
    files = list(service.folder.glob("store.sqlite3.metrics-*"))
    counting = [pid for pid, line in service.processes().items() if "collect" not in line or "--only" in line]
    return len(files) <= len(counting)

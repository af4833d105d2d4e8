"""What 10 to 10,000 places and 100 to 10,000 articles cost: `.venv/bin/python benchmarks/growth.py [SIZES]`.

Each size is collected twice from an upstream on this machine and then served by one worker. Times are CPU
time, which what else a machine does disturbs least: of the second collection, of the start until the first
right answer (beside it in brackets by the clock on the wall), and of the worker for each hit that wrk saw.
Hits are counted at the end, in rounds that go from size to size, and compared within a round. They are asked
without the select, which with 10,000 places of one's own would be the page.
"""

import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from cache_peers import _spent as spent
from grown import Service, asked, grown, memory_of, told, workers_of

from service.core.progress import Progress

SIZES = [(10, 100), (100, 1_000), (1_000, 5_000), (10_000, 10_000)]
SOURCES, ROUNDS, SECONDS, VARIANTS = 50, 9, 2, 600
HIT = "/widgets/weather/cho-1?select=no"
BROWSER = {"Accept-Encoding": "gzip, deflate, br"}


@dataclass
class Size:
    """One size, its service under way, and its figures."""

    places: int
    articles: int
    port: int = 0
    worker: int = 0
    refresh: float = 0.0  # seconds
    requests: int = 0  # to Open-Meteo in one pass
    store: float = 0.0  # MB
    start: float = 0.0  # seconds until the first right answer
    waited: float = 0.0  # the same by the clock on the wall
    rest: float = 0.0  # MB of a worker
    full: float = 0.0  # MB, after so many different questions that its memory is full
    hits: list[float] = field(default_factory=list)  # microseconds, of each round


def collected(size: Size, service: Service) -> None:
    """Collect twice; the second time is counted."""
    service.collect()
    before, begun = told(service.upstream, "/counts")["forecast"], _spent_by_children()
    service.collect()
    size.refresh = _spent_by_children() - begun
    size.requests = told(service.upstream, "/counts")["forecast"] - before
    size.store = sum(file.stat().st_size for file in service.folder.glob("store.sqlite3*")) / 1e6


def served(size: Size, service: Service, running: ExitStack) -> None:
    """Start it, and leave it running."""
    begun = time.monotonic()
    size.port, process = running.enter_context(service.serving())
    assert told(size.port, "/api/v1/weather/cho-1")["state"] == "fresh"
    size.waited = time.monotonic() - begun
    (size.worker,) = workers_of(process)
    size.start = spent(size.worker) + spent(process.pid)
    size.rest = memory_of(size.worker)


def filled(size: Size) -> None:
    """Send so many different requests that the response cache is full."""
    for number in range(VARIANTS):
        path = f"/widgets/weather/cho-{number % size.places}?accent={number:06x}"
        assert asked(size.port, path, **BROWSER)[0] == 200
    size.full = memory_of(size.worker)


def _spent_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _hit(size: Size) -> float:
    url, before = f"http://127.0.0.1:{size.port}{HIT}", spent(size.worker)
    said = subprocess.run(
        ["wrk", "-t1", "-c32", f"-d{SECONDS}s", "-H", "Accept-Encoding: br", url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return (spent(size.worker) - before) / int(re.findall(r"(\d+) requests in", said)[0]) * 1e6


def main() -> None:
    """Print the table, and the slopes."""
    sizes = [Size(*size) for size in SIZES[: int(sys.argv[1]) if sys.argv[1:] else None]]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        for size in sizes:
            own = Path(folder) / str(size.places)
            own.mkdir()
            service = running.enter_context(grown(own, size.places, size.articles, SOURCES))
            collected(size, service)
            served(size, service, running)
        for number in Progress(sys.stderr).counted("round", range(ROUNDS)):
            for size in sizes if number % 2 else reversed(sizes):
                asked(size.port, HIT, **BROWSER)
                size.hits.append(_hit(size))
        for size in sizes:
            filled(size)
    _print(sizes)


def _print(sizes: list[Size]) -> None:
    first, last = sizes[0], sizes[-1]
    print(
        f"{'places':>7}{'articles':>9}{'refresh':>10}{'requests':>10}{'store':>10}{'start':>16}{'rest':>8}"
        f"{'full':>8}{'hit':>10}{'to first':>10}"
    )
    for size in sizes:
        hit = statistics.median(size.hits)
        to_first = statistics.median(own / other for own, other in zip(size.hits, first.hits, strict=True))
        print(
            f"{size.places:>7}{size.articles:>9}{size.refresh:>8.1f} s{size.requests:>10}"
            f"{size.store:>7.1f} MB{size.start:>7.2f} s ({size.waited:4.2f}){size.rest:>5.0f} MB"
            f"{size.full:>5.0f} MB{hit:>7.1f} µs{to_first:>10.2f}"
        )
    more = last.places - first.places
    print(f"refresh: {(last.refresh - first.refresh) / more * 1e3:.2f} ms a place more")
    print(f"store: {(last.store - first.store) / more * 1e3:.2f} kB a place more")


if __name__ == "__main__":
    main()

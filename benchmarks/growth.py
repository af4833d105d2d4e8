"""What 10 to 10,000 places and 100 to 10,000 articles cost: `.venv/bin/python benchmarks/growth.py`.

Each size is collected twice from an upstream on this machine and then served by one worker. Times are CPU
time, which what else a machine does disturbs least: of the second collection, of the start until the first
right answer (beside it in brackets by the clock on the wall), and of the worker for each hit that wrk saw.
"""

import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from edge_peers import _spent as spent
from grown import asked, grown, memory_of, told, workers_of

SIZES = [(10, 100), (100, 1_000), (1_000, 5_000), (10_000, 10_000)]
SOURCES, ROUNDS, VARIANTS = 50, 5, 600
HIT = "/widgets/weather/cho-1"
BROWSER = {"Accept-Encoding": "gzip, deflate, br"}


class Row(NamedTuple):
    """One size's figures."""

    places: int
    articles: int
    refresh: float  # seconds
    requests: int  # to Open-Meteo in one pass
    store: float  # MB
    start: float  # seconds until the first right answer
    waited: float  # the same by the clock on the wall
    rest: float  # MB of a worker
    full: float  # MB, after so many different questions that its memory is full
    hit: float  # microseconds


def measured(places: int, articles: int) -> Row:
    with tempfile.TemporaryDirectory() as name, grown(Path(name), places, articles, SOURCES) as service:
        service.collect()
        before, begun = told(service.upstream, "/counts")["forecast"], _spent_by_children()
        service.collect()
        refresh = _spent_by_children() - begun
        requests = told(service.upstream, "/counts")["forecast"] - before
        store = sum(file.stat().st_size for file in Path(name).glob("store.sqlite3*")) / 1e6
        begun = time.monotonic()
        with service.serving() as (port, process):
            assert told(port, "/api/v1/weather/cho-1")["state"] == "fresh"
            waited = time.monotonic() - begun
            (worker,) = workers_of(process)
            start = spent(worker) + spent(process.pid)
            rest = memory_of(worker)
            asked(port, HIT, **BROWSER)
            hits = [_hit(port, worker) for _ in range(ROUNDS)]
            for number in range(VARIANTS):
                path = f"/widgets/weather/cho-{number % places}?accent={number:06x}"
                assert asked(port, path, **BROWSER)[0] == 200
            full = memory_of(worker)
    return Row(places, articles, refresh, requests, store, start, waited, rest, full, statistics.median(hits))


def _spent_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _hit(port: int, worker: int) -> float:
    url, before = f"http://127.0.0.1:{port}{HIT}", spent(worker)
    said = subprocess.run(
        ["wrk", "-t1", "-c32", "-d3s", "-H", "Accept-Encoding: br", url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return (spent(worker) - before) / int(re.findall(r"(\d+) requests in", said)[0]) * 1e6


def main() -> None:
    """Print the table, and the slopes."""
    print(
        f"{'places':>7}{'articles':>9}{'refresh':>9}{'requests':>9}{'store':>9}{'start':>8}{'rest':>7}{'full':>7}{'hit':>8}"
    )
    rows = []
    for size in SIZES[: int(sys.argv[1]) if sys.argv[1:] else None]:
        rows.append(row := measured(*size))
        print(
            f"{row.places:>7}{row.articles:>9}{row.refresh:>7.1f} s{row.requests:>9}{row.store:>6.1f} MB"
            f"{row.start:>6.2f} s ({row.waited:.2f}){row.rest:>4.0f} MB{row.full:>4.0f} MB{row.hit:>5.1f} µs",
            flush=True,
        )
    first, last = rows[0], rows[-1]
    more = last.places - first.places
    print(f"refresh: {(last.refresh - first.refresh) / more * 1e3:.2f} ms a place more")
    print(f"store: {(last.store - first.store) / more * 1e3:.2f} kB a place more")


if __name__ == "__main__":
    main()

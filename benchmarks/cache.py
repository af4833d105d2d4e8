"""What a stored response costs, beside a bare application, Flask-Caching, nginx, and an earlier commit.

`.venv/bin/python benchmarks/cache.py [--rounds 7] [--seconds 2] [--before CHECKOUT] [--json FILE]`; wrk and
nginx are needed. The peers get a virtual environment of their own. All send the same bytes under the same
headers, each from one worker, in alternating rounds; only the checkout of an earlier commit, which has its
own `.venv`, sends what it makes of the same weather. What counts is the worker's CPU time (/proc/PID/stat)
over the responses that wrk has counted; requests a second stand beside it.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cache_peers import BEFORE, PATHS, Peer, peers_in, store_in

from service.core.progress import Progress

BROWSER = {"Accept-Encoding": "gzip, deflate, br"}
CONNECTIONS, VARIANTS = 32, 300
CHANGING = {
    "age",
    "cache-status",
    "expires",
    "x-accel-expires",
    "date",
    "server",
    "connection",
    "keep-alive",
}
FLOORS = [  # the response cache, its peer, at least
    ("cache", BEFORE, 0.95),
    ("cache", "bare", 0.95),
    ("cache", "Flask-Caching, gevent", 7.0),
    ("cache", "Flask-Caching, gthread", 7.0),
    ("cache", "Flask-Caching, sync", 7.0),
    ("cache", "nginx, file", 0.33),
    ("cache", "bare, granian", 0.0),  # the outer limit
    ("cache, gthread", "bare, gthread", 0.85),
    ("cache, sync", "bare, sync", 0.85),
    ("cache, 304", "cache", 1.0),
    ("cache, foreign writes", "cache", 1 / 1.2),
]


@dataclass(frozen=True)
class Run:
    """One case: the peer, the headers of the requests, and whether there are writes meanwhile."""

    name: str
    peer: Peer
    headers: dict[str, str]
    writing: bool = False


def main() -> None:
    """Run all cases and print a table for each path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--before", type=Path, help="a checkout of an earlier commit, with its own .venv")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        peers = peers_in(Path(folder), running, recorded, options.before)
        results = {path: _compared(path, peers, options) for path in PATHS}
        results["first render, ms of CPU"] = _first_renders(peers[0])
    for path, found in results.items():
        print(f"\n{path}\n{_table(found) if isinstance(found, dict) else f'{found:.2f}'}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


def recorded(port: int, path: str) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a hit that is compressed as well as can be."""
    pause = threading.Event()
    for _ in range(200):
        headers, body = _get(port, path)
        if headers.get("cache-status", "").startswith("portal-widgets; hit") and "-b11" in headers["etag"]:
            return headers, body
        pause.wait(0.1)
    raise SystemExit(f"{path} is not stored: {headers}")


def _get(port: int, path: str) -> tuple[dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=BROWSER)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return {name.lower(): value for name, value in response.getheaders()}, body


def _compared(path: str, peers: list[Peer], options: argparse.Namespace) -> dict[str, Any]:
    first = recorded(peers[0].port, path)
    for peer in peers:
        if peer.name.startswith(("cache", BEFORE)):
            recorded(peer.port, path)
        if peer.name != BEFORE:
            _check_same(first, _get(peer.port, path), peer.name)
    runs = [Run(peer.name, peer, BROWSER) for peer in peers]
    known = {**BROWSER, "If-None-Match": first[0]["etag"]}
    runs += [
        Run("cache, 304", peers[0], known),
        Run("cache, foreign writes", peers[0], BROWSER, writing=True),
    ]
    found: dict[str, list[tuple[float, float]]] = {run.name: [] for run in runs}
    for number in Progress(sys.stderr).counted("round", range(options.rounds)):
        for run in runs if number % 2 else reversed(runs):
            with _writer(peers[0].store) if run.writing else nullcontext():
                found[run.name].append(_wrk(run, path, options.seconds))
    medians = {
        name: {
            "cpu_us": statistics.median(cpu for cpu, _ in rounds),
            "requests_a_second": statistics.median(rate for _, rate in rounds),
        }
        for name, rounds in found.items()
    }
    ratios = [
        {
            "of": ours,
            "to": theirs,
            "at_least": floor,
            "ratio": _ratio(found[ours], found[theirs]),
        }
        for ours, theirs, floor in FLOORS
        if theirs in found
    ]
    return {"medians": medians, "ratios": ratios}


def _ratio(ours: list[tuple[float, float]], theirs: list[tuple[float, float]]) -> float:
    """The median of the rounds' ratios: what else a machine does weighs on both of a round alike."""
    return statistics.median(other / own for (own, _), (other, _) in zip(ours, theirs, strict=True))


def _check_same(first: tuple[dict[str, str], bytes], other: tuple[dict[str, str], bytes], name: str) -> None:
    """Stop when a peer sends something else."""
    ours, theirs = ({n: v for n, v in headers.items() if n not in CHANGING} for headers, _ in (first, other))
    for headers in (ours, theirs):  # it depends on when the page was rendered
        headers["cache-control"] = re.sub(r"\d+", "0", headers.get("cache-control", ""))
    if first[1] != other[1] or ours != theirs:
        raise SystemExit(f"{name} sends something else: {ours} {theirs}")


def _wrk(run: Run, path: str, seconds: int) -> tuple[float, float]:
    """Microseconds of CPU a request, and requests a second."""
    headers = [part for name, value in run.headers.items() for part in ("-H", f"{name}: {value}")]
    url = f"http://127.0.0.1:{run.peer.port}{path}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *headers, url]
    before = run.peer.cpu_seconds()
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    spent = run.peer.cpu_seconds() - before
    if "Non-2xx" in output:
        raise SystemExit(f"{run.name}: {output}")
    requests = int(re.findall(r"(\d+) requests in", output)[0])
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", output)[0])
    print(f"{run.name:28} {path:28} {spent / requests * 1e6:8.1f} µs {rate:9.0f}/s", file=sys.stderr)
    return spent / requests * 1e6, rate


@contextmanager
def _writer(store: Path) -> Iterator[None]:
    """Keep a foreign record once a second."""
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(1):
            store_in(store).write({"asked/nobody": os.urandom(8)})

    thread = threading.Thread(target=write)
    thread.start()
    yield
    stop.set()
    thread.join()


def _first_renders(peer: Peer) -> float:
    """Milliseconds of CPU for a variant that was not requested before, uncompressed."""
    connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=10)
    before = peer.cpu_seconds()
    for number in range(VARIANTS):
        connection.request("GET", f"{PATHS[0]}?accent={number:06x}")
        connection.getresponse().read()
    return (peer.cpu_seconds() - before) / VARIANTS * 1000


def _table(found: dict[str, Any]) -> str:
    lines = [f"{'':28} {'CPU, µs':>9} {'requests/s':>11}"]
    lines += [
        f"{name:28} {of['cpu_us']:9.1f} {of['requests_a_second']:11.0f}"
        for name, of in found["medians"].items()
    ]
    lines += [f"{of['of']} : {of['to']}  {of['ratio']:.2f} {_verdict(of)}" for of in found["ratios"]]
    return "\n".join(lines)


def _verdict(of: dict[str, Any]) -> str:
    if not of["at_least"]:
        return ""
    return f"(at least {of['at_least']:.2f}{'' if of['ratio'] >= of['at_least'] else ': MISSED'})"


if __name__ == "__main__":
    main()

"""How long a reader waits at 1,000 requests a second: at rest, while upstreams hang, while much is collected.

`.venv/bin/python benchmarks/latency.py [--seconds 10] [--rounds 5]`. Requests leave at set moments, on 40
connections, and each is timed from the moment at which it was to leave: a stall is felt by all whom it makes
wait. One worker; the collector runs with `nice -n 10`.
"""

import argparse
import asyncio
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

from grown import Service, grown

from service.core.progress import Progress

RATE, CONNECTIONS = 1_000, 40
PLACES, ARTICLES, SOURCES = 500, 5_000, 50
PATHS = (
    "/widgets/weather/cho-1",
    "/api/v1/weather/cho-2",
    "/widgets/weather/cho-3?theme=dark",
    "/widgets/articles",
)
REQUEST = "GET {} HTTP/1.1\r\nHost: here\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n"


async def _waits(port: int, seconds: int) -> list[float]:
    """Of each request, the seconds until its last byte."""
    waits: list[float] = []
    loop, total = asyncio.get_running_loop(), RATE * seconds
    begun = loop.time() + 0.1

    async def one(first: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(first, total, CONNECTIONS):
            due = begun + number / RATE
            if (early := due - loop.time()) > 0:
                await asyncio.sleep(early)
            writer.write(REQUEST.format(PATHS[number % len(PATHS)]).encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]))
            waits.append(loop.time() - due)
        writer.close()

    await asyncio.gather(*(one(first) for first in range(CONNECTIONS)))
    return waits


def p99(port: int, seconds: int) -> float:
    """Milliseconds."""
    return statistics.quantiles(asyncio.run(_waits(port, seconds)), n=100)[98] * 1_000


@contextmanager
def hanging() -> Iterator[int]:
    """An upstream that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield server.getsockname()[1]


def all_at(port: int, service: Service) -> dict[str, str]:
    """The environment in which every upstream is to be found at this port."""
    file = service.folder / "mute.toml"
    text = (service.folder / "settings.toml").read_text()
    file.write_text(text.replace(f":{service.upstream}/", f":{port}/"))
    forecast = f"http://127.0.0.1:{port}/v1/forecast"
    return {
        "PORTAL_WIDGETS_CONFIG": str(file),
        "PORTAL_WIDGETS_WEATHER__OPEN_METEO__BASE_URL": forecast,
    }


@contextmanager
def collecting(service: Service, **more: str) -> Iterator[None]:
    """A collector that begins anew as soon as it has done."""
    command = service.command("service", "collect")
    quick = {"PORTAL_WIDGETS_WEATHER__REFRESH": "1s", "PORTAL_WIDGETS_ARTICLES__REFRESH": "1s"}
    with (service.folder / "collector").open("ab") as log:
        process = subprocess.Popen(
            ["nice", "-n", "10", *command], env=service.environment | quick | more, stderr=log
        )
    time.sleep(2)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def main() -> None:
    """Print p99 of each case, and its ratio to that at rest in the same round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory())
        service = running.enter_context(grown(Path(folder), PLACES, ARTICLES, SOURCES))
        mute = all_at(running.enter_context(hanging()), service)
        service.collect()
        port, _ = running.enter_context(service.serving())
        p99(port, 2)  # what is asked for the first time is made
        found: dict[str, list[float]] = {"at rest": [], "upstreams hang": [], "500 places and 50 feeds": []}
        for number in Progress(sys.stderr).counted("round", range(asked.rounds)):
            for case in list(found)[:: 1 if number % 2 else -1]:
                beside = {
                    "at rest": nullcontext(),
                    "upstreams hang": collecting(service, **mute),
                    "500 places and 50 feeds": collecting(service),
                }[case]
                with beside:
                    found[case].append(p99(port, asked.seconds))
        for case, waits in found.items():
            ratio = statistics.median(one / rest for one, rest in zip(waits, found["at rest"], strict=True))
            print(f"{case:28} p99 {statistics.median(waits):8.2f} ms   to at rest {ratio:6.2f}")


if __name__ == "__main__":
    main()

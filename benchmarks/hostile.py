"""How long a stored response takes at rest, and while others ask for all that they can.

`.venv/bin/python benchmarks/hostile.py [--made-up 5000] [--rounds 3]`. The others are 8 clients that ask for
places at random, one request after the other; 300 that read next to nothing of their response; 2,000 that ask
nothing; 500 that send a byte now and then; and made-up queries, from two addresses, at most 5,000 a second:
half of them are searches, half have a parameter that nothing reads. Who loses his connection comes back after
5 s. The readers' requests leave at set moments, 500 a second, and each is timed from that moment on. Two
workers; all this shares the machine with them.
"""

import argparse
import asyncio
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import uvloop
from grown import grown
from latency import PATHS, REQUEST

RATE, CONNECTIONS = 500, 20
PLACES, ARTICLES, SOURCES = 150, 1_000, 10
RANDOM, SLOW, IDLE, DRIBBLING = 8, 300, 2_000, 500
MADE_UP, MADE_UP_CONNECTIONS, MADE_UP_ADDRESSES = 5_000, 400, 2
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_HEAD = "GET {} HTTP/1.1\r\nHost: here\r\nX-Forwarded-For: {}\r\n\r\n"

counted: Counter[str] = Counter()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """Send a request; return the status of its response once that is complete."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if length := _LENGTH.search(head):
        await reader.readexactly(int(length[1]))
    return head[9:12]


async def _for_ever(port: int, one: object, *given: object) -> None:
    """Connect, do this, and connect again when the service has closed the connection."""
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
            reader, writer = await asyncio.open_connection(sock=sock, limit=65_536)
            try:
                await one(reader, writer, *given)  # type: ignore[operator]
            finally:
                writer.transport.abort()
        counted["connections lost"] += 1
        await asyncio.sleep(5)


async def _random(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
    while True:
        path = f"/widgets/weather/cho-{random.randrange(PLACES)}?accent={random.randrange(16**6):06x}"
        counted[f"random {(await _ask(reader, writer, _HEAD.format(path, address).encode())).decode()}"] += 1


async def _slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(_HEAD.format("/widgets/portal", address).encode() * 20)
    while not writer.transport.is_closing():
        await asyncio.sleep(1)
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        await reader.read(100)
        writer.transport.pause_reading()  # type: ignore[attr-defined]


async def _idle(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def _dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET / HTTP/1.1\r\nX: ")
    while not reader.at_eof():
        await asyncio.sleep(random.uniform(0.5, 1.5))
        writer.write(b"a")


async def _made_up(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, rate: int
) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due = max(due + MADE_UP_CONNECTIONS / rate, loop.time() - 1)
        if (early := due - loop.time()) > 0:
            await asyncio.sleep(early)
        path = f"/widgets/articles?{random.choice('qx')}=a{random.randrange(10**9)}"
        counted[f"made up {(await _ask(reader, writer, _HEAD.format(path, address).encode())).decode()}"] += 1


async def _attack(port: int, seconds: float, made_up: int) -> None:
    tasks = [_for_ever(port, _random, f"203.0.113.{number}") for number in range(RANDOM)]
    tasks += [_for_ever(port, _slow, f"198.51.100.{number % 200}") for number in range(SLOW)]
    tasks += [_for_ever(port, _idle) for _ in range(IDLE)]
    tasks += [_for_ever(port, _dribble) for _ in range(DRIBBLING)]
    tasks += [
        _for_ever(port, _made_up, f"192.0.2.{number % MADE_UP_ADDRESSES}", made_up)
        for number in range(MADE_UP_CONNECTIONS)
    ]
    running = [asyncio.ensure_future(task) for task in tasks]
    await asyncio.sleep(4)
    counted.clear()
    print("all there", flush=True)
    await asyncio.sleep(seconds)
    print(dict(counted), flush=True)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _waits(port: int, seconds: float) -> list[float]:
    """Of each request, the seconds until its last byte."""
    waits: list[float] = []
    total, begun = int(RATE * seconds), monotonic() + 0.1

    async def one(first: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(first, total, CONNECTIONS):
            due = begun + number / RATE
            if (early := due - monotonic()) > 0:
                await asyncio.sleep(early)
            status = await _ask(reader, writer, REQUEST.format(PATHS[number % len(PATHS)]).encode())
            assert status == b"200", status
            waits.append(monotonic() - due)
        writer.close()

    await asyncio.gather(*(one(first) for first in range(CONNECTIONS)))
    return waits


def percentiles(port: int, seconds: float) -> tuple[float, float]:
    """Return the median and p99 in milliseconds."""
    cuts = statistics.quantiles(asyncio.run(_waits(port, seconds)), n=100)
    return cuts[49] * 1_000, cuts[98] * 1_000


@contextmanager
def attacked(port: int, seconds: float, made_up: int) -> Iterator[None]:
    """The others are at work for so long, in a process of their own."""
    command = [sys.executable, __file__, "--attack", str(port), "--seconds", str(seconds)]
    command += ["--made-up", str(made_up)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        print(f"  {process.stdout.readline().strip()}", flush=True)
        process.wait(60)


def main() -> None:
    """Print the median and p99 of each round at rest and under attack, and the difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--made-up", type=int, default=MADE_UP, help="made-up queries a second, at most")
    parser.add_argument("--attack", type=int, metavar="PORT", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.attack:
        return uvloop.run(_attack(asked.attack, asked.seconds, asked.made_up))
    with ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory())
        service = running.enter_context(grown(Path(folder), PLACES, ARTICLES, SOURCES))
        service.collect()
        named = {"PORTAL_WIDGETS_LIMITS__TRUSTED_PROXIES": "127.0.0.1"}
        port, _ = running.enter_context(service.serving(2, **named))
        for _ in range(4):  # what is asked for the first time is made, in both workers
            percentiles(port, 1)
        differences = []
        for _ in range(asked.rounds):
            sleep(1)
            rest = percentiles(port, asked.seconds)
            with attacked(port, asked.seconds + 1, asked.made_up):
                under = percentiles(port, asked.seconds)
            differences.append(under[1] - rest[1])
            print(
                f"at rest median {rest[0]:6.2f} p99 {rest[1]:7.2f} ms   under attack "
                f"median {under[0]:6.2f} p99 {under[1]:7.2f} ms   more {differences[-1]:7.2f} ms",
                flush=True,
            )
        print(f"p99 more than at rest, median of the rounds: {statistics.median(differences):.1f} ms")
    return None


if __name__ == "__main__":
    main()

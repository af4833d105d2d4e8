"""Every response is counted once, by route, status and what the cache did, under both adapters."""

import asyncio
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from a2wsgi.wsgi import build_environ
from small_application import SmallApplication
from werkzeug.test import Client

from service.core.counters import Counters
from service.http_cache.asgi import asgi_application
from service.http_cache.wsgi import CachingMiddleware

Get = Callable[..., int]


def route_of(path: str) -> str:
    return "/page/<name>" if path.startswith("/page/") else "other"


@pytest.fixture(params=["asgi", "wsgi"])
def counted(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[SmallApplication, Counters, Get]:
    """A site, what is counted of it, and how it is requested: path and method; the status is returned."""
    site, counters = SmallApplication.in_folder(tmp_path), Counters()
    middleware = CachingMiddleware(site, site.cache, counters, route_of)
    client, threads = Client(middleware), ThreadPoolExecutor(2)
    app = asgi_application(middleware, lambda scope: build_environ(scope, BytesIO()), threads, _no_fallback)  # type: ignore[arg-type] # no request has a body

    def by_asgi(path: str = "/page/hue", method: str = "GET", tags: str = "") -> int:
        headers = [(b"if-none-match", tags.encode())] if tags else []
        scope = {**_SCOPE, "method": method, "path": unquote(path), "headers": headers}
        sent: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def respond() -> None:
            await app(scope, None, send)

        with ThreadPoolExecutor(1) as thread:  # playwright leaves a running loop in the tests' own
            thread.submit(lambda: asyncio.run(respond())).result()
        return int(sent[0]["status"])

    def by_wsgi(path: str = "/page/hue", method: str = "GET", tags: str = "") -> int:
        return client.open(path, method=method, headers={"If-None-Match": tags} if tags else {}).status_code

    return site, counters, by_asgi if request.param == "asgi" else by_wsgi


async def _no_fallback(*_: object) -> None:
    raise AssertionError


_SCOPE: dict[str, Any] = {
    "type": "http",
    "http_version": "1.1",
    "scheme": "http",
    "query_string": b"",
    "root_path": "",
    "server": ("127.0.0.1", 8000),
    "client": ("127.0.0.1", 50000),
}


def counts(counters: Counters) -> dict[str, int]:
    told = counters.http_requests.snapshot()
    return {f"{route} {status} {cache}": count for (route, status, cache), (count,) in told.items()}


def test_a_first_response_is_a_miss_and_all_that_follow_are_hits(
    counted: tuple[SmallApplication, Counters, Get],
) -> None:
    _, counters, get = counted
    assert [get() for _ in range(4)] == [200] * 4
    assert get(method="HEAD") == 200
    assert get("/page/vinh") == 200
    assert counts(counters) == {"/page/<name> 200 miss": 2, "/page/<name> 200 hit": 4}


def test_a_304_is_counted_as_one(counted: tuple[SmallApplication, Counters, Get]) -> None:
    _, counters, get = counted
    assert [get(tags="*") for _ in range(3)] == [304] * 3
    assert counts(counters) == {"/page/<name> 304 miss": 1, "/page/<name> 304 hit": 2}


def test_a_response_that_is_made_again_had_expired(counted: tuple[SmallApplication, Counters, Get]) -> None:
    site, counters, get = counted
    get()
    site.now += 61
    get()
    get()
    assert counts(counters) == {
        "/page/<name> 200 miss": 1,
        "/page/<name> 200 expired": 1,
        "/page/<name> 200 hit": 1,
    }


def test_an_old_response_that_stands_in_while_the_next_one_is_made_is_stale(
    counted: tuple[SmallApplication, Counters, Get],
) -> None:
    site, counters, get = counted
    get()
    site.now += 61
    site.entered.clear()
    site.gate = threading.Event()
    slow = threading.Thread(target=get)
    slow.start()
    assert site.entered.wait(10)
    get()
    get()
    site.gate.set()
    slow.join()
    assert counts(counters) == {
        "/page/<name> 200 miss": 1,
        "/page/<name> 200 stale": 2,
        "/page/<name> 200 expired": 1,
    }


def test_all_paths_without_a_route_have_one_label(counted: tuple[SmallApplication, Counters, Get]) -> None:
    site, counters, get = counted
    site.status = "404 Not Found"
    for path in ("/", "/a", "/b/c", "/wp-login.php", "/%C4%90", "//x"):
        get(path)
    assert {name.split()[0] for name in counts(counters)} == {"other"}
    assert sum(counts(counters).values()) == 6


def test_what_is_never_stored_is_a_miss_each_time(counted: tuple[SmallApplication, Counters, Get]) -> None:
    site, counters, get = counted
    site.storable = False
    assert [get() for _ in range(3)] == [200] * 3
    assert counts(counters) == {"/page/<name> 200 miss": 3}


def test_the_time_of_the_application_is_measured_and_that_of_hits_is_not(
    counted: tuple[SmallApplication, Counters, Get],
) -> None:
    _, counters, get = counted
    for _ in range(5):
        get()
    get("/other")
    cells = counters.render_seconds.snapshot()
    assert {labels: sum(cell[:-1]) for labels, cell in cells.items()} == {
        ("/page/<name>",): 1,
        ("other",): 1,
    }


def test_threads_that_count_at_once_lose_nothing() -> None:
    counters = Counters()
    sent, _ = counters.response("/", "200").cells("hit")

    class Response:
        def __init__(self) -> None:
            self.sent = sent

    response = Response()

    def serve() -> None:
        for _ in range(20_000):
            response.sent[0] += 1

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=serve) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert counts(counters) == {"/ 200 hit": 80_000}

"""The ASGI adapter: stored responses never reach a thread, other methods go to the fallback."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import brotli
import pytest
from a2wsgi.wsgi import build_environ
from small_application import SmallApplication

from service.core.clients import DISCONNECTED, TrustedProxies
from service.http_cache.asgi import THREADS, asgi_application
from service.http_cache.render_queue import PER_CLIENT
from service.http_cache.wsgi import CachingMiddleware

BROWSER = (b"accept-encoding", b"gzip, deflate, br")


class Served:
    """A small application behind both adapters; counts the calls of a thread, and those of the fallback."""

    def __init__(self, folder: Path) -> None:
        self.site = SmallApplication.in_folder(folder)
        self.threads, self.rendered, self.fallen_back = ThreadPoolExecutor(THREADS), 0, 0
        self.app = self.wrapped(self.site.middleware)

    def wrapped(self, middleware: CachingMiddleware, *trusted: str) -> Any:
        proxies = TrustedProxies(trusted)
        return asgi_application(middleware, self._environ_of, self.threads, self._fallback, proxies)

    def _environ_of(self, scope: Any) -> Any:
        self.rendered += 1
        return build_environ(scope, BytesIO())  # type: ignore[arg-type] # no request has a body

    async def _fallback(self, _scope: Any, _receive: Any, _send: Any) -> None:
        self.fallen_back += 1

    def get(
        self, path: str = "/page", *headers: tuple[bytes, bytes], query: bytes = b"", **scope: Any
    ) -> tuple[int, dict[str, str], bytes]:
        return self.run(self.respond(path, *headers, query=query, **scope))

    def run(self, responding: Any) -> Any:
        with ThreadPoolExecutor(1) as thread:  # playwright leaves a running loop in the tests' own
            return thread.submit(asyncio.run, responding).result()

    async def respond(
        self, path: str = "/page", *headers: tuple[bytes, bytes], query: bytes = b"", **scope: Any
    ) -> tuple[int, dict[str, str], bytes]:
        return await self._respond({**_scope(path, query, headers), **scope})

    @asynccontextmanager
    async def rendering(self) -> AsyncIterator[None]:
        """Something is being rendered, and does not end within the block."""
        self.site.gate, self.site.entered = threading.Event(), threading.Event()
        other = asyncio.create_task(self.respond("/other", client=("198.51.100.9", 1)))
        await asyncio.to_thread(self.site.entered.wait, 10)
        try:
            yield
        finally:
            self.site.gate.set()
            await other

    def start(self) -> None:
        """Tell the application that the server starts."""

        async def nothing(_message: object = None) -> None: ...

        self.run(self.app({"type": "lifespan"}, nothing, nothing))

    async def _respond(self, scope: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        if not sent:
            return 0, {}, b""
        start, *parts = sent
        body = b"".join(part.get("body", b"") for part in parts)
        return start["status"], {n.decode(): v.decode() for n, v in start["headers"]}, body


def _scope(path: str, query: bytes, headers: tuple[tuple[bytes, bytes], ...]) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": list(headers),
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
    }


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    served.threads.shutdown()


def test_a_hit_is_answered_in_the_loop_with_the_same_bytes_and_headers(served: Served) -> None:
    status, first, body = served.get("/page", BROWSER)
    assert (served.rendered, status) == (1, 200)
    served.site.now += 2
    served.get("/page", BROWSER)  # which looks at the store
    again = served.get("/page", BROWSER)
    assert (served.rendered, len(served.site.environs)) == (1, 1)
    changing = {"age", "x-accel-expires", "cache-status", "etag", "content-length", "x-request-id"}
    assert {n: v for n, v in first.items() if n not in changing} == {
        n: v for n, v in again[1].items() if n not in changing
    }
    assert brotli.decompress(again[2]) == brotli.decompress(body)
    assert (again[1]["age"], again[1]["cache-status"]) == ("2", "portal-widgets; hit; ttl=58")


def test_a_hit_under_another_query_is_found_in_the_loop_too(served: Served) -> None:
    first = served.get(query=b"a=1&b=2")
    again = served.get(query=b"b=2&x=\xff%00&a=1")
    assert (again[0], again[2]) == (200, first[2])
    assert served.rendered == 1


def test_every_coding_is_a_response_of_its_own(served: Served) -> None:
    for header, coding in ((b"br", "br"), (b"gzip", "gzip"), (b"", None)) * 2:
        assert served.get("/page", (b"accept-encoding", header))[1].get("content-encoding") == coding
    assert served.rendered == 1


def test_304_and_head_are_answered_in_the_loop(served: Served) -> None:
    _, headers, body = served.get()
    tag = headers["etag"].encode()
    status, sent_headers, nothing = served.get("/page", (b"if-none-match", b"W/" + tag))
    assert (status, nothing, sent_headers["etag"].encode()) == (304, b"", tag)
    assert "content-type" not in sent_headers
    status, sent_headers, nothing = served.get(method="HEAD")
    assert (status, nothing, sent_headers["content-length"]) == (200, b"", str(len(body)))
    assert served.get("/page", (b"if-none-match", b'"other"'))[2] == body
    assert served.rendered == 1


def test_a_time_instead_of_a_tag_is_answered_in_the_loop_too(served: Served) -> None:
    dated = served.get()[1]["last-modified"].encode()
    status, sent_headers, nothing = served.get("/page", (b"if-modified-since", dated))
    assert (status, nothing, sent_headers["last-modified"].encode()) == (304, b"", dated)
    other_tag = (b"if-none-match", b'"other"'), (b"if-modified-since", dated)
    assert served.get("/page", *other_tag)[0] == 200
    assert served.rendered == 1


def test_other_methods_are_rendered_and_what_is_no_request_goes_to_the_fallback(served: Served) -> None:
    assert served.get(method="POST")[1]["cache-status"] == "portal-widgets; fwd=method"
    assert (served.fallen_back, served.rendered) == (0, 1)
    served.start()
    assert (served.fallen_back, served.rendered) == (1, 1)


def test_below_another_path_nothing_is_found_and_nothing_stored(served: Served) -> None:
    served.get()
    for _ in range(2):
        assert served.get(root_path="/below")[1]["cache-status"] == "portal-widgets; fwd=bypass"
    assert served.get()[1]["cache-status"].startswith("portal-widgets; hit")


def test_a_field_that_is_sent_twice_is_one_list(served: Served) -> None:
    _, headers, _ = served.get("/page", (b"accept-encoding", b"gzip"))
    twice = (b"accept-encoding", b"identity;q=0.1"), (b"accept-encoding", b"gzip")
    assert served.get("/page", *twice)[1]["content-encoding"] == "gzip"
    known = (b"if-none-match", b'"other"'), (b"if-none-match", headers["etag"].encode())
    assert served.get("/page", *twice, *known)[0] == 304
    assert served.rendered == 1


def test_a_client_that_has_the_response_just_made_gets_a_304(served: Served) -> None:
    tag = served.get()[1]["etag"].encode()
    served.site.now += 100
    status, headers, body = served.get("/page", (b"if-none-match", tag))
    assert (status, body, headers["cache-status"]) == (304, b"", "portal-widgets; fwd=stale; stored")
    served.site.now += 100
    assert served.get(method="HEAD")[2] == b""
    assert served.rendered == 3


def test_an_error_in_a_thread_reaches_the_server(served: Served) -> None:
    served.site.fault = RuntimeError("a fault")
    with pytest.raises(RuntimeError, match="a fault"):
        served.get()


def test_new_data_is_seen_and_a_clock_set_back_leaves_nothing_from_the_future(served: Served) -> None:
    served.get()
    served.site.store.write({"item": b"second"})
    served.site.now += 2
    assert b"second" in served.get()[2]
    served.site.now -= 500
    assert served.get()[1]["cache-status"].startswith("portal-widgets; fwd=")


def test_without_a_cache_every_response_is_made(served: Served) -> None:
    served.app = served.wrapped(CachingMiddleware(served.site))
    for _ in range(2):
        status, headers, _ = served.get()
        assert (status, headers["cache-status"]) == (200, "portal-widgets; fwd=bypass")
    assert served.rendered == 2


def test_all_304_of_one_second_are_the_same(served: Served) -> None:
    served.get("/page", BROWSER)
    tag = served.get("/page", BROWSER)[1]["etag"]
    known = (b"if-none-match", tag.encode())
    first, second = served.get("/page", BROWSER, known), served.get("/page", BROWSER, known)
    assert first == second
    assert (first[0], first[1]["etag"], first[2]) == (304, tag, b"")
    served.site.now += 1.5
    assert served.get("/page", BROWSER, known)[1]["age"] != first[1]["age"]


STRANGER, OTHER = ("203.0.113.9", 1), ("203.0.113.10", 1)


class TestWhileSomethingIsRendered:
    def test_what_is_stored_waits_neither_for_the_store_nor_for_an_encoding(self, served: Served) -> None:
        async def asks() -> None:
            await served.respond("/page")
            served.site.now += 2  # the store has to be looked at again
            async with served.rendering():
                for header in (b"br", b"gzip", b"br"):
                    _, headers, _ = await served.respond(
                        "/page", (b"accept-encoding", header), client=STRANGER
                    )
                    assert headers["cache-status"] == "portal-widgets; hit; ttl=58"
                    assert headers["content-encoding"] == header.decode()

        served.run(asks())

    def test_what_is_out_of_date_is_served_while_the_next_waits_for_its_turn(self, served: Served) -> None:
        async def asks() -> None:
            await served.respond("/page")
            served.site.store.write({"item": b"second"})
            served.site.now += 2
            async with served.rendering():
                for header in (b"br", b"br", b"gzip"):
                    _, headers, _ = await served.respond("/page", (b"accept-encoding", header))
                    assert headers["cache-status"].endswith("detail=stale")
            await served.respond("/last")
            _, headers, body = await served.respond("/page")
            assert b"second" in body
            assert headers["cache-status"].startswith("portal-widgets; hit")

        served.run(asks())
        order = [environ["PATH_INFO"] for environ in served.site.environs]
        assert order == ["/page", "/other", "/page", "/last"]

    def test_only_who_fills_its_own_queue_is_refused_and_never_what_is_stored(self, served: Served) -> None:
        async def asks() -> list[tuple[int, dict[str, str], bytes]]:
            await served.respond("/page")
            async with served.rendering():
                many = [
                    asyncio.create_task(served.respond(f"/{number}", client=STRANGER))
                    for number in range(PER_CLIENT + 3)
                ]
                refused = await asyncio.wait_for(asyncio.gather(*many[PER_CLIENT:]), 10)
                assert [status for status, _, _ in refused] == [429] * 3
                assert (await served.respond("/page", client=STRANGER))[0] == 200
                other = asyncio.create_task(served.respond("/theirs", client=OTHER))
                await asyncio.sleep(0)
            assert (await other)[0] == 200
            return await asyncio.gather(*many[:PER_CLIENT])

        assert {status for status, _, _ in served.run(asks())} == {200}
        order = [environ["PATH_INFO"] for environ in served.site.environs]
        assert order[:4] == ["/page", "/other", "/0", "/theirs"]

    @pytest.mark.parametrize(
        ("trusted", "header", "codes"),
        [
            ((), b"203.0.113.9", {200}),
            (("127.0.0.1",), b"203.0.113.9", {200, 429}),
        ],
        ids=["a proxy that is not named", "a trusted one"],
    )
    def test_what_comes_through_a_proxy_is_limited_by_its_client(
        self, served: Served, trusted: tuple[str, ...], header: bytes, codes: set[int]
    ) -> None:
        served.app = served.wrapped(served.site.middleware, *trusted)

        async def asks() -> list[int]:
            async with served.rendering():
                many = [
                    asyncio.create_task(served.respond(f"/{number}", (b"x-forwarded-for", header)))
                    for number in range(PER_CLIENT + 1)
                ]
                await asyncio.sleep(0)
            return [status for status, _, _ in await asyncio.gather(*many)]

        assert set(served.run(asks())) == codes

    def test_nothing_is_rendered_for_who_has_gone(self, served: Served) -> None:
        async def asks() -> None:
            async with served.rendering():
                scope = _scope("/gone", b"", ())
                waiting = asyncio.create_task(served._respond(scope))  # noqa: SLF001 - the scope is the server's
                await asyncio.sleep(0)
                scope[DISCONNECTED] = True
            assert (await waiting)[0] == 0

        served.run(asks())
        assert [environ["PATH_INFO"] for environ in served.site.environs] == ["/other"]


@pytest.mark.parametrize(
    ("trusted", "lines"), [((), 1), (("unix",), 0)], ids=["not named", "named, without a header"]
)
def test_a_client_without_a_limit_is_told_once(
    served: Served, caplog: pytest.LogCaptureFixture, trusted: tuple[str, ...], lines: int
) -> None:
    served.app = served.wrapped(served.site.middleware, *trusted)
    with caplog.at_level("INFO", "service.http_cache.asgi"):
        for number in range(3):
            served.get(f"/{number}", client=None)
    assert len([line for line in caplog.messages if "have no limit per address" in line]) == lines

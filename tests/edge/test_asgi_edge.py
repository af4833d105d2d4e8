"""The edge in the event loop: what is kept never reaches a thread, all else goes behind."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import brotli
import pytest
from a2wsgi import WSGIMiddleware
from small_application import SmallApplication

from service.edge.asgi import in_front_of

BROWSER = (b"accept-encoding", b"gzip, deflate, br")


class Served:
    """A small application behind both edges; counts what goes behind the one in the loop."""

    def __init__(self, folder: Path) -> None:
        self.site = SmallApplication.in_folder(folder)
        self.behind = 0
        threads = WSGIMiddleware(self.site.edge, workers=2)

        async def counted(scope: Any, receive: Any, send: Any) -> None:
            self.behind += 1
            await threads(scope, receive, send)

        self.app = in_front_of(counted, self.site.memory)

    def ask(
        self, path: str = "/page", *headers: tuple[bytes, bytes], query: bytes = b"", **scope: Any
    ) -> tuple[int, dict[str, str], bytes]:
        asked = self._asked({**_scope(path, query, headers), **scope})
        with ThreadPoolExecutor(1) as thread:  # playwright leaves a running loop in the tests' own
            return thread.submit(asyncio.run, asked).result()

    async def _asked(self, scope: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
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
def served(tmp_path: Path) -> Served:
    return Served(tmp_path)


def test_a_hit_is_answered_in_the_loop_with_the_same_bytes_and_headers(served: Served) -> None:
    status, first, body = served.ask("/page", BROWSER)
    assert (served.behind, status) == (1, 200)
    served.site.now += 2
    served.ask("/page", BROWSER)  # which looks at the store
    again = served.ask("/page", BROWSER)
    assert (served.behind, len(served.site.asked)) == (2, 1)
    changing = {"age", "x-accel-expires", "cache-status", "etag", "content-length"}
    assert {n: v for n, v in first.items() if n not in changing} == {
        n: v for n, v in again[1].items() if n not in changing
    }
    assert brotli.decompress(again[2]) == brotli.decompress(body)
    assert (again[1]["age"], again[1]["cache-status"]) == ("2", "portal-widgets; hit; ttl=58")


def test_a_hit_under_another_name_is_found_in_the_loop_too(served: Served) -> None:
    first = served.ask(query=b"a=1&b=2")
    again = served.ask(query=b"b=2&x=\xff%00&a=1")
    assert (again[0], again[2]) == (200, first[2])
    assert served.behind == 1


def test_every_coding_is_told_apart(served: Served) -> None:
    for header, coding in ((b"br", "br"), (b"gzip", "gzip"), (b"", None)) * 2:
        assert served.ask("/page", (b"accept-encoding", header))[1].get("content-encoding") == coding
    assert served.behind == 3


def test_304_and_head_are_answered_in_the_loop(served: Served) -> None:
    _, headers, body = served.ask()
    tag = headers["etag"].encode()
    status, told, nothing = served.ask("/page", (b"if-none-match", b"W/" + tag))
    assert (status, nothing, told["etag"].encode()) == (304, b"", tag)
    assert "content-type" not in told
    status, told, nothing = served.ask(method="HEAD")
    assert (status, nothing, told["content-length"]) == (200, b"", str(len(body)))
    assert served.ask("/page", (b"if-none-match", b'"other"'))[2] == body
    assert served.behind == 1


@pytest.mark.parametrize(
    ("headers", "scope"),
    [
        ([], {"method": "POST"}),
        ([(b"accept-encoding", b"gzip"), (b"accept-encoding", b"br")], {}),
        ([], {"root_path": "/below"}),
    ],
)
def test_the_unusual_goes_behind(
    served: Served, headers: list[tuple[bytes, bytes]], scope: dict[str, Any]
) -> None:
    served.ask()
    served.ask("/page", *headers, **scope)
    assert served.behind == 2


def test_new_data_is_seen_and_a_clock_set_back_keeps_nothing_from_the_future(served: Served) -> None:
    served.ask()
    served.site.store.keep({"item": b"second"})
    served.site.now += 2
    assert b"second" in served.ask()[2]
    served.site.now -= 500
    assert served.ask()[1]["cache-status"].startswith("portal-widgets; fwd=")


def test_without_a_memory_there_is_no_edge() -> None:
    async def behind(_scope: Any, _receive: Any, _send: Any) -> None:
        """Answers nothing."""

    assert in_front_of(behind, None) is behind


def test_all_who_know_the_answer_within_a_second_are_told_so_by_the_same_words(served: Served) -> None:
    served.ask("/page", BROWSER)
    tag = served.ask("/page", BROWSER)[1]["etag"]
    known = (b"if-none-match", tag.encode())
    first, second = served.ask("/page", BROWSER, known), served.ask("/page", BROWSER, known)
    assert first == second
    assert (first[0], first[1]["etag"], first[2]) == (304, tag, b"")
    served.site.now += 1.5
    assert served.ask("/page", BROWSER, known)[1]["age"] != first[1]["age"]

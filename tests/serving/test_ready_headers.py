# ruff: noqa: SLF001 - what is tested is the inside of gunicorn
"""What lies ready is what gunicorn would make of the same headers."""

from types import SimpleNamespace
from typing import Any

import pytest

from service import ready_heads
from service.edge.ready import Ready

HEADERS = [(b"content-type", b"text/html"), (b"etag", b'"a"'), (b"content-length", b"12"), (b"age", b"0")]
CHUNKED = [(b"transfer-encoding", b"chunked"), (b"vary", b"Accept-Encoding")]


@pytest.mark.parametrize("headers", [HEADERS, HEADERS[:2], CHUNKED, []])
def test_gunicorn_finds_and_writes_the_same(headers: list[tuple[bytes, bytes]]) -> None:
    ready = Ready(headers)
    assert list(ready) == headers
    assert ready.framing == ready_heads._look_at_all(headers)
    assert ready_heads._framing(headers) == ready_heads._look_at_all(headers)
    for close in (False, True):
        assert written(ready_heads._start, ready, close=close) == written(
            ready_heads._start_any, headers, close=close
        )


def written(start: Any, headers: Any, *, close: bool) -> bytes:
    """The start of an answer, but for the date."""
    connection = SimpleNamespace(_response_buffer=b"")
    start(connection, 200, headers, SimpleNamespace(version=(1, 1)), close=close)
    lines: list[bytes] = connection._response_buffer.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.lower().startswith(b"date:"))

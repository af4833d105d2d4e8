"""What the local upstream is asked, and what it puts on the wire."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(frozen=True)
class Asked:
    """A request as it arrived: header names in lower case.

    `number` counts arrivals from 0; `target` is what the request line had; `port` is the client's: the same
    port, the same connection.
    """

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    target: str = ""
    port: int = 0


@dataclass(frozen=True)
class Reply:
    """An ordinary answer; the length is added."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def closes(self) -> bool:
        return any(n.lower() == "connection" and v.lower() == "close" for n, v in self.headers.items())

    def on_the_wire(self, *, with_body: bool) -> bytes:
        if self.status == HTTPStatus.NOT_MODIFIED:
            return head(self.status, self.headers)
        return head(self.status, {"Content-Length": str(len(self.body)), **self.headers}) + (
            self.body if with_body else b""
        )


@dataclass(frozen=True)
class Raw:
    """Bytes for the wire as they are, each after a pause (seconds); then the connection is closed."""

    pieces: Iterable[bytes] = ()
    pause: float = 0


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """Status line and headers."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unheard Of"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


def dripped(data: bytes) -> Iterator[bytes]:
    """Byte by byte."""
    return (data[i : i + 1] for i in range(len(data)))


def endless() -> Iterator[bytes]:
    """A body that ends only when nobody takes it any more."""
    yield head(200, {})
    while True:
        yield b"and so on " * 1_000


def gzip_bomb(megabytes: int) -> Iterator[bytes]:
    """A small body that becomes this many megabytes of zeros."""
    yield head(200, {"Content-Encoding": "gzip"})
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for _ in range(megabytes):
        yield packer.compress(bytes(1_000_000))
    yield packer.flush()

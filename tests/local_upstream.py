"""A real HTTP/1.1 server on the loopback that plays every upstream, also slow, broken and hostile ones."""

import socket
import ssl
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Condition, Event, Thread
from typing import Self
from urllib.parse import parse_qsl, urlsplit

import pytest

from service.core.errors import UpstreamError
from service.core.ports import Request, Upstream


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as it was received, with header names in lower case.

    `number` counts requests from 0; `target` is of the request line; `port` is the client's, so that requests
    with the same port came over the same connection.
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
    """An ordinary response, to which `Content-Length` is added."""

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
    """Bytes that are sent as they are, each piece after a pause (seconds); then the connection is closed."""

    pieces: Iterable[bytes] = ()
    pause: float = 0


Play = Callable[[ReceivedRequest], Reply | Raw]


class LocalUpstream:
    """Responds as it is set up, path by path, and with 404 to an unknown path.

    Attributes:
        requests: all requests received, in their order.
        most_at_once: by path, the largest number of concurrent requests.
    """

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, certificate: ssl.SSLContext | None = None
    ) -> None:
        """Listen and serve from now on; over TLS with a certificate."""
        self.requests: list[ReceivedRequest] = []
        self.most_at_once: Counter[str] = Counter()
        self._plays: dict[str, Play] = {}
        self._play_all: Play | None = None
        self._released: dict[str, Event] = {}
        self._under_way: Counter[str] = Counter()
        self._changed = Condition()
        self._closing = Event()
        self._scheme = "https" if certificate else "http"
        self._server = _Server((host, port), self._playing, self._closing, certificate)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), name="local upstream")
        self._thread.start()

    # Ordinary responses

    def url(self, path: str = "/", host: str | None = None) -> str:
        """Return the URL of a path, with another name of the host if one is given."""
        address, port = self._server.server_address[:2]
        return f"{self._scheme}://{host or address}:{port}{path}"

    def handle(self, path: str, play: Play) -> None:
        """Respond to this path with what `play` returns for the request."""
        self._plays[path] = play

    def handle_all(self, play: Play) -> None:
        """Respond to every other path with what `play` returns."""
        self._play_all = play

    def answer(
        self, path: str, status: int = 200, body: bytes | str = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        """Respond to this path with this response."""
        content = body.encode() if isinstance(body, str) else body
        self.handle(path, lambda _: Reply(status, content, dict(headers or {})))

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        """Redirect this path."""
        self.answer(path, status, headers={"Location": to})

    # Slow, broken and hostile responses

    def hang(self, path: str, then: Reply | None = None) -> None:
        """Send nothing until `release` or `close`; then this reply, or close the connection."""
        released = self._released[path] = Event()

        def play(_: ReceivedRequest) -> Reply | Raw:
            self.wait_for(lambda: released.is_set() or self._closing.is_set(), timeout=60)
            return Raw() if then is None or self._closing.is_set() else then

        self.handle(path, play)

    def release(self, path: str) -> None:
        """Let the requests that hang at this path go on."""
        with self._changed:
            self._released[path].set()
            self._changed.notify_all()

    def drip_body(self, path: str, body: bytes = b"x" * 1_000, pause: float = 0.02) -> None:
        """Send the body byte by byte, with a pause (seconds) before each."""
        self.raw(path, lambda: [head(200, {"Content-Length": str(len(body))}), *dripped(body)], pause)

    def drip_headers(self, path: str, pause: float = 0.02) -> None:
        """Send headers without an end, byte by byte, for some 20 s."""
        self.raw(path, lambda: dripped(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: " + b"x" * 1_000), pause)

    def endless_body(self, path: str) -> None:
        """Send a body without length and end, as fast as it is read."""
        self.raw(path, endless)

    def gzip_bomb(self, path: str, megabytes: int = 200) -> None:
        """Send a body of some hundred kilobytes that decompresses to this many megabytes."""
        self.raw(path, lambda: gzip_bomb(megabytes))

    def truncate(self, path: str, body: bytes = b"half of it", length: int = 1_000) -> None:
        """Send less than `Content-Length` announces, and close."""
        self.raw(path, lambda: [head(200, {"Content-Length": str(length)}), body])

    def close_without_answer(self, path: str) -> None:
        """Read the request, and close without a response."""
        self.raw(path, tuple)

    def garbage(self, path: str, noise: bytes = b"\x00\xff\x13 no HTTP at all\r\n\r\n") -> None:
        """Send bytes that are not HTTP."""
        self.raw(path, lambda: [noise])

    def raw(self, path: str, pieces: Callable[[], Iterable[bytes]], pause: float = 0) -> None:
        """Send these pieces as they are, and close."""
        self.handle(path, lambda _: Raw(pieces(), pause))

    # Requests received

    def requests_for(self, path: str) -> list[ReceivedRequest]:
        """Return the requests received for this path."""
        return [request for request in self.requests if request.path == path]

    def wait_for(self, predicate: Callable[[], object], timeout: float = 10) -> bool:
        """Wait until the predicate is true; it is checked whenever a request begins, ends or is released.

        Raises:
            AssertionError: when it is not true within `timeout` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(predicate, timeout):
                raise AssertionError(f"not seen within {timeout} s; requests so far: {self.requests}")
        return True

    # Its end

    def close(self) -> None:
        """End all connections, threads and sockets.

        Raises:
            BaseException: an exception of a `play`.
        """
        with self._changed:
            self._closing.set()
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self._server.faults:
            raise self._server.faults[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _playing(
        self, method: str, target: str, headers: Mapping[str, str], port: int
    ) -> Iterator[Reply | Raw]:
        parts = urlsplit(target)
        path = parts.path or "/"
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        with self._changed:
            request = ReceivedRequest(len(self.requests), method, path, query, headers, target, port)
            self.requests.append(request)
            self._under_way[path] += 1
            self.most_at_once[path] = max(self.most_at_once[path], self._under_way[path])
            self._changed.notify_all()
        try:
            play = self._plays.get(path) or self._play_all
            yield play(request) if play else Reply(404, b"nothing here")
        finally:
            with self._changed:
                self._under_way[path] -= 1
                self._changed.notify_all()


def failure_of(client: Upstream, url: str, **headers: str) -> UpstreamError:
    """Return the error of this request; a response fails the test."""
    request = Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    with pytest.raises(UpstreamError) as caught:
        client.fetch(request)
    return caught.value


# Bytes of responses


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """Return status line and headers."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unheard Of"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


def dripped(data: bytes) -> Iterator[bytes]:
    """Yield the data byte by byte."""
    return (data[i : i + 1] for i in range(len(data)))


def endless() -> Iterator[bytes]:
    """Yield a body that ends only when the client closes the connection."""
    yield head(200, {})
    while True:
        yield b"and so on " * 1_000


def gzip_bomb(megabytes: int) -> Iterator[bytes]:
    """Yield a small body that decompresses to this many megabytes of zeros."""
    yield head(200, {"Content-Encoding": "gzip"})
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for _ in range(megabytes):
        yield packer.compress(bytes(1_000_000))
    yield packer.flush()


# Sockets and threads

# Method, target, headers and the client's port: the reply, for as long as it takes to send.
Playing = Callable[[str, str, Mapping[str, str], int], AbstractContextManager[Reply | Raw]]


class _Server(ThreadingHTTPServer):
    """Serves every connection in a thread; closing ends and joins them all.

    Attributes:
        faults: exceptions in threads, except that the client closed the connection.
        closing: set when every wait shall end.
    """

    daemon_threads = False  # so that closing waits for them
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], playing: Playing, closing: Event, certificate: ssl.SSLContext | None
    ) -> None:
        self.playing = playing
        self.closing = closing
        self.faults: list[BaseException] = []
        self._certificate = certificate
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # the base class looks up the own name in DNS
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def get_request(self) -> tuple[socket.socket, object]:
        connection, peer = super().get_request()
        if self._certificate:  # the handshake is left to the connection's own thread
            connection = self._certificate.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        self._open.add(connection)
        return connection, peer

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override] # only streams here
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it is closed already
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the base class's signature
        error = sys.exception()
        if error is not None and not isinstance(error, (ConnectionError, ssl.SSLError, TimeoutError)):
            self.faults.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.playing(self.command, self.path, headers, self.client_address[1]) as reply:
            if isinstance(reply, Raw):
                self._send_raw(reply)
            else:
                self.close_connection = self.close_connection or reply.closes()
                self.wfile.write(reply.on_the_wire(with_body=self.command != "HEAD"))

    do_GET = do_HEAD = do_POST = do_CONNECT = _serve  # noqa: N815 - the base class's names

    def _send_raw(self, raw: Raw) -> None:
        self.close_connection = True
        for piece in raw.pieces:
            if self.server.closing.wait(raw.pause):
                return
            self.wfile.write(piece)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's signature
        """Keep the tests' output clean."""

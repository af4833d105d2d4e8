"""A real HTTP/1.1 server on the loopback that plays every upstream of the tests, the rude ones included."""

import ssl
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Condition, Event, Thread
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from local_upstream_replies import Asked, Raw, Reply, dripped, endless, gzip_bomb, head
from local_upstream_server import Server

Play = Callable[[Asked], Reply | Raw]

__all__ = ["Asked", "LocalUpstream", "Raw", "Reply"]


class LocalUpstream:
    """Answers as it is told, path by path; an unknown path is a 404.

    Attributes:
        requests: all that was asked, in the order of arrival.
        most_at_once: by path, the largest number of requests under way at one time.
    """

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, certificate: ssl.SSLContext | None = None
    ) -> None:
        """Listen and serve at once; with a certificate, over TLS."""
        self.requests: list[Asked] = []
        self.most_at_once: Counter[str] = Counter()
        self._plays: dict[str, Play] = {}
        self._released: dict[str, Event] = {}
        self._under_way: Counter[str] = Counter()
        self._changed = Condition()
        self._closing = Event()
        self._scheme = "https" if certificate else "http"
        self._server = Server((host, port), self._playing, self._closing, certificate)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), name="local upstream")
        self._thread.start()

    # What it is told

    def url(self, path: str = "/", host: str | None = None) -> str:
        """The address of a path; `host` when it shall be asked under another name."""
        address, port = self._server.server_address[:2]
        return f"{self._scheme}://{host or address}:{port}{path}"

    def handle(self, path: str, play: Play) -> None:
        """From now on answer this path with what `play` makes of the request."""
        self._plays[path] = play

    def answer(
        self, path: str, status: int = 200, body: bytes | str = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer this path always alike."""
        content = body.encode() if isinstance(body, str) else body
        self.handle(path, lambda _: Reply(status, content, dict(headers or {})))

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        """Send whoever asks for this path on; to itself, and it is a loop."""
        self.answer(path, status, headers={"Location": to})

    # How it can be rude

    def hang(self, path: str, then: Reply | None = None) -> None:
        """Say nothing until `release` or `close`; then this, or nothing at all."""
        released = self._released[path] = Event()

        def play(_: Asked) -> Reply | Raw:
            self.wait_for(lambda: released.is_set() or self._closing.is_set(), timeout=60)
            return Raw() if then is None or self._closing.is_set() else then

        self.handle(path, play)

    def release(self, path: str) -> None:
        """Let those that hang at this path go on."""
        with self._changed:
            self._released[path].set()
            self._changed.notify_all()

    def drip_body(self, path: str, body: bytes = b"x" * 1_000, pause: float = 0.02) -> None:
        """The body byte by byte, with a pause (seconds) before each."""
        self.raw(path, lambda: [head(200, {"Content-Length": str(len(body))}), *dripped(body)], pause)

    def drip_headers(self, path: str, pause: float = 0.02) -> None:
        """Headers that never come to an end, byte by byte, for some 20 s."""
        self.raw(path, lambda: dripped(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: " + b"x" * 1_000), pause)

    def endless_body(self, path: str) -> None:
        """A body without length and end, as fast as it is taken."""
        self.raw(path, endless)

    def gzip_bomb(self, path: str, megabytes: int = 200) -> None:
        """A body of some hundred kilobytes that becomes this many megabytes."""
        self.raw(path, lambda: gzip_bomb(megabytes))

    def truncate(self, path: str, body: bytes = b"half of it", length: int = 1_000) -> None:
        """Announce a length, send less, close."""
        self.raw(path, lambda: [head(200, {"Content-Length": str(length)}), body])

    def close_without_answer(self, path: str) -> None:
        """Take the request, say nothing, close."""
        self.raw(path, tuple)

    def garbage(self, path: str, noise: bytes = b"\x00\xff\x13 no HTTP at all\r\n\r\n") -> None:
        """Answer with bytes that are no HTTP."""
        self.raw(path, lambda: [noise])

    def raw(self, path: str, pieces: Callable[[], Iterable[bytes]], pause: float = 0) -> None:
        """Put these pieces on the wire as they are, then close."""
        self.handle(path, lambda _: Raw(pieces(), pause))

    # What it saw

    def asked(self, path: str) -> list[Asked]:
        """The requests for this path."""
        return [request for request in self.requests if request.path == path]

    def wait_for(self, predicate: Callable[[], object], timeout: float = 10) -> bool:
        """Wait until this holds; it is looked at whenever a request comes, goes or is released.

        Raises:
            AssertionError: when it does not come true within `timeout` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(predicate, timeout):
                raise AssertionError(f"not seen within {timeout} s; requests so far: {self.requests}")
        return True

    # Its life

    def close(self) -> None:
        """Let go of everybody and end; no thread and no socket is left.

        Raises:
            BaseException: what a `play` raised.
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
            asked = Asked(len(self.requests), method, path, query, headers, target, port)
            self.requests.append(asked)
            self._under_way[path] += 1
            self.most_at_once[path] = max(self.most_at_once[path], self._under_way[path])
            self._changed.notify_all()
        try:
            play = self._plays.get(path)
            yield play(asked) if play else Reply(404, b"nothing here")
        finally:
            with self._changed:
                self._under_way[path] -= 1
                self._changed.notify_all()

"""The bundled upstream on a port of this machine: a thread of the collector's process.

What it can answer stands in `ROUTES`; another wire format is another line there. A path that ends with a
slash stands for all that is directly below it, too.
"""

import logging
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from service.demo import articles, drawings, feeds, met_norway, open_meteo, portal
from service.demo.articles import CITY, NEWSPAPER, OUTLETS, Issue, Outlet
from service.demo.sources import ATOM_PATH, RSS_PATH

OPEN_METEO_PATH = "/v1/forecast"
MET_NORWAY_PATH = "/weatherapi/locationforecast/2.0/complete"

Clock = Callable[[], datetime]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A GET: the parameters (repeated ones joined by commas) and the headers (names in lower case).

    `url` is the server's own, without a slash at the end; `began` is when it was made.
    """

    query: Mapping[str, str]
    headers: Mapping[str, str]
    now: datetime
    path: str
    url: str
    began: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def _open_meteo(asked: Asked) -> Reply:
    status, body = open_meteo.forecast(asked.query, asked.now)
    return Reply(status, body, {"Content-Type": "application/json; charset=utf-8"})


def _met_norway(asked: Asked) -> Reply:
    status, headers, body = met_norway.locationforecast(asked.query, asked.headers, asked.now)
    return Reply(status, body, headers)


def _issues(outlet: Outlet, asked: Asked) -> tuple[Issue, ...]:
    return articles.issues(outlet, asked.began, asked.now)


def _rss(asked: Asked) -> Reply:
    issues = _issues(CITY, asked)
    body = feeds.rss(CITY, issues, asked.url, asked.url + asked.path)
    status, headers, body = feeds.conditional(body, "application/rss+xml", issues[0].at, asked.headers)
    return Reply(status, body, headers)


def _atom(asked: Asked) -> Reply:
    issues = _issues(NEWSPAPER, asked)
    body = feeds.atom(NEWSPAPER, issues, asked.url, asked.url + asked.path)
    status, headers, body = feeds.conditional(body, "application/atom+xml", issues[0].at, asked.headers)
    return Reply(status, body, headers)


def _pages(outlet: Outlet, asked: Asked) -> Reply:
    status, headers, body = portal.answer(asked.path, outlet, _issues(outlet, asked))
    return Reply(status, body, headers)


def _picture(asked: Asked) -> Reply:
    drawn = {articles.picture_path(story): story for story in articles.stories() if story.picture}
    story = drawn.get(asked.path)
    if story is None:
        return _NOT_FOUND
    return Reply(HTTPStatus.OK, drawings.picture(story.picture, story.slug), {"Content-Type": "image/png"})


_NOT_FOUND = Reply(HTTPStatus.NOT_FOUND, b"Not found\n", {"Content-Type": "text/plain"})

ROUTES: Mapping[str, Callable[[Asked], Reply]] = {
    OPEN_METEO_PATH: _open_meteo,
    MET_NORWAY_PATH: _met_norway,
    RSS_PATH: _rss,
    ATOM_PATH: _atom,
    articles.PICTURES: _picture,
    **{outlet.folder: partial(_pages, outlet) for outlet in OUTLETS},
}


class DemoUpstream:
    """A server on 127.0.0.1, answering from `start()` to `close()`.

    As a context manager it starts and closes by itself. `clock` returns an aware datetime.
    """

    def __init__(self, clock: Clock, port: int = 0) -> None:
        """Take this port; 0: any free one.

        Raises:
            OSError: when the port is taken.
        """
        self._server = _Server(("127.0.0.1", port), partial(_Handler, clock, clock().astimezone(UTC)))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="demo", daemon=True
        )

    @property
    def url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return _url(self._server)

    @property
    def open_meteo_url(self) -> str:
        """The whole endpoint, as `[weather.open-meteo] base_url` wants it."""
        return self.url + OPEN_METEO_PATH

    @property
    def met_norway_url(self) -> str:
        """The whole endpoint, as `[weather.met-norway] base_url` wants it."""
        return self.url + MET_NORWAY_PATH

    def start(self) -> None:
        """Answer from now on, in a daemon thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering and give the port back; connections kept alive are cut. Twice does no harm."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


class _Server(socketserver.ThreadingTCPServer):
    """Not http.server's own class: that one asks the name service for this machine's name."""

    daemon_threads = True
    allow_reuse_address = True  # a port that is named twice has connections of the last time in TIME_WAIT
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: Callable[..., BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: set[socket.socket] = set()
        self._changing = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changing:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._changing:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        with self._changing:
            for connection in self._open:
                _cut(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as the base class says
        """A client that went away is nothing to speak of; a fault of ours belongs in the log."""
        if not isinstance(sys.exception(), OSError):
            _log.exception("The bundled upstream failed.")


def _url(server: socketserver.TCPServer) -> str:
    host, port = server.server_address[:2]
    return f"http://{host!s}:{port}"


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        _log.debug("A connection was already gone.")


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together, so that no acknowledgement is waited for between them
    timeout = 30

    def __init__(self, clock: Clock, began: datetime, *connection: Any) -> None:
        self._clock, self._began = clock, began
        super().__init__(*connection)

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        now = self._clock().astimezone(UTC)
        route = ROUTES.get(target.path) or ROUTES.get(target.path.rpartition("/")[0] + "/")
        if route is None:
            self._send(_NOT_FOUND, now)
            return
        query = {name: ",".join(values) for name, values in parse_qs(target.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(query, headers, now, target.path, _url(self.server), self._began)
        self._send(route(asked), now)

    def _send(self, reply: Reply, now: datetime) -> None:
        self.send_response_only(reply.status)
        self.send_header("Date", format_datetime(now, usegmt=True))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class says
        """Nothing: the collector's log tells of requests, and once is enough."""

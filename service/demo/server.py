"""The bundled upstream: an HTTP server on this machine, in a thread of the collecting process."""

import logging
import socketserver
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from service.demo import feeds, met_norway, open_meteo
from service.demo.conditional import DemoResponse, http_date

OPEN_METEO_PATH = "/v1/forecast"
MET_NORWAY_PATH = "/weatherapi/locationforecast/2.0/complete"
PROVIDER_PATHS = {"open-meteo": OPEN_METEO_PATH, "met-norway": MET_NORWAY_PATH}

_NOT_FOUND: DemoResponse = HTTPStatus.NOT_FOUND, {"Content-Type": "text/plain"}, b"Not found\n"

_log = logging.getLogger(__name__)


class DemoUpstream(socketserver.ThreadingTCPServer):
    """A server on 127.0.0.1 that answers from `start()` to `close()`; also a context manager.

    `clock` returns an aware datetime; with `storm` the weather is that of a storm. http.server's own class
    would ask the name service for this machine's name.
    """

    daemon_threads = True
    allow_reuse_address = True  # connections of a former run on this port may be in TIME_WAIT
    request_queue_size = 128

    def __init__(self, clock: Callable[[], datetime], port: int = 0, *, storm: bool = False) -> None:
        """Bind the port (OSError if it is in use); 0 binds any free one."""
        super().__init__(("127.0.0.1", port), _Handler)
        self.clock, self.started, self.storm, self.is_closed = clock, clock(), storm, False
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="demo", daemon=True)

    @property
    def url(self) -> str:
        """Return scheme, host and port, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Release the port and answer nothing more, on open connections either. Twice does no harm."""
        self.is_closed = True
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as the base class says
        """Log bugs, but no closed connections."""
        if not isinstance(sys.exception(), OSError):
            _log.exception("The bundled upstream failed.")


class _Handler(BaseHTTPRequestHandler):
    server: DemoUpstream
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body are sent together, without waiting for an acknowledgement between them
    timeout = 30

    def do_GET(self) -> None:
        if self.server.is_closed:
            self.close_connection = True  # without an answer
            return
        now = self.server.clock().astimezone(UTC)
        status, headers, body = self._response(now) or _NOT_FOUND
        self.send_response_only(status)
        self.send_header("Date", http_date(now))
        for name, value in headers.items():
            self.send_header(name, value)
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _response(self, now: datetime) -> DemoResponse | None:
        """Return the response; repeated parameters are one list, separated by commas."""
        target = urlsplit(self.path)
        query = {name: ",".join(values) for name, values in parse_qs(target.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        if target.path == OPEN_METEO_PATH:
            status, body = open_meteo.forecast(query, now, storm=self.server.storm)
            return HTTPStatus(status), {"Content-Type": "application/json; charset=utf-8"}, body
        if target.path == MET_NORWAY_PATH:
            return met_norway.locationforecast(query, headers, now, storm=self.server.storm)
        return feeds.response(target.path, headers, self.server.url, self.server.started, now)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class says
        """Log nothing, since the collector logs its requests."""

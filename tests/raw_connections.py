"""The packaged service with limits that a test can reach, and plain sockets to send requests."""

import re
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from running_service import Running, running, until

# gunicorn's settings as in production, but for a timeout that a test can wait for, and few connections.
SETTINGS = """
from service.gunicorn import *
from service.server.worker import Worker
class worker_class(Worker):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.idle_timeout = {idle_timeout}
worker_connections = {connections}
workers = 1
max_requests = {max_requests}
"""
REQUEST = b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n"


@contextmanager
def limited_service(
    folder: Path, *options: str, idle_timeout: float = 60, connections: int = 5, max_requests: int = 0
) -> Iterator[Running]:
    settings = folder / "gunicorn_settings.py"
    settings.write_text(
        SETTINGS.format(idle_timeout=idle_timeout, connections=connections, max_requests=max_requests)
    )
    with running(("gunicorn", "-c", str(settings), "service.asgi:app", *options), folder) as service:
        until(service.answers, 20, lambda: service.log)
        yield service


def connect(service: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", service.port), timeout=20)


def get(connection: socket.socket, path: str = "/healthz") -> bytes:
    """Send a request; return the head of its complete response, whatever becomes of the connection then."""
    connection.sendall(REQUEST % path.encode())
    return read_head(connection)


def read_head(connection: socket.socket) -> bytes:
    """Return the head of one response, once its body has arrived too."""
    received = b""
    while (at := received.find(b"\r\n\r\n")) < 0 or len(received) < at + 4 + content_length(received[:at]):
        received += connection.recv(65536) or raise_unanswered()
    return received[:at]


def content_length(head: bytes) -> int:
    (length,) = (int(one[15:]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:"))
    return length


def raise_unanswered() -> bytes:
    raise ConnectionError("a request got no response, or half of one")


def read_all(connection: socket.socket) -> bytes:
    """Return what arrives until the other end closes."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def exchange(service: Running, request: bytes) -> bytes:
    """Send this, and return all that arrives until the service closes the connection."""
    with connect(service) as connection:
        connection.sendall(request)
        return read_all(connection)


def dribble(connection: socket.socket) -> bytes:
    """Send byte after byte until the other end closes; return what arrived meanwhile."""
    received, ends = b"", time.monotonic() + 20
    # A byte that is under way when the other end closes is answered by a reset: that is closed too.
    with suppress(ConnectionResetError, BrokenPipeError):
        while time.monotonic() < ends:
            if select.select([connection], [], [], 0.05)[0]:
                piece = connection.recv(65536)
                if not piece:
                    return received
                received += piece
            connection.sendall(b"a")
        raise AssertionError("the connection is still open")
    return received


def statuses(received: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3})", received)]

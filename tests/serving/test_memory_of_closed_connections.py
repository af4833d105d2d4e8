"""A closed connection leaves nothing behind: the memory of a worker does not grow with their number."""

import re
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_service import PACKAGED, Running, running, until

_REQUEST = b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n"
_LEAKED_BY_ONE = 9_000  # bytes, that a connection takes where it is never freed


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running((*PACKAGED, "--workers", "1"), tmp_path_factory.mktemp("closed-connections")) as made:
        until(made.answers, 20, lambda: made.log)
        yield made


def visit(service: Running, path: str, *, waits: bool = True) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
        connection.sendall(_REQUEST % path.encode())
        if waits:
            assert connection.recv(100).startswith(b"HTTP/1.1 ")


def memory_of(service: Running) -> int:
    (worker,) = service.workers()
    resident = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{worker}/status").read_text())
    return int(resident[0]) * 1024


def test_a_worker_does_not_grow_with_connections_that_were_closed(service: Running) -> None:
    for _ in range(500):
        visit(service, "/healthz")
    before = memory_of(service)
    visits = 1_500
    for _ in range(visits):
        visit(service, "/healthz")
    assert memory_of(service) - before < visits * _LEAKED_BY_ONE / 3


def test_a_worker_does_not_grow_with_connections_that_were_reset(service: Running) -> None:
    """Uvicorn's keep-alive timer would hold each until it runs out."""

    def visit_and_reset() -> None:
        with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(_REQUEST % b"/healthz")
            assert connection.recv(100).startswith(b"HTTP/1.1 ")

    for _ in range(500):
        visit_and_reset()
    before = memory_of(service)
    visits = 1_500
    for _ in range(visits):
        visit_and_reset()
    assert memory_of(service) - before < visits * _LEAKED_BY_ONE / 3


def test_clients_that_do_not_wait_for_the_response_cause_no_error(service: Running) -> None:
    for number in range(200):
        visit(service, f"/widgets/weather/hue?accent={number:06x}", waits=False)
    visit(service, "/widgets/weather/hue")
    assert "Traceback" not in service.log
    assert "ERROR" not in service.log

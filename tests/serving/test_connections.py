"""Every connection ends: an idle or slow one, the oldest of too many, and all when the service stops."""

import os
import select
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from raw_connections import REQUEST, connect, content_length, dribble, get, limited_service, read_all
from running_service import PACKAGED, Running, running, until

PAGE = "/widgets/weather/dong-ha?layout=full"
LONG_PAGE, OFTEN = "/", 200  # together more than the kernel holds for one connection


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with limited_service(tmp_path_factory.mktemp("connections")) as made:
        yield made


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with limited_service(tmp_path_factory.mktemp("impatient"), idle_timeout=2) as made:
        yield made


@pytest.mark.parametrize("path", ["/healthz", PAGE, f"{PAGE}&lang=en"])
def test_a_client_that_half_closes_after_its_request_gets_the_response_and_then_the_end(
    service: Running, path: str
) -> None:
    with connect(service) as connection:
        connection.sendall(REQUEST % path.encode())
        connection.shutdown(socket.SHUT_WR)
        response = read_all(connection)
    assert response.startswith(b"HTTP/1.1 200 OK\r\n")
    head, _, body = response.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head.lower()


def test_several_requests_before_a_half_close_all_get_a_response(service: Running) -> None:
    with connect(service) as connection:
        connection.sendall(REQUEST % b"/healthz" * 3)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection).count(b"HTTP/1.1 200 OK\r\n") == 3


def test_half_a_request_before_a_half_close_gets_no_response(service: Running) -> None:
    with connect(service) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == b""


def test_a_new_connection_evicts_the_one_that_was_idle_longest(service: Running) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(connect(service)) for _ in range(5)]
        for one in lines:
            get(one)
        threading.Event().wait(0.01)  # the worker's clock ticks in milliseconds
        get(lines[0])  # so that the second has waited longest
        with connect(service) as connection:
            assert get(connection).startswith(b"HTTP/1.1 200 ")
            assert read_all(lines[1]) == b""
            assert all(get(one).startswith(b"HTTP/1.1 200 ") for one in (lines[0], *lines[2:]))


def test_a_connection_that_is_evicted_before_its_first_request_gets_a_503(service: Running) -> None:
    with ExitStack() as stack:
        silent = [stack.enter_context(connect(service)) for _ in range(5)]
        with connect(service) as connection:
            assert get(connection).startswith(b"HTTP/1.1 200 ")
            assert read_all(silent[0]).startswith(b"HTTP/1.1 503 ")


def connect_without_reading(stack: ExitStack, service: Running) -> socket.socket:
    """Open a connection that requests more than fits into its buffers, and reads nothing."""
    connection = stack.enter_context(socket.socket())
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", service.port))
    connection.sendall(REQUEST % LONG_PAGE.encode() * OFTEN)
    assert connection.recv(1, socket.MSG_PEEK)  # it is accepted and busy
    return connection


def test_a_new_connection_gets_a_503_where_all_others_are_busy(service: Running) -> None:
    with ExitStack() as stack:
        for _ in range(5):
            connect_without_reading(stack, service)

        def refusal() -> bytes:
            # Where the request arrives after the end of the connection, a reset takes the response away.
            with connect(service) as connection, suppress(ConnectionResetError):
                connection.sendall(REQUEST % b"/healthz")
                is_refused = connection.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 503"
                return read_all(connection) if is_refused else b""
            return b""

        response = until(refusal, 20, lambda: service.log)
        assert b"Retry-After: 1\r\n" in response
        assert response.endswith(b"try again.\n")
    until(service.answers, 20, lambda: service.log)


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HTTP/1.1\r\nHost: a\r\n"], ids=["nothing", "half"])
def test_an_idle_connection_is_closed(impatient: Running, begun: bytes) -> None:
    with connect(impatient) as connection:
        connection.sendall(begun)
        assert read_all(connection) == b""


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET /healthz HTTP/1.1\r\nX: ",
        b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n",
    ],
    ids=["method", "field", "body", "chunk"],
)
def test_a_connection_that_sends_byte_by_byte_is_closed(impatient: Running, begun: bytes) -> None:
    with connect(impatient) as connection:
        connection.sendall(begun)
        dribble(connection)


def test_a_connection_with_requests_stays_open(impatient: Running) -> None:
    with connect(impatient) as connection:
        for _ in range(40):  # four seconds, twice the timeout
            get(connection)
            threading.Event().wait(0.1)


def test_a_connection_that_reads_nothing_is_closed(impatient: Running) -> None:
    with ExitStack() as stack:
        reset = select.poll()
        reset.register(connect_without_reading(stack, impatient), 0)  # poll always reports errors
        ((_, events),) = reset.poll(20_000)
        assert events & select.POLLERR
    assert "Traceback" not in impatient.log


def test_a_connection_that_reads_slowly_gets_everything(impatient: Running) -> None:
    with ExitStack() as stack:
        connection, pause, received = connect_without_reading(stack, impatient), threading.Event(), 0
        for _ in range(60):  # six seconds, three times the timeout
            received += len(connection.recv(16384))
            pause.wait(0.1)
        connection.shutdown(socket.SHUT_WR)
        assert received + len(read_all(connection)) > OFTEN * 10_000


def test_idle_connections_do_not_delay_the_end_of_the_service(tmp_path: Path) -> None:
    with limited_service(tmp_path) as service, ExitStack() as stack:
        active, silent = (stack.enter_context(connect(service)) for _ in range(2))
        get(active)
        service.process.terminate()
        assert read_all(active) == read_all(silent) == b""
        service.process.wait(20)
        assert "Forcing close" not in service.log
        assert "Traceback" not in service.log


@contextmanager
def clients(service: Running) -> Iterator[list[Exception]]:
    """Send requests from many threads during the block; yield the errors that they met."""
    enough, lost = threading.Event(), list[Exception]()

    def send_requests() -> None:
        while not enough.is_set():
            with connect(service) as connection:
                try:
                    while b"connection: close" not in get(connection).lower() and not enough.is_set():
                        pass
                except OSError as error:
                    lost.append(error)

    threads = [threading.Thread(target=send_requests) for _ in range(24)]
    for one in threads:
        one.start()
    yield lost
    enough.set()
    for one in threads:
        one.join()


def test_no_request_is_lost_during_a_reload(tmp_path: Path) -> None:
    with limited_service(tmp_path, connections=100) as service:
        with clients(service) as lost:
            for _ in range(3):
                before = service.workers()
                service.process.send_signal(signal.SIGHUP)
                until(lambda gone=before: service.workers() and not service.workers() & gone, 20)
        assert lost == []


def test_no_request_is_lost_by_workers_that_stop_after_max_requests(tmp_path: Path) -> None:
    jitter = ("--max-requests-jitter", "100")
    with limited_service(tmp_path, *jitter, connections=100, max_requests=300) as service:
        with clients(service) as lost, connect(service) as idle:
            get(idle)
            for _ in range(3):
                before = service.workers()
                until(lambda gone=before: service.workers() and not service.workers() & gone, 20)
        assert lost == []
        assert "Forcing close" not in service.log


def test_a_worker_is_renewed_when_a_watched_file_changes(tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.touch()
    options = ("--reload", "--reload-engine", "poll", "--reload-extra-file", str(watched))
    with limited_service(tmp_path, *options) as service:
        before = service.workers()

        def renewed() -> bool:
            # Again and again, since the first check may come late.
            watched.write_text(f"{watched.stat().st_mtime_ns}")
            return bool(service.workers()) and not service.workers() & before

        until(renewed, 30, lambda: service.log)
        until(service.answers, 20, lambda: service.log)
        assert "Traceback" not in service.log


ENDS = [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT]


@pytest.mark.parametrize("end", ENDS, ids=lambda number: number.name)
def test_a_request_while_the_worker_stops_gets_a_response_with_connection_close(
    tmp_path: Path, end: signal.Signals
) -> None:
    with limited_service(tmp_path) as service, connect(service) as active, connect(service) as idle:
        get(active)
        get(idle)
        (worker,) = service.workers()
        os.kill(worker, end)
        head = b""
        while b"connection: close" not in head.lower():  # until the signal has arrived
            head = get(active)
        assert read_all(active) == b""
        assert b"connection: close" in get(idle).lower()
        assert read_all(idle) == b""
        until(lambda: worker not in service.workers(), 20, lambda: service.log)
        until(service.answers, 20, lambda: service.log)
        assert "Traceback" not in service.log
        assert "SIGKILL" not in service.log


@pytest.mark.parametrize("end", ENDS, ids=lambda number: number.name)
def test_no_request_is_lost_on_a_connection_that_was_not_closed_by_a_response(
    tmp_path: Path, end: signal.Signals
) -> None:
    with limited_service(tmp_path, connections=100) as service:
        lost, begun = list[Exception](), threading.Barrier(25)

        def send_requests(connection: socket.socket) -> None:
            get(connection)
            begun.wait(20)
            try:
                while b"connection: close" not in get(connection).lower():
                    pass
            except OSError as error:
                lost.append(error)

        with ExitStack() as stack:
            threads = [
                threading.Thread(target=send_requests, args=(stack.enter_context(connect(service)),))
                for _ in range(24)
            ]
            for one in threads:
                one.start()
            begun.wait(20)
            service.process.send_signal(end)
            for one in threads:
                one.join()
        assert lost == []
        service.process.wait(15)
        assert "SIGKILL" not in service.log


def test_a_response_under_way_is_completed_and_the_last_one_has_connection_close(tmp_path: Path) -> None:
    with limited_service(tmp_path) as service, ExitStack() as stack:
        connection = connect_without_reading(stack, service)
        service.process.terminate()
        # Until the signal has arrived, which the response under way does not show.
        until(lambda: not service.answers(), 20)
        *_, last = read_all(connection).split(b"HTTP/1.1 200 OK\r\n")
        head, _, body = last.partition(b"\r\n\r\n")
        assert b"connection: close" in head.lower()
        assert len(body) == content_length(head)


@pytest.mark.parametrize("end", ENDS, ids=lambda number: number.name)
def test_a_worker_that_is_stopped_while_it_starts_ends(tmp_path: Path, end: signal.Signals) -> None:
    with running((*PACKAGED, "--workers", "1"), tmp_path) as service:
        until(lambda: "Booting worker" in service.log, 20)
        service.process.send_signal(end)
        service.process.wait(15)
        assert "SIGKILL" not in service.log

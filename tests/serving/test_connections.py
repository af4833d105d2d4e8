"""No line is kept without end: neither for one who is slow, nor for many, nor when the service ends."""

import os
import select
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from raw_connections import REQUEST, ask, dribble, length_in, line, rest, served
from running_service import PACKAGED, Running, running, until

PAGE = "/widgets/weather/dong-ha?layout=full"
LONG_PAGE, OFTEN = "/", 200  # together more than the kernel holds for one connection


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with served(tmp_path_factory.mktemp("connections")) as made:
        yield made


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with served(tmp_path_factory.mktemp("impatient"), idle_timeout=2) as made:
        yield made


@pytest.mark.parametrize("path", ["/healthz", PAGE, f"{PAGE}&lang=en"])
def test_who_shuts_his_half_behind_the_request_has_his_answer_and_then_the_end(
    service: Running, path: str
) -> None:
    with line(service) as connection:
        connection.sendall(REQUEST % path.encode())
        connection.shutdown(socket.SHUT_WR)
        answer = rest(connection)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head.lower()


def test_several_requests_before_that_are_all_answered(service: Running) -> None:
    with line(service) as connection:
        connection.sendall(REQUEST % b"/healthz" * 3)
        connection.shutdown(socket.SHUT_WR)
        assert rest(connection).count(b"HTTP/1.1 200 OK\r\n") == 3


def test_half_a_request_and_then_the_end_is_no_request(service: Running) -> None:
    with line(service) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        connection.shutdown(socket.SHUT_WR)
        assert rest(connection) == b""


def test_a_newcomer_has_the_place_of_who_waits_longest(service: Running) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(line(service)) for _ in range(5)]
        for one in lines:
            ask(one)
        threading.Event().wait(0.01)  # the worker's clock ticks in milliseconds
        ask(lines[0])  # so that the second has waited longest
        with line(service) as newcomer:
            assert ask(newcomer).startswith(b"HTTP/1.1 200 ")
            assert rest(lines[1]) == b""
            assert all(ask(one).startswith(b"HTTP/1.1 200 ") for one in (lines[0], *lines[2:]))


def test_who_has_to_leave_before_being_answered_at_all_is_told_to_come_again(service: Running) -> None:
    with ExitStack() as stack:
        silent = [stack.enter_context(line(service)) for _ in range(5)]
        with line(service) as newcomer:
            assert ask(newcomer).startswith(b"HTTP/1.1 200 ")
            assert rest(silent[0]).startswith(b"HTTP/1.1 503 ")


def take_nothing(stack: ExitStack, service: Running) -> socket.socket:
    """A connection that asks for more than fits on the way, and reads none of it."""
    connection = stack.enter_context(socket.socket())
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", service.port))
    connection.sendall(REQUEST % LONG_PAGE.encode() * OFTEN)
    assert connection.recv(1, socket.MSG_PEEK)  # it has its place, and is at work
    return connection


def test_where_all_places_are_at_work_a_newcomer_is_told_to_come_again(service: Running) -> None:
    with ExitStack() as stack:
        for _ in range(5):
            take_nothing(stack, service)

        def told() -> bytes:
            with line(service) as newcomer:
                newcomer.sendall(REQUEST % b"/healthz")
                return rest(newcomer) if newcomer.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 503" else b""

        answer = until(told, 20, lambda: service.log)
        assert b"Retry-After: 1\r\n" in answer
        assert answer.endswith(b"try again.\n")
    until(service.answers, 20, lambda: service.log)


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HTTP/1.1\r\nHost: a\r\n"], ids=["nothing", "half"])
def test_who_does_not_ask_is_not_waited_for(impatient: Running, begun: bytes) -> None:
    with line(impatient) as connection:
        connection.sendall(begun)
        assert rest(connection) == b""


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
def test_who_asks_byte_by_byte_is_not_waited_for_either(impatient: Running, begun: bytes) -> None:
    with line(impatient) as connection:
        connection.sendall(begun)
        dribble(connection)


def test_who_asks_and_asks_again_may_stay(impatient: Running) -> None:
    with line(impatient) as connection:
        for _ in range(40):  # four seconds, twice the timeout
            ask(connection)
            threading.Event().wait(0.1)


def test_who_takes_nothing_is_not_waited_for(impatient: Running) -> None:
    with ExitStack() as stack:
        reset = select.poll()
        reset.register(take_nothing(stack, impatient), 0)  # for errors alone, which are always told
        ((_, told),) = reset.poll(20_000)
        assert told & select.POLLERR
    assert "Traceback" not in impatient.log


def test_who_takes_a_little_now_and_then_gets_all(impatient: Running) -> None:
    with ExitStack() as stack:
        connection, pause, received = take_nothing(stack, impatient), threading.Event(), 0
        for _ in range(60):  # six seconds, three times the timeout
            received += len(connection.recv(16384))
            pause.wait(0.1)
        connection.shutdown(socket.SHUT_WR)
        assert received + len(rest(connection)) > OFTEN * 10_000


def test_lines_that_are_only_kept_open_hold_no_end_up(tmp_path: Path) -> None:
    with served(tmp_path) as service, ExitStack() as stack:
        asked, silent = (stack.enter_context(line(service)) for _ in range(2))
        ask(asked)
        service.process.terminate()
        assert rest(asked) == rest(silent) == b""
        service.process.wait(20)
        assert "Forcing close" not in service.log
        assert "Traceback" not in service.log


@contextmanager
def readers(service: Running) -> Iterator[list[Exception]]:
    """Many who ask and ask again while the block runs; what their requests met instead of an answer."""
    enough, lost = threading.Event(), list[Exception]()

    def read_on() -> None:
        while not enough.is_set():
            with line(service) as connection:
                try:
                    while b"connection: close" not in ask(connection).lower() and not enough.is_set():
                        pass
                except OSError as error:
                    lost.append(error)

    threads = [threading.Thread(target=read_on) for _ in range(24)]
    for one in threads:
        one.start()
    yield lost
    enough.set()
    for one in threads:
        one.join()


def test_not_one_request_is_lost_while_new_workers_take_over(tmp_path: Path) -> None:
    with served(tmp_path, connections=100) as service:
        with readers(service) as lost:
            for _ in range(3):
                before = service.workers()
                service.process.send_signal(signal.SIGHUP)
                until(lambda gone=before: service.workers() and not service.workers() & gone, 20)
        assert lost == []


def test_not_one_request_is_lost_by_workers_that_end_after_so_many(tmp_path: Path) -> None:
    with served(tmp_path, "--max-requests-jitter", "100", connections=100, max_requests=300) as service:
        with readers(service) as lost, line(service) as idle:
            ask(idle)
            for _ in range(3):
                before = service.workers()
                until(lambda gone=before: service.workers() and not service.workers() & gone, 20)
        assert lost == []
        assert "Forcing close" not in service.log


def test_a_worker_is_renewed_when_a_watched_file_changes(tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.touch()
    options = ("--reload", "--reload-engine", "poll", "--reload-extra-file", str(watched))
    with served(tmp_path, *options) as service:
        before = service.workers()

        def renewed() -> bool:
            watched.write_text(
                f"{watched.stat().st_mtime_ns}"
            )  # again and again: the first look may come late
            return bool(service.workers()) and not service.workers() & before

        until(renewed, 30, lambda: service.log)
        until(service.answers, 20, lambda: service.log)
        assert "Traceback" not in service.log


ENDS = [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT]


@pytest.mark.parametrize("end", ENDS, ids=lambda number: number.name)
def test_who_asks_while_the_service_ends_is_answered_and_told_that_it_was_the_last(
    tmp_path: Path, end: signal.Signals
) -> None:
    with served(tmp_path) as service, line(service) as asked, line(service) as idle:
        ask(asked)
        ask(idle)
        (worker,) = service.workers()
        os.kill(worker, end)
        told = b""
        while b"connection: close" not in told.lower():  # until the worker has heard of it
            told = ask(asked)
        assert rest(asked) == b""
        assert b"connection: close" in ask(idle).lower()
        assert rest(idle) == b""
        until(lambda: worker not in service.workers(), 20, lambda: service.log)
        until(service.answers, 20, lambda: service.log)
        assert "Traceback" not in service.log
        assert "SIGKILL" not in service.log


@pytest.mark.parametrize("end", ENDS, ids=lambda number: number.name)
def test_nobody_who_was_not_told_so_goes_unanswered_when_the_service_ends(
    tmp_path: Path, end: signal.Signals
) -> None:
    with served(tmp_path, connections=100) as service:
        lost, begun = list[Exception](), threading.Barrier(25)

        def ask_on(connection: socket.socket) -> None:
            ask(connection)
            begun.wait(20)
            try:
                while b"connection: close" not in ask(connection).lower():
                    pass
            except OSError as error:
                lost.append(error)

        with ExitStack() as stack:
            threads = [
                threading.Thread(target=ask_on, args=(stack.enter_context(line(service)),)) for _ in range(24)
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


def test_who_has_an_answer_half_gets_all_of_it_and_one_that_says_that_it_is_the_last(tmp_path: Path) -> None:
    with served(tmp_path) as service, ExitStack() as stack:
        connection = take_nothing(stack, service)
        service.process.terminate()
        until(lambda: not service.answers(), 20)  # the worker has heard it; what was begun says nothing of it
        *_, last = rest(connection).split(b"HTTP/1.1 200 OK\r\n")
        head, _, body = last.partition(b"\r\n\r\n")
        assert b"connection: close" in head.lower()
        assert len(body) == length_in(head)


@pytest.mark.parametrize("end", ENDS, ids=lambda number: number.name)
def test_a_worker_that_is_told_to_end_while_it_starts_does_so(tmp_path: Path, end: signal.Signals) -> None:
    with running((*PACKAGED, "--workers", "1"), tmp_path) as service:
        until(lambda: "Booting worker" in service.log, 20)
        service.process.send_signal(end)
        service.process.wait(15)
        assert "SIGKILL" not in service.log

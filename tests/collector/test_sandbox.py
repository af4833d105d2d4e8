"""Calls in limited child processes: real processes, real limits of the kernel."""

import ctypes
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from commands import is_alive, until

from service.articles.text.images import ImageError, convert
from service.collector.sandbox import CpuUsage, LimitExceededError, Limits, Sandbox, SandboxError
from service.core.errors import Cause, UpstreamError

FOR_EVER = (pow, 3, 10**9)  # busy in C, without a look at signals


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(cpu_seconds=1, wall_seconds=20)) as made_one:
        yield made_one


def test_a_call_returns_what_the_function_returns(sandbox: Sandbox) -> None:
    assert sandbox.run(CpuUsage(), json.loads, '{"a": [1]}') == {"a": [1]}


def test_a_large_argument_and_a_large_result_arrive_whole(sandbox: Sandbox) -> None:
    body = os.urandom(8_000_000)
    assert sandbox.run(CpuUsage(), bytes, body) == body


def test_an_exception_arrives_as_it_was_with_the_place_that_raised_it(sandbox: Sandbox) -> None:
    with pytest.raises(ImageError, match="cannot be read") as raised:
        sandbox.run(CpuUsage(), convert, b"no picture")
    assert raised.value.__notes__[0].startswith("articles/text/images.py:")


def refuse() -> None:
    raise UpstreamError(Cause.BROKEN, "it is broken", status=503)


def test_a_failure_of_an_upstream_crosses_the_border_with_all_its_fields() -> None:
    import pickle  # noqa: PLC0415 - of this test alone

    with pytest.raises(UpstreamError) as raised:
        refuse()
    copy = pickle.loads(pickle.dumps(raised.value))
    told = (copy.cause, copy.detail, copy.retry_after, copy.status)
    assert told == (Cause.BROKEN, "it is broken", None, 503)


def test_what_uses_too_much_cpu_time_is_ended_also_when_it_is_busy_in_c(sandbox: Sandbox) -> None:
    usage = CpuUsage()
    with pytest.raises(LimitExceededError, match="1 s of CPU time"):
        sandbox.run(usage, *FOR_EVER)
    assert usage.seconds > 0
    assert sandbox.run(usage, len, "abc") == 3


def test_what_uses_too_much_memory_is_ended(sandbox: Sandbox) -> None:
    with pytest.raises(LimitExceededError, match="512 MB of memory"):
        sandbox.run(CpuUsage(), bytearray, 600 * 1024**2)


def test_what_sleeps_for_too_long_is_ended() -> None:
    with (
        Sandbox(Limits(wall_seconds=1)) as short,
        pytest.raises(LimitExceededError, match="more than 1 s"),
    ):
        short.run(CpuUsage(), time.sleep, 60)


def test_a_crash_of_a_library_is_told_with_its_signal(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match=f"signal {signal.SIGSEGV:d} "):
        sandbox.run(CpuUsage(), ctypes.string_at, 0)


def test_a_fork_server_that_was_killed_is_replaced() -> None:
    with Sandbox() as own:
        first = own.run(CpuUsage(), os.getppid)
        os.kill(first, signal.SIGKILL)
        assert own.run(CpuUsage(), os.getppid) != first


def test_a_call_does_not_wait_for_those_of_others() -> None:
    with Sandbox(Limits(cpu_seconds=20)) as own:
        own.run(CpuUsage(), len, "")
        busy = [threading.Thread(target=give_up, args=(own,)) for _ in range(3)]
        for thread in busy:
            thread.start()
        assert own.run(CpuUsage(), len, "abc") == 3
        assert all(thread.is_alive() for thread in busy)
        own.close()  # ends the busy ones
        for thread in busy:
            thread.join(20)


def test_the_module_of_a_function_is_imported_once_and_not_in_every_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "imported_where.py").write_text("import os\nPID = os.getpid()\ndef pid():\n    return PID\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.syspath_prepend(tmp_path)
    function = importlib.import_module("imported_where").pid
    with Sandbox() as own:
        server = own.run(CpuUsage(), os.getppid)
        assert [own.run(CpuUsage(), function) for _ in range(2)] == [server, server]


def give_up(sandbox: Sandbox, call: Sequence[Any] = (time.sleep, 30)) -> None:
    try:
        sandbox.run(CpuUsage(), *call)
    except SandboxError:
        return


def test_sources_that_cost_much_wait_for_each_other_and_are_forgiven_after_a_cheap_round() -> None:
    usage = CpuUsage()
    usage.add(0.3)
    assert not usage.costly
    usage.add(1.2)
    assert usage.costly
    usage.start_round()
    assert (usage.costly, usage.seconds) == (True, 0.0)
    usage.start_round()
    assert not usage.costly


HOLDS_A_SANDBOX = """
import os, sys, threading
from service.collector.sandbox import CpuUsage, Limits, Sandbox
sandbox = Sandbox(Limits(cpu_seconds=60))
server = sandbox.run(CpuUsage(), os.getppid)
threading.Thread(target=sandbox.run, args=(CpuUsage(), pow, 3, 10**9), daemon=True).start()
print(server, flush=True)
sys.stdin.read()
"""


def test_nothing_of_a_sandbox_outlives_the_process_that_has_it() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_SANDBOX], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    server = int(process.stdout.readline())
    until(lambda: children_of(server))
    (busy,) = children_of(server)
    process.kill()
    process.communicate()
    until(lambda: not is_alive(server) and not is_alive(busy), seconds=2)


def test_what_a_fork_server_runs_ends_with_it_also_when_it_is_busy_in_c() -> None:
    with Sandbox(Limits(cpu_seconds=20)) as own:
        server = own.run(CpuUsage(), os.getppid)
        call = threading.Thread(target=give_up, args=(own, FOR_EVER))
        call.start()
        until(lambda: children_of(server))
        (busy,) = children_of(server)
        os.kill(server, signal.SIGKILL)
        until(lambda: not is_alive(busy), seconds=2)
        until(lambda: call.is_alive() and own.run(CpuUsage(), os.getppid) != server)
        own.close()  # ends the second try
        call.join(20)


def children_of(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:  # noqa: PTH123 - a file of the kernel
        return [int(child) for child in file.read().split()]


def test_the_fork_server_ends_when_its_control_socket_is_closed() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [
        sys.executable,
        "-m",
        "service.collector.sandbox_process",
        str(theirs.fileno()),
        "5",
        "512",
        "60",
    ]
    with theirs:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, pass_fds=(theirs.fileno(),), process_group=0
        )
    ours.close()
    assert process.wait(20) == 0
    assert process.stdin is not None
    process.stdin.close()

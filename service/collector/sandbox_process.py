"""The fork server of `sandbox`: `python -m service.collector.sandbox_process CONTROL_FD LIMIT…`.

It has one thread and reads no document itself, so that each fork is cheap (3 ms) and clean. Over the control
socket it gets a socket and a pipe for each call. A child reads the request from the socket and writes the
reply to it; the server writes to the pipe how the child ended.
"""

import gc
import os
import pickle
import resource
import selectors
import signal
import socket
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import NoReturn

# What the calls need is loaded once here instead of in each child.
from service.collector.lifeline import end_with_parent
from service.collector.sandbox import COSTLY, LATE, LENGTH, OUT_OF_MEMORY, STATUS, Limits

_NICENESS = 15  # of documents of sources that cost much: readers and other sources come first


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that a child works on: where to write how it ended, and when it has to end (monotonic clock)."""

    status: int
    ends: float


def serve(control: socket.socket, limits: Limits, lifeline: int) -> None:
    """Fork a child for each socket that arrives, until the other end of `control` is closed.

    Children close `lifeline`, so that the server alone holds it.
    """
    woken, wake = socket.socketpair()
    woken.setblocking(False)
    wake.setblocking(False)
    signal.signal(
        signal.SIGCHLD, lambda *_: None
    )  # without a handler nothing is written to the wake-up socket
    signal.set_wakeup_fd(wake.fileno())
    calls: dict[int, _Call] = {}
    events = selectors.DefaultSelector()
    events.register(control, selectors.EVENT_READ)
    events.register(woken, selectors.EVENT_READ)
    while True:
        ready = {key.fileobj for key, _ in events.select(_until_the_next_end(calls))}
        if woken in ready:
            with suppress(BlockingIOError):
                woken.recv(4_096)
        _reap(calls)
        _kill_the_late(calls)
        if control in ready:
            message, descriptors, _, _ = socket.recv_fds(control, 1, 2)
            if not message:
                return
            with socket.socket(fileno=descriptors[0]) as connection:
                _start(connection, descriptors[1], calls, limits, lifeline, costly=message == COSTLY)


def _start(  # noqa: PLR0913 - what a call needs, and what its child must not have
    connection: socket.socket,
    status: int,
    calls: dict[int, _Call],
    limits: Limits,
    lifeline: int,
    *,
    costly: bool,
) -> None:
    try:
        pid = os.fork()
    except OSError:  # no more processes: the caller sees that nobody answers
        os.close(status)
        return
    if pid:
        calls[pid] = _Call(status, monotonic() + limits.wall_seconds)
        return
    try:
        os.close(lifeline)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if costly:
            with suppress(OSError):  # where a service manager forbids it
                os.nice(_NICENESS)
        _answer(connection, limits)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BaseException:  # noqa: BLE001 - the parent is told by the status; nothing may run on as a second server
        traceback.print_exc()
    os._exit(1)


def _answer(connection: socket.socket, limits: Limits) -> NoReturn:
    """Read a request, make the call under the limits, write the reply, and end this process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    memory = limits.megabytes * 1024**2
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    with connection.makefile("rb") as incoming:
        (length,) = LENGTH.unpack(incoming.read(LENGTH.size))
        function, args = pickle.loads(incoming.read(length))  # noqa: S301 - from our own parent
    reply = _reply(function, args)
    connection.sendall(LENGTH.pack(len(reply)))
    connection.sendall(reply)
    os._exit(0)


def _reply(function: object, args: tuple[object, ...]) -> bytes:
    """Pickle whether the call raised, and what it returned or raised."""
    try:
        return _pickled(raised=False, value=function(*args))  # type: ignore[operator] # pickle has no types
    except MemoryError:
        raise
    except Exception as fault:  # noqa: BLE001 - it is raised again in the caller
        fault.add_note(_place_of(fault))
        fault.__cause__ = fault.__context__ = fault.__traceback__ = None
        with suppress(Exception):
            reply = _pickled(raised=True, value=fault)
            pickle.loads(reply)  # noqa: S301 - our own; some exceptions can be written and not read
            return reply
        return _pickled(raised=True, value=RuntimeError(type(fault).__name__))


def _pickled(*, raised: bool, value: object) -> bytes:
    return pickle.dumps((raised, value), pickle.HIGHEST_PROTOCOL)


def _place_of(fault: BaseException) -> str:
    """The file, line and function that raised, for the log."""
    frames = traceback.extract_tb(fault.__traceback__)
    last = next((frame for frame in reversed(frames) if "/service/" in frame.filename), frames[-1])
    return f"{last.filename.rpartition('/service/')[2]}:{last.lineno} in {last.name}"


def _until_the_next_end(calls: dict[int, _Call]) -> float | None:
    return max(0.0, min(call.ends for call in calls.values()) - monotonic()) if calls else None


def _reap(calls: dict[int, _Call]) -> None:
    """Tell the callers of ended children how those ended."""
    while calls:
        pid, status, usage = os.wait4(-1, os.WNOHANG)
        if not pid:
            return
        _finish(calls.pop(pid), status, usage.ru_utime + usage.ru_stime)


def _kill_the_late(calls: dict[int, _Call]) -> None:
    for pid in [pid for pid, call in calls.items() if call.ends <= monotonic()]:
        os.kill(pid, signal.SIGKILL)
        _, _, usage = os.wait4(pid, 0)
        _finish(calls.pop(pid), LATE, usage.ru_utime + usage.ru_stime)


def _finish(call: _Call, status: int, seconds: float) -> None:
    with suppress(BrokenPipeError), os.fdopen(call.status, "wb", buffering=0) as told:
        told.write(STATUS.pack(status, seconds))


def main() -> None:
    """Serve until the parent closes the control socket or dies. Children end with this process."""
    end_with_parent(sys.stdin.fileno(), whole_group=True)
    of_children, lifeline = os.pipe2(os.O_CLOEXEC)
    end_with_parent(of_children, whole_group=True)
    gc.collect()
    gc.freeze()  # a collection in a child would otherwise copy every page that is shared with this process
    control, *limits = map(int, sys.argv[1:])
    serve(socket.socket(fileno=control), Limits(*limits), lifeline)


if __name__ == "__main__":
    main()

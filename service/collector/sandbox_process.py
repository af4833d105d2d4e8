"""The fork server of `sandbox`: `python -m service.collector.sandbox_process CONTROL_FD LIMIT…`.

It has one thread and parses nothing itself, so that each fork is cheap (3 ms) and clean. Over the control
socket it receives a socket and a pipe for each call, and the name of the module that the function is in,
which it imports once so that the children need not. A child reads the request from the socket and writes the
reply to it; the server writes the child's wait status to the pipe.
"""

import gc
import importlib
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

from service.collector.sandbox import COSTLY, LATE, LENGTH, OUT_OF_MEMORY, STATUS, Limits
from service.collector.supervisor import end_with_parent

_MAX_HEADER = 1_024  # bytes: the kind of the call and the module's name
_NICENESS = 15  # for sources whose documents are costly: readers and other sources come first


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that a child works on.

    Attributes:
        status_pipe: descriptor to which its wait status is written.
        deadline: when it is killed (monotonic clock).
    """

    status_pipe: int
    deadline: float


def serve(control: socket.socket, limits: Limits, lifeline: int) -> None:
    """Fork a child for each socket received, until the other end of `control` is closed.

    `lifeline` is the write end of the pipe whose closing ends the children; they close their copies of it, so
    that only the server has it open.
    """
    woken, wake = socket.socketpair()
    woken.setblocking(False)
    wake.setblocking(False)
    # Without a handler nothing would be written to the wake-up socket.
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())
    calls: dict[int, _Call] = {}
    events = selectors.DefaultSelector()
    events.register(control, selectors.EVENT_READ)
    events.register(woken, selectors.EVENT_READ)
    while True:
        ready = {key.fileobj for key, _ in events.select(_seconds_to_deadline(calls))}
        if woken in ready:
            with suppress(BlockingIOError):
                woken.recv(4_096)
        _reap(calls)
        _kill_late(calls)
        if control in ready:
            header, descriptors, _, _ = socket.recv_fds(control, _MAX_HEADER, 2)
            if not header:
                return
            _load(header[1:].decode())
            with socket.socket(fileno=descriptors[0]) as connection:
                _fork(connection, descriptors[1], calls, limits, lifeline, costly=header[:1] == COSTLY)


def _load(module: str) -> None:
    """Import a module before the fork; if that fails the child fails likewise, and reports why."""
    if module not in sys.modules:
        with suppress(Exception):
            importlib.import_module(module)
        _share_memory()


def _share_memory() -> None:
    """Exempt everything from garbage collection, which in a child would copy every page it looks at."""
    gc.collect()
    gc.freeze()


def _fork(  # noqa: PLR0913 - what a call needs, and what its child must not inherit
    connection: socket.socket,
    status_pipe: int,
    calls: dict[int, _Call],
    limits: Limits,
    lifeline: int,
    *,
    costly: bool,
) -> None:
    try:
        pid = os.fork()
    except OSError:  # no more processes: the caller finds its pipe closed
        os.close(status_pipe)
        return
    if pid:
        calls[pid] = _Call(status_pipe, monotonic() + limits.wall_seconds)
        return
    try:
        os.close(lifeline)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if costly:
            with suppress(OSError):  # where a service manager forbids it
                os.nice(_NICENESS)
        _serve_call(connection, limits)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BaseException:  # noqa: BLE001 - the parent learns it from the status; no child may run on as a second server
        traceback.print_exc()
    os._exit(1)


def _serve_call(connection: socket.socket, limits: Limits) -> NoReturn:
    """Read a request, call the function under the limits, write the reply, and end this process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    memory = limits.megabytes * 1024**2
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    with connection.makefile("rb") as incoming:
        (length,) = LENGTH.unpack(incoming.read(LENGTH.size))
        function, args = pickle.loads(incoming.read(length))  # nosec B301 # noqa: S301 - from our own parent
    reply = _reply(function, args)
    connection.sendall(LENGTH.pack(len(reply)))
    connection.sendall(reply)
    os._exit(0)


def _reply(function: object, args: tuple[object, ...]) -> bytes:
    """Call the function; pickle whether it raised, and what it returned or raised."""
    try:
        return _pickled(raised=False, value=function(*args))  # type: ignore[operator] # pickle has no types
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - it is raised again in the caller
        error.add_note(_location(error))
        error.__cause__ = error.__context__ = error.__traceback__ = None
        with suppress(Exception):
            reply = _pickled(raised=True, value=error)
            pickle.loads(reply)  # nosec B301 # noqa: S301 - our own; some exceptions can be pickled and not unpickled
            return reply
        return _pickled(raised=True, value=RuntimeError(type(error).__name__))


def _pickled(*, raised: bool, value: object) -> bytes:
    return pickle.dumps((raised, value), pickle.HIGHEST_PROTOCOL)


def _location(error: BaseException) -> str:
    """Return the file, line and function that raised, for the log."""
    frames = traceback.extract_tb(error.__traceback__)
    last = next((frame for frame in reversed(frames) if "/service/" in frame.filename), frames[-1])
    return f"{last.filename.rpartition('/service/')[2]}:{last.lineno} in {last.name}"


def _seconds_to_deadline(calls: dict[int, _Call]) -> float | None:
    return max(0.0, min(call.deadline for call in calls.values()) - monotonic()) if calls else None


def _reap(calls: dict[int, _Call]) -> None:
    """Report the wait status of every child that has ended to its caller."""
    while calls:
        pid, status, usage = os.wait4(-1, os.WNOHANG)
        if not pid:
            return
        _report(calls.pop(pid), status, usage.ru_utime + usage.ru_stime)


def _kill_late(calls: dict[int, _Call]) -> None:
    for pid in [pid for pid, call in calls.items() if call.deadline <= monotonic()]:
        os.kill(pid, signal.SIGKILL)
        _, _, usage = os.wait4(pid, 0)
        _report(calls.pop(pid), LATE, usage.ru_utime + usage.ru_stime)


def _report(call: _Call, status: int, seconds: float) -> None:
    with suppress(BrokenPipeError), os.fdopen(call.status_pipe, "wb", buffering=0) as pipe:
        pipe.write(STATUS.pack(status, seconds))


def main() -> None:
    """Serve until the parent closes the control socket or dies. Children end with this process."""
    end_with_parent(sys.stdin.fileno(), whole_group=True)
    of_children, lifeline = os.pipe2(os.O_CLOEXEC)
    end_with_parent(of_children, whole_group=True)
    _share_memory()
    control, *limits = map(int, sys.argv[1:])
    serve(socket.socket(fileno=control), Limits(*limits), lifeline)


if __name__ == "__main__":
    main()

"""Runs pure functions on untrusted documents, in child processes with limits of CPU time and memory.

The kernel enforces both limits, so they hold while a C library or a regular expression is busy. A fork server
(`sandbox_process`) forks a child for each call, so that nothing of a document outlives its call.
"""

import os
import pickle
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock
from typing import Protocol, Self, TypeVar

R = TypeVar("R")

NORMAL, COSTLY = b".", b"c"  # sent to the fork server with each call, before the module of the function
OUT_OF_MEMORY = 3  # exit status of a child
LENGTH = struct.Struct("!Q")  # precedes a pickled request and a pickled reply
STATUS = struct.Struct("!id")  # the child's wait status, the seconds of CPU time it used
LATE = -1  # instead of a wait status: the child was killed at the wall-clock limit

_CONCURRENT_CALLS = 8  # one source has at most two of them
_CONCURRENT_COSTLY_CALLS = 1
_SERVER_GRACE = 15.0  # seconds beyond the wall-clock limit, after which the fork server itself hangs
_COSTLY_SECONDS = 1.0  # of CPU time


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one call.

    Attributes:
        cpu_seconds: whole seconds of CPU time.
        megabytes: of address space, 50 of which the interpreter and its libraries take.
        wall_seconds: after which it is killed in any case: more than the CPU time takes on a busy machine.
    """

    cpu_seconds: int = 5
    megabytes: int = 512
    wall_seconds: int = 60


class LimitExceededError(Exception):
    """The call was ended because it exceeded a limit; the message says which."""


class SandboxError(Exception):
    """The call ended without a result, by a crash of a library; the message says how."""


@dataclass(slots=True)
class CpuUsage:
    """The CPU time that the documents of one source have used.

    Attributes:
        seconds: used in this round, which `start_round` begins.
        costly: whether a document used a second or more, in this round or the one before. Documents of such
            sources are read one at a time and with a lower priority, so that they delay others little.
    """

    seconds: float = 0.0
    costly: bool = False
    _costly_this_round: bool = False

    def start_round(self) -> None:
        self.seconds, self.costly, self._costly_this_round = 0.0, self._costly_this_round, False

    def add(self, seconds: float) -> None:
        """Add the CPU time of one document."""
        self.seconds += seconds
        if seconds >= _COSTLY_SECONDS:
            self.costly = self._costly_this_round = True


class Runner(Protocol):
    """Calls pure functions, in a sandbox or (in tests) directly."""

    def run(self, usage: CpuUsage, function: Callable[..., R], *args: object) -> R:
        """Return what the function returns, or raise what it raises.

        Raises:
            LimitExceededError: when it used too much time or memory.
            SandboxError: when it ended without a result.
        """
        ...


class Sandbox:
    """Implements `Runner` with child processes. Thread-safe; the first call starts the fork server.

    Functions, arguments and results are pickled, functions as the names of their modules and their own.
    """

    def __init__(self, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._lock = Lock()
        self._server: _Server | None = None
        self._slots = BoundedSemaphore(_CONCURRENT_CALLS)
        self._costly_slots = BoundedSemaphore(_CONCURRENT_COSTLY_CALLS)

    def run(self, usage: CpuUsage, function: Callable[..., R], *args: object) -> R:
        request = pickle.dumps((function, args), pickle.HIGHEST_PROTOCOL)
        module = getattr(function, "__module__", None) or ""
        kind, slots = (COSTLY, self._costly_slots) if usage.costly else (NORMAL, self._slots)
        with slots:
            reply, status, seconds = self._call(kind + module.encode(), request)
        usage.add(seconds)
        _raise_for_status(status, self._limits)
        if reply is None:
            raise SandboxError("its process ended without an answer")
        raised, value = pickle.loads(reply)  # nosec B301 # noqa: S301 - the child runs our own code
        if raised:
            raise value
        return value  # type: ignore[no-any-return] # pickle has no types

    def close(self) -> None:
        """Kill the fork server and its children."""
        with self._lock:
            if self._server is not None:
                self._server.kill()
            self._server = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, header: bytes, request: bytes) -> tuple[bytes | None, int, float]:
        """Return the pickled reply (or None), the wait status and the seconds of CPU time; try twice."""
        server = self._running()
        try:
            return server.call(header, request)
        except (OSError, EOFError):  # the server was killed, or it hangs
            self._replace(server)
        server = self._running()
        try:
            return server.call(header, request)
        except (OSError, EOFError) as error:
            self._replace(server)
            raise SandboxError(f"its process ended: {error}") from error

    def _running(self) -> "_Server":
        with self._lock:
            if self._server is None:
                self._server = _Server(self._limits)
            return self._server

    def _replace(self, failed: "_Server") -> None:
        with self._lock:
            if self._server is failed:
                failed.kill()
                self._server = None


class _Server:
    """One fork server: a child process that takes calls over a Unix socket and ends with this process."""

    def __init__(self, limits: Limits) -> None:
        own_end, its_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._timeout = limits.wall_seconds + _SERVER_GRACE
        numbers = (its_end.fileno(), limits.cpu_seconds, limits.megabytes, limits.wall_seconds)
        with its_end:
            self._control = own_end
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", "service.collector.sandbox_process", *map(str, numbers)],
                stdin=subprocess.PIPE,  # closes with this process, see `end_with_parent`
                stdout=subprocess.DEVNULL,
                pass_fds=(its_end.fileno(),),
                process_group=0,
            )

    def call(self, header: bytes, request: bytes) -> tuple[bytes | None, int, float]:
        """Send a request over a socket of its own; return its reply, its wait status and its CPU time.

        Raises:
            OSError: when the server has ended.
            EOFError: when it ended meanwhile.
        """
        own_end, its_end = socket.socketpair()
        read_end, write_end = os.pipe()
        with own_end, os.fdopen(read_end, "rb") as status_pipe:
            with its_end, os.fdopen(write_end, "wb") as its_status_pipe:
                socket.send_fds(self._control, [header], [its_end.fileno(), its_status_pipe.fileno()])
            own_end.settimeout(self._timeout)
            with suppress(BrokenPipeError, ConnectionResetError):  # the status says why it was not read
                own_end.sendall(LENGTH.pack(len(request)) + request)
            reply = b"".join(_receive(own_end))
            # The server writes the status as soon as the child has ended, unless it hangs.
            is_readable = select.select([status_pipe], [], [], self._timeout)[0]
            status = status_pipe.read(STATUS.size) if is_readable else b""
        if len(status) < STATUS.size:
            raise EOFError("no answer")
        is_whole = len(reply) >= LENGTH.size and LENGTH.unpack_from(reply)[0] == len(reply) - LENGTH.size
        return (reply[LENGTH.size :] if is_whole else None), *STATUS.unpack(status)

    def kill(self) -> None:
        """Kill the process and its children, who have a process group of their own."""
        self._control.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


def _receive(connection: socket.socket) -> Iterator[bytes]:
    """Yield what arrives until the child, which alone has the other end, has closed it."""
    while True:
        try:
            piece = connection.recv(262_144)
        except ConnectionResetError:  # the child had not read its whole request
            return
        if not piece:
            return
        yield piece


def _raise_for_status(status: int, limits: Limits) -> None:
    """Raise the error that a child's wait status means, unless it ended regularly."""
    if status == LATE:
        raise LimitExceededError(f"it took more than {limits.wall_seconds} s")
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGXCPU:
        raise LimitExceededError(f"it took more than {limits.cpu_seconds} s of CPU time")
    if code == OUT_OF_MEMORY:
        raise LimitExceededError(f"it took more than {limits.megabytes} MB of memory")
    if code < 0:
        raise SandboxError(f"its process ended by signal {-code} ({signal.strsignal(-code) or 'unknown'})")
    if code:
        raise SandboxError(f"its process ended with status {code}")

"""Runs pure functions over strangers' documents in child processes with limits of CPU time and memory.

The kernel enforces both limits, so they hold while a C library or a regular expression is busy. A fork server
(`sandbox_process`) forks one child for each call: nothing of a document outlives its call.
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

NORMAL, COSTLY = b".", b"c"  # what is sent to the fork server with the sockets of a call
OUT_OF_MEMORY = 3  # exit status of a child
LENGTH = struct.Struct("!Q")  # precedes a pickled request and a pickled reply
STATUS = struct.Struct("!id")  # the child's wait status, the seconds of CPU time it used
LATE = -1  # instead of a wait status: the child was killed because its time was over

_SIDE_BY_SIDE = 8  # calls; one source has at most two of them
_COSTLY_SIDE_BY_SIDE = 1
_GRACE = 15.0  # seconds beyond the wall-clock limit, after which the fork server itself hangs
_COSTLY = 1.0  # seconds of CPU time


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may use.

    Attributes:
        cpu_seconds: whole seconds of CPU time.
        megabytes: of address space; the interpreter and its libraries take 50 of them.
        wall_seconds: until it is killed, whatever it did: more than the CPU time takes on a busy machine.
    """

    cpu_seconds: int = 5
    megabytes: int = 512
    wall_seconds: int = 60


class LimitExceededError(Exception):
    """The call was ended because it used too much; the message says what of."""


class SandboxError(Exception):
    """The call ended without an answer, by a crash of a library; the message says how."""


@dataclass(slots=True)
class CpuAccount:
    """The CPU time that one source's documents have used.

    Attributes:
        seconds: used since `begin`.
        costly: whether a document used much or too much, in this round or the one before. Documents of such
            sources wait for each other and have a lower priority, so that they take little from others.
    """

    seconds: float = 0.0
    costly: bool = False
    _costly_now: bool = False

    def begin(self) -> None:
        """Start a new round."""
        self.seconds, self.costly, self._costly_now = 0.0, self._costly_now, False

    def charge(self, seconds: float) -> None:
        """Add what one document used."""
        self.seconds += seconds
        if seconds >= _COSTLY:
            self.costly = self._costly_now = True


class Runner(Protocol):
    """Calls pure functions."""

    def run(self, account: CpuAccount, function: Callable[..., R], *args: object) -> R:
        """Return what the function returns, or raise what it raises.

        Raises:
            LimitExceededError: when it used too much CPU time or memory.
            SandboxError: when it ended without an answer.
        """
        ...


class Sandbox:
    """Implements `Runner` by child processes; safe for many threads. The first call starts its fork server.

    Functions, arguments and results are pickled; functions are found by their name in their module.
    """

    def __init__(self, limits: Limits = Limits()) -> None:
        """Limit every call so; nothing is started yet."""
        self._limits = limits
        self._lock = Lock()
        self._server: _Server | None = None
        self._places = BoundedSemaphore(_SIDE_BY_SIDE)
        self._costly_places = BoundedSemaphore(_COSTLY_SIDE_BY_SIDE)

    def run(self, account: CpuAccount, function: Callable[..., R], *args: object) -> R:
        """See the protocol."""
        request = pickle.dumps((function, args), pickle.HIGHEST_PROTOCOL)
        with self._costly_places if account.costly else self._places:
            answer, status, seconds = self._answer(request, costly=account.costly)
        account.charge(seconds)
        _judge(status, self._limits)
        if answer is None:
            raise SandboxError("its process ended without an answer")
        raised, value = pickle.loads(answer)  # noqa: S301 - the child runs our own code
        if raised:
            raise value
        return value  # type: ignore[no-any-return] # pickle has no types

    def close(self) -> None:
        """End the fork server and whatever it runs."""
        with self._lock:
            if self._server is not None:
                self._server.end()
            self._server = None

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the fork server."""
        self.close()

    def _answer(self, request: bytes, *, costly: bool) -> tuple[bytes | None, int, float]:
        """The pickled reply (None where there is none), the wait status, and seconds of CPU time used."""
        server = self._running()
        try:
            return server.ask(request, costly=costly)
        except (OSError, EOFError):  # the server was killed, or it hangs
            self._replace(server)
        server = self._running()
        try:
            return server.ask(request, costly=costly)
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
                failed.end()
                self._server = None


class _Server:
    """One fork server: a child process that is asked over a Unix socket and ends with this process."""

    def __init__(self, limits: Limits) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._patience = limits.wall_seconds + _GRACE
        numbers = (theirs.fileno(), limits.cpu_seconds, limits.megabytes, limits.wall_seconds)
        with theirs:
            self._control = ours
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", "service.collector.sandbox_process", *map(str, numbers)],
                stdin=subprocess.PIPE,  # its lifeline
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                process_group=0,
            )

    def ask(self, request: bytes, *, costly: bool) -> tuple[bytes | None, int, float]:
        """Send a request over a socket of its own, and read the reply and how the child ended.

        Raises:
            OSError: when the server is not there.
            EOFError: when it ended meanwhile.
        """
        ours, theirs = socket.socketpair()
        status_end, theirs_of_status = os.pipe()
        with ours, os.fdopen(status_end, "rb") as status:
            with theirs, os.fdopen(theirs_of_status, "wb") as told:
                kind = COSTLY if costly else NORMAL
                socket.send_fds(self._control, [kind], [theirs.fileno(), told.fileno()])
            ours.settimeout(self._patience)
            with suppress(BrokenPipeError, ConnectionResetError):  # the status says why nobody reads
                ours.sendall(LENGTH.pack(len(request)) + request)
            reply = b"".join(_received(ours))
            # The server writes it as soon as the child has ended, unless it hangs.
            ended = status.read(STATUS.size) if select.select([status], [], [], self._patience)[0] else b""
        if len(ended) < STATUS.size:
            raise EOFError("no answer")
        is_whole = len(reply) >= LENGTH.size and LENGTH.unpack_from(reply)[0] == len(reply) - LENGTH.size
        return (reply[LENGTH.size :] if is_whole else None), *STATUS.unpack(ended)

    def end(self) -> None:
        """Kill the process and its children. Their group is theirs alone."""
        self._control.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


def _received(connection: socket.socket) -> Iterator[bytes]:
    """Yield what arrives until the child has closed its end: nobody else has it open."""
    while True:
        try:
            piece = connection.recv(262_144)
        except ConnectionResetError:  # the child had not read its whole request
            return
        if not piece:
            return
        yield piece


def _judge(status: int, limits: Limits) -> None:
    """Raise the error that a child's wait status means; return for one that ended by itself."""
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

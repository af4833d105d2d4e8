"""The supervisor of the collecting processes: starts them, and replaces one that died or hangs.

It holds the lock that makes it the only one of a deployment: a flock on a file beside the store, which the
kernel releases when its holder dies, however it dies. It reads no document and waits for no upstream, so that
nothing a source sends can stop it. Every process has two pipes: on one it shows that it is alive (its
heartbeat), the other is its standard input, which closes when its parent dies, and then ends it
(`end_with_parent`).
"""

import fcntl
import logging
import os
import select
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

# Exit statuses of a part.
BAD_CONFIGURATION = 2  # no process can run with it
NOTHING_TO_DO = 4  # it is not started again
NOT_PERMITTED = 6  # another host collects now, or this one does on other terms
STORE_DAMAGED = 5  # the file has to be set aside while no process has it open

# All in seconds.
_HANGS_AFTER = 40.0  # without a heartbeat: a request may take 10, a busy store 5
_FIRST_HEARTBEAT = 60.0  # more for the first one: a busy machine loads slowly
_EXIT_WITHIN = 4.0
_POLL = 1.0
_STABLE_AFTER = 60.0  # a process that ran so long did not fail at its start
_FIRST_PAUSE, _MAX_PAUSE = 1.0, 30.0

log = logging.getLogger(__name__)


class Supervisor:
    """Runs the parts of the collecting half, each in a process of its own."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it looks after
        self,
        parts: Sequence[str],
        command: Callable[[str], Sequence[str]],
        set_store_aside: Callable[[], None],
        found_damage: Callable[[], bool] = lambda: False,
        holds_lock: Callable[[], bool] = lambda: True,
        hangs_after: float = _HANGS_AFTER,
    ) -> None:
        """Make a supervisor; nothing is started yet.

        Args:
            parts: their names, for the command and the log.
            command: returns the command that runs a part; `--heartbeat-fd N` is appended.
            set_store_aside: sets a damaged store aside; called while no part runs.
            found_damage: returns whether the store is damaged; called every second.
            holds_lock: returns whether this is still the only supervisor; else it ends. Called every second.
            hangs_after: seconds without a heartbeat after which a process is replaced.
        """
        self._parts = [_Part(name, command(name), hangs_after) for name in parts]
        self._set_store_aside, self._found_damage = set_store_aside, found_damage
        self._holds_lock = holds_lock
        self._stopping = False
        self._woken, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def run(self) -> int:
        """Run all parts until SIGTERM or SIGINT, or until one cannot run at all; then end them.

        Returns:
            The exit status: 0, or `BAD_CONFIGURATION`.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            while not self._stopping:
                if not self._holds_lock():
                    log.warning("the lock was deleted, and another collector has the new one")
                    break
                self._check_parts()
                if any(part.has_bad_configuration for part in self._parts):
                    return BAD_CONFIGURATION
                self._pause()
        finally:
            self._end_all()
        log.info("the collector ends")
        return 0

    def _check_parts(self) -> None:
        for part in self._parts:
            part.check()
        if any(part.found_damage for part in self._parts) or self._found_damage():
            self._end_all()
            self._set_store_aside()

    def _pause(self) -> None:
        """Wait for `_POLL`, for a signal, for a heartbeat, or for a process that ends."""
        events = selectors.DefaultSelector()
        events.register(self._woken, selectors.EVENT_READ)
        for part in self._parts:
            if part.heartbeat is not None:
                events.register(part.heartbeat, selectors.EVENT_READ)
        events.select(_POLL)
        events.close()
        with suppress(BlockingIOError):
            os.read(self._woken, 64)

    def _stop(self, *_: object) -> None:
        self._stopping = True
        with suppress(BlockingIOError):
            os.write(self._wake, b".")

    def _end_all(self) -> None:
        for part in self._parts:
            part.terminate()
        ends = monotonic() + _EXIT_WITHIN
        for part in self._parts:
            part.join(max(0.0, ends - monotonic()))


@dataclass(slots=True)
class _Process:
    process: subprocess.Popen[bytes]
    heartbeat: int
    started: float
    last_heartbeat: float


class _Part:
    """One part: its process, and when to start the next one."""

    def __init__(self, name: str, command: Sequence[str], hangs_after: float) -> None:
        self._name, self._command, self._hangs_after = name, command, hangs_after
        self._running: _Process | None = None
        self._pause = 0.0
        self._start_at = 0.0
        self.found_damage = self.has_bad_configuration = False

    @property
    def heartbeat(self) -> int | None:
        """The descriptor that is readable after a heartbeat, and when the process has ended."""
        return self._running.heartbeat if self._running else None

    def check(self) -> None:
        """Start the process, or replace it if it has ended or hangs."""
        running = self._running
        if running is None:
            if monotonic() >= self._start_at:
                self._start()
            return
        with suppress(BlockingIOError):
            if os.read(running.heartbeat, 65_536):
                running.last_heartbeat = monotonic()
        status = running.process.poll()
        if status is not None:
            self._ended(status)
        elif monotonic() - running.last_heartbeat > self._hangs_after:
            log.error(
                "%s (process %d) has shown no sign of life for %d s; it is replaced",
                self._name, running.process.pid, self._hangs_after,
            )  # fmt: skip
            running.process.kill()
            running.process.wait()
            self._close()

    def terminate(self) -> None:
        """Send SIGTERM."""
        if self._running is not None:
            self._running.process.terminate()

    def join(self, seconds: float) -> None:
        """Wait so long for the process to end, then kill it. The next `check` starts another."""
        self._start_at, self.found_damage = 0.0, False
        if self._running is None:
            return
        try:
            self._running.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._running.process.kill()
            self._running.process.wait()
        self._close()

    def _start(self) -> None:
        read_end, write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [*self._command, "--heartbeat-fd", str(write_end)],
                stdin=subprocess.PIPE,  # closes with this process, see `end_with_parent`
                pass_fds=(write_end,),
                process_group=0,
            )
        except OSError as error:
            log.error("%s cannot be started: %s", self._name, error)  # noqa: TRY400 - the cause is in the line
            os.close(read_end)
            self._back_off()
            return
        finally:
            os.close(write_end)
        now = monotonic()
        self._running = _Process(process, read_end, now, last_heartbeat=now + _FIRST_HEARTBEAT)
        log.info("started %s (process %d)", self._name, process.pid)

    def _ended(self, status: int) -> None:
        running = self._running
        self._close()
        if running is None or status == NOTHING_TO_DO:
            self._start_at = float("inf")
            return
        level = logging.INFO if status == NOT_PERMITTED else logging.WARNING
        log.log(level, "%s (process %d) ended: %s", self._name, running.process.pid, exit_reason(status))
        self.found_damage = status == STORE_DAMAGED
        self.has_bad_configuration = status == BAD_CONFIGURATION
        ended_by_others = status in {0, NOT_PERMITTED, -signal.SIGTERM, -signal.SIGKILL}
        if monotonic() - running.started < _STABLE_AFTER and not ended_by_others:
            self._back_off()
        else:
            self._pause = self._start_at = 0.0

    def _back_off(self) -> None:
        self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _MAX_PAUSE)
        self._start_at = monotonic() + self._pause

    def _close(self) -> None:
        if self._running is not None:
            os.close(self._running.heartbeat)
            if self._running.process.stdin is not None:
                self._running.process.stdin.close()
        self._running = None


def lock_path(store: Path) -> Path:
    """Return the path of the lock for this store's collector."""
    return store.with_name(store.name + ".lock")


def acquire_lock(path: Path) -> int | None:
    """Return the descriptor that holds the lock, or None while another process holds it.

    A process that inherits the descriptor holds the lock too; the lock is free when all of them have closed
    it.

    Raises:
        OSError: when the file cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    with suppress(OSError):  # as on a full disk; it is only told on the status page
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def lock_holder(path: Path) -> int | None:
    """Return the id of the process that took this lock last, if that can be read."""
    try:
        return int(path.read_bytes()[:20])
    except (OSError, ValueError):
        return None


def still_holds(path: Path, held: list[int]) -> bool:
    """Return whether one of these descriptors holds the lock that others find at this path.

    Where the file was deleted, with its folder perhaps, the new one is locked and added to them, unless
    another process was quicker.
    """
    try:
        status = path.stat()
        if any(os.path.samestat(status, os.fstat(descriptor)) for descriptor in held):
            return True
    except OSError:
        pass
    try:
        descriptor = acquire_lock(path)
    except OSError:
        return True  # nobody else gets it either
    if descriptor is None:
        return False
    held.append(descriptor)
    return True


def exit_reason(status: int) -> str:
    """Return how a process ended, for the log."""
    if status < 0:
        return f"by signal {-status} ({signal.strsignal(-status) or 'unknown'})"
    reasons = {
        1: "it could not go on",
        2: "the configuration or the store cannot be used",
        STORE_DAMAGED: "the store is damaged",
        NOT_PERMITTED: "hosts share the work, and who collects has changed",
    }
    if status in reasons:
        return f"{reasons[status]} (status {status}); its own last lines say why"
    return f"status {status}"


def part_command(part: str) -> list[str]:
    """Return the command that runs a part. With `-P` nothing is imported from the working directory."""
    return [sys.executable, "-P", "-m", "service", "collect", "--only", part]


def end_with_parent(read_end: int, *, whole_group: bool = False) -> None:
    """End this process (or its whole process group, which it must lead) when the pipe's write end is closed.

    The parent holds that end and never writes to it. The kernel closes it when the parent dies, however it
    dies, and sends SIGIO, whose default action ends this process even while it is busy in C code.
    PR_SET_PDEATHSIG would not do: it follows the parent's thread, not the parent.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGIO})
    owner = -os.getpgrp() if whole_group else os.getpid()
    fcntl.fcntl(read_end, fcntl.F_SETOWN, owner)
    fcntl.fcntl(read_end, fcntl.F_SETFL, fcntl.fcntl(read_end, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)
    # A parent that died before the line above causes no signal any more.
    pipe = select.poll()
    pipe.register(read_end, 0)
    if pipe.poll(0):
        os.kill(os.getpid(), signal.SIGIO)

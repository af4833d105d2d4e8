"""Runs the collecting processes: starts them, and replaces one that is dead or stuck.

The supervisor holds the lock of the deployment. It reads no document and waits for no upstream, so that
nothing a source sends can stop it.
"""

import logging
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

STUCK_SECONDS = 40.0  # without a sign of life: a request may take 10, a busy store 5
FAREWELL_SECONDS = 4.0
BAD_CONFIGURATION = 2  # exit status: no process can run with it
NOTHING_TO_DO = 4  # exit status of a process that is not to be started again
STORE_DAMAGED = 5  # exit status: the file has to be set aside while no process has it open

_STARTS_WITHIN = 60.0  # seconds more until the first sign of life: a busy machine loads slowly
_LOOK_EVERY = 1.0  # seconds
_SETTLED = 60.0  # seconds: one that lived so long did not die of what the next one will die of
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0

log = logging.getLogger(__name__)


class Supervisor:
    """Runs some processes of this program side by side."""

    def __init__(
        self,
        parts: Sequence[str],
        command: Callable[[str], Sequence[str]],
        mend_store: Callable[[], None],
        stuck_after: float = STUCK_SECONDS,
    ) -> None:
        """Name the parts and how to start one.

        Args:
            parts: their names, for the command and the log.
            command: the command that runs a part; it is given `--heartbeat-fd N` at its end.
            mend_store: sets a damaged store aside; called while no part runs.
            stuck_after: seconds without a sign of life after which a part is replaced.
        """
        self._parts = [_Part(name, command(name), stuck_after) for name in parts]
        self._mend_store = mend_store
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
                self._look()
                if any(part.refused for part in self._parts):
                    return BAD_CONFIGURATION
                self._pause()
        finally:
            self._end_all()
        log.info("the collector ends")
        return 0

    def _look(self) -> None:
        for part in self._parts:
            part.look()
        if any(part.found_damage for part in self._parts):
            self._end_all()
            self._mend_store()

    def _pause(self) -> None:
        """Wait for a second, for a signal, or for a process that ends."""
        events = selectors.DefaultSelector()
        events.register(self._woken, selectors.EVENT_READ)
        for part in self._parts:
            if part.heartbeat is not None:
                events.register(part.heartbeat, selectors.EVENT_READ)
        events.select(_LOOK_EVERY)
        events.close()
        with suppress(BlockingIOError):
            os.read(self._woken, 64)

    def _stop(self, *_: object) -> None:
        self._stopping = True
        with suppress(BlockingIOError):
            os.write(self._wake, b".")

    def _end_all(self) -> None:
        for part in self._parts:
            part.ask_to_end()
        ends = monotonic() + FAREWELL_SECONDS
        for part in self._parts:
            part.see_to_its_end(max(0.0, ends - monotonic()))


@dataclass(slots=True)
class _Process:
    process: subprocess.Popen[bytes]
    heartbeat: int
    began: float
    last_beat: float


class _Part:
    """One part: its process, and when to start the next one."""

    def __init__(self, name: str, command: Sequence[str], stuck_after: float) -> None:
        self._name, self._command, self._stuck_after = name, command, stuck_after
        self._running: _Process | None = None
        self._pause = 0.0
        self._start_at = 0.0
        self.found_damage = self.refused = False

    @property
    def heartbeat(self) -> int | None:
        """The descriptor that is readable when the process shows a sign of life, and when it ends."""
        return self._running.heartbeat if self._running else None

    def look(self) -> None:
        """Start it, or see how it is."""
        running = self._running
        if running is None:
            if monotonic() >= self._start_at:
                self._start()
            return
        with suppress(BlockingIOError):
            if os.read(running.heartbeat, 65_536):
                running.last_beat = monotonic()
        status = running.process.poll()
        if status is not None:
            self._ended(status)
        elif monotonic() - running.last_beat > self._stuck_after:
            log.error(
                "%s (process %d) has shown no sign of life for %d s; it is replaced",
                self._name, running.process.pid, self._stuck_after,
            )  # fmt: skip
            running.process.kill()
            running.process.wait()
            self._forget()

    def ask_to_end(self) -> None:
        """Send SIGTERM."""
        if self._running is not None:
            self._running.process.terminate()

    def see_to_its_end(self, seconds: float) -> None:
        """Wait that long for its end, then kill it; the next `look` starts it anew."""
        self._start_at, self.found_damage = 0.0, False
        if self._running is None:
            return
        try:
            self._running.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._running.process.kill()
            self._running.process.wait()
        self._forget()

    def _start(self) -> None:
        ours, theirs = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [*self._command, "--heartbeat-fd", str(theirs)],
                stdin=subprocess.PIPE,  # its lifeline
                pass_fds=(theirs,),
                process_group=0,
            )
        except OSError as error:
            log.error("%s cannot be started: %s", self._name, error)  # noqa: TRY400 - the cause is in the line
            os.close(ours)
            self._wait_longer()
            return
        finally:
            os.close(theirs)
        now = monotonic()
        self._running = _Process(process, ours, now, last_beat=now + _STARTS_WITHIN)
        log.info("started %s (process %d)", self._name, process.pid)

    def _ended(self, status: int) -> None:
        running = self._running
        self._forget()
        if running is None or status == NOTHING_TO_DO:
            self._start_at = float("inf")
            return
        log.warning("%s (process %d) ended: %s", self._name, running.process.pid, reason(status))
        self.found_damage, self.refused = status == STORE_DAMAGED, status == BAD_CONFIGURATION
        if monotonic() - running.began < _SETTLED and status not in {0, -signal.SIGTERM, -signal.SIGKILL}:
            self._wait_longer()
        else:
            self._pause = self._start_at = 0.0

    def _wait_longer(self) -> None:
        self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LONGEST_PAUSE)
        self._start_at = monotonic() + self._pause

    def _forget(self) -> None:
        if self._running is not None:
            os.close(self._running.heartbeat)
            if self._running.process.stdin is not None:
                self._running.process.stdin.close()
        self._running = None


def reason(status: int) -> str:
    """Say how a process ended, for the log."""
    if status < 0:
        return f"by signal {-status} ({signal.strsignal(-status) or 'unknown'})"
    reasons = {
        1: "it could not go on",
        2: "the configuration or the store cannot be used",
        STORE_DAMAGED: "the store is damaged",
    }
    return (
        f"{reasons[status]} (status {status}); its own last lines say why"
        if status in reasons
        else f"status {status}"
    )


def part_command(part: str) -> list[str]:
    """The command that runs a part. `-P`: nothing is imported from the working directory."""
    return [sys.executable, "-P", "-m", "service", "collect", "--only", part]

"""The background threads of a serving process, one of which keeps the collector running.

They live and die with the process, also across a fork.
"""

import logging
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from time import monotonic

from service.collector.supervisor import acquire_lock, exit_reason

Task = Callable[[threading.Event], None]

# All in seconds.
_POLL = 1.0
_WATCH, _ABSENT_AFTER = 5.0, 60.0
_FIRST_PAUSE, _MAX_PAUSE = 2.0, 30.0
_STABLE_AFTER = 60.0  # a collector that ran so long did not fail at its start
_EXIT_WITHIN = 5.0
_HINDERED = "nobody collects: "
_ENDED_BY_OTHERS = {0, -signal.SIGTERM, -signal.SIGKILL}  # exit statuses that are no failure

log = logging.getLogger(__name__)


class Background:
    """Runs every task in a daemon thread of its own until the event that it is given is set.

    Threads do not survive a fork. A process that forks after `start` is gunicorn's master under `--preload`:
    it serves no request, so its threads are stopped before the first fork, and its children, which do serve,
    start their own. A fork by one of the tasks is different: it becomes a command, as under gevent, whose
    subprocesses are forked with Python's own fork.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        """Name the tasks; nothing runs yet."""
        self._tasks = tuple(tasks)
        self._stop = threading.Event()
        self._threads: tuple[threading.Thread, ...] = ()
        self._enabled = False
        self._forked_by_task = False

    def start(self) -> None:
        """Start the threads in this process, and from now on in every process forked from it."""
        self._enabled = True
        self._start_threads()
        os.register_at_fork(before=self._before_fork, after_in_child=self._after_fork_in_child)

    def stop(self) -> None:
        """Stop and join the threads of this process; no fork of it starts any."""
        self._enabled = False
        self._stop_threads()

    def _before_fork(self) -> None:
        self._forked_by_task = threading.current_thread() in self._threads
        if not self._forked_by_task:
            self._stop_threads()

    def _after_fork_in_child(self) -> None:
        if not self._forked_by_task:
            self._start_threads()

    def _stop_threads(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads = ()

    def _start_threads(self) -> None:
        if not self._enabled:
            return
        self._stop = threading.Event()
        self._threads = tuple(
            threading.Thread(target=task, args=(self._stop,), name="background", daemon=True)
            for task in self._tasks
        )
        for thread in self._threads:
            thread.start()


def run_collector(
    command: Sequence[str],
    lock_path: Path,
    stop: threading.Event,
    hindrance: Callable[[], str | None] = lambda: None,
) -> None:
    """Keep one collector running for the deployment, until `stop` is set.

    The process that gets the lock starts the collector as a child, passes the lock on to it and holds its
    standard input. When the child has ended the lock is released, and any worker starts the next one. When
    this process dies, however it dies, the child's standard input closes, which ends it (`end_with_parent`),
    and the kernel releases the lock.

    `--lock-fd N` is appended to `command`. While `hindrance` returns a reason, none is started. A
    collector that fails at its start is started again after ever longer pauses, during which the lock is
    held, so that no other worker starts it either.
    """
    trouble, pause = "", 0.0
    while not stop.wait(_POLL):
        if (hindered := hindrance() or "") or trouble.startswith(_HINDERED):
            if hindered and not trouble:
                log.warning("%s%s", _HINDERED, hindered)
            trouble = f"{_HINDERED}{hindered}" if hindered else ""
            continue
        try:
            descriptor = acquire_lock(lock_path)
        except OSError as error:
            if str(error) != trouble:
                log.error("no collector can be started: the lock %s cannot be opened: %s", lock_path, error)  # noqa: TRY400 - the cause is in the line
            trouble = str(error)
            continue
        trouble = ""
        if descriptor is None:
            continue
        try:
            failed = _run_child(command, descriptor, stop)
            pause = min(max(2 * pause, _FIRST_PAUSE), _MAX_PAUSE) if failed else 0.0
            stop.wait(pause)
        finally:
            os.close(descriptor)


def watch_collector(
    last_seen: Callable[[], float], clock: Callable[[], float], store: Path, stop: threading.Event
) -> None:
    """Tell when no collector has shown for a minute that it goes on, where operators run it themselves.

    Of the workers of a machine one watches: that which has a name that the kernel gives to one process.
    """
    started, has_told = clock(), False
    name = f"\0portal-widgets watch {blake2b(os.fsencode(store), digest_size=8).hexdigest()}"
    with socket.socket(socket.AF_UNIX) as claim:
        is_ours = False
        while not stop.wait(_WATCH):
            if not is_ours:
                with suppress(OSError):
                    claim.bind(name)
                    is_ours = True
            is_absent = clock() - max(last_seen(), started) > _ABSENT_AFTER
            if is_ours and is_absent and not has_told:
                log.warning(
                    "nobody collects: collector.mode is external, and no `portal-widgets collect` has shown"
                    " for a minute that it goes on; what readers see gets older"
                )
            elif is_ours and has_told and not is_absent:
                log.info("a collector goes on again")
            has_told = is_absent


def _run_child(command: Sequence[str], descriptor: int, stop: threading.Event) -> bool:
    """Run a collector until it ends or `stop` is set; return whether it failed at its start."""
    started = monotonic()
    try:
        child = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--lock-fd", str(descriptor)],
            stdin=subprocess.PIPE,
            pass_fds=(descriptor,),
            process_group=0,  # Ctrl-C in the terminal is for the server, which then closes stdin
        )
    except OSError as error:
        log.error("the collector cannot be started: %s", error)  # noqa: TRY400 - the cause is in the line
        return True
    log.info("started the collector (process %d)", child.pid)
    failed = False
    while not stop.is_set():
        try:
            status = child.wait(_POLL)
        except subprocess.TimeoutExpired:
            continue
        log.warning("the collector (process %d) ended: %s", child.pid, exit_reason(status))
        failed = status not in _ENDED_BY_OTHERS and monotonic() - started < _STABLE_AFTER
        break
    child.terminate()
    try:
        child.wait(_EXIT_WITHIN)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdin is not None:
        child.stdin.close()
    return failed

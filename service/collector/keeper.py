"""Keeps one collector alive for as long as this process serves.

Whoever gets the lock starts the collector as a child process, hands it the lock and holds its stdin. When
the child has died the lock is let go, after a pause if it failed at once, and the next keeper, of this
worker or another, starts a new one. When this process dies, however it dies, the child's stdin closes, which
ends the child at once (`lifeline`), and the kernel frees the lock.
"""

import logging
import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from service.collector import lock
from service.collector.supervisor import reason

_LOOK_EVERY = 1.0  # seconds
_NO_PAUSE, _FIRST_PAUSE, _LONGEST_PAUSE = 0.0, 2.0, 30.0
_SETTLED = 60.0  # one that lived so long did not die of what the next one will die of
_FAREWELL = 5.0
_BY_OTHERS = {0, -signal.SIGTERM, -signal.SIGKILL}  # statuses of a collector that was sent away

log = logging.getLogger(__name__)


def keep_alive(command: Sequence[str], lock_path: Path, stop: threading.Event) -> None:
    """Until `stop` is set: start the collector whenever nobody else has one.

    `command` is given `--lock-fd N` at its end. One that fails at once is started again ever more rarely;
    the lock is held meanwhile, so that no other keeper starts it either.
    """
    trouble, pause = "", _NO_PAUSE
    while not stop.wait(_LOOK_EVERY):
        try:
            descriptor = lock.take(lock_path)
        except OSError as error:
            if str(error) != trouble:
                log.error("no collector can be started: the lock %s cannot be opened: %s", lock_path, error)  # noqa: TRY400 - the cause is in the line
            trouble = str(error)
            continue
        trouble = ""
        if descriptor is None:
            continue
        try:
            failed = _run_one(command, descriptor, stop)
            pause = min(max(2 * pause, _FIRST_PAUSE), _LONGEST_PAUSE) if failed else _NO_PAUSE
            stop.wait(pause)
        finally:
            os.close(descriptor)


def _run_one(command: Sequence[str], descriptor: int, stop: threading.Event) -> bool:
    """Start a collector and stay with it until it ends or `stop` is set; whether it failed at once."""
    began = monotonic()
    try:
        child = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--lock-fd", str(descriptor)],
            stdin=subprocess.PIPE,
            pass_fds=(descriptor,),
            process_group=0,  # a Ctrl-C in the terminal is for the server, which then lets go of stdin
        )
    except OSError as error:
        log.error("the collector cannot be started: %s", error)  # noqa: TRY400 - the cause is in the line
        return True
    log.info("started the collector (process %d)", child.pid)
    failed = False
    while not stop.is_set():
        try:
            status = child.wait(_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            continue
        log.warning("the collector (process %d) ended: %s", child.pid, reason(status))
        failed = status not in _BY_OTHERS and monotonic() - began < _SETTLED
        break
    _part_from(child)
    return failed


def _part_from(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_FAREWELL)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdin is not None:
        child.stdin.close()

"""Keeps one collector alive for as long as this process serves.

Whoever gets the lock starts the collector as a child process, hands it the lock and holds its stdin. The
lock is the child's alone from then on: when the child dies, the kernel frees it and the next keeper, of
this worker or another, starts a new one. When this process ends, however it ends, the child's stdin closes
and the child goes too.
"""

import logging
import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from service.collector import lock

_LOOK_EVERY = 1.0  # seconds
_PAUSE_AFTER_A_DEATH = 2.0
_FAREWELL = 5.0

log = logging.getLogger(__name__)


def keep_alive(command: Sequence[str], lock_path: Path, stop: threading.Event) -> None:
    """Until `stop` is set: start the collector whenever nobody else has one.

    `command` is given `--lock-fd N` at its end.
    """
    trouble = ""
    while not stop.wait(_LOOK_EVERY):
        try:
            descriptor = lock.take(lock_path)
        except OSError as error:
            if str(error) != trouble:
                log.error("no collector can be started: the lock %s cannot be opened: %s", lock_path, error)  # noqa: TRY400 - the cause is in the line
            trouble = str(error)
            continue
        if descriptor is not None:
            _run_one(command, descriptor, stop)
            stop.wait(_PAUSE_AFTER_A_DEATH)


def _run_one(command: Sequence[str], descriptor: int, stop: threading.Event) -> None:
    """Start a collector and stay with it until it ends or `stop` is set."""
    try:
        child = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--lock-fd", str(descriptor)],
            stdin=subprocess.PIPE,
            pass_fds=(descriptor,),
            process_group=0,  # a Ctrl-C in the terminal is for the server, which then lets go of stdin
        )
    finally:
        os.close(descriptor)
    log.info("started the collector (process %d)", child.pid)
    while not stop.is_set():
        try:
            status = child.wait(_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            continue
        log.warning("the collector (process %d) ended with status %d", child.pid, status)
        break
    _part_from(child)


def _part_from(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(_FAREWELL)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()

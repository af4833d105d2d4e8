"""The loop of a collecting process: one step after another, until a signal comes or the parent dies."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from types import FrameType
from typing import NoReturn, Protocol

from service.core.errors import StoreError, StoreRefusedError

_LONGEST_WAIT = timedelta(seconds=20)  # places that are newly asked for are noticed within it
_STORE_TRIED_AGAIN = timedelta(seconds=20)
_GRACE = 3.0  # seconds for a request under way; every write is a transaction, so nothing is torn after it
BEAT_SECONDS = 5.0

log = logging.getLogger(__name__)


class NothingToDoError(Exception):
    """The configuration gives a part nothing to collect, now and until it is changed."""


class Stop:
    """The wish to end, from a signal. Whoever waits for it also shows that the loop goes on."""

    def __init__(self, heartbeat: int | None = None) -> None:
        """Write a byte to the pipe `heartbeat` with every wait and every `BEAT_SECONDS` of it."""
        self._event = threading.Event()
        self._heartbeat = heartbeat

    def wait(self, length: timedelta) -> bool:
        """Wait that long; True as soon as the end is wished."""
        ends = monotonic() + length.total_seconds()
        while True:
            self._beat()
            left = ends - monotonic()
            if self._event.wait(min(max(left, 0), BEAT_SECONDS)):
                return True
            if left <= BEAT_SECONDS:
                return False

    def on_signals(self) -> None:
        """End at SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        last_resort = threading.Timer(_GRACE, os._exit, [0])
        last_resort.daemon = True
        last_resort.start()  # first: a signal that arrives within `wait` may find the event's own lock held
        self._event.set()

    def _beat(self) -> None:
        if self._heartbeat is not None:
            with suppress(OSError):  # nobody reads: the supervisor is busy, or gone
                os.write(self._heartbeat, b".")


class Part(Protocol):
    """What the loop drives: one part of the collecting half."""

    shortest_wait: timedelta

    def step(self) -> None:
        """Do, or start, what is due."""
        ...

    def wake_at(self) -> datetime:
        """When the next step has something to do."""
        ...


def run_until(stop: Stop, part: Part, clock: Callable[[], datetime], on_failure: Callable[[], None]) -> None:
    """Make step after step, with a pause until `wake_at`.

    While the store fails nothing is asked for; `on_failure` is called and may end the process.

    Raises:
        StoreRefusedError: when the store is not to be used any more, as a newer version has taken it over.
    """
    failing = ""
    while True:
        try:
            part.step()
            pause = min(max(part.wake_at() - clock(), part.shortest_wait), _LONGEST_WAIT)
            if failing:
                log.info("the store can be used again")
            failing = ""
        except StoreRefusedError:
            raise
        except StoreError as error:
            if failing != str(error):
                log.error(  # noqa: TRY400 - the cause is in the line
                    "nothing can be collected, which is tried again every %d s: %s",
                    _STORE_TRIED_AGAIN.total_seconds(), error,
                )  # fmt: skip
            failing, pause = str(error), _STORE_TRIED_AGAIN
            on_failure()
        if stop.wait(pause):
            return


def end_now(status: int) -> NoReturn:
    """End this process without waiting for its threads: some may wait for an upstream."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)

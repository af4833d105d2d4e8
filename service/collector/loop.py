"""The loop of a collecting process: one step after another, until a signal arrives or the parent dies."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from types import FrameType
from typing import NoReturn, Protocol

from service.core.errors import StoreError, StoreForeignError, StoreRefusedError

_MAX_PAUSE = timedelta(seconds=20)  # so long it takes at most to notice the first request for a place
_STORE_RETRY = timedelta(seconds=5)
_GRACE = 3.0  # seconds for a request under way; every write is a transaction, so none is torn afterwards
HEARTBEAT_SECONDS = 5.0

log = logging.getLogger(__name__)


class NothingToDoError(Exception):
    """The configuration has nothing to collect for a part."""


@dataclass(frozen=True, slots=True)
class PassResult:
    """How many requests one pass over what is due took, and how many of them failed."""

    requested: int = 0
    failed: int = 0


class StopSignal:
    """Waits that a signal ends. Every wait also writes the heartbeat that shows that the loop is alive."""

    def __init__(self, heartbeat: int | None = None, on_heartbeat: Callable[[], None] = lambda: None) -> None:
        """Write a byte to the pipe `heartbeat` with every wait, and every `HEARTBEAT_SECONDS` of it.

        `on_heartbeat` is called as often.
        """
        self._event = threading.Event()
        self._heartbeat, self._on_heartbeat = heartbeat, on_heartbeat

    def wait(self, length: timedelta) -> bool:
        """Wait that long, or until a signal arrives; return whether one did."""
        ends = monotonic() + length.total_seconds()
        while True:
            self._beat()
            left = ends - monotonic()
            if self._event.wait(min(max(left, 0), HEARTBEAT_SECONDS)):
                return True
            if left <= HEARTBEAT_SECONDS:
                return False

    def install(self) -> None:
        """Handle SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        last_resort = threading.Timer(_GRACE, os._exit, [0])
        last_resort.daemon = True
        last_resort.start()  # first: a signal that arrives within `wait` may find the lock of the event held
        self._event.set()

    def _beat(self) -> None:
        self._on_heartbeat()
        if self._heartbeat is not None:
            with suppress(OSError):  # the pipe is full or closed: the supervisor is busy, or has ended
                os.write(self._heartbeat, b".")


class Part(Protocol):
    """One part of the collecting half, as the loop drives it: weather, or articles."""

    shortest_wait: timedelta

    def step(self) -> None:
        """Collect what is due, or start to."""
        ...

    def wake_at(self) -> datetime:
        """Return when the next step has something to do."""
        ...

    def close(self) -> None:
        """Leave to others what only one may have, at the end."""
        ...


def run_loop(
    part: Part, stop: StopSignal, clock: Callable[[], datetime], on_store_error: Callable[[], None]
) -> None:
    """Take one step after another, with a pause until `wake_at`, until `stop` is set.

    While the store fails nothing is collected; `on_store_error` is called each time and may end the process.

    Raises:
        StoreRefusedError: when a newer version has migrated the store.
    """
    trouble = ""
    while True:
        try:
            part.step()
            pause = min(max(part.wake_at() - clock(), part.shortest_wait), _MAX_PAUSE)
            if trouble:
                log.info("the store can be used again")
            trouble = ""
        except StoreForeignError:
            on_store_error()
            pause = _STORE_RETRY
        except StoreRefusedError:
            raise
        except StoreError as error:
            if trouble != str(error):
                log.error(  # noqa: TRY400 - the cause is in the line
                    "nothing can be collected, which is tried again every %d s: %s",
                    _STORE_RETRY.total_seconds(), error,
                )  # fmt: skip
            trouble, pause = str(error), _STORE_RETRY
            on_store_error()
        if stop.wait(pause):
            return


def exit_now(status: int) -> NoReturn:
    """End this process without joining its threads, some of which may wait for an upstream."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)

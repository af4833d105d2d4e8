"""The collector as a process: passes without end, until stdin closes or a signal comes."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from types import FrameType
from typing import Protocol

from service.domain.failures import StoreError

_SHORTEST_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(seconds=20)  # places that are newly asked for are noticed within it
_HEARD_WITHIN = (
    0.5  # seconds: a signal is heard when the main thread wakes, and a bare join may sleep over it
)
_GRACE = 3.0  # seconds for a request under way; every write is a transaction, so nothing is torn after it

log = logging.getLogger(__name__)


class Collector(Protocol):
    """What the loop drives."""

    def run(self, *, forced: bool = False) -> object:
        """Make one pass over what is due."""
        ...

    def wake_at(self) -> datetime:
        """When the next pass has something to do."""
        ...


class Stop:
    """The wish to end, from a signal or from a parent that is gone."""

    def __init__(self) -> None:
        """Nobody wishes it yet."""
        self._event = threading.Event()

    def wait(self, length: timedelta) -> bool:
        """Wait that long; True as soon as the end is wished."""
        return self._event.wait(length.total_seconds()) if length else self._event.is_set()

    def on_signals(self) -> None:
        """End at SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)

    def with_parent(self) -> None:
        """End when stdin closes: the parent holds its other end for as long as it lives."""
        threading.Thread(target=self._listen, name="parent", daemon=True).start()

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        self._wish()

    def _listen(self) -> None:
        try:
            while os.read(sys.stdin.fileno(), 1):
                pass
        finally:
            self._wish()

    def _wish(self) -> None:
        last_resort = threading.Timer(_GRACE, os._exit, [0])
        last_resort.daemon = True
        last_resort.start()  # first: a signal that arrives within `wait` may find the event's own lock held
        self._event.set()


def run_all(
    stop: Stop, collectors: Sequence[Collector], clock: Callable[[], datetime], mend: Callable[[], None]
) -> None:
    """Run all of these side by side until the end is wished: a slow portal must not hold up the weather."""
    mending = threading.Lock()

    def mend_alone() -> None:
        with mending:
            mend()

    threads = [
        threading.Thread(target=run_until, args=(stop, collector, clock, mend_alone), daemon=True)
        for collector in collectors
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(_HEARD_WITHIN)
    log.info("the collector ends")


def run_until(
    stop: Stop, collector: Collector, clock: Callable[[], datetime], mend: Callable[[], None]
) -> None:
    """Pass after pass, with a pause until something is due.

    While the store fails nothing is asked for; `mend` may set a damaged one aside.
    """
    while not stop.wait(_pass(collector, clock, mend)):
        pass


def _pass(collector: Collector, clock: Callable[[], datetime], mend: Callable[[], None]) -> timedelta:
    """Make a pass; how long to pause after it."""
    try:
        collector.run()
        return min(max(collector.wake_at() - clock(), _SHORTEST_WAIT), _LONGEST_WAIT)
    except StoreError as error:
        log.error("nothing can be collected: %s", error)  # noqa: TRY400 - the cause is in the line
    try:
        mend()
    except StoreError:
        log.info("the store is tried again in %d s", _LONGEST_WAIT.total_seconds())
    return _LONGEST_WAIT

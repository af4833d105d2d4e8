import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from service.collector.loop import StopSignal, run_loop
from service.core.errors import StoreError

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


class Counting:
    """A part that counts its steps, and may fail for its store's sake."""

    shortest_wait = timedelta(seconds=1)

    def __init__(self, wake_in: timedelta, *, fails: int = 0) -> None:
        self.runs, self.wake_in, self.fails = 0, wake_in, fails

    def step(self) -> None:
        self.runs += 1
        if self.runs <= self.fails:
            raise StoreError("disk full")

    def wake_at(self) -> datetime:
        return NOW + self.wake_in


class Ends(StopSignal):
    """Wishes the end after so many pauses, and notes them."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.pauses: list[float] = []
        self._after = after

    def wait(self, length: timedelta) -> bool:
        self.pauses.append(length.total_seconds())
        return len(self.pauses) >= self._after


@pytest.mark.parametrize(
    ("wake_in", "pause"),
    [
        (timedelta(hours=1), 20),
        (timedelta(seconds=7), 7),
        (timedelta(0), 1),
        (timedelta(days=-400), 1),
    ],
)
def test_the_loop_neither_spins_nor_sleeps_past_what_readers_newly_ask_for(
    wake_in: timedelta, pause: float
) -> None:
    stop, collector = Ends(3), Counting(wake_in)
    run_loop(collector, stop, lambda: NOW, lambda: None)
    assert stop.pauses == [pause] * 3
    assert collector.runs == 3


def test_a_store_that_fails_is_tried_again_and_told_once_at_either_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    stop, collector, failures = Ends(4), Counting(timedelta(seconds=3), fails=2), []
    run_loop(collector, stop, lambda: NOW, lambda: failures.append(collector.runs))
    assert failures == [1, 2]
    assert stop.pauses == [5, 5, 3, 3]
    assert caplog.text.count("nothing can be collected, which is tried again every 5 s: disk full") == 1
    assert caplog.text.count("the store can be used again") == 1


WAITS = """
import sys
from datetime import timedelta
from service.collector.loop import StopSignal
stop = StopSignal()
stop.install()
print("ready", flush=True)
print("ended" if stop.wait(timedelta(seconds=30)) else "slept", flush=True)
"""
STUCK = WAITS.replace('print("ended" if stop.wait(timedelta(seconds=30)) else "slept", flush=True)',
                      "import time; time.sleep(60)")  # fmt: skip


def waiting(script: str = WAITS) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_ends_the_wait(number: signal.Signals) -> None:
    process = waiting()
    os.kill(process.pid, number)
    output, _ = process.communicate(timeout=10)
    assert output == b"ended\n"
    assert process.returncode == 0


def test_whoever_waits_shows_that_it_goes_on() -> None:
    ours, theirs = os.pipe()
    assert not StopSignal(theirs).wait(timedelta(0))
    assert os.read(ours, 9) == b"."
    os.close(ours)
    assert not StopSignal(theirs).wait(timedelta(0))  # nobody looks any more, which is no reason to fail
    os.close(theirs)


def test_who_is_stuck_in_a_request_ends_after_a_grace() -> None:
    process = waiting(STUCK)
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 0

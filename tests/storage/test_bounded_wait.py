"""A store that hangs holds up one call for a moment, and no other call at all."""

import os
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from time import monotonic

import pytest

from service.core.errors import StoreError, StoreSlowError
from service.storage.fallback import BoundedWait


@pytest.fixture
def end() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_results_errors_and_the_context_are_those_of_the_call() -> None:
    wait, context = BoundedWait(), ContextVar("context", default="none")
    context.set("of the caller")
    assert wait(context.get) == "of the caller"
    assert wait(lambda: wait(context.get)) == "of the caller"
    with pytest.raises(KeyError):
        wait(lambda: {}["nothing"])


def test_while_a_call_hangs_all_others_fail_at_once(end: threading.Event) -> None:
    wait = BoundedWait(patience=0.01, long_patience=0.02)
    assert wait(lambda: 1) == 1
    for has_other in (True, False):
        with pytest.raises(StoreSlowError, match="has not answered"):
            wait(end.wait, has_other=has_other)
    begun = monotonic()
    for _ in range(100):
        with pytest.raises(StoreSlowError):
            wait(lambda: 1, has_other=False)
    assert monotonic() - begun < 0.5
    end.set()
    retry = threading.Event()
    for _ in range(500):
        try:
            assert wait(lambda: 2) == 2
            break
        except StoreError:
            retry.wait(0.01)
    else:
        pytest.fail("it does not go on")


def test_a_call_that_is_only_late_fails_nobody_who_has_nothing_else(end: threading.Event) -> None:
    wait = BoundedWait(patience=0.01, long_patience=60)
    assert wait(lambda: 1) == 1
    with pytest.raises(StoreSlowError):
        wait(end.wait)
    assert wait(lambda: 2, has_other=False) == 2
    with pytest.raises(StoreSlowError):
        wait(lambda: 3)


def test_a_failure_that_took_its_time_is_not_waited_for_by_everybody() -> None:
    wait, calls = BoundedWait(patience=5, long_patience=5), []

    def busy() -> None:
        calls.append(1)
        threading.Event().wait(0.03)
        raise StoreError("locked")

    for _ in range(50):
        with pytest.raises(StoreError, match="locked"):
            wait(busy)
    assert len(calls) < 10


def test_a_forked_process_has_helpers_of_its_own() -> None:
    wait = BoundedWait()
    assert wait(os.getpid) == os.getpid()
    child = os.fork()
    if child == 0:
        os._exit(0 if wait(os.getpid) == os.getpid() else 1)
    assert os.waitpid(child, 0)[1] == 0

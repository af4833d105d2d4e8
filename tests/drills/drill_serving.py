"""Every way to serve, started, hurt and ended: `python -m pytest tests/drills/drill_serving.py`."""

import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_upstream import LocalUpstream
from running_service import PACKAGED, PLAIN, running, telling, until

CLASSES = ("sync", "gthread", "gevent", "asgi")
WAYS = [
    (*(PACKAGED if kind == "asgi" else (*PLAIN, "--worker-class", kind)), "--workers", workers, *preload)
    for kind, workers, preload in itertools.product(CLASSES, ("1", "3"), ((), ("--preload",)))
    if not (kind == "gevent" and preload)  # it patches threads that are there already
]
ONE_OF_EACH = [way for way in WAYS if "3" in way and "--preload" not in way]


@pytest.fixture
def upstream() -> Iterator[LocalUpstream]:
    with LocalUpstream() as server:
        telling(server)
        yield server


@pytest.mark.parametrize("command", WAYS, ids=" ".join)
def test_killed_collectors_are_replaced_until_the_service_ends(
    command: tuple[str, ...], tmp_path: Path, upstream: LocalUpstream
) -> None:
    with running(command, tmp_path, upstream) as service:
        until(service.has_weather, 20, lambda: service.log)
        for _ in range(5):
            killed = service.one_collector()
            os.kill(killed, signal.SIGKILL)
            until(lambda gone=killed: service.collectors() not in ([], [gone]), 10, lambda: service.log)
        service.process.terminate()
        assert service.process.wait(25) == 0
        until(lambda: not service.processes(), 10, service.processes)
        assert "Traceback" not in service.log


@pytest.mark.parametrize("command", WAYS, ids=" ".join)
def test_a_hup_is_followed_while_readers_are_served(
    command: tuple[str, ...], tmp_path: Path, upstream: LocalUpstream
) -> None:
    with running(command, tmp_path, upstream) as service:
        until(service.has_weather, 20, lambda: service.log)
        before = service.workers()
        service.process.send_signal(signal.SIGHUP)
        until(lambda: service.workers() and not service.workers() & before, 40, lambda: service.log)
        until(lambda: len(service.collectors()) == 1, 15, lambda: service.log)
        until(service.has_weather, 10)


@pytest.mark.parametrize("command", ONE_OF_EACH, ids=" ".join)
def test_nothing_outlives_a_killed_master(
    command: tuple[str, ...], tmp_path: Path, upstream: LocalUpstream
) -> None:
    with running(command, tmp_path, upstream) as service:
        until(service.has_weather, 20, lambda: service.log)
        service.process.kill()
        service.process.wait(5)
        until(lambda: not service.processes(), 20, lambda: (service.processes(), service.log))


@pytest.mark.parametrize("workers", ["1", "2", "5"])
@pytest.mark.parametrize("command", [PLAIN, PACKAGED], ids=["plain", "packaged"])
def test_a_bad_configuration_is_told_once_by_any_number_of_workers(
    command: tuple[str, ...], workers: str, tmp_path: Path
) -> None:
    for _ in range(3):
        with running((*command, "--workers", workers), tmp_path, weather__refresh="soon") as service:
            assert service.process.wait(30) == 4, service.log
            assert service.log.count("weather.refresh: not a duration") == 1
            assert "Traceback" not in service.log
        (tmp_path / "log").unlink()

import os
import signal
from pathlib import Path

import pytest
from local_upstream import LocalUpstream
from running_service import FORECAST, OWN_PYTHON, PACKAGED, PLACES, PLAIN, Running, running, telling, until

WAYS = {
    "sync, 3 workers": (*PLAIN, "--worker-class", "sync", "--workers", "3"),
    "gevent, 2 workers": (*PLAIN, "--worker-class", "gevent", "--workers", "2"),
    "gthread, preloaded": (*PLAIN, "--worker-class", "gthread", "--workers", "1", "--preload"),
    "asgi, preloaded": (*PACKAGED, "--workers", "3", "--preload"),
}


@pytest.mark.parametrize("command", WAYS.values(), ids=WAYS)
def test_whatever_serves_there_is_one_collector_from_start_to_end(
    command: tuple[str, ...], tmp_path: Path, telling_upstream: LocalUpstream
) -> None:
    with running(command, tmp_path, telling_upstream, program=OWN_PYTHON) as service:
        until(service.has_weather, 20, lambda: service.log)
        first = service.one_collector()
        os.kill(first, signal.SIGKILL)
        until(lambda: service.collectors() not in ([], [first]), 10, lambda: service.log)
        service.one_collector()
        service.process.terminate()
        assert service.process.wait(25) == 0
        until(lambda: not service.processes(), 10, service.processes)
        assert "Traceback" not in service.log


def test_one_request_fetches_all_places_and_readers_cause_none(
    service: Running, shared_upstream: LocalUpstream
) -> None:
    before = list(shared_upstream.requests)
    assert [asked.path for asked in before] == [FORECAST, FORECAST]
    assert ["current" in asked.query for asked in before] == [True, False]
    assert {asked.query["latitude"].count(",") for asked in before} == {len(PLACES) - 1}
    for place in (*PLACES, "atlantis", "ha-noi"):
        for path in (f"/widgets/weather/{place}", f"/api/v1/weather/{place}", f"/?city={place}"):
            for _ in range(4):
                service.answers(path)
    service.get("/status")
    assert shared_upstream.requests == before
    assert shared_upstream.most_at_once[FORECAST] == 1


def test_every_worker_serves_what_the_one_collector_kept(service: Running) -> None:
    told = {service.get("/api/v1/weather/hue") for _ in range(30)}
    assert len(told) == 1
    assert len(service.collectors()) == 1
    assert len(service.workers()) == 3


def test_a_killed_worker_costs_no_collector(service: Running) -> None:
    for worker in service.workers():
        os.kill(worker, signal.SIGKILL)
        until(lambda gone=worker: gone not in service.workers() and len(service.workers()) == 3, 15)
        until(lambda: len(service.collectors()) == 1, 10, lambda: service.log)
    until(service.has_weather, 10)


def test_a_hup_brings_new_workers_and_still_one_collector(service: Running) -> None:
    before = service.workers()
    service.process.send_signal(signal.SIGHUP)
    until(lambda: len(service.workers()) == 3 and not service.workers() & before, 25, lambda: service.log)
    until(lambda: len(service.collectors()) == 1, 10, lambda: service.log)
    until(service.has_weather, 10)


def test_nothing_outlives_a_killed_master(tmp_path: Path, telling_upstream: LocalUpstream) -> None:
    with running((*PACKAGED, "--workers", "2"), tmp_path, telling_upstream) as service:
        until(service.has_weather, 20, lambda: service.log)
        service.process.kill()
        service.process.wait(5)
        until(lambda: not service.processes(), 20, lambda: (service.processes(), service.log))


def test_after_a_restart_the_last_data_is_served_while_the_upstream_is_down(
    tmp_path: Path, telling_upstream: LocalUpstream
) -> None:
    command = (*PLAIN, "--workers", "1")
    with running(command, tmp_path, telling_upstream) as service:
        until(service.has_weather, 20, lambda: service.log)
        before = service.json("/api/v1/weather/hue")
    telling_upstream.answer(FORECAST, 500)
    (tmp_path / "log").unlink()
    with running(command, tmp_path, telling_upstream) as service:
        until(service.answers, 20, lambda: service.log)
        assert service.json("/api/v1/weather/hue") == before
        telling(telling_upstream)


def test_with_an_external_collector_no_worker_starts_one(
    tmp_path: Path, telling_upstream: LocalUpstream
) -> None:
    command = (*PACKAGED, "--workers", "1")
    with running(command, tmp_path, telling_upstream, collector__mode="external") as service:
        until(service.answers, 20, lambda: service.log)
        with running(("service", "collect"), tmp_path, telling_upstream, program=OWN_PYTHON) as alone:
            until(service.has_weather, 20, lambda: service.log)
            assert service.collectors() == [alone.process.pid]

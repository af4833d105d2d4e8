import os
import threading
from pathlib import Path
from queue import Queue

import pytest
from web_site import Site, settings_of

from service.app import create_app
from service.background import Background, watch_collector
from service.weather import records


def background_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "background"]


@pytest.fixture(autouse=True)
def nothing_is_left() -> None:
    assert background_threads() == []


def test_two_applications_in_one_process_start_and_end(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, collector__mode="external")
    apps = [create_app(settings)]
    of_one = len(background_threads())
    apps.append(create_app(settings))
    assert of_one
    assert len(background_threads()) == 2 * of_one
    for app in apps:
        assert app.test_client().get("/healthz").status_code == 200
        app.extensions["background"].stop()
    assert background_threads() == []


def test_an_application_for_tests_starts_nothing(tmp_path: Path) -> None:
    create_app(settings_of(tmp_path), background=False)
    assert background_threads() == []


def test_what_was_asked_for_is_written_down_when_the_application_ends(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, collector__mode="external")
    app = create_app(settings)
    app.test_client().get("/widgets/weather/hue")
    app.extensions["background"].stop()
    later = create_app(settings, background=False).test_client().get("/status?lang=en").text
    assert "<dt>In use</dt><dd>2</dd>" in later


def test_what_the_edge_answers_from_memory_counts_as_asked_for(tmp_path: Path) -> None:
    site = Site.in_folder(tmp_path, collector__mode="external", edge__memory="1MB")
    site.keep("hue")
    app = create_app(site.settings, store=site.store, clock=site.clock)
    app.test_client().get("/widgets/weather/hue")
    app.extensions["background"].stop()
    site.store.delete([records.demand_key("hue")])
    app.extensions["background"].start()
    hit = app.test_client().get("/widgets/weather/hue")
    app.extensions["background"].stop()
    assert hit.headers["Cache-Status"].startswith("portal-widgets; hit")
    assert site.store.read([records.demand_key("hue")])


def test_a_child_of_a_process_has_its_own_threads_and_the_parent_none() -> None:
    seen = Background([threading.Event.wait])
    seen.start()
    try:
        assert child_has_threads() == 1
        assert background_threads() == []
        assert child_has_threads() == 1
    finally:
        seen.stop()


def test_a_task_that_forks_goes_on_and_its_child_has_no_threads() -> None:
    told: Queue[object] = Queue()

    def forks(stop: threading.Event) -> None:
        told.put(child_has_threads())
        told.put(stop.is_set())
        stop.wait()

    seen = Background([forks])
    seen.start()
    try:
        assert [told.get(timeout=10), told.get(timeout=10)] == [0, False]
    finally:
        seen.stop()


def test_a_child_born_after_the_stop_has_none() -> None:
    seen = Background([threading.Event.wait])
    seen.start()
    seen.stop()
    assert child_has_threads() == 0


def child_has_threads() -> int:
    """How many background threads, besides this one, a process forked from here has."""
    child = os.fork()
    if child == 0:
        os._exit(len([thread for thread in background_threads() if thread is not threading.current_thread()]))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Steps(threading.Event):
    """Ends a loop after so many waits, and lets the clock go on meanwhile."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left, self.now = left, 1_000.0

    def wait(self, timeout: float | None = None) -> bool:
        self.left, self.now = self.left - 1, self.now + (timeout or 0)
        return self.left < 0

    def clock(self) -> float:
        return self.now


def test_that_operators_run_no_collector_is_told_once_and_when_that_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    steps = Steps(40)
    watch_collector(lambda: 0 if steps.now < 1_150 else steps.now, steps.clock, tmp_path / "store", steps)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "portal-widgets collect" in caplog.messages[0]

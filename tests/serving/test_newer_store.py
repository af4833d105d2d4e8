"""gunicorn over a store of a newer version, found at the start or taken over while the workers run."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from local_upstream import LocalUpstream
from running_service import PACKAGED, PLAIN, running, until

from service.app import create_app
from service.collector.supervisor import acquire_lock, lock_path
from service.core.errors import SettingsError
from service.settings.load import load
from service.storage.migrations import STEPS
from service.storage.store import SqliteStore

NEWER = len(STEPS) + 1
SAID = f"is of version {NEWER}, and this portal-widgets knows versions up to {len(STEPS)}"
WAYS = {
    "sync": (*PLAIN, "--workers", "2"),
    "gthread, preloaded": (*PLAIN, "--worker-class", "gthread", "--preload"),
    "packaged": (*PACKAGED, "--workers", "3"),
}


def more(connection: sqlite3.Connection) -> None:
    """The step of a version to come."""
    connection.execute("CREATE TABLE more (a)")


def take_over(path: Path) -> None:
    newer = SqliteStore(path, steps=(*STEPS, more))
    newer.last_write()
    newer.close()


def content_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "log"}


@contextmanager
def the_lock(path: Path) -> Iterator[None]:
    """Hold the collector's lock, as soon as nobody else does."""
    taken: list[int] = []

    def take() -> bool:
        descriptor = acquire_lock(lock_path(path))
        taken.extend([] if descriptor is None else [descriptor])
        return descriptor is not None

    until(take, 60)
    yield
    os.close(taken[0])


@pytest.mark.parametrize("command", WAYS.values(), ids=WAYS)
def test_gunicorn_ends_with_one_line_and_leaves_the_file_as_it_is(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "store.sqlite3"
    take_over(path)
    before = content_of(tmp_path)
    with running(command, tmp_path) as service:
        assert service.process.wait(20) == 4
        until(lambda: not service.processes(), 10, service.processes)
        said = [line for line in service.log.splitlines() if line.startswith(f"store.url: {path} {SAID}")]
        assert len(said) == 1
        assert "Traceback" not in service.log
    assert content_of(tmp_path) == before


def test_an_application_made_with_given_settings_raises_instead(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    take_over(path)
    with pytest.raises(SettingsError, match=f"store.url: .*{SAID}"):
        create_app(load({"PORTAL_WIDGETS_STORE__URL": f"sqlite://{path}"}), background=False)


def test_workers_whose_store_is_taken_over_answer_from_memory_and_write_no_more(
    tmp_path: Path, telling_upstream: LocalUpstream
) -> None:
    path = tmp_path / "store.sqlite3"
    with running((*PACKAGED, "--workers", "1"), tmp_path, telling_upstream, weather__refresh="1s") as service:
        until(service.has_weather, 25, lambda: service.log)
        before = service.json("/api/v1/weather/dong-ha")
        take_over(path)
        with closing(sqlite3.connect(path)) as raw:
            kept = raw.execute("SELECT count(*), max(write) FROM records").fetchall()
            with the_lock(path):  # the old collector ends, so that the newer version's gets its turn
                told = service.json("/api/v1/weather/dong-ha?lang=en")
                assert told["current"]["temperature"] is not None
                assert told["fetched_at"] >= before["fetched_at"]
                assert service.json("/readyz")["store"] == {"state": "failed"}
            assert raw.execute("SELECT count(*), max(write) FROM records").fetchall() == kept
        lines = service.log.splitlines()
        assert len([line for line in lines if SAID in line and " serve[" in line]) == 1, service.log
        assert [line for line in lines if line.startswith(f"store.url: {path} {SAID}")]
        assert "Traceback" not in service.log

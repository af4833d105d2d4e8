"""Where it is started decides nothing: neither `serve` nor a collector imports a module of that directory."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import settings_in
from local_upstream import LocalUpstream
from running_service import a_free_port, running, until

from service.storage.store import SqliteStore

COMMAND = Path(sys.executable).with_name("portal-widgets")
# Ours, the server's, what the workers and the collector import late, and what Python itself looks for.
NAMES = (
    "service/__init__.py",
    "templates/__init__.py",
    "gunicorn/__init__.py",
    "uvicorn/__init__.py",
    "flask/__init__.py",
    "requests/__init__.py",
    "gunicorn.conf.py",
    "json.py",
    "queue.py",
    "random.py",
    "sqlite3.py",
    "sitecustomize.py",
    "usercustomize.py",
)


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Path]:
    """A directory of modules that note that they were imported, and then fail."""
    folder, notes = tmp_path / "hostile", tmp_path / "imported"
    for name in NAMES:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        note = f"open({str(notes)!r}, 'a').write(__file__ + chr(10))"
        file.write_text(f"{note}\nraise ImportError('of the working directory')\n")
    yield folder
    assert not notes.exists(), notes.read_text()


def test_serve_and_the_collector_of_a_worker_import_nothing_of_it(
    hostile: Path, tmp_path: Path, telling_upstream: LocalUpstream
) -> None:
    command = ("serve", "--bind", f"127.0.0.1:{a_free_port()}", "--workers", "2")
    with running(command, tmp_path, telling_upstream, program=(str(COMMAND),), cwd=hostile) as service:
        until(service.has_weather, 30, lambda: service.log)
        assert service.get("/widgets/weather/dong-ha")
        service.process.send_signal(signal.SIGHUP)
        until(lambda: "Hang up" in service.log or "HUP" in service.log, 20, lambda: service.log)
        until(service.has_weather, 30, lambda: service.log)


def test_the_collector_of_another_server_imports_nothing_of_it(
    hostile: Path, tmp_path: Path, telling_upstream: LocalUpstream
) -> None:
    """gunicorn, when somebody types it, sets no variable that its collector would inherit."""
    worker = "import service.app, signal; service.app.create_app(); signal.pause()"
    store = SqliteStore(tmp_path / "store.sqlite3")
    program = (sys.executable, "-P", "-c")
    with running((worker,), tmp_path, telling_upstream, program=program, cwd=hostile) as service:
        until(lambda: store.path.exists() and store.keys("outlook/"), 30, lambda: service.log)
    store.close()


def test_a_server_that_replaces_itself_imports_nothing_of_it(hostile: Path, tmp_path: Path) -> None:
    command = ("serve", "--bind", f"127.0.0.1:{a_free_port()}", "--workers", "1")
    more = {"collector__mode": "external"}
    with running(command, tmp_path, program=(str(COMMAND),), cwd=hostile, **more) as service:
        until(service.answers, 30, lambda: service.log)
        service.process.send_signal(signal.SIGUSR2)
        until(lambda: service.log.count("Listening at") == 2, 30, lambda: service.log)
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(30)
        until(service.answers, 30, lambda: service.log)


@pytest.mark.parametrize("command", ["check", "collect --once", "forget none", "--version"])
def test_no_command_imports_anything_of_it(
    command: str, hostile: Path, tmp_path: Path, telling_upstream: LocalUpstream
) -> None:
    leading = {
        "WEATHER__OPEN_METEO__BASE_URL": telling_upstream.url("/v1/forecast"),
        "WEATHER__PROVIDERS": "open-meteo",
        "WEATHER__CITIES": "hue",
        "UPSTREAM__ALLOW_PRIVATE": "127.0.0.1",
    }
    done = subprocess.run(
        [COMMAND, *command.split()],
        cwd=hostile,
        env=settings_in(tmp_path, **leading),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == (1 if "forget" in command else 0), done.stderr
    assert "Traceback" not in done.stderr


def test_the_directory_is_hostile_indeed(hostile: Path) -> None:
    noted = hostile.parent / "imported"
    subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "service:create_app()"],
        cwd=hostile,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
    )
    assert "hostile/" in noted.read_text()
    noted.unlink()

"""The image without Docker: `python -m pytest tests/drills/drill_image.py`. It takes some minutes.

The steps of the Dockerfile are carried out in clean roots of Debian, and what they make is started as
deploy/compose.yaml has it. IMAGE_BASE may name a root that debootstrap made before.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from clean_root import MISSING, PYTHON, Container, Image, base_root, build, container, is_possible
from running_service import until

pytestmark = pytest.mark.skipif(not is_possible(), reason=f"needs root and debootstrap: {MISSING}")

GRACE = 30  # seconds, as deploy/compose.yaml has it
ASK = (
    "import sys; from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=20);"
    " c.request('GET', sys.argv[1]); r = c.getresponse();"
    " print(r.status, r.getheader('Content-Type'), len(r.read()))"
)
WRITE = "import sys; open(sys.argv[1] + '/written', 'w').close()"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """What the last stage makes."""
    folder = tmp_path_factory.mktemp("image")
    known = os.environ.get("IMAGE_BASE")
    return build(Path(known) if known else base_root(folder / "base"), folder)


@pytest.fixture(scope="module")
def running(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """The service with sample data, since it has no network here."""
    folder = tmp_path_factory.mktemp("container")
    log = folder / "log"
    with container(image, folder, log, PORTAL_WIDGETS_DEMO="1") as started:
        health = json.loads(image.said["HEALTHCHECK"].partition(" CMD ")[2])
        until(lambda: started.run(health).returncode == 0, 60, log.read_text)
        yield started


def processes(running: Container) -> list[dict[str, str]]:
    """What the kernel tells of the first process and all that came of it."""
    found, waiting = [], [running.pid]
    while waiting:
        pid = waiting.pop()
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        found.append({name: value.strip() for name, _, value in (line.partition(":") for line in lines)})
        for children in Path(f"/proc/{pid}/task").glob("*/children"):  # a thread's own
            waiting += map(int, children.read_text().split())
    return found


def test_every_process_is_of_the_user_that_may_do_nothing_else(running: Container) -> None:
    until(lambda: len(processes(running)) >= 5, 30)  # gunicorn, its workers, the collector and its parts
    user, _, group = running.image.said["USER"].partition(":")
    for process in processes(running):
        assert set(process["Uid"].split()) == {user}, process
        assert set(process["Gid"].split()) == {group}, process
        assert {process[f"Cap{name}"].strip("0") for name in ("Prm", "Eff", "Bnd", "Amb", "Inh")} == {""}
        assert process["NoNewPrivs"] == "1"


@pytest.mark.parametrize("folder", ["/", "/app", "/app/bin", "/tmp", "/var/tmp", "/etc", "/var/lib"])
def test_nothing_but_the_volume_is_written_to(running: Container, folder: str) -> None:
    assert running.run(["python", "-c", WRITE, folder]).returncode != 0


def test_the_store_is_in_the_volume_and_of_the_user(running: Container) -> None:
    user = int(running.image.said["USER"].partition(":")[0])
    kept = until(lambda: list(running.volume.glob("*store.sqlite3")), 30)
    assert {file.stat().st_uid for file in kept} == {user}
    assert running.run(["python", "-c", WRITE, running.image.said["VOLUME"]]).returncode == 0


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/widgets/weather/dong-ha", "text/html"),
        ("/widgets/weather/dong-ha.svg", "image/svg+xml"),
        ("/widgets/weather/dong-ha.png", "image/png"),
        ("/api/v1/weather/hue", "application/json"),
        ("/api/docs", "text/html"),
        ("/status", "text/html"),
    ],
)
def test_everything_that_it_serves_came_into_the_image(running: Container, path: str, kind: str) -> None:
    until(lambda: '"no-data"' not in running.run(["python", "-c", ASK, "/readyz"]).stdout, 5)
    status, told, length = running.run(["python", "-c", ASK, path]).stdout.split(maxsplit=2)
    assert (status, told.split(";")[0]) == ("200", kind)
    assert int(length.split()[-1]) > 100


@pytest.mark.parametrize("command", ["config", "why dong-ha", "backup /var/lib/portal-widgets/copy"])
def test_the_commands_run_beside_it(running: Container, command: str) -> None:
    done = running.run(["env", "PORTAL_WIDGETS_DEMO=1", "portal-widgets", *command.split()])
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_application_is_compiled_and_has_no_installer(running: Container) -> None:
    app = running.image.path / "app"
    assert list(app.glob("bin/pip*")) == []
    package = app / f"lib/python{PYTHON}/site-packages/service"
    sources = {file.relative_to(package) for file in package.rglob("*.py")}
    compiled = {file.parent.parent / f"{file.name.split('.')[0]}.py" for file in package.rglob("*.pyc")}
    assert sources == {file.relative_to(package) for file in compiled}
    assert sources


def test_it_ends_by_its_signal_within_the_grace_of_the_compose_file(running: Container) -> None:
    assert running.end(GRACE) == 0

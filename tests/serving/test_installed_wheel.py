"""A wheel, away from the checkout: everything that is needed at run time is in it."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from running_service import a_free_port, running, until

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
OF_PYTHON = {".pyc"}  # what lies in a package's folder and belongs to no package


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without asking an index: by the hatchling that the tests bring."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run(
        [*pip, "--no-build-isolation", "--wheel-dir", folder, ROOT], check=True, capture_output=True
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that has this wheel; all others are lent by the tests'."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    commands = folder / "bin"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        commands / "python",
        "--disable-pip-version-check",
        "install",
    ]
    subprocess.run([*pip, "--quiet", "--no-deps", "--no-index", wheel], check=True, capture_output=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # By a .pth: those that the lent folder has itself, such as the one of an editable install, are not read.
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"))
    return commands


def test_every_file_of_the_package_and_every_template_is_in_it(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    code = {file.relative_to(ROOT) for file in (ROOT / "service").rglob("*")}
    templates = {"service" / file.relative_to(ROOT) for file in (ROOT / "templates").rglob("*")}
    wanted = {str(file) for file in code | templates if file.suffix and file.suffix not in OF_PYTHON}
    assert packed == wanted
    assert "service/py.typed" in packed


def test_the_demo_of_an_installed_wheel_serves_everything_from_an_empty_directory(
    installed: Path, tmp_path: Path
) -> None:
    empty, port = tmp_path / "empty", a_free_port()
    empty.mkdir()
    program = (str(installed / "portal-widgets"),)
    command = ("serve", "--demo", "--bind", f"127.0.0.1:{port}", "--workers", "1")
    with running(command, tmp_path, program=program, cwd=empty) as service:
        until(service.has_weather, 60, lambda: service.log)
        until(lambda: service.json("/api/v1/articles")["articles"], 60, lambda: service.log)
        assert "Đông Hà" in service.get("/widgets/weather/dong-ha?layout=full")
        assert "<svg" in service.get("/widgets/weather/dong-ha.svg")
        assert len(service.read("/widgets/weather/dong-ha.png")) > 20_000, "no text: a font is missing"
        assert "Humidity" in service.get("/widgets/weather/dong-ha?lang=en")
        newest = service.json("/api/v1/articles")["articles"][0]
        assert newest["title"] in service.get(f"/articles/{newest['id']}")
        assert "portal-widget" in service.get("/embed.js")
        assert service.get("/")
        assert "Traceback" not in service.log
    assert list(empty.iterdir()) == []


def test_the_installed_package_is_the_wheels(installed: Path, tmp_path: Path) -> None:
    command = [installed / "python", "-c", "import service, flask; print(service.__file__)"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(ran.stdout.strip()).is_relative_to(installed.parent)

"""The files of deploy/ before those that read them: `python -m pytest tests/drills/drill_deployment.py`.

nginx reads its own in tests/serving/test_nginx_in_front.py.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="apt-get install systemd")
def test_systemd_has_nothing_to_say_of_the_unit(tmp_path: Path) -> None:
    unit = (DEPLOY / "portal-widgets.service").read_text(encoding="utf-8")
    there = tmp_path / "portal-widgets.service"  # with a program that is there
    there.write_text(re.sub(r"/opt/portal-widgets/bin/portal-widgets\b", "/bin/true", unit))
    verified = subprocess.run(
        ["systemd-analyze", "verify", there], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="apt-get install docker-compose")
@pytest.mark.parametrize("collecting", ["in the service", "in a container of its own"])
def test_compose_understands_its_file(tmp_path: Path, collecting: str) -> None:
    written = COMPOSE
    if collecting == "in a container of its own":
        written = re.sub(r"^  # (  |collect:)", r"  \1", written, flags=re.MULTILINE)
        assert written != COMPOSE
    # Debian's is of version 1, which does not know a project's name yet.
    (tmp_path / "compose.yaml").write_text(written.replace("\nname: portal-widgets\n", "\n"))
    told = subprocess.run(
        ["docker-compose", "-f", tmp_path / "compose.yaml", "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")

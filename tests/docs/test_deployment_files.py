"""The files in deploy/ and the commit hooks fit the service."""

import configparser
import re
from pathlib import Path

from service import gunicorn
from service.settings.load import load

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SPOKEN_OF_NOWHERE = re.compile(r"/work/|/root/|/home/|/tmp/[a-z]|localhost:\d|index-url [^p]", re.IGNORECASE)


def _unit() -> dict[str, list[str]]:
    directives: dict[str, list[str]] = {}
    for line in (DEPLOY / "portal-widgets.service").read_text(encoding="utf-8").splitlines():
        if directive := re.match(r"(\w+)=(.*)", line):
            directives.setdefault(directive[1], []).append(directive[2])
    return directives


def test_the_unit_has_no_privileges_and_one_folder() -> None:
    unit = _unit()
    for directive, value in {
        "DynamicUser": "yes",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
        "StateDirectory": "portal-widgets",
    }.items():
        assert unit[directive] == [value]
    assert "PORTAL_WIDGETS_STORE__URL=sqlite:///var/lib/portal-widgets/store.sqlite3" in unit["Environment"]


def test_the_unit_waits_longer_than_the_workers_do() -> None:
    assert int(_unit()["TimeoutStopSec"][0]) > gunicorn.graceful_timeout


def test_the_compose_file_waits_longer_than_the_workers_do() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    (seconds,) = re.findall(r"stop_grace_period: (\d+)s", text)
    assert int(seconds) > gunicorn.graceful_timeout


def test_the_example_of_an_environment_file_is_a_good_configuration() -> None:
    text = (DEPLOY / "portal-widgets.env.example").read_text(encoding="utf-8")
    parser = configparser.ConfigParser(comment_prefixes=["#"])
    parser.optionxform = str  # type: ignore[assignment,method-assign] # variables are written in capitals
    parser.read_string(f"[file]\n{text}")
    settings = load(dict(parser["file"]))
    assert settings.site.contact == "ops@example.gov.vn"


def test_the_page_starts_commands_with_what_the_unit_has() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^systemd-run (.+?)^```$", page, re.DOTALL | re.MULTILINE)
    unit = _unit()
    given = dict(re.findall(r"--property=(\w+)=(\S+)", command))
    assert given.pop("User") == "portal-widgets"  # the unit's name, which its user has
    assert {name: [value] for name, value in given.items()} == {name: unit[name] for name in given}
    (store,) = re.findall(r"--setenv=(\S+)", command)
    assert store in unit["Environment"]
    assert command.split()[-2] == unit["ExecStart"][0].split()[0]


def test_nginx_passes_on_to_the_port_that_we_serve() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert f"server {gunicorn.bind};" in text


def test_commit_hooks_are_the_checks_of_ci_from_the_projects_own_environment() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    entries = re.findall(r"entry: \.venv/bin/(\S+)", hooks)
    script = (ROOT / ".ci/check").read_text("utf-8")
    checks = re.findall(r"^(ruff|mypy|lint-imports|bandit)\b", script, re.MULTILINE)
    assert entries == checks
    assert set(re.findall(r"repo: (\S+)", hooks)) == {"local"}


def test_no_file_for_people_speaks_of_one_machine() -> None:
    files = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *DEPLOY.iterdir(), ROOT / "Dockerfile"]
    assert [file.name for file in files if SPOKEN_OF_NOWHERE.search(file.read_text(encoding="utf-8"))] == []

"""Every command of ours on the pages works as it stands there, but for what its placeholders stand for."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import portal_widgets
from newsroom import Newsroom, article

from service.articles.text.urls import canonical_url
from service.core.decisions import Decision
from service.storage.decisions import SqliteDecisions

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
# These need a portal, a provider or a server: the files have them with the same options.
ELSEWHERE = {
    "serve": "tests/serving/test_commands_that_serve.py",
    "collect": "tests/cli/test_commands.py",
    "check": "tests/cli/test_check_of_sources.py",
    "discover": "tests/cli/test_discover.py",
}
KNOWN = article(1)


def _written() -> Iterator[str]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if page.name != "CHANGELOG.md":
            yield from re.findall(r"`(portal-widgets [^`\n]+)`", text)
            for block in re.findall(r"^```sh\n(.+?)^```", text, re.DOTALL | re.MULTILINE):
                yield from re.findall(r"^(portal-widgets [^>\n]+?)(?: >>.*)?$", block, re.MULTILINE)


COMMANDS = sorted({shlex.join(shlex.split(line)[1:]) for line in _written()})
HERE = [line for line in COMMANDS if line.split()[0] not in ELSEWHERE]
# The subject that is told of, for a command that is named without one.
MEANT = {"backup": "FILE", "restore": "FILE", "why": "CITY", "forget": "ARTICLE_ID"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where a service has run, that knows a place and an article; and a backup of it."""
    folder = tmp_path / "data" / "portal-widgets"
    folder.mkdir(parents=True)
    room = Newsroom.in_folder(folder)
    room.repository.save([KNOWN])
    SqliteDecisions(room.store).record(
        [
            Decision(
                "article/tinh",
                KNOWN.id,
                room.clock(),
                "new",
                "it is new",
                KNOWN.title,
                canonical_url(KNOWN.url),
            )
        ]
    )
    room.store.close()
    assert portal_widgets("backup", str(tmp_path / "file"), home=tmp_path).returncode == 0
    return tmp_path


@pytest.mark.parametrize("line", HERE)
def test_a_command_that_a_page_names_does_what_it_is_told(line: str, home: Path) -> None:
    name, *arguments = line.split()
    places = {
        "CITY": "dong-ha",
        "CITY-or-URL-or-ARTICLE_ID": "dong-ha",
        "URL": KNOWN.url,
        "ID": KNOWN.id,
        "ARTICLE_ID": KNOWN.id,
        "FILE": str(home / "file"),
        "/var/backups/portal-widgets.sqlite3": str(home / "file"),
    }
    subjects = arguments or [MEANT[name]] if name in MEANT else arguments
    done = portal_widgets(name, *(places.get(one, one) for one in subjects), home=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("line", [line for line in COMMANDS if line not in HERE])
def test_a_command_that_others_run_is_run_there_with_its_options(line: str) -> None:
    name, *arguments = line.split()
    there = (ROOT / ELSEWHERE[name]).read_text(encoding="utf-8")
    options = [one for one in arguments if one.startswith("--")]
    assert [word for word in (name, *options) if f'"{word}"' not in there] == []

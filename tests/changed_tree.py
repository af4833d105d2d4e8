"""A copy of the service that a test changes as CONTRIBUTING.md says, and runs as a process of its own."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

from local_upstream import LocalUpstream
from weather_upstreams import OM_PATH, Clock, play_open_meteo

ROOT = Path(__file__).parents[1]
CHILD = Path(__file__).with_name("changed_tree_child.py")
NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)  # the child's clock
PLACE = "dong-ha"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class ChangedTree:
    """The files of the service in a folder of their own. Paths are written as in the recipes."""

    def __init__(self, folder: Path, recipe: str) -> None:
        """Copy the tree into a folder; only files that the recipe with this heading names may be changed."""
        page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
        (text,) = re.findall(rf"^#+ {recipe}\n(.+?)(?=^#|\Z)", page, flags=re.MULTILINE | re.DOTALL)
        named = re.findall(r"`((?:service|templates)/[\w./<>-]+)`", text)
        self._named = [re.sub(r"<\w+>", "*", f"{path}*" if path.endswith("/") else path) for path in named]
        self.root, self.home = folder / "tree", folder / "home"
        self.home.mkdir()
        for name in ("service", "templates"):
            shutil.copytree(ROOT / name, self.root / name)  # with what is compiled, which saves a second

    def write(self, path: str, text: str) -> None:
        """Write a new file."""
        file = self.root / path
        assert not file.exists(), path
        file.parent.mkdir(parents=True, exist_ok=True)
        self._save(path, text)

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def append(self, path: str, line: str) -> None:
        self._save(path, f"{self.read(path)}{line}\n")

    def insert(self, path: str, *, after: str, lines: str) -> None:
        """Insert lines behind the only line of the file that begins so, with its indentation."""
        old = self.read(path).splitlines(keepends=True)
        (number,) = [n for n, line in enumerate(old) if line.strip().startswith(after)]
        indent = old[number][: len(old[number]) - len(old[number].lstrip())]
        new = [f"{indent}{line}\n" for line in lines.splitlines()]
        self._save(path, "".join([*old[: number + 1], *new, *old[number + 1 :]]))

    def repeat(self, path: str, name: str, other: str) -> None:
        """Insert another line like the only one that has this name, for another name."""
        (line,) = [line.strip() for line in self.read(path).splitlines() if re.search(rf"\b{name}\b", line)]
        self.insert(path, after=line, lines=line.replace(name, other))

    def replace(self, path: str, old: str, new: str) -> None:
        """Replace the only occurrence of a text."""
        text = self.read(path)
        assert text.count(old) == 1, f"{path}: {text.count(old)} times {old!r}"
        self._save(path, text.replace(old, new))

    def _save(self, path: str, text: str) -> None:
        assert any(fnmatch(path, named) for named in self._named), f"the recipe does not name {path}"
        (self.root / path).write_text(text, encoding="utf-8")

    def get(self, *paths: str, collect: bool = False, **settings: str) -> list[Answer]:
        """What the changed service answers, with its response cache; `collect`: after fetching weather."""
        told = json.dumps({"now": NOW.isoformat(), "collect": collect, "paths": paths})
        ran = self._run([str(CHILD)], settings, told)
        assert ran.returncode == 0, ran.stderr
        origin, answers = json.loads(ran.stdout)
        assert Path(origin).is_relative_to(self.root)
        return [Answer(*answer) for answer in answers]

    def command(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run `portal-widgets` of the copy to its end."""
        return self._run(["-m", "service", *arguments], settings)

    def _run(
        self, arguments: Sequence[str], settings: dict[str, str], told: str = ""
    ) -> subprocess.CompletedProcess[str]:
        given = {f"PORTAL_WIDGETS_{key.upper()}": value for key, value in settings.items()}
        inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return subprocess.run(
            [sys.executable, *arguments],
            input=told,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=self.home,
            env=inherited | given | {"PYTHONPATH": str(self.root), "HOME": str(self.home)},
        )


def weather_from(upstream: LocalUpstream, **more: str) -> dict[str, str]:
    """The settings of a service with one place, whose sample weather is this upstream's, at NOW."""
    play_open_meteo(upstream, Clock(NOW))
    return {
        "weather__providers": "open-meteo",
        "weather__cities": PLACE,
        "weather__open_meteo__base_url": upstream.url(OM_PATH),
        "upstream__allow_private": "127.0.0.1",
        **more,
    }

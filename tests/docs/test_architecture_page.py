"""docs/architecture.md is the map of the code as it is."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _rooms() -> set[str]:
    """The folders and files that the table of rooms names."""
    rooms: set[str] = set()
    for cell in re.findall(r"^\| (`service/.+?) \| ", PAGE, flags=re.MULTILINE):
        rooms |= {name.removeprefix("service/").rstrip("/") for name in re.findall(r"`(.+?)`", cell)}
    return rooms


def test_every_room_is_on_the_map_and_nothing_else() -> None:
    package = ROOT / "service"
    folders = {folder.name for folder in package.iterdir() if any(folder.glob("*.py"))}
    files = {file.name for file in package.glob("*.py") if not file.name.startswith("__")}
    assert _rooms() == folders | files


def test_the_floors_are_those_that_import_linter_holds() -> None:
    (floors,) = re.findall(r"<!-- floors -->\n```\n(.+?)\n```", PAGE, flags=re.DOTALL)
    (contract,) = [c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]
    assert floors.splitlines() == contract["layers"]

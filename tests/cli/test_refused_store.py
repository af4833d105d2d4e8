"""No command touches a store of a newer version, nor what is no store: exit code 2 and one line of why."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from commands import portal_widgets

from service.collector.supervisor import lock_path
from service.storage.migrations import STEPS
from service.storage.store import SqliteStore

COMMANDS = {
    "serve": ("serve", "--bind", "127.0.0.1:1"),
    "collect": ("collect",),
    "collect once": ("collect", "--once"),
    "check": ("check",),
    "forget": ("forget", "0123456789abcdef"),
}
commands = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)


def newer(path: Path) -> None:
    store = SqliteStore(path)
    store.write({"a": b"1"})
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute(f"PRAGMA user_version = {len(STEPS) + 7}")


def of_another_application(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript("CREATE TABLE songs (title TEXT); INSERT INTO songs VALUES ('Hạ trắng');")


def a_text(path: Path) -> None:
    path.write_text("[site]\n")


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@commands
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (newer, f"is of version {len(STEPS) + 7}, and this portal-widgets knows versions up to {len(STEPS)}"),
        (of_another_application, "is a database of another application"),
        (a_text, "is no SQLite database"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_it_is_refused_in_one_line_and_left_as_it_is(
    tmp_path: Path, command: tuple[str, ...], make: Callable[[Path], None], said: str
) -> None:
    path = tmp_path / "the store"
    make(path)
    before = content_of(tmp_path)
    done = portal_widgets(*command, home=tmp_path, STORE__URL=f"sqlite://{path}")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"store.url: {path} {said}")
    assert content_of(tmp_path) == before


def test_the_demo_deletes_no_store_of_a_newer_version(tmp_path: Path) -> None:
    path = tmp_path / "demo-8123.sqlite3"
    newer(path)
    before = content_of(tmp_path)
    done = portal_widgets(
        "serve", "--demo", "--bind", "127.0.0.1:8123", home=tmp_path, STORE__URL=f"sqlite://{tmp_path}/store"
    )
    assert done.returncode == 2
    assert f"{path} is of version {len(STEPS) + 7}" in done.stderr
    assert content_of(tmp_path) == before


def test_what_is_no_database_where_a_collector_kept_its_store_is_a_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "store"
    a_text(path)
    lock_path(path).touch()
    done = portal_widgets("forget", "0123456789abcdef", home=tmp_path, STORE__URL=f"sqlite://{path}")
    assert done.returncode == 1
    assert "cannot be used: it is damaged (file is not a database)" in done.stderr

"""Backups: one file with everything kept, made and taken back while the store is in use.

Both use SQLite's backup in a single step, which reads one state of the file and holds up no writer. In small
steps it begins again after every write of the collector, and so may never end. What is restored goes into the
live file by a write like any other: a file that is put in its place would have the old write-ahead log
beside it, which SQLite would carry over into it.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from service.core.errors import StoreError
from service.storage import file_check
from service.storage.migrations import STEPS, begin_anew, schema_version
from service.storage.store import SqliteStore

_PATIENCE = 60.0  # seconds, for the writes of others
_RETRY = 0.02  # seconds
_COUNTS = {"records": "records WHERE value IS NOT NULL", "articles": "articles", "images": "pictures",
           "taken down": "taken_down"}  # fmt: skip


class BackupError(Exception):
    """A backup cannot be made or taken back; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file has: its size in bytes, and the numbers of rows by what they are."""

    path: Path
    size: int
    rows: dict[str, int]

    def __str__(self) -> str:
        rows = ", ".join(f"{number:,} {name}" for name, number in self.rows.items())
        return f"{self.path}: {self.size / 1e6:.1f} MB, {rows}"


def back_up(store: SqliteStore, target: Path) -> Content:
    """Write one state of the store into a file, complete in itself; an earlier backup there is replaced.

    Raises:
        BackupError: when there is nothing to back up, or the file is something else or cannot be written.
    """
    if not store.path.exists():
        raise BackupError(f"{store.path} does not exist: there is nothing to back up; see store.url")
    if target.exists():
        if target.samefile(store.path):
            raise BackupError(f"{target} is the store itself; name another file")
        _refuse_unless_store(target, "is replaced only if it is a backup; name another file")
    if not target.parent.is_dir():
        raise BackupError(f"{target}: the folder {target.parent} does not exist; make it first")
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        with _removed_at_the_end(unfinished):
            with store.reading() as live:
                _copy(live, unfinished)
            content = content_of(unfinished)
            _sync(unfinished)
            unfinished.replace(target)
            _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{target}: cannot be written ({_why(error)})") from error
    except StoreError as error:
        raise BackupError(f"store.url: {error}") from error
    return Content(target, content.size, content.rows)


def restore(
    store: SqliteStore, backup: Path, carry_over: Callable[[SqliteStore, SqliteStore], None]
) -> tuple[Content, Path | None]:
    """Take everything of a backup into the store; return what that is, and the copy of what was there.

    `carry_over` is called with the store and a copy of the backup: it adds to the copy what is to outlive.

    Raises:
        BackupError: when the file is no backup or of a newer version, or the store cannot be written.
    """
    if not backup.is_file():
        raise BackupError(f"{backup}: there is no such file")
    _refuse_unless_store(backup, "is no backup; make one with portal-widgets backup")
    replaced = store.path.exists()
    prepared = store.path.with_name(f"{store.path.name}.restoring")
    before = _free_name(store.path) if replaced else None
    try:
        store.path.parent.mkdir(parents=True, exist_ok=True)
        with _removed_at_the_end(prepared):
            with closing(sqlite3.connect(f"{backup.absolute().as_uri()}?mode=ro", uri=True)) as source:
                _copy(source, prepared)
            copy = SqliteStore(prepared)
            with closing(copy):
                first_write = 1 + max(copy.last_write(), store.last_write())  # the copy is migrated now
                if before is not None:
                    with store.reading() as live:
                        _copy(live, before)
                carry_over(store, copy)
                with copy.writing() as write:
                    begin_anew(write.connection, first_write)
                content = content_of(prepared)
                # SQLite's backup makes a transaction of its own, so that none may have begun here.
                with copy.reading() as source, store.reading() as live:
                    _write_into(source, live)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{store.path}: cannot be restored ({_why(error)})") from error
    except StoreError as error:
        raise BackupError(f"store.url: {error}") from error
    return Content(store.path, content.size, content.rows), before


def content_of(path: Path) -> Content:
    """Return what a complete file has."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return Content(path, path.stat().st_size, _rows(connection))


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the numbers of rows; a file of version 1 may have the records alone."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    return {
        name: int(connection.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])  # noqa: S608 - from above
        for name, rows in _COUNTS.items()
        if rows.split()[0] in tables
    }


def _refuse_unless_store(path: Path, remedy: str) -> None:
    if not path.is_file():
        raise BackupError(f"{path} is not a file; name another one")
    if refusal := file_check.file_refusal(path, len(STEPS)):
        raise BackupError(refusal)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            if (version := schema_version(connection)) > len(STEPS):
                raise BackupError(file_check.too_new(path, version, version, len(STEPS)))
            is_empty = not any(_rows(connection).values())
            is_sound = connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
    except sqlite3.Error as error:
        raise BackupError(f"{path} {remedy} ({_why(error)})") from error
    if is_empty:
        raise BackupError(f"{path} is empty, like a store that was copied without its -wal; it {remedy}")
    if not is_sound:
        raise BackupError(f"{path} is damaged; take an earlier backup")


def _copy(source: sqlite3.Connection, path: Path) -> None:
    """Copy one state of a database into a new file that needs no other one beside it."""
    try:
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path, isolation_level=None)) as target:
            _write_into(source, target)
            target.execute("PRAGMA journal_mode = DELETE")
    except (OSError, sqlite3.Error) as error:  # told here: around this, errors are those of the source
        raise BackupError(f"{path}: cannot be written ({_why(error)})") from error


def _write_into(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Replace the content of a database in one transaction, as soon as no other process writes."""
    ends = monotonic() + _PATIENCE

    def give_up_in_the_end(*_: int) -> None:
        if monotonic() > ends:
            raise sqlite3.OperationalError(f"other processes have been writing for {_PATIENCE:.0f} seconds")

    source.backup(target, pages=-1, progress=give_up_in_the_end, sleep=_RETRY)


def _free_name(path: Path) -> Path:
    number = 1
    while (name := path.with_name(f"{path.name}.before-restore-{number}")).exists():
        number += 1
    return name


@contextmanager
def _removed_at_the_end(path: Path) -> Iterator[None]:
    try:
        yield
    finally:
        for suffix in ("", "-wal", "-shm", "-journal", ".takedowns"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

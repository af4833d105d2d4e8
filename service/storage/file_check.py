"""Checks whether a file is a store that this version may open, without a lock and without a trace.

Opening it the usual way, SQLite would make files beside it and carry its write-ahead log over into it. Every
check returns a sentence why the file is refused, or None. Damage is no reason to refuse: a damaged store is
set aside later.
"""

import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from service.storage.migrations import readable_from, schema_version

_DATABASE_SUFFIXES = {".sqlite3", ".sqlite", ".db"}
_COLUMNS = {"key", "value", "checksum", "write"}  # of `records`, in every version
IS_FOREIGN = "is a database of another application"
_LEFT_ALONE = "it is left as it is"
# https://sqlite.org/fileformat2.html, all in bytes.
_VERSION_OFFSET = 60  # in the first page
_WAL_HEADER, _FRAME_HEADER = 32, 24
_WAL_MAGIC = {0x377F0682: "<", 0x377F0683: ">"}  # byte order of the checksums


def refusal(path: Path, known_version: int, *, is_ours: bool) -> str | None:
    """Return why nothing could ever be written to this file; it raises nothing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"the folder {path.parent} cannot be made: {error.strerror}"
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return f"the folder {path.parent} cannot be written to"
    if path.exists() and not path.is_file():
        return f"{path} is not a file"
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        return f"the file {path} cannot be read and written"
    return content_refusal(path, known_version, is_ours=is_ours)


def content_refusal(path: Path, known_version: int, *, is_ours: bool) -> str | None:
    """Return why this file is to be left alone, whatever its folder allows: for a process that starts.

    A file that is no database is taken for a damaged store if `is_ours` (it was used as one before) or if it
    has the name of a database; otherwise the configuration names a file that is something else.
    """
    is_named_so = path.suffix in _DATABASE_SUFFIXES
    if not is_ours and not is_named_so and path.is_file() and not is_database(path):
        return f"{path} is no SQLite database: {_LEFT_ALONE}; name another file in store.url"
    found = file_refusal(path, known_version)
    # Where ours was used it has taken its place: it is set aside, whole, when a collector begins.
    return None if is_ours and found is not None and IS_FOREIGN in found else found


def is_database(path: Path) -> bool:
    """Return whether the file begins as databases do; an empty or missing one may become one."""
    try:
        with closing(_open_immutable(path)) as connection:
            schema_version(connection)
    except sqlite3.Error as error:
        return error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_NOTADB
    return True


def is_as_long_as_it_says(path: Path) -> bool:
    """Return whether the file has as many pages as its first one tells: it was not cut, or by rights."""
    try:
        with closing(_open_immutable(path)) as connection:
            schema_version(connection)  # SQLite compares both when it reads the first page
    except sqlite3.Error:
        return False
    return True


def file_refusal(path: Path, known_version: int) -> str | None:
    """Return why this file is not to be opened; `known_version` is the newest that this program knows.

    Where a write-ahead log lies beside the file, its tables may be in there: then only its version is checked
    here, and the rest by `database_refusal` once it is open.
    """
    try:
        if path.stat().st_size == 0:
            return None
        wal = _wal_of(path)
        with closing(_open_immutable(path)) as connection:
            version = schema_version(connection)
            if wal is None or version > known_version:
                return database_refusal(connection, path, known_version)
        newer = newer_version_in_wal(wal, known_version)
        return _newer_in_wal(path, newer, known_version) if newer is not None else None
    except (OSError, sqlite3.Error):
        return None  # opening it will show what is wrong with it


def database_refusal(connection: sqlite3.Connection, path: Path, known_version: int) -> str | None:
    """Return why an open file is not to be used."""
    with _one_snapshot(connection):
        version = schema_version(connection)
        if version > known_version:
            return too_new(path, version, readable_from(connection), known_version)
        columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(records)")}
        is_empty = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    if version < 0 or not (columns >= _COLUMNS or (version == 0 and is_empty)):
        return f"{path} {IS_FOREIGN}: {_LEFT_ALONE}; name another file in store.url"
    return None


def _open_immutable(path: Path) -> sqlite3.Connection:
    # To read it with `open` and to close it would release SQLite's POSIX locks on it in this process.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


@contextmanager
def _one_snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Read one state of the file, though another process may be creating the tables."""
    is_within_another = connection.in_transaction
    if is_within_another:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _newer_in_wal(path: Path, version: int, known_version: int) -> str | None:
    """Return the refusal of a file whose write-ahead log brings a newer version, which SQLite can read."""
    if not path.with_name(f"{path.name}-shm").exists():  # it would be made
        return too_new(path, version, version, known_version)
    with closing(open_read_only(path)) as connection:
        return too_new(path, version, readable_from(connection), known_version)


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open a file that is not to be written, with its write-ahead log."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )


def only_read(path: Path, version: int, known_version: int) -> str:
    """Return why a file of a newer version that can be read is not written."""
    return (
        f"{path} is of version {version}, and this portal-widgets knows versions up to {known_version}:"
        " it is read, and not written; run the newer portal-widgets to collect"
    )


def too_new(path: Path, version: int, readable: int, known_version: int) -> str | None:
    """Return why a file of a newer version cannot be used; None where it can be read."""
    if readable <= known_version:
        return None
    return (
        f"{path} is of version {version}, and this portal-widgets knows versions up to {known_version}:"
        f" {_LEFT_ALONE}; run the newer portal-widgets, or name another file in store.url"
    )


def _wal_of(path: Path) -> bytes | None:
    """Return the write-ahead log, unless it is empty."""
    try:
        wal = path.with_name(path.name + "-wal").read_bytes()  # SQLite holds no lock on this one
    except FileNotFoundError:
        return None
    return wal if len(wal) > _WAL_HEADER else None


def newer_version_in_wal(wal: bytes, known_version: int) -> int | None:
    """Return the schema version that a write-ahead log brings, if it is newer than `known_version`.

    The checksums, which show what was committed, are computed only where some frame has such a version.
    """
    order = _WAL_MAGIC.get(int.from_bytes(wal[:4], "big"))
    page_size = int.from_bytes(wal[8:12], "big")
    if order is None or page_size < _VERSION_OFFSET:
        return None
    frames = range(_WAL_HEADER, len(wal) - _FRAME_HEADER - page_size + 1, _FRAME_HEADER + page_size)
    if not any(_is_first_page(wal, at) and _version_at(wal, at) > known_version for at in frames):
        return None
    committed, pending = None, None
    sums = _checksum(wal[:24], order, (0, 0))
    for at in frames:
        header = wal[at : at + _FRAME_HEADER]
        sums = _checksum(header[:8], order, sums)
        sums = _checksum(wal[at + _FRAME_HEADER : at + _FRAME_HEADER + page_size], order, sums)
        if header[8:16] != wal[16:24] or struct.unpack(">II", header[16:24]) != sums:
            break  # left over from before a checkpoint, or torn
        if _is_first_page(wal, at):
            pending = _version_at(wal, at)
        if any(header[4:8]):  # a commit
            committed = pending
    return committed if committed is not None and committed > known_version else None


def _is_first_page(wal: bytes, at: int) -> bool:
    return wal[at : at + 4] == b"\0\0\0\1"


def _version_at(wal: bytes, at: int) -> int:
    start = at + _FRAME_HEADER + _VERSION_OFFSET
    return int.from_bytes(wal[start : start + 4], "big", signed=True)


def _checksum(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        one = (one + even + two) & 0xFFFFFFFF
        two = (two + odd + one) & 0xFFFFFFFF
    return one, two

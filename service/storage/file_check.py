"""Whether a file is a store that this version may open: told without a lock, and without a trace.

SQLite would make files beside it, and carry over into it what stands in its write-ahead log.
"""

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from service.storage.migrations import schema_version

_COLUMNS = {"key", "value", "checksum", "write"}  # of `records`, in every version
_VERSION_AT = 60  # in the file's first page
_LOG_HEADER, _FRAME_HEADER = 32, 24  # bytes
_LOG_MAGIC = {0x377F0682: "<", 0x377F0683: ">"}  # byte order of the checksums
_LEAVE = "it is left as it is"


def is_database(path: Path) -> bool:
    """Whether the file begins as databases do; an empty one, and none at all, may become one."""
    try:
        with closing(_at_rest(path)) as connection:
            schema_version(connection)
    except sqlite3.Error as error:
        return error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_NOTADB
    return True


def refusal_of(path: Path, newest: int) -> str | None:
    """Why this file is not to be opened, as a sentence; None when it may be, or is not there.

    `newest` is the newest version that is known. A damaged file is no reason. Where a write-ahead log lies
    beside the file its tables may be in there: then its version alone is judged, the rest once it is open.
    """
    try:
        if path.stat().st_size == 0:
            return None
        log = _log_of(path)
        with closing(_at_rest(path)) as connection:
            version = schema_version(connection)
            if log is None or version > newest:
                return judgement(connection, path, newest)
        logged = version_in_log(log, newest)
        return _newer(path, logged, newest) if logged is not None else None
    except (OSError, sqlite3.Error):
        return None  # whoever opens it will say what is wrong with it


def _at_rest(path: Path) -> sqlite3.Connection:
    """The file as it lies there. To read it otherwise and close it would free the locks SQLite has on it."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def judgement(connection: sqlite3.Connection, path: Path, newest: int) -> str | None:
    """The same of a file that is open."""
    with _one_view(connection):
        version = schema_version(connection)
        if version > newest:
            return _newer(path, version, newest)
        columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(records)")}
        is_empty = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    if version < 0 or not (columns >= _COLUMNS or (version == 0 and is_empty)):
        return f"{path} is a database of another application: {_LEAVE}; name another file in store.url"
    return None


@contextmanager
def _one_view(connection: sqlite3.Connection) -> Iterator[None]:
    """What is read within is of one moment, though another process may be making the tables."""
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


def _newer(path: Path, version: int, newest: int) -> str:
    return (
        f"{path} is of version {version}, and this portal-widgets knows versions up to {newest}: {_LEAVE};"
        " run the newer portal-widgets, or name another file in store.url"
    )


def _log_of(path: Path) -> bytes | None:
    """What lies beside the file and was not carried over into it."""
    try:
        log = path.with_name(path.name + "-wal").read_bytes()  # SQLite holds no lock on this one
    except FileNotFoundError:
        return None
    return log if len(log) > _LOG_HEADER else None


def version_in_log(log: bytes, newest: int) -> int | None:
    """The version that a write-ahead log brings, if that is above `newest`. https://sqlite.org/fileformat2.html.

    The checksums, which tell what was committed, are worked out only where some frame has such a version.
    """
    order = _LOG_MAGIC.get(int.from_bytes(log[:4], "big"))
    size = int.from_bytes(log[8:12], "big")
    if order is None or size < _VERSION_AT:
        return None
    frames = range(_LOG_HEADER, len(log) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size)
    if not any(_is_first_page(log, at) and _version_at(log, at) > newest for at in frames):
        return None
    found, pending = None, None
    sums = _checksum(log[:24], order, (0, 0))
    for at in frames:
        head = log[at : at + _FRAME_HEADER]
        sums = _checksum(
            log[at + _FRAME_HEADER : at + _FRAME_HEADER + size], order, _checksum(head[:8], order, sums)
        )
        if head[8:16] != log[16:24] or struct.unpack(">II", head[16:24]) != sums:
            break  # of an earlier round, or torn
        if _is_first_page(log, at):
            pending = _version_at(log, at)
        if any(head[4:8]):  # a commit
            found = pending
    return found if found is not None and found > newest else None


def _is_first_page(log: bytes, at: int) -> bool:
    return log[at : at + 4] == b"\0\0\0\1"


def _version_at(log: bytes, at: int) -> int:
    begin = at + _FRAME_HEADER + _VERSION_AT
    return int.from_bytes(log[begin : begin + 4], "big", signed=True)


def _checksum(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        one = (one + even + two) & 0xFFFFFFFF
        two = (two + odd + one) & 0xFFFFFFFF
    return one, two

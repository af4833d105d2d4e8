"""The store of one host: a SQLite file in WAL mode, written by the collector, read by every worker."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path

from service.domain.failures import StoreError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    key TEXT PRIMARY KEY, value BLOB, checksum BLOB NOT NULL, write INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_by_write ON records (write);
"""
_KEYS_IN_ONE_QUERY = 500
_BUSY_SECONDS = 5.0


class SqliteStore:
    """Implements the `Store` port; safe for many threads and processes, and across a fork.

    A forgotten record stays as an empty row, so that its write is seen by whoever asks what changed.
    """

    def __init__(self, path: Path) -> None:
        """Name the file; it is opened, and made with its folder, at first use."""
        self.path = path
        self._local = threading.local()

    def read(self, keys: Sequence[str]) -> dict[str, bytes]:
        """See the port."""
        found: dict[str, bytes] = {}
        with self._connection() as connection:
            for start in range(0, len(keys), _KEYS_IN_ONE_QUERY):
                some = keys[start : start + _KEYS_IN_ONE_QUERY]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, value, checksum FROM records WHERE key IN ({marks})"  # noqa: S608 - marks only
                found |= {
                    key: value
                    for key, value, checksum in connection.execute(query, some)
                    if value is not None and checksum == _checksum(key, value)
                }
        return found

    def keep(self, records: Mapping[str, bytes]) -> None:
        """See the port."""
        self._write([(key, value, _checksum(key, value)) for key, value in records.items()])

    def forget(self, keys: Sequence[str]) -> None:
        """See the port."""
        self._write([(key, None, b"") for key in keys])

    def keys(self, prefix: str) -> list[str]:
        """See the port."""
        query = "SELECT key FROM records WHERE key >= ? AND key < ? AND value IS NOT NULL ORDER BY key"
        with self._connection() as connection:
            return [key for (key,) in connection.execute(query, (prefix, prefix + "\U0010ffff"))]

    def last_write(self) -> int:
        """See the port."""
        with self._connection() as connection:
            return int(connection.execute("SELECT coalesce(max(write), 0) FROM records").fetchone()[0])

    def written_since(self, number: int) -> list[str]:
        """See the port."""
        query = "SELECT key FROM records WHERE write > ? ORDER BY key"
        with self._connection() as connection:
            return [key for (key,) in connection.execute(query, (number,))]

    def close(self) -> None:
        """Close this thread's connection."""
        opened = getattr(self._local, "opened", None)
        self._local.opened = None
        if opened is not None:
            opened[1].close()

    def set_aside_if_damaged(self) -> Path | None:
        """Move a file that SQLite cannot use out of the way, and say where; for the one who holds the lock.

        Nothing is deleted. Workers notice the new file at their next read.
        """
        try:
            with self._connection() as connection:
                if connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok":
                    return None
        except StoreError as error:
            if not isinstance(error.__cause__, sqlite3.DatabaseError) or isinstance(
                error.__cause__, sqlite3.OperationalError
            ):
                raise
        self.close()
        return _moved_aside(self.path)

    def _write(self, rows: Sequence[tuple[str, bytes | None, bytes]]) -> None:
        if not rows:
            return
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                number = connection.execute("SELECT coalesce(max(write), 0) + 1 FROM records").fetchone()[0]
                connection.executemany(
                    "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", [(*row, number) for row in rows]
                )
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._opened()
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise StoreError(f"the store {self.path} cannot be used: {error}") from error

    def _opened(self) -> sqlite3.Connection:
        """This thread's connection: opened anew after a fork, and when the file was replaced."""
        opened = getattr(self._local, "opened", None)
        if opened is not None and opened[0] == self._identity():
            connection: sqlite3.Connection = opened[1]
            return connection
        self._local.opened = None  # a connection from before a fork is the parent's: left, not closed
        connection = self._open()
        self._local.opened = (self._identity(), connection)
        return connection

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(_SCHEMA)
                connection.execute("PRAGMA user_version = 1")
        except BaseException:
            connection.close()
            raise
        return connection

    def _identity(self) -> tuple[int, int, int]:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return (os.getpid(), 0, 0)
        return (os.getpid(), status.st_dev, status.st_ino)


def _checksum(key: str, value: bytes) -> bytes:
    """Over key and value: SQLite notices almost no flipped bit inside a value."""
    return blake2b(key.encode() + b"\0" + value, digest_size=8).digest()


def _moved_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)
        connection.execute("PRAGMA user_version = 1")
    return aside

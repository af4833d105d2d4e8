"""The store of one host: a SQLite file in WAL mode, written by the collector, read by every worker.

While the file fails, `fallback.StaleOnErrorStore` goes on reading from memory.
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import chain, count
from pathlib import Path
from time import monotonic, sleep

from service.core.errors import StoreError, StoreForeignError, StoreRefusedError
from service.storage import file_check
from service.storage.connections import Connections, Identity, LengthMonitor, Opened
from service.storage.failure_log import Access, FailureLog, explain, is_damage
from service.storage.migrations import STEPS, Step, migrate
from service.storage.takedowns import TakedownFile

_KEYS_PER_QUERY = 500
PATIENCE = 5.0  # seconds, for the locks of others
_SHORT_PATIENCE = 0.05  # likewise, of one that only asks
READERS_PATIENCE = 0.04  # likewise, of readers, who have an answer from memory
_TRIED = "tried/write"  # a key
_WAL_RETRY = 0.02  # seconds
_OPEN_ATTEMPTS = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Write:
    """A transaction and the number of its write. Other tables of the same file may take part in it."""

    connection: sqlite3.Connection
    number: int

    def put(self, rows: Iterable[tuple[str, bytes | None, bytes]]) -> None:
        """Write keys, values and checksums of records; a value of None deletes the record."""
        self.connection.executemany(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", [(*row, self.number) for row in rows]
        )

    def mark(self, keys: Iterable[str]) -> None:
        """Mark keys as written whose values are in another table, for `written_since`."""
        self.put((key, None, b"") for key in sorted(keys))

    def remove_marks(self, keys: Iterable[str]) -> None:
        """Remove marks that are so old that every reader has seen them."""
        self.connection.executemany(
            "DELETE FROM records WHERE key = ? AND value IS NULL", [(key,) for key in keys]
        )


class SqliteStore:
    """Implements the `Store` port; safe for many threads and processes, and across a fork.

    A deleted record remains as an empty row, so that `written_since` includes it.

    The first process that opens a file of an earlier version migrates it. A file of a later version, or of
    another application, is neither opened nor written: every method raises StoreRefusedError, also when the
    file is replaced by such a one while in use.
    """

    def __init__(self, path: Path, steps: Sequence[Step] = STEPS, patience: float = PATIENCE) -> None:
        """Make a store over this file, which is opened (and created, with its folder) at the first use.

        `patience` is for how many seconds reading waits for the locks of others.
        """
        self.path, self.takedowns = path, TakedownFile(path)
        self.failure_log: FailureLog | None = None  # without one, failures are only raised
        self.on_error: Callable[[Access], None] = lambda _access: None
        self._steps = steps
        self._refused = False
        self._checked: Identity | None = None  # the file that is one of ours
        self._length = LengthMonitor()
        self._patience = patience
        self._connections = Connections(self._find)

    def read(self, keys: Sequence[str]) -> dict[str, bytes]:
        return {key: value for key, value in self.look_up(keys).items() if value is not None}

    def look_up(self, keys: Sequence[str]) -> dict[str, bytes | None]:
        """Return the records; None for a deleted one. Those that were never written, or are damaged, lack."""
        found: dict[str, bytes | None] = {}
        with self._connection() as connection:
            for start in range(0, len(keys), _KEYS_PER_QUERY):
                some = keys[start : start + _KEYS_PER_QUERY]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, value, checksum FROM records WHERE key IN ({marks})"  # noqa: S608 - marks only
                found |= {
                    key: value
                    for key, value, stored_checksum in connection.execute(query, some)
                    if value is None or stored_checksum == checksum(key, value)
                }
        return found

    def lacks(self, keys: Sequence[str]) -> bool:
        """Return whether one of these records was never written, or is damaged; deleted ones are there."""
        return len(self.look_up(keys)) < len(set(keys))

    def write(self, records: Mapping[str, bytes]) -> None:
        self._put([(key, value, checksum(key, value)) for key, value in records.items()])

    def delete(self, keys: Sequence[str]) -> None:
        self._put([(key, None, b"") for key in keys])

    def _put(self, rows: Sequence[tuple[str, bytes | None, bytes]]) -> None:
        if not rows:
            return
        with self.writing() as write:
            write.put(rows)

    def keys(self, prefix: str) -> list[str]:
        query = "SELECT key FROM records WHERE key >= ? AND key < ? AND value IS NOT NULL ORDER BY key"
        with self._connection() as connection:
            return [key for (key,) in connection.execute(query, (prefix, prefix + "\U0010ffff"))]

    def origin(self) -> int:
        with self._connection() as connection:  # a random number in the file: an inode may be used again
            return int(connection.execute("PRAGMA application_id").fetchone()[0])

    def last_write(self) -> int:
        with self._connection() as connection:
            return int(connection.execute("SELECT coalesce(max(write), 0) FROM records").fetchone()[0])

    def written_since(self, number: int) -> list[str]:
        query = "SELECT key FROM records WHERE write > ? ORDER BY key"
        with self._connection() as connection:
            return [key for (key,) in connection.execute(query, (number,))]

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield this thread's connection, for other tables; what fails in the block raises StoreError."""
        with self._connection() as connection:
            yield connection

    @contextmanager
    def writing(self, patience: float = PATIENCE) -> Iterator[Write]:
        """Yield a write of records and other tables, which is committed as a whole or not at all."""
        with self._connection(Access.WRITE, patience) as connection:
            if (version := _version(connection)) > len(self._steps):
                self._raise_if(file_check.only_read(self.path, version, len(self._steps)))
            connection.execute("BEGIN IMMEDIATE")
            try:
                if (version := _version(connection)) != len(self._steps):
                    self._raise_if(file_check.database_refusal(connection, self.path, len(self._steps)))
                    self._raise_if(file_check.only_read(self.path, version, len(self._steps)))
                number = connection.execute("SELECT coalesce(max(write), 0) + 1 FROM records").fetchone()[0]
                yield Write(connection, number)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk has rolled it back already
                    connection.execute("ROLLBACK")
                raise

    def try_write(self) -> None:
        """Write a record that nobody reads, to find out whether writing is possible; wait for nobody long.

        Raises:
            StoreError: when it is not.
        """
        with self.writing(_SHORT_PATIENCE) as write:
            write.put([(_TRIED, b"", checksum(_TRIED, b""))])

    def close(self) -> None:
        """Close the connections of all threads; one in use is closed after it."""
        self._connections.close()

    def is_damaged(self) -> bool:
        """Return whether SQLite cannot use the file, or it is that of another application.

        Raises:
            StoreError: when the file cannot be opened at all, or is of a newer version.
        """
        try:
            with self._connection() as connection:
                return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
        except StoreForeignError:
            if not self._is_collected():
                raise
            return True
        except StoreError as error:
            if not is_damage(error.__cause__):
                raise
        return True

    def set_aside_if_damaged(self, at: datetime | None = None) -> Path | None:
        """Rename a damaged file and return its new path, or None for a sound one.

        Only the process that holds the collector's lock may do so. Nothing is deleted. Workers notice the new
        file at their next read. `at` is the time that its new name has.
        """
        return self.set_aside(at) if self.is_damaged() else None

    def set_aside(self, at: datetime | None = None) -> Path:
        """Rename the file, which is known to be damaged, begin a new one, and return the new path."""
        self.close()
        told = f"damaged-{at:%Y%m%dT%H%M%SZ}" if at else "damaged"
        names = (f"{self.path.name}.{told}{suffix}" for suffix in chain([""], map("-{}".format, count(2))))
        aside = next(path for name in names if not (path := self.path.with_name(name)).exists())
        # The write-ahead log goes first: beside a new, empty file SQLite would delete it.
        for suffix in ("-wal", "-shm", ""):
            part = self.path.with_name(self.path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        self.last_write()  # creates the new file
        return aside

    def write_refusal(self) -> str | None:
        """Return why the file is read only: it is of a newer version; None also while it cannot be read."""
        with suppress(StoreError), self._connection() as connection:
            if (version := _version(connection)) > len(self._steps):
                return file_check.only_read(self.path, version, len(self._steps))
        return None

    def refusal(self, *, is_ours: bool = True) -> str | None:
        """Return a sentence why this file cannot be used, or None; see `file_check`."""
        return file_check.refusal(self.path, len(self._steps), is_ours=is_ours)

    def content_refusal(self, *, is_ours: bool) -> str | None:
        """Return a sentence why this file is to be left alone, or None; see `file_check`."""
        return file_check.content_refusal(self.path, len(self._steps), is_ours=is_ours)

    @contextmanager
    def _connection(
        self, access: Access = Access.READ, patience: float | None = None
    ) -> Iterator[sqlite3.Connection]:
        try:
            with self._connections.lent(self._patience if patience is None else patience) as connection:
                self._log_refusal("")
                yield connection
        except StoreRefusedError as error:
            self.on_error(access)
            self._log_refusal(str(error))
            if isinstance(error, StoreForeignError):
                self._tell_of_damage()
            raise
        except (sqlite3.Error, OSError) as error:
            self.on_error(access)
            if is_damage(error):
                self.close()
                self._tell_of_damage()
            explanation = explain(self.path, error)
            if self.failure_log is not None:
                self.failure_log.failed(access, explanation, error)
            raise StoreError(explanation) from error
        if self.failure_log is not None and self.failure_log.pending:
            self.failure_log.succeeded(access)

    @property
    def damage_mark(self) -> Path:
        """The file by which whoever meets damage tells the supervisor of the collector of it."""
        return self.path.with_name(f"{self.path.name}.damage-met")

    def _tell_of_damage(self) -> None:
        with suppress(OSError):  # then the collector itself meets it, sooner or later
            if self._is_collected():
                self.damage_mark.touch()

    def _is_collected(self) -> bool:
        """Return whether a collector ever used this file: its lock is beside it."""
        return self.path.with_name(f"{self.path.name}.lock").exists()

    def _raise_if(self, refusal: str | None) -> None:
        if refusal is not None:
            raise (StoreForeignError if file_check.IS_FOREIGN in refusal else StoreRefusedError)(refusal)

    def _log_refusal(self, refusal: str) -> None:
        """Log once when a refusal begins, and once when it is over."""
        if bool(refusal) != self._refused:
            self._refused = bool(refusal)
            log.error("%s", refusal or f"the store {self.path} can be used again")

    def _find(self, idle: list[Opened]) -> Opened:
        """Return a connection to the file as it is now: an idle one, or a new one."""
        identity = self._identity()
        while idle:
            opened = idle.pop()
            if opened.identity == identity and _version(opened.connection) == opened.version:
                return opened
            opened.connection.close()
        for _ in range(_OPEN_ATTEMPTS):
            identity = self._identity()
            connection = self._open(identity)
            if identity == self._identity():  # else it is new, or was replaced meanwhile
                break
            connection.close()
        if self.failure_log is not None:
            self.failure_log.opened(identity[1:3])
        return Opened(connection, identity, _version(connection))

    def _open(self, identity: Identity) -> sqlite3.Connection:
        if identity != self._checked:  # once for all threads
            self._raise_if(file_check.file_refusal(self.path, len(self._steps)))
            self._checked = identity
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self.path, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            if (version := _version(connection)) != len(self._steps):
                self._raise_if(file_check.database_refusal(connection, self.path, len(self._steps)))
            if version > len(self._steps):  # which can be read
                connection.close()
                return file_check.open_read_only(self.path)
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):  # a new file, or a copy
                _switch_to_wal(connection, self._patience)
            if _version(connection) != len(self._steps):
                migrate(connection, self._steps)
                # Bring the version into the file itself, where an older program looks for it.
                connection.execute("PRAGMA wal_checkpoint")
        except BaseException:
            connection.close()
            raise
        return connection

    def _identity(self) -> Identity:
        try:
            status = self.path.stat()
            generation = self._length.generation(status, self.path.stat, self._is_complete)
        except FileNotFoundError:
            return (os.getpid(), 0, 0, 0)
        return (os.getpid(), status.st_dev, status.st_ino, generation)

    def _is_complete(self) -> bool:
        """Return whether the shorter file is as long as it says, as after VACUUM."""
        return file_check.is_as_long_as_it_says(self.path)


def checksum(key: str, value: bytes) -> bytes:
    """Return a checksum over key and value: SQLite notices almost no flipped bit inside a value."""
    return blake2b(key.encode() + b"\0" + value, digest_size=8).digest()


def _version(connection: sqlite3.Connection) -> int:
    """Return how many of the steps of `migrations` the file has taken."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _switch_to_wal(connection: sqlite3.Connection, patience: float) -> None:
    """Switch to WAL mode. Other processes may do so at once, for which SQLite's own timeout does not wait."""
    ends = monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > ends:
                raise
            sleep(_WAL_RETRY)

"""The store of one host: a SQLite file in WAL mode, written by the collector, read by every worker.

While the file fails, `StaleOnErrorStore` goes on reading from memory.
"""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from time import monotonic, sleep

from cachetools import LRUCache

from service.core.errors import StoreError, StoreRefusedError
from service.core.ports import Store
from service.storage import file_check
from service.storage.failure_log import Access, FailureLog, TruncatedError, explain, is_damage
from service.storage.migrations import STEPS, Step, migrate
from service.storage.takedowns import TakedownFile

_KEYS_PER_QUERY = 500
_BUSY_TIMEOUT = 5.0  # seconds
_SHORT_BUSY_TIMEOUT = 300  # milliseconds
_TRIED = "tried/write"  # a key
_WAL_RETRY = 0.02  # seconds
_OPEN_ATTEMPTS = 5

_Identity = tuple[int, int, int, int]  # process, device, inode, and how often the file was shortened

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

    def __init__(self, path: Path, steps: Sequence[Step] = STEPS) -> None:
        """Make a store over this file, which is opened (and created, with its folder) at the first use."""
        self.path, self.takedowns = path, TakedownFile(path)
        self.failure_log: FailureLog | None = None  # without one, failures are only raised
        self.on_error: Callable[[Access], None] = lambda _access: None
        self._steps = steps
        self._refused = False
        self._checked: _Identity | None = None  # the file that is one of ours
        self._length = LengthMonitor()
        self._local = threading.local()
        self._inherited: list[sqlite3.Connection] = []  # never closed: SQLite forbids it after a fork

    def read(self, keys: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        with self._connection() as connection:
            for start in range(0, len(keys), _KEYS_PER_QUERY):
                some = keys[start : start + _KEYS_PER_QUERY]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, value, checksum FROM records WHERE key IN ({marks})"  # noqa: S608 - marks only
                found |= {
                    key: value
                    for key, value, stored_checksum in connection.execute(query, some)
                    if value is not None and stored_checksum == checksum(key, value)
                }
        return found

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
    def writing(self) -> Iterator[Write]:
        """Yield a write of records and other tables, which is committed as a whole or not at all."""
        with self._connection(Access.WRITE) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                if _version(connection) != len(self._steps):
                    self._raise_if(file_check.database_refusal(connection, self.path, len(self._steps)))
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
        with self._connection() as connection:
            connection.execute(f"PRAGMA busy_timeout = {_SHORT_BUSY_TIMEOUT}")
        try:
            self.write({_TRIED: b""})
        finally:
            self.close()  # the next connection waits as usual

    def close(self) -> None:
        """Close this thread's connection."""
        opened = getattr(self._local, "opened", None)
        self._local.opened = None
        if opened is not None:
            opened[1].close()

    def is_damaged(self) -> bool:
        """Return whether SQLite cannot use the file.

        Raises:
            StoreError: when the file cannot be opened at all.
        """
        try:
            with self._connection() as connection:
                return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
        except StoreError as error:
            if not is_damage(error.__cause__):
                raise
        return True

    def set_aside_if_damaged(self) -> Path | None:
        """Rename a damaged file and return its new path, or None for a sound one.

        Only the process that holds the collector's lock may do so. Nothing is deleted. Workers notice the new
        file at their next read.
        """
        return self.set_aside() if self.is_damaged() else None

    def set_aside(self) -> Path:
        """Rename the file, which is known to be damaged, begin a new one, and return the new path."""
        self.close()
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.damaged-{number}")).exists():
            number += 1
        # The write-ahead log goes first: beside a new, empty file SQLite would delete it.
        for suffix in ("-wal", "-shm", ""):
            part = self.path.with_name(self.path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        self.last_write()  # creates the new file
        return aside

    def refusal(self, *, is_ours: bool = True) -> str | None:
        """Return a sentence why this file cannot be used, or None; see `file_check`."""
        return file_check.refusal(self.path, len(self._steps), is_ours=is_ours)

    def content_refusal(self, *, is_ours: bool) -> str | None:
        """Return a sentence why this file is to be left alone, or None; see `file_check`."""
        return file_check.content_refusal(self.path, len(self._steps), is_ours=is_ours)

    @contextmanager
    def _connection(self, access: Access = Access.READ) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._opened()
            self._log_refusal("")
            yield connection
        except StoreRefusedError as error:
            self.on_error(access)
            self.close()
            self._log_refusal(str(error))
            raise
        except (sqlite3.Error, OSError) as error:
            self.on_error(access)
            self.close()
            explanation = explain(self.path, error)
            if self.failure_log is not None:
                self.failure_log.failed(access, explanation, error)
            raise StoreError(explanation) from error
        if self.failure_log is not None and self.failure_log.pending:
            self.failure_log.succeeded(access)

    def _raise_if(self, refusal: str | None) -> None:
        if refusal is not None:
            raise StoreRefusedError(refusal)

    def _log_refusal(self, refusal: str) -> None:
        """Log once when a refusal begins, and once when it is over."""
        if bool(refusal) != self._refused:
            self._refused = bool(refusal)
            log.error("%s", refusal or f"the store {self.path} can be used again")

    def _opened(self) -> sqlite3.Connection:
        """Return this thread's connection: a new one after a fork, or for a replaced or migrated file."""
        opened: tuple[_Identity, sqlite3.Connection] | None = getattr(self._local, "opened", None)
        if opened is not None:
            identity, connection = opened
            if identity == self._identity() and _version(connection) == len(self._steps):
                return connection
            if identity[0] != os.getpid():
                self._inherited.append(connection)
                self._local.opened = None
        self.close()
        for _ in range(_OPEN_ATTEMPTS):
            identity = self._identity()
            connection = self._open(identity)
            if identity == self._identity():  # else it is new, or was replaced meanwhile
                break
            connection.close()
        self._local.opened = (identity, connection)
        if self.failure_log is not None:
            self.failure_log.opened(identity[1:3])
        return connection

    def _open(self, identity: _Identity) -> sqlite3.Connection:
        if identity != self._checked:  # once for all threads
            self._raise_if(file_check.file_refusal(self.path, len(self._steps)))
            self._checked = identity
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=_BUSY_TIMEOUT, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            if _version(connection) != len(self._steps):
                self._raise_if(file_check.database_refusal(connection, self.path, len(self._steps)))
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):  # a new file, or a copy
                _switch_to_wal(connection)
            if _version(connection) != len(self._steps):
                migrate(connection, self._steps)
                # Bring the version into the file itself, where an older program looks for it.
                connection.execute("PRAGMA wal_checkpoint")
        except BaseException:
            connection.close()
            raise
        return connection

    def _identity(self) -> _Identity:
        try:
            status = self.path.stat()
            generation = self._length.generation(status, self.path.stat, self._is_complete)
        except FileNotFoundError:
            return (os.getpid(), 0, 0, 0)
        return (os.getpid(), status.st_dev, status.st_ino, generation)

    def _is_complete(self) -> bool:
        """Return whether the file and its write-ahead log are a complete database."""
        try:
            with closing(sqlite3.connect(self.path, timeout=_BUSY_TIMEOUT)) as connection:
                return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                return False
            raise


def checksum(key: str, value: bytes) -> bytes:
    """Return a checksum over key and value: SQLite notices almost no flipped bit inside a value."""
    return blake2b(key.encode() + b"\0" + value, digest_size=8).digest()


def _version(connection: sqlite3.Connection) -> int:
    """Return how many of the steps of `migrations` the file has taken."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL mode. Other processes may do so at once, for which SQLite's own timeout does not wait."""
    ends = monotonic() + _BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > ends:
                raise
            sleep(_WAL_RETRY)


_MAX_RECORDS = 2_000


class LengthMonitor:
    """Notices that a file in use was cut short, before SQLite goes on with the rest of it. Thread-safe.

    SQLite itself notices when it reads a page that is missing, which may be much later: until then it goes on
    with its cache and the write-ahead log. It takes an empty file for a new one, whose log it deletes.
    """

    def __init__(self) -> None:
        self._file: tuple[int, int] = (0, 0)  # device and inode
        self._length = self._generation = 0
        self._incomplete: tuple[int, int] | None = None  # length and mtime that were last found incomplete
        self._lock = threading.Lock()

    def generation(
        self,
        status: os.stat_result,
        look_again: Callable[[], os.stat_result],
        is_complete: Callable[[], bool],
    ) -> int:
        """Return a number that changes when the file was shortened regularly, as by VACUUM.

        Args:
            status: of the file a moment ago.
            look_again: returns its status now: another thread may have seen a longer file since.
            is_complete: asks SQLite whether the shorter file is complete; called once for each state of it.

        Raises:
            TruncatedError: when it is not.
        """
        file = (status.st_dev, status.st_ino)
        if file == self._file and status.st_size == self._length:  # nearly always so
            return self._generation
        with self._lock:
            status = look_again()
            file = (status.st_dev, status.st_ino)
            if file != self._file:
                self._file, self._length, self._incomplete = file, 0, None
            if self._incomplete is None and status.st_size >= self._length:
                self._length = status.st_size
                return self._generation
            state = (status.st_size, status.st_mtime_ns)
            if state == self._incomplete or status.st_size == 0 or not is_complete():
                self._incomplete = state
                raise TruncatedError(f"it has {status.st_size} bytes, and had {self._length}")
            self._length, self._incomplete = status.st_size, None
            self._generation += 1
            return self._generation


class StaleOnErrorStore:
    """Wraps a store and returns the records that were last read of it while the store itself fails."""

    def __init__(
        self, store: Store, max_records: int = _MAX_RECORDS, on_fallback: Callable[[], None] = lambda: None
    ) -> None:
        """Remember at most `max_records`; `on_fallback` is called before records are returned from memory."""
        self._store, self._on_fallback = store, on_fallback
        self._memory: LRUCache[str, bytes | None] = LRUCache(max_records)
        self._lock = threading.Lock()  # cachetools' caches are not thread-safe

    def read(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the records from the store, or from memory when it fails.

        Raises:
            StoreError: when it fails and one of the keys was never read.
        """
        try:
            found = self._store.read(keys)
        except StoreError as error:
            return self._from_memory(keys, error)
        with self._lock:
            for key in keys:
                self._memory[key] = found.get(key)
        return found

    def _from_memory(self, keys: Sequence[str], error: StoreError) -> dict[str, bytes]:
        self._on_fallback()
        with self._lock:
            if any(key not in self._memory for key in keys):
                raise error
            known = {key: self._memory[key] for key in keys}
        return {key: value for key, value in known.items() if value is not None}

    def write(self, records: Mapping[str, bytes]) -> None:
        self._store.write(records)

    def delete(self, keys: Sequence[str]) -> None:
        self._store.delete(keys)

    def keys(self, prefix: str) -> list[str]:
        return self._store.keys(prefix)

    def origin(self) -> int:
        return self._store.origin()

    def last_write(self) -> int:
        return self._store.last_write()

    def written_since(self, number: int) -> list[str]:
        return self._store.written_since(number)

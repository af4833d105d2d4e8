"""The store of one host: a SQLite file in WAL mode, written by the collector, read by every worker."""

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path
from time import monotonic, sleep

from service.core.errors import StoreError, StoreRefusedError
from service.storage import file_check
from service.storage.length import Length
from service.storage.migrations import STEPS, Step, migrate, schema_version
from service.storage.trouble import TroubleLog, Use, explained, is_damage
from service.storage.write import Write

_KEYS_IN_ONE_QUERY = 500
_BUSY_SECONDS = 5.0
_BETWEEN_TRIES = 0.02  # seconds
_TRIES = 5

_DATABASES = {".sqlite3", ".sqlite", ".db"}  # how they are named

_Identity = tuple[int, int, int, int]  # process, device, inode, and how often it was made shorter

log = logging.getLogger(__name__)


class SqliteStore:
    """Implements the `Store` port; safe for many threads and processes, and across a fork.

    A forgotten record stays as an empty row, so that its write is seen by whoever asks what changed.

    A file of an earlier version is brought to this one by whoever opens it first. One of a later version, or
    of another application, is neither opened nor written: every method raises StoreRefusedError, also when it
    becomes such a file under us.
    """

    def __init__(self, path: Path, steps: Sequence[Step] = STEPS) -> None:
        """Name the file; it is opened, and made with its folder, at first use."""
        self.path = path
        self._steps = steps
        self._refused = False
        self.trouble: TroubleLog | None = None  # where failures are logged; who has none logs them himself
        self._length = Length()
        self._local = threading.local()
        self._of_the_parent: list[
            sqlite3.Connection
        ] = []  # never closed here: SQLite forbids it after a fork

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
                    for key, value, kept_sum in connection.execute(query, some)
                    if value is not None and kept_sum == checksum(key, value)
                }
        return found

    def keep(self, records: Mapping[str, bytes]) -> None:
        """See the port."""
        self._write([(key, value, checksum(key, value)) for key, value in records.items()])

    def forget(self, keys: Sequence[str]) -> None:
        """See the port."""
        self._write([(key, None, b"") for key in keys])

    def keys(self, prefix: str) -> list[str]:
        """See the port."""
        query = "SELECT key FROM records WHERE key >= ? AND key < ? AND value IS NOT NULL ORDER BY key"
        with self._connection() as connection:
            return [key for (key,) in connection.execute(query, (prefix, prefix + "\U0010ffff"))]

    def origin(self) -> int:
        """See the port. A number drawn when the file was made: an inode may be used again."""
        with self._connection() as connection:
            return int(connection.execute("PRAGMA application_id").fetchone()[0])

    def last_write(self) -> int:
        """See the port."""
        with self._connection() as connection:
            return int(connection.execute("SELECT coalesce(max(write), 0) FROM records").fetchone()[0])

    def written_since(self, number: int) -> list[str]:
        """See the port."""
        query = "SELECT key FROM records WHERE write > ? ORDER BY key"
        with self._connection() as connection:
            return [key for (key,) in connection.execute(query, (number,))]

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, for tables beside the records; StoreError for what fails in it."""
        with self._connection() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Write]:
        """A write of the file, records and other tables alike: all of it is kept, or nothing."""
        with self._connection(Use.WRITING) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                if schema_version(connection) != len(self._steps):
                    self._refuse_if(file_check.judgement(connection, self.path, len(self._steps)))
                number = connection.execute("SELECT coalesce(max(write), 0) + 1 FROM records").fetchone()[0]
                yield Write(connection, number)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk has rolled it back already
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close this thread's connection."""
        opened = getattr(self._local, "opened", None)
        self._local.opened = None
        if opened is not None:
            opened[1].close()

    def is_damaged(self) -> bool:
        """Whether SQLite cannot use the file; StoreError where that cannot be told."""
        try:
            with self._connection() as connection:
                return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
        except StoreError as error:
            if not is_damage(error.__cause__):
                raise
        return True

    def set_aside_if_damaged(self) -> Path | None:
        """Move a file that SQLite cannot use out of the way, and say where; for the one who holds the lock.

        Nothing is deleted. Workers notice the new file at their next read.
        """
        return self.set_aside() if self.is_damaged() else None

    def set_aside(self) -> Path:
        """Move the file out of the way and begin a new one, for who knows that it is damaged."""
        self.close()
        aside = _moved_aside(self.path)
        self.last_write()  # the new file
        return aside

    def refusal(self, *, is_ours: bool = True) -> str | None:
        """Why nothing could ever be written to this file, as a sentence; None when it can be.

        Raises nothing; a damaged file is no reason, for it will be set aside.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return f"the folder {self.path.parent} cannot be made: {error.strerror}"
        if not os.access(self.path.parent, os.W_OK | os.X_OK):
            return f"the folder {self.path.parent} cannot be written to"
        if self.path.exists() and not self.path.is_file():
            return f"{self.path} is not a file"
        if self.path.exists() and not os.access(self.path, os.R_OK | os.W_OK):
            return f"the file {self.path} cannot be read and written"
        return self.refusal_of_content(is_ours=is_ours)

    def refusal_of_content(self, *, is_ours: bool) -> str | None:
        """Why this file is not to be touched, whatever its folder allows: for a process that begins.

        What is no database at all is a damaged store if `is_ours` (it was used as one before), or if it is
        named as databases are; else somebody named a file that is something else.
        """
        supposed = is_ours or self.path.suffix in _DATABASES
        if not supposed and self.path.is_file() and not file_check.is_database(self.path):
            return f"{self.path} is no SQLite database: it is left as it is; name another file in store.url"
        return file_check.refusal_of(self.path, len(self._steps))

    def _write(self, rows: Sequence[tuple[str, bytes | None, bytes]]) -> None:
        if not rows:
            return
        with self.writing() as write:
            write.put(rows)

    @contextmanager
    def _connection(self, use: Use = Use.READING) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._opened()
            self._say_if_refused("")
            yield connection
        except StoreRefusedError as error:
            self.close()
            self._say_if_refused(str(error))
            raise
        except (sqlite3.Error, OSError) as error:
            self.close()
            sentence = explained(self.path, error)
            if self.trouble is not None:
                self.trouble.failed(use, sentence, error)
            raise StoreError(sentence) from error
        if self.trouble is not None:
            self.trouble.went_well(use)

    def _refuse_if(self, refusal: str | None) -> None:
        if refusal is not None:
            raise StoreRefusedError(refusal)

    def _say_if_refused(self, refusal: str) -> None:
        """Once when it begins, and once when it is over."""
        if bool(refusal) != self._refused:
            self._refused = bool(refusal)
            log.error("%s", refusal or f"the store {self.path} can be used again")

    def _opened(self) -> sqlite3.Connection:
        """This thread's connection: opened anew after a fork, and when the file was replaced or migrated."""
        opened: tuple[_Identity, sqlite3.Connection] | None = getattr(self._local, "opened", None)
        if (
            opened is not None
            and opened[0] == self._identity()
            and schema_version(opened[1]) == len(self._steps)
        ):
            return opened[1]
        if opened is not None and opened[0][0] != os.getpid():
            self._of_the_parent.append(opened[1])
            self._local.opened = None
        self.close()
        for _ in range(_TRIES):
            before, connection = self._identity(), self._open()
            if before == self._identity():  # else it is new, or was replaced meanwhile
                break
            connection.close()
        self._local.opened = (before, connection)
        if self.trouble is not None:
            self.trouble.opened(before[1:3])
        return connection

    def _open(self) -> sqlite3.Connection:
        self._refuse_if(file_check.refusal_of(self.path, len(self._steps)))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            if schema_version(connection) != len(self._steps):
                self._refuse_if(file_check.judgement(connection, self.path, len(self._steps)))
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):  # a new file, or a copy
                _go_over_to_wal(connection)
            if schema_version(connection) != len(self._steps):
                migrate(connection, self._steps)
                connection.execute("PRAGMA wal_checkpoint")  # so that the file itself says its version
        except BaseException:
            connection.close()
            raise
        return connection

    def _identity(self) -> _Identity:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return (os.getpid(), 0, 0, 0)
        generation = self._length.generation(status, self._is_sound)
        return (os.getpid(), status.st_dev, status.st_ino, generation)

    def _is_sound(self) -> bool:
        """Whether the file, with what its write-ahead log adds, is a whole database."""
        try:
            with closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS)) as connection:
                return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                return False
            raise


def checksum(key: str, value: bytes) -> bytes:
    """Over key and value: SQLite notices almost no flipped bit inside a value."""
    return blake2b(key.encode() + b"\0" + value, digest_size=8).digest()


def _go_over_to_wal(connection: sqlite3.Connection) -> None:
    """Several processes may be about it at once, and this alone does not wait for others by itself."""
    ends = monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > ends:
                raise
            sleep(_BETWEEN_TRIES)


def _moved_aside(path: Path) -> Path:
    """The write-ahead log goes first: beside a new, empty file SQLite would delete it."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside

"""Failures of the store's file: recognising damage, explaining them to operators, logging each once."""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from time import monotonic

# Seconds without a failure after which the store counts as well again.
_OVER_AFTER = 2.0
_DAMAGE_OVER_AFTER = 60.0  # a damaged page concerns only those who read that page
_ABOUT_DAMAGE = (
    "the collector moves it aside and begins a new one when it meets the damage; only a backup brings back"
    " what was in it"
)
_ABOUT_ANOTHER_FILE = (
    "it was moved, deleted or replaced; what the new one lacks is fetched again, as far as it can be"
)
_ABOUT_A_LOCK = (
    "another process has had it locked for seconds; end what else uses it, such as a copy or an SQLite shell"
)

log = logging.getLogger(__name__)


class TruncatedError(sqlite3.DatabaseError):
    """The file is shorter than it was, and the rest is not a complete database."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def is_damage(error: BaseException | None) -> bool:
    """Return whether SQLite cannot use the content of the file, so that trying again is of no use."""
    return _primary_code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _primary_code(error: BaseException | None) -> int:
    return int(getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_OK) & 0xFF


def explain(path: Path, error: sqlite3.Error | OSError) -> str:
    """Return a sentence for operators with the file, the cause and the remedy."""
    folder, user = path.parent, f"the user of this process (uid {os.geteuid()})"
    if isinstance(error, TruncatedError):
        explanation = f"it was cut short while in use ({error}); {_ABOUT_DAMAGE}"
    elif isinstance(error, OSError):
        explanation = f"{error.strerror or error}; let {user} enter and write to {folder}"
    else:
        explanations = {
            sqlite3.SQLITE_FULL: f"the disk is full; free some room in {folder}",
            sqlite3.SQLITE_READONLY: f"it cannot be written to; let {user} write to it and to {folder}",
            sqlite3.SQLITE_CANTOPEN: f"it cannot be opened; let {user} enter and write to {folder}",
            sqlite3.SQLITE_BUSY: _ABOUT_A_LOCK,
            sqlite3.SQLITE_LOCKED: _ABOUT_A_LOCK,
            sqlite3.SQLITE_CORRUPT: f"it is damaged ({error}); {_ABOUT_DAMAGE}",
            sqlite3.SQLITE_NOTADB: f"it is damaged ({error}); {_ABOUT_DAMAGE}",
            sqlite3.SQLITE_IOERR: f"the disk fails or takes no more ({error}); look at it and at its quota",
        }
        other = f"{error}; see whether it is the file that store.url means, and whether its disk is well"
        explanation = explanations.get(_primary_code(error), other)
    return f"the store {path} cannot be used: {explanation}"


class Access(Enum):
    """Reading and writing, which can fail apart from each other."""

    READ = "read"
    WRITE = "write"


class FailureLog:
    """Logs a line when a failure of the store begins and one when it is over. Thread-safe.

    Many readers meet the same failure; each cause is logged once, however often and in whatever access it
    occurs.
    """

    def __init__(
        self, path: Path, over_after: float | None = None, clock: Callable[[], float] = monotonic
    ) -> None:
        """Make a log for this file; `over_after` replaces the seconds after which a failure is over."""
        self._path, self._over_after, self._clock = path, over_after, clock
        self.pending: dict[str, _Failure] = {}  # by explanation; read without the lock, nearly always empty
        self._file: object = None
        self._lock = threading.Lock()

    def failed(self, access: Access, explanation: str, cause: BaseException) -> None:
        """Record a failure."""
        with self._lock:
            failure = self.pending.get(explanation)
            if failure is None:
                over_after = _DAMAGE_OVER_AFTER if is_damage(cause) else _OVER_AFTER
                if self._over_after is not None:
                    over_after = self._over_after
                failure = self.pending[explanation] = _Failure(over_after)
                log.warning("%s", explanation)
            failure.accesses.add(access)
            failure.last = self._clock()

    def succeeded(self, access: Access) -> None:
        """Record a success, which ends older failures of this access; needless while none is `pending`."""
        with self._lock:
            now = self._clock()
            for explanation, failure in list(self.pending.items()):
                if now - failure.last >= failure.over_after:
                    failure.accesses.discard(access)
                if not failure.accesses:
                    del self.pending[explanation]
            if not self.pending:
                log.warning("the store %s can be used again", self._path)

    def opened(self, file: object) -> None:
        """Record which file was opened; another one than before has replaced it."""
        with self._lock:
            if self._file not in {None, file}:
                self.pending.clear()
                log.warning("the store %s is another file than before: %s", self._path, _ABOUT_ANOTHER_FILE)
            self._file = file


class _Failure:
    def __init__(self, over_after: float) -> None:
        self.over_after, self.last = over_after, 0.0
        self.accesses: set[Access] = set()

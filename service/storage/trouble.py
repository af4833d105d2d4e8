"""A store that fails, told to whoever runs the service: what is wrong, where, and what to do about it."""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from time import monotonic

_SETTLED = 2.0  # seconds without a failure after which a store counts as well again
_DAMAGE_SETTLED = 60.0  # a damaged page fails whoever comes to it, and nobody else
_OF_DAMAGE = (
    "the collector moves it aside and begins a new one when it meets the damage; only a backup brings back"
    " what was in it"
)
_OF_ANOTHER_FILE = (
    "it was moved, deleted or replaced; what the new one lacks is fetched again, as far as it can be"
)
_OF_A_LOCK = (
    "another process has had it locked for seconds; end what else uses it, such as a copy or an SQLite shell"
)

log = logging.getLogger(__name__)


class Use(Enum):
    """What was tried."""

    READING = "read"
    WRITING = "written"


class CutShortError(sqlite3.DatabaseError):
    """The file is shorter than it was, and what remains is no whole database."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def is_damage(error: BaseException | None) -> bool:
    """Whether SQLite cannot use the content of the file, which trying again does not change."""
    return _code_of(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def explained(path: Path, error: sqlite3.Error | OSError) -> str:
    """The failure as a sentence for an operator: the file, the cause, the remedy."""
    return f"the store {path} cannot be used: {_explanation(path, error)}"


def _explanation(path: Path, error: sqlite3.Error | OSError) -> str:
    folder, user = path.parent, f"the user of this process (uid {os.geteuid()})"
    if isinstance(error, CutShortError):
        return f"it was cut short while in use ({error}); {_OF_DAMAGE}"
    if isinstance(error, OSError):
        return f"{error.strerror or error}; let {user} enter and write to {folder}"
    sentences = {
        sqlite3.SQLITE_FULL: f"the disk is full; free some room in {folder}",
        sqlite3.SQLITE_READONLY: f"it cannot be written to; let {user} write to it and to {folder}",
        sqlite3.SQLITE_CANTOPEN: f"it cannot be opened; let {user} enter and write to {folder}",
        sqlite3.SQLITE_BUSY: _OF_A_LOCK,
        sqlite3.SQLITE_LOCKED: _OF_A_LOCK,
        sqlite3.SQLITE_CORRUPT: f"it is damaged ({error}); {_OF_DAMAGE}",
        sqlite3.SQLITE_NOTADB: f"it is damaged ({error}); {_OF_DAMAGE}",
        sqlite3.SQLITE_IOERR: f"the disk fails or takes no more ({error}); look at it and at its quota",
    }
    other = f"{error}; see whether it is the file that store.url means, and whether its disk is well"
    return sentences.get(_code_of(error), other)


def _code_of(error: BaseException | None) -> int:
    return int(getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_OK) & 0xFF


class TroubleLog:
    """Writes one line for a failure of the store when it begins and one when it is over. Safe for threads.

    Many readers meet a failure; each cause is told once, however often and in whatever use it is met.
    """

    def __init__(
        self, path: Path, settled: float | None = None, clock: Callable[[], float] = monotonic
    ) -> None:
        """Nothing has failed yet; `settled` replaces the seconds after which a failure counts as over."""
        self._path, self._settled, self._clock = path, settled, clock
        self._failing: dict[str, _Failure] = {}
        self._file: object = None
        self._lock = threading.Lock()

    def failed(self, use: Use, sentence: str, cause: BaseException) -> None:
        """Hear of a failure."""
        with self._lock:
            known = self._failing.get(sentence)
            if known is None:
                settled = _DAMAGE_SETTLED if is_damage(cause) else _SETTLED
                known = self._failing[sentence] = _Failure(
                    self._settled if self._settled is not None else settled
                )
                log.warning("%s", sentence)
            known.uses.add(use)
            known.last = self._clock()

    def went_well(self, use: Use) -> None:
        """Hear that the store could be used so."""
        if not self._failing:  # looked at without the lock: nearly always so
            return
        with self._lock:
            now = self._clock()
            for sentence, failure in list(self._failing.items()):
                if now - failure.last >= failure.settled:
                    failure.uses.discard(use)
                if not failure.uses:
                    del self._failing[sentence]
            if not self._failing:
                log.warning("the store %s can be used again", self._path)

    def opened(self, file: object) -> None:
        """Hear which file was opened; another one than before was put in its place."""
        with self._lock:
            if self._file not in {None, file}:
                self._failing.clear()
                log.warning("the store %s is another file than before: %s", self._path, _OF_ANOTHER_FILE)
            self._file = file


class _Failure:
    def __init__(self, settled: float) -> None:
        self.settled, self.last = settled, 0.0
        self.uses: set[Use] = set()

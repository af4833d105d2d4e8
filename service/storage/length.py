"""Notices that a file which is in use was cut short, before SQLite is asked to go on with the rest of it.

SQLite itself notices when it comes to a page that is missing, which may be much later: until then it goes on
with what is in its cache and in the write-ahead log. An empty file is a new one to it, whose log it deletes.
"""

import os
import threading
from collections.abc import Callable

from service.storage.trouble import CutShortError

_Known = tuple[int, int]  # device and inode


class Length:
    """The length of one file over time. Safe for threads."""

    def __init__(self) -> None:
        """Nothing is known of it."""
        self._file: _Known = (0, 0)
        self._longest = self._generation = 0
        self._unsound: tuple[int, int] | None = None  # length and time of change of what was judged last
        self._lock = threading.Lock()

    def generation(self, status: os.stat_result, is_sound: Callable[[], bool]) -> int:
        """A number that changes when the file was made shorter by rights, as VACUUM does.

        Args:
            status: of the file as it is now.
            is_sound: asks SQLite whether the shorter file is whole; called once for each state of it.

        Raises:
            CutShortError: when it is not.
        """
        file = (status.st_dev, status.st_ino)
        if file == self._file and status.st_size == self._longest:  # nearly always so
            return self._generation
        with self._lock:
            if file != self._file:
                self._file, self._longest, self._unsound = file, 0, None
            if self._unsound is None and status.st_size >= self._longest:
                self._longest = status.st_size
                return self._generation
            self._judge(status, is_sound)
            return self._generation

    def _judge(self, status: os.stat_result, is_sound: Callable[[], bool]) -> None:
        state = (status.st_size, status.st_mtime_ns)
        if state != self._unsound and status.st_size > 0 and is_sound():
            self._longest, self._unsound = status.st_size, None
            self._generation += 1
            return
        self._unsound = state
        raise CutShortError(f"it has {status.st_size} bytes, and had {self._longest}")

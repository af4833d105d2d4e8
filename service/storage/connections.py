"""The connections of a process to the store's file, which all its threads share and change together.

SQLite's connections to one file share locks and memory within a process: one that is still open to a file
that was cut or replaced keeps others waiting. So idle ones are closed at once when the file is another one.
"""

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service.storage.failure_log import TruncatedError

Identity = tuple[int, int, int, int]  # process, device, inode, and how often the file was shortened

_MAX_IDLE = 8  # more than a worker has threads that render; beyond it a connection is closed after its use


@dataclass(eq=False, slots=True)
class Opened:
    """A connection with the file it was opened for, and how long it waits for the locks of others."""

    connection: sqlite3.Connection
    identity: Identity
    version: int  # of its schema
    patience: float | None = None  # seconds


class Connections:
    """Lends connections to threads; within a thread, a second loan is the same connection."""

    def __init__(self, find: Callable[[list[Opened]], Opened]) -> None:
        """`find` returns one of the idle connections, which it removes, or a new one."""
        self._find = find
        self._local = threading.local()
        self._reset()
        self._inherited: list[Opened] = []  # never closed: SQLite forbids it after a fork
        _all.add(self)

    def _reset(self) -> None:
        self._idle: list[Opened] = []
        self._lent: set[Opened] = set()
        self._lock = threading.Lock()
        self._generation = 0

    @contextmanager
    def lent(self, patience: float) -> Iterator[sqlite3.Connection]:
        """Lend a connection that waits so many seconds for the locks of others.

        It is closed when the block fails: whatever it is, the next one begins anew.
        """
        held: Opened | None = getattr(self._local, "held", None)
        if held is not None:
            yield held.connection
            return
        opened, generation = self._take()
        self._local.held = opened
        try:
            if opened.patience != patience:
                opened.connection.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
                opened.patience = patience
            yield opened.connection
        except BaseException:
            generation = -1
            raise
        finally:
            self._local.held = None
            self._give_back(opened, generation)

    def close(self) -> None:
        """Close all that are idle, and each of the others when its use ends."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._generation += 1
        for opened in idle:
            opened.connection.close()

    def _take(self) -> tuple[Opened, int]:
        with self._lock:
            idle, self._idle = self._idle, []  # this thread's alone while it looks
            generation = self._generation
        try:
            opened = self._find(idle)
        except BaseException:
            for one in idle:
                one.connection.close()
            raise
        with self._lock:
            self._lent.add(opened)
            stale: list[Opened] = []
            for one in idle:
                is_current = one.identity == opened.identity and generation == self._generation
                (self._idle if is_current else stale).append(one)
        for one in stale:
            one.connection.close()
        return opened, generation

    def _give_back(self, opened: Opened, generation: int) -> None:
        with self._lock:
            if opened not in self._lent:  # it was lent before a fork
                return
            self._lent.discard(opened)
            if generation == self._generation and len(self._idle) < _MAX_IDLE:
                self._idle.append(opened)
                return
        opened.connection.close()

    def after_fork_in_child(self) -> None:
        """Leave all connections to the parent."""
        self._inherited += [*self._idle, *self._lent]
        self._local = threading.local()
        self._reset()


_all: "weakref.WeakSet[Connections]" = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for connections in list(_all):
        connections.after_fork_in_child()


os.register_at_fork(after_in_child=_after_fork_in_child)


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

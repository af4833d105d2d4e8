"""The counts of all processes of a deployment, in files beside the store: `….metrics`, `….metrics-PID-…`.

Every process saves its own counts each second, in a file that it holds a lock on as long as it lives, which
the kernel releases when it dies, however it dies. Whoever adds up all of them adds the files of the dead to
the past, `….metrics`, and deletes them. So what was once told never falls, over restarts of everything.

Files are written in place, within blocks that are allocated at the start: on a full disk that still works.
"""

import fcntl
import json
import logging
import os
import struct
import threading
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from secrets import token_hex
from time import monotonic, sleep
from typing import Any

from service.core.counters import Cell, Counters, Counts

_INTERVAL = 1.0  # seconds
_ALLOCATED = 65_536  # bytes; the counts of a busy worker take some thousand
_HEAD = struct.Struct("<QQ16s")  # offset and length of the payload, and its digest
_MAX_PAYLOAD = 1 << 24  # bytes: a damaged head may name any number
_ATTEMPTS = 5  # at reading a file that is being written
_PATIENCE, _POLL = 2.0, 0.01  # seconds for the lock of the past
_FOLDED = "folded"  # the files that were added to the past, but for those deleted since
_LATEST = "_timestamp_seconds"  # of families with this end the latest counts, of all others the sum

_Sum = dict[str, dict[tuple[str, ...], Cell]]

log = logging.getLogger(__name__)


class SharedCounters:
    """The counts of this process, which it saves, and of all others. Safe for threads and across a fork."""

    def __init__(self, store: Path, counters: Counters) -> None:
        """Share these counters with the other processes of this store; nothing is opened yet."""
        self.counters, self._past_path = counters, store.with_name(f"{store.name}.metrics")
        self._file: _CounterFile | None = None
        self._saved: Counts | None = None
        self._trouble = ""
        self._lock = threading.Lock()
        _all.add(self)

    def run(self, stop: threading.Event) -> None:
        """Save the counts each second until `stop` is set, and once more then."""
        self.total()  # whoever starts deletes the files of those who died before
        while not stop.wait(_INTERVAL):
            self.save()
        self.save()

    def save(self) -> Counts:
        """Save the counts of this process where they have changed, and return them."""
        with self._lock:
            counts = self.counters.snapshot()
            try:
                if self._file is None or self._file.is_deleted():
                    self._forget()
                    self._file = self._created()
                if counts != self._saved:
                    self._file.write(_to_json(counts))
                    self._saved = counts
            except OSError as error:
                self._report(str(error))
            else:
                self._report("")
            return counts

    def close(self) -> None:
        """Save the counts, and leave the file to others, which take this process for dead."""
        self.save()
        with self._lock:
            self._forget()

    def total(self, patience: float = _PATIENCE) -> Counts:
        """Return the counts of all processes, the dead ones too; only its own where no file can be used.

        Its own are saved before, so that nothing is told that would be lost with this process. `patience` is
        for how many seconds it waits for another process that does the same.
        """
        total: _Sum = {}
        with self._past(patience) as (past, may_change), ExitStack() as opened:
            _add(total, self.save())
            counts, folded = past.read_past() if past else ({}, frozenset())
            _add(total, counts)
            dead: list[_CounterFile] = []
            for file in self._others():
                opened.callback(file.close)  # which releases the lock, and so comes after the folding
                if may_change and file.try_lock():
                    dead.append(file)
                if file.path.name not in folded:
                    _add(total, file.read_counts())
            if past is not None and (dead or folded) and may_change:
                _fold(past, dead)
        return total

    def collector_seen(self) -> int:
        """Return when a collector last showed that it goes on, in seconds since 1970; 0: never."""
        times = self.total().get(self.counters.collector_seen.name, {})
        return max((cell[0] for cell in times.values()), default=0)

    def _others(self) -> Iterator["_CounterFile"]:
        own = self._file.path if self._file else None
        for path in sorted(self._past_path.parent.glob(f"{_escaped(self._past_path.name)}-*")):
            if path != own and path.is_file():
                with suppress(OSError):  # it was deleted meanwhile, or belongs to another user
                    yield _CounterFile(path, os.O_RDONLY)

    @contextmanager
    def _past(self, patience: float) -> Iterator[tuple["_CounterFile | None", bool]]:
        """Yield the file of the past, locked where it may be changed; None where it cannot be had."""
        past = None
        try:
            self._past_path.parent.mkdir(parents=True, exist_ok=True)
            past = _CounterFile(self._past_path, os.O_RDWR | os.O_CREAT)
            may_change = True
        except OSError:
            may_change = False
            with suppress(OSError):
                past = _CounterFile(self._past_path, os.O_RDONLY)
        try:
            ends = monotonic() + patience
            while past is not None and not past.try_lock():
                if monotonic() > ends:  # whoever holds it was stopped, and may be in the middle of it
                    may_change = False
                    break
                sleep(_POLL)
            yield past, may_change
        finally:
            if past is not None:
                past.close()

    def _created(self) -> "_CounterFile":
        """Return a new file for this process, locked."""
        while True:
            name = f"{self._past_path.name}-{os.getpid()}-{token_hex(4)}"
            file = _CounterFile(self._past_path.with_name(name), os.O_RDWR | os.O_CREAT | os.O_EXCL)
            try:
                # Until it is locked it looks like that of a dead process.
                if file.try_lock() and not file.is_deleted():
                    file.allocate()
                    return file
            except OSError:
                file.path.unlink(missing_ok=True)
                file.close()
                raise
            file.close()

    def _forget(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._saved = None

    def _report(self, trouble: str) -> None:
        """Log once when the counts cannot be saved any more, and once when they can be again."""
        if bool(trouble) != bool(self._trouble):
            if trouble:
                log.warning("metrics: the counts of this process cannot be shared: %s", trouble)
            else:
                log.info("metrics: the counts of this process are shared again")
        self._trouble = trouble

    def after_fork_in_child(self) -> None:
        """Begin at zero: what was counted so far, and the lock on the file, are the parent's."""
        self._lock = threading.Lock()
        self.counters.reset()
        self._forget()


_all: "weakref.WeakSet[SharedCounters]" = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for shared in list(_all):
        shared.after_fork_in_child()


os.register_at_fork(after_in_child=_after_fork_in_child)


class _CounterFile:
    """A file with one payload, written so that a process that dies meanwhile leaves the old one or the new.

    The payload is written beside the one before, then the head, which is within one page, tells where it is.
    """

    def __init__(self, path: Path, flags: int) -> None:
        """Open the file.

        Raises:
            OSError: when that fails.
        """
        self.path = path
        self._descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK, 0o644)  # it may be a pipe
        self._offset, self._length = _HEAD.size, 0
        with suppress(OSError, ValueError):
            self._read()

    def close(self) -> None:
        """Close the file, which releases its lock."""
        os.close(self._descriptor)

    def try_lock(self) -> bool:
        """Lock the file until it is closed; return whether that was possible."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def is_deleted(self) -> bool:
        return os.fstat(self._descriptor).st_nlink == 0

    def allocate(self) -> None:
        """Reserve room on the disk.

        Raises:
            OSError: when it is full.
        """
        os.posix_fallocate(self._descriptor, 0, _ALLOCATED)

    def write(self, payload: bytes, *, durable: bool = False) -> None:
        """Replace the payload; where `durable`, also for the case that the machine loses its power.

        Raises:
            OSError: when that fails; the one before is then still there.
        """
        fits_before = _HEAD.size + len(payload) <= self._offset
        offset = _HEAD.size if fits_before else self._offset + self._length
        self._write_at(offset, payload)
        if durable:
            os.fdatasync(self._descriptor)
        self._write_at(0, _HEAD.pack(offset, len(payload), _digest(payload)))
        if durable:
            os.fdatasync(self._descriptor)
        self._offset, self._length = offset, len(payload)

    def _write_at(self, offset: int, data: bytes) -> None:
        while data:
            written = os.pwrite(self._descriptor, data, offset)
            offset, data = offset + written, data[written:]

    def read_counts(self) -> Counts:
        """Return the counts in the file; none where it is empty or damaged."""
        return self.read_past()[0]

    def read_past(self) -> tuple[Counts, frozenset[str]]:
        """Return the counts in the file, and the names of the files that were added to it."""
        for _ in range(_ATTEMPTS):
            with suppress(OSError, ValueError):
                return _from_json(self._read())
        return {}, frozenset()

    def _read(self) -> bytes:
        """Return the payload.

        Raises:
            ValueError: when it is incomplete, as while it is being replaced.
            OSError: when the file cannot be read.
        """
        head = os.pread(self._descriptor, _HEAD.size, 0)
        if len(head) < _HEAD.size:
            raise ValueError
        offset, length, digest = _HEAD.unpack(head)
        payload = os.pread(self._descriptor, min(length, _MAX_PAYLOAD), min(offset, _MAX_PAYLOAD))
        if _digest(payload) != digest:
            raise ValueError
        self._offset, self._length = offset, length
        return payload


def _fold(past: _CounterFile, dead: Sequence[_CounterFile]) -> None:
    """Add the counts of the dead to the past, and delete their files.

    The past names them until they are deleted, so that nobody counts them twice, wherever this ends.
    """
    together: _Sum = {}
    counts, folded = past.read_past()
    _add(together, counts)
    added = [file for file in dead if file.path.name not in folded]
    for file in added:
        _add(together, file.read_counts())
    names = folded | {file.path.name for file in added}
    with suppress(OSError):  # the disk is full or read-only: they are left for the next time
        past.allocate()
        if added:
            past.write(_to_json(together, names), durable=True)
        for file in dead:
            file.path.unlink(missing_ok=True)
        past.write(_to_json(together, [name for name in names if past.path.with_name(name).exists()]))


def _digest(payload: bytes) -> bytes:
    return blake2b(payload, digest_size=16).digest()


def _add(total: _Sum, counts: Counts) -> None:
    """Add counts to the total. Another version may count with other buckets, which are then left out."""
    for name, cells in counts.items():
        family = total.setdefault(name, {})
        join: Callable[[int, int], int] = max if name.endswith(_LATEST) else int.__add__
        for labels, cell in cells.items():
            before = family.setdefault(labels, [0] * len(cell))
            if len(before) == len(cell):
                before[:] = map(join, before, cell)


def _to_json(counts: Counts, folded: Collection[str] = ()) -> bytes:
    families: dict[str, Any] = {
        name: [[list(labels), cell] for labels, cell in cells.items()] for name, cells in counts.items()
    }
    return json.dumps({"counts": families, _FOLDED: sorted(folded)}, separators=(",", ":")).encode()


def _from_json(payload: bytes) -> tuple[Counts, frozenset[str]]:
    """Return the counts and the names of folded files.

    Raises:
        ValueError: for what no version has written.
    """
    try:
        written = json.loads(payload)
    except RecursionError:
        raise ValueError from None
    match written:
        case {"counts": dict() as families, "folded": list() as folded}:
            return {name: _cells(cells) for name, cells in families.items()}, frozenset(map(str, folded))
        case _:
            raise ValueError


def _cells(written: Any) -> Mapping[tuple[str, ...], Cell]:
    try:
        return {tuple(map(str, labels)): list(map(int, cell)) for labels, cell in written}
    except (TypeError, OverflowError):
        raise ValueError from None


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)

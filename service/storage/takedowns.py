"""The takedowns in a file beside the store, `….takedowns`: whatever happens to the store, none returns.

The file is only ever appended to and synced: a line of JSON for each takedown, with a checksum. A torn or
damaged line is passed over; the store and the memory of the running processes then still have what it said,
and `TakedownFile.add` writes it again. No process forgets a takedown that it has once read.
"""

import fcntl
import json
import logging
import os
import threading
from collections.abc import Collection, Iterable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

Takedown = tuple[str, str]  # an id, and the canonical URL or headline under which it may come back; or ""

_Signature = tuple[int, int, int, int]  # device, inode, size, mtime

log = logging.getLogger(__name__)


class TakedownFile:
    """What was taken down, as this process knows it: the file, and all that was read or added before.

    Safe for threads. Reading raises nothing: a file that is missing or unreadable adds nothing.
    """

    def __init__(self, store: Path) -> None:
        """Name the file beside this store; it is read at the first use and whenever it has changed."""
        self.path = store.with_name(f"{store.name}.takedowns")
        self._known: dict[Takedown, None] = {}
        self._ids: set[str] = set()
        self._identities: set[str] = set()
        self._in_file: set[Takedown] = set()
        self._read_at: _Signature | None = None
        self._lock = threading.Lock()

    def all(self) -> list[Takedown]:
        """Return every takedown that is known."""
        self._refresh()
        with self._lock:
            return list(self._known)

    def bars(self, article_id: str, identities: Collection[str] = ()) -> bool:
        """Return whether this id, or one of these identities, was taken down."""
        self._refresh()
        return article_id in self._ids or any(
            identity and identity in self._identities for identity in identities
        )

    def barred(self, ids: Iterable[str]) -> set[str]:
        """Return those of these ids that were taken down."""
        self._refresh()
        return self._ids.intersection(ids)

    def learn(self, takedowns: Iterable[Takedown]) -> None:
        """Remember what the store says, for as long as this process lives."""
        with self._lock:
            self._remember(takedowns)

    def add(self, takedowns: Iterable[Takedown]) -> None:
        """Append those that the file does not have yet, and sync it.

        Raises:
            OSError: when that fails; they are remembered in any case.
        """
        self._refresh()
        with self._lock:
            self._remember(takedowns)
            missing = [takedown for takedown in self._known if takedown not in self._in_file]
            if missing:
                self._append(missing)
                self._in_file.update(missing)

    def lacks_some(self) -> bool:
        """Return whether something is known that the file has lost."""
        self._refresh()
        return any(takedown not in self._in_file for takedown in self._known)

    def _append(self, takedowns: Iterable[Takedown]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            data = b"\n" * is_torn + b"".join(map(_line, takedowns))
            while data:
                data = data[os.write(descriptor, data) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(self.path.parent)

    def _refresh(self) -> None:
        """Read the file where it is another one, or has changed, since it was last read."""
        try:
            status = self.path.stat()
        except OSError:
            if self._read_at is not None or self._in_file:
                with self._lock:
                    self._read_at, self._in_file = None, set()
            return
        signature = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        if signature == self._read_at:
            return
        with self._lock:
            try:
                content = self.path.read_bytes()
            except OSError:
                return
            read = [takedown for line in content.split(b"\n") if (takedown := _parsed(line)) is not None]
            self._in_file = set(read)
            self._remember(read)
            self._read_at = signature

    def _remember(self, takedowns: Iterable[Takedown]) -> None:
        for takedown in takedowns:
            if takedown not in self._known:
                self._known[takedown] = None
                self._ids.add(takedown[0])
                if takedown[1]:
                    self._identities.add(takedown[1])


def _line(takedown: Takedown) -> bytes:
    text = json.dumps([*takedown, _check(takedown)], ensure_ascii=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _parsed(line: bytes) -> Takedown | None:
    """Return the takedown of a line; None for one that is torn, damaged or of another kind."""
    with suppress(ValueError, RecursionError):
        match json.loads(line):
            case [str() as article_id, str() as identity, str() as check] if (
                _check((article_id, identity)) == check
            ):
                return article_id, identity
    return None


def _check(takedown: Takedown) -> str:
    return blake2b("\0".join(takedown).encode(errors="replace"), digest_size=6).hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

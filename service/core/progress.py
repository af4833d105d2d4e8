"""What a long command is doing, for whoever waits: one line of a terminal, or plain lines of a log."""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO, TypeVar

T = TypeVar("T")

_START_OF_EMPTY_LINE = "\r\x1b[K"
_AT_MOST = 10  # plain lines about the items of one list


class Progress:
    """Tells what is being done.

    On a terminal each message replaces the one before, and nothing is left of the last. Anywhere else each is
    a line, written by `plain`.
    """

    def __init__(
        self,
        stream: TextIO,
        plain: Callable[[str], None] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        every: float = 1.0,
    ) -> None:
        """Write to this stream; a message that lasts is written anew on a terminal after `every` seconds."""
        self._stream, self._clock, self._every = stream, clock, every
        self._plain = plain or self._write_line
        self._is_terminal = stream.isatty()
        self._lock = threading.Lock()  # a thread writes what lasts, and others write to the log

    def show(self, doing: str) -> None:
        """Tell what begins now."""
        if self._is_terminal:
            self._replace_line(doing)
        else:
            self._plain(doing)

    def clear(self) -> None:
        """Leave nothing of the last message on a terminal."""
        if self._is_terminal:
            self._replace_line("")

    @contextmanager
    def lasting(self, doing: str, more: Callable[[], str] = str) -> Iterator[None]:
        """Tell what the block does; on a terminal also for how many seconds, and what `more` returns."""
        self.show(doing)
        if not self._is_terminal:
            yield
            return
        begun, ended = self._clock(), threading.Event()

        def tell() -> None:
            while not ended.wait(self._every):
                details = filter(None, (more(), f"{self._clock() - begun:.0f} s"))
                self._replace_line(f"{doing}: {', '.join(details)}")

        ticker = threading.Thread(target=tell, name="progress", daemon=True)
        ticker.start()
        try:
            yield
        finally:
            ended.set()
            ticker.join()
            self.clear()

    def counted(self, what: str, items: Sequence[T]) -> Iterator[T]:
        """Yield the items, and tell before each which of how many it is; in a log only of some."""
        step = 1 if self._is_terminal else -(-len(items) // _AT_MOST)
        for number, item in enumerate(items):
            if number % step == 0:
                self.show(f"{what} {number + 1} of {len(items)}")
            yield item
        self.clear()

    @contextmanager
    def among_logs(self) -> Iterator[None]:
        """Begin a line of its own for each record that the block logs to the same terminal."""

        def clear_line(_record: logging.LogRecord) -> bool:
            self.clear()
            return True

        handlers = logging.getLogger().handlers.copy()
        for handler in handlers:
            handler.addFilter(clear_line)
        try:
            yield
        finally:
            for handler in handlers:
                handler.removeFilter(clear_line)

    def _write_line(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def _replace_line(self, line: str) -> None:
        width = shutil.get_terminal_size().columns - 1  # a longer one would be wrapped, and stay
        with self._lock:
            self._stream.write(f"{_START_OF_EMPTY_LINE}{line[:width]}")
            self._stream.flush()

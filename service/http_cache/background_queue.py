"""Work that can follow at leisure: one thread, there only while there is something to do."""

import logging
import threading
from collections import deque
from collections.abc import Callable

_WAITING = 256  # beyond it the oldest work is let go: nobody is wronged, only a body stays larger

log = logging.getLogger(__name__)


class BackgroundQueue:
    """Does what it is given, in order. A thread that a fork has ended is begun anew with the next piece."""

    def __init__(self) -> None:
        """Nothing to do yet."""
        self._work: deque[Callable[[], None]] = deque(maxlen=_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, piece: Callable[[], None]) -> None:
        """Let this be done soon."""
        with self._lock:
            self._work.append(piece)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="leisure", daemon=True)
                self._thread.start()

    def finish(self) -> None:
        """Wait until all of it is done."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._work:
                    self._thread = None
                    return
                piece = self._work.popleft()
            try:
                piece()
            except Exception:
                log.exception("a finished answer could not be packed better")

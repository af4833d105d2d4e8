"""What a serving process does beside answering: threads that live and die with it, also across a fork."""

import os
import threading
from collections.abc import Callable, Sequence

Task = Callable[[threading.Event], None]


class Background:
    """Runs every task in a daemon thread of its own until the event it is given is set.

    Threads do not survive a fork. A process that forks after starting is gunicorn's master under
    `--preload`: it serves nobody, so its threads are stopped before the first fork and its children,
    which do serve, start their own.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        """Name the tasks; nothing runs yet."""
        self._tasks = tuple(tasks)
        self._stop = threading.Event()
        self._threads: tuple[threading.Thread, ...] = ()

    def start(self) -> None:
        """Start in this process, and from now on in every process forked from it."""
        self._start()
        os.register_at_fork(before=self.stop, after_in_child=self._start)

    def stop(self) -> None:
        """Stop the threads of this process and wait for them."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads = ()

    def _start(self) -> None:
        self._stop = threading.Event()
        self._threads = tuple(
            threading.Thread(target=task, args=(self._stop,), name="background", daemon=True)
            for task in self._tasks
        )
        for thread in self._threads:
            thread.start()

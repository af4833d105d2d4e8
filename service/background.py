"""What a serving process does beside answering: threads that live and die with it, also across a fork."""

import os
import threading
from collections.abc import Callable, Sequence

Task = Callable[[threading.Event], None]


class Background:
    """Runs every task in a daemon thread of its own until the event it is given is set.

    Threads do not survive a fork. A process that forks after starting is gunicorn's master under
    `--preload`: it serves nobody, so its threads are stopped before the first fork and its children,
    which do serve, start their own. A fork by one of the tasks is another matter: it becomes a command, as
    under gevent, whose subprocesses are forked with Python's own fork.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        """Name the tasks; nothing runs yet."""
        self._tasks = tuple(tasks)
        self._stop = threading.Event()
        self._threads: tuple[threading.Thread, ...] = ()
        self._wanted = False
        self._by_a_task = False

    def start(self) -> None:
        """Start in this process, and from now on in every process forked from it."""
        self._wanted = True
        self._begin()
        os.register_at_fork(before=self._before_fork, after_in_child=self._after_fork_in_child)

    def stop(self) -> None:
        """Stop the threads of this process and wait for them; no fork of it starts any."""
        self._wanted = False
        self._end()

    def _before_fork(self) -> None:
        self._by_a_task = threading.current_thread() in self._threads
        if not self._by_a_task:
            self._end()

    def _after_fork_in_child(self) -> None:
        if not self._by_a_task:
            self._begin()

    def _end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads = ()

    def _begin(self) -> None:
        if not self._wanted:
            return
        self._stop = threading.Event()
        self._threads = tuple(
            threading.Thread(target=task, args=(self._stop,), name="background", daemon=True)
            for task in self._tasks
        )
        for thread in self._threads:
            thread.start()

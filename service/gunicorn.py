"""gunicorn's settings: `gunicorn -c python:service.gunicorn service.asgi:app`, which is what `serve` runs."""

import ctypes
import gc
import os
import signal
from pathlib import Path

from service.server.worker import RELOADS

_M_ARENA_MAX = -8  # of glibc's malloc.h
_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes its own file there

bind = "127.0.0.1:8000"
worker_class = "service.server.worker.Worker"
workers = 2
graceful_timeout = 20
keepalive = 75  # seconds for which a connection may keep us waiting
worker_connections = 900  # below the 1,024 files that a process may usually open
# Heartbeats are written to a file: in memory it blocks nobody, and it works under a read-only root.
worker_tmp_dir = str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None
control_socket_disable = True  # it would be opened in the home directory of whoever runs it
accesslog = None
errorlog = "-"
proc_name = "portal-widgets"


def on_starting(_server: object) -> None:
    """Let a worker hear from the fork on when it is told to end: what its master has set would swallow it."""
    os.register_at_fork(before=_hold_ends, after_in_parent=_let_ends, after_in_child=_end_at_once)


def on_reload(_server: object) -> None:
    """Let those who serve know that others come."""
    RELOADS[0] = (RELOADS[0] + 1) % 256


def post_fork(_server: object, _worker: object) -> None:
    """Keep a worker's memory together, and look for no garbage while it starts: all that it makes stays."""
    gc.disable()
    _share_one_arena()


def post_worker_init(_worker: object) -> None:
    """Let no collection look through what has come with the start while somebody waits."""
    gc.freeze()
    gc.enable()


def _share_one_arena() -> None:
    """Let all threads allocate from one place, where the C library is glibc.

    Each would have one of its own, and keep what was freed in it: with eight of them that was a third of a
    full worker. They take turns at Python anyway.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def _hold_ends() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)


def _let_ends() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)


def _end_at_once() -> None:
    for end in _ENDS:
        signal.signal(end, signal.SIG_DFL)
    _let_ends()

"""gunicorn's settings: `gunicorn -c python:service.gunicorn service.asgi:app`, which is what `serve` runs."""

import ctypes
import gc
import os
import signal
from pathlib import Path

from service.server.worker import RELOADS
from service.settings.environment import ADDRESS

_M_ARENA_MAX = -8  # of glibc's malloc.h
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_MEMORY = Path("/dev/shm")  # nosec B108 # noqa: S108 - gunicorn makes its own file there

bind = "127.0.0.1:8000"
worker_class = "service.server.worker.Worker"
workers = 2
graceful_timeout = 20
keepalive = 75  # seconds after which an idle connection is closed
worker_connections = 900  # below 1,024, the common limit of open files per process
# The file of the heartbeats: in memory it never blocks, and it works with a read-only root file system.
worker_tmp_dir = str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None
control_socket_disable = True  # it would be opened in the home directory of the user
accesslog = None
errorlog = "-"
logger_class = "service.server.logger.Logger"
proc_name = "portal-widgets"
# limits.trusted_proxies says whose headers count.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}


def on_starting(_server: object) -> None:
    """Let signals stop a worker from the fork on: the inherited handlers of the master only queue them."""
    os.register_at_fork(
        before=_block_signals, after_in_parent=_unblock_signals, after_in_child=_reset_signals
    )


def when_ready(_server: object) -> None:
    """Tell people where to look, now that something listens there."""
    if address := os.environ.get(ADDRESS):
        print(f"Open {address}", flush=True)  # noqa: T201 - for people, beside the log


def on_reload(_server: object) -> None:
    """Count the reload, so that the old workers wait for their successors (`Worker.waits_for_successors`)."""
    RELOADS[0] = (RELOADS[0] + 1) % 256


def post_fork(_server: object, _worker: object) -> None:
    """Disable garbage collection while a worker starts, since all the objects of the start live on."""
    gc.disable()
    _share_one_arena()


def post_worker_init(_worker: object) -> None:
    """Exempt the objects of the start from garbage collection, whose pauses would delay responses."""
    gc.freeze()
    gc.enable()


def _share_one_arena() -> None:
    """Let all threads allocate from one arena, where the C library is glibc.

    By default each thread has an arena of its own, which retains freed memory: with eight threads, a third of
    the memory of a busy worker. One arena costs no speed, since the GIL lets one thread run at a time.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def _block_signals() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)


def _unblock_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)


def _reset_signals() -> None:
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    _unblock_signals()

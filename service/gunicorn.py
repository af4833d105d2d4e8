"""gunicorn's settings: `gunicorn -c python:service.gunicorn service.asgi:app`, which is what `serve` runs."""

import gc
import os
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes its own file there

bind = "127.0.0.1:8000"
worker_class = "asgi"
workers = 2
graceful_timeout = 20
keepalive = 75
asgi_disconnect_grace_period = 0  # whoever leaves is forgotten at once: else 13 kB for three seconds
# Heartbeats are written to a file: in memory it blocks nobody, and it works under a read-only root.
worker_tmp_dir = str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None
control_socket_disable = True  # it would be opened in the home directory of whoever runs it
accesslog = None
errorlog = "-"
proc_name = "portal-widgets"


def post_fork(_server: object, _worker: object) -> None:
    """Look for no garbage while a worker starts: all that it makes then stays."""
    gc.disable()


def post_worker_init(_worker: object) -> None:
    """Let no collection look through what has come with the start while somebody waits."""
    gc.freeze()
    gc.enable()

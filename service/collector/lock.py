"""The lock that makes the collector the only one of a deployment: a flock on a file beside the store.

The kernel releases it when its holder dies, however it dies.
"""

import fcntl
import os
from pathlib import Path


def acquire(path: Path) -> int | None:
    """Return the descriptor that holds the lock, or None while another process holds it.

    A process that inherits the descriptor holds the lock too; the lock is free when all of them have closed
    it.

    Raises:
        OSError: when the file cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def path_for(store: Path) -> Path:
    """Return the path of the lock for this store's collector."""
    return store.with_name(store.name + ".lock")

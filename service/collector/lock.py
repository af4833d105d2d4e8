"""One collector a deployment: an exclusive lock beside the store, freed by the kernel when it dies."""

import fcntl
import os
from pathlib import Path


def take(path: Path) -> int | None:
    """The descriptor that holds the lock, or None while another process holds it.

    Whoever inherits the descriptor holds the lock too; it is free when the last of them has closed it.

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


def beside(store: Path) -> Path:
    """Where the lock of this store's collector lies."""
    return store.with_name(store.name + ".lock")

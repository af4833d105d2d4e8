"""What a response depends on: code that reads the store records it here, and the response cache collects it.

Outside of `recording` nothing is recorded, so a view runs the same with and without a cache in front.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Dependencies:
    """What one response was made of, and how long it stays true.

    Attributes:
        store_keys: when the item of one of these keys is written, the response is out of date.
        true_for: seconds from the request on; None: not recorded, and the response is not stored.
        stale_while_revalidate: seconds beyond `true_for` in which it may be served while the next is made.
        storable: False when data came from memory because the store failed, or when something is missing
            that may come without a write.
    """

    store_keys: set[str] = field(default_factory=set)
    true_for: float | None = None
    stale_while_revalidate: float = 0.0
    storable: bool = True


_current: ContextVar[Dependencies | None] = ContextVar(
    "dependencies of the response being made", default=None
)


@contextmanager
def recording() -> Iterator[Dependencies]:
    """Collect what is recorded within this block, which makes one response."""
    dependencies = Dependencies()
    token = _current.set(dependencies)
    try:
        yield dependencies
    finally:
        _current.reset(token)


def depends_on(keys: Iterable[str]) -> None:
    """Record that the response changes when one of these keys of the store is written."""
    if dependencies := _current.get():
        dependencies.store_keys.update(keys)


def do_not_store() -> None:
    """Record that the response may be out of date already."""
    if dependencies := _current.get():
        dependencies.storable = False


def true_for(seconds: float | None, stale_while_revalidate: float = 0.0) -> None:
    """Record how long the response stays true by the clock; None: it must not be stored."""
    if dependencies := _current.get():
        dependencies.true_for, dependencies.stale_while_revalidate = seconds, stale_while_revalidate


def recorded() -> frozenset[str]:
    """Return the keys that were recorded so far; empty where nothing is recorded."""
    dependencies = _current.get()
    return frozenset(dependencies.store_keys) if dependencies else frozenset()

"""What browser tests visit."""

from dataclasses import dataclass

from service.storage.store import SqliteStore


@dataclass(frozen=True)
class Portal:
    """The service under way: its address, its store, and a clock that can be moved."""

    url: str
    store: SqliteStore
    hours_later: list[float]

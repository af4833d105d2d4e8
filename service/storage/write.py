"""A write under way: other tables of the same file may take part in it."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Write:
    """A transaction and its number. Whoever asks what was written since sees every key that was put."""

    connection: sqlite3.Connection
    number: int

    def put(self, rows: Iterable[tuple[str, bytes | None, bytes]]) -> None:
        """Key, value and checksum of records; without a value the record is forgotten."""
        self.connection.executemany(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", [(*row, self.number) for row in rows]
        )

    def note(self, keys: Iterable[str]) -> None:
        """Say that what these keys stand for was written, though their values lie in another table."""
        self.put((key, None, b"") for key in sorted(keys))

    def erase_notes(self, keys: Iterable[str]) -> None:
        """Let nothing remain of writes so old that everybody has heard of them."""
        self.connection.executemany(
            "DELETE FROM records WHERE key = ? AND value IS NULL", [(key,) for key in keys]
        )

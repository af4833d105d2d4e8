"""Consistency of the search index, which SQLite's own check of the file does not cover.

The tables are made by `service/storage/migrations.py`.
"""

import sqlite3

_CHECK = "INSERT INTO article_search (article_search) VALUES ('integrity-check')"
_REBUILD = "INSERT INTO article_search (article_search) VALUES ('rebuild')"


def is_damaged_search(error: BaseException | None) -> bool:
    """Whether the search index is damaged, which SQLite's own check of the file does not see."""
    return (
        isinstance(error, sqlite3.DatabaseError)
        and getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CORRUPT_VTAB
    )


def check_search(connection: sqlite3.Connection) -> None:
    """Compare the index with the texts that lie beside it; raises what `is_damaged_search` if they differ."""
    connection.execute(_CHECK)


def rebuild_search(connection: sqlite3.Connection) -> None:
    """Make the index anew from those texts."""
    connection.execute(_REBUILD)

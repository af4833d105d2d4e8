"""The file's schema in numbered steps; `PRAGMA user_version` is the number of those that were taken.

A step that was ever released stays as it is: what has to change is another step behind it. No step may hide
what is kept, and `records` with its four columns stays what every version knows a store of ours by.
"""

import secrets
import sqlite3
from collections.abc import Callable, Sequence

from service.articles.store import schema

Step = Callable[[sqlite3.Connection], None]

_ORIGINS = 2**31
_RECORDS = """
CREATE TABLE IF NOT EXISTS records (
    key TEXT PRIMARY KEY, value BLOB, checksum BLOB NOT NULL, write INTEGER NOT NULL
) WITHOUT ROWID
"""
_BY_WRITE = "CREATE INDEX IF NOT EXISTS records_by_write ON records (write)"


def _make_records(connection: sqlite3.Connection) -> None:
    """Version 1: the records, and the number by which one file is told from another."""
    connection.execute(_RECORDS)
    connection.execute(_BY_WRITE)
    _draw_origin(connection)


def _make_shelf(connection: sqlite3.Connection) -> None:
    """Version 2: the tables of articles, which files of version 1 had only once articles were collected."""
    for statement in schema.TABLES:
        connection.execute(statement)
    if connection.execute("PRAGMA application_id").fetchone() == (0,):  # the first files had no number
        _draw_origin(connection)


def _draw_origin(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA application_id = {1 + secrets.randbelow(_ORIGINS - 1)}")


STEPS: Sequence[Step] = (_make_records, _make_shelf)


def version_of(connection: sqlite3.Connection) -> int:
    """How many steps the file has taken; negative in what is no file of ours."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, steps: Sequence[Step] = STEPS) -> None:
    """Take the steps that are missing, each in a transaction of its own.

    Several processes may be about it at once: they take turns, and each step is taken once. Nobody sees half
    a step, and one that fails leaves the file as it was before it.
    """
    while (version := version_of(connection)) < len(steps):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if version_of(connection) == version:  # else another process has taken this step meanwhile
                steps[version](connection)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # a full disk has rolled it back already
                connection.execute("ROLLBACK")
            raise

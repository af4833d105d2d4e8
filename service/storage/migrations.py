"""The schema of the store's file in numbered steps; `PRAGMA user_version` is the number of steps taken.

A step that was ever released stays as it is: what has to change is another step behind it. No step may hide
stored data, and every version recognises a store by the table `records` and its four columns.
"""

import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

Step = Callable[[sqlite3.Connection], None]

_ORIGINS = 2**31  # SQLite keeps `application_id` in 32 bits with a sign; 0 is its default

# `write` is the number of the write that last changed the record.
_RECORDS = (
    """
CREATE TABLE IF NOT EXISTS records (
    key TEXT PRIMARY KEY, value BLOB, checksum BLOB NOT NULL, write INTEGER NOT NULL
) WITHOUT ROWID
""",
    "CREATE INDEX IF NOT EXISTS records_by_write ON records (write)",
)

# `articles.place` is the article's position in the list (`articles/store/sqlite.py`). It is the row number
# too, here and in the search index, so that every list walks along an index and nothing is ever sorted.
# FTS5 cannot fold `đ`, whatever its options: it gets folded words, and takes them as they are.
_ARTICLES = (
    """
CREATE TABLE IF NOT EXISTS articles (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    instant INTEGER NOT NULL,
    identity TEXT NOT NULL,
    headline TEXT NOT NULL,
    record BLOB NOT NULL,
    checksum BLOB NOT NULL
)
""",
    "CREATE INDEX IF NOT EXISTS articles_by_source ON articles (source)",
    "CREATE INDEX IF NOT EXISTS articles_by_identity ON articles (identity) WHERE identity <> ''",
    "CREATE INDEX IF NOT EXISTS articles_by_headline ON articles (headline) WHERE headline <> ''",
    """
CREATE VIRTUAL TABLE IF NOT EXISTS article_search USING fts5 (
    text, tokenize = 'ascii', detail = none, prefix = '1 2 3 4 5 6 7'
)
""",
    """
CREATE TABLE IF NOT EXISTS sightings (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, first_seen INTEGER NOT NULL
) WITHOUT ROWID
""",
    "CREATE INDEX IF NOT EXISTS sightings_by_source ON sightings (source, first_seen)",
    "CREATE TABLE IF NOT EXISTS taken_down (id TEXT PRIMARY KEY, identity TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS taken_down_by_identity ON taken_down (identity) WHERE identity <> ''",
    """
CREATE TABLE IF NOT EXISTS pictures (
    number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
    checksum BLOB NOT NULL, body BLOB NOT NULL
)
""",
    "CREATE INDEX IF NOT EXISTS pictures_by_size ON pictures (size)",
    """
CREATE TABLE IF NOT EXISTS shown (
    article TEXT NOT NULL, picture TEXT NOT NULL, PRIMARY KEY (article, picture)
) WITHOUT ROWID
""",
    "CREATE INDEX IF NOT EXISTS shown_by_picture ON shown (picture)",
)

# `owner` is a source or a provider; `text` is JSON (`storage/decisions.py`); `at` is in milliseconds.
_DECISIONS = (
    """
CREATE TABLE decisions (
    owner TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL,
    address TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (owner, subject)
) WITHOUT ROWID
""",
    "CREATE INDEX decisions_by_subject ON decisions (subject)",
    "CREATE INDEX decisions_by_address ON decisions (address) WHERE address <> ''",
    "CREATE INDEX decisions_by_age ON decisions (owner, at)",
)


def _create_records(connection: sqlite3.Connection) -> None:
    """Version 1: the records, and the random number that distinguishes one file from another."""
    for statement in _RECORDS:
        connection.execute(statement)
    _set_origin(connection)


def _create_articles(connection: sqlite3.Connection) -> None:
    """Version 2: the tables of articles, which files of version 1 had only once articles were collected."""
    for statement in _ARTICLES:
        connection.execute(statement)
    if connection.execute("PRAGMA application_id").fetchone() == (0,):  # the first files had no number
        _set_origin(connection)


def _set_origin(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA application_id = {1 + secrets.randbelow(_ORIGINS - 1)}")


def begin_anew(connection: sqlite3.Connection, write: int) -> None:
    """Mark a whole file as written by this write, and as another file than before.

    Whoever read the old content then reads everything again.
    """
    connection.execute("UPDATE records SET write = ?", (write,))
    _set_origin(connection)


def _create_decisions(connection: sqlite3.Connection) -> None:
    """Version 3: the last decision about every article, and about every place and provider."""
    for statement in _DECISIONS:
        connection.execute(statement)


STEPS: Sequence[Step] = (_create_records, _create_articles, _create_decisions)

# The earliest version that can read what a step has made, by the number of the step, from the fourth on. A
# step that is not named here makes a file that only its own version and later ones can read.
READABLE_FROM: Mapping[int, int] = MappingProxyType({})


def readable_from(connection: sqlite3.Connection) -> int:
    """Return the earliest version that can read the file; its own where it does not say so.

    What an earlier version said of its own files does not count.
    """
    version = schema_version(connection)
    try:
        query = "SELECT max(readable_from) FROM format WHERE version = ?"
        row = connection.execute(query, (version,)).fetchone()
    except sqlite3.OperationalError:  # it has no such table
        row = None
    return int(row[0]) if row and isinstance(row[0], int) else version


def set_readable_from(connection: sqlite3.Connection, version: int) -> None:
    """Say in the file which is the earliest version that can read it."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS format (version INTEGER NOT NULL, readable_from INTEGER NOT NULL)"
    )
    connection.execute("DELETE FROM format")
    connection.execute("INSERT INTO format VALUES (?, ?)", (schema_version(connection), version))


def schema_version(connection: sqlite3.Connection) -> int:
    """Return how many steps the file has taken; an application's own file may have a negative number."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, steps: Sequence[Step] = STEPS) -> None:
    """Take the steps that are missing, each in a transaction of its own.

    Several processes may do so at once: they take turns, and each step is taken once. No reader sees half
    a step, and a step that fails leaves the file as it was before it.
    """
    while (version := schema_version(connection)) < len(steps):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if schema_version(connection) == version:  # else another process has taken this step meanwhile
                steps[version](connection)
                connection.execute(f"PRAGMA user_version = {version + 1}")
                if version + 1 in READABLE_FROM:
                    set_readable_from(connection, READABLE_FROM[version + 1])
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # a full disk has rolled it back already
                connection.execute("ROLLBACK")
            raise

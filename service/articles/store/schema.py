"""The shelf's tables, which lie in the store's file (`migrations`), and the soundness of its search index.

An article's `place` is its place in the list (shelf_places). It is the row's number too, here and in the
search, so that every list is a walk along an index and nothing is ever sorted.
"""

import sqlite3

# FTS5 cannot fold `đ`, whatever its options: it is given folded words, and takes them as they are.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS articles (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    instant INTEGER NOT NULL,
    identity TEXT NOT NULL,
    headline TEXT NOT NULL,
    record BLOB NOT NULL,
    checksum BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS articles_by_source ON articles (source);
CREATE INDEX IF NOT EXISTS articles_by_identity ON articles (identity) WHERE identity <> '';
CREATE INDEX IF NOT EXISTS articles_by_headline ON articles (headline) WHERE headline <> '';
CREATE VIRTUAL TABLE IF NOT EXISTS article_search USING fts5 (
    text, tokenize = 'ascii', detail = none, prefix = '1 2 3 4 5 6 7'
);
CREATE TABLE IF NOT EXISTS sightings (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, first_seen INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sightings_by_source ON sightings (source, first_seen);
CREATE TABLE IF NOT EXISTS taken_down (id TEXT PRIMARY KEY, identity TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS taken_down_by_identity ON taken_down (identity) WHERE identity <> '';
CREATE TABLE IF NOT EXISTS pictures (
    number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
    checksum BLOB NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS pictures_by_size ON pictures (size);
CREATE TABLE IF NOT EXISTS shown (
    article TEXT NOT NULL, picture TEXT NOT NULL, PRIMARY KEY (article, picture)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shown_by_picture ON shown (picture);
"""
TABLES = tuple(filter(None, map(str.strip, _SCHEMA.split(";"))))
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

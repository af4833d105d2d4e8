"""What is remembered of articles that are no longer stored: that they were seen, or taken down.

The tables are `sightings` (every article that was ever saved) and `taken_down` (tombstones).
"""

import sqlite3
from collections.abc import Sequence

from service.articles.model import Article
from service.articles.store import records
from service.articles.store.search import headline, rows_by_id
from service.storage.store import Write

_MAX_DROPPED = 1_000  # sightings of one source's dropped articles: far more than any listing has


def record_sighting(connection: sqlite3.Connection, article: Article) -> None:
    """Remember that an article was saved, and when it was first seen."""
    connection.execute(
        "INSERT OR IGNORE INTO sightings VALUES (?, ?, ?)",
        (article.id, article.source, records.microseconds(article.first_seen)),
    )


def forget_old_sightings(write: Write, source_id: str) -> None:
    """Forget the articles of a source that were dropped so long ago that no listing still has them."""
    rows = write.connection.execute(
        "DELETE FROM sightings WHERE id IN (SELECT id FROM sightings AS s WHERE source = ?"
        " AND NOT EXISTS (SELECT 1 FROM articles WHERE articles.id = s.id)"
        " ORDER BY first_seen DESC LIMIT -1 OFFSET ?) RETURNING id",
        (source_id, _MAX_DROPPED),
    )
    write.remove_marks(records.article_key(article_id) for (article_id,) in rows.fetchall())


def sighted(connection: sqlite3.Connection, ids: Sequence[str]) -> set[str]:
    """Return those of these ids under which an article was ever saved."""
    return {
        article_id for (article_id,) in rows_by_id(connection, "SELECT id FROM sightings WHERE id IN", ids)
    }


def add_tombstones(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    """Mark these articles as taken down, under their ids and their canonical URLs."""
    connection.executemany(
        "INSERT OR REPLACE INTO taken_down"
        " VALUES (?1, coalesce((SELECT identity FROM articles WHERE id = ?1),"
        " (SELECT identity FROM taken_down WHERE id = ?1), ''))",
        [(article_id,) for article_id in ids],
    )


def add_headline_tombstones(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    """Mark the headlines of these articles as taken down; the column `identity` holds them too."""
    connection.executemany(
        "INSERT OR REPLACE INTO taken_down SELECT 'headline ' || headline, headline FROM articles"
        " WHERE id = ? AND headline <> ''",
        [(article_id,) for article_id in ids],
    )


def taken_down(connection: sqlite3.Connection, ids: Sequence[str]) -> set[str]:
    """Return those of these ids whose articles were taken down."""
    return {
        article_id for (article_id,) in rows_by_id(connection, "SELECT id FROM taken_down WHERE id IN", ids)
    }


def is_taken_down(connection: sqlite3.Connection, article: Article) -> bool:
    """Return whether this article was taken down, by its id, its canonical URL or its headline."""
    query = (
        "SELECT 1 FROM taken_down WHERE id = ?"
        " UNION ALL SELECT 1 FROM taken_down WHERE identity IN (?, ?) AND identity <> ''"
    )
    values = (article.id, article.canonical_url, headline(article.title, article.published))
    return connection.execute(query, values).fetchone() is not None

"""What is remembered of articles that are no longer there: that they were seen, or taken down."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from service.articles.model import Article
from service.articles.store import keys
from service.articles.store.cursor import instant, moment
from service.articles.store.search import headline
from service.storage.store import Write

_REMEMBERED = 1_000  # of one source that were dropped: far more than any listing has
_IDS_IN_ONE_QUERY = 500


def remember(connection: sqlite3.Connection, article: Article) -> None:
    """Note when an article was first seen; the first word stands."""
    connection.execute(
        "INSERT OR IGNORE INTO sightings VALUES (?, ?, ?)",
        (article.id, article.source, instant(article.first_seen)),
    )


def forget_oldest(write: Write, source: str) -> None:
    """Forget what was dropped so long ago that no listing still has it."""
    rows = write.connection.execute(
        "DELETE FROM sightings WHERE id IN (SELECT id FROM sightings AS s WHERE source = ?"
        " AND NOT EXISTS (SELECT 1 FROM articles WHERE articles.id = s.id)"
        " ORDER BY first_seen DESC LIMIT -1 OFFSET ?) RETURNING id",
        (source, _REMEMBERED),
    )
    write.remove_marks(keys.article(article_id) for (article_id,) in rows.fetchall())


def first_seen(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, datetime]:
    """When each of these was first put; those that never were are left out."""
    rows = _rows(connection, "SELECT id, first_seen FROM sightings WHERE id IN", ids)
    return {article_id: moment(at) for article_id, at in rows}


def bar(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    """Never again take these, nor the same article under another id."""
    connection.executemany(
        "INSERT OR REPLACE INTO taken_down"
        " VALUES (?1, coalesce((SELECT identity FROM articles WHERE id = ?1),"
        " (SELECT identity FROM taken_down WHERE id = ?1), ''))",
        [(article_id,) for article_id in ids],
    )


def bar_headlines(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    """Never again take an article with the headline of one of these; it stands where identities stand."""
    connection.executemany(
        "INSERT OR REPLACE INTO taken_down SELECT 'headline ' || headline, headline FROM articles"
        " WHERE id = ? AND headline <> ''",
        [(article_id,) for article_id in ids],
    )


def barred(connection: sqlite3.Connection, ids: Sequence[str]) -> set[str]:
    """Those of these that were taken down."""
    return {
        str(article_id) for (article_id,) in _rows(connection, "SELECT id FROM taken_down WHERE id IN", ids)
    }


def is_barred(connection: sqlite3.Connection, article: Article) -> bool:
    """Whether this article was taken down, under its id, by its identity or by its headline."""
    query = (
        "SELECT 1 FROM taken_down WHERE id = ?"
        " UNION ALL SELECT 1 FROM taken_down WHERE identity IN (?, ?) AND identity <> ''"
    )
    told_by = (article.canonical_url, headline(article.title, article.published))
    return connection.execute(query, (article.id, *told_by)).fetchone() is not None


def _rows(connection: sqlite3.Connection, query: str, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for start in range(0, len(ids), _IDS_IN_ONE_QUERY):
        some = ids[start : start + _IDS_IN_ONE_QUERY]
        found += connection.execute(f"{query} ({','.join('?' * len(some))})", some)
    return found

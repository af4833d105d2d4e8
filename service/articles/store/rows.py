"""One article as a row, with what is searched and shown of it: found, put and removed."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from service.articles.model import Article
from service.articles.store import keys
from service.articles.store.cursor import TIES, instant
from service.articles.store.images import drop_unshown, hide, show
from service.articles.store.records import article_from_bytes, article_to_bytes
from service.articles.store.search import headline, searched_text
from service.storage.store import Write, checksum

_IDS_IN_ONE_QUERY = 500


@dataclass(frozen=True, slots=True)
class _Standing:
    """How an article stood before it was put again."""

    place: int
    source: str
    instant: int
    record: bytes
    checksum: bytes


def sound(article_id: str, source: str, record: bytes, kept_sum: bytes) -> Article | None:
    """The article, unless its record is damaged; by which id and of which source it is, its row says."""
    article = article_from_bytes(record) if kept_sum == _checksum(article_id, record) else None
    if article is None or (article.id, article.source) == (article_id, source):
        return article
    return replace(article, id=article_id, source=source)


def read_rows(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Article | None]:
    """What is kept under these ids; None where it cannot be used."""
    found: dict[str, Article | None] = {}
    for start in range(0, len(ids), _IDS_IN_ONE_QUERY):
        some = ids[start : start + _IDS_IN_ONE_QUERY]
        marks = ",".join("?" * len(some))
        query = f"SELECT id, source, record, checksum FROM articles WHERE id IN ({marks})"  # noqa: S608 - marks only
        found |= {row[0]: sound(*row) for row in connection.execute(query, some)}
    return found


def walk(
    connection: sqlite3.Connection, statement: str, values: Sequence[object], most: int
) -> list[tuple[int, Article]]:
    """Place and article of the first sound rows; none is read beyond."""
    found: list[tuple[int, Article]] = []
    with closing(connection.execute(statement, values)) as rows:
        for place, *row in rows:
            if (article := sound(*row)) is not None:
                found.append((place, article))
            if len(found) == most:
                break
    return found


def put_row(write: Write, article: Article) -> None:
    """Keep an article; nothing is written when all is as it was.

    It keeps its place while its order stays; else it goes to the top of its new instant.
    """
    record, now = article_to_bytes(article), instant(article.sort_key)
    before = _standing(write.connection, article.id)
    if before and (before.record, before.checksum) == (record, _checksum(article.id, record)):
        return
    pictures = _remove(write, article.id, before) if before else []
    place = before.place if before and before.instant == now else _top_of(write.connection, now)
    _insert(write, article, record, place)
    drop_unshown(write.connection, pictures)


def remove_rows(write: Write, ids: Iterable[str]) -> None:
    """Remove these articles, and the pictures that nobody else shows."""
    for article_id in ids:
        if before := _standing(write.connection, article_id):
            drop_unshown(write.connection, _remove(write, article_id, before))


def _standing(connection: sqlite3.Connection, article_id: str) -> _Standing | None:
    query = "SELECT place, source, instant, record, checksum FROM articles WHERE id = ?"
    row = connection.execute(query, (article_id,)).fetchone()
    return _Standing(*row) if row else None


def _remove(write: Write, article_id: str, before: _Standing) -> list[str]:
    write.mark([keys.article(article_id), keys.articles(before.source)])
    write.connection.execute("DELETE FROM articles WHERE place = ?", (before.place,))
    write.connection.execute("DELETE FROM article_search WHERE rowid = ?", (before.place,))
    return hide(write.connection, article_id)


def _insert(write: Write, article: Article, record: bytes, place: int) -> None:
    write.mark([keys.article(article.id), keys.articles(article.source)])
    write.connection.execute(
        "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            place,
            article.id,
            article.source,
            instant(article.sort_key),
            article.canonical_url,
            headline(article.title, article.published),
            record,
            _checksum(article.id, record),
        ),
    )
    write.connection.execute(
        "INSERT INTO article_search (rowid, text) VALUES (?, ?)", (place, searched_text(article))
    )
    show(write.connection, article)


def _top_of(connection: sqlite3.Connection, now: int) -> int:
    """The place above all others of an instant; when it has no more, that of the next microsecond."""
    query = "SELECT max(place) FROM articles WHERE place BETWEEN ? AND ?"
    first = now * TIES
    while True:
        (highest,) = connection.execute(query, (first, first + TIES - 1)).fetchone()
        if highest is None:
            return first
        if highest < first + TIES - 1:
            return int(highest) + 1
        first += TIES


def _checksum(article_id: str, record: bytes) -> bytes:
    return checksum(keys.article(article_id), record)

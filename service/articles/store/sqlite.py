"""The repository of articles in SQLite, in the store's own file and under its write numbers.

An article has a position in the list: its sort key in microseconds since 1970, times 1,024; an article that
comes later to the same instant gets the next number. It serves as SQLite's row number (column `place`), which
is why it must be one integer; 63 bits reach from 1685 to 2255. The paging cursor is made of it.

Beside `articles` its tables are `sightings`, of every article that was ever saved, and `taken_down`, whose
tombstones keep an article from coming back. `search.py` and `images.py` have the others.

A takedown is also in a file beside the store (`storage/takedowns.py`). Both are united before the first write
into a store, be it a new one, a restored one or an older one, and when that file brings others.
"""

import logging
import sqlite3
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Any

from service.articles.model import Article, Published
from service.articles.narrowing import EVERYTHING, Narrowing
from service.articles.repository import ALWAYS, Page, Period
from service.articles.store import images, records, search
from service.articles.store.records import article_from_bytes, article_to_bytes
from service.core.errors import StoreError
from service.settings.model import LimitSettings
from service.storage.store import SqliteStore, Write, checksum

POSITIONS_PER_INSTANT = 1024
NEWEST = 2**63 - 1  # above every position
_MAX_DROPPED = 1_000  # sightings of one source's dropped articles: far more than any listing has
_TWO_DAYS = 2 * 86_400 * 1_000_000  # microseconds
_AHEAD = timedelta(days=31)
_FIRST_DAY = datetime.min.replace(tzinfo=UTC)
_MAX_DUPLICATES = 50  # articles of one title and day that are looked at
_CHECK_BYTES = 4
_CURSOR_BYTES = 8 + _CHECK_BYTES


def encode_cursor(position: int) -> str:
    """Return an opaque word of 16 letters that a URL can carry; it contains a checksum."""
    packed = position.to_bytes(8, "big", signed=True)
    return urlsafe_b64encode(packed + _check(packed)).decode()


def decode_cursor(cursor: str) -> int:
    """Return the position that a cursor names.

    Raises:
        ValueError: for anything that `encode_cursor` did not make.
    """
    decoded = urlsafe_b64decode(cursor)
    packed, check = decoded[:-_CHECK_BYTES], decoded[-_CHECK_BYTES:]
    if len(decoded) != _CURSOR_BYTES or check != _check(packed):
        raise ValueError("not a cursor of ours")
    position = int.from_bytes(packed, "big", signed=True)
    if encode_cursor(position) != cursor:  # base64 is forgiving: the same bytes in another spelling
        raise ValueError("not a cursor of ours")
    return position


def _check(packed: bytes) -> bytes:
    return blake2b(packed, digest_size=_CHECK_BYTES, person=b"cursor").digest()


_SIGHTED = "SELECT id FROM sightings WHERE id IN"
_TAKEN_DOWN = "SELECT id FROM taken_down WHERE id IN"
_NOW_TAKEN_DOWN = (  # with whether only the headline says so
    "SELECT id, 0 FROM articles WHERE id IN (SELECT id FROM taken_down)"
    " OR identity <> '' AND identity IN (SELECT identity FROM taken_down)"
    " UNION SELECT id, 1 FROM articles WHERE headline <> '' AND headline IN (SELECT identity FROM taken_down)"
)
_DUPLICATES = (
    f"{search.ROW} WHERE identity = ?1 AND identity <> ''"
    f" UNION ALL {search.ROW} WHERE headline = ?2 AND headline <> ''"
)


class SqliteArticleRepository:
    """Implements `ArticleRepository`; as safe for threads, processes and forks as the store it uses."""

    def __init__(self, store: SqliteStore, max_image_bytes: int = LimitSettings.pictures) -> None:
        """Use this store's file; beyond so many bytes of images the oldest articles lose theirs."""
        self._store, self._takedowns = store, store.takedowns
        self._max_image_bytes = max_image_bytes
        self._united = (0, 0)  # the origin of the file, and how many takedowns were known
        self._trouble = ""

    def save(self, articles: Sequence[Article], *, is_distinct: bool = False) -> None:
        if not articles:
            return
        with self._writing() as write:
            for article in reversed(articles):  # of equals, the last to come gets the highest position
                if self._takedowns.bars(article.id, [article.canonical_url]) or _is_taken_down(
                    write.connection, article, is_distinct=is_distinct
                ):
                    # Also under this id, so that it is not fetched again.
                    _add_tombstones(write.connection, [article.id])
                else:
                    _record_sighting(write.connection, article)
                    _write_article(write, article)
            self._evict_images(write)

    def get(self, ids: Sequence[str]) -> list[Article]:
        with self._reading() as connection:
            articles = _read_articles(connection, ids)
        gone = self._takedowns.barred(ids)
        return [article for one in ids if one not in gone and (article := articles.get(one)) is not None]

    def page(  # noqa: PLR0913 - each narrows the list
        self,
        *,
        sources: Sequence[str] = (),
        query: str = "",
        category: str = "",
        limit: int = 20,
        cursor: str | None = None,
        period: Period = ALWAYS,
        narrowing: Narrowing = EVERYTHING,
    ) -> Page:
        below = min(NEWEST if cursor is None else decode_cursor(cursor), _end_of(period))
        statement = search.list_statement(sources, query, below, category)
        if statement is None or limit < 1:
            return Page((), None)
        with self._reading() as connection:
            rows = self._shown(_shown_articles(connection, *statement, narrowing, period))
            found = list(islice(rows, limit + 1))
        articles = tuple(article for _, article in found[:limit])
        return Page(articles, encode_cursor(found[limit - 1][0]) if len(found) > limit else None)

    def count(
        self,
        *,
        sources: Sequence[str] = (),
        query: str = "",
        category: str = "",
        period: Period = ALWAYS,
        narrowing: Narrowing = EVERYTHING,
    ) -> int:
        statement = search.list_statement(sources, query, _end_of(period), category)
        if statement is None:
            return 0
        with self._reading() as connection:
            if period == ALWAYS and not any(map(narrowing.narrows, sources)):
                sql, values = statement
                return int(connection.execute(f"SELECT count(*) FROM ({sql})", values).fetchone()[0])  # noqa: S608 - our own SQL
            return sum(1 for _ in _shown_articles(connection, *statement, narrowing, period))

    def find_duplicates(self, canonical_url: str, title: str, published: Published | None) -> list[Article]:
        values = (canonical_url, search.headline(title, published))
        with self._reading() as connection:
            rows = self._shown(_shown_articles(connection, _DUPLICATES, values))
            found = list(islice(rows, _MAX_DUPLICATES))
        return list({article.id: article for _, article in found}.values())

    def seen(self, ids: Sequence[str]) -> set[str]:
        with self._reading() as connection:
            stored = _read_articles(connection, ids)
            damaged = {article_id for article_id, article in stored.items() if article is None}
            sighted = _known_ids(connection, _SIGHTED, ids) - damaged
            return sighted | _known_ids(connection, _TAKEN_DOWN, ids) | self._takedowns.barred(ids)

    def taken_down(self, ids: Sequence[str]) -> set[str]:
        with self._reading() as connection:
            return _known_ids(connection, _TAKEN_DOWN, ids) | self._takedowns.barred(ids)

    def take_down(self, ids: Sequence[str], *, everywhere: bool = False) -> None:
        """Remove these articles for good; what cannot be removed now is hidden, and removed by a later write.

        Raises:
            StoreError: when it cannot be removed now.
        """
        if not ids:
            return
        before = set(self._takedowns.all())
        try:
            with self._writing() as write:
                _add_tombstones(write.connection, ids)
                if everywhere:
                    _add_headline_tombstones(write.connection, ids)
                _remove_articles(write, ids)
                added = set(_takedowns_of(write.connection)) - before
                self._add_to_file(added)
        except StoreError:
            self._add_to_file((article_id, "") for article_id in ids)
            raise

    def takedowns(self) -> list[tuple[str, str]]:
        """Return the id and the identity of everything that was taken down."""
        with self._reading() as connection:
            return list(dict.fromkeys([*_takedowns_of(connection), *self._takedowns.all()]))

    def count_takedowns(self) -> int:
        """Return the number of ids that were taken down."""
        with self._reading() as connection:
            return int(connection.execute("SELECT count(*) FROM taken_down").fetchone()[0])

    def ids(self) -> set[str]:
        """Return the ids of all articles."""
        with self._reading() as connection:
            return {article_id for (article_id,) in connection.execute("SELECT id FROM articles")}

    def unite_takedowns(self, takedowns: Sequence[tuple[str, str]], shown: Collection[str]) -> None:
        """Take down here too what was taken down in another store, which still shows these articles."""
        with self._writing() as write:
            _unite(write, takedowns, shown)

    def drop(self, ids: Sequence[str]) -> None:
        if ids:
            with self._writing() as write:
                _remove_articles(write, ids)

    def trim(self, source: str, keep: int, narrowing: Narrowing = EVERYTHING) -> None:
        with self._writing() as write:
            ids = list(_beyond(write.connection, source, max(keep, 0), narrowing))
            if ids:
                _forget_old_sightings(write, source)
                _remove_articles(write, ids)
            images.drop_abandoned(write.connection)
            self._evict_images(write)

    def save_image(self, hash: str, body: bytes) -> None:  # noqa: A002 - the field's own name
        with self._writing() as write:
            images.save_image(write.connection, hash, body)

    def image(self, hash: str) -> bytes | None:  # noqa: A002 - the field's own name
        with self._reading() as connection:
            return images.read_image(connection, hash)

    def images(self) -> set[str]:
        """Return the hashes of all images."""
        with self._reading() as connection:
            return {image_hash for (image_hash,) in connection.execute("SELECT hash FROM pictures")}

    def _evict_images(self, write: Write) -> None:
        """Take the images from the oldest articles until the rest needs no more than its limit."""
        connection = write.connection
        if images.total_bytes(connection) <= self._max_image_bytes:
            return
        for article_id in images.articles_with_images(connection):
            article = _read_articles(connection, [article_id])[article_id]
            if article is not None:
                _write_article(write, images.without_images(article))
            if images.total_bytes(connection) <= self._max_image_bytes:
                return

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._rebuilding_index(), self._store.reading() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Write]:
        with self._rebuilding_index():
            with self._store.writing() as write:
                united = self._unite_with_file(write)
                yield write
            self._united = united

    def _unite_with_file(self, write: Write) -> tuple[int, int]:
        """Add to either the takedowns that only the other has; return what they then have in common."""
        origin = int(write.connection.execute("PRAGMA application_id").fetchone()[0])
        known = self._takedowns.all()
        if self._united == (origin, len(known)) and not self._takedowns.lacks_some():
            return self._united
        stored = set(_takedowns_of(write.connection))
        self._add_to_file(stored)
        if missing := [takedown for takedown in known if takedown not in stored]:
            _unite(write, missing, [])
        return origin, len(self._takedowns.all())

    def _add_to_file(self, takedowns: Iterable[tuple[str, str]]) -> None:
        """Add these; where the file cannot be written they are remembered, and added with a later write."""
        try:
            self._takedowns.add(takedowns)
        except OSError as error:
            if self._trouble != str(error):
                log.warning("takedowns cannot be noted in %s: %s", self._takedowns.path, error)
            self._trouble = str(error)
        else:
            self._trouble = ""

    def _shown(self, rows: Iterator[tuple[int, Article]]) -> Iterator[tuple[int, Article]]:
        """Yield these articles without those that were taken down, even if the file still has them."""
        return (row for row in rows if not self._takedowns.bars(row[1].id))

    @contextmanager
    def _rebuilding_index(self) -> Iterator[None]:
        """Rebuild the search index when it turns out damaged: this call fails, the next does not."""
        try:
            yield
        except StoreError as error:
            if search.is_damaged_index(error.__cause__):
                with self._store.writing() as write:
                    search.rebuild_index(write.connection)
            raise


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Row:
    """An article's row before a write."""

    position: int
    source: str
    instant: int
    record: bytes
    checksum: bytes


def _read_articles(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Article | None]:
    """Return the stored articles by id; None for a damaged one."""
    query = "SELECT id, source, record, checksum FROM articles WHERE id IN"
    return {row[0]: _decode(*row) for row in search.rows_by_id(connection, query, ids)}


def _known_ids(connection: sqlite3.Connection, query: str, ids: Sequence[str]) -> set[str]:
    """Return those of these ids that the query, which ends with `id IN`, finds."""
    return {article_id for (article_id,) in search.rows_by_id(connection, query, ids)}


def _shown_articles(
    connection: sqlite3.Connection,
    statement: str,
    values: Sequence[object],
    narrowing: Narrowing = EVERYTHING,
    period: Period = ALWAYS,
) -> Iterator[tuple[int, Article]]:
    """Yield position and article of the rows that are shown; no row is read before it is asked for."""
    first = _begin_of(period)
    with closing(connection.execute(statement, values)) as rows:
        for position, *row in rows:
            if position < first:
                break
            if (article := _shown(row, narrowing)) is not None and period.has(article):
                yield position, article


def _begin_of(period: Period) -> int:
    """Return the least position that an article of this period can have.

    One with a date in the future stands where it was first seen, and so before its date; one that is further
    ahead than `_AHEAD` is a slip of the pen.
    """
    if period.after is None:
        return -NEWEST
    earliest = max(period.after, _FIRST_DAY + _AHEAD) - _AHEAD
    return records.microseconds(earliest) * POSITIONS_PER_INSTANT


def _end_of(period: Period) -> int:
    """Return a position above all articles of this period.

    One with a day and no time may stand where it was first seen on that day, in any time zone.
    """
    if period.before is None:
        return NEWEST
    instant = records.microseconds(period.before) + _TWO_DAYS
    return min(instant * POSITIONS_PER_INSTANT, NEWEST)


def _shown(row: Sequence[Any], narrowing: Narrowing) -> Article | None:
    """Return the article of a row (id, source, record, checksum); None for a hidden or a damaged one.

    The verdict of the narrowing is remembered by the checksum, so that a hidden article is decoded once.
    """
    article_id, source, _, stored_checksum = row
    version = article_id, stored_checksum
    if narrowing.is_known_hidden(source, version):
        return None
    article = _decode(*row)
    return article if article is not None and narrowing.shows(article, version) else None


def _beyond(connection: sqlite3.Connection, source: str, keep: int, narrowing: Narrowing) -> Iterator[str]:
    """Yield the ids of a source's articles behind its newest ones: as many shown ones as hidden ones."""
    if not narrowing.narrows(source):
        query = "SELECT id FROM articles WHERE source = ? ORDER BY place DESC LIMIT -1 OFFSET ?"
        yield from (article_id for (article_id,) in connection.execute(query, (source, keep)))
        return
    counts = {True: 0, False: 0}
    query = "SELECT id, source, record, checksum FROM articles WHERE source = ? ORDER BY place DESC"
    for row in connection.execute(query, (source,)):
        is_shown = _shown(row, narrowing) is not None
        counts[is_shown] += 1
        if counts[is_shown] > keep:
            yield row[0]


def _decode(article_id: str, source: str, record: bytes, stored_checksum: bytes) -> Article | None:
    """Return the article, or None for a damaged record. Id and source are those of the row."""
    article = article_from_bytes(record) if stored_checksum == _checksum(article_id, record) else None
    if article is None or (article.id, article.source) == (article_id, source):
        return article
    return replace(article, id=article_id, source=source)


def _write_article(write: Write, article: Article) -> None:
    """Write an article; nothing is written when it is stored as it is.

    It keeps its position while its sort key stays the same; else it gets the highest one of its new instant.
    """
    record, at = article_to_bytes(article), records.microseconds(article.sort_key)
    before = _row(write.connection, article.id)
    if before and (before.record, before.checksum) == (record, _checksum(article.id, record)):
        return
    hashes = _remove_row(write, article.id, before) if before else []
    position = before.position if before and before.instant == at else _free_position(write.connection, at)
    write.mark([records.article_key(article.id), records.articles_key(article.source)])
    write.connection.execute(
        "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            position,
            article.id,
            article.source,
            at,
            article.canonical_url,
            search.headline(article.title, article.published),
            record,
            _checksum(article.id, record),
        ),
    )
    write.connection.execute(
        "INSERT INTO article_search (rowid, text) VALUES (?, ?)", (position, search.searchable_text(article))
    )
    images.link_images(write.connection, article)
    images.drop_unlinked(write.connection, hashes)


def _remove_articles(write: Write, ids: Iterable[str]) -> None:
    """Remove these articles, and the images that no other article shows."""
    for article_id in ids:
        if before := _row(write.connection, article_id):
            images.drop_unlinked(write.connection, _remove_row(write, article_id, before))


def _row(connection: sqlite3.Connection, article_id: str) -> _Row | None:
    query = "SELECT place, source, instant, record, checksum FROM articles WHERE id = ?"
    row = connection.execute(query, (article_id,)).fetchone()
    return _Row(*row) if row else None


def _remove_row(write: Write, article_id: str, before: _Row) -> list[str]:
    """Remove a row and return the hashes of the images that its article showed."""
    write.mark([records.article_key(article_id), records.articles_key(before.source)])
    write.connection.execute("DELETE FROM articles WHERE place = ?", (before.position,))
    write.connection.execute("DELETE FROM article_search WHERE rowid = ?", (before.position,))
    return images.unlink_images(write.connection, article_id)


def _free_position(connection: sqlite3.Connection, at: int) -> int:
    """Return the position above all others of an instant; when it is full, of the next microsecond."""
    query = "SELECT max(place) FROM articles WHERE place BETWEEN ? AND ?"
    first = at * POSITIONS_PER_INSTANT
    while True:
        last = first + POSITIONS_PER_INSTANT - 1
        (highest,) = connection.execute(query, (first, last)).fetchone()
        if highest is None:
            return first
        if highest < last:
            return int(highest) + 1
        first += POSITIONS_PER_INSTANT


def _checksum(article_id: str, record: bytes) -> bytes:
    return checksum(records.article_key(article_id), record)


def _record_sighting(connection: sqlite3.Connection, article: Article) -> None:
    """Remember that an article was saved, and when it was first seen."""
    connection.execute(
        "INSERT OR IGNORE INTO sightings VALUES (?, ?, ?)",
        (article.id, article.source, records.microseconds(article.first_seen)),
    )


def _forget_old_sightings(write: Write, source_id: str) -> None:
    """Forget the articles of a source that were dropped so long ago that no listing still has them."""
    rows = write.connection.execute(
        "DELETE FROM sightings WHERE id IN (SELECT id FROM sightings AS s WHERE source = ?"
        " AND NOT EXISTS (SELECT 1 FROM articles WHERE articles.id = s.id)"
        " ORDER BY first_seen DESC LIMIT -1 OFFSET ?) RETURNING id",
        (source_id, _MAX_DROPPED),
    )
    write.remove_marks(records.article_key(article_id) for (article_id,) in rows.fetchall())


def _takedowns_of(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT id, identity FROM taken_down").fetchall()


def _unite(write: Write, takedowns: Iterable[tuple[str, str]], shown: Collection[str]) -> None:
    """Add takedowns and remove what they concern; by its headline alone nothing that is in `shown`."""
    write.connection.executemany(
        "INSERT INTO taken_down VALUES (?, ?) ON CONFLICT DO UPDATE SET identity = excluded.identity"
        " WHERE identity = ''",
        takedowns,
    )
    found = write.connection.execute(_NOW_TAKEN_DOWN).fetchall()
    _remove_articles(write, [one for one, by_headline in found if not (by_headline and one in shown)])


def _add_tombstones(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    """Mark these articles as taken down, under their ids and their canonical URLs."""
    connection.executemany(
        "INSERT OR REPLACE INTO taken_down"
        " VALUES (?1, coalesce((SELECT identity FROM articles WHERE id = ?1),"
        " (SELECT identity FROM taken_down WHERE id = ?1), ''))",
        [(article_id,) for article_id in ids],
    )


def _add_headline_tombstones(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    """Mark the headlines of these articles as taken down; the column `identity` has them too."""
    connection.executemany(
        "INSERT OR REPLACE INTO taken_down SELECT 'headline ' || headline, headline FROM articles"
        " WHERE id = ? AND headline <> ''",
        [(article_id,) for article_id in ids],
    )


def _is_taken_down(connection: sqlite3.Connection, article: Article, *, is_distinct: bool) -> bool:
    """Return whether this article was taken down, by its id, its canonical URL or its headline.

    By its headline only where it is new, and not known to be another one (`is_distinct`).
    """
    headline = "" if is_distinct else search.headline(article.title, article.published)
    query = (
        "SELECT 1 FROM taken_down WHERE id = ?1"
        " UNION ALL SELECT 1 FROM taken_down WHERE identity = ?2 AND identity <> ''"
        " UNION ALL SELECT 1 FROM taken_down WHERE identity = ?3 AND identity <> ''"
        " AND NOT EXISTS (SELECT 1 FROM articles WHERE id = ?1)"
    )
    return connection.execute(query, (article.id, article.canonical_url, headline)).fetchone() is not None

"""The shelf of one host: articles and pictures in the store's own file, under its own write numbers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from sqlite3 import Connection

from service.articles.model import Article, Published
from service.articles.repository import Page
from service.articles.store import cursor as shelf_places
from service.articles.store import images, tombstones
from service.articles.store.rows import put_row, read_rows, remove_rows, walk
from service.articles.store.schema import check_search, is_damaged_search, rebuild_search
from service.articles.store.search import ROW, headline, listing
from service.core.errors import StoreError
from service.storage.store import SqliteStore, Write

PICTURE_BYTES = 200 * 1024**2
_TWINS = (
    f"{ROW} WHERE identity = ?1 AND identity <> '' UNION ALL {ROW} WHERE headline = ?2 AND headline <> ''"
)


class SqliteArticleRepository:
    """Implements the `Shelf` port; as safe for threads, processes and forks as the store it goes by."""

    def __init__(self, store: SqliteStore, picture_bytes: int = PICTURE_BYTES) -> None:
        """Lie in this store's file; pictures beyond so many bytes go, those of the oldest articles first."""
        self._store = store
        self._picture_bytes = picture_bytes

    def save(self, articles: Sequence[Article]) -> None:
        """See the port."""
        if not articles:
            return
        with self._writing() as write:
            for article in reversed(articles):  # of equals, the last to come stands above
                if tombstones.is_barred(write.connection, article):
                    tombstones.bar(write.connection, [article.id])  # so that nobody fetches it again
                else:
                    tombstones.remember(write.connection, article)
                    put_row(write, article)
            self._lighten(write)

    def get(self, ids: Sequence[str]) -> list[Article]:
        """See the port."""
        with self._reading() as connection:
            found = read_rows(connection, ids)
        return [article for article_id in ids if (article := found.get(article_id)) is not None]

    def page(
        self, *, sources: Sequence[str] = (), query: str = "", limit: int = 20, cursor: str | None = None
    ) -> Page:
        """See the port."""
        before = shelf_places.NEWEST if cursor is None else shelf_places.place_of(cursor)
        statement = listing(sources, query, before)
        if statement is None or limit < 1:
            return Page((), None)
        with self._reading() as connection:
            found = walk(connection, *statement, most=limit + 1)
        shown = found[:limit]
        more = len(found) > limit
        return Page(
            tuple(article for _, article in shown), shelf_places.cursor_of(shown[-1][0]) if more else None
        )

    def find_duplicate(self, canonical_url: str, title: str, published: Published | None) -> Article | None:
        """See the port."""
        with self._reading() as connection:
            twins = walk(connection, _TWINS, (canonical_url, headline(title, published)), most=1)
        return twins[0][1] if twins else None

    def seen(self, ids: Sequence[str]) -> set[str]:
        """See the port."""
        with self._reading() as connection:
            kept = read_rows(connection, ids)
            unusable = {article_id for article_id, article in kept.items() if article is None}
            seen = tombstones.first_seen(connection, ids).keys() - unusable
            return seen | tombstones.barred(connection, ids)

    def first_seen(self, ids: Sequence[str]) -> dict[str, datetime]:
        """See the port."""
        with self._reading() as connection:
            return tombstones.first_seen(connection, ids)

    def take_down(self, ids: Sequence[str], *, wherever_told: bool = False) -> None:
        """See the port."""
        if not ids:
            return
        with self._writing() as write:
            tombstones.bar(write.connection, ids)
            if wherever_told:
                tombstones.bar_headlines(write.connection, ids)
            remove_rows(write, ids)

    def trim(self, source: str, keep: int) -> None:
        """See the port."""
        query = "SELECT id FROM articles WHERE source = ? ORDER BY place DESC LIMIT -1 OFFSET ?"
        with self._writing() as write:
            ids = [article_id for (article_id,) in write.connection.execute(query, (source, max(keep, 0)))]
            if ids:
                tombstones.forget_oldest(write, source)
                remove_rows(write, ids)
            images.drop_abandoned(write.connection)
            self._lighten(write)

    def save_image(self, hash: str, body: bytes) -> None:  # noqa: A002 - the field's own name
        """See the port."""
        with self._writing() as write:
            images.keep_picture(write.connection, hash, body)

    def image(self, hash: str) -> bytes | None:  # noqa: A002 - the field's own name
        """See the port."""
        with self._reading() as connection:
            return images.read_picture(connection, hash)

    def mend(self) -> None:
        """Make the search index anew if it is damaged; for the one who holds the lock, when it starts."""
        try:
            with self._writing() as write:
                check_search(write.connection)
        except StoreError as error:
            if not is_damaged_search(error.__cause__):
                raise

    def _lighten(self, write: Write) -> None:
        """Take the pictures from the oldest articles until the rest weighs no more than it may."""
        connection = write.connection
        if images.kept_bytes(connection) <= self._picture_bytes:
            return
        for article_id in images.oldest_illustrated(connection):
            article = read_rows(connection, [article_id])[article_id]
            if article is not None:
                put_row(write, images.without_pictures(article))
            if images.kept_bytes(connection) <= self._picture_bytes:
                return

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._mending(), self._store.reading() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Write]:
        with self._mending(), self._store.writing() as write:
            yield write

    @contextmanager
    def _mending(self) -> Iterator[None]:
        """Make the search index anew when it turns out damaged: this time fails, the next does not."""
        try:
            yield
        except StoreError as error:
            if is_damaged_search(error.__cause__):
                with self._store.writing() as write:
                    rebuild_search(write.connection)
            raise

"""Read articles and the status of their sources from the store, for the views."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar, cast

from cachetools import LRUCache

from service.articles.model import Article, without_secrets
from service.articles.repository import ArticleRepository, Page
from service.articles.store import records
from service.core.errors import Cause, StoreError
from service.core.freshness import State
from service.core.ports import Store
from service.core.secrets import NO_SECRETS, Secrets
from service.http_cache import cache_tags
from service.settings.model import ArticleSettings, ArticleSource
from service.web.cache_policy import CachePolicy, until_next_articles

DEPENDS_ON = frozenset({"article", "articles", "source"})  # the kinds of keys that article views are made of
_REMEMBERED = 200  # results that can stand in while the store fails

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How one source fares: `unavailable` before its first response, `stale` when silent for too long.

    Attributes:
        fetched_at: when it last listed its articles.
        cause: why the last attempt failed, if it did.
        due: when it is asked next, where that is known.
    """

    source: ArticleSource
    state: State
    fetched_at: datetime | None
    cause: Cause | None
    due: datetime | None = None


class ArticleService:
    """Articles for the views. Safe for threads.

    While the store fails, results of earlier calls stand in; what was never read raises StoreError, so that a
    failure is not taken for an empty list.
    """

    def __init__(  # noqa: PLR0913 - the wiring names every one of them
        self,
        repository: ArticleRepository,
        store: Store,
        sources: Sequence[ArticleSource],
        settings: ArticleSettings,
        clock: Callable[[], datetime],
        *,
        secrets: Secrets = NO_SECRETS,
    ) -> None:
        """Serve the articles of these sources, without anything of these secrets.

        The collector leaves secrets out too; but what it kept before a key was changed is still there.
        """
        self._repository, self._store, self._clock, self._secrets = repository, store, clock, secrets
        self._settings = settings
        self.sources: Mapping[str, ArticleSource] = {source.id: source for source in sources}
        self._results: LRUCache[object, object] = LRUCache(_REMEMBERED)
        self._lock = threading.Lock()  # cachetools' caches are not thread-safe

    def page(
        self, *, sources: Sequence[str] = (), query: str = "", limit: int = 20, cursor: str | None = None
    ) -> Page:
        """Return the newest articles of these sources (none named: all).

        Raises:
            ValueError: for a cursor that no response of ours has given.
        """
        wanted = tuple(sources) or tuple(self.sources)
        if not wanted:
            return Page((), None)

        def read() -> Page:
            cache_tags.depends_on(records.articles_key(source) for source in wanted)
            page = self._repository.page(sources=wanted, query=query, limit=limit, cursor=cursor)
            return replace(page, articles=tuple(map(self._without_secrets, page.articles)))

        return self._remembered(("page", wanted, query, limit, cursor), read)

    def article(self, article_id: str) -> Article | None:
        """Return one article, if its source is still configured."""
        cache_tags.depends_on([records.article_key(article_id)])
        found = self._remembered(("article", article_id), lambda: self._repository.get([article_id]))
        known = (article for article in found if article.source in self.sources)
        return next(map(self._without_secrets, known), None)

    def image(self, digest: str) -> bytes | None:
        """Return the bytes of a WebP image."""
        found = self._repository.image(digest)
        if found is None:
            cache_tags.do_not_store()  # images are written without a number among the store's writes
        return found

    def statuses(self, now: datetime, sources: Sequence[str] = ()) -> list[SourceStatus]:
        """Return how these sources fare (none named: all)."""
        wanted = [self.sources[source] for source in sources] or list(self.sources.values())
        read = tuple(records.source_key(source.id) for source in wanted)
        cache_tags.depends_on(read)
        found = self._remembered(("states", read), lambda: self._store.read(read))
        return [self._status(source, found.get(records.source_key(source.id)), now) for source in wanted]

    def cache_policy(
        self, statuses: Sequence[SourceStatus], now: datetime, modified: datetime | None = None
    ) -> CachePolicy:
        """Return how long a response made of these sources' articles stays true."""
        refresh, stale_after = self._settings.refresh, self._settings.stale_after
        return until_next_articles(statuses, now, refresh, stale_after, modified)

    def _without_secrets(self, article: Article) -> Article:
        return without_secrets(article, self._secrets)

    def _status(self, source: ArticleSource, record: bytes | None, now: datetime) -> SourceStatus:
        kept = records.state_from_bytes(record)
        if kept is None:
            return SourceStatus(source, State.UNAVAILABLE, None, None)
        if kept.fetched_at is None:
            return SourceStatus(source, State.UNAVAILABLE, None, kept.cause, kept.due)
        silent = now - kept.fetched_at >= self._settings.stale_after
        state = State.STALE if silent else State.FRESH
        return SourceStatus(source, state, kept.fetched_at, kept.cause, kept.due)

    def _remembered(self, key: object, read: Callable[[], T]) -> T:
        """Return the result of `read`; while the store fails, that of its last success."""
        try:
            found = read()
        except StoreError:
            cache_tags.do_not_store()
            with self._lock:
                if key not in self._results:
                    raise
                return cast("T", self._results[key])
        with self._lock:
            self._results[key] = found
        return found

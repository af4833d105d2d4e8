"""Read articles and the status of their sources from the store, for the views."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar, cast

from cachetools import LRUCache

from service.articles.model import Article, without_secrets
from service.articles.narrowing import Narrowing
from service.articles.repository import ALWAYS, ArticleRepository, Page, Period
from service.articles.store import records
from service.core.errors import Cause, StoreError
from service.core.freshness import State
from service.core.ports import Store
from service.core.request_history import RequestHistory
from service.core.secrets import NO_SECRETS, Secrets
from service.http_cache import cache_tags
from service.settings.model import ArticleSettings, ArticleSource
from service.storage.fallback import BoundedWait
from service.web.cache_policy import CachePolicy, until_next_articles

DEPENDS_ON = frozenset({"article", "articles", "source"})  # the kinds of keys that article views are made of
_MAX_REMEMBERED = 200  # results that are returned while the store fails

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """The status of one source: `unavailable` before its first response, `stale` after `stale_after` without.

    Attributes:
        fetched_at: the time of its last usable response.
        cause: of the last failure; None after a success. Where no article's page can be read, why.
        due: the time of the next request, where that is known.
        lacks_pages: its listing is fresh, and it is `stale` because no article's page can be read.
        history: the requests for its listing by hour.
    """

    source: ArticleSource
    state: State
    fetched_at: datetime | None
    cause: Cause | None
    due: datetime | None = None
    lacks_pages: bool = False
    history: RequestHistory = field(default_factory=RequestHistory)


class ArticleService:
    """Provides articles to the views. Thread-safe.

    While the store fails, the results of earlier calls are returned again; where there is none, StoreError is
    raised, so that a failure does not look like an empty list.
    """

    def __init__(  # noqa: PLR0913 - one argument for each dependency
        self,
        repository: ArticleRepository,
        store: Store,
        sources: Sequence[ArticleSource],
        settings: ArticleSettings,
        clock: Callable[[], datetime],
        *,
        secrets: Secrets = NO_SECRETS,
        taken_down: Callable[[Iterable[str]], Collection[str]] = lambda _ids: (),
        is_lost: Callable[[Sequence[str]], bool] = lambda _keys: False,
        wait: BoundedWait | None = None,
    ) -> None:
        """Serve the articles of these sources without these secrets.

        The collector removes secrets too, but not those that were configured after an article was stored.
        `taken_down` returns those of some ids that were taken down, also while the store fails;
        `is_lost` whether the store's file lacks some records that it should have.
        """
        self._is_lost_source = is_lost
        self._taken_down, self._wait = taken_down, wait or BoundedWait()
        self._repository, self._store, self._clock, self._secrets = repository, store, clock, secrets
        self._settings = settings
        self.sources: Mapping[str, ArticleSource] = {source.id: source for source in sources}
        self._narrowing = Narrowing(sources)
        self._results: LRUCache[object, object] = LRUCache(_MAX_REMEMBERED)
        self._lock = threading.Lock()  # cachetools' caches are not thread-safe

    def page(  # noqa: PLR0913 - each narrows the list
        self,
        *,
        sources: Sequence[str] = (),
        query: str = "",
        category: str = "",
        limit: int = 20,
        cursor: str | None = None,
        period: Period = ALWAYS,
    ) -> Page:
        """Return the newest articles of these sources (empty: all), with these words, category and period.

        Raises:
            ValueError: for a cursor that no earlier page had.
        """
        ids = tuple(sources) or tuple(self.sources)
        if not ids:
            return Page((), None)

        def read() -> Page:
            cache_tags.depends_on(records.articles_key(source) for source in ids)
            page = self._repository.page(
                sources=ids,
                query=query,
                category=category,
                limit=limit,
                cursor=cursor,
                period=period,
                narrowing=self._narrowing,
            )
            return replace(page, articles=tuple(map(self._without_secrets, page.articles)))

        return self._read_or_remember(("page", ids, query, category, limit, cursor, period), read)

    def count(self, sources: Sequence[str], query: str, category: str, period: Period) -> int:
        """Return how many articles all pages of such a list have together."""
        ids = tuple(sources) or tuple(self.sources)
        if not ids:
            return 0

        def read() -> int:
            cache_tags.depends_on(records.articles_key(source) for source in ids)
            return self._repository.count(
                sources=ids, query=query, category=category, period=period, narrowing=self._narrowing
            )

        return self._read_or_remember(("count", ids, query, category, period), read)

    def article(self, article_id: str) -> Article | None:
        """Return one article, if its source is still configured and shows it."""
        cache_tags.depends_on([records.article_key(article_id)])
        articles = self._read_or_remember(("article", article_id), lambda: self._repository.get([article_id]))
        article = next((one for one in articles if one.source in self.sources), None)
        is_shown = article is not None and self._narrowing.shows(article)
        return self._without_secrets(article) if article is not None and is_shown else None

    def image(self, digest: str) -> bytes | None:
        """Return the bytes of a WebP image."""
        body = self._wait(lambda: self._repository.image(digest), has_other=False)
        if body is None:
            # The response cache would not notice when the image is saved: that gets no write number.
            cache_tags.do_not_store()
        return body

    def statuses(self, now: datetime, sources: Sequence[str] = ()) -> list[SourceStatus]:
        """Return the statuses of these sources (empty: all)."""
        selected = [self.sources[source] for source in sources] or list(self.sources.values())
        keys = tuple(records.source_key(source.id) for source in selected)
        cache_tags.depends_on(keys)
        values = self._read_or_remember(("states", keys), lambda: self._store.read(keys))
        return [self._status(source, values.get(records.source_key(source.id)), now) for source in selected]

    def cache_policy(
        self, statuses: Sequence[SourceStatus], now: datetime, modified: datetime | None = None
    ) -> CachePolicy:
        """Return the cache policy of a response made of these sources' articles."""
        refresh, stale_after = self._settings.refresh, self._settings.stale_after
        return until_next_articles(statuses, now, refresh, stale_after, modified)

    def _without_secrets(self, article: Article) -> Article:
        return without_secrets(article, self._secrets)

    def _status(self, source: ArticleSource, record: bytes | None, now: datetime) -> SourceStatus:
        stored = records.state_from_bytes(record)
        if stored is None:
            return SourceStatus(source, State.UNAVAILABLE, None, None)
        cause = stored.cause or stored.page_cause
        if stored.fetched_at is None:
            return SourceStatus(source, State.UNAVAILABLE, None, cause, stored.due, history=stored.history)
        is_fresh = now - stored.fetched_at < self._settings.stale_after
        lacks_pages = is_fresh and stored.page_cause is not None
        state = State.FRESH if is_fresh and not lacks_pages else State.STALE
        return SourceStatus(source, state, stored.fetched_at, cause, stored.due, lacks_pages, stored.history)

    def _is_lost(self, before: object, result: object) -> bool:
        """Return whether what there was is missing because the file was replaced by one without it."""
        had, has = _articles_of(before), _articles_of(result)
        if not had or has:
            return False
        return self._is_lost_source([records.source_key(one.source) for one in had])

    def _without_taken_down(self, result: T) -> T:
        """Return a remembered result without the articles that were taken down since it was read."""
        articles = _articles_of(result)
        gone = self._taken_down([one.id for one in articles])
        left = [one for one in articles if one.id not in gone]
        if len(left) == len(articles):
            return result
        return cast("T", replace(result, articles=tuple(left)) if isinstance(result, Page) else left)

    def _read_or_remember(self, key: object, read: Callable[[], T]) -> T:
        """Return the result of `read`; while the store fails, that of its last success.

        So too where a new file in the place of the former one has nothing yet.
        """
        with self._lock:
            before = cast("T | None", self._results.get(key))
        try:
            result = self._wait(read, has_other=before is not None)
        except StoreError:
            cache_tags.do_not_store()
            if before is None:
                raise
            return self._without_taken_down(before)
        if before is not None and self._is_lost(before, result):
            cache_tags.do_not_store()
            return self._without_taken_down(before)
        with self._lock:
            self._results[key] = result
        return result


def _articles_of(result: object) -> Sequence[Article]:
    """Return the articles of a result; none of one that is something else."""
    if isinstance(result, Page):
        return result.articles
    return [one for one in result if isinstance(one, Article)] if isinstance(result, list) else []

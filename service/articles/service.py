"""What the article views ask for: articles, and how it stands with every source; from the shelf alone."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar, cast

from cachetools import LRUCache

from service.articles.model import Article
from service.articles.repository import ArticleRepository, Page
from service.articles.secrets import without_secrets
from service.articles.store import keys, records
from service.core.errors import Cause, StoreError
from service.core.freshness import State
from service.core.ports import Store
from service.core.secrets import NO_SECRETS, Secrets
from service.settings.model import ArticleSource
from service.web import provenance

_REMEMBERED = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How it stands with one source: `unavailable` before its first answer, `stale` when silent too long.

    `due` is when it will be asked next, where that is known.
    """

    source: ArticleSource
    state: State
    fetched_at: datetime | None
    cause: Cause | None
    due: datetime | None = None


class ArticleService:
    """Reads articles. What was read once is still known when the store fails. Safe for threads.

    What was never read cannot be told then: `StoreError`, lest a failure passes for an empty list.
    """

    def __init__(  # noqa: PLR0913 - the wiring names every one of them
        self,
        repository: ArticleRepository,
        store: Store,
        sources: Sequence[ArticleSource],
        stale_after: timedelta,
        clock: Callable[[], datetime],
        *,
        secrets: Secrets = NO_SECRETS,
    ) -> None:
        """Read from this shelf; what it holds of these secrets is kept back.

        The collector leaves them out too; but what it kept before it did, or before a key was changed, is
        still there.
        """
        self._secrets = secrets
        self._repository, self._store, self._stale_after, self.clock = repository, store, stale_after, clock
        self.sources: Mapping[str, ArticleSource] = {source.id: source for source in sources}
        self._memory: LRUCache[object, object] = LRUCache(_REMEMBERED)
        self._lock = threading.Lock()  # cachetools' caches are not thread-safe

    def page(
        self, *, sources: Sequence[str] = (), query: str = "", limit: int = 20, cursor: str | None = None
    ) -> Page:
        """The newest articles of these sources (all).

        Raises:
            ValueError: for a cursor that is none of ours.
        """
        wanted = tuple(sources) or tuple(self.sources)
        if not wanted:
            return Page((), None)

        def ask() -> Page:
            provenance.made_of(keys.articles(source) for source in wanted)
            page = self._repository.page(sources=wanted, query=query, limit=limit, cursor=cursor)
            return replace(page, articles=tuple(map(self._discreet, page.articles)))

        return self._remembered(("page", wanted, query, limit, cursor), ask)

    def article(self, article_id: str) -> Article | None:
        """One article of a source that is still configured."""
        provenance.made_of([keys.article(article_id)])
        found = self._remembered(("article", article_id), lambda: self._repository.get([article_id]))
        return next((self._discreet(article) for article in found if article.source in self.sources), None)

    def picture(self, digest: str) -> bytes | None:
        """The bytes of a picture."""
        found = self._repository.image(digest)
        if found is None:
            provenance.unsure()  # pictures come without a number among the writes
        return found

    def standings(self, now: datetime, sources: Sequence[str] = ()) -> list[SourceStatus]:
        """How it stands with these sources (all)."""
        wanted = [self.sources[source] for source in sources] or list(self.sources.values())
        read = tuple(keys.source(source.id) for source in wanted)
        provenance.made_of(read)
        found = self._remembered(("states", read), lambda: self._store.read(read))
        return [self._standing(source, found.get(keys.source(source.id)), now) for source in wanted]

    def _discreet(self, article: Article) -> Article:
        return without_secrets(article, self._secrets)

    def _standing(self, source: ArticleSource, record: bytes | None, now: datetime) -> SourceStatus:
        state = records.state_from_bytes(record)
        if state is None or state.fetched_at is None:
            told = (state.cause, state.due) if state else (None, None)
            return SourceStatus(source, State.UNAVAILABLE, None, *told)
        silent = now - state.fetched_at >= self._stale_after
        return SourceStatus(
            source, State.STALE if silent else State.FRESH, state.fetched_at, state.cause, state.due
        )

    def _remembered(self, key: object, ask: Callable[[], T]) -> T:
        try:
            found = ask()
        except StoreError:
            provenance.unsure()
            with self._lock:
                if key not in self._memory:
                    raise
                return cast("T", self._memory[key])
        with self._lock:
            self._memory[key] = found
        return found

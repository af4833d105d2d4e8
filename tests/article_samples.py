"""Articles of three sources, a repository of lists, and a site that serves JSON and feeds from it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

from flask.testing import FlaskClient
from web_site import settings_of
from werkzeug.test import TestResponse

from service.app import create_app
from service.articles.model import Article, ArticleImage, Published, SourceState, StoredImage
from service.articles.narrowing import EVERYTHING, Narrowing
from service.articles.repository import ALWAYS, ArticleRepository, Page, Period
from service.articles.store import records
from service.core.errors import Cause, StoreError
from service.core.folding import fold, words
from service.settings.model import ArticleSource
from service.storage.store import SqliteStore

NOW = datetime(2020, 3, 8, 3, 20, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HANOI = timezone(timedelta(hours=7))
PUBLIC_URL = "https://widgets.example.gov.vn/hop"

TINH = ArticleSource("tinh", "Cổng TTĐT", "https://tinh.example.vn/rss.xml", full_text=True)
XA = ArticleSource("xa", "UBND xã", "https://xa.example.vn/tin")
BAO = ArticleSource("bao", "The Paper", "https://bao.example.vn/feed", language="en", full_text=True)
SOURCES = (TINH, XA, BAO)

WHOLE = Article(
    id="a1b2c3",
    source="tinh",
    title="Khai mạc lễ hội & chợ phiên",
    url="https://tinh.example.vn/khai-mac.html?id=1&p=2",
    published=Published(datetime(2020, 3, 7, 8, 0, tzinfo=HANOI)),
    first_seen=datetime(2020, 3, 7, 1, 4, tzinfo=UTC),
    changed_at=datetime(2020, 3, 7, 1, 4, tzinfo=UTC),
    sort_key=datetime(2020, 3, 7, 1, 0, tzinfo=UTC),
    lead="Sáng nay, lễ hội đã khai mạc.",
    author="Nguyễn Đức Hải",
    organisation="Văn phòng HĐND và UBND",
    image=ArticleImage(
        (StoredImage("c0ffee", 480, 320), StoredImage("facade", 960, 640)),
        alt="Sân lễ",
        caption="Sân lễ sáng nay",
    ),
    categories=("Văn hóa", "Lễ hội & chợ"),
    body_html='<p>Sáng nay.</p><img src="/images/c0ffee.webp"><a href="https://x.example/">x</a>',
)
OF_A_DAY = Article(
    id="d4",
    source="xa",
    title="Lịch tiếp công dân",
    url="https://xa.example.vn/lich.html",
    published=Published(datetime(2020, 3, 6, tzinfo=HANOI), date_only=True),
    first_seen=datetime(2020, 3, 6, 2, 0, tzinfo=UTC),
    changed_at=datetime(2020, 3, 6, 2, 0, tzinfo=UTC),
    sort_key=datetime(2020, 3, 6, 2, 0, tzinfo=UTC),
    lead="Tháng ba.",
    organisation="Văn phòng",
    body_html="<p>kept before the owner said no</p>",
)
UNDATED = Article(
    id="u5",
    source="xa",
    title="Thông báo",
    url=None,
    published=None,
    first_seen=datetime(2020, 3, 5, 4, 30, tzinfo=UTC),
    changed_at=datetime(2020, 3, 5, 4, 30, tzinfo=UTC),
    sort_key=datetime(2020, 3, 5, 4, 30, tzinfo=UTC),
)
OF_GREENWICH = Article(
    id="g6",
    source="bao",
    title="Road reopened",
    url="https://bao.example.vn/road",
    published=Published(datetime(2020, 3, 3, 20, 15, tzinfo=UTC)),
    first_seen=datetime(2020, 3, 3, 20, 20, tzinfo=UTC),
    changed_at=datetime(2020, 3, 3, 20, 20, tzinfo=UTC),
    sort_key=datetime(2020, 3, 3, 20, 15, tzinfo=UTC),
    lead="Traffic runs again.",
    author="An Tran",
    language="en",
)
HOSTILE = replace(
    OF_GREENWICH,
    id="h7",
    title="<script>alert(1)</script> & ]]> \u0000\ufffe",
    lead='<img src=x onerror="alert(2)">\u0007 a < b &amp; c',
    author='"><svg onload=alert(3)>',
    published=Published(datetime(2020, 3, 2, 9, 0, tzinfo=HANOI)),
    sort_key=datetime(2020, 3, 2, 2, 0, tzinfo=UTC),
    first_seen=datetime(2020, 3, 2, 2, 1, tzinfo=UTC),
    changed_at=datetime(2020, 3, 2, 2, 1, tzinfo=UTC),
)
ALL = (WHOLE, OF_A_DAY, UNDATED, OF_GREENWICH, HOSTILE)  # newest first
PICTURES = {"c0ffee": b"RIFF" + b"n" * 1200, "facade": b"RIFF" + b"w" * 4800}


@dataclass
class ListRepository:
    """What readers need of a repository, as a list; `broken` makes it fail."""

    articles: list[Article] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=lambda: dict(PICTURES))
    broken: bool = False

    def save(self, articles: Sequence[Article]) -> None:
        new = {article.id for article in articles}
        self.articles = [a for a in self.articles if a.id not in new] + list(articles)

    def get(self, ids: Sequence[str]) -> list[Article]:
        self._work()
        known = {article.id: article for article in self.articles}
        return [known[name] for name in ids if name in known]

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
        self._work()
        before = _place_of(cursor) if cursor is not None else None
        shown = filter(narrowing.shows, self.articles)
        asked = [a for a in shown if _is_asked(a, sources, query, category) and period.has(a)]
        found = sorted(asked, key=_place, reverse=True)
        rest = [article for article in found if before is None or _place(article) < before]
        more = len(rest) > limit
        return Page(tuple(rest[:limit]), "|".join(_place(rest[limit - 1])) if more else None)

    def count(self, **wanted: Any) -> int:
        return len(self.page(**wanted, limit=len(self.articles)).articles)

    def take_down(self, ids: Sequence[str], *, everywhere: bool = False) -> None:  # noqa: ARG002 - the port's
        self.articles = [article for article in self.articles if article.id not in ids]

    def image(self, hash: str) -> bytes | None:  # noqa: A002 - the port's own name
        self._work()
        return self.pictures.get(hash)

    def _work(self) -> None:
        if self.broken:
            raise StoreError("broken for the test")


def _place(article: Article) -> tuple[str, str]:
    return article.sort_key.astimezone(UTC).isoformat(), article.id


def _place_of(cursor: str) -> tuple[str, str]:
    order, bar, name = cursor.partition("|")
    if not bar:
        raise ValueError(cursor)
    return order, name


def _is_asked(article: Article, sources: Sequence[str], query: str, category: str) -> bool:
    told = set(words(f"{article.title} {article.lead}"))
    is_in_category = not category or fold(category) in map(fold, article.categories)
    return (not sources or article.source in sources) and told.issuperset(words(query)) and is_in_category


@dataclass
class ArticleSite:
    """The JSON and the feeds over a repository of lists, with a clock that tests set."""

    folder: Path
    sources: Sequence[ArticleSource] = SOURCES
    written: Mapping[str, str] = field(default_factory=lambda: {"site__public_url": PUBLIC_URL})
    demo: bool = False
    now: datetime = NOW
    repository: ListRepository = field(default_factory=lambda: ListRepository(list(ALL)))
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.settings = replace(settings_of(self.folder, **self.written), demo=self.demo)
        self.store = SqliteStore(self.settings.store.path)
        repository = cast("ArticleRepository", self.repository)
        app = create_app(
            self.settings,
            store=self.store,
            repository=repository,
            sources=self.sources,
            clock=self.clock,
            background=False,
        )
        self.client = app.test_client(use_cookies=False)

    def clock(self) -> datetime:
        return self.now

    def hear(self, source: str, fetched_at: datetime | None, cause: Cause | None = None) -> None:
        """Note how it stands with a source, as the collector would."""
        state = SourceState(fetched_at=fetched_at, cause=cause)
        self.store.write({records.source_key(source): records.state_to_bytes(state)})

    def hear_all(self, fetched_at: datetime = NOW - 2 * MINUTE) -> "ArticleSite":
        for source in self.sources:
            self.hear(source.id, fetched_at)
        return self

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        return self.client.get(path, headers=dict(headers or {}))

    def json(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data)

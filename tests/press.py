"""Sources on a local upstream, one collector that reads them, and a clock that is moved by hand."""

from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

from direct_runner import DirectRunner
from local_upstream import LocalUpstream

from service.articles.collect.collector import ArticleCollector
from service.articles.model import Article, SourceState
from service.articles.sources.registry import parser_for
from service.articles.store import records
from service.articles.store.sqlite import SqliteArticleRepository
from service.core.decisions import NO_DECISIONS, DecisionLog
from service.http_client.client import ClientLimits, HttpClient
from service.settings.model import ArticleSource
from service.storage.store import SqliteStore

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
REFRESH = timedelta(minutes=15)


class Press:
    """Portals on a local upstream, one collector that reads them, and a clock that is moved by hand."""

    def __init__(self, upstream: LocalUpstream, folder: Path) -> None:
        self.upstream, self.now = upstream, START
        self.store = SqliteStore(folder / "store.sqlite3")
        self.repository = SqliteArticleRepository(self.store)
        self.keep = 50
        self.decisions: DecisionLog = NO_DECISIONS
        self.sources = [self.feed("tinh"), self.feed("bao")]
        self.contact = ""

    def feed(self, source: str) -> ArticleSource:
        return ArticleSource(source, source, self.upstream.url(f"/{source}.xml"), full_text=True)

    def client(self) -> HttpClient:
        rules = ClientLimits(deadline=timedelta(seconds=2), max_bytes=200_000, allow_private=["127.0.0.1"])
        return HttpClient("tests (ops@example.invalid)", lambda: self.now, rules)

    def collector(self) -> ArticleCollector:
        return ArticleCollector(
            store=self.store,
            repository=self.repository,
            upstream=self.client(),
            runner=DirectRunner(),
            parsers=[parser_for(source) for source in self.sources],
            refresh=REFRESH,
            keep=self.keep,
            clock=lambda: self.now,
            wait=lambda _: False,
            contact=self.contact,
            decisions=self.decisions,
        )

    def publish(self, source: str, *items: str, **headers: str) -> None:
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>T</title>'
            f"<link>http://127.0.0.1/</link><description>d</description>{''.join(items)}</channel></rss>"
        )
        kind = {"content-type": "application/rss+xml", **headers}
        self.upstream.answer(f"/{source}.xml", body=body.encode(), headers=kind)

    def item(  # noqa: PLR0913 - what an item of a feed is made of
        self, number: int, *, title: str = "", link: str = "", guid: str = "", day: int = 21, whole: str = ""
    ) -> str:
        page = link or self.upstream.url(f"/bai/{number}.html")
        return (
            f"<item><title>{title or f'Bài viết số {number} của cổng thông tin'}</title><link>{page}</link>"
            f"<guid isPermaLink='false'>{guid or number}</guid>"
            f"<description>&lt;img src='{self.upstream.url('/anh.png')}'&gt;Phần mở đầu của bài {number}."
            f"</description><pubDate>{day} Nov 2026 08:{number:02d}:00 +0700</pubDate>"
            "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
            f"{escape(whole or f'<p>Toàn văn của bài {number}.<script>alert(1)</script></p>')}"
            "</content:encoded></item>"
        )

    def titles(self) -> list[str]:
        return [article.title for article in self.articles()]

    def articles(self) -> tuple[Article, ...]:
        return self.repository.page(limit=100).articles

    def state(self, source: str) -> SourceState:
        key = records.source_key(source)
        state = records.state_from_bytes(self.store.read([key])[key])
        assert state is not None
        return state

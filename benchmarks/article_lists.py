"""Lists, searches and feeds over 10 articles and over 10,000 of 50 sources: the ratios of their time.

Run it by hand: `.venv/bin/python benchmarks/article_lists.py`. Each figure is the median of many requests to
the whole application; the clock moves on with each, so that no finished answer is used twice.
"""

import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.app import create_app
from service.articles.model import Article, Published, SourceState
from service.articles.store import records
from service.articles.store.sqlite import SqliteArticleRepository
from service.core.progress import Progress
from service.settings.load import load_tables
from service.settings.model import Settings
from service.storage.store import SqliteStore

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FEW, MANY, SOURCES, ROUNDS = 10, 10_000, 50, 40
HALF = ",".join(f"nguon-{number}" for number in range(25))
# Limits that both sizes can fill, so that both answer with as much.
PATHS = {
    "list": "/api/v1/articles?limit=10",
    "list of one source": "/api/v1/articles?source=nguon-3&limit=1",
    "list of 25 sources": f"/api/v1/articles?source={HALF}&limit=10",
    "search, common word": "/api/v1/articles?q=phuong&limit=10",
    "search, two words": "/api/v1/articles?q=duong+hoa&limit=10",
    "widget": "/widgets/articles?limit=10",
    "RSS": "/feeds/articles.rss?limit=10",
}


def article(number: int) -> Article:
    at = NOW - timedelta(minutes=7 * number)
    return Article(
        id=f"{number:016x}",
        source=f"nguon-{number % SOURCES}",
        title=f"Phường số {number} sửa đường Hoa {number % 97}",
        url=f"https://portal.example/{number}",
        published=Published(at),
        first_seen=at,
        changed_at=at,
        sort_key=at,
        lead="Việc sửa mặt đường được làm vào ban đêm, để ban ngày xe cộ đi lại như thường. " * 2,
        author="Lê Minh",
    )


def settings_of(folder: Path) -> Settings:
    sources = [{"id": f"nguon-{number}", "url": "https://portal.example/rss"} for number in range(SOURCES)]
    written = {"store": {"url": f"sqlite://{folder}/store.sqlite3"}, "articles": {"source": sources}}
    return load_tables(written, {})


def asker(folder: Path, articles: int) -> Callable[[str], float]:
    """A function that asks once and tells the seconds it took."""
    settings = settings_of(folder)
    store = SqliteStore(settings.store.path)
    SqliteArticleRepository(store).save([article(number) for number in range(articles)])
    heard = records.state_to_bytes(SourceState(NOW))
    store.write({records.source_key(f"nguon-{number}"): heard for number in range(SOURCES)})
    moments = (NOW + timedelta(hours=number) for number in itertools.count())
    client = create_app(settings, store=store, clock=lambda: next(moments), background=False).test_client()

    def ask(path: str) -> float:
        begun = time.perf_counter()
        answer = client.get(path, headers={"Accept-Encoding": "identity"})
        took = time.perf_counter() - begun
        if answer.status_code != 200:
            sys.exit(f"{path}: {answer.status}")
        return took

    return ask


def main() -> None:
    """Print the table."""
    progress = Progress(sys.stderr)
    with tempfile.TemporaryDirectory() as few, tempfile.TemporaryDirectory() as many:
        small, large = asker(Path(few), FEW), asker(Path(many), MANY)
        print(f"{'':24}{FEW:>12}{MANY:>12}{'ratio':>8}")
        for name in progress.counted("list", list(PATHS)):
            path = PATHS[name]
            pairs = [(small(path), large(path)) for _ in range(ROUNDS)]
            first, second = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
            progress.clear()
            print(f"{name:24}{first:>9.2f} ms{second:>9.2f} ms{second / first:>8.2f}")


if __name__ == "__main__":
    main()

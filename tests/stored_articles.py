"""Articles written by hand, and a repository in a folder: for tests of whatever reads articles."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from service.articles.model import Article, ArticleImage, Published, StoredImage
from service.articles.store.sqlite import SqliteArticleRepository
from service.storage.store import SqliteStore

VIETNAM = timezone(timedelta(hours=7))
MORNING = datetime(2020, 3, 7, 1, 15, tzinfo=UTC)  # 08:15 in Vietnam
MINUTE = timedelta(minutes=1)


def article(name: str, *, minutes: int = 0, source: str = "tinh", **fields: Any) -> Article:
    """An article of that id, so many minutes after 08:15 on 7 March 2020."""
    order = fields.pop("sort_key", MORNING + minutes * MINUTE)
    if "published" not in fields:
        fields["published"] = Published(order.astimezone(VIETNAM))
    return Article(
        id=name,
        source=source,
        title=fields.pop("title", f"Tin {name}"),
        url=fields.pop("url", f"https://portal.example.gov.vn/{name}"),
        first_seen=(first_seen := fields.pop("first_seen", order)),
        changed_at=fields.pop("changed_at", first_seen),
        sort_key=order,
        **fields,
    )


def illustrated(*hashes: str) -> ArticleImage:
    """An illustration of pictures with these hashes."""
    return ArticleImage(tuple(StoredImage(name, 480, 320) for name in hashes), alt="Cầu Đông Hà")


def repository_in(folder: Path, **options: Any) -> SqliteArticleRepository:
    """A repository in a new file, or the one that is there."""
    return SqliteArticleRepository(SqliteStore(folder / "store.sqlite3"), **options)

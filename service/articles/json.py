"""The public JSON of articles, with the field names of the contract. Unknown values are null."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from service.articles.model import Article, ArticleImage, StoredImage
from service.articles.service import SourceStatus
from service.locales.formatter import Formatter
from service.settings.model import ArticleSource

_ROOT_RELATIVE = re.compile(r'(<(?:a|img)\b[^<>]*?\s(?:href|src)=")/(?!/)')


def snippet(article: Article, source: ArticleSource, base_url: str) -> dict[str, Any]:
    """Return an article of a list; our own absolute URLs begin with `base_url`."""
    published = published_at(article, source)
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "published_at": published.isoformat(timespec="seconds") if published else None,
        "date_only": article.published.date_only if article.published else False,
        "lead": article.lead,
        "author": article.author,
        "organisation": article.organisation,
        "language": article.language,
        "categories": list(article.categories),
        "image": _image(article.image, base_url) if article.image else None,
        "source": {"id": source.id, "name": source.name, "url": source.public_url},
    }


def with_text(article: Article, source: ArticleSource, base_url: str) -> dict[str, Any]:
    """Return an article with its whole lead and its text, where the source allows that."""
    fields = snippet(article, source, base_url)
    return {**fields, "lead": lead(article, source), "body_html": body_html(article, source, base_url)}


def source_status(status: SourceStatus, formatter: Formatter) -> dict[str, Any]:
    """Return the status of a source; the error is our own phrase for the cause, never an upstream's text."""
    fetched = status.fetched_at
    return {
        "id": status.source.id,
        "state": status.state.value,
        "fetched_at": f"{fetched.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if fetched else None,
        "error": formatter.cause(status.cause) if status.cause else None,
    }


def published_at(article: Article, source: ArticleSource) -> datetime | None:
    """Return the time of publication in the source's zone; a date without a time stays the same date."""
    if article.published is None:
        return None
    at = article.published.at
    return at if article.published.date_only else at.astimezone(ZoneInfo(source.timezone))


def lead(article: Article, source: ArticleSource) -> str:
    """Return the whole lead; the snippet where more may not be displayed."""
    return (article.whole_lead if source.full_text else "") or article.lead


def body_html(article: Article, source: ArticleSource, base_url: str) -> str | None:
    """Return the sanitised text with absolute URLs; None where it may not be displayed."""
    if not source.full_text or article.body_html is None:
        return None
    return _ROOT_RELATIVE.sub(rf"\g<1>{base_url}/", article.body_html)


def image_url(image: StoredImage, base_url: str) -> str:
    """Return the URL at which the image is served; `base_url` may be a path."""
    return f"{base_url}/images/{image.hash}.webp"


def _image(image: ArticleImage, base_url: str) -> dict[str, Any]:
    narrowest = image.variants[0]
    return {
        "url": image_url(narrowest, base_url),
        "width": narrowest.width,
        "height": narrowest.height,
        "alt": image.alt,
    }

"""The public JSON of articles: the field names of the contract. What nobody told is null, never left out."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from service.articles.model import Article, ArticleImage, StoredImage
from service.articles.service import SourceStatus
from service.locales.formatter import Formatter
from service.settings.model import ArticleSource

_OF_OUR_ROOT = re.compile(r'(<(?:a|img)\b[^<>]*?\s(?:href|src)=")/(?!/)')


def snippet(article: Article, source: ArticleSource, base_url: str) -> dict[str, Any]:
    """An article as the list tells it. `base_url` is what our absolute URLs begin with."""
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
        "image": _image(article.image, base_url) if article.image else None,
        "source": {"id": source.id, "name": source.name, "url": source.public_url},
    }


def whole(article: Article, source: ArticleSource, base_url: str) -> dict[str, Any]:
    """The same with the article's text, where the portal's owner allows it to be shown."""
    return {**snippet(article, source, base_url), "body_html": body_html(article, source, base_url)}


def standing(standing: SourceStatus, formatter: Formatter) -> dict[str, Any]:
    """How it stands with one source; the error is the cause in our words, nothing that an upstream wrote."""
    fetched = standing.fetched_at
    return {
        "id": standing.source.id,
        "state": standing.state.value,
        "fetched_at": f"{fetched.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if fetched else None,
        "error": formatter.cause(standing.cause) if standing.cause else None,
    }


def published_at(article: Article, source: ArticleSource) -> datetime | None:
    """When it was published, by the portal's own clock; a bare day stays the day that was written."""
    if article.published is None:
        return None
    at = article.published.at
    return at if article.published.date_only else at.astimezone(ZoneInfo(source.timezone))


def body_html(article: Article, source: ArticleSource, base_url: str) -> str | None:
    """The text, read anywhere: what it shows of ours is named with our address."""
    if not source.full_text or article.body_html is None:
        return None
    return _OF_OUR_ROOT.sub(rf"\g<1>{base_url}/", article.body_html)


def picture_url(picture: StoredImage, base_url: str) -> str:
    """Where we serve it."""
    return f"{base_url}/images/{picture.hash}.webp"


def _image(illustration: ArticleImage, base_url: str) -> dict[str, Any]:
    narrowest = illustration.variants[0]
    return {
        "url": picture_url(narrowest, base_url),
        "width": narrowest.width,
        "height": narrowest.height,
        "alt": illustration.alt,
    }

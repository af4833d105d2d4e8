"""The content of an article's page, with its metadata for search engines and social networks."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

from service.articles.json import lead as whole_lead
from service.articles.model import Article
from service.articles.presenter import Image, article_image, iso_date, local_time
from service.locales.catalog import with_territory
from service.locales.formatter import Formatter
from service.settings.model import ArticleSource

_TAG = re.compile(r"<[^<>]*+>")
_SAME_START = 60  # characters: a lead that begins like the text was cut from it
_MAX_SNIPPET = 300  # characters; a longer lead is displayed unless all of it is in the text
_MAX_IMAGE_HEIGHT = 576  # CSS pixels: what fits a screen


@dataclass(frozen=True, slots=True)
class ArticleView:
    """The values for the template, which leaves out what is None.

    Attributes:
        page_title: unique, with the source's name.
        date: the date of publication; `iso` is its ISO 8601 form.
        image: in the size at which it is displayed on a wide page.
        body: markup that the collector has sanitised; None where the text may not be displayed.
        source_url: where the source itself is found; None where nobody outside may know.
        original: our URL that redirects to the original article; `canonical` is the original's own.
        structured: a schema.org `NewsArticle` as JSON, escaped for a `<script>` element.
        properties: Open Graph names and values.
    """

    page_title: str
    description: str
    title: str
    language: str
    date: str | None
    iso: str | None
    lead: str | None
    image: Image | None
    caption: str | None
    body: str | None
    author: str | None
    organisation: str | None
    source: str
    source_url: str | None
    original: str | None
    canonical: str
    back: str
    home: str
    sample: str | None
    structured: str
    properties: tuple[tuple[str, str], ...]


def present(  # noqa: PLR0913 - one argument for each part of the page
    article: Article,
    source: ArticleSource,
    *,
    body: str | None,
    formatter: Formatter,
    back: str,
    prefix: str,
    base_url: str,
    sample: bool,
) -> ArticleView:
    """Return the page; links begin with `prefix`, those in the metadata with `base_url`.

    `body` is the sanitised text, None where it may not be displayed.
    """
    published = article.published
    image = article_image(article, prefix, formatter, widest=True)
    lead = whole_lead(article, source)
    canonical = article.url or f"{base_url}/articles/{article.id}"
    absolute_image = article_image(article, base_url, formatter, widest=True)
    return ArticleView(
        page_title=f"{article.title} – {source.name}",  # noqa: RUF001 - an en dash is meant
        description=article.lead,
        title=article.title,
        language=article.language,
        date=formatter.date(local_time(published, source.timezone)) if published else None,
        iso=iso_date(published) if published else None,
        lead=lead if lead and not _begins_with(body, lead) else None,
        image=_limit_height(image) if image and not _contains_image(body, article) else None,
        caption=article.image.caption or None if article.image else None,
        body=_with_top_targets(body) if body is not None else None,
        author=article.author,
        organisation=article.organisation,
        source=source.name,
        source_url=_portal_url(source),
        original=f"{prefix}/go/{article.id}" if article.url else None,
        canonical=canonical,
        back=back,
        home=f"{prefix}/",
        sample=formatter.text("articles.demo") if sample else None,
        structured=_script_json(_news_article(article, source, canonical, absolute_image)),
        properties=_properties(article, source, canonical, absolute_image),
    )


def _portal_url(source: ArticleSource) -> str | None:
    """Return where readers find the portal itself: as configured, or the root of the site of its articles."""
    if source.site or source.public_url is None:
        return source.public_url
    return urljoin(source.public_url, "/")


def _begins_with(body: str | None, lead: str) -> bool:
    """Return whether the text begins with the lead, which would then be displayed twice."""
    start = " ".join(lead.rstrip("….").split())
    text = " ".join(html.unescape(_TAG.sub(" ", body or "")).split())
    return bool(start) and text.startswith(start if len(start) > _MAX_SNIPPET else start[:_SAME_START])


def _contains_image(body: str | None, article: Article) -> bool:
    """Return whether the article's image is also in its text."""
    variants = article.image.variants if article.image else ()
    return any(variant.hash in (body or "") for variant in variants)


def _limit_height(image: Image) -> Image:
    """Scale a tall image down here, not in CSS, so that the browser reserves the right space for it."""
    if image.height <= _MAX_IMAGE_HEIGHT:
        return image
    width = max(1, round(image.width * _MAX_IMAGE_HEIGHT / image.height))
    return replace(image, width=width, height=_MAX_IMAGE_HEIGHT)


def _with_top_targets(body: str) -> str:
    """Return the text with links that open in the whole window: few sites allow to be framed.

    The value has no quotation marks: inside an attribute that contains `<a `, they would end the attribute.
    """
    return body.replace("<a ", "<a target=_top ")


def _news_article(
    article: Article, source: ArticleSource, canonical: str, image: Image | None
) -> Mapping[str, Any]:
    people = [
        {"@type": kind, "name": name}
        for kind, name in (("Person", article.author), ("Organization", article.organisation))
        if name
    ]
    fields = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "description": article.lead,
        "inLanguage": article.language,
        "datePublished": _published(article),
        "dateModified": _modified(article),
        "author": people,
        "publisher": {"@type": "Organization", "name": source.name},
        "image": image.url if image else None,
        "mainEntityOfPage": canonical,
    }
    return {name: value for name, value in fields.items() if value}


def _script_json(structured: Mapping[str, Any]) -> str:
    """Return JSON without markup characters: `</script>` in a title would end the element."""
    text = json.dumps(structured, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _properties(
    article: Article, source: ArticleSource, canonical: str, image: Image | None
) -> tuple[tuple[str, str], ...]:
    properties = [
        ("og:title", article.title),
        ("og:type", "article"),
        ("og:url", canonical),
        ("og:description", article.lead),
        ("og:site_name", source.name),
        ("og:locale", with_territory(article.language)),
        ("article:published_time", _published(article)),
        ("article:modified_time", _modified(article)),
    ]
    if image:
        properties += [
            ("og:image", image.url),
            ("og:image:type", "image/webp"),
            ("og:image:width", str(image.width)),
            ("og:image:height", str(image.height)),
            ("og:image:alt", image.alt),
        ]
    return tuple((name, value) for name, value in properties if value)


def _published(article: Article) -> str:
    return iso_date(article.published) if article.published else ""


def _modified(article: Article) -> str:
    """Return when the article was last changed; "" if it is as it was when we first fetched it.

    The time of the first fetch is not the time of a change, although it is later than the publication.
    """
    is_changed = article.changed_at > article.first_seen
    return article.changed_at.isoformat(timespec="seconds") if is_changed else ""

"""The page of one article, as city portals have it; and the same for machines that read pages."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from service.articles.model import Article, Published
from service.articles.presenter import Image, image_of, local, machine_date
from service.locales.formatter import Formatter
from service.locales.language_tags import with_territory
from service.settings.model import ArticleSource

_TAG = re.compile(r"<[^<>]*+>")
_TOLD_APART_BY = 60  # letters: a lead that begins as the text does is its beginning, cut at a sentence
_HIGHEST = 576  # CSS pixels: what a reader sees at once


@dataclass(frozen=True, slots=True)
class ArticleView:
    """What the template places. A text that is None is not drawn.

    Attributes:
        page_title: unique, with the source's name.
        date: the day of publication; `iso` is the same for machines.
        image: in the size it is shown at, before the page narrows it.
        body: markup that was sanitised when it was kept; None where the text may not be shown.
        original: the way to the original article, through us; `canonical` is its address.
        structured: a `NewsArticle` of schema.org that cannot end the element it stands in.
        properties: OpenGraph.
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
    original: str | None
    canonical: str
    back: str
    home: str
    sample: str | None
    structured: str
    properties: tuple[tuple[str, str], ...]


def present(  # noqa: PLR0913 - one argument for each thing the page is made of
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
    """The page; links begin with `prefix`, and with `base_url` where machines read them.

    `body` is the sanitised text, None where it may not be shown.
    """
    published = article.published
    image = image_of(article, prefix, formatter, widest=True)
    canonical = article.url or f"{base_url}/articles/{article.id}"
    abroad = image_of(article, base_url, formatter, widest=True)
    return ArticleView(
        page_title=f"{article.title} – {source.name}",  # noqa: RUF001 - the dash that belongs there
        description=article.lead,
        title=article.title,
        language=article.language,
        date=formatter.date(local(published, source.timezone)) if published else None,
        iso=machine_date(published) if published else None,
        lead=article.lead if article.lead and not _begins_with(body, article.lead) else None,
        image=_low_enough(image) if image and not _shows(body, article) else None,
        caption=article.image.caption or None if article.image else None,
        body=_leaving_frames(body) if body is not None else None,
        author=article.author,
        organisation=article.organisation,
        source=source.name,
        original=f"{prefix}/go/{article.id}" if article.url else None,
        canonical=canonical,
        back=back,
        home=f"{prefix}/",
        sample=formatter.text("articles.demo") if sample else None,
        structured=_in_a_page(_news_article(article, source, canonical, abroad)),
        properties=_properties(article, source, canonical, abroad),
    )


def _begins_with(body: str | None, lead: str) -> bool:
    """Whether the text itself begins with the lead, which would then be read twice."""
    start = " ".join(lead.rstrip("….").split())[:_TOLD_APART_BY]
    text = " ".join(html.unescape(_TAG.sub(" ", body or "")).split())
    return bool(start) and text.startswith(start)


def _shows(body: str | None, article: Article) -> bool:
    """Whether the text has the article's picture in it."""
    pictures = article.image.variants if article.image else ()
    return any(picture.hash in (body or "") for picture in pictures)


def _low_enough(image: Image) -> Image:
    """One that stands upright is made smaller, in its own shape: its place is known before it comes."""
    if image.height <= _HIGHEST:
        return image
    return replace(image, width=max(1, round(image.width * _HIGHEST / image.height)), height=_HIGHEST)


def _leaving_frames(body: str) -> str:
    """The text with links that open in the whole window: few sites let others frame them.

    Without quotation marks, which would end an address that has such letters in it.
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
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "description": article.lead,
        "inLanguage": article.language,
        "datePublished": _machine_date(article.published),
        "dateModified": _corrected(article),
        "author": people,
        "publisher": {"@type": "Organization", "name": source.name},
        "image": image.url if image else None,
        "mainEntityOfPage": canonical,
    }
    return {name: value for name, value in said.items() if value}


def _in_a_page(structured: Mapping[str, Any]) -> str:
    """As JSON in which nothing reads as markup."""
    written = json.dumps(structured, ensure_ascii=False, separators=(",", ":"))
    return written.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _properties(
    article: Article, source: ArticleSource, canonical: str, image: Image | None
) -> tuple[tuple[str, str], ...]:
    said = [
        ("og:title", article.title),
        ("og:type", "article"),
        ("og:url", canonical),
        ("og:description", article.lead),
        ("og:site_name", source.name),
        ("og:locale", with_territory(article.language)),
        ("article:published_time", _machine_date(article.published)),
        ("article:modified_time", _corrected(article)),
    ]
    if image:
        said += [
            ("og:image", image.url),
            ("og:image:type", "image/webp"),
            ("og:image:width", str(image.width)),
            ("og:image:height", str(image.height)),
            ("og:image:alt", image.alt),
        ]
    return tuple((name, value) for name, value in said if value)


def _machine_date(published: Published | None) -> str:
    return machine_date(published) if published else ""


def _corrected(article: Article) -> str:
    """When its text was changed after we first had it; what came in later than published is no correction."""
    corrected = article.changed_at > article.first_seen
    return article.changed_at.isoformat(timespec="seconds") if corrected else ""

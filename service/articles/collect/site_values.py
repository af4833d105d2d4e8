"""Recognise what a source declares alike on several pages, and leave it out of its articles.

A picture or description in the head of at least three articles' pages is the site's own, and so is a date
there where page or listing shows another. It shows only when the third article comes, so the articles kept
before are corrected too.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from service.articles.collect.assemble import placed_at
from service.articles.model import Article, ArticleImage, Declared, ParsedEntry, StoredImage, lead_digest
from service.articles.text import names, plain_text

_MIN_ALIKE = 3  # articles
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif|bmp|svg)$", re.IGNORECASE)
_FIGURE = re.compile(r'<img src="/images/(\w+)\.webp" width="(\d{1,5})" height="(\d{1,5})"', re.ASCII)

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class SiteValues:
    """What is the site's own: digests of descriptions, addresses of pictures, days."""

    leads: frozenset[str] = frozenset()
    images: frozenset[str] = frozenset()
    days: frozenset[date] = frozenset()


def site_values(declared: Iterable[Declared]) -> SiteValues:
    """Return what at least three articles declare alike."""
    articles = list(declared)
    return SiteValues(
        leads=_alike(one.lead for one in articles if one.lead),
        images=_alike(_image_key(one.image) for one in articles if one.image),
        days=_alike(one.day for one in articles if one.day),
    )


def declared_by(article: Article, *, is_page: bool) -> Declared:
    """Return what the page of a kept article declares.

    Of one that an earlier version kept it is not known; where everything comes from pages, its picture and
    its lead are taken for declared.
    """
    if article.declared is not None or not is_page:
        return article.declared or Declared()
    image = article.image.source_url if article.image else ""
    return Declared(lead_digest(article.lead), image, lead_is_alone=True, image_is_alone=True)


def without_site_values(entry: ParsedEntry, site: SiteValues) -> ParsedEntry:
    """Return the entry with what page and listing have in place of what is the site's."""
    declared, bare = entry.declared, entry.undeclared
    if declared is None or bare is None:
        return entry
    allowed = {_image_key(image.url) for image in bare.images}
    images = (
        one for one in entry.images if (key := _image_key(one.url)) in allowed or key not in site.images
    )
    entry = replace(entry, images=tuple(images))
    if declared.lead_is_alone and declared.lead in site.leads:
        entry = replace(entry, lead=bare.lead, whole_lead=bare.whole_lead, body_html=bare.body_html)
    if declared.shown is not None and declared.day in site.days:
        entry = replace(entry, published=bare.published)
    return entry


def corrected(article: Article, declared: Declared, site: SiteValues, now: datetime) -> Article | None:
    """Return a kept article without what is the site's, as far as that can be told without its page.

    None where there is nothing to correct. It is marked to be read again.
    """
    changes: dict[str, Any] = {}
    if _shows_site_image(article, declared, site):
        changes["image"] = _image_in(article.body_html)
    if declared.lead_is_alone and declared.lead in site.leads and lead_digest(article.lead) == declared.lead:
        changes |= {"lead": plain_text.lead(article.body_html or ""), "whole_lead": ""}
    published = article.published
    if declared.shown and published and published.at.date() == declared.day and declared.day in site.days:
        sort_key = placed_at(declared.shown, article.first_seen)
        changes |= {"published": declared.shown, "sort_key": sort_key}
    if article.author and names.is_nobody(article.author):
        changes["author"] = None
    return replace(article, **changes, changed_at=now, reading=0) if changes else None


def _shows_site_image(article: Article, declared: Declared, site: SiteValues) -> bool:
    if article.image is None or not declared.image_is_alone:
        return False
    key = _image_key(declared.image)
    return key in site.images and key == _image_key(article.image.source_url)


def _image_in(body_html: str | None) -> ArticleImage | None:
    """Return the first image of a text, in the size that it has there."""
    first = _FIGURE.search(body_html or "")
    return ArticleImage((StoredImage(first[1], int(first[2]), int(first[3])),)) if first else None


def _image_key(url: str) -> str:
    """Return the address of a picture without what only tells its version."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}" if _IMAGE_FILE.search(parts.path) else url


def _alike(values: Iterable[T]) -> frozenset[T]:
    return frozenset(value for value, count in Counter(values).items() if count >= _MIN_ALIKE)

"""What every parser of listings and pages gets, and what it returns.

`ParseContext` is the source's settings, the clock and the base URL. Each way of reading a page returns an
`Extracted`; those of all ways together make the article.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from posixpath import basename
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from service.articles.model import ImageCandidate, Published
from service.articles.text import dates, image_links, urls
from service.articles.text.bylines import Byline
from service.core.folding import fold
from service.settings.model import ArticleSource


@dataclass(frozen=True, slots=True)
class Extracted:
    """Parts of an article. Texts are plain, the lead is whole; an empty one was not found."""

    title: str = ""
    lead: str = ""
    published: Published | None = None
    author: str | None = None
    organisation: str | None = None
    images: tuple[ImageCandidate, ...] = ()
    body_html: str | None = None
    categories: tuple[str, ...] = ()

    @property
    def byline(self) -> Byline:
        """Author and organisation."""
        return self.author, self.organisation

    def or_else(self, other: "Extracted") -> "Extracted":
        """Return this with missing parts taken from the other; images of both, these first."""
        author, organisation = join_bylines(self.byline, other.byline)
        return Extracted(
            title=self.title or other.title,
            lead=self.lead or other.lead,
            published=self.published or other.published,
            author=author,
            organisation=organisation,
            images=merge_images((*self.images, *other.images)),
            body_html=self.body_html or other.body_html,
            categories=self.categories or other.categories,
        )


def join_bylines(first: Byline, second: Byline) -> Byline:
    """Return author and organisation of one place: the first that names a person, else the first at all.

    A name alone takes the organisation that the other place has beside the same name.
    """
    if first[0] is None:
        return second if second[0] or first[1] is None else first
    is_same = first[1] is None and second[0] is not None and fold(first[0]) == fold(second[0])
    return (first[0], second[1]) if is_same else first


def merge_images(images: Iterable[ImageCandidate]) -> tuple[ImageCandidate, ...]:
    """Return each image once; repetitions complete the size and words of the first."""
    by_name: dict[str, ImageCandidate] = {}
    for image in images:
        name = image_name(image.url)
        first = by_name.get(name)
        by_name[name] = _complete(first, image) if first else image
    return tuple(by_name.values())


def _complete(first: ImageCandidate, other: ImageCandidate) -> ImageCandidate:
    keeps_size = first.width is not None or first.url != other.url  # another URL is another size
    return replace(
        first,
        width=first.width if keeps_size else other.width,
        height=first.height if keeps_size else other.height,
        alt=first.alt or other.alt,
        caption=first.caption or other.caption,
    )


def image_name(url: str) -> str:
    """Return the file name, which is the same for all sizes and hosts; the URL where it does not identify."""
    parts = urlsplit(url)
    name = basename(parts.path)
    return name if "." in name and not parts.query else url


_MAX_AHEAD = timedelta(days=1)  # a date further ahead of our clock is no date of publication
_MIN_SIDE = 3  # pixels; smaller images are trackers
_MAX_WORDS = 1_000  # characters of `alt` and caption
_PIXELS = re.compile(r"\d{1,5}")


@dataclass(frozen=True, slots=True)
class ParseContext:
    """How to interpret the dates and URLs of one response; `base` is what relative links start from."""

    source: ArticleSource
    now: datetime
    base: str

    def parse_date(self, text: str) -> Published | None:
        """Return the date that the text is; None for one in the future."""
        return self._not_ahead(
            dates.parse(text, ZoneInfo(self.source.timezone), self.now, self.source.date_order)
        )

    def find_date(self, text: str) -> tuple[Published, tuple[int, int]] | None:
        """Return the date in a longer text and its span."""
        found = dates.find(text, ZoneInfo(self.source.timezone), self.now, self.source.date_order)
        return found if found and self._not_ahead(found[0]) else None

    def with_order_of(self, written: Iterable[str]) -> "ParseContext":
        """Return the context for a listing with these dates, whose order of day and month may be its own."""
        order = dates.order_of(written, self.source.date_order)
        if order == self.source.date_order:
            return self
        return replace(self, source=replace(self.source, date_order=order))

    def absolute_url(self, url: object) -> str | None:
        """Return the absolute URL; None for one that readers should not follow."""
        return urls.normalise_url(url, self.base) if isinstance(url, str) and url.strip() else None

    def image(
        self, url: object, width: object = None, height: object = None, alt: str = "", caption: str = ""
    ) -> ImageCandidate | None:
        """Return the image at a URL; None for trackers and decoration."""
        absolute = self.absolute_url(url)
        if absolute is None or image_links.is_decoration(absolute):
            return None
        sides = (parse_pixels(width), parse_pixels(height))
        if any(side is not None and side < _MIN_SIDE for side in sides):
            return None
        return ImageCandidate(absolute, *sides, alt[:_MAX_WORDS], caption[:_MAX_WORDS])

    def _not_ahead(self, published: Published | None) -> Published | None:
        return None if published is None or published.at > self.now + _MAX_AHEAD else published


def parse_pixels(length: object) -> int | None:
    """Return the pixels of `600`, `"600"` or `"600px"`; None for anything else, percentages included."""
    if isinstance(length, bool) or not isinstance(length, str | int | float):
        return None
    text = str(length).strip()
    match = _PIXELS.match(text)
    return int(match[0]) if match and not text.endswith("%") else None

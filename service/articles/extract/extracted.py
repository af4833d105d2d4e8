"""The result of each way of reading an article's page; the results of all ways together make the article."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from posixpath import basename
from urllib.parse import urlsplit

from service.articles.model import ImageCandidate, Published


@dataclass(frozen=True, slots=True)
class Extracted:
    """Parts of an article. Texts are plain; an empty one was not found."""

    title: str = ""
    lead: str = ""
    published: Published | None = None
    author: str | None = None
    organisation: str | None = None
    images: tuple[ImageCandidate, ...] = ()
    body_html: str | None = None

    def or_else(self, other: "Extracted") -> "Extracted":
        """Return this with missing parts taken from the other; images of both, these first."""
        return Extracted(
            title=self.title or other.title,
            lead=self.lead or other.lead,
            published=self.published or other.published,
            author=self.author or other.author,
            organisation=self.organisation or other.organisation,
            images=merge_images((*self.images, *other.images)),
            body_html=self.body_html or other.body_html,
        )


def merge_images(images: Iterable[ImageCandidate]) -> tuple[ImageCandidate, ...]:
    """Return each image once; repetitions complete the size and words of the first."""
    by_name: dict[str, ImageCandidate] = {}
    for image in images:
        name = _name(image.url)
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


def _name(url: str) -> str:
    """Return the file name, which is the same for all sizes and hosts; the URL where it does not identify."""
    parts = urlsplit(url)
    name = basename(parts.path)
    return name if "." in name and not parts.query else url

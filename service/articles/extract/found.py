"""What one way of looking at an article's page found; several ways together make the article."""

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
    pictures: tuple[ImageCandidate, ...] = ()
    body_html: str | None = None

    def or_else(self, other: "Extracted") -> "Extracted":
        """This, with what is missing taken from the other; pictures of both, these first."""
        return Extracted(
            title=self.title or other.title,
            lead=self.lead or other.lead,
            published=self.published or other.published,
            author=self.author or other.author,
            organisation=self.organisation or other.organisation,
            pictures=joined((*self.pictures, *other.pictures)),
            body_html=self.body_html or other.body_html,
        )


def joined(pictures: Iterable[ImageCandidate]) -> tuple[ImageCandidate, ...]:
    """Each picture once; one that is named again lends its words and sizes to the first of its name."""
    by_name: dict[str, ImageCandidate] = {}
    for picture in pictures:
        name = _name(picture.url)
        first = by_name.get(name)
        by_name[name] = _completed(first, picture) if first else picture
    return tuple(by_name.values())


def _completed(first: ImageCandidate, again: ImageCandidate) -> ImageCandidate:
    known = first.width is not None or first.url != again.url
    return replace(
        first,
        width=first.width if known else again.width,
        height=first.height if known else again.height,
        alt=first.alt or again.alt,
        caption=first.caption or again.caption,
    )


def _name(url: str) -> str:
    """The file's name, which stays the same over sizes and hosts; a name without an ending says nothing."""
    name = basename(urlsplit(url).path)
    return name if "." in name and not urlsplit(url).query else url

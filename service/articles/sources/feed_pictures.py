"""Finding an entry's picture where feeds hide them (Media RSS, enclosures, iTunes, the text itself)."""

import re
from collections.abc import Iterable, Iterator

from service.articles.extract.found import joined
from service.articles.model import ImageCandidate
from service.articles.sources.context import ParseContext, pixels
from service.articles.sources.feed_document import Entry
from service.articles.text import plain_text

_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif|bmp)(?:$|[?#])", re.IGNORECASE)
_MOST = 50  # of one kind in one entry
_LARGEST = 2_400  # pixels across; beyond it a picture is too heavy to be worth it
_THUMBNAIL = 200  # pixels across; up to here a picture of the text itself is better


def pictures_of(
    entry: Entry, in_the_text: Iterable[ImageCandidate], at: ParseContext
) -> tuple[ImageCandidate, ...]:
    """The pictures, best first: what the feed offers, then those of the text, then mere thumbnails."""
    offered = sorted(_media(entry, at), key=_fitness, reverse=True)
    thumbnails = sorted(_thumbnails(entry, at), key=_fitness, reverse=True)
    large = [picture for picture in thumbnails if (picture.width or _THUMBNAIL + 1) > _THUMBNAIL]
    return joined((*offered, *_enclosures(entry, at), *large, *in_the_text, *thumbnails, *_logo(entry, at)))


def _fitness(picture: ImageCandidate) -> int:
    """The wider the better, as long as it is sensible; an unknown width lies in between."""
    width = _THUMBNAIL * 2 if picture.width is None else picture.width
    return width if width <= _LARGEST else 0


def _media(entry: Entry, at: ParseContext) -> Iterator[ImageCandidate]:
    for media in entry.get("media_content", ())[:_MOST]:
        kind = media.get("medium") or media.get("type", "")
        url = media.get("url", "")
        if kind.startswith("image") or (not kind and _PICTURE_FILE.search(url)):
            yield from _hint(url, media, at)


def _enclosures(entry: Entry, at: ParseContext) -> Iterator[ImageCandidate]:
    for enclosure in entry.get("enclosures", ())[:_MOST]:
        kind, url = enclosure.get("type", ""), enclosure.get("href", "")
        if kind.startswith("image") or (not kind and _PICTURE_FILE.search(url)):
            yield from _hint(url, {}, at)  # its length counts bytes, whatever portals write there


def _thumbnails(entry: Entry, at: ParseContext) -> Iterator[ImageCandidate]:
    for thumbnail in entry.get("media_thumbnail", ())[:_MOST]:
        yield from _hint(thumbnail.get("url", ""), thumbnail, at)


def _logo(entry: Entry, at: ParseContext) -> Iterator[ImageCandidate]:
    image = entry.get("image")
    yield from _hint(image.get("href", ""), {}, at) if image else ()


def _hint(url: str, said: Entry, at: ParseContext) -> Iterator[ImageCandidate]:
    sizes = (pixels(said.get("width")), pixels(said.get("height")))
    picture = at.picture(url, *sizes, alt=plain_text.from_markup(said.get("title", "")))
    if picture:
        yield picture

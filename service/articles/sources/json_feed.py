"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from service.articles.extract.found import joined
from service.articles.model import ImageCandidate, Listing, ParsedEntry
from service.articles.sources.context import ParseContext
from service.articles.sources.json_text import opened
from service.articles.sources.messages import unreadable
from service.articles.text import bylines, plain_text, sanitise, unicode
from service.articles.text.unicode import is_language_tag

Thing = Mapping[str, Any]

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/|1(?:\.[01])?$")
_MOST = 1_000  # items of one feed that are read
_MOST_ATTACHED = 50  # to one item


def listing(written: str, at: ParseContext) -> Listing:
    """The feed's articles.

    Raises:
        UpstreamError: when the text is no JSON Feed.
    """
    feed = opened(written, "a feed")
    if not isinstance(feed, dict) or not _VERSION.match(_text(feed, "version")):
        raise unreadable("This is JSON, but no JSON Feed.")
    items = feed.get("items")
    if not isinstance(items, list):
        raise unreadable("The JSON Feed has no list of items.")
    drafts = (_draft(item, feed, at) for item in items[:_MOST] if isinstance(item, dict))
    return Listing(tuple(filter(None, drafts)))


def _draft(item: Thing, feed: Thing, at: ParseContext) -> ParsedEntry | None:
    """An item without an id must be discarded, says the format; a number is taken for its digits."""
    key = item.get("id")
    key = str(key) if isinstance(key, int | float) and not isinstance(key, bool) else key
    key = unicode.one_line(key) if isinstance(key, str) else ""
    markup = _text(item, "content_html")
    lead = _lead(item, markup)
    title = plain_text.title(_text(item, "title")) or plain_text.title(lead)
    if not key or not title:
        return None
    author, organisation = _people(item, feed)
    return ParsedEntry(
        key=key,
        title=title,
        url=at.link(item.get("url")) or at.link(item.get("external_url")),
        published=at.date(_text(item, "date_published")) or at.date(_text(item, "date_modified")),
        lead=lead,
        author=author,
        organisation=organisation,
        images=joined(_pictures(item, markup, at)),
        body_html=unicode.remove_controls(markup) or None if at.source.full_text else None,
        language=_language(item, feed, at),
    )


def _language(item: Thing, feed: Thing, at: ParseContext) -> str | None:
    """The item's own word goes before the configuration, the feed's after it: that is often a default."""
    said = (_text(item, "language"), at.source.language, _text(feed, "language"))
    return next(filter(is_language_tag, said), None)


def _lead(item: Thing, markup: str) -> str:
    return (
        plain_text.lead(_text(item, "summary"))
        or plain_text.lead(markup)
        or plain_text.lead(escape(_text(item, "content_text")))
    )


def _people(item: Thing, feed: Thing) -> tuple[str | None, str | None]:
    """The item's authors, else the feed's; 1.0 says `author`, 1.1 `authors`."""
    for thing in (item, feed):
        names = [plain_text.from_markup(_text(author, "name")) for author in _authors(thing)]
        people = [bylines.parse(name) for name in names if name]
        if people:
            persons = ", ".join(person for person, _ in people if person)
            return persons or None, next((unit for _, unit in people if unit), None)
    return None, None


def _authors(thing: Thing) -> Iterator[Thing]:
    authors = thing.get("authors") or [thing.get("author")]
    listed = authors[: bylines.MAX_AUTHORS] if isinstance(authors, list) else ()
    return (author for author in listed if isinstance(author, dict))


def _pictures(item: Thing, markup: str, at: ParseContext) -> Iterator[ImageCandidate]:
    attachments = item.get("attachments")
    listed = attachments[:_MOST_ATTACHED] if isinstance(attachments, list) else []
    attached = [one for one in listed if isinstance(one, dict)]
    addresses = [item.get("image"), item.get("banner_image")]
    addresses += [one.get("url") for one in attached if _text(one, "mime_type").startswith("image/")]
    yield from filter(None, map(at.picture, addresses))
    yield from sanitise.sanitise_html(markup, at.base).images if markup else ()


def _text(thing: Thing, name: str) -> str:
    value = thing.get(name)
    return value if isinstance(value, str) else ""

"""Parse JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import escape
from typing import Any

from service.articles.extract import signatures
from service.articles.extract.context import ParseContext, merge_images
from service.articles.listing_order import newest
from service.articles.model import ImageCandidate, Listing, ParsedEntry, Published
from service.articles.sources.error_messages import parse_json, unreadable
from service.articles.text import bylines, categories, image_links, plain_text, sanitise
from service.articles.text.bylines import Byline
from service.articles.text.plain_text import is_language_tag

JsonObject = Mapping[str, Any]

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/|1(?:\.[01])?$")
_EXPECTED = "a feed"
_MAX_ITEMS = 1_000  # of one feed, the newest
_MAX_ATTACHMENTS = 50  # of one item


def parse_listing(text: str, context: ParseContext) -> Listing:
    """Return the feed's entries.

    Raises:
        UpstreamError: when the text is no JSON Feed, or one whose items are all unusable.
    """
    feed = parse_json(text, _EXPECTED)
    if not isinstance(feed, dict) or not _VERSION.match(_string(feed, "version")):
        raise unreadable("This is JSON, but no JSON Feed.")
    items = feed.get("items")
    if not isinstance(items, list):
        raise unreadable("The JSON Feed has no list of items.")
    readable = [item for item in items if isinstance(item, dict)]
    context = context.with_order_of(_written_date(item, "date_published") for item in readable)
    if len(readable) > _MAX_ITEMS:
        readable = newest(readable, [_published(item, context) for item in readable], _MAX_ITEMS)
    parsed = (_parse_item(item, feed, context) for item in readable)
    entries = tuple(filter(None, parsed))
    if items and not entries:
        raise unreadable("None of the feed's items has an id, and a title or a text.")
    return Listing(entries)


def _parse_item(item: JsonObject, feed: JsonObject, context: ParseContext) -> ParsedEntry | None:
    key = item.get("id")  # items without an id must be discarded, by the specification
    key = str(key) if isinstance(key, int | float) and not isinstance(key, bool) else key
    key = plain_text.one_line(key) if isinstance(key, str) else ""
    markup = _string(item, "content_html")
    whole_lead = plain_text.whole_lead(_string(item, "summary"))
    lead = plain_text.snippet(whole_lead) or _beginning(item, markup)
    title = plain_text.title(_string(item, "title")) or plain_text.title(lead)
    if not key or not title:
        return None
    author, organisation = signatures.signed(_byline(item, feed), markup)
    url = context.absolute_url(item.get("url")) or context.absolute_url(item.get("external_url"))
    context = replace(context, base=url or context.base)
    # The item's language comes before the configured one, the feed's after it: that is often a default.
    languages = (_string(item, "language"), context.source.language, _string(feed, "language"))
    return ParsedEntry(
        key=key,
        title=title,
        url=url,
        published=_published(item, context),
        lead=lead,
        whole_lead=whole_lead,
        author=author,
        organisation=organisation,
        images=merge_images(_images(item, markup, context)),
        body_html=plain_text.remove_controls(markup) or None if context.source.full_text else None,
        body_base=context.base,
        language=next(filter(is_language_tag, languages), None),
        categories=categories.clean(tags if isinstance(tags := item.get("tags"), list) else ()),
    )


def _published(item: JsonObject, context: ParseContext) -> Published | None:
    dates = (_written_date(item, name) for name in ("date_published", "date_modified"))
    return next(filter(None, map(context.parse_date, dates)), None)


def _beginning(item: JsonObject, markup: str) -> str:
    return plain_text.lead(markup) or plain_text.lead(escape(_string(item, "content_text")))


def _written_date(item: JsonObject, name: str) -> str:
    """Return a date as it is written; some write Unix times, as numbers."""
    value = item.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else _string(item, name)


def _byline(item: JsonObject, feed: JsonObject) -> Byline:
    """Return the item's authors, else the feed's."""
    for owner in (item, feed):
        parsed = [bylines.parse(name) for name in _author_names(owner)]
        if parsed:
            persons = ", ".join(person for person, _ in parsed if person)
            return persons or None, next((unit for _, unit in parsed if unit), None)
    return None, None


def _author_names(owner: JsonObject) -> list[str]:
    """Return the names in `authors` (1.1), else `author` (1.0): an object or a text, or a list of either."""
    for field in ("authors", "author"):
        value = owner.get(field)
        authors = value[: bylines.MAX_AUTHORS] if isinstance(value, list) else [value]
        written = (author if isinstance(author, str) else _name_of(author) for author in authors)
        names = list(filter(None, map(plain_text.from_long_markup, written)))
        if names:
            return names
    return []


def _name_of(author: object) -> str:
    return _string(author, "name") if isinstance(author, dict) else ""


def _images(item: JsonObject, markup: str, context: ParseContext) -> Iterator[ImageCandidate]:
    attachments = item.get("attachments")
    listed = attachments[:_MAX_ATTACHMENTS] if isinstance(attachments, list) else []
    images = [
        attachment.get("url")
        for attachment in listed
        if isinstance(attachment, dict)
        and image_links.is_image_file(_string(attachment, "mime_type"), _string(attachment, "url"))
    ]
    yield from filter(None, map(context.image, [item.get("image"), item.get("banner_image"), *images]))
    yield from sanitise.images_in(markup, context.base) if markup else ()


def _string(thing: JsonObject, name: str) -> str:
    value = thing.get(name)
    return value if isinstance(value, str) else ""

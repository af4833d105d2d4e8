"""Write a channel of articles as RSS 2.0, Atom or JSON Feed. Any text becomes well-formed XML.

RSS follows the profile of the RSS Advisory Board, with Media RSS; Atom is RFC 4287; JSON Feed is version 1.1.
All return the same bytes until something in the channel changes.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from service.settings.model import ArticleSource

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"  # with the slash at its end: namespaces are compared as strings
_WEBP = "image/webp"
_RSS_TYPE, _ATOM_TYPE, _JSON_TYPE = "application/rss+xml", "application/atom+xml", "application/feed+json"
_NO_UPDATE = datetime(1970, 1, 1, tzinfo=UTC)  # Atom requires a time, and an empty feed has none
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Image:
    """A WebP image; `size` in bytes, None if unknown."""

    url: str
    width: int
    height: int
    size: int | None


@dataclass(frozen=True, slots=True)
class Images:
    """An article's image in its widest and narrowest variant, with its caption."""

    wide: Image
    narrow: Image
    caption: str


@dataclass(frozen=True, slots=True)
class Item:
    """One article. Its texts are plain, except `body_html`.

    Attributes:
        id: a tag URI (RFC 4151), the same over restarts.
        link: the original, or our own page where there is none.
        updated: when it was last changed, else published, or first seen where it has no date.
    """

    id: str
    title: str
    link: str
    published: datetime | None
    date_only: bool
    updated: datetime
    lead: str
    author: str | None
    organisation: str | None
    language: str
    categories: tuple[str, ...]
    source: ArticleSource
    images: Images | None
    body_html: str | None


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed.

    Attributes:
        id: a tag URI; the same for every limit and language of the feed.
        link: the page with the same articles.
        self_url: the URL of the feed itself.
        refresh: the interval at which the articles are fetched.
    """

    id: str
    title: str
    description: str
    link: str
    self_url: str
    language: str
    refresh: timedelta
    items: tuple[Item, ...]
    updated: datetime | None
    sample: bool


def rss(channel: Channel) -> bytes:
    """Return the channel as RSS 2.0."""
    namespaces = {"xmlns:atom": _ATOM, "xmlns:content": _CONTENT, "xmlns:dc": _DC, "xmlns:media": _MEDIA}
    root = Element("rss", {"version": "2.0", **namespaces})
    head = _add(root, "channel")
    _add(head, "title", channel.title)
    _add(head, "link", channel.link)
    _add(head, "description", _escaped(channel.description))
    _add(head, "language", channel.language)
    if channel.updated is not None:
        _add(head, "lastBuildDate", format_datetime(channel.updated))
    _add(head, "ttl", str(max(1, int(channel.refresh.total_seconds()) // 60)))
    _add(head, "atom:link", href=channel.self_url, rel="self", type=_RSS_TYPE)
    for item in channel.items:
        _add_rss_item(_add(head, "item"), item)
    return _document(root)


def _add_rss_item(into: Element, item: Item) -> None:
    _add(into, "title", item.title)
    _add(into, "link", item.link)
    _add(into, "guid", item.id, isPermaLink="false")
    if item.published is not None:
        _add(into, "pubDate", format_datetime(item.published))
    if byline := item.author or item.organisation:
        _add(into, "dc:creator", byline)
    if item.source.public_url is not None:  # RSS has no source without an address
        _add(into, "source", item.source.name, url=item.source.public_url)
    for category in item.categories:
        _add(into, "category", category)
    _add(into, "description", _escaped(item.lead))
    if item.body_html is not None:
        _add(into, "content:encoded", item.body_html)
    if item.images is None:
        return
    wide = item.images.wide
    if wide.size is not None:  # an enclosure must have a length, and a wrong one is worse than none
        _add(into, "enclosure", url=wide.url, length=str(wide.size), type=_WEBP)
    _add_media(into, item.images)


def _escaped(text: str) -> str:
    """Escape a description, which readers take for HTML: a lead that mentions <b> must not become bold."""
    return escape(text, quote=False)


def atom(channel: Channel) -> bytes:
    """Return the channel as Atom."""
    namespaces = {"xmlns": _ATOM, "xmlns:dc": _DC, "xmlns:media": _MEDIA}
    root = Element("feed", {**namespaces, "xml:lang": channel.language})
    _add(root, "id", channel.id)
    _add(root, "title", channel.title)
    _add(root, "subtitle", channel.description)
    _add(root, "updated", _timestamp(channel.updated or _NO_UPDATE))
    _add(root, "link", rel="self", type=_ATOM_TYPE, href=channel.self_url)
    _add(root, "link", rel="alternate", type="text/html", href=channel.link)
    for item in channel.items:
        _add_atom_entry(_add(root, "entry", **{"xml:lang": item.language}), item)
    return _document(root)


def _add_atom_entry(into: Element, item: Item) -> None:
    _add(into, "id", item.id)
    _add(into, "title", item.title)
    _add(into, "link", rel="alternate", type="text/html", href=item.link)
    if item.published is not None:
        _add(into, "published", _timestamp(item.published))
    _add(into, "updated", _timestamp(item.updated))
    # Atom requires an author; an article that names none is its source's.
    _add(_add(into, "author"), "name", item.author or item.organisation or item.source.name)
    _add(into, "dc:publisher", item.source.name)
    for category in item.categories:
        _add(into, "category", term=category)
    if item.lead:
        _add(into, "summary", item.lead)
    if item.body_html is not None:
        _add(into, "content", item.body_html, type="html")
    if item.images is None:
        return
    wide = item.images.wide
    length = {"length": str(wide.size)} if wide.size is not None else {}
    _add(into, "link", rel="enclosure", type=_WEBP, href=wide.url, **length)
    _add_media(into, item.images)


def _timestamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def json_feed(channel: Channel) -> bytes:
    """Return the channel as JSON Feed in UTF-8; `_snippet` has what the format has no field for."""
    payload: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "description": channel.description,
        "home_page_url": channel.link,
        "feed_url": channel.self_url,
        "language": channel.language,
        "items": [_json_item(item) for item in channel.items],
    }
    if channel.sample:
        payload["sample"] = True
    return json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _json_item(item: Item) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": item.id, "url": item.link, "title": item.title, "language": item.language}
    if item.lead:
        fields["summary"] = item.lead
    if item.body_html is not None:
        fields["content_html"] = item.body_html
    else:
        fields["content_text"] = item.lead or item.title  # one of the two contents is required
    if item.published is not None:
        fields["date_published"] = item.published.isoformat(timespec="seconds")
    if byline := item.author or item.organisation:
        fields["authors"] = [{"name": byline}]
    if item.categories:
        fields["tags"] = list(item.categories)
    image = None
    if item.images is not None:
        wide = item.images.wide
        fields["image"] = wide.url
        image = {"width": wide.width, "height": wide.height, "caption": item.images.caption}
    source = {"id": item.source.id, "name": item.source.name, "url": item.source.public_url}
    more = {
        "date_only": item.date_only,
        "organisation": item.organisation,
        "image": image,
        "source": source,
    }
    return fields | {"_snippet": more}


FORMATS: Mapping[str, tuple[Callable[[Channel], bytes], str]] = {  # by the end of the feed's address
    "rss": (rss, _RSS_TYPE),
    "atom": (atom, _ATOM_TYPE),
    "json": (json_feed, _JSON_TYPE),
}


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """Add a child; characters that XML 1.0 cannot carry even when escaped are left out."""
    clean = {key: _NOT_IN_XML.sub("", value) for key, value in attributes.items()}
    child = SubElement(parent, name, clean)
    child.text = None if text is None else _NOT_IN_XML.sub("", text)
    return child


def _add_media(parent: Element, images: Images) -> None:
    """Add the image as Media RSS."""
    wide, narrow = images.wide, images.narrow
    size = {"width": str(wide.width), "height": str(wide.height)}
    content = _add(parent, "media:content", url=wide.url, medium="image", type=_WEBP, **size)
    if images.caption:  # inside: beside it, feedparser takes the words for the item's own description
        _add(content, "media:description", images.caption, type="plain")
    _add(parent, "media:thumbnail", url=narrow.url, width=str(narrow.width), height=str(narrow.height))


def _document(root: Element) -> bytes:
    document: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return document

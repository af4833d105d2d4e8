"""Atom (RFC 4287)."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from service.articles.feed_channel import Channel, Item
from service.articles.feed_xml import DC, MEDIA, WEBP, add, add_media, document

KIND = "application/atom+xml"
_NAMESPACES = {"xmlns": "http://www.w3.org/2005/Atom", "xmlns:dc": DC, "xmlns:media": MEDIA}
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # Atom wants a moment, and an empty feed has none


def written(channel: Channel) -> bytes:
    """The feed; the same bytes until something in it changes."""
    root = Element("feed", {**_NAMESPACES, "xml:lang": channel.language})
    add(root, "id", channel.id)
    add(root, "title", channel.title)
    add(root, "subtitle", channel.description)
    add(root, "updated", _moment(channel.updated or _NEVER))
    add(root, "link", rel="self", type=KIND, href=channel.self_url)
    add(root, "link", rel="alternate", type="text/html", href=channel.link)
    for item in channel.items:
        _write(add(root, "entry", **{"xml:lang": item.language}), item)
    return document(root)


def _write(into: Element, item: Item) -> None:
    add(into, "id", item.id)
    add(into, "title", item.title)
    add(into, "link", rel="alternate", type="text/html", href=item.link)
    if item.published is not None:
        add(into, "published", _moment(item.published))
    add(into, "updated", _moment(item.updated))
    # Atom wants an author; an article that names none is its portal's.
    add(add(into, "author"), "name", item.author or item.organisation or item.source.name)
    add(into, "dc:publisher", item.source.name)
    if item.lead:
        add(into, "summary", item.lead)
    if item.body_html is not None:
        add(into, "content", item.body_html, type="html")
    if item.images is None:
        return
    wide = item.images.wide
    length = {"length": str(wide.size)} if wide.size is not None else {}
    add(into, "link", rel="enclosure", type=WEBP, href=wide.url, **length)
    add_media(into, item.images)


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

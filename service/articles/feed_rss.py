"""RSS 2.0 with Media RSS, as the RSS Advisory Board's profile asks for it."""

from email.utils import format_datetime
from html import escape
from xml.etree.ElementTree import Element

from service.articles.feed_channel import Channel, Item
from service.articles.feed_xml import DC, MEDIA, WEBP, add, add_media, document

KIND = "application/rss+xml"
_NAMESPACES = {
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": DC,
    "xmlns:media": MEDIA,
}


def written(channel: Channel) -> bytes:
    """The feed; the same bytes until something in it changes."""
    root = Element("rss", {"version": "2.0", **_NAMESPACES})
    head = add(root, "channel")
    add(head, "title", channel.title)
    add(head, "link", channel.link)
    add(head, "description", _as_html(channel.description))
    add(head, "language", channel.language)
    if channel.updated is not None:
        add(head, "lastBuildDate", format_datetime(channel.updated))
    add(head, "ttl", str(max(1, int(channel.refresh.total_seconds()) // 60)))
    add(head, "atom:link", href=channel.self_url, rel="self", type=KIND)
    for item in channel.items:
        _write(add(head, "item"), item)
    return document(root)


def _write(into: Element, item: Item) -> None:
    add(into, "title", item.title)
    add(into, "link", item.link)
    add(into, "guid", item.id, isPermaLink="false")
    if item.published is not None:
        add(into, "pubDate", format_datetime(item.published))
    if byline := item.author or item.organisation:
        add(into, "dc:creator", byline)
    if item.source.public_url is not None:  # RSS has no source without an address
        add(into, "source", item.source.name, url=item.source.public_url)
    add(into, "description", _as_html(item.lead))
    if item.body_html is not None:
        add(into, "content:encoded", item.body_html)
    if item.images is None:
        return
    wide = item.images.wide
    if wide.size is not None:  # an enclosure must have a length, and a wrong one is worse than none
        add(into, "enclosure", url=wide.url, length=str(wide.size), type=WEBP)
    add_media(into, item.images)


def _as_html(text: str) -> str:
    """Readers take a description for HTML: a lead that speaks of <b> must not become bold."""
    return escape(text, quote=False)

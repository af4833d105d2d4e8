"""What the two XML feeds write alike. Any text becomes well-formed XML."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from service.articles.feed_channel import Images

DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"  # with the slash at its end: readers compare letter by letter
WEBP = "image/webp"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """A new child. What XML 1.0 cannot carry even when escaped is left out."""
    child = SubElement(parent, name, {key: _carried(value) for key, value in attributes.items()})
    child.text = None if text is None else _carried(text)
    return child


def document(root: Element) -> bytes:
    """The whole, in UTF-8."""
    written: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def add_media(parent: Element, images: Images) -> None:
    """The picture as Media RSS tells it."""
    wide, narrow = images.wide, images.narrow
    content = add(
        parent,
        "media:content",
        url=wide.url,
        medium="image",
        type=WEBP,
        width=str(wide.width),
        height=str(wide.height),
    )
    if images.words:  # inside: beside it, feedparser takes the words for the item's own description
        add(content, "media:description", images.words, type="plain")
    add(parent, "media:thumbnail", url=narrow.url, width=str(narrow.width), height=str(narrow.height))


def _carried(text: str) -> str:
    return _NOT_IN_XML.sub("", text)

"""Opening RSS, RDF and Atom with feedparser, which is only ever given bytes.

A str it would take for an address or a file's name. It also expands entities, so a document type that
declares some is refused before; feedparser itself looks for them within comments too.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import feedparser  # type: ignore[import-untyped]  # it ships no types

from service.sources.refusals import described, unreadable

Entry = Mapping[str, Any]

_DECLARATION = re.compile(r"<\?xml[^>]*+>")
_ROOT = re.compile(r"<(?:\?xml\s|rss\b|rdf:RDF\b|(?:\w+:)?feed\b)")
_ENTITIES = re.compile(r"<!ENTITY|<!DOCTYPE[^>\[]*+\[", re.IGNORECASE)
_JUNK = 4_096  # characters before the feed that are passed over


@dataclass(frozen=True, slots=True)
class Document:
    """A feed as feedparser read it: the channel and its entries, in the feed's own order."""

    channel: Entry
    entries: Sequence[Entry]


def opened(text: str, url: str) -> Document:
    """The feed that the text is; `url` is where it came from.

    Raises:
        UpstreamError: for anything that is no feed, and for one that declares entities of its own.
    """
    text = _from_its_beginning(text)
    if _declares_entities(text):
        raise unreadable("The feed declares entities of its own (<!ENTITY>); such feeds are not read.")
    body = _DECLARATION.sub("", text, count=1) if text.startswith("<?xml") else text
    data = b'<?xml version="1.0" encoding="utf-8"?>\n' + body.encode("utf-8", "replace")
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    feed = feedparser.parse(
        io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not feed.version:
        raise unreadable(f"This is {described(text)}, not a feed.")
    return Document(feed.feed, feed.entries)


def _from_its_beginning(text: str) -> str:
    """Without what a browser's view, a warning or a blank line put before it."""
    text = text.lstrip("\ufeff \t\r\n")
    root = _ROOT.search(text[:_JUNK])
    return text[root.start() :] if root and "<" not in text[: root.start()] else text


def _declares_entities(text: str) -> bool:
    root = re.search(r"<\w", text)
    prolog = text[: root.start()] if root else text
    return any(_ENTITIES.search(part) for part in (prolog, *_outside_comments(text)))


def _outside_comments(text: str) -> Iterator[str]:
    position = 0
    while match := re.compile(r"<!--|<!\[CDATA\[").search(text, position):
        yield text[position : match.start()]
        end = text.find("-->" if match[0] == "<!--" else "]]>", match.end())
        if end < 0:
            return
        position = end
    yield text[position:]

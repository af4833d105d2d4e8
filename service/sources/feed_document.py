"""Opening RSS, RDF and Atom with feedparser, which is only ever given bytes.

A str it would take for an address or a file's name. It also expands entities, so a document type that
declares some is refused before; feedparser itself looks for them within comments too.
"""

import io
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import feedparser  # type: ignore[import-untyped]  # it ships no types

from service.sources.refusals import described, remedy, unreadable

Entry = Mapping[str, Any]

_DECLARATION = re.compile(r"<\?xml[^>]*+>")
_ROOT = re.compile(r"<(?:\?xml\s|rss\b|rdf:RDF\b|(?:\w+:)?feed\b)")
_ENTITIES = re.compile(r"<!ENTITY|<!DOCTYPE[^>\[]*+\[", re.IGNORECASE)
_NUMBERED = re.compile(r"&#(\d{6,}|[xX][0-9a-fA-F]{6,});?", re.ASCII)
_LONGEST_NUMBER = 12  # digits; zeros may stand before
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
    body = _NUMBERED.sub(_a_letter, body)
    data = b'<?xml version="1.0" encoding="utf-8"?>\n' + body.encode("utf-8", "replace")
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    feed = _parsed(data, headers)
    if not feed.version:
        raise unreadable(f"This is {described(text)}, not a feed.{remedy(text, url)}")
    return Document(feed.feed, feed.entries)


def _parsed(data: bytes, headers: Mapping[str, str]) -> Any:
    try:
        return feedparser.parse(
            io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as fault:  # it raises whatever its many parts do, for feeds that are broken in new ways
        raise unreadable(
            f"The feed is broken in a way that cannot be read ({type(fault).__name__})."
        ) from fault


def _a_letter(reference: re.Match[str]) -> str:
    """The reference, or the sign for no letter: feedparser gives up on a number beyond Unicode."""
    digits = reference[1]
    if len(digits) > _LONGEST_NUMBER:
        return "\ufffd"
    number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    return reference[0] if number <= sys.maxunicode else "\ufffd"


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

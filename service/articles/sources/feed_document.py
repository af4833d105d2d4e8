"""Opening RSS, RDF and Atom: what feedparser gets to read, and what is refused before.

It is only ever given bytes: a str it would take for an address or a file's name. It also expands entities, so
a document type that declares some is refused; feedparser itself looks for them within comments too.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.articles.sources.feed_limits import bounded
from service.articles.sources.feed_parser import parsed
from service.articles.sources.messages import described, remedy, unreadable
from service.articles.text import plain_text, unicode

Entry = Mapping[str, Any]

_ROOT = re.compile(r"<(?:\?xml\s|rss\b|rdf:RDF\b|(?:\w+:)?feed\b)")
_FIRST_ELEMENT = re.compile(r"<\w")
_COMMENT_OR_DATA = re.compile(r"<!--|<!\[CDATA\[")
_ENTITIES = re.compile(r"<!ENTITY|<!DOCTYPE[^<>\[]*+\[", re.IGNORECASE)
_NUMBERED = re.compile(r"&#(\d++|[xX][0-9a-fA-F]++);?+", re.ASCII)
_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF
_LONGEST_NUMBER = 12  # digits; zeros may stand before
_LONGEST_ADDRESS = 2_000  # characters; a longer one is none that links could start from
_JUNK = 4_096  # characters before the feed that are passed over


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A feed as feedparser read it: the channel and its entries, in the feed's own order."""

    channel: Entry
    entries: Sequence[Entry]


def opened(text: str, url: str) -> FeedDocument:
    """The feed that the text is; `url` is where it came from.

    Raises:
        UpstreamError: for anything that is no feed, and for one that declares entities of its own.
    """
    text = _from_its_beginning(text)
    if _declares_entities(text):
        raise unreadable("The feed declares entities of its own (<!ENTITY>); such feeds are not read.")
    body = _NUMBERED.sub(_a_letter, bounded(plain_text.remove_data_urls(text)))
    data = b'<?xml version="1.0" encoding="utf-8"?>\n' + body.encode("utf-8", "replace")
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url[:_LONGEST_ADDRESS]}
    feed = parsed(data, headers)
    if not feed.version:
        raise unreadable(f"This is {described(text)}, not a feed.{remedy(text, url)}")
    return FeedDocument(feed.feed, feed.entries)


def _a_letter(reference: re.Match[str]) -> str:
    """The reference; the sign for no letter, or nothing for a control: feedparser gives up on either."""
    digits = reference[1]
    if len(digits) > _LONGEST_NUMBER:
        return "\ufffd"
    number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    if number > sys.maxunicode or _FIRST_SURROGATE <= number <= _LAST_SURROGATE:
        return "\ufffd"
    return reference[0] if unicode.remove_controls(chr(number)) else ""


def _from_its_beginning(text: str) -> str:
    """Without what a browser's view, a warning or a blank line put before it."""
    text = text.lstrip("\ufeff \t\r\n")
    root = _ROOT.search(text[:_JUNK])
    return text[root.start() :] if root and "<" not in text[: root.start()] else text


def _declares_entities(text: str) -> bool:
    root = _FIRST_ELEMENT.search(text)
    prolog = text[: root.start()] if root else text
    return any(_ENTITIES.search(part) for part in (prolog, *_outside_comments(text)))


def _outside_comments(text: str) -> Iterator[str]:
    position = 0
    while match := _COMMENT_OR_DATA.search(text, position):
        yield text[position : match.start()]
        end = text.find("-->" if match[0] == "<!--" else "]]>", match.end())
        if end < 0:
            return
        position = end
    yield text[position:]

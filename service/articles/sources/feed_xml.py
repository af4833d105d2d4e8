"""Read the XML of feeds with feedparser, under limits against hostile documents.

feedparser is only given bytes: it takes a str for a URL or a file name. It expands entities, so a document
type that declares some is refused, also within comments, where feedparser finds them too. Limits bound what
is superlinear in it: it compares every tag of an entry with every other, searches an author's name for a mail
address from each letter, resolves every URL against a base of any length, and tries nine date parsers on any
text.
"""

import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import feedparser  # type: ignore[import-untyped]  # it ships no types
from feedparser import api

from service.articles.listing_order import newest
from service.articles.model import Published
from service.articles.sources.error_messages import describe, feed_hint, unreadable
from service.articles.text import decoding, plain_text
from service.articles.text.urls import is_bare_host

FeedFields = Mapping[str, Any]

MAX_ENTRIES = 1_000  # of one feed
_MAX_COMPARED = 10_000  # entries of one feed whose dates are compared
_ENTRY_START = re.compile(r"<(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:item|entry)\s*+>", re.IGNORECASE)
_ENTRY_DATE = re.compile(r"<(?:pubDate|published|updated|dc:date)\b[^<>]*+>([^<>]{1,100})<", re.IGNORECASE)

_ROOT = re.compile(r"<(?:\?xml\s|rss\b|rdf:RDF\b|(?:\w+:)?feed\b)")
_FIRST_ELEMENT = re.compile(r"<\w")
_COMMENT_OR_CDATA = re.compile(r"<!--|<!\[CDATA\[")
_ENTITY_DECLARATION = re.compile(r"<!ENTITY|<!DOCTYPE[^<>\[]*+\[", re.IGNORECASE)
_NUMERIC_REFERENCE = re.compile(r"&#(\d++|[xX][0-9a-fA-F]++);?+", re.ASCII)
_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF
_MAX_DIGITS = 12  # of a reference; zeros may come first
_MAX_URL = 2_000  # characters of a base that relative links are resolved against

_OPENS_IMAGE = re.compile(r"<image\b", re.IGNORECASE)
_ITEM_OR_IMAGE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<(?P<name>/?(?:item|entry|image))(?=[\s/>])(?P<rest>[^<>]*+)>",
    re.DOTALL | re.IGNORECASE,
)
_CDATA_OR_TEXT = r"((?:<!\[CDATA\[[^<>\[\]]*+\]\]>|[^<>])*+)"
_ADDRESS_ELEMENT = re.compile(rf"<(?:url|src|href)\b[^<>]*+>{_CDATA_OR_TEXT}</", re.IGNORECASE)
_ADDRESS_ATTRIBUTE = re.compile(r"\b(?:url|src|href)\s*+=\s*+[\"']([^\"'<>]++)", re.IGNORECASE)
_MAX_ITEM_IMAGE = 5_000  # characters of the element

_MAX_TAGS = 150_000  # opening and closing; a feed of a thousand articles has some ten thousands
_MAX_ATTRIBUTES = 1_000  # of one element
_MAX_COMPARISONS = 10_000_000  # feedparser compares every attribute of an element with every other
_MAX_CATEGORIES = 50  # of one entry
_MAX_NAMESPACES = 200
_MAX_AUTHOR = 300  # characters
_MAX_LANGUAGE = 100  # characters
_FEW_PIECES = 50  # of text in one element
_DATE_ELEMENTS = frozenset({"published", "updated", "created", "expired", "validity"})
_MAX_DATE = 300  # characters

_ATTRIBUTE = r"[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\s>]*+))?+"
_MARKUP = re.compile(
    r"(?P<data><!\[CDATA\[.*?(?:\]\]>|\Z))"
    r"|<!--.*?(?:-->|\Z)|<(?:\?|!\[|!DOCTYPE\b)[^>]*+>?+"
    rf"|</?(?P<name>[^\s/>!?<]++)(?P<rest>(?:[\s/]++|{_ATTRIBUTE})*+)",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)


def parse_feed(
    text: str, url: str, parse_date: Callable[[str], Published | None]
) -> tuple[FeedFields, Sequence[FeedFields]]:
    """Return the channel and the entries as feedparser reads them, in the feed's own order.

    Of a feed with more than MAX_ENTRIES only the newest are read.

    `url` is where the text came from.

    Raises:
        UpstreamError: for anything that is no feed, is too large, or declares entities.
    """
    text = _lift_images(_newest_entries(_skip_junk(text), parse_date))
    if _declares_entities(text):
        raise unreadable("The feed declares entities of its own (<!ENTITY>); such feeds are not read.")
    body = _NUMERIC_REFERENCE.sub(_safe_reference, _check_size(plain_text.remove_data_urls(text)))
    data = b'<?xml version="1.0" encoding="utf-8"?>\n' + body.encode("utf-8", "replace")
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url[:_MAX_URL]}
    try:
        feed = feedparser.parse(
            io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # feedparser raises whatever its many parts do
        raise unreadable(
            f"The feed is broken in a way that cannot be read ({type(error).__name__})."
        ) from error
    if not feed.version:
        raise unreadable(f"This is {describe(text)}, not a feed.{feed_hint(text, url)}")
    if feed.bozo and not feed.entries:
        raise unreadable("The feed is damaged before its first article.")
    return feed.feed, feed.entries[:MAX_ENTRIES]


def _skip_junk(text: str) -> str:
    """Remove what a PHP warning, a browser's view or blank lines put before the feed."""
    text = text.lstrip("\ufeff \t\r\n")
    root = _ROOT.search(text[: decoding.MAX_NOTICE])
    return text[root.start() :] if root and decoding.is_notice(text[: root.start()]) else text


def _newest_entries(text: str, parse_date: Callable[[str], Published | None]) -> str:
    """Return the feed with its newest entries alone: all of them would be read before one is used."""
    ends = [match.end() for match in _ENTRY_END.finditer(text)]
    start = _ENTRY_START.search(text)
    if len(ends) <= MAX_ENTRIES or start is None or start.start() > ends[0]:
        return text
    begins = [start.start(), *ends]
    entries = [text[begin:end] for begin, end in zip(begins, ends[:_MAX_COMPARED], strict=False)]
    written = [_ENTRY_DATE.search(entry) for entry in entries]
    dates = [parse_date(date[1]) if date else None for date in written]
    return "".join((text[: begins[0]], *newest(entries, dates, MAX_ENTRIES), text[ends[-1] :]))


def _lift_images(text: str) -> str:
    """Return the feed with `<item_image>address</item_image>` for RSS's own `image` of an item.

    feedparser knows it of channels only: of an item it forgets the address, and takes its title for another.
    """
    if not _OPENS_IMAGE.search(text):
        return text
    parts: list[str] = []
    position = 0
    in_item, is_first, opened = False, True, None
    for match in _ITEM_OR_IMAGE.finditer(text):
        name = (match["name"] or "").lower()
        if name.endswith(("item", "entry")):
            in_item, is_first, opened = not name.startswith("/"), True, None
        elif in_item and name.endswith("image"):
            closes = name == "/image" or match["rest"].endswith("/")
            opened = match if name == "image" else opened
            start = (opened or match).start() if closes else match.start()
            parts.append(text[position : max(start, position)])
            position = match.end()  # every tag goes, those that nothing closes included
            if closes and opened and is_first:
                inner = text[opened.end() : match.start()][:_MAX_ITEM_IMAGE]
                parts.append(f"<item_image>{_address_of(opened['rest'], inner)}</item_image>")
                is_first = False
            opened = None if closes else opened
    return "".join((*parts, text[position:]))


def _address_of(attributes: str, inner: str) -> str:
    """Return the address in an `image`, as XML: that of an element in it, of an attribute, or its text."""
    match = _ADDRESS_ELEMENT.search(inner) or _ADDRESS_ATTRIBUTE.search(attributes)
    address = match[1] if match else inner
    return address if match or not _FIRST_ELEMENT.search(inner) else ""


def _declares_entities(text: str) -> bool:
    root = _FIRST_ELEMENT.search(text)
    prolog = text[: root.start()] if root else text  # with its comments
    return any(_ENTITY_DECLARATION.search(part) for part in (prolog, *_outside_comments(text)))


def _outside_comments(text: str) -> Iterator[str]:
    position = 0
    while match := _COMMENT_OR_CDATA.search(text, position):
        yield text[position : match.start()]
        end = text.find("-->" if match[0] == "<!--" else "]]>", match.end())
        if end < 0:
            return
        position = end
    yield text[position:]


def _safe_reference(reference: re.Match[str]) -> str:
    """Return the reference, U+FFFD for no character, "" for a control: feedparser gives up on both."""
    digits = reference[1]
    if len(digits) > _MAX_DIGITS:
        return "\ufffd"
    number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    if number > sys.maxunicode or _FIRST_SURROGATE <= number <= _LAST_SURROGATE:
        return "\ufffd"
    return reference[0] if plain_text.remove_controls(chr(number)) else ""


def _check_size(text: str) -> str:
    """Return the feed from its first element on, without comments, declarations and instructions.

    Without these, both of feedparser's parsers see the same tags as are counted here.

    Raises:
        UpstreamError: for too many elements or attributes.
    """
    parts: list[str] = []
    start = position = tags = comparisons = 0
    for match in _MARKUP.finditer(text):
        if match["data"] is not None:
            tags += 1
        elif match["name"] is None:
            parts.append(text[position : match.start()])
            parts.append(" " if parts[-1].endswith("<") else "")  # so that no new declaration comes about
            position = match.end()
        else:
            if not tags:
                parts, start, position = [], match.start(), match.start()
            rest = match["rest"]
            attributes = len(_ATTRIBUTES.findall(rest)) if rest.strip(" /") else 0
            comparisons += attributes * attributes
            tags += 1 + rest.count("<") + rest.endswith("/")  # a self-closing tag opens and closes
            if attributes > _MAX_ATTRIBUTES or comparisons > _MAX_COMPARISONS:
                raise unreadable("The feed has elements with thousands of attributes.")
        if tags > _MAX_TAGS:
            raise unreadable("The feed has more than a hundred thousand elements.")
    return "".join((*parts, text[max(position, start) :])) if tags else ""


class _Bounded:
    """Limits for either of feedparser's parsers, as a mixin before them."""

    def unknown_starttag(self: Any, tag: str, attrs: Any) -> Any:
        base = self.baseuri
        result = super().unknown_starttag(tag, attrs)  # type: ignore[misc]
        if len(self.baseuri) > _MAX_URL:
            self.baseuri = self.basestack[-1] = base
        return result

    def resolve_uri(self: Any, uri: str) -> Any:
        """Leave `www.example.org/a` to `normalise_url`: it is no path."""
        return uri if is_bare_host(uri) else super().resolve_uri(uri)  # type: ignore[misc]

    def track_namespace(self: Any, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) < _MAX_NAMESPACES or (prefix or "") in self.namespaces_in_use:
            super().track_namespace(prefix, uri)  # type: ignore[misc]

    def push_content(self: Any, *args: Any) -> None:
        if self.lang and len(self.lang) > _MAX_LANGUAGE:
            self.lang = None
        super().push_content(*args)  # type: ignore[misc]

    def pop(self: Any, element: str, *args: Any) -> Any:
        """Join blank pieces at both ends first: feedparser takes each from the front of a list."""
        pieces = self.elementstack[-1][2] if self.elementstack else ()
        if isinstance(pieces, list) and len(pieces) > _FEW_PIECES and self.elementstack[-1][0] == element:
            text = [
                piece.decode("utf-8", "replace") if isinstance(piece, bytes) else piece for piece in pieces
            ]
            filled = [index for index, piece in enumerate(text) if piece.strip()] or [len(text)]
            start, end = filled[0], filled[-1] + 1
            pieces[:] = ["".join(text[:start]), *text[start:end], "".join(text[end:])]
        output = super().pop(element, *args)  # type: ignore[misc]
        return output[:_MAX_DATE] if output and element in _DATE_ELEMENTS else output

    def _add_tag(self: Any, term: object, scheme: object, label: object) -> None:
        if len(self._get_context().setdefault("tags", [])) < _MAX_CATEGORIES:
            super()._add_tag(term, scheme, label)  # type: ignore[misc]

    def _sync_author_detail(self: Any, key: str = "author") -> None:
        if len(self._get_context().get(key) or "") <= _MAX_AUTHOR:
            super()._sync_author_detail(key)  # type: ignore[misc]


api.StrictFeedParser = type("StrictFeedParser", (_Bounded, api.StrictFeedParser), {})
api.LooseFeedParser = type("LooseFeedParser", (_Bounded, api.LooseFeedParser), {})

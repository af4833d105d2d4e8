"""Sources with a feed: RSS, RDF, Atom or JSON Feed. The articles' pages fill in what the feed leaves out.

feedparser reads the XML, and is only given bytes: it takes a str for a URL or a file name. It expands
entities, so a document type that declares some is refused, also within comments, where feedparser finds them
too. Limits bound what is superlinear in it: it compares every tag of an entry with every other, searches an
author's name for a mail address from each letter, resolves every URL against a base of any length, and tries
nine date parsers on any text.
"""

import io
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import feedparser  # type: ignore[import-untyped]  # it ships no types
from feedparser import api

from service.articles.extract import article_page
from service.articles.extract.context import ParseContext, merge_images, parse_pixels
from service.articles.listing_order import newest
from service.articles.model import ImageCandidate, Listing, ParsedEntry, Published
from service.articles.sources import json_feed
from service.articles.sources.error_messages import describe, feed_hint, unreadable
from service.articles.text import bylines, categories, dates, decoding, plain_text, sanitise
from service.articles.text.bylines import Byline
from service.articles.text.plain_text import is_language_tag
from service.core.ports import Request, Response
from service.settings.model import ArticleSource

FeedFields = Mapping[str, Any]

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml,"
    " application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_MAX_ENTRIES = 1_000  # of one feed, the newest
_MAX_TTL = timedelta(days=1)
_MINUTES = re.compile(r"[0-9]{1,8}")
# RSS-Bridge reports its failures as entries.
_BRIDGE_ERROR = re.compile(r"^\s*Bridge returned error\b", re.IGNORECASE)

_DATES = ("published", "created", "updated")
_BLOCK_MARKUP = re.compile(r"<(?:p|div|br|h\d|ul|table|figure)\b", re.IGNORECASE)
_MIN_FULL_TEXT = 1_500  # characters from which a description with paragraphs is the whole article
_MAILBOX = re.compile(r"\S[^\s@]*+@\S++")

_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif|bmp)(?:$|[?#])", re.IGNORECASE)
_MAX_MEDIA = 50  # of one kind in one entry
_MAX_WIDTH = 2_400  # pixels; a wider image is the last choice, as it is too heavy
_THUMBNAIL_WIDTH = 200  # pixels; images of the text come before a thumbnail up to here


@dataclass(frozen=True, slots=True)
class Feed:
    """Parser for sources of kind `feed`."""

    source: ArticleSource

    def listing_request(self) -> Request:
        """Return the request for the feed."""
        return Request(self.source.url, headers={"accept": _ACCEPT})

    def read_listing(self, response: Response, now: datetime) -> Listing:
        """Return the feed's entries.

        Raises:
            UpstreamError: when the response is no feed, or one whose items are all unusable.
        """
        text = decoding.decode(response.body, response.headers.get("content-type", ""), self.source.charset)
        context = ParseContext(self.source, now, response.url)
        is_json = text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")
        return json_feed.parse_listing(text, context) if is_json else _parse_listing(text, context)

    def wants_page(self, entry: ParsedEntry) -> bool:
        """Return whether the feed left out lead, image, or the full text that may be shown."""
        return article_page.needs_page(entry, self.source)

    def page_request(self, entry: ParsedEntry) -> Request | None:
        return article_page.page_request(entry)

    def read_page(self, response: Response, entry: ParsedEntry, now: datetime) -> ParsedEntry:
        return article_page.complete_entry(entry, response, self.source, now)


def _parse_listing(text: str, context: ParseContext) -> Listing:
    channel, items = parse_feed(text, context.base)
    feed_language = channel.get("language") or ""
    if not context.source.language and is_language_tag(feed_language.strip()):
        context = replace(context, source=replace(context.source, language=feed_language.strip()))
    context = context.with_order_of(date for item in items for date in _written_dates(item))
    if len(items) > _MAX_ENTRIES:
        items = newest(items, [_published(item, context) for item in items], _MAX_ENTRIES)
    parsed = (_parse_entry(item, context, feed_language) for item in items)
    entries = [entry for entry in parsed if entry]
    if items and not entries:
        raise unreadable("None of the feed's items has a title or a text.")
    news = [entry for entry in entries if not _BRIDGE_ERROR.match(entry.title)]
    if entries and not news:
        raise unreadable("The feed carries only the report of an error.")
    published = dates.without_nukeviet_minutes([entry.published for entry in news])
    news = [replace(entry, published=date) for entry, date in zip(news, published, strict=True)]
    return Listing(tuple(_with_unique_keys(news)), _ttl(channel))


def _with_unique_keys(entries: list[ParsedEntry]) -> list[ParsedEntry]:
    """Replace a guid that several entries share by their links."""
    count = Counter(entry.key for entry in entries)
    return [
        replace(entry, key=entry.url or entry.title) if count[entry.key] > 1 else entry for entry in entries
    ]


def _ttl(channel: FeedFields) -> timedelta | None:
    """Return the feed's `ttl`, which is in minutes."""
    text = str(channel.get("ttl", "")).strip()
    minutes = int(text) if _MINUTES.fullmatch(text) else 0
    return min(timedelta(minutes=minutes), _MAX_TTL) if minutes else None


def _parse_entry(item: FeedFields, context: ParseContext, feed_language: str) -> ParsedEntry | None:
    """Return one entry; None for an item that has neither a title nor a text."""
    summary = item.get("summary") or ""
    content = max((part.get("value") or "" for part in item.get("content", ())), key=len, default="")
    context = replace(context, base=_base_url(item, context))
    whole_lead = plain_text.whole_lead(summary)
    lead = plain_text.snippet(whole_lead) or plain_text.lead(content)
    title = plain_text.title(item.get("title") or "") or plain_text.title(lead)
    if not title:
        return None
    author, organisation = _byline(item)
    url = context.absolute_url(item.get("feedburner_origlink")) or context.absolute_url(item.get("link"))
    guid = item.get("id")
    return ParsedEntry(
        key=(plain_text.one_line(guid) if isinstance(guid, str) else "") or url or title,
        title=title,
        url=url,
        published=_published(item, context),
        lead=lead,
        whole_lead=whole_lead,
        author=author,
        organisation=organisation,
        images=_images(item, [markup for markup in (content, summary) if markup], context),
        body_html=_full_text(summary, content) if context.source.full_text else None,
        language=_own_language(item, feed_language) or context.source.language or None,
        categories=categories.clean(tag.get("label") or tag.get("term") for tag in item.get("tags", ())),
    )


def _base_url(item: FeedFields, context: ParseContext) -> str:
    """Return what relative links in the text start from: the entry's own base, where it has one."""
    details = [*item.get("content", ()), item.get("summary_detail") or {}]
    base = next((detail["base"] for detail in details if detail.get("base")), "")
    return context.absolute_url(base) or context.base


def _own_language(item: FeedFields, feed_language: str) -> str:
    """Return the entry's language where it differs from the feed's, which often is a default `en-us`."""
    detail = item.get("title_detail") or {}
    language = item.get("language") or detail.get("language") or ""
    return language if language != feed_language and is_language_tag(language) else ""


def _published(item: FeedFields, context: ParseContext) -> Published | None:
    """Parse the date as written: feedparser takes a time without a zone, `ICT` and `UTC+7` for UTC."""
    return next(filter(None, map(context.parse_date, _written_dates(item))), None)


def _written_dates(item: FeedFields) -> Iterator[str]:
    return (item[name] for name in _DATES if name in item and isinstance(item[name], str))


def _byline(item: FeedFields) -> Byline:
    persons: dict[str, None] = {}
    organisation = None
    authors = item.get("authors") or [{"name": item.get("author", "")}]
    for author in authors[: bylines.MAX_AUTHORS]:
        name = plain_text.from_markup(author.get("name") or "")
        if not name or _MAILBOX.fullmatch(name):
            continue
        person, unit = bylines.parse(name)
        organisation = organisation or unit
        persons |= {person: None} if person else {}
    return ", ".join(persons) or None, organisation


def _full_text(summary: str, content: str) -> str | None:
    if content:
        return plain_text.remove_controls(content)
    is_full = len(summary) >= _MIN_FULL_TEXT and _BLOCK_MARKUP.search(summary)
    return plain_text.remove_controls(summary) if is_full else None


def _images(item: FeedFields, texts: Iterable[str], context: ParseContext) -> tuple[ImageCandidate, ...]:
    """Return the images, best first: of Media RSS and enclosures, of the text, then small thumbnails."""
    media = sorted(_media(item, context), key=_width_rank, reverse=True)
    thumbnails = [
        image
        for thumbnail in item.get("media_thumbnail", ())[:_MAX_MEDIA]
        for image in _image(thumbnail.get("url", ""), thumbnail, context)
    ]
    thumbnails.sort(key=_width_rank, reverse=True)
    large = [image for image in thumbnails if image.width is None or image.width > _THUMBNAIL_WIDTH]
    in_text = [image for text in texts for image in sanitise.sanitise_html(text, context.base).images]
    logo = item.get("image")  # of the channel or the podcast
    logos = _image(logo.get("href", ""), {}, context) if logo else ()
    return merge_images((*media, *_enclosures(item, context), *large, *in_text, *thumbnails, *logos))


def _width_rank(image: ImageCandidate) -> int:
    """Wider is better up to a limit; an unknown width ranks in between."""
    width = _THUMBNAIL_WIDTH * 2 if image.width is None else image.width
    return width if width <= _MAX_WIDTH else 0


def _media(item: FeedFields, context: ParseContext) -> Iterator[ImageCandidate]:
    for media in item.get("media_content", ())[:_MAX_MEDIA]:
        if _is_image(media.get("medium") or media.get("type", ""), media.get("url", "")):
            yield from _image(media.get("url", ""), media, context)


def _enclosures(item: FeedFields, context: ParseContext) -> Iterator[ImageCandidate]:
    for enclosure in item.get("enclosures", ())[:_MAX_MEDIA]:
        if _is_image(enclosure.get("type", ""), enclosure.get("href", "")):
            # Without its attributes: some portals write a width into `length`, which counts bytes.
            yield from _image(enclosure.get("href", ""), {}, context)


def _is_image(media_type: str, url: str) -> bool:
    return media_type.startswith("image") or (not media_type and bool(_IMAGE_FILE.search(url)))


def _image(url: str, attributes: FeedFields, context: ParseContext) -> Iterator[ImageCandidate]:
    sides = (parse_pixels(attributes.get("width")), parse_pixels(attributes.get("height")))
    image = context.image(url, *sides, alt=plain_text.from_markup(attributes.get("title", "")))
    if image:
        yield image


# feedparser, under limits against hostile documents

_ROOT = re.compile(r"<(?:\?xml\s|rss\b|rdf:RDF\b|(?:\w+:)?feed\b)")
_FIRST_ELEMENT = re.compile(r"<\w")
_COMMENT_OR_CDATA = re.compile(r"<!--|<!\[CDATA\[")
_ENTITY_DECLARATION = re.compile(r"<!ENTITY|<!DOCTYPE[^<>\[]*+\[", re.IGNORECASE)
_NUMERIC_REFERENCE = re.compile(r"&#(\d++|[xX][0-9a-fA-F]++);?+", re.ASCII)
_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF
_MAX_DIGITS = 12  # of a reference; zeros may come first
_MAX_URL = 2_000  # characters of a base that relative links are resolved against
_MAX_JUNK = 4_096  # characters before the feed that are ignored

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


def parse_feed(text: str, url: str) -> tuple[FeedFields, Sequence[FeedFields]]:
    """Return the channel and the entries, in the feed's own order, as feedparser reads them.

    `url` is where the text came from.

    Raises:
        UpstreamError: for anything that is no feed, is too large, or declares entities.
    """
    text = _skip_junk(text)
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
    return feed.feed, feed.entries


def _skip_junk(text: str) -> str:
    """Remove what a PHP warning, a browser's view or blank lines put before the feed."""
    text = text.lstrip("\ufeff \t\r\n")
    root = _ROOT.search(text[:_MAX_JUNK])
    return text[root.start() :] if root and "<" not in text[: root.start()] else text


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

"""Sources with a feed: RSS, RDF, Atom or JSON Feed. The articles' pages fill in what the feed leaves out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.articles.extract import article_page, signatures
from service.articles.extract.context import ParseContext, merge_images, parse_pixels
from service.articles.listing_order import newest
from service.articles.model import ImageCandidate, Listing, ParsedEntry, Published
from service.articles.sources import json_feed
from service.articles.sources.error_messages import unreadable
from service.articles.sources.feed_xml import FeedFields, parse_feed
from service.articles.text import bylines, categories, dates, decoding, image_links, plain_text, sanitise
from service.articles.text.bylines import Byline
from service.articles.text.plain_text import is_language_tag
from service.core.ports import Request, Response
from service.settings.model import ArticleSource

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

# Elements of an entry that are named by nobody's standard, but hold the address of an image alone.
_NOT_IMAGES = re.compile(
    r"^(?:link|id|image|comments|docs|feedburner_origlink)$|icon|logo|avatar|author|_detail$"
)
_IMAGE_ELEMENTS = frozenset({"item_image", "thumbnail", "thumb", "img", "picture", "photo", "cover"})
_ADDRESSES = ("url", "src", "href")
_DEFAULT_TYPES = frozenset({"text/html", "application/atom+xml"})
_SPACE = re.compile(r"\s")
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
        is_json = decoding.json_start(text) >= 0
        return json_feed.parse_listing(text, context) if is_json else _parse_listing(text, context)

    def wants_page(self, entry: ParsedEntry) -> bool:
        """Return whether the feed left out lead, image, or the full text that may be shown."""
        return article_page.needs_page(entry, self.source)

    def page_request(self, entry: ParsedEntry) -> Request | None:
        return article_page.page_request(entry)

    def read_page(self, response: Response, entry: ParsedEntry, now: datetime) -> ParsedEntry:
        return article_page.complete_entry(entry, response, self.source, now)


def _parse_listing(text: str, context: ParseContext) -> Listing:
    channel, items = parse_feed(text, context.base, context.parse_date)
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
    url = context.absolute_url(item.get("feedburner_origlink")) or context.absolute_url(item.get("link"))
    context = replace(context, base=_base_url(item, url, context))
    whole_lead = plain_text.whole_lead(summary)
    lead = plain_text.snippet(whole_lead) or plain_text.lead(content)
    title = plain_text.title(item.get("title") or "") or plain_text.title(lead)
    if not title:
        return None
    full_text = _full_text(summary, content)
    author, organisation = signatures.signed(_byline(item), full_text or "")
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
        body_html=full_text if context.source.full_text else None,
        body_base=context.base,
        language=_own_language(item, feed_language) or context.source.language or None,
        categories=categories.clean(tag.get("label") or tag.get("term") for tag in item.get("tags", ())),
    )


def _base_url(item: FeedFields, url: str | None, context: ParseContext) -> str:
    """Return what relative links start from: the base that the feed declares, else the article's address."""
    details = [*item.get("content", ()), item.get("summary_detail") or {}, item.get("title_detail") or {}]
    bases = (context.absolute_url(detail.get("base") or "") for detail in details)
    declared = next((base for base in bases if base and base != context.base), None)
    return declared or url or context.base


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
    in_text = [image for text in texts for image in sanitise.images_in(text, context.base)]
    logo = item.get("image")  # of the channel or the podcast
    logos = _image(logo.get("href", ""), {}, context) if logo else ()
    own = (*media, *_enclosures(item, context), *large, *_named(item, context))
    return merge_images((*own, *in_text, *thumbnails, *logos))


def _width_rank(image: ImageCandidate) -> int:
    """Wider is better up to a limit; an unknown width ranks in between."""
    width = _THUMBNAIL_WIDTH * 2 if image.width is None else image.width
    return width if width <= _MAX_WIDTH else 0


def _media(item: FeedFields, context: ParseContext) -> Iterator[ImageCandidate]:
    for media in item.get("media_content", ())[:_MAX_MEDIA]:
        if image_links.is_image_file(media.get("medium") or media.get("type", ""), media.get("url", "")):
            yield from _image(media.get("url", ""), media, context)


def _enclosures(item: FeedFields, context: ParseContext) -> Iterator[ImageCandidate]:
    for enclosure in item.get("enclosures", ())[:_MAX_MEDIA]:
        media_type = enclosure.get("type", "")
        # feedparser's own where Atom tells none.
        media_type = "" if media_type in _DEFAULT_TYPES else media_type
        if image_links.is_image_file(media_type, enclosure.get("href", "")):
            # Without its attributes: some portals write a width into `length`, which counts bytes.
            yield from _image(enclosure.get("href", ""), {}, context)


def _named(item: FeedFields, context: ParseContext) -> Iterator[ImageCandidate]:
    """Yield the images of elements such as RSS's own `image`, `thumbnail` and `img`."""
    for name, value in list(item.items())[:_MAX_MEDIA]:
        address = _address(value)
        is_named, is_file = name in _IMAGE_ELEMENTS, image_links.is_image_file("", address)
        # Names of files have spaces, and so have texts that tell of a file.
        is_address = is_file if is_named and _SPACE.search(address) else not _SPACE.search(address)
        if address and is_address and (is_named or is_file) and not _NOT_IMAGES.search(name):
            yield from _image(address, {}, context)


def _address(value: object) -> str:
    """Return the address that an element has for its text or in an attribute."""
    if isinstance(value, Mapping):
        value = next((value[name] for name in _ADDRESSES if value.get(name)), "")
    return value.strip() if isinstance(value, str) else ""


def _image(url: str, attributes: FeedFields, context: ParseContext) -> Iterator[ImageCandidate]:
    sides = (parse_pixels(attributes.get("width")), parse_pixels(attributes.get("height")))
    image = context.image(url, *sides, alt=plain_text.from_markup(attributes.get("title", "")))
    if image:
        yield image

"""Sources with a feed: RSS, RDF, Atom or JSON Feed. The articles' pages fill in what the feed leaves out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.articles.extract import article_page
from service.articles.extract.extracted import merge_images
from service.articles.model import ImageCandidate, Listing, ParsedEntry, Published
from service.articles.sources import json_feed
from service.articles.sources.context import ParseContext, parse_pixels
from service.articles.sources.feed_parser import FeedFields, parse_feed
from service.articles.sources.messages import unreadable
from service.articles.text import bylines, dates, decoding, plain_text, sanitise, unicode
from service.articles.text.bylines import Byline
from service.articles.text.unicode import is_language_tag
from service.core.ports import Request, Response
from service.settings.model import ArticleSource

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml,"
    " application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_MAX_ENTRIES = 1_000  # of one feed
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
            UpstreamError: when the response is no feed, or one without entries.
        """
        text = decoding.decode(response.body, response.headers.get("content-type", ""), self.source.charset)
        context = ParseContext(self.source, now, response.url)
        is_json = text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")
        listing = json_feed.parse_listing(text, context) if is_json else _parse_listing(text, context)
        if not listing.entries:
            raise unreadable("The feed is in order but has no articles.")
        return listing

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
    parsed = (_parse_entry(item, context, feed_language) for item in items[:_MAX_ENTRIES])
    entries = [entry for entry in parsed if entry]
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
    lead = plain_text.lead(summary) or plain_text.lead(content)
    title = plain_text.title(item.get("title") or "") or plain_text.title(lead)
    if not title:
        return None
    author, organisation = _byline(item)
    url = context.absolute_url(item.get("feedburner_origlink")) or context.absolute_url(item.get("link"))
    guid = item.get("id")
    return ParsedEntry(
        key=(unicode.one_line(guid) if isinstance(guid, str) else "") or url or title,
        title=title,
        url=url,
        published=_published(item, context),
        lead=lead,
        author=author,
        organisation=organisation,
        images=_images(item, [markup for markup in (content, summary) if markup], context),
        body_html=_full_text(summary, content) if context.source.full_text else None,
        language=_own_language(item, feed_language) or context.source.language or None,
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
    written = (item[name] for name in _DATES if name in item and isinstance(item[name], str))
    return next(filter(None, map(context.parse_date, written)), None)


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
        return unicode.remove_controls(content)
    is_full = len(summary) >= _MIN_FULL_TEXT and _BLOCK_MARKUP.search(summary)
    return unicode.remove_controls(summary) if is_full else None


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

"""A few articles of a source, read as the collector would, and what is told of them in a terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.articles.collect.document_reader import DocumentReader
from service.articles.listing_order import newest_first
from service.articles.model import ParsedEntry, Published, SourceParser
from service.core.errors import Cause, UpstreamError
from service.core.ports import Response, Upstream

SHOWN = 5  # articles of a source


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article: as its listing has it, and completed from its page.

    Attributes:
        listed: by the listing.
        entry: completed; the listed one where there is no page to read, or it cannot be read.
        page: the response, where one was needed and came.
        error: why the page could not be read.
    """

    listed: ParsedEntry
    entry: ParsedEntry
    page: Response | None = None
    error: UpstreamError | None = None

    @property
    def is_gone(self) -> bool:
        """Whether its page says that it is gone: the collector takes no such article in."""
        return self.error is not None and self.error.cause is Cause.GONE


def read_articles(
    parser: SourceParser,
    entries: Sequence[ParsedEntry],
    upstream: Upstream,
    reader: DocumentReader,
    clock: Callable[[], datetime],
) -> list[ReadArticle]:
    """Return the first articles of a listing."""
    first = newest_first(entries)[:SHOWN]
    return [read_article(parser, entry, upstream, reader, clock) for entry in first]


def read_article(
    parser: SourceParser,
    entry: ParsedEntry,
    upstream: Upstream,
    reader: DocumentReader,
    clock: Callable[[], datetime],
) -> ReadArticle:
    """Return an article, with its page's parts where the collector would ask for its page."""
    request = parser.page_request(entry) if parser.wants_page(entry) else None
    if request is None:
        return ReadArticle(entry, entry)
    page = None
    try:
        page = upstream.fetch(request)
        return ReadArticle(entry, reader.page(page, entry, clock()), page)
    except UpstreamError as error:
        return ReadArticle(entry, entry, page, error)


def lines_of(articles: Sequence[ReadArticle], timezone: str) -> list[str]:
    """Return two lines for each article: date and title, then who wrote it and whether it has a picture."""
    lines = []
    for article in articles:
        entry = article.entry
        byline = ", ".join(filter(None, (entry.author, entry.organisation))) or "none"
        facts = f"author: {byline}; picture: {'yes' if entry.images else 'no'}"
        lines.append(f"{stamp(entry.published, timezone):16}  {entry.title}")
        lines.append(f"{'':16}  {facts}" + (f"; its page: {article.error}" if article.error else ""))
    return lines


def missing_of(articles: Sequence[ReadArticle]) -> list[str]:
    """Return what articles lack, as `date in 2 of 5`."""
    parts: dict[str, list[object]] = {
        "title": [article.entry.title for article in articles],
        "link": [article.entry.url for article in articles],
        "date": [article.entry.published for article in articles],
        "lead": [article.entry.lead for article in articles],
        "author": [article.entry.author or article.entry.organisation for article in articles],
        "picture": [article.entry.images for article in articles],
    }
    counts = {name: sum(not part for part in found) for name, found in parts.items()}
    return [f"{name} in {count} of {len(articles)}" for name, count in counts.items() if count]


def stamp(published: Published | None, timezone: str) -> str:
    """Return day and time of publication by the clocks of the source."""
    if published is None:
        return "no date"
    if published.date_only:
        return f"{published.at:%Y-%m-%d}"
    return f"{published.at.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}"

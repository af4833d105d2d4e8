"""A portal with a feed: RSS, RDF, Atom or JSON Feed. Its articles' pages fill in what it leaves out."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.articles.extract import article_page
from service.articles.model import Listing, ParsedEntry
from service.articles.sources import json_feed
from service.articles.sources.context import ParseContext
from service.articles.sources.feed_document import Entry, opened
from service.articles.sources.feed_entry import draft_of
from service.articles.sources.messages import unreadable
from service.articles.text import dates, decoding
from service.articles.text.unicode import is_language_tag
from service.core.ports import Answer, Request
from service.settings.model import ArticleSource

_ACCEPTED = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml,"
    " application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_MOST = 1_000  # entries of one feed that are read
_LONGEST_REST = timedelta(days=1)  # a feed may wish to be left alone for, at the most
_MINUTES = re.compile(r"[0-9]{1,8}")
_BRIDGE_ERROR = re.compile(r"^\s*Bridge returned error\b", re.IGNORECASE)  # how RSS-Bridge reports a failure


@dataclass(frozen=True, slots=True)
class Feed:
    """A source of the kind `feed`."""

    source: ArticleSource

    def listing_request(self) -> Request:
        """The feed itself."""
        return Request(self.source.url, headers={"accept": _ACCEPTED})

    def read_listing(self, answer: Answer, now: datetime) -> Listing:
        """The feed's articles.

        Raises:
            UpstreamError: when the answer is no feed, or one without a single article.
        """
        text = decoding.decode(answer.body, answer.headers.get("content-type", ""), self.source.charset)
        at = ParseContext(self.source, now, answer.url)
        listing = (
            json_feed.listing(text, at)
            if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")
            else _listing(text, at)
        )
        if not listing.entries:
            raise unreadable("The feed is in order but has no articles.")
        return listing

    def wants_page(self, draft: ParsedEntry) -> bool:
        """When the feed left out the lead, the picture, or the whole text that may be shown."""
        return article_page.is_wanted(draft, self.source)

    def page_request(self, draft: ParsedEntry) -> Request | None:
        """The article's own page."""
        return article_page.request(draft)

    def read_page(self, answer: Answer, draft: ParsedEntry, now: datetime) -> ParsedEntry:
        """The draft completed from the article's page.

        Raises:
            UpstreamError: when the page is no article.
        """
        return article_page.completed(draft, answer, self.source, now)


def _listing(text: str, at: ParseContext) -> Listing:
    document = opened(text, at.base)
    at = replace(at, source=_with_language(at.source, document.channel))
    usual = document.channel.get("language") or ""
    entries = document.entries[:_MOST]
    drafts = [draft for draft in (draft_of(entry, at, usual) for entry in entries) if draft]
    news = [draft for draft in drafts if not _BRIDGE_ERROR.match(draft.title)]
    if drafts and not news:
        raise unreadable("The feed carries only the report of an error.")
    return Listing(tuple(_told_apart(_with_true_minutes(news))), _wish(document.channel))


def _with_language(source: ArticleSource, channel: Entry) -> ArticleSource:
    said = (channel.get("language") or "").strip()
    return replace(source, language=source.language or (said if is_language_tag(said) else ""))


def _with_true_minutes(drafts: list[ParsedEntry]) -> list[ParsedEntry]:
    published = dates.without_nukeviet_minutes([draft.published for draft in drafts])
    return [replace(draft, published=one) for draft, one in zip(drafts, published, strict=True)]


def _told_apart(drafts: list[ParsedEntry]) -> list[ParsedEntry]:
    """A guid that several entries share names none of them; their links do."""
    count = Counter(draft.key for draft in drafts)
    return [
        replace(draft, key=draft.url or draft.title) if count[draft.key] > 1 else draft for draft in drafts
    ]


def _wish(channel: Entry) -> timedelta | None:
    """`ttl`, in minutes."""
    written = str(channel.get("ttl", "")).strip()
    minutes = int(written) if _MINUTES.fullmatch(written) else 0
    return min(timedelta(minutes=minutes), _LONGEST_REST) if minutes else None

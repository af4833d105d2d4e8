"""What a portal publishes, in our nouns: what a source said of an article, and the article as we keep it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from service.core.errors import Cause
from service.core.ports import Answer, Request
from service.settings.model import ArticleSource


@dataclass(frozen=True, slots=True)
class Published:
    """When an article was published; `date_only` where the source gave a day without a time.

    `at` is aware and in the zone the source wrote or is configured with; a bare day is its midnight.
    """

    at: datetime
    date_only: bool = False


@dataclass(frozen=True, slots=True)
class ImageCandidate:
    """Where a picture may be found (absolute http or https URL); sizes as the source claims."""

    url: str
    width: int | None = None
    height: int | None = None
    alt: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """What one source said of one article. Every text is plain, NFC, without markup and entities.

    Attributes:
        key: what the source itself calls it (guid, post id, else link, else title): the same tomorrow.
        url: an absolute http or https link, or None where there is no honest one.
        lead: a snippet cut at a sentence or word; empty where there is none.
        body_html: the whole text as the source wrote it, not sanitised yet; None where it gave none.
    """

    key: str
    title: str
    url: str | None = None
    published: Published | None = None
    lead: str = ""
    author: str | None = None
    organisation: str | None = None
    pictures: tuple[ImageCandidate, ...] = ()
    body_html: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source's own listing said.

    Attributes:
        drafts: newest first as the source orders them; a draft may lack what only the article's page has.
        refresh: the source's own wish not to be asked more often (`ttl`).
    """

    drafts: tuple[ParsedEntry, ...]
    refresh: timedelta | None = None


class SourceParser(Protocol):
    """Builds the requests for one source and parses the answers. Both are pure; nothing is fetched here."""

    @property
    def source(self) -> ArticleSource:
        """What the configuration says of the source."""
        ...

    def listing_request(self) -> Request:
        """What to ask for the newest articles."""
        ...

    def read_listing(self, answer: Answer, now: datetime) -> Listing:
        """The articles in a listing's answer.

        Raises:
            UpstreamError: when it is no listing of articles (an error page, another format, nothing found);
                the detail tells an editor what was found instead.
        """
        ...

    def wants_page(self, draft: ParsedEntry) -> bool:
        """Whether the article's own page would tell something that is missing and wanted."""
        ...

    def page_request(self, draft: ParsedEntry) -> Request | None:
        """What to ask for the article's own page; None where it has none."""
        ...

    def read_page(self, answer: Answer, draft: ParsedEntry, now: datetime) -> ParsedEntry:
        """The draft completed from the article's page; what the listing said well stays.

        Raises:
            UpstreamError: when the page is no article.
        """
        ...


@dataclass(frozen=True, slots=True)
class StoredImage:
    """One width of a picture as we keep and serve it."""

    hash: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ArticleImage:
    """An article's picture in our widths, narrowest first; never empty."""

    pictures: tuple[StoredImage, ...]
    alt: str = ""
    caption: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """An article as we keep and show it. Texts are plain, but for `body_html`, which is sanitised.

    Attributes:
        id: ours; the same over restarts and re-publication.
        first_seen: our clock when a source first told of it.
        changed_at: our clock when anything that readers see of it last changed.
        order: what the list is sorted by, newest first: `published`, but never later than first seen; for an
            undated article when it was first seen.
        url: as readers have it: without keys, tokens and passwords.
        body_html: None without `full_text` of its source.
        fetch_url: the link as its source told it, where that is not what readers may have; only the
            collector asks for it.
        identity: what tells the same article of another source by: its link without scheme and tracking.
        revision: a digest of what the listing said; its page is asked again only when that changes.
    """

    id: str
    source: str
    title: str
    url: str | None
    published: Published | None
    first_seen: datetime
    changed_at: datetime
    order: datetime
    lead: str = ""
    author: str | None = None
    organisation: str | None = None
    language: str = "vi"
    illustration: ArticleImage | None = None
    body_html: str | None = None
    identity: str = ""
    revision: str = ""
    fetch_url: str | None = field(default=None, repr=False)

    @property
    def address(self) -> str | None:
        """Where the collector finds its page."""
        return self.fetch_url or self.url


@dataclass(frozen=True, slots=True)
class SourceState:
    """How it stands with one source: what collector, pages and programs need to know of it.

    Attributes:
        fetched_at: our last 200 or 304 that could be used; None: never.
        cause: of the last failure, None while all is well.
        due: not to be asked before.
        validators: headers that make the next request conditional.
    """

    fetched_at: datetime | None = None
    cause: Cause | None = None
    failures: int = 0
    due: datetime | None = None
    validators: Mapping[str, str] = field(default_factory=dict)

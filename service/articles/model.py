"""Articles: what a source publishes (listings and their entries), and the article as it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Protocol

from service.core.errors import Cause, UpstreamError
from service.core.folding import fold
from service.core.ports import Request, Response
from service.core.request_history import RequestHistory
from service.core.secrets import Secrets
from service.settings.model import ArticleSource

# How long until a source is fetched again.
_MIN_PAUSE = 0.5  # of an interval, after a response that took most of it
_MAX_WISH = timedelta(hours=6)  # a `ttl` of a week is a source's mistake, not its wish
_MAX_BACKOFF = timedelta(hours=3)  # unless the configured interval is longer
_MAX_RETRY_AFTER = timedelta(days=1)
_MANY_UNREAD = 3  # articles whose pages cannot be read, and no other's can
_JITTER = 0.1  # every interval is lengthened by up to this share of itself

# How long responses of 304 are believed: caches and portals are known to send them for ever.
_MAX_UNCHANGED = 20  # in a row
_MAX_UNCHANGED_TIME = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Published:
    """When an article was published; `date_only` where the source gave a day without a time.

    `at` is aware and in the zone the source wrote or is configured with; a bare day is its midnight.
    """

    at: datetime
    date_only: bool = False


@dataclass(frozen=True, slots=True)
class ImageCandidate:
    """Where an image may be fetched (absolute http or https URL); sizes in pixels as the source claims."""

    url: str
    width: int | None = None
    height: int | None = None
    alt: str = ""
    caption: str = ""


READING = 1  # how pages are read; kept articles with a lower number are read again


@dataclass(frozen=True, slots=True)
class Declared:
    """What the head of an article's page declares of it: meta tags, OpenGraph, JSON-LD.

    What several articles of a source declare alike is the site's own (`collect/site_values.py`).

    Attributes:
        lead: the digest of the description; empty where there is none.
        image: the URL of its first picture; empty where there is none.
        day: of its date.
        lead_is_alone, image_is_alone: it is used, and neither page nor listing has the same.
        shown: the date that page or listing shows, where it is of another day than the one used.
    """

    lead: str = ""
    image: str = ""
    day: date | None = None
    lead_is_alone: bool = False
    image_is_alone: bool = False
    shown: Published | None = None


def lead_digest(lead: str) -> str:
    """Return a digest of a lead's words; "" for none."""
    folded = fold(lead)
    return blake2b(folded.encode(), digest_size=8).hexdigest() if folded else ""


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One article as a source describes it. Every text is plain, NFC, without markup and entities.

    Attributes:
        key: the source's own identifier (guid, post id, else link, else title): the same tomorrow.
        url: an absolute http or https link; None where there is no usable one.
        lead: a snippet cut at a sentence or word; empty where there is none.
        whole_lead: the lead that it was cut from, or equals; empty where it is the beginning of the text.
        images: the best first.
        body_html: the whole text as the source wrote it, not sanitised yet; None where it gave none.
        body_base: the URL that links and images in it are relative to; empty: `url`.
        declared: by its page's head; None where no page was read.
        undeclared: the entry as it is without lead, pictures and date of that head.
        categories: names, the most telling first.
    """

    key: str
    title: str
    url: str | None = None
    published: Published | None = None
    lead: str = ""
    whole_lead: str = ""
    author: str | None = None
    organisation: str | None = None
    images: tuple[ImageCandidate, ...] = ()
    body_html: str | None = None
    body_base: str = ""
    language: str | None = None
    declared: Declared | None = None
    undeclared: "ParsedEntry | None" = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A parsed feed, list of posts or listing page.

    Attributes:
        entries: in the source's order, mostly newest first; they may lack what only the articles' pages have.
        refresh: the shortest interval that the source asks for (`ttl`).
    """

    entries: tuple[ParsedEntry, ...]
    refresh: timedelta | None = None


class SourceParser(Protocol):
    """Builds the requests for one source and parses the responses. Both are pure; nothing is fetched here."""

    @property
    def source(self) -> ArticleSource:
        """The source as configured."""
        ...

    def listing_request(self) -> Request:
        """Return the request for the newest articles."""
        ...

    def read_listing(self, response: Response, now: datetime) -> Listing:
        """Parse the response to `listing_request`.

        Raises:
            UpstreamError: when it is no listing of articles (an error page, another format, no entries);
                the detail describes for an editor what it is instead.
        """
        ...

    def wants_page(self, entry: ParsedEntry) -> bool:
        """Return whether the article's own page may have something that is missing and wanted."""
        ...

    def page_request(self, entry: ParsedEntry) -> Request | None:
        """Return the request for the article's own page; None where it has none."""
        ...

    def read_page(self, response: Response, entry: ParsedEntry, now: datetime) -> ParsedEntry:
        """Return the entry completed from the article's page; usable values of the listing are retained.

        Raises:
            UpstreamError: when the page is no article.
        """
        ...


@dataclass(frozen=True, slots=True)
class StoredImage:
    """One width of an image as it is stored and served."""

    hash: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ArticleImage:
    """An article's image.

    Attributes:
        variants: in the widths that are served, narrowest first; never empty.
        source_url: where the original was fetched.
    """

    variants: tuple[StoredImage, ...]
    alt: str = ""
    caption: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it is stored and displayed. Texts are plain, except `body_html`, which is sanitised.

    Attributes:
        id: our own; the same over restarts and re-publication.
        source: the id of its source.
        url: for readers: without keys, tokens and passwords.
        first_seen: when a source first listed it, by our clock.
        changed_at: when anything that readers see of it last changed, by our clock.
        sort_key: lists are sorted by it, newest first: `published`, but never later than `first_seen`; for an
            undated article `first_seen`.
        whole_lead: what `lead` was cut from; empty where that is the whole, or without `full_text`.
        image: displayed above the text, unless it is in the text.
        body_html: without the lead; None without `full_text` of its source.
        canonical_url: the link without scheme and tracking parameters, by which the same article of another
            source is recognised; empty where the link is not the article's own.
        content_hash: of the entry in the listing; the page is fetched again only when that changes.
        fetch_url: the link as the source gave it, where `url` had to be changed; for the collector alone.
        declared: by its page's head; None where no page was read.
        reading: the number of the way (`READING`) in which it was read.
    """

    id: str
    source: str
    title: str
    url: str | None
    published: Published | None
    first_seen: datetime
    changed_at: datetime
    sort_key: datetime
    lead: str = ""
    whole_lead: str = ""
    author: str | None = None
    organisation: str | None = None
    language: str = "vi"
    image: ArticleImage | None = None
    body_html: str | None = None
    categories: tuple[str, ...] = ()
    canonical_url: str = ""
    content_hash: str = ""
    fetch_url: str | None = field(default=None, repr=False)
    declared: Declared | None = None
    reading: int = 0

    @property
    def page_url(self) -> str | None:
        """Where the collector fetches its page."""
        return self.fetch_url or self.url


@dataclass(frozen=True, slots=True)
class SourceState:
    """The collector's state of one source, which the status page and the JSON report too.

    It determines when the listing is fetched again: never sooner than the source wishes, later after each
    failure.

    Attributes:
        fetched_at: the time of the last usable 200 or 304; None: never.
        cause: of the last failure; None after a success.
        failures: consecutive ones.
        due: the time of the next request for the listing.
        validators: headers that make a request conditional.
        unchanged: how many responses in a row were 304.
        read_at: the time of the last response that was not, or that came to a request without conditions.
        reading: the number of the way (`READING`) in which that was read.
        page_cause: why no article's page can be read; None while some can.
        unread: ids of articles whose pages could not be read since one last could; a few of them.
        settings_digest: of what the source was read with: its address, the contact it was told, its
            selectors and the like; empty: not known.
        history: the requests for the listing by hour.
    """

    fetched_at: datetime | None = None
    cause: Cause | None = None
    failures: int = 0
    due: datetime | None = None
    validators: Mapping[str, str] = field(default_factory=dict)
    unchanged: int = 0
    read_at: datetime | None = None
    reading: int = 0
    page_cause: Cause | None = None
    unread: tuple[str, ...] = ()
    settings_digest: str = ""
    history: RequestHistory = field(default_factory=RequestHistory)

    def with_settings(self, settings_digest: str) -> "SourceState":
        """Return the state for a source that is now read with these settings.

        Where that has changed, the source begins anew: what the old address refused or forbade does not
        count, and a 304 would hide what the new configuration reads otherwise.
        """
        if not self.settings_digest or self.settings_digest == settings_digest:
            return replace(self, settings_digest=settings_digest)
        return SourceState(fetched_at=self.fetched_at, settings_digest=settings_digest)

    def conditions(self, now: datetime) -> Mapping[str, str]:
        """Return the headers that make the next request conditional; none once 304 came for long enough."""
        if self.unchanged >= _MAX_UNCHANGED or self.read_at is None or self.reading < READING:
            return {}
        return self.validators if abs(now - self.read_at) < _MAX_UNCHANGED_TIME else {}

    def is_due(self, now: datetime) -> bool:
        """Return whether to fetch now; a time impossibly far ahead is that of a clock that was set back."""
        return self.due is None or self.due <= now or self.due > now + 2 * _MAX_RETRY_AFTER

    def succeeded(  # noqa: PLR0913 - each is one of the things that decide
        self,
        *,
        refresh: timedelta,
        wish: timedelta | None,
        fresh_until: datetime | None,
        validators: Mapping[str, str],
        unchanged: bool,
        requested: datetime,
        now: datetime,
    ) -> "SourceState":
        """Return the state after a usable response, a 304 included.

        Args:
            refresh: the configured interval.
            wish: the interval that the listing itself wishes for (`ttl`).
            fresh_until: what the headers of the response say.
            validators: make the next request conditional.
            unchanged: the response was a 304 to a request with conditions.
            requested: when the request was sent; the interval begins then, so that a slow response does not
                lengthen it.
            now: our clock.
        """
        interval = max(refresh, min(wish or refresh, _MAX_WISH))
        due = max(requested + _with_jitter(interval, now), now + interval * _MIN_PAUSE)
        if fresh_until is not None:
            due = max(due, min(fresh_until, now + _MAX_WISH))
        return replace(
            self,
            fetched_at=now,
            cause=None,
            failures=0,
            due=due,
            validators=dict(validators),
            unchanged=self.unchanged + 1 if unchanged else 0,
            read_at=self.read_at if unchanged else now,
            reading=self.reading if unchanged else READING,
            history=self.history.add(now, is_answered=True),
        )

    def failed(self, error: UpstreamError, *, refresh: timedelta, now: datetime) -> "SourceState":
        """Return the state after a failure: the delay doubles, up to three hours or one interval."""
        failures = self.failures + 1
        delay = min(refresh * (1 << min(failures - 1, 10)), max(_MAX_BACKOFF, refresh))
        delay = max(_with_jitter(delay, now), min(error.retry_after or timedelta(0), _MAX_RETRY_AFTER))
        return replace(
            self,
            cause=error.cause,
            failures=failures,
            due=now + delay,
            history=self.history.add(now, is_answered=False),
        )

    def with_trouble(self, error: UpstreamError) -> "SourceState":
        """Return the state of a source whose listing is in order, but one of its documents is not."""
        return replace(self, cause=error.cause)

    def with_pages(self, *, is_any_read: bool, unread: Mapping[str, Cause], wanted: int) -> "SourceState":
        """Return the state after pages of articles were requested.

        A source has trouble with its pages when those of three articles in a row, or of all that it lists,
        could not be read.

        Args:
            is_any_read: at least one could be read.
            unread: why others could not, by the articles' ids.
            wanted: how many articles of the listing need their page.
        """
        if is_any_read:
            return replace(self, page_cause=None, unread=())
        if not unread:
            return self
        together = tuple(dict.fromkeys((*self.unread, *unread)))[:_MANY_UNREAD]
        is_all = len(together) >= min(_MANY_UNREAD, max(wanted, 1))
        cause = list(unread.values())[-1] if is_all else self.page_cause
        return replace(self, unread=together, page_cause=cause)


def _with_jitter(interval: timedelta, now: datetime) -> timedelta:
    # Pseudo-random, so that sources do not come together, but the same for the same time.
    fraction = int.from_bytes(blake2b(now.isoformat().encode(), digest_size=4).digest()) / 0xFFFFFFFF
    return interval * (1 + _JITTER * fraction)


def without_secrets(article: Article, secrets: Secrets) -> Article:
    """Return the article without secrets in its texts and links; `fetch_url` has the original link."""
    url = secrets.redact_link(article.url) if article.url else None
    image = article.image
    if image is not None:
        alt, caption = secrets.redact(image.alt), secrets.redact(image.caption)
        image = replace(image, alt=alt, caption=caption)
    return replace(
        article,
        title=secrets.redact(article.title),
        url=url,
        lead=secrets.redact(article.lead),
        whole_lead=secrets.redact(article.whole_lead),
        author=_redact(article.author, secrets),
        organisation=_redact(article.organisation, secrets),
        image=image,
        body_html=secrets.redact_html(article.body_html) if article.body_html else article.body_html,
        categories=tuple(map(secrets.redact, article.categories)),
        fetch_url=article.fetch_url or (article.url if url != article.url else None),
    )


def _redact(text: str | None, secrets: Secrets) -> str | None:
    return secrets.redact(text) if text else text

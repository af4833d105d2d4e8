"""Completes the new and changed entries of one listing from their pages and images, and saves them."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.articles.collect.assemble import (
    Candidate,
    completed_from,
    make_article,
    needs_its_page,
)
from service.articles.collect.dedupe import NewArticles, Place, decide, merged
from service.articles.collect.document_reader import DocumentReader, ImageFetcher, same_image
from service.articles.collect.site_values import (
    corrected,
    declared_by,
    site_values,
    without_site_values,
)
from service.articles.model import Article, ArticleImage, Declared, ParsedEntry, SourceParser
from service.articles.repository import ArticleRepository
from service.articles.store.listings import (
    Postponed,
    postponed_from_bytes,
    postponed_key,
    postponed_to_bytes,
)
from service.articles.text import sanitise
from service.core.decisions import DecisionRecorder
from service.core.errors import Cause, StoreError, UpstreamError, traceback_without_messages
from service.core.ports import Request, Response, Store, Upstream
from service.core.secrets import Secrets

_MAX_PAGES = 20  # of one batch: the rest follow with the source's next listing
_MAX_PAGES_IN_TROUBLE = 1  # likewise while none of the source's pages can be read
_MAX_TIMEOUTS = 3  # pages and images of one batch; those that follow are not requested
_RETRY = timedelta(minutes=30)  # of an article that is not saved, or without its page; doubled each time
_FREE_CHANGES = 3  # of an article in as many readings one after the other, before further ones wait likewise
_MAX_RETRY, _MAX_DOUBLINGS = timedelta(hours=12), 5
_FINAL = {Cause.TOO_COSTLY, Cause.TOO_LARGE, Cause.ADDRESS_REFUSED}  # it would be the same again
_MAX_RETRIES = 5  # of a page, until its article is taken for complete without

log = logging.getLogger(__name__)


class Retries:
    """The articles of a source that are left alone for a while, so that they take no place from others.

    They outlive a restart once they are stored. Safe for the threads of a source's listing and its articles.
    """

    def __init__(self, source_id: str, store: Store, clock: Callable[[], datetime]) -> None:
        self._key, self._store, self._clock = postponed_key(source_id), store, clock
        self._stored = postponed_from_bytes(store.read([self._key]).get(self._key)) or Postponed()
        self._until, self._times = dict(self._stored.until), dict(self._stored.times)
        self._lock = threading.Lock()

    def postpone(self, article_id: str, *, free: int = 0, counts: bool = True) -> tuple[datetime, int]:
        """Return until when an article is postponed, and how often it was before.

        Args:
            article_id: of the article.
            free: how many times it is not.
            counts: else it is as the first time again.
        """
        now = self._clock().replace(microsecond=0)
        with self._lock:
            number = self._times.get(article_id, 0) if counts else 0
            self._times[article_id] = number + 1
            if number < free:
                return now, number
            until = now + min(_RETRY * 2 ** min(number - free, _MAX_DOUBLINGS), _MAX_RETRY)
            self._until[article_id] = until
        return until, number

    def settle(self, article_id: str) -> None:
        """Forget an article."""
        with self._lock:
            self._until.pop(article_id, None)
            self._times.pop(article_id, None)

    def clear(self) -> None:
        """Postpone nothing any longer."""
        with self._lock:
            self._until.clear()
            self._times.clear()

    def due(self, candidates: Sequence[Candidate], *, is_unchanged: bool) -> list[Candidate]:
        """Return the candidates that are not postponed; what is no candidate any more is forgotten.

        `is_unchanged`: the listing was not sent again, so that what is postponed is as it was.
        """
        now, left = self._clock(), {candidate.id for candidate in candidates}
        with self._lock:
            for one in self._times.keys() - left:
                if one not in self._until or (self._until[one] <= now and not is_unchanged):
                    self._until.pop(one, None)
                    del self._times[one]
            waiting = {one for one, until in self._until.items() if now < until < now + 2 * _MAX_RETRY}
        return [candidate for candidate in candidates if candidate.id not in waiting]

    def has_due(self, stored: Sequence[Article]) -> bool:
        """Return whether an article is to be tried again, or lacks its page and is not postponed."""
        now = self._clock()
        with self._lock:
            until = dict(self._until)
        if any(at <= now for at in until.values()):
            return True
        return any(not article.content_hash and article.id not in until for article in stored)

    def save(self) -> None:
        """Store what has changed since the last time."""
        with self._lock:
            postponed = Postponed(dict(self._until), dict(self._times))
        if postponed != self._stored:
            self._store.write({self._key: postponed_to_bytes(postponed)})
            self._stored = postponed


@dataclass(frozen=True, slots=True)
class Batch:
    """The new and changed entries of one listing.

    Attributes:
        candidates: those that are taken in now, newest first.
        total: counts all, which may need more pages than one batch may request.
        places: where the entries of the listing stand, for those without a date.
        in_trouble: none of the source's pages can be read.
    """

    candidates: Sequence[Candidate]
    total: int
    places: Sequence[Place]
    in_trouble: bool


def first_batch(
    parser: SourceParser, candidates: Sequence[Candidate], *, in_trouble: bool
) -> list[Candidate]:
    """Return the newest candidates, as many as need no more pages than one batch may request.

    While no page of the source can be read (`in_trouble`), new articles are taken without theirs.
    """
    limit = _MAX_PAGES_IN_TROUBLE if in_trouble else _MAX_PAGES
    batch: list[Candidate] = []
    pages = 0
    for candidate in candidates:
        pages += parser.wants_page(candidate.entry)
        if pages <= limit:
            batch.append(candidate)
        elif not in_trouble:
            break
        elif not candidate.is_stored:
            batch.append(replace(candidate, may_ask=False))
    return batch


@dataclass(slots=True)
class BatchResult:
    """What came of a batch.

    Attributes:
        taken: how many candidates were dealt with.
        is_any_read: at least one page could be read.
        unread: why pages could not be read that articles need, by the articles' ids.
        corrected: ids of kept articles from which something was removed.
        merged: the ids of other sources' articles, by the keys of the entries that they turned out to be.
        fault: a fault of our own.
    """

    taken: int = 0
    is_any_read: bool = False
    unread: dict[str, Cause] = field(default_factory=dict)
    corrected: set[str] = field(default_factory=set)
    merged: dict[str, str] = field(default_factory=dict)
    fault: UpstreamError | None = None


@dataclass(frozen=True, slots=True)
class _Completed:
    """A candidate with what its page and images gave; `trouble` is why its page or text is missing."""

    candidate: Candidate
    entry: ParsedEntry
    image: ArticleImage | None
    body_html: str | None
    trouble: UpstreamError | None


@dataclass(frozen=True, slots=True)
class ArticleSaver:
    """Makes articles of the candidates of one source.

    `merging` is held while an article is compared with the stored ones and then saved, as two sources may
    bring the same article at the same moment.
    """

    parser: SourceParser
    reader: DocumentReader
    repository: ArticleRepository
    upstream: Upstream
    new_articles: NewArticles
    retries: Retries
    decisions: DecisionRecorder
    secrets: Secrets
    clock: Callable[[], datetime]
    keep: int
    merging: threading.Lock
    _declared: dict[str, Declared] = field(default_factory=dict)  # by the pages of the kept articles

    def save(self, batch: Batch) -> BatchResult:
        """Complete the candidates and save them; only StoreError is raised.

        The oldest goes first, so that articles without a time get the order of the listing. A batch ends
        early when its pages do not answer or take too much time to parse; the next listing brings the rest
        again.
        """
        upstream, result = _ImpatientUpstream(self.upstream), BatchResult()
        without_place: list[_Completed] = []  # undated, and no neighbour had a place yet
        self.reader.begin_round()
        for candidate in reversed(batch.candidates):
            if upstream.is_exhausted or self.reader.is_exhausted:
                break
            try:
                completed = self._complete(candidate, upstream, result)
                if completed is not None and not self._save(completed, batch, result):
                    without_place.append(completed)
            except StoreError:
                raise
            except Exception as fault:  # noqa: BLE001 - whatever it is, it costs this article alone
                result.fault = internal_error(self.parser.source.id, fault)
                until, _ = self.retries.postpone(candidate.id)
                decide(self.decisions, candidate, "unreadable", str(result.fault), until)
            result.taken += 1
        for completed in without_place:
            self._save(completed, batch, result, finally_=True)
        try:
            result.corrected = self.correct_kept()
            self._read_again(batch, upstream, result)
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001 - see above
            result.fault = internal_error(self.parser.source.id, fault)
        return result

    def correct_kept(self) -> set[str]:
        """Remove from the kept articles what turned out to be the site's own; return their ids."""
        source = self.parser.source
        with self.merging:
            kept = self.repository.page(sources=[source.id], limit=self.keep).articles
            declared = [declared_by(article, is_page=source.kind == "page") for article in kept]
            site, now = site_values(declared), self.clock()
            fixed = [corrected(article, one, site, now) for article, one in zip(kept, declared, strict=True)]
            if any(fixed):
                self.repository.save([article for article in fixed if article])
        self._declared.clear()
        self._declared.update((article.id, one) for article, one in zip(kept, declared, strict=True))
        return {article.id for article in fixed if article}

    def _read_again(self, batch: Batch, upstream: "_ImpatientUpstream", result: BatchResult) -> None:
        """Read the pages of corrected articles again, for what stands in place of what was removed."""
        for candidate in batch.candidates:
            if candidate.id in result.corrected and not (upstream.is_exhausted or self.reader.is_exhausted):
                completed = self._complete(replace(candidate, is_read_again=True), upstream, result)
                if completed is not None:
                    self._save(completed, batch, result, finally_=True)

    def _without_site_values(self, candidate: Candidate, entry: ParsedEntry) -> ParsedEntry:
        """Return the entry without what other articles of the source declare alike."""
        if entry.declared is None:
            return entry
        self._declared[candidate.id] = entry.declared
        return without_site_values(entry, site_values(self._declared.values()))

    def _complete(self, candidate: Candidate, upstream: Upstream, result: BatchResult) -> _Completed | None:
        """Return the candidate with its page and images; None where the page says that it is gone.

        One whose page was to be read again stays as it is where that fails.
        """
        entry, trouble = self._from_page(candidate, upstream, result)
        if trouble is not None and candidate.is_read_again:
            until, _ = self.retries.postpone(candidate.id)
            decide(self.decisions, candidate, "unreadable", str(trouble), until)
            return None
        if trouble is not None and trouble.cause is Cause.GONE:
            until, _ = self.retries.postpone(candidate.id)
            decide(self.decisions, candidate, "gone", "its page says that it is gone", until)
            return None
        entry, reader = self._without_site_values(candidate, entry), self.reader
        images = ImageFetcher(upstream, reader.image, self.repository.save_image)
        image = images.first_usable(entry.images)
        body_html = None
        if self.parser.source.full_text and entry.body_html:
            try:
                image, body_html = self._text(entry, image, images)
            except UpstreamError as error:
                trouble = trouble or error
        if trouble is not None:
            log.info("source %s: article %s: %s", self.parser.source.id, candidate.id, trouble)
        return _Completed(candidate, entry, image, body_html, trouble)

    def _text(
        self, entry: ParsedEntry, above: ArticleImage | None, images: ImageFetcher
    ) -> tuple[ArticleImage | None, str]:
        """Return the article's image, and its text sanitised and with its images."""
        body = self.reader.body(entry, self.clock())
        in_text = images.in_text(body.images, above)
        text = self.reader.with_images(body, in_text)
        return same_image(above, in_text), sanitise.without_lead(text, entry.whole_lead)

    def _from_page(
        self, candidate: Candidate, upstream: Upstream, result: BatchResult
    ) -> tuple[ParsedEntry, UpstreamError | None]:
        """Return the entry completed from its own page, or else as the listing has it, and why."""
        entry = candidate.entry
        wanted = self.parser.wants_page(entry) and not candidate.shares_link
        request = self.parser.page_request(entry) if wanted else None
        if request is None:
            return entry, None
        if not candidate.may_ask:
            return entry, UpstreamError(Cause.UNREADABLE, "none of the pages of its source can be read")
        try:
            completed = self.reader.page(upstream.fetch(request), entry, self.clock())
        except UpstreamError as error:
            if needs_its_page(entry, self.parser.source):
                result.unread[candidate.id] = error.cause
            return entry, error
        result.is_any_read = True
        return completed, None

    def _save(
        self, completed: _Completed, batch: Batch, result: BatchResult, *, finally_: bool = False
    ) -> bool:
        """Save an article, unless another source has it.

        Return False where one without a date has to wait for the places of its neighbours; `finally_` it
        waits no longer.
        """
        candidate, entry = completed.candidate, completed.entry
        with self.merging:
            stored = self.new_articles.stored_version(candidate, entry)
            if stored is not None and stored.source != self.parser.source.id:  # recognised by its page
                result.merged[candidate.key] = stored.id
                decide(self.decisions, candidate, "merged", merged(stored))
                return True
            place = None
            if entry.published is None and stored is None:
                place = self.new_articles.place(candidate, batch.places)
                if place is None and not (candidate.heads_listing or finally_):
                    return False
            article = make_article(
                candidate,
                entry,
                self.parser.source,
                stored=stored,
                image=completed.image,
                body_html=completed.body_html,
                secrets=self.secrets,
                now=self.clock(),
                place=place,
            )
            article = self._decided(article, stored, completed, in_trouble=batch.in_trouble)
            self.repository.save([article], is_distinct=candidate.is_distinct)
            if not self.repository.get([article.id]):  # its URL or headline was taken down elsewhere
                decide(self.decisions, candidate, "barred", "the same was taken down for good")
        return True

    def _decided(
        self, article: Article, stored: Article | None, completed: _Completed, *, in_trouble: bool
    ) -> Article:
        """Decide about an article, and return it such that it is taken again where its page is missing."""
        candidate, trouble = completed.candidate, completed.trouble
        outcome = "new" if stored is None else "renewed" if candidate.is_renewed else "changed"
        if trouble is None:
            if (
                outcome == "changed"
            ):  # one that does at every reading, as by a counter, is not asked for each time
                self.retries.postpone(candidate.id, free=_FREE_CHANGES)
            else:
                self.retries.settle(candidate.id)
            decide(self.decisions, candidate, outcome)
            return article
        until, number = self.retries.postpone(candidate.id, counts=not in_trouble)
        is_tried_again = number < _MAX_RETRIES and trouble.cause not in _FINAL
        reason = f"as its listing has it, for {trouble}"
        decide(self.decisions, candidate, outcome, reason, until if is_tried_again else None)
        article = completed_from(article, stored)
        return replace(article, content_hash="") if is_tried_again else article


class _ImpatientUpstream:
    """Passes requests on until three of them had no answer in time, and refuses all that follow at once."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream, self._timeouts = upstream, 0

    @property
    def is_exhausted(self) -> bool:
        return self._timeouts >= _MAX_TIMEOUTS

    def fetch(self, request: Request) -> Response:
        if self.is_exhausted:
            raise UpstreamError(Cause.TIMEOUT, "not asked: the requests before it had no answer in time")
        try:
            return self._upstream.fetch(request)
        except UpstreamError as error:
            self._timeouts += error.cause in {Cause.UNREACHABLE, Cause.TIMEOUT}
            raise


def internal_error(source_id: str, fault: Exception) -> UpstreamError:
    """Log a fault of our own, without its message, which may quote a document, and return it as a failure."""
    trace = traceback_without_messages(fault)
    log.error("source %s: a fault of portal-widgets: %s\n%s", source_id, type(fault).__name__, trace)
    return UpstreamError(Cause.UNREADABLE, f"reading it failed: {type(fault).__name__}")

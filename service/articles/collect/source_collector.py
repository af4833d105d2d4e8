"""Collects the articles of one source: its listing, then what is new in it, then what was withdrawn."""

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.articles.collect.dedupe import Candidate, NewArticles, article_id, decide, make_article
from service.articles.collect.document_reader import DocumentReader, ImageFetcher, same_image
from service.articles.collect.site_values import (
    corrected,
    declared_by,
    site_values,
    without_site_values,
)
from service.articles.collect.withdrawals import WithdrawalChecker
from service.articles.model import ArticleImage, Declared, Listing, ParsedEntry, SourceParser, SourceState
from service.articles.repository import ArticleRepository
from service.articles.store import records
from service.articles.text import sanitise
from service.collector.sandbox import Runner
from service.core.decisions import DecisionLog, DecisionRecorder
from service.core.errors import Cause, StoreError, UpstreamError, traceback_without_messages
from service.core.ports import Request, Response, Store, Upstream
from service.core.secrets import Secrets
from service.http_client.caching_headers import conditional_headers, fresh_until

_MAX_PAGES = 20  # of one batch: the rest follow with the source's next listing
_POSTPONED_FOR = timedelta(minutes=30)  # an article whose page is gone, or that we fail to read
_MAX_TIMEOUTS = 3  # pages and images of one batch; those that follow are not requested
_NOT_MODIFIED = 304

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CollectContext:
    """What the collectors of all sources share.

    Attributes:
        refresh: the interval between two listings of a source.
        keep: the newest articles kept, per source.
        secrets: left out of all articles.
        decisions: where the last decision about each article is recorded.
        merging: held while an article is compared with the stored ones and then saved, as two sources may
            bring the same article at the same moment.
    """

    store: Store
    repository: ArticleRepository
    upstream: Upstream
    runner: Runner
    refresh: timedelta
    keep: int
    clock: Callable[[], datetime]
    secrets: Secrets
    decisions: DecisionLog
    merging: threading.Lock


@dataclass(frozen=True, slots=True)
class _Batch:
    """The new and changed entries of one listing.

    Attributes:
        candidates: those that are taken in now, newest first.
        total: counts all, which may need more pages than one batch may request.
        validators: make the next request conditional, once all of them are saved.
        restarts: the collector's count when the listing was requested.
    """

    candidates: Sequence[Candidate]
    total: int
    validators: Mapping[str, str]
    restarts: int


class SourceCollector:
    """Has three tasks for at most three threads: `fetch_listing`, `save_new_articles`, `check_withdrawals`.

    So a slow page or image holds up neither the listing nor another source. Each raises StoreError when the
    store fails, and nothing else: any other fault is a failure of this source.
    """

    def __init__(self, parser: SourceParser, state: SourceState, context: CollectContext) -> None:
        """Continue from the stored state."""
        self._parser, self._source, self._context = parser, parser.source, context
        self._reader = DocumentReader(parser, context.runner)
        self._decisions = DecisionRecorder(
            context.decisions, f"article/{self.id}", context.clock, log, context.secrets.redact
        )
        self._new_articles = NewArticles(self.id, context.repository, parser.wants_page)
        self._withdrawals = WithdrawalChecker(
            self.id, context.repository, context.upstream, context.clock, self._decisions
        )
        self._state_lock = threading.Lock()
        self._state = state
        self._batch: _Batch | None = None
        self._restarts = 0  # how often the store had lost this source
        self._postponed: dict[str, datetime] = {}  # until when, by the articles' ids
        self._page_trouble: dict[str, str] = {}  # why an article is saved without its page's text
        self._declared: dict[str, Declared] = {}  # by the pages of the kept articles
        self._is_corrected = False  # what is kept, since the start

    @property
    def id(self) -> str:
        """The id of the source."""
        return self._source.id

    @property
    def state(self) -> SourceState:
        """The state after the latest request."""
        return self._state

    def is_due(self, now: datetime) -> bool:
        """Return whether to fetch the listing."""
        return self._state.is_due(now)

    def has_new_articles(self) -> bool:
        """Return whether `save_new_articles` has something to do."""
        return self._batch is not None

    def next_check(self) -> datetime | None:
        """Return when `check_withdrawals` has something to do; None: not before the next listing."""
        return self._withdrawals.wake_at()

    def restart(self) -> None:
        """Forget the validators, as the store lost the articles: a 304 would mean that we have them."""
        with self._state_lock:
            state = self._state
            due = state.due if state.failures else None  # a source in trouble is still left alone
            self._state = replace(SourceState(), due=due, failures=state.failures)
            self._restarts += 1

    def fetch_listing(self, *, forced: bool = False) -> bool:
        """Fetch the listing and find what is new in it; return whether it could be used.

        Args:
            forced: consider postponed articles too, and check all articles for withdrawal.
        """
        requested = self._context.clock()
        try:
            if not self._is_corrected:
                self._correct_kept()
                self._is_corrected = True
            self._fetch_listing(requested, forced=forced)
        except UpstreamError as error:
            log.warning("source %s: %s (%s)", self.id, error, error.cause.value)
            self._listing_failed(error)
            return False
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, it costs this source alone
            self._listing_failed(_internal_error(self.id, fault))
            return False
        return True

    def _fetch_listing(self, requested: datetime, *, forced: bool) -> None:
        context, state, restarts = self._context, self._state, self._restarts
        if forced:
            self._postponed.clear()
        request, conditions = self._parser.listing_request(), state.conditions(requested)
        response = context.upstream.fetch(replace(request, headers={**request.headers, **conditions}))
        unchanged = response.status == _NOT_MODIFIED
        if unchanged and state.fetched_at is None:
            raise UpstreamError(Cause.UNREADABLE, "It answers 304, although nothing of it is known yet.")
        listing = Listing(()) if unchanged else self._reader.listing(response, context.clock())
        validators = conditional_headers(response.headers) or (state.validators if unchanged else {})
        stored = context.repository.page(sources=[self.id], limit=context.keep).articles
        candidates = self._new_articles.candidates(listing.entries[: context.keep], self._decisions)
        candidates = self._without_postponed(candidates)
        for entry in listing.entries[context.keep :]:
            one = article_id(self.id, entry.key)
            self._decisions.decide(one, "too old", f"beyond the newest {context.keep}", title=entry.title)
        listed = {article_id(self.id, entry.key) for entry in listing.entries}
        self._withdrawals.check_after_listing(stored, listed, everything=forced)
        now = context.clock()
        after = state.succeeded(
            refresh=context.refresh,
            wish=listing.refresh,
            fresh_until=fresh_until(response.headers, now),
            validators={} if candidates else validators,  # until all of it is saved
            unchanged=unchanged and bool(conditions),
            requested=requested,
            now=now,
        )
        with self._state_lock:
            if restarts != self._restarts:  # the store lost its articles meanwhile: fetch all of it at once
                after = replace(after, validators={}, due=now)
            self._store_state(after)
        if candidates:
            batch = _first_batch(self._parser, candidates)
            self._batch = _Batch(batch, len(candidates), validators, restarts)
            for candidate in candidates[len(batch) :]:
                decide(self._decisions, candidate, "waiting", "other pages are read first", after.due)
        self._decisions.flush()

    def _listing_failed(self, error: UpstreamError) -> None:
        context = self._context
        after = self._state.failed(error, refresh=context.refresh, now=context.clock())
        self._set_state(after)
        self._withdrawals.skip_round()

    def save_new_articles(self) -> None:
        """Complete what the last listing brought from pages and images, and save it.

        The oldest goes first, so that articles without a time get the order of the listing. A batch ends
        early when its pages do not answer or take too much time to parse; the next listing brings the rest
        again.
        """
        batch, self._batch = self._batch, None
        if batch is None:
            return
        upstream = _ImpatientUpstream(self._context.upstream)
        self._reader.begin_round()
        taken = 0
        trouble: UpstreamError | None = None
        for candidate in reversed(batch.candidates):
            if upstream.is_exhausted or self._reader.is_exhausted:
                break
            try:
                self._process(candidate, upstream)
            except StoreError:
                raise
            except Exception as fault:  # noqa: BLE001 - whatever it is, it costs this article alone
                trouble = _internal_error(self.id, fault)
                self._postpone(candidate, "unreadable", str(trouble))
            taken += 1
        try:
            self._read_again(self._correct_kept(), batch.candidates, upstream)
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001 - see above
            trouble = _internal_error(self.id, fault)
        self._decisions.flush()
        self._context.repository.trim(self.id, self._context.keep)
        with self._state_lock:
            if error := trouble or self._reader.trouble:
                self._store_state(self._state.with_trouble(error))
            if taken == batch.total and batch.restarts == self._restarts:
                self._store_state(replace(self._state, validators=batch.validators))

    def _correct_kept(self) -> set[str]:
        """Remove from the kept articles what turned out to be the site's own; return their ids."""
        context = self._context
        with context.merging:
            kept = context.repository.page(sources=[self.id], limit=context.keep).articles
            declared = [declared_by(article, is_page=self._source.kind == "page") for article in kept]
            site, now = site_values(declared), context.clock()
            fixed = [corrected(article, one, site, now) for article, one in zip(kept, declared, strict=True)]
            if any(fixed):
                context.repository.save([article for article in fixed if article])
        self._declared = {article.id: one for article, one in zip(kept, declared, strict=True)}
        ids = {article.id for article in fixed if article}
        if ids:  # so that the next listing brings those again that this batch does not have
            self._set_state(replace(self._state, validators={}))
        return ids

    def _read_again(
        self, ids: Collection[str], candidates: Sequence[Candidate], upstream: "_ImpatientUpstream"
    ) -> None:
        """Read the pages of corrected articles again, for what stands in place of what was removed."""
        for candidate in candidates:
            if candidate.id in ids and not (upstream.is_exhausted or self._reader.is_exhausted):
                self._process(replace(candidate, is_read_again=True), upstream)

    def _without_site_values(self, candidate: Candidate, entry: ParsedEntry) -> ParsedEntry:
        """Return the entry without what other articles of the source declare alike."""
        if entry.declared is None:
            return entry
        self._declared[candidate.id] = entry.declared
        return without_site_values(entry, site_values(self._declared.values()))

    def check_withdrawals(self) -> None:
        """Request the pages of some stored articles, and take down those that are gone."""
        try:
            self._withdrawals.check_next_group()
            self._decisions.flush()
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001 - see above
            self._set_state(self._state.with_trouble(_internal_error(self.id, fault)))

    def _postpone(self, candidate: Candidate, outcome: str, reason: str) -> None:
        """Leave this article alone for a while: it would take the place of others in every batch."""
        until = self._postponed[candidate.id] = self._context.clock() + _POSTPONED_FOR
        decide(self._decisions, candidate, outcome, reason, until)

    def _without_postponed(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        now = self._context.clock()
        self._postponed = {one: until for one, until in self._postponed.items() if until > now}
        return [candidate for candidate in candidates if candidate.id not in self._postponed]

    def _process(self, candidate: Candidate, upstream: Upstream) -> None:
        """Make an article of a candidate and save it, unless it is gone or another source has it."""
        entry = self._completed(candidate, upstream)
        if entry is None:
            reason = self._page_trouble.pop(candidate.id, "")
            if candidate.is_read_again:  # it stays as it is kept
                self._postpone(candidate, "unreadable", reason)
            else:
                self._postpone(candidate, "gone", "its page says that it is gone")
            return
        entry = self._without_site_values(candidate, entry)
        repository, reader = self._context.repository, self._reader
        images = ImageFetcher(upstream, reader.image, repository.save_image)
        image = images.first_usable(entry.images)
        body_html = None
        if self._source.full_text:
            image, body_html = self._text(candidate, entry, image, images)
        with self._context.merging:
            stored = self._new_articles.stored_version(candidate, entry)
            if stored is not None and stored.source != self.id:  # recognised by what its page says
                merged = f"with {stored.id} of {stored.source}, which had it first"
                decide(self._decisions, candidate, "merged", merged)
                return
            article = make_article(
                candidate,
                entry,
                self._source,
                stored=stored,
                image=image,
                body_html=body_html,
                secrets=self._context.secrets,
                now=self._context.clock(),
            )
            repository.save([article])
            saved = bool(repository.get([article.id]))  # else its URL or headline was taken down elsewhere
            if not saved:
                decide(self._decisions, candidate, "barred", "the same was taken down for good")
            else:
                outcome = "new" if stored is None else "changed"
                decide(self._decisions, candidate, outcome, self._page_trouble.pop(candidate.id, ""))

    def _completed(self, candidate: Candidate, upstream: Upstream) -> ParsedEntry | None:
        """Return the entry completed from its own page; None where the page says that the article is gone.

        Where the page cannot be fetched or parsed, the entry is returned as the listing has it.
        """
        entry = candidate.entry
        wanted = self._parser.wants_page(entry) and not candidate.shares_link
        request = self._parser.page_request(entry) if wanted else None
        if request is None:
            return entry
        try:
            return self._reader.page(upstream.fetch(request), entry, self._context.clock())
        except UpstreamError as error:
            self._log_trouble(candidate, error)
            return None if error.cause is Cause.GONE or candidate.is_read_again else entry

    def _text(
        self, candidate: Candidate, entry: ParsedEntry, above: ArticleImage | None, images: ImageFetcher
    ) -> tuple[ArticleImage | None, str | None]:
        """Return the article's image and its text, sanitised and with its images; None where it has none."""
        if not entry.body_html:
            return above, None
        try:
            body = self._reader.body(entry.body_html, entry.url or "")
            in_text = images.in_text(body.images, above)
            markup = self._reader.with_images(body, in_text)
        except UpstreamError as error:
            self._log_trouble(candidate, error)
            return above, None
        return same_image(above, in_text), sanitise.without_lead(markup, entry.whole_lead)

    def _log_trouble(self, candidate: Candidate, error: UpstreamError) -> None:
        log.info("source %s: article %s: %s", self.id, candidate.id, error)
        self._page_trouble[candidate.id] = f"as its listing has it, for {error}"

    def _set_state(self, state: SourceState) -> None:
        with self._state_lock:
            self._store_state(state)

    def _store_state(self, state: SourceState) -> None:
        """Store the state first: when that fails, the source is as due as before."""
        self._context.store.write({records.source_key(self.id): records.state_to_bytes(state)})
        self._state = state


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


def _internal_error(source_id: str, fault: Exception) -> UpstreamError:
    """Log a fault of our own, without its message, which may quote a document, and return it as a failure."""
    trace = traceback_without_messages(fault)
    log.error("source %s: a fault of portal-widgets: %s\n%s", source_id, type(fault).__name__, trace)
    return UpstreamError(Cause.UNREADABLE, f"reading it failed: {type(fault).__name__}")


def _first_batch(parser: SourceParser, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the newest candidates, as many as need no more pages than one batch may request."""
    batch: list[Candidate] = []
    pages = 0
    for candidate in candidates:
        pages += parser.wants_page(candidate.entry)
        if pages > _MAX_PAGES:
            break
        batch.append(candidate)
    return batch

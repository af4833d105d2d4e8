"""Collects the articles of one source: its listing, then what is new in it, then what was withdrawn."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.articles.collect.assemble import needs_its_page, under_link_of
from service.articles.collect.batch import ArticleSaver, Batch, Retries, first_batch, internal_error
from service.articles.collect.dedupe import Comparison, NewArticles, decide
from service.articles.collect.document_reader import DocumentReader
from service.articles.collect.withdrawals import WithdrawalChecker
from service.articles.model import Article, Listing, SourceParser, SourceState
from service.articles.narrowing import Narrowing
from service.articles.repository import ArticleRepository
from service.articles.store import records
from service.articles.store.listings import LastListing, listing_from_bytes, listing_key, listing_to_bytes
from service.collector.sandbox import Runner
from service.core.counters import CountedUpstream, Counters
from service.core.decisions import DecisionLog, DecisionRecorder
from service.core.errors import Cause, StoreError, UpstreamError
from service.core.ports import Store, Upstream
from service.core.secrets import Secrets
from service.http_client.caching_headers import conditional_headers, fresh_until

_NOT_MODIFIED = 304

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CollectContext:
    """What the collectors of all sources share.

    Attributes:
        refresh: the interval between two listings of a source.
        keep: the newest articles kept, per source.
        narrowing: what is shown of them; as many are kept of what is not.
        secrets: left out of all articles.
        decisions: where the last decision about each article is recorded.
        merging: see `ArticleSaver`.
        counters: count the requests.
    """

    store: Store
    repository: ArticleRepository
    upstream: Upstream
    runner: Runner
    refresh: timedelta
    keep: int
    narrowing: Narrowing
    clock: Callable[[], datetime]
    secrets: Secrets
    decisions: DecisionLog
    merging: threading.Lock
    counters: Counters


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
        counted = CountedUpstream(context.upstream, context.counters, self.id)
        self._new_articles = NewArticles(
            self.id, context.repository, context.secrets, parser.wants_page, context.narrowing
        )
        self._withdrawals = WithdrawalChecker(
            self.id,
            store=context.store,
            repository=context.repository,
            upstream=counted,
            clock=context.clock,
            decisions=self._decisions,
            keep=context.keep,
            narrowing=context.narrowing,
        )
        if state.fetched_at is not None and not state.failures:
            self._withdrawals.check_after_listing((), None)  # go on where the last process ended
        self._retries = Retries(self.id, context.store, context.clock)
        self._saver = ArticleSaver(
            parser=parser,
            reader=self._reader,
            repository=context.repository,
            upstream=counted,
            new_articles=self._new_articles,
            retries=self._retries,
            decisions=self._decisions,
            secrets=context.secrets,
            clock=context.clock,
            keep=context.keep,
            merging=context.merging,
        )
        self._state_lock = threading.Lock()
        self._state = state
        self._batch: _WaitingBatch | None = None
        self._restarts = 0  # how often the store had lost this source
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
            self._state = SourceState(due=due, failures=state.failures, settings_digest=state.settings_digest)
            self._restarts += 1
        self._retries.clear()

    def read_in_full(self) -> None:
        """Ask for the listing soon, and without conditions."""
        with self._state_lock:
            due = self._state.due if self._state.failures else None
            self._state = replace(self._state, validators={}, due=due)

    def fetch_listing(self, *, forced: bool = False) -> bool:
        """Fetch the listing and find what is new in it; return whether it could be used.

        Args:
            forced: consider postponed articles too, and check all articles for withdrawal.
        """
        requested = self._context.clock()
        try:
            if not self._is_corrected:
                if self._saver.correct_kept():  # the listing is to bring these again
                    self._set_state(replace(self._state, validators={}))
                self._is_corrected = True
            self._fetch_listing(requested, forced=forced)
        except UpstreamError as error:
            log.warning("source %s: %s (%s)", self.id, error, error.cause.value)
            self._listing_failed(error)
            return False
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, it costs this source alone
            self._listing_failed(internal_error(self.id, fault))
            return False
        return True

    def _fetch_listing(self, requested: datetime, *, forced: bool) -> None:
        context, state, restarts = self._context, self._state, self._restarts
        if forced:
            self._retries.clear()
        most = context.keep * (2 if context.narrowing.narrows(self.id) else 1)
        stored = context.repository.page(sources=[self.id], limit=most).articles
        before = self._last_listing()
        listed = {entry.article for entry in before.entries} if before else set()
        # A 304 would be of no use for an article that is to be tried again.
        is_awaited = self._retries.has_due([article for article in stored if article.id in listed])
        conditions = {} if is_awaited else state.conditions(requested)
        request = self._parser.listing_request()
        with context.counters.request_to(self.id) as counted:
            request = replace(request, headers={**request.headers, **conditions})
            response = counted.answered(context.upstream.fetch(request))
            unchanged = response.status == _NOT_MODIFIED
            if unchanged and state.fetched_at is None:
                raise UpstreamError(Cause.UNREADABLE, "It answers 304, although nothing of it is known yet.")
            listing = Listing(()) if unchanged else self._reader.listing(response, context.clock())
        validators = conditional_headers(response.headers) or (state.validators if unchanged else {})
        compared = Comparison() if unchanged else self._compared(listing, before, stored)
        candidates = self._retries.due(compared.candidates, is_unchanged=unchanged)
        self._withdrawals.check_after_listing(
            compared.left, {article.id for article in stored}, everything=forced
        )
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
            after = replace(after, page_cause=self._state.page_cause, unread=self._state.unread)
            self._store_state(after, compared.listed)
        if candidates:
            in_trouble = after.page_cause not in {None, Cause.GONE}
            first = first_batch(self._parser, candidates, in_trouble=in_trouble)
            wanted = sum(needs_its_page(entry, self._source) for entry in listing.entries[: context.keep])
            batch = Batch(first, len(candidates), compared.places, in_trouble)
            self._batch = _WaitingBatch(batch, wanted, validators, restarts)
            taken = {candidate.id for candidate in first}
            for candidate in candidates:
                if candidate.id not in taken:
                    decide(self._decisions, candidate, "waiting", "other pages are read first", after.due)
        self._decisions.flush()

    def _compared(
        self, listing: Listing, before: LastListing | None, stored: Sequence[Article]
    ) -> Comparison:
        """Compare a listing with what is known, and save what has another link than before."""
        context = self._context
        compared = self._new_articles.compare(
            listing.entries,
            before,
            stored,
            keep=context.keep,
            decisions=self._decisions,
            now=context.clock(),
        )
        if compared.moved:
            with context.merging:  # what was saved since the comparison is not undone
                stored_now = {
                    one.id: one for one in context.repository.get([one.id for one in compared.moved])
                }
                context.repository.save(
                    [under_link_of(stored_now[one.id], one) for one in compared.moved if one.id in stored_now]
                )
        context.repository.drop(compared.repeated)
        return compared

    def _last_listing(self) -> LastListing | None:
        key = listing_key(self.id)
        return listing_from_bytes(self._context.store.read([key]).get(key))

    def _listing_failed(self, error: UpstreamError) -> None:
        context = self._context
        after = self._state.failed(error, refresh=context.refresh, now=context.clock())
        self._set_state(after)
        self._withdrawals.skip_turn()

    def save_new_articles(self) -> None:
        """Complete what the last listing brought from pages and images, and save it."""
        waiting, self._batch = self._batch, None
        if waiting is None:
            return
        result = self._saver.save(waiting.batch)
        self._decisions.flush()
        self._retries.save()
        self._context.repository.trim(self.id, self._context.keep, self._context.narrowing)
        with self._state_lock:
            state = self._state.with_pages(
                is_any_read=result.is_any_read, unread=result.unread, wanted=waiting.wanted
            )
            if error := result.fault or self._reader.trouble:
                state = state.with_trouble(error)
            if result.corrected - {candidate.id for candidate in waiting.batch.candidates}:
                state = replace(state, validators={})  # so that the next listing brings these again
            elif result.taken == waiting.batch.total and waiting.restarts == self._restarts:
                state = replace(state, validators=waiting.validators)
            listed = self._last_listing() if result.merged else None
            self._store_state(state, listed and listed.with_merged(result.merged))

    def check_withdrawals(self) -> None:
        """Request the pages of some stored articles, and take down those that are gone."""
        try:
            self._withdrawals.check_next_group()
            self._decisions.flush()
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001 - see above
            self._set_state(self._state.with_trouble(internal_error(self.id, fault)))

    def _set_state(self, state: SourceState) -> None:
        with self._state_lock:
            self._store_state(state)

    def _store_state(self, state: SourceState, listed: LastListing | None = None) -> None:
        """Store the state first: when that fails, the source is as due as before."""
        values = {records.source_key(self.id): records.state_to_bytes(state)}
        if listed is not None and listed != self._last_listing():
            values[listing_key(self.id)] = listing_to_bytes(listed)
        self._context.store.write(values)
        self._state = state


@dataclass(frozen=True, slots=True)
class _WaitingBatch:
    """A batch that is to be saved.

    Attributes:
        wanted: how many articles of the listing need their page.
        validators: make the next request conditional, once all of the listing is saved.
        restarts: the collector's count when the listing was requested.
    """

    batch: Batch
    wanted: int
    validators: Mapping[str, str]
    restarts: int

"""Collects the articles of one source: its listing, then what is new in it, then what was withdrawn."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.articles.collect import backoff
from service.articles.collect.article_builder import article_of, id_of
from service.articles.collect.dedupe import Candidate, NewArticles, canonical_url_of
from service.articles.collect.document_reader import DocumentReader
from service.articles.collect.images import illustration_of, illustrations_in
from service.articles.collect.patience import PatientUpstream
from service.articles.collect.withdrawals import WithdrawalChecker
from service.articles.model import ArticleImage, Listing, ParsedEntry, SourceParser, SourceState
from service.articles.repository import ArticleRepository
from service.articles.store import keys, records
from service.collector.sandbox import Runner
from service.core.errors import Cause, StoreError, UpstreamError, traceback_without_messages
from service.core.ports import Request, Store, Upstream
from service.core.secrets import Secrets
from service.http_client.caching_headers import conditional_headers, fresh_until

_PAGES_A_ROUND = 20  # of one source: the rest follow with its next listing
_PASSED_OVER_FOR = timedelta(minutes=30)  # an article whose page is gone, or that we fail to read
_NOT_MODIFIED = 304

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all sources share.

    Attributes:
        secrets: kept out of all articles.
        merging: held while an article is compared with what is kept and then kept, as two sources may tell
            the same article at the same moment.
    """

    store: Store
    repository: ArticleRepository
    upstream: Upstream
    runner: Runner
    refresh: timedelta
    keep: int
    clock: Callable[[], datetime]
    secrets: Secrets
    merging: threading.Lock


class SourceCollector:
    """Has three tasks, `ask_listing`, `take_in` and `check_withdrawals`, for three threads at the most.

    So a slow page or picture holds up neither the listing nor another source. Each raises StoreError when the
    store fails, and nothing else: any other fault is a failure of this source.
    """

    def __init__(self, parser: SourceParser, state: SourceState, around: Surroundings) -> None:
        """Go on from the kept state."""
        self._parser, self._source, self._around = parser, parser.source, around
        self._reader = DocumentReader(parser, around.runner)
        self._roll_call = WithdrawalChecker(self._source.id, around.repository, around.upstream, around.clock)
        self._newcomers = NewArticles(around.repository)
        self._noting = threading.Lock()
        self._state = state
        self._round: _Round | None = None
        self._beginning = 0  # how often the store was found to have lost this source
        self._passed: dict[str, datetime] = {}  # ids of articles that are not asked for, until when

    @property
    def id(self) -> str:
        """The id of the source."""
        return self._source.id

    @property
    def state(self) -> SourceState:
        """How it stands with the source."""
        return self._state

    def is_due(self, now: datetime) -> bool:
        """Whether its listing is to be asked for."""
        return backoff.is_due(self._state, now)

    def has_arrivals(self) -> bool:
        """Whether `take_in` has something to do."""
        return self._round is not None

    def check_at(self) -> datetime | None:
        """When `check_withdrawals` has something to do."""
        return self._roll_call.wake_at()

    def begin_anew(self) -> None:
        """Forget what the store no longer has: a 304 would say that we have the articles."""
        with self._noting:
            state = self._state
            due = state.due if state.failures else None  # a portal in trouble is left alone as before
            self._state = replace(SourceState(), due=due, failures=state.failures)
            self._beginning += 1

    def ask_listing(self, *, forced: bool = False) -> bool:
        """Ask for the listing and find what is new in it; False when it could not be used."""
        asked = self._around.clock()
        try:
            self._ask_listing(asked, forced=forced)
        except UpstreamError as error:
            log.warning("source %s: %s (%s)", self.id, error, error.cause.value)
            return self._failed(error)
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, it costs this source alone
            return self._failed(_our_fault(self.id, fault))
        return True

    def take_in(self) -> None:
        """Complete, illustrate and keep what the last listing brought.

        The oldest goes first, so that what has no time of its own stands in the listing's order. A round ends
        early when its pages are silent or take too much time to read; the next listing brings the rest anew.
        """
        round_, self._round = self._round, None
        if round_ is None:
            return
        upstream = PatientUpstream(self._around.upstream)
        self._reader.begin_round()
        taken = 0
        trouble: UpstreamError | None = None
        for arrival in reversed(round_.turn):
            if upstream.is_exhausted or self._reader.is_used_up:
                break
            try:
                self._take_in(arrival, upstream)
            except StoreError:
                raise
            except Exception as fault:  # noqa: BLE001 - whatever it is, it costs this article alone
                trouble = _our_fault(self.id, fault)
                self._passed_over(arrival)
            taken += 1
        log.info("source %s: %d articles taken in", self.id, taken)
        self._around.repository.trim(self.id, self._around.keep)
        with self._noting:
            if error := trouble or self._reader.trouble:
                self._keep(backoff.with_trouble(self._state, error))
            if taken == round_.wanted and round_.beginning == self._beginning:
                self._keep(replace(self._state, validators=round_.validators))

    def check_withdrawals(self) -> None:
        """Ask some kept articles whether they are still there."""
        try:
            self._roll_call.go_on()
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001 - see above
            self._note(backoff.with_trouble(self._state, _our_fault(self.id, fault)))

    def _ask_listing(self, asked: datetime, *, forced: bool) -> None:
        around, state, beginning = self._around, self._state, self._beginning
        if forced:
            self._passed.clear()
        answer = around.upstream.fetch(_with(self._parser.listing_request(), state.validators))
        unchanged = answer.status == _NOT_MODIFIED
        listing = Listing(()) if unchanged else self._reader.listing(answer, around.clock())
        validators = conditional_headers(answer.headers) or (state.validators if unchanged else {})
        kept = around.repository.page(sources=[self.id], limit=around.keep).articles
        new = self._without_passed(self._newcomers.of(self.id, listing.entries[: around.keep]))
        self._roll_call.hold(
            kept, {id_of(self.id, draft.key) for draft in listing.entries}, everything=forced
        )
        now = around.clock()
        after = backoff.after_answer(
            state,
            refresh=around.refresh,
            wish=listing.refresh,
            good_until=fresh_until(answer.headers, now),
            validators={} if new else validators,  # until all of it is kept
            asked=asked,
            now=now,
        )
        with self._noting:
            if beginning != self._beginning:  # the store lost its articles meanwhile: ask for all of it
                after = replace(after, validators={}, due=now)
            self._keep(after)
        if new:
            self._round = _Round(_one_turn(self._parser, new), len(new), validators, beginning)

    def _failed(self, error: UpstreamError) -> bool:
        around = self._around
        self._note(backoff.after_failure(self._state, error, refresh=around.refresh, now=around.clock()))
        self._roll_call.rest()
        return False

    def _passed_over(self, arrival: Candidate) -> None:
        """Do not ask for this article for a while: it would take the place of others in every round."""
        self._passed[id_of(self.id, arrival.draft.key)] = self._around.clock() + _PASSED_OVER_FOR

    def _without_passed(self, new: Sequence[Candidate]) -> list[Candidate]:
        now = self._around.clock()
        self._passed = {one: until for one, until in self._passed.items() if until > now}
        return [arrival for arrival in new if id_of(self.id, arrival.draft.key) not in self._passed]

    def _take_in(self, arrival: Candidate, upstream: Upstream) -> None:
        draft = self._completed(arrival, upstream)
        if draft is None:
            self._passed_over(arrival)
        else:
            self._put(draft, arrival, upstream)

    def _completed(self, arrival: Candidate, upstream: Upstream) -> ParsedEntry | None:
        """The draft with what its own page tells; None where the page says that the article is gone."""
        draft = arrival.draft
        wanted = self._parser.wants_page(draft) and not arrival.shares_link
        request = self._parser.page_request(draft) if wanted else None
        if request is None:
            return draft
        try:
            return self._reader.page(upstream.fetch(request), draft, self._around.clock())
        except UpstreamError as error:
            log.info("source %s: article %s: %s", self.id, id_of(self.id, draft.key), error)
            return None if error.cause is Cause.GONE else draft

    def _put(self, draft: ParsedEntry, arrival: Candidate, upstream: Upstream) -> None:
        repository, source = self._around.repository, self.id
        illustration = illustration_of(draft.images, upstream, self._reader.picture, repository.save_image)
        text = self._text(draft, illustration, upstream) if self._source.full_text else None
        with self._around.merging:
            known = self._newcomers.known(source, draft, canonical_url := canonical_url_of(draft, arrival))
            if known is not None and known.source != source:
                return
            article = article_of(
                draft,
                id=known.id if known else id_of(source, draft.key),
                source=source,
                language=self._source.language,
                canonical_url=canonical_url,
                content_hash=arrival.content_hash,
                rank=arrival.rank,
                known=known,
                image=illustration or (known.image if known else None),
                body_html=text,
                secrets=self._around.secrets,
                now=self._around.clock(),
            )
            repository.save([article])

    def _text(self, draft: ParsedEntry, above: ArticleImage | None, upstream: Upstream) -> str | None:
        """The article's own text with its pictures, as far as the source tells it."""
        if not draft.body_html:
            return None
        reader, keep = self._reader, self._around.repository.save_image
        try:
            text = reader.text(draft.body_html, draft.url or "")
            ours = illustrations_in(text.images, above, upstream, reader.picture, keep)
            return reader.illustrated(text, ours)
        except UpstreamError as error:
            log.info("source %s: article %s: %s", self.id, id_of(self.id, draft.key), error)
            return None

    def _note(self, state: SourceState) -> None:
        with self._noting:
            self._keep(state)

    def _keep(self, state: SourceState) -> None:
        self._around.store.write({keys.source(self.id): records.state_to_bytes(state)})
        self._state = state


@dataclass(frozen=True, slots=True)
class _Round:
    """What one listing brought: what of it is taken in now, and what makes the next request conditional.

    `wanted` counts all that is new: more than in `turn` where that takes more pages than one round asks for.
    """

    turn: Sequence[Candidate]
    wanted: int
    validators: Mapping[str, str]
    beginning: int


def _our_fault(source: str, fault: Exception) -> UpstreamError:
    said = "source %s: a fault of portal-widgets: %s\n%s"
    log.error(said, source, type(fault).__name__, traceback_without_messages(fault))
    return UpstreamError(Cause.UNREADABLE, f"reading it failed: {type(fault).__name__}")


def _one_turn(parser: SourceParser, new: Sequence[Candidate]) -> list[Candidate]:
    """The newest of these, as many as need no more pages than one round may ask for."""
    turn: list[Candidate] = []
    pages = 0
    for arrival in new:
        pages += parser.wants_page(arrival.draft)
        if pages > _PAGES_A_ROUND:
            break
        turn.append(arrival)
    return turn


def _with(request: Request, validators: Mapping[str, str]) -> Request:
    return replace(request, headers={**request.headers, **validators})

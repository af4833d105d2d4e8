"""Asks the sources for their newest articles, completes and illustrates them, and keeps them."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as all_done
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.collector import polling, reading
from service.collector.editing import article_of, id_of
from service.collector.illustrating import illustration_of, illustrations_in
from service.collector.newcomers import Arrival, Newcomers, identity_of
from service.collector.passes import Pass
from service.collector.still_there import RollCall
from service.domain.articles import Draft, Illustration, Listing, Source, SourceState
from service.domain.failures import Cause, UpstreamError
from service.domain.ports import Request, Store, Upstream
from service.domain.shelf import Shelf
from service.sources import body
from service.store import article_records, keys
from service.upstream.dates import conditions, good_until

_AT_ONCE = 8  # sources asked side by side: a slow one holds up nobody
_PAGES_A_PASS = 20  # of one source: the rest follow with its next turn
_NOT_MODIFIED = 304
_FAR = timedelta(days=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One source, and what the configuration says of it."""

    source: Source
    language: str
    full_text: bool


class ArticleCollector:
    """The only writer of articles. Raises StoreError when the store fails."""

    def __init__(  # noqa: PLR0913 - the wiring names every one of them
        self,
        *,
        store: Store,
        shelf: Shelf,
        upstream: Upstream,
        subscriptions: Sequence[Subscription],
        refresh: timedelta,
        keep: int,
        clock: Callable[[], datetime],
        wait: Callable[[timedelta], bool],
    ) -> None:
        """Read how it stands with every source."""
        self._store, self._shelf, self._upstream = store, shelf, upstream
        self._subscriptions = tuple(subscriptions)
        self._refresh, self._keep, self._clock, self._wait = refresh, keep, clock, wait
        self._trim_to_configuration()
        self._states = self._kept_states()
        self._roll_calls = {
            one.source.id: RollCall(one.source.id, shelf, upstream, clock) for one in self._subscriptions
        }
        self._newcomers = Newcomers(shelf)
        self._merging = threading.Lock()
        # For good: each of its threads has a connection to the store, which outlives a thread that ends.
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="source")

    def run(self, *, forced: bool = False) -> Pass:
        """One pass over the sources that are due, several at once; one that fails touches no other.

        Of the others some articles are asked whether they are still there.
        """
        now = self._clock()
        self._begin_anew_what_was_lost()
        due = [s for s in self._subscriptions if forced or polling.is_due(self._state(s), now)]
        calls = [self._roll_calls[s.source.id] for s in self._subscriptions if s not in due]
        calls = [call for call in calls if (at := call.wake_at()) is not None and at <= now]
        if not (due or calls) or self._wait(timedelta(0)):
            return Pass()
        told = [self._pool.submit(self._collect, source, forced=forced) for source in due]
        asked = [self._pool.submit(call.go_on) for call in calls]
        all_done(told)  # before anything is raised: nobody works on between passes
        all_done(asked)
        went_well = [one.result() for one in told]
        for one in asked:
            one.result()
        return Pass(len(due), went_well.count(False))

    def wake_at(self) -> datetime:
        """When the next source is due, or the next of its articles to be asked."""
        now = self._clock()
        times = [self._state(s).due or now for s in self._subscriptions]
        times += [at for call in self._roll_calls.values() if (at := call.wake_at()) is not None]
        return min(times, default=now + _FAR)

    def _trim_to_configuration(self) -> None:
        """Trim away what is kept beyond the configuration, all of it where a source is no longer named."""
        told = {keys.source(subscription.source.id) for subscription in self._subscriptions}
        left = [key for key in self._store.keys(keys.source("")) if key not in told]
        for key in left:
            self._shelf.trim(key.removeprefix(keys.source("")), 0)
        self._store.forget(left)
        for subscription in self._subscriptions:  # the configuration may allow less than it did
            self._shelf.trim(subscription.source.id, self._keep)

    def _kept_states(self) -> dict[str, SourceState]:
        ids = [subscription.source.id for subscription in self._subscriptions]
        kept = self._store.read([keys.source(source) for source in ids])
        return {
            source: article_records.state_from_bytes(kept.get(keys.source(source))) or SourceState()
            for source in ids
        }

    def _begin_anew_what_was_lost(self) -> None:
        """A store that was deleted under us has no articles: a 304 would say that we have them."""
        noted = {keys.source(source): source for source, state in self._states.items() if state.due}
        for key in noted.keys() - self._store.read(list(noted)).keys():
            state = self._states[noted[key]]
            due = state.due if state.failures else None  # a portal in trouble is let be as long as it asked
            self._states[noted[key]] = replace(SourceState(), due=due, failures=state.failures)

    def _state(self, subscription: Subscription) -> SourceState:
        return self._states[subscription.source.id]

    def _collect(self, subscription: Subscription, *, forced: bool) -> bool:
        """Everything one source's turn brings; False when its listing could not be used."""
        source, state = subscription.source, self._state(subscription)
        try:
            answer = self._upstream.fetch(_with(source.listing_request(), state.validators))
            unchanged = answer.status == _NOT_MODIFIED
            listing = Listing(()) if unchanged else reading.listing(source, answer, self._clock())
        except UpstreamError as error:
            log.warning("source %s: %s (%s)", source.id, error, error.cause.value)
            self._note(
                source.id, polling.after_failure(state, error, refresh=self._refresh, now=self._clock())
            )
            self._roll_calls[source.id].rest()
            return False
        kept = self._shelf.page(sources=[source.id], limit=self._keep).articles
        finished = self._take_in(subscription, listing)
        listed = {id_of(source.id, draft.key) for draft in listing.drafts}
        self._roll_calls[source.id].hold(kept, listed, everything=forced)
        validators = conditions(answer.headers) or (
            state.validators if answer.status == _NOT_MODIFIED else {}
        )
        self._note(
            source.id,
            polling.after_answer(
                state,
                refresh=self._refresh,
                wish=listing.refresh,
                good_until=good_until(answer.headers, self._clock()),
                validators=validators if finished else {},
                now=self._clock(),
            ),
        )
        return True

    def _take_in(self, subscription: Subscription, listing: Listing) -> bool:
        """Complete and keep what is new; False where more is left than one turn may ask for.

        The oldest goes first, so that what has no time of its own stands in the listing's order.
        """
        source = subscription.source
        new = self._newcomers.of(source.id, listing.drafts[: self._keep])
        turn = _one_turn(source, new)
        for arrival in reversed(turn):
            if (completed := self._completed(source, arrival)) is not None:
                self._put(subscription, completed, arrival)
        if turn:
            log.info("source %s: %d articles taken in", source.id, len(turn))
            self._shelf.trim(source.id, self._keep)
        return len(turn) == len(new)

    def _completed(self, source: Source, arrival: Arrival) -> Draft | None:
        """The draft with what its own page tells; None where the page says that the article is gone."""
        draft = arrival.draft
        wanted = source.wants_page(draft) and not arrival.shares_link
        request = source.page_request(draft) if wanted else None
        if request is None:
            return draft
        try:
            answer = self._upstream.fetch(request)
            return reading.page(source, answer, draft, self._clock())
        except UpstreamError as error:
            log.info("source %s: %s: %s", source.id, draft.url, error)
            return None if error.cause is Cause.GONE else draft

    def _put(self, subscription: Subscription, draft: Draft, arrival: Arrival) -> None:
        illustration = illustration_of(draft.pictures, self._upstream, self._shelf.put_picture)
        text = self._text(draft, illustration) if subscription.full_text else None
        with self._merging:  # two sources may tell the same article at the same moment
            known = self._newcomers.known(
                subscription.source.id, draft, identity := identity_of(draft, arrival)
            )
            if known is not None and known.source != subscription.source.id:
                return
            article = article_of(
                draft,
                id=known.id if known else id_of(subscription.source.id, draft.key),
                source=subscription.source.id,
                language=subscription.language,
                identity=identity,
                revision=arrival.revision,
                rank=arrival.rank,
                known=known,
                illustration=illustration or (known.illustration if known else None),
                body_html=text,
                now=self._clock(),
            )
            self._shelf.put([article])

    def _text(self, draft: Draft, above: Illustration | None) -> str | None:
        """The article's own text with its pictures, as far as the source tells it."""
        if not draft.body_html:
            return None
        cleaned = body.clean(draft.body_html, draft.url or "")
        keep = self._shelf.put_picture
        return cleaned.illustrated(illustrations_in(cleaned.pictures, above, self._upstream, keep))

    def _note(self, source: str, state: SourceState) -> None:
        self._store.keep({keys.source(source): article_records.state_to_bytes(state)})
        self._states[source] = state


def _one_turn(source: Source, new: Sequence[Arrival]) -> list[Arrival]:
    """The newest of these, as many as need no more pages than one turn may ask for."""
    turn: list[Arrival] = []
    pages = 0
    for arrival in new:
        pages += source.wants_page(arrival.draft)
        if pages > _PAGES_A_PASS:
            break
        turn.append(arrival)
    return turn


def _with(request: Request, validators: Mapping[str, str]) -> Request:
    return replace(request, headers={**request.headers, **validators})

"""Collects the articles of all sources, each at its own pace. The only writer of articles."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for_all
from dataclasses import fields
from datetime import datetime, timedelta
from hashlib import blake2b
from threading import Lock
from typing import Any

from service.articles.collect.narrowing_changes import apply_changes
from service.articles.collect.source_collector import CollectContext, SourceCollector
from service.articles.model import SourceParser, SourceState
from service.articles.narrowing import Narrowing
from service.articles.repository import ArticleRepository
from service.articles.store import records
from service.articles.store.listings import checks_key, listing_key, postponed_key
from service.collector.loop import PassResult
from service.collector.sandbox import Runner
from service.collector.state_changes import StateChanges
from service.core.counters import Counters
from service.core.decisions import NO_DECISIONS, DecisionLog
from service.core.freshness import AgeLimits
from service.core.ports import Store, Upstream
from service.core.secrets import NO_SECRETS, Secrets
from service.settings.model import ArticleSource

_MAX_LISTING_THREADS = 96  # each thread has descriptors of the store and one of an upstream
_MAX_OTHER_THREADS = 64
_POLL_INTERVAL = timedelta(seconds=0.2)  # while tasks are running
_LOSS_CHECK_INTERVAL = timedelta(seconds=5)
_MINUTE, _LONG = timedelta(minutes=1), timedelta(days=1)
_NEVER = timedelta(days=36_500)  # articles stay, however old

log = logging.getLogger(__name__)


class ArticleCollector:
    """Runs the tasks of all sources in threads. Every method raises StoreError when the store fails."""

    def __init__(  # noqa: PLR0913 - the wiring names every one of them
        self,
        *,
        store: Store,
        repository: ArticleRepository,
        upstream: Upstream,
        runner: Runner,
        parsers: Sequence[SourceParser],
        refresh: timedelta,
        keep: int,
        clock: Callable[[], datetime],
        wait: Callable[[timedelta], bool],
        contact: str = "",
        secrets: Secrets = NO_SECRETS,
        decisions: DecisionLog = NO_DECISIONS,
        counters: Counters | None = None,
        stale_after: timedelta = timedelta(hours=3),
    ) -> None:
        """Drop what is stored beyond the configuration, and read the state of every source.

        Args:
            store: of the sources' states.
            repository: in the same file.
            upstream: fetches everything.
            runner: parses documents.
            parsers: one for each source.
            refresh: the interval between two listings of a source.
            keep: the newest articles kept, per source.
            clock: our clock.
            wait: waits that long and returns whether to stop.
            contact: what the sources are told of us; where it has changed, they begin anew.
            secrets: left out of all articles.
            decisions: where the last decision about each article is recorded.
            counters: count the requests.
            stale_after: the age from which a source counts as silent.
        """
        self._store, self._repository, self._clock, self._wait = store, repository, clock, wait
        ids = [parser.source.id for parser in parsers]
        narrowing = Narrowing([parser.source for parser in parsers])
        self._trim_to_configuration(ids, keep, narrowing)
        states = self._stored_states(parsers, contact)
        context = CollectContext(
            store=store,
            repository=repository,
            upstream=upstream,
            runner=runner,
            refresh=refresh,
            keep=keep,
            narrowing=narrowing,
            clock=clock,
            secrets=secrets,
            decisions=decisions,
            merging=Lock(),
            counters=counters or Counters(),
        )
        self._sources = [SourceCollector(parser, states[parser.source.id], context) for parser in parsers]
        if apply_changes(store, repository, [parser.source for parser in parsers], narrowing):
            for source in self._sources:
                source.read_in_full()
        self._states = StateChanges("sources", AgeLimits(stale_after, _NEVER))
        self._log_rests()
        self._running: dict[tuple[str, str], Future[object]] = {}  # by source and task
        self._checked_for_losses: datetime | None = None
        self._origin = store.origin()
        # As many threads as there can be tasks, so that a slow source takes none from another one. Where
        # there are too many sources for that, slow pages still take none from the listings. Threads are kept
        # for good, since each has a connection to the store, which outlives a thread that ends.
        count = max(1, len(self._sources))
        self._listings = ThreadPoolExecutor(min(count, _MAX_LISTING_THREADS), thread_name_prefix="listing")
        self._others = ThreadPoolExecutor(min(2 * count, _MAX_OTHER_THREADS), thread_name_prefix="articles")

    def run(self, *, forced: bool = False) -> PassResult:
        """Make one pass over what is due and wait for all of it."""
        now = self._clock()
        self._restart_lost_sources()
        due = [source for source in self._sources if forced or source.is_due(now)]
        checks = [one for one in self._sources if one not in due and _is_past(one.next_check(), now)]
        if not (due or checks) or self._wait(timedelta(0)):
            return PassResult()
        passes = [self._listings.submit(_run_all_tasks, source, forced=forced) for source in due]
        checked = [self._others.submit(source.check_withdrawals) for source in checks]
        tasks: list[Future[Any]] = [*passes, *checked]
        wait_for_all(tasks)  # before anything is raised: no task runs on between passes
        for one in checked:
            one.result()
        return PassResult(len(due), [one.result() for one in passes].count(False))

    def start_due(self) -> None:
        """Start every task that is due and not running yet, and wait for none.

        Raises:
            StoreError: when a task that has ended since the last call raised it.
        """
        ended = [task for task, future in self._running.items() if future.done()]
        failures = [self._running.pop(task).exception() for task in ended]
        for failure in failures:
            if failure is not None:
                raise failure
        now = self._clock()
        if self._checked_for_losses is None or abs(now - self._checked_for_losses) >= _LOSS_CHECK_INTERVAL:
            self._restart_lost_sources()
            self._checked_for_losses = now
        self._states.observe({source.id: source.state.fetched_at for source in self._sources}, now)
        for source in self._sources:
            if source.is_due(now):
                self._start(source, source.fetch_listing, self._listings)
            if source.has_new_articles():
                self._start(source, source.save_new_articles, self._others)
            if _is_past(source.next_check(), now):
                self._start(source, source.check_withdrawals, self._others)

    def _log_rests(self) -> None:
        """Tell which sources rest since before the start, and for how long."""
        now = self._clock()
        for source in self._sources:
            state = source.state
            if state.failures and state.due is not None and not state.is_due(now):
                log.warning(
                    "source %s: rests for %d min more, until %s UTC: %s, %d in a row",
                    source.id, (state.due - now) / _MINUTE, f"{state.due:%Y-%m-%d %H:%M}",
                    state.cause.value if state.cause else "failed", state.failures,
                )  # fmt: skip

    def wake_at(self) -> datetime:
        """Return when there is something to start, or the end of a running task to look for."""
        now = self._clock()
        if self._running:
            return now + _POLL_INTERVAL
        times = [source.state.due or now for source in self._sources]
        times += [at for source in self._sources if (at := source.next_check()) is not None]
        return min(times, default=now + _LONG)

    def is_idle(self) -> bool:
        """Return whether there is no source to collect from."""
        return not self._sources

    def _start(self, source: SourceCollector, task: Callable[[], object], pool: ThreadPoolExecutor) -> None:
        name = (source.id, task.__name__)
        if name not in self._running:
            self._running[name] = pool.submit(task)

    def _trim_to_configuration(self, ids: Sequence[str], keep: int, narrowing: Narrowing) -> None:
        """Drop what is stored beyond the configuration, all of it where a source is no longer configured."""
        configured = {records.source_key(source_id) for source_id in ids}
        removed = [key for key in self._store.keys(records.source_key("")) if key not in configured]
        for source_id in (key.removeprefix(records.source_key("")) for key in removed):
            self._repository.trim(source_id, 0)
            keys = (records.source_key, listing_key, checks_key, postponed_key)
            self._store.delete([key(source_id) for key in keys])
        for source_id in ids:  # the configuration may allow less than it did
            self._repository.trim(source_id, keep, narrowing)

    def _stored_states(self, parsers: Sequence[SourceParser], contact: str) -> dict[str, SourceState]:
        """Return the states by the source's id; a source whose configuration has changed begins anew."""
        states: dict[str, SourceState] = {}
        stored = self._store.read([records.source_key(parser.source.id) for parser in parsers])
        for source in (parser.source for parser in parsers):
            state = records.state_from_bytes(stored.get(records.source_key(source.id))) or SourceState()
            states[source.id] = state.with_settings(_settings_digest(source, contact))
            if state.settings_digest not in {"", states[source.id].settings_digest}:
                self._store.delete([postponed_key(source.id)])
        return states

    def _restart_lost_sources(self) -> None:
        """Restart the sources whose state is gone from the store, as their articles then are too.

        All of them where the store has been replaced, by a backup that was restored.
        """
        origin = self._store.origin()
        if origin != self._origin:
            self._origin = origin
            for source in self._sources:
                source.restart()
        fetched = {records.source_key(source.id): source for source in self._sources if source.state.due}
        for key in fetched.keys() - self._store.read(list(fetched)).keys():
            fetched[key].restart()


def _run_all_tasks(source: SourceCollector, *, forced: bool) -> bool:
    """Run the three tasks of a source one after another; False when its listing could not be used."""
    usable = source.fetch_listing(forced=forced)
    source.save_new_articles()
    if usable:
        source.check_withdrawals()
    return usable


def _settings_digest(source: ArticleSource, contact: str) -> str:
    """Return a digest of all that decides what the source sends us, and what we read in it."""
    shown = {"id", "name", "site", "include", "exclude"}  # decide what readers see of it
    read = [(key.name, getattr(source, key.name)) for key in fields(source) if key.name not in shown]
    return blake2b(repr((contact, sorted(read))).encode(), digest_size=16).hexdigest()


def _is_past(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now

"""Asks the sources for their newest articles, each at its own pace."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as all_done
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from service.articles.collect.source_collector import SourceCollector, Surroundings
from service.articles.model import SourceParser, SourceState
from service.articles.repository import ArticleRepository
from service.articles.store import keys, records
from service.collector.loop import PassResult
from service.collector.sandbox import Runner
from service.core.ports import Store, Upstream
from service.core.secrets import NO_SECRETS, Secrets

_MOST_LISTINGS, _MOST_OTHERS = 96, 64  # threads; each has descriptors of the store and one of an upstream
_WATCHED_EVERY = timedelta(seconds=0.2)  # while tasks are under way
_LOST_NOTICED_WITHIN = timedelta(seconds=5)
_FAR = timedelta(days=1)


class ArticleCollector:
    """The only writer of articles. Raises StoreError when the store fails."""

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
        secrets: Secrets = NO_SECRETS,
    ) -> None:
        """Read how it stands with every source."""
        self._store, self._repository, self._clock, self._wait = store, repository, clock, wait
        self._trim_to_configuration([parser.source.id for parser in parsers], keep)
        states = self._kept_states([parser.source.id for parser in parsers])
        around = Surroundings(store, repository, upstream, runner, refresh, keep, clock, secrets, Lock())
        self._sources = [SourceCollector(one, states[one.source.id], around) for one in parsers]
        self._under_way: dict[tuple[str, str], Future[object]] = {}
        self._looked_for_losses: datetime | None = None
        # As many as there can be tasks, so that a slow source takes no thread from another one; where there
        # are too many sources for that, slow pages still take none from the listings. Threads are kept for
        # good, since each has a connection to the store, which outlives a thread that ends.
        count = max(1, len(self._sources))
        self._listings = ThreadPoolExecutor(min(count, _MOST_LISTINGS), thread_name_prefix="listing")
        self._others = ThreadPoolExecutor(min(2 * count, _MOST_OTHERS), thread_name_prefix="articles")

    def run(self, *, forced: bool = False) -> PassResult:
        """Make one pass over what is due and wait for all of it."""
        now = self._clock()
        self._begin_anew_what_was_lost()
        due = [source for source in self._sources if forced or source.is_due(now)]
        checks = [one for one in self._sources if one not in due and _is_past(one.check_at(), now)]
        if not (due or checks) or self._wait(timedelta(0)):
            return PassResult()
        asked = [self._listings.submit(_turn, source, forced=forced) for source in due]
        checked = [self._others.submit(source.check_withdrawals) for source in checks]
        tasks: list[Future[Any]] = [*asked, *checked]
        all_done(tasks)  # before anything is raised: nobody works on between passes
        for one in checked:
            one.result()
        return PassResult(len(due), [one.result() for one in asked].count(False))

    def start_due(self) -> None:
        """Start every task that is due and not under way, and wait for none.

        Raises:
            StoreError: when a task that has ended since the last call raised it.
        """
        ended = [task for task, future in self._under_way.items() if future.done()]
        failures = [self._under_way.pop(task).exception() for task in ended]
        for failure in failures:
            if failure is not None:
                raise failure
        now = self._clock()
        if self._looked_for_losses is None or abs(now - self._looked_for_losses) >= _LOST_NOTICED_WITHIN:
            self._begin_anew_what_was_lost()
            self._looked_for_losses = now
        for source in self._sources:
            if source.is_due(now):
                self._start(source, source.ask_listing, self._listings)
            if source.has_arrivals():
                self._start(source, source.take_in, self._others)
            if _is_past(source.check_at(), now):
                self._start(source, source.check_withdrawals, self._others)

    def wake_at(self) -> datetime:
        """When there is something to start, or an end of what is under way to look for."""
        now = self._clock()
        if self._under_way:
            return now + _WATCHED_EVERY
        times = [source.state.due or now for source in self._sources]
        times += [at for source in self._sources if (at := source.check_at()) is not None]
        return min(times, default=now + _FAR)

    def is_idle(self) -> bool:
        """Whether there is no source to collect from."""
        return not self._sources

    def _start(self, source: SourceCollector, task: Callable[[], object], pool: ThreadPoolExecutor) -> None:
        name = (source.id, task.__name__)
        if name not in self._under_way:
            self._under_way[name] = pool.submit(task)

    def _trim_to_configuration(self, ids: Sequence[str], keep: int) -> None:
        """Drop what is kept beyond the configuration, all of it where a source is no longer named."""
        named = {keys.source(source) for source in ids}
        left = [key for key in self._store.keys(keys.source("")) if key not in named]
        for key in left:
            self._repository.trim(key.removeprefix(keys.source("")), 0)
        self._store.delete(left)
        for source in ids:  # the configuration may allow less than it did
            self._repository.trim(source, keep)

    def _kept_states(self, ids: Sequence[str]) -> dict[str, SourceState]:
        kept = self._store.read([keys.source(source) for source in ids])
        return {
            source: records.state_from_bytes(kept.get(keys.source(source))) or SourceState() for source in ids
        }

    def _begin_anew_what_was_lost(self) -> None:
        """Ask a source anew whose state is gone from the store, as its articles then are too."""
        noted = {keys.source(source.id): source for source in self._sources if source.state.due}
        for key in noted.keys() - self._store.read(list(noted)).keys():
            noted[key].begin_anew()


def _turn(source: SourceCollector, *, forced: bool) -> bool:
    """All three tasks of a source, one after another; False when its listing could not be used."""
    went_well = source.ask_listing(forced=forced)
    source.take_in()
    if went_well:
        source.check_withdrawals()
    return went_well


def _is_past(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now

"""Finds out which stored articles were withdrawn: what its source answers with 404 or 410 is taken down.

The page of an article is requested in the turn in which the article left its listing, of ten at most; once an
hour while it is one of the ten newest, and once a day after that. So a source of 200 articles gets about 430
such requests a day, by HEAD.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from http import HTTPStatus
from urllib.parse import urlsplit

from service.articles.narrowing import EVERYTHING, Narrowing
from service.articles.repository import ArticleRepository
from service.articles.store.listings import (
    PageChecks,
    checks_from_bytes,
    checks_key,
    checks_to_bytes,
    listing_from_bytes,
    listing_key,
)
from service.core.decisions import DecisionRecorder
from service.core.errors import Cause, UpstreamError
from service.core.ports import Request, Store, Upstream

_NEWEST = 10  # articles that are checked hourly
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_MAX_LEFT_LISTING = 10  # in one turn: a source that replaces its listing whole is not asked for all of it
_FIRST_GROUP, _GROUP_SIZE = 10, 5  # pages that are due, directly after a listing and later
GROUP_INTERVAL = timedelta(seconds=20)
_FEW = 4  # pages that may be missing at once without a doubt
_MAX_CONTROLS = 12  # pages that were there, which are requested again before missing ones are believed
_DOUBTED_FOR = timedelta(hours=3)
_UNANSWERED = {Cause.UNREACHABLE, Cause.TIMEOUT, Cause.RATE_LIMITED}
_MAX_UNANSWERED = 3  # pages, before the rest of a turn is skipped
_NO_HEAD = {HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
_NO_HEAD_FOR = timedelta(days=7)  # a host may learn it
_ONE_BYTE = {"range": "bytes=0-0"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a new listing tells.

    Attributes:
        left: ids of the articles that it no longer has, the likeliest withdrawn first.
        known: the ids that were stored before it; newer ones were read just now. None: all.
        everything: check all articles at once.
    """

    left: tuple[str, ...] = ()
    known: frozenset[str] | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class _Page:
    """The page of an article: the article's id, where it is requested, and its link for readers."""

    article: str
    url: str
    link: str | None


class WithdrawalChecker:
    """Checks the articles of one source. The times of its checks are stored, and so outlive a restart."""

    def __init__(  # noqa: PLR0913 - one argument for each dependency
        self,
        source_id: str,
        *,
        store: Store,
        repository: ArticleRepository,
        upstream: Upstream,
        clock: Callable[[], datetime],
        decisions: DecisionRecorder,
        keep: int,
        narrowing: Narrowing = EVERYTHING,
    ) -> None:
        """Check at most `keep` articles, the newest of those that are shown."""
        self._source_id, self._store, self._repository = source_id, store, repository
        self._upstream, self._clock, self._decisions, self._keep = upstream, clock, decisions, keep
        self._narrowing = narrowing
        self._next: datetime | None = None
        self._pages: list[_Page] = []  # of this turn, the newest first
        # Written by the thread of the listing, taken by the thread that checks; each is one assignment.
        self._turn: _Turn | None = None
        self._resting = False

    def check_after_listing(
        self, left: Sequence[str], known: Collection[str] | None, *, everything: bool = False
    ) -> None:
        """Begin a turn.

        Nothing is requested here, so that slow pages do not hold up the listing; `check_next_group` does.

        Args:
            left: ids of the articles that left the listing, the likeliest withdrawn first.
            known: ids of the articles stored before the listing; None: all.
            everything: check all articles at once.
        """
        self._resting = False
        self._turn = _Turn(tuple(left), None if known is None else frozenset(known), everything)

    def skip_turn(self) -> None:
        """Check no more until the next listing: the source is in trouble."""
        self._turn, self._resting = None, True

    def wake_at(self) -> datetime | None:
        """Return when to check the next group, at once for the first of a turn; None: not in this turn."""
        if self._turn is not None:
            return self._clock()
        return None if self._resting else self._next

    def check_next_group(self) -> None:
        """Check what left the listing, and some of the pages that are due.

        For use by one thread at a time; the other methods may be called meanwhile.
        """
        turn, self._turn = self._turn, None
        if turn is not None:
            stored = self._repository.page(
                sources=[self._source_id], limit=self._keep, narrowing=self._narrowing
            ).articles
            self._pages = [
                _Page(article.id, article.page_url, article.url)
                for article in stored
                if article.page_url and (turn.known is None or article.id in turn.known)
            ]
        before = checks_from_bytes(self._store.read([key := checks_key(self._source_id)]).get(key))
        group = _Group(self._pages, before or PageChecks(), self._upstream, self._clock, self._listed_url)
        everything = turn is not None and turn.everything
        if everything:
            group.request(self._pages)
        else:
            group.request(group.due(_FIRST_GROUP if turn else _GROUP_SIZE, turn.left if turn else ()))
            group.request_controls()
        self._take_down(group.settle(everything=everything), group)
        if (checks := group.checks()) != before:
            self._store.write({key: checks_to_bytes(checks)})
        self._resting = self._resting or group.is_given_up
        due = group.next_due()
        self._next = max(due, self._clock() + GROUP_INTERVAL) if due is not None else None

    def _listed_url(self, article_id: str) -> str | None:
        """Return an article's link as the last listing has it."""
        reading = listing_from_bytes(self._store.read([key := listing_key(self._source_id)]).get(key))
        listed = reading.entries if reading else ()
        return next((entry.url for entry in listed if entry.article == article_id), None)

    def _take_down(self, gone: Sequence[str], group: "_Group") -> None:
        """Take down these articles, but those to which a listing has given another address meanwhile."""
        articles = {article.id: article for article in self._repository.get(gone)}
        gone = [one for one in gone if one in articles and articles[one].page_url == group.pages[one].url]
        if len(gone) < len(group.missing):
            log.warning(
                "source %s: %d pages are not found all at once; they stay until that is sure",
                self._source_id, len(group.missing) - len(gone),
            )  # fmt: skip
        if gone:
            log.info("source %s: gone and taken down: %s", self._source_id, ", ".join(gone))
            self._repository.take_down(gone)
            self._pages = [page for page in self._pages if page.article not in gone]
        for one in gone:
            self._decisions.decide(
                one,
                "withdrawn",
                f"its page answers {group.missing[one]}; taken down",
                title=articles[one].title,
                address=articles[one].canonical_url,
            )


class _Group:
    """The pages of a source's articles, some of which are requested now.

    Attributes:
        pages: by the articles' ids, the newest first.
        missing: the status of each page that is gone, by the article's id.
        is_given_up: the source does not answer, or asks to be left alone.
    """

    def __init__(
        self,
        pages: Sequence[_Page],
        checks: PageChecks,
        upstream: Upstream,
        clock: Callable[[], datetime],
        listed_url: Callable[[str], str | None],
    ) -> None:
        """Continue from `checks`; an article that is new to them gets its first time.

        Of many that are new at once the first times are spread over a day.
        """
        self._upstream, self._clock, self._listed_url = upstream, clock, listed_url
        self.pages = {page.article: page for page in pages}
        self.missing: dict[str, int] = {}
        self.is_given_up = False
        self._found: set[str] = set()
        self._unanswered = 0
        now = clock()
        self._checked = {one: min(at, now) for one, at in checks.checked.items() if one in self.pages}
        self._doubted = {one: at for one, at in checks.missing.items() if one in self.pages}
        self._without_head = {
            host: since for host, since in checks.without_head.items() if abs(now - since) < _NO_HEAD_FOR
        }
        for rank, one in enumerate(self.pages):
            first = now - (_HOUR if rank < _NEWEST else _DAY * _fraction(one))
            self._checked.setdefault(one, first.replace(microsecond=0))

    def due(self, count: int, left: Sequence[str]) -> list[_Page]:
        """Return the pages to request: those that left the listing, and `count` of those that are due."""
        now = self._clock()
        first = [one for one in left if one in self.pages][:_MAX_LEFT_LISTING]
        times = {one: at for one, at in self._times().items() if at <= now and one not in first}
        longest_due = sorted(times, key=lambda one: times[one])[:count]
        return [self.pages[one] for one in (*first, *longest_due)]

    def next_due(self) -> datetime | None:
        """Return when the next page is due."""
        return min(self._times().values(), default=None)

    def checks(self) -> PageChecks:
        """Return what is to be remembered."""
        return PageChecks(self._checked, self._doubted, self._without_head)

    def request(self, pages: Iterable[_Page]) -> None:
        """Request these pages; a source that does not answer is given up."""
        for page in pages:
            if self.is_given_up:
                return
            error = self._failure(page)
            self._checked[page.article] = self._clock().replace(microsecond=0)
            if error is None:
                self._found.add(page.article)
                self._doubted.pop(page.article, None)
            elif error.cause is Cause.GONE:
                self.missing[page.article] = error.status or int(HTTPStatus.NOT_FOUND)
            else:
                self._unanswered += error.cause in _UNANSWERED
                self.is_given_up = self._unanswered >= _MAX_UNANSWERED or error.cause is Cause.RATE_LIMITED

    def request_controls(self) -> None:
        """Where pages are missing, request some that were there, until it is clear who is at fault."""
        asked = self._found | self.missing.keys() | self._doubted.keys()
        controls = sorted(self.pages.keys() - asked, key=lambda one: self._checked[one], reverse=True)
        lost = 0  # more controls than were found
        for one in controls[:_MAX_CONTROLS]:
            if self._is_clear() or (lost > 1 and len(self.missing) > _FEW):
                return
            self.request([self.pages[one]])
            lost += 1 if one in self.missing else -1

    def _is_clear(self) -> bool:
        """Return whether nothing is missing, or all that is missing was withdrawn beyond doubt."""
        missing, count = self._missing_of_all()
        is_believed = len(withdrawn(missing, count, ())) == len(missing)
        says_so = all(status == HTTPStatus.GONE for status in self.missing.values())
        return says_so or (is_believed and bool(self._found))

    def settle(self, *, everything: bool) -> list[str]:
        """Return which missing articles are withdrawn, and doubt the others; `everything`: believe all."""
        now = self._clock().replace(microsecond=0)
        missing, count = self._missing_of_all()
        self._doubted |= {one: self._doubted.get(one, now) for one in self.missing}
        long_missing = {one for one, since in self._doubted.items() if now - since >= _DOUBTED_FOR}
        believed = set(withdrawn(missing, count, long_missing))
        return [one for one in self.missing if everything or one in believed]

    def _missing_of_all(self) -> tuple[dict[str, int], int]:
        """Return all pages that are missing, doubted ones included, and how many were requested with them."""
        missing = dict.fromkeys(self._doubted, int(HTTPStatus.NOT_FOUND)) | self.missing
        return missing, len(missing) + len(self._found)

    def _times(self) -> dict[str, datetime]:
        """Return when each page is due."""
        times = {}
        for rank, one in enumerate(self.pages):
            times[one] = self._checked[one] + (_HOUR if rank < _NEWEST else _DAY)
            if one in self._doubted and (doubted := self._doubted[one] + _DOUBTED_FOR) > self._checked[one]:
                times[one] = min(times[one], doubted)
        return times

    def _failure(self, page: _Page) -> UpstreamError | None:
        """Return why a page is not there; None where it is.

        Where the listing links it otherwise, as with another session, that link is tried before it counts as
        missing.
        """
        error = self._failure_at(page.url)
        if error is not None and error.cause is Cause.GONE:
            listed = self._listed_url(page.article)
            if listed not in {None, page.url, page.link}:
                error = self._failure_at(listed or "")
        return error

    def _failure_at(self, url: str) -> UpstreamError | None:
        """Return why there is nothing at a URL. Only a GET is believed that says so."""
        host, refusal = urlsplit(url).netloc, None
        if host not in self._without_head:
            try:
                self._upstream.fetch(Request(url, head=True))
            except UpstreamError as error:
                if error.cause in _UNANSWERED:
                    return error
                refusal = error
            else:
                return None
        try:
            self._upstream.fetch(Request(url, headers=_ONE_BYTE))
        except UpstreamError as error:
            failure: UpstreamError | None = error
        else:
            failure = None
        if refusal is not None and (failure is None or refusal.status in _NO_HEAD):
            self._without_head[host] = self._clock().replace(microsecond=0)
        return failure


def withdrawn(missing: Mapping[str, int], count: int, long_missing: Collection[str]) -> list[str]:
    """Return which of the articles with missing pages were withdrawn.

    When most pages of a source are missing at once, it has rather changed its addresses than withdrawn
    its news: 404 is then believed only of pages that are `long_missing`. 410 is always believed.

    Args:
        missing: the status of each page, by the article's id.
        count: how many pages were checked.
        long_missing: ids.
    """
    if len(missing) <= _FEW or len(missing) * 2 <= count:
        return list(missing)
    return [one for one, status in missing.items() if status == HTTPStatus.GONE or one in long_missing]


def _fraction(article_id: str) -> float:
    """Return a share of 1 that is the same for the same article, and evenly spread over all."""
    return int.from_bytes(blake2b(article_id.encode(), digest_size=4).digest()) / 0xFFFFFFFF

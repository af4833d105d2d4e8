"""Finds out which stored articles were withdrawn: what its source answers with 404 or 410 is taken down.

After each listing the pages that readers see first, and those that left the listing, are requested; the
others follow in small groups until the next listing. So 200 articles are checked within a quarter of an hour
by HEAD, about one in four seconds.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from service.articles.model import Article
from service.articles.repository import ArticleRepository
from service.core.decisions import DecisionRecorder
from service.core.errors import Cause, UpstreamError
from service.core.ports import Request, Upstream

SHOWN_FIRST = 20  # the most that a widget shows
_MAX_LEFT_LISTING = 10  # after a listing: a source that replaces it whole is not checked whole at once
_GROUP_SIZE = 5  # of the others
GROUP_INTERVAL = timedelta(seconds=20)
_MAX_REACHABLE = 6  # pages that were there, which are requested again before a missing one is believed
_FEW = 4  # pages that may be missing at once without a doubt
_DOUBTED_FOR = timedelta(hours=3)
_NEVER = datetime.min.replace(tzinfo=UTC)
_UNANSWERED = {Cause.UNREACHABLE, Cause.TIMEOUT, Cause.RATE_LIMITED}
_MAX_UNANSWERED = 3  # pages, before the rest of a round is skipped
_ONE_BYTE = {"range": "bytes=0-0"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Round:
    """The stored articles, newest first, and the ids in the listing; `everything`: check all at once."""

    stored: tuple[Article, ...]
    listed: frozenset[str]
    everything: bool


class WithdrawalChecker:
    """Checks the articles of one source; it remembers when each was checked, and which were missing."""

    def __init__(
        self,
        source_id: str,
        repository: ArticleRepository,
        upstream: Upstream,
        clock: Callable[[], datetime],
        decisions: DecisionRecorder,
    ) -> None:
        self._source_id, self._repository, self._upstream = source_id, repository, upstream
        self._clock, self._decisions = clock, decisions
        self._checked: dict[str, datetime] = {}
        self._doubted: dict[str, datetime] = {}  # missing, since when; not believed yet
        self._waiting: list[tuple[str, str]] = []  # ids and addresses that this round has still to check
        self._reachable: deque[tuple[str, str]] = deque(maxlen=_MAX_REACHABLE)
        self._next = _NEVER
        # Written by the thread of the listing, taken by the thread that checks; each is one assignment.
        self._new_round: _Round | None = None
        self._skipped = False

    def check_after_listing(
        self, stored: Sequence[Article], listed: Collection[str], *, everything: bool
    ) -> None:
        """Begin a round with the articles stored before the listing (newest first) and the ids listed in it.

        Nothing is requested here, so that slow pages do not hold up the listing; `check_next_group` does.
        """
        self._skipped = False
        self._new_round = _Round(tuple(stored), frozenset(listed), everything)

    def skip_round(self) -> None:
        """Check no more until the next listing: the source is in trouble."""
        self._new_round, self._skipped = None, True

    def wake_at(self) -> datetime | None:
        """Return when to check the next group, at once for the first of a round; None where all were."""
        if self._new_round is not None:
            return self._clock()
        return self._next if self._waiting and not self._skipped else None

    def check_next_group(self) -> None:
        """Check the next group. Before missing pages are believed, some that were there are checked again.

        For use by one thread at a time; the other methods may be called meanwhile.
        """
        new, self._new_round = self._new_round, None
        if new is not None:
            self._check_first_group(new)
            return
        group, self._waiting = self._waiting[:_GROUP_SIZE], self._waiting[_GROUP_SIZE:]
        self._next = self._clock() + GROUP_INTERVAL
        reachable = [page for page in self._reachable if page not in group]
        missing, count = self._find_missing(group)
        if missing:
            also_missing, also_count = self._find_missing(reachable)
            missing, count = missing | also_missing, count + also_count
        self._take_down_withdrawn(missing, count, everything=False)

    def _check_first_group(self, new: _Round) -> None:
        """Check the articles that readers see first and those that left the listing."""
        stored, everything = new.stored, new.everything
        ids = {article.id for article in stored}
        self._checked = {one: at for one, at in self._checked.items() if one in ids}
        self._doubted = {one: since for one, since in self._doubted.items() if one in ids}
        first = checked_after_listing(stored, new.listed, self._checked, everything=everything)
        first_ids = {article.id for article in first}
        longest_ago = sorted(stored, key=lambda article: self._checked.get(article.id, _NEVER))
        self._waiting = [
            (article.id, article.page_url)
            for article in longest_ago
            if article.page_url and article.id not in first_ids
        ]
        self._next = self._clock() + GROUP_INTERVAL
        missing, count = self._find_missing((article.id, article.page_url or "") for article in first)
        self._take_down_withdrawn(missing, count, everything=everything)

    def _take_down_withdrawn(self, missing: Mapping[str, int], count: int, *, everything: bool) -> None:
        """Take down the missing articles that are believed; the doubted ones speak against the source.

        Args:
            missing: the status of each missing page of this group.
            count: how many pages were checked.
            everything: believe all of them.
        """
        now = self._clock()
        all_missing = dict.fromkeys(self._doubted, int(HTTPStatus.NOT_FOUND)) | dict(missing)
        count += len(all_missing) - len(missing)
        self._doubted |= {one: self._doubted.get(one, now) for one in missing}
        long_missing = {one for one, since in self._doubted.items() if now - since >= _DOUBTED_FOR}
        believed = set(withdrawn(all_missing, count, long_missing))
        gone = [one for one in missing if everything or one in believed]
        if len(gone) < len(missing):
            log.warning(
                "source %s: %d of %d pages are not found all at once; they stay until that is sure",
                self._source_id, len(all_missing) - len(gone), count,
            )  # fmt: skip
        if gone:
            log.info("source %s: gone and taken down: %s", self._source_id, ", ".join(gone))
            self._repository.take_down(gone)
            for one in gone:
                self._decisions.decide(one, "withdrawn", f"its page answers {all_missing[one]}; taken down")
            self._doubted = {one: since for one, since in self._doubted.items() if one not in gone}

    def _find_missing(self, pages: Iterable[tuple[str, str]]) -> tuple[dict[str, int], int]:
        """Return the status of each page (id and address) that is gone, and how many were checked.

        A source that does not answer is left alone for the rest of the round.
        """
        missing: dict[str, int] = {}
        unanswered = count = 0
        for page in pages:
            one, url = page
            self._checked[one] = self._clock()
            count += 1
            error = self._failure(url)
            self._reachable = deque((known for known in self._reachable if known[0] != one), _MAX_REACHABLE)
            if error is None:
                self._reachable.append(page)
                self._doubted.pop(one, None)
            elif error.cause is Cause.GONE:
                missing[one] = error.status or HTTPStatus.NOT_FOUND
            elif error.cause in _UNANSWERED:
                unanswered += 1
            if unanswered == _MAX_UNANSWERED or (error is not None and error.cause is Cause.RATE_LIMITED):
                self._waiting = []
                break
        return missing, count

    def _failure(self, url: str) -> UpstreamError | None:
        """Return why a page is not there; None where it is. Only a GET is believed that says it is not."""
        for request in (Request(url, head=True), Request(url, headers=_ONE_BYTE)):
            try:
                self._upstream.fetch(request)
            except UpstreamError as error:
                failure = error
                if error.cause in _UNANSWERED:
                    break
            else:
                return None
        return failure


def checked_after_listing(
    stored: Sequence[Article], listed: Collection[str], checked: Mapping[str, datetime], *, everything: bool
) -> list[Article]:
    """Return the stored articles (newest first) whose pages are requested directly after a listing.

    Args:
        stored: the articles of the source, newest first.
        listed: the ids in the listing; none: it has not changed.
        checked: when each was checked last.
        everything: all that have a page.
    """
    if everything:
        return [article for article in stored if article.page_url]
    longest_ago = sorted(stored, key=lambda article: checked.get(article.id, _NEVER))
    left = _left_the_listing(stored, listed)
    ids = {article.id for article in stored[:SHOWN_FIRST]}
    ids.update([one.id for one in longest_ago if one.id in left - ids][:_MAX_LEFT_LISTING])
    return [article for article in stored if article.id in ids and article.page_url]


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


def _left_the_listing(stored: Sequence[Article], listed: Collection[str]) -> set[str]:
    """Return the ids of articles that the listing lacks although it has older ones."""
    oldest = max((index for index, article in enumerate(stored) if article.id in listed), default=0)
    return {article.id for article in stored[:oldest]} - set(listed)

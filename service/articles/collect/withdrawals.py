"""Asks for kept articles whether they are still there: what its source answers with 404 or 410 is taken down.

Those that readers see first and those that left their listing are asked in the source's turn, the others in
small groups until its next one: 200 articles within a quarter of an hour, by HEAD, one in four seconds.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from service.articles.model import Article
from service.articles.repository import ArticleRepository
from service.core.errors import Cause, UpstreamError
from service.core.ports import Request, Upstream

SEEN_FIRST = 20  # as many as a widget shows at the most
_LEFT_THE_LISTING = 10  # a turn: a portal that renews its whole listing is not asked for all at once
_GROUP = 5  # of the others, asked together
GROUPS_APART = timedelta(seconds=20)
_WITNESSES = 6  # known to be there, which are asked as well before a missing one is believed
_FEW = 4  # that may be gone in one turn without a doubt
_DOUBTED_FOR = timedelta(hours=3)
_NEVER = datetime.min.replace(tzinfo=UTC)
_SILENT = {Cause.UNREACHABLE, Cause.TIMEOUT, Cause.RATE_LIMITED}
_PATIENCE = 3  # pages that say nothing before the rest of a round is let be
_ONE_BYTE = {"range": "bytes=0-0"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Round:
    """What a listing says of the kept articles; with `everything` all of them are asked at once."""

    kept: tuple[Article, ...]
    listed: frozenset[str]
    everything: bool


class WithdrawalChecker:
    """Calls the kept articles of one source; it remembers when each was called, and who was missing."""

    def __init__(
        self, source: str, repository: ArticleRepository, upstream: Upstream, clock: Callable[[], datetime]
    ) -> None:
        """Ask by this upstream, take down from this shelf."""
        self._source, self._repository, self._upstream, self._clock = source, repository, upstream, clock
        self._asked: dict[str, datetime] = {}
        self._doubted: dict[str, datetime] = {}
        self._others: list[tuple[str, str]] = []  # ids and addresses that this round has still to ask
        self._there: deque[tuple[str, str]] = deque(maxlen=_WITNESSES)
        self._next = _NEVER
        # Written by whoever reads the listing, taken by whoever asks; each is one assignment.
        self._new_round: _Round | None = None
        self._stopped = False

    def hold(self, kept: Sequence[Article], listed: Collection[str], *, everything: bool) -> None:
        """Begin a round: these are the articles kept before it (newest first), and the ids in the listing.

        Nothing is asked here, so that slow pages do not hold up the listing; `go_on` asks.
        """
        self._stopped = False
        self._new_round = _Round(tuple(kept), frozenset(listed), everything)

    def _begin(self, round_: "_Round") -> None:
        """Ask for those that readers see first and those that left the listing."""
        kept, listed, everything = round_.kept, round_.listed, round_.everything
        ids = {one.id for one in kept}
        self._asked = {one: at for one, at in self._asked.items() if one in ids}
        self._doubted = {one: since for one, since in self._doubted.items() if one in ids}
        called = worth_asking(kept, listed, self._asked, everything=everything)
        in_turn = {one.id for one in called}
        longest_ago = sorted(kept, key=lambda one: self._asked.get(one.id, _NEVER))
        self._others = [
            (one.id, one.page_url) for one in longest_ago if one.page_url and one.id not in in_turn
        ]
        self._next = self._clock() + GROUPS_APART
        gone, asked = self._missing((one.id, one.page_url or "") for one in called)
        self._judge(gone, asked, everything=everything)

    def wake_at(self) -> datetime | None:
        """When the next group is to be asked, at once for the first of a round; None where all were."""
        if self._new_round is not None:
            return self._clock()
        return self._next if self._others and not self._stopped else None

    def go_on(self) -> None:
        """Ask the next group. Before missing ones are believed, some that were there are asked again.

        For use by one thread at a time; the other methods may be called meanwhile.
        """
        new, self._new_round = self._new_round, None
        if new is not None:
            self._begin(new)
            return
        group, self._others = self._others[:_GROUP], self._others[_GROUP:]
        self._next = self._clock() + GROUPS_APART
        witnesses = [one for one in self._there if one not in group]
        gone, asked = self._missing(group)
        if gone:
            also_gone, also_asked = self._missing(witnesses)
            gone, asked = gone | also_gone, asked + also_asked
        self._judge(gone, asked, everything=False)

    def rest(self) -> None:
        """Ask no more in this round: the portal is in trouble."""
        self._new_round, self._stopped = None, True

    def _judge(self, gone: Mapping[str, int], called: int, *, everything: bool) -> None:
        """Take down who is missing for certain; those in doubt before speak against the portal."""
        now = self._clock()
        missing = dict.fromkeys(self._doubted, int(HTTPStatus.NOT_FOUND)) | dict(gone)
        called += len(missing) - len(gone)
        self._doubted |= {one: self._doubted.get(one, now) for one in gone}
        since_long = {one for one, since in self._doubted.items() if now - since >= _DOUBTED_FOR}
        believed = [one for one in gone if everything or one in withdrawn(missing, called, since_long)]
        if len(believed) < len(gone):
            said = "source %s: %d of %d pages are not found all at once; they stay until that is sure"
            log.warning(said, self._source, len(missing) - len(believed), called)
        if believed:
            log.info("source %s: gone and taken down: %s", self._source, ", ".join(believed))
            self._repository.take_down(believed)
            self._doubted = {one: since for one, since in self._doubted.items() if one not in believed}

    def _missing(self, called: Iterable[tuple[str, str]]) -> tuple[dict[str, int], int]:
        """The ids of those that are gone with the status that said so, and how many were asked.

        A portal that is down is left alone.
        """
        gone: dict[str, int] = {}
        silent = asked = 0
        for one, url in called:
            self._asked[one] = self._clock()
            asked += 1
            error = self._trouble_with(url)
            self._there = deque((known for known in self._there if known[0] != one), _WITNESSES)
            if error is None:
                self._there.append((one, url))
                self._doubted.pop(one, None)
            elif error.cause is Cause.GONE:
                gone[one] = error.status or HTTPStatus.NOT_FOUND
            elif error.cause in _SILENT:
                silent += 1
            if silent == _PATIENCE or (error is not None and error.cause is Cause.RATE_LIMITED):
                self._others = []
                break
        return gone, asked

    def _trouble_with(self, url: str) -> UpstreamError | None:
        """What a page answers but that it is there; only a GET is believed that says otherwise."""
        for request in (Request(url, head=True), Request(url, headers=_ONE_BYTE)):
            try:
                self._upstream.fetch(request)
            except UpstreamError as error:
                trouble = error
                if error.cause in _SILENT:
                    break
            else:
                return None
        return trouble


def worth_asking(
    kept: Sequence[Article], listed: Collection[str], asked: Mapping[str, datetime], *, everything: bool
) -> list[Article]:
    """The kept articles of a source (newest first) whose pages this turn asks for.

    `listed` are the ids in its listing (none: it has not changed), `asked` tells when each was asked last.
    """
    if everything:
        return [article for article in kept if article.page_url]
    longest_ago = sorted(kept, key=lambda article: asked.get(article.id, _NEVER))
    left = _left_the_listing(kept, listed)
    turn = dict.fromkeys(article.id for article in kept[:SEEN_FIRST])
    turn |= dict.fromkeys([one.id for one in longest_ago if one.id in left - turn.keys()][:_LEFT_THE_LISTING])
    return [article for article in kept if article.id in turn and article.page_url]


def withdrawn(gone: Mapping[str, int], called: int, since_long: Collection[str]) -> list[str]:
    """Which of the articles answered with these statuses are taken down.

    When most pages of a portal are not found all at once, it has rather lost its addresses than withdrawn
    its news: that is believed of those that are gone `since_long`. 410 is always believed.
    """
    if len(gone) <= _FEW or len(gone) * 2 <= called:
        return list(gone)
    return [one for one, status in gone.items() if status == HTTPStatus.GONE or one in since_long]


def _left_the_listing(kept: Sequence[Article], listed: Collection[str]) -> set[str]:
    """Those that the listing passes over though it goes on below them."""
    lowest = max((place for place, article in enumerate(kept) if article.id in listed), default=0)
    return {article.id for article in kept[:lowest]} - set(listed)

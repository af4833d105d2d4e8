"""Asks for kept articles whether they are still there: what its source answers with 404 or 410 is taken down.

An article that was withdrawn leaves its listing nearly always, so those that left are asked at once; those
that readers see first are asked every turn, the others in rotation: 200 articles within half a day.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from service.domain.articles import Article, Shelf
from service.domain.failures import Cause, UpstreamError
from service.domain.ports import Request, Upstream

SEEN_FIRST = 20  # as many as a widget shows at the most
_LEFT_THE_LISTING = 10  # a turn: a portal that renews its whole listing is not asked for all at once
_OTHERS = 5  # a turn
_FEW = 4  # that may be gone in one turn without a doubt
_DOUBTED_FOR = timedelta(hours=3)
_NEVER = datetime.min.replace(tzinfo=UTC)
_SILENT = {Cause.UNREACHABLE, Cause.TIMEOUT, Cause.RATE_LIMITED}
_PATIENCE = 3  # pages that say nothing before the rest of a turn is let be
_ONE_BYTE = {"range": "bytes=0-0"}

log = logging.getLogger(__name__)


class RollCall:
    """Calls the kept articles of one source; it remembers when each was called, and who was missing."""

    def __init__(self, source: str, shelf: Shelf, upstream: Upstream, clock: Callable[[], datetime]) -> None:
        """Ask by this upstream, take down from this shelf."""
        self._source, self._shelf, self._upstream, self._clock = source, shelf, upstream, clock
        self._asked: dict[str, datetime] = {}
        self._doubted: dict[str, datetime] = {}

    def hold(self, kept: Sequence[Article], listed: Collection[str], *, everything: bool) -> None:
        """One turn: these are the articles kept before it (newest first), and the ids in its listing."""
        self._asked = {one.id: self._asked[one.id] for one in kept if one.id in self._asked}
        called = worth_asking(kept, listed, self._asked, everything=everything)
        gone = self._missing(called)
        now = self._clock()
        self._doubted = {one: self._doubted.get(one, now) for one in gone}
        since_long = {one for one, since in self._doubted.items() if now - since >= _DOUBTED_FOR}
        believed = list(gone) if everything else withdrawn(gone, len(called), since_long)
        if len(believed) < len(gone):
            said = "source %s: %d of %d pages are not found all at once; they stay until that is sure"
            log.warning(said, self._source, len(gone) - len(believed), len(called))
        if believed:
            log.info("source %s: gone and taken down: %s", self._source, ", ".join(believed))
            self._shelf.take_down(believed)

    def _missing(self, called: Sequence[Article]) -> dict[str, int]:
        """The ids of those that are gone and the status that said so; a portal that is down is left alone."""
        gone: dict[str, int] = {}
        silent = 0
        for article in called:
            self._asked[article.id] = self._clock()
            try:
                self._upstream.fetch(Request(article.url or "", headers=_ONE_BYTE))
            except UpstreamError as error:
                if error.cause is Cause.GONE:
                    gone[article.id] = error.status or HTTPStatus.NOT_FOUND
                silent += error.cause in _SILENT
            if silent == _PATIENCE:
                break
        return gone


def worth_asking(
    kept: Sequence[Article], listed: Collection[str], asked: Mapping[str, datetime], *, everything: bool
) -> list[Article]:
    """The kept articles of a source (newest first) whose pages this turn asks for.

    `listed` are the ids in its listing (none: it has not changed), `asked` tells when each was asked last.
    """
    if everything:
        return [article for article in kept if article.url]
    longest_ago = sorted(kept, key=lambda article: asked.get(article.id, _NEVER))
    left = _left_the_listing(kept, listed)
    turn = dict.fromkeys(article.id for article in kept[:SEEN_FIRST])
    turn |= dict.fromkeys([one.id for one in longest_ago if one.id in left - turn.keys()][:_LEFT_THE_LISTING])
    turn |= dict.fromkeys([one.id for one in longest_ago if one.id not in turn][:_OTHERS])
    return [article for article in kept if article.id in turn and article.url]


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

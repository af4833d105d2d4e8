"""When the pages of stored articles are requested, and what is believed of them."""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from stored_articles import article
from unrecorded import unrecorded

from service.articles.collect.withdrawals import WithdrawalChecker, withdrawn
from service.articles.model import Article
from service.articles.store.listings import LastListing, ListedEntry, listing_key, listing_to_bytes
from service.articles.store.sqlite import SqliteArticleRepository
from service.core.errors import Cause, UpstreamError
from service.core.ports import Request, Response
from service.storage.store import SqliteStore

pytestmark = pytest.mark.uncounted

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
REFRESH, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
KEPT = [
    article(f"{number:03}", minutes=-number, url=f"https://portal.example/{number:03}")
    for number in range(60)
]
NEWEST, OTHERS = KEPT[:10], KEPT[10:]


def ids(articles: Collection[Article]) -> set[str]:
    return {one.id for one in articles}


class _Portal:
    """A portal of sixty pages with a list of those that are gone; it counts what is asked, and how."""

    def __init__(self) -> None:
        self.gone: dict[str, int] = {}
        self.asked: list[Request] = []
        self.refuses_head = 0  # the status
        self.refuses = Cause.GONE

    def fetch(self, request: Request) -> Response:
        self.asked.append(request)
        if request.head and self.refuses_head:
            causes = {403: Cause.FORBIDDEN, 404: Cause.GONE, 500: Cause.BROKEN, 501: Cause.BROKEN}
            cause = causes.get(self.refuses_head, Cause.REJECTED)
            raise UpstreamError(cause, "no HEAD", status=self.refuses_head)
        if status := self.gone.get(request.url.rpartition("/")[2]):
            raise UpstreamError(self.refuses, "gone", status=status)
        return Response(200, {}, b"", request.url)

    def take(self) -> list[str]:
        """Return the ids of what was asked since the last time."""
        asked, self.asked = self.asked, []
        return [one.url.rpartition("/")[2] for one in asked]


class _Source:
    """One source whose turn comes every quarter of an hour, and the groups in between."""

    def __init__(self, folder: Path, kept: list[Article] = KEPT) -> None:
        self.now, self.portal = NOW, _Portal()
        self.store = SqliteStore(folder / "store.sqlite3")
        self.repository = SqliteArticleRepository(self.store)
        self.repository.save(kept)
        self.restart()

    def restart(self) -> None:
        self.checker = WithdrawalChecker(
            "tinh",
            store=self.store,
            repository=self.repository,
            upstream=self.portal,
            clock=lambda: self.now,
            decisions=unrecorded(),
            keep=60,
        )

    def turn(self, left: Collection[Article] = (), *, everything: bool = False) -> None:
        """One turn with all its groups."""
        ends = self.now + REFRESH
        self.checker.check_after_listing([one.id for one in left], None, everything=everything)
        while (at := self.checker.wake_at()) is not None and at < ends:
            self.now = max(at, self.now)
            self.checker.check_next_group()
        self.now = ends

    def turns(self, length: timedelta) -> None:
        for _ in range(length // REFRESH):
            self.turn()

    def kept(self) -> set[str]:
        return ids(self.repository.page(limit=100).articles)


@pytest.fixture
def source(tmp_path: Path) -> _Source:
    return _Source(tmp_path)


def test_in_a_day_the_ten_newest_are_asked_hourly_and_all_others_once(source: _Source) -> None:
    source.turns(DAY)
    asked = Counter(source.portal.take())
    assert {one.id: asked[one.id] for one in OTHERS} == {one.id: 1 for one in OTHERS}
    assert {asked[one.id] for one in NEWEST} <= {23, 24}
    source.turns(DAY)
    again = Counter(source.portal.take())
    assert {again[one.id] for one in OTHERS} <= {0, 1, 2}
    assert sum(again[one.id] for one in OTHERS) == pytest.approx(len(OTHERS), abs=5)


def test_all_checks_are_by_head_and_few_come_together(source: _Source) -> None:
    most = 0
    for _ in range(20):
        source.turn()
        assert all(request.head for request in source.portal.asked)
        most = max(most, len(source.portal.take()))
    assert most <= 20


def test_a_restart_asks_for_nothing_that_was_asked_for_lately(source: _Source) -> None:
    source.turns(2 * HOUR)
    source.portal.take()
    for _ in range(10):
        source.restart()
        source.checker.check_after_listing((), None)
        source.checker.check_next_group()
    assert len(source.portal.take()) <= len(NEWEST)


def test_what_left_its_listing_is_asked_once_in_that_turn(source: _Source) -> None:
    source.turns(2 * HOUR)
    source.portal.take()
    source.turn(left=[KEPT[50]])
    assert source.portal.take().count("050") == 1
    source.turn()
    assert "050" not in source.portal.take()


def test_of_a_listing_that_was_replaced_ten_are_asked(source: _Source) -> None:
    source.turns(2 * HOUR)
    source.portal.take()
    source.checker.check_after_listing([one.id for one in KEPT[20:]], None)
    source.checker.check_next_group()
    assert source.portal.take()[:10] == [one.id for one in KEPT[20:30]]
    source.turn()
    assert len(source.portal.take()) <= 20


def test_what_was_read_just_now_is_asked_in_the_next_turn(source: _Source) -> None:
    source.checker.check_after_listing((), ids(KEPT[1:]))
    source.checker.check_next_group()
    assert "000" not in source.portal.take()
    source.turn()
    assert "000" in source.portal.take()


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("refuses_head", [0, 405, 404])
def test_a_page_that_is_gone_is_down_in_the_turn_in_which_it_left(
    source: _Source, status: int, refuses_head: int
) -> None:
    source.turn()
    source.portal.refuses_head = refuses_head
    source.portal.gone = {"030": status}
    source.turn(left=[KEPT[30]])
    assert source.kept() == ids(KEPT) - {"030"}


def test_one_that_stays_listed_is_down_within_the_hour_or_the_day(source: _Source) -> None:
    source.turn()
    source.portal.gone = {"003": 404, "050": 404}
    source.turns(HOUR)
    assert "003" not in source.kept()
    source.turns(DAY)
    assert source.kept() == ids(KEPT) - {"003", "050"}


@pytest.mark.parametrize("status", [403, 405, 501, 404, 500])
def test_a_host_that_refuses_head_but_not_get_is_asked_by_get_from_then_on(
    source: _Source, status: int
) -> None:
    source.portal.refuses_head = status
    source.turn()
    assert [request.head for request in source.portal.asked].count(True) == 1
    source.portal.take()
    source.restart()  # it is remembered
    source.turns(2 * HOUR)
    assert not any(request.head for request in source.portal.asked)
    assert all(request.headers == {"range": "bytes=0-0"} for request in source.portal.asked)
    source.now += timedelta(days=7)  # it may have learnt it
    source.turn()
    assert any(request.head for request in source.portal.asked)


def test_a_page_that_is_refused_is_not_gone(source: _Source) -> None:
    source.portal.gone, source.portal.refuses = {one.id: 403 for one in KEPT}, Cause.FORBIDDEN
    source.turns(DAY)
    assert source.kept() == ids(KEPT)


def test_a_portal_that_loses_its_addresses_loses_no_article_for_three_hours(source: _Source) -> None:
    source.turn()
    source.portal.gone = {one.id: 404 for one in KEPT}
    source.turns(3 * HOUR - REFRESH)
    assert source.kept() == ids(KEPT)
    source.portal.gone = {"050": 404}
    source.turns(DAY + HOUR)
    assert source.kept() == ids(KEPT) - {"050"}


def test_a_portal_that_has_lost_its_pages_for_good_loses_its_articles_too(source: _Source) -> None:
    source.turn()
    source.portal.gone = {one.id: 404 for one in KEPT}
    source.turns(2 * DAY)
    assert source.kept() == set()


def test_several_that_are_withdrawn_at_once_are_believed_when_others_are_there(source: _Source) -> None:
    source.turns(2 * HOUR)
    source.portal.gone = {one.id: 404 for one in KEPT[20:28]}
    source.turn(left=KEPT[20:28])
    assert source.kept() == ids(KEPT) - ids(KEPT[20:28])


def test_a_single_one_is_believed_at_the_cost_of_one_more_page(source: _Source) -> None:
    source.turns(2 * HOUR)
    source.portal.take()
    source.portal.gone = {"030": 404}
    source.checker.check_after_listing(["030"], None)
    source.checker.check_next_group()
    assert source.kept() == ids(KEPT) - {"030"}
    assert len(source.portal.take()) <= 3 + len(NEWEST)


def test_an_article_that_is_listed_under_another_link_is_not_missing(source: _Source) -> None:
    source.portal.gone = {"030": 404}
    listed = ListedEntry("k", article="030", url="https://portal.example/030-new")
    source.store.write({listing_key("tinh"): listing_to_bytes(LastListing((listed,)))})
    source.turn(left=[KEPT[30]])
    assert "030" in source.kept()


def test_a_portal_in_trouble_is_asked_no_more_in_this_turn(source: _Source) -> None:
    source.checker.check_after_listing((), None)
    source.checker.skip_turn()
    assert source.checker.wake_at() is None


@pytest.mark.parametrize(("cause", "most"), [(Cause.TIMEOUT, 3), (Cause.RATE_LIMITED, 1)])
def test_a_portal_that_does_not_answer_is_left_alone_until_its_next_turn(
    source: _Source, cause: Cause, most: int
) -> None:
    source.portal.gone, source.portal.refuses = {one.id: 1 for one in KEPT}, cause
    source.turn(left=KEPT[20:40])
    assert len(source.portal.take()) == most
    source.turn()
    assert len(source.portal.take()) == most
    assert source.kept() == ids(KEPT)


def test_everything_is_asked_and_believed_when_it_is_forced(tmp_path: Path) -> None:
    source = _Source(tmp_path, [*KEPT[:20], article("x", minutes=-500, url=None)])
    source.portal.gone = {one.id: 404 for one in KEPT[5:20]}
    source.checker.check_after_listing((), None, everything=True)
    source.checker.check_next_group()
    assert set(source.portal.take()) == ids(KEPT[:20])
    assert source.kept() == {*ids(KEPT[:5]), "x"}


def test_a_clock_that_was_set_back_delays_no_check(source: _Source) -> None:
    source.turns(2 * HOUR)
    source.portal.take()
    source.now -= timedelta(days=30)
    source.turns(DAY + HOUR)
    asked = Counter(source.portal.take())
    assert all(asked[one.id] for one in KEPT)


@pytest.mark.parametrize(
    ("gone", "called", "believed"),
    [
        (1, 1, 1),  # the only article of a source
        (4, 4, 4),
        (10, 25, 10),
        (13, 25, 0),  # most of a portal's pages all at once
    ],
)
def test_a_few_missing_pages_are_withdrawn_news_and_most_of_them_a_fault(
    gone: int, called: int, believed: int
) -> None:
    missing = {one.id: 404 for one in KEPT[:gone]}
    assert len(withdrawn(missing, called, [])) == believed
    assert len(withdrawn(missing, called, missing)) == gone


def test_410_is_always_believed() -> None:
    assert withdrawn(dict.fromkeys("abcdefgh", 410), 8, []) == list("abcdefgh")

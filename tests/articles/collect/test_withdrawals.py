from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from stored_articles import article
from unrecorded import unrecorded

from service.articles.collect.withdrawals import (
    SHOWN_FIRST,
    WithdrawalChecker,
    checked_after_listing,
    withdrawn,
)
from service.articles.model import Article
from service.articles.store.sqlite import SqliteArticleRepository
from service.core.errors import Cause, UpstreamError
from service.core.ports import Request, Response
from service.storage.store import SqliteStore

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
KEPT = [article(f"{number:03}", url=f"https://portal.example/{number}") for number in range(200)]
FIRST = KEPT[:SHOWN_FIRST]


def ids(articles: Collection[Article]) -> set[str]:
    return {one.id for one in articles}


def test_what_readers_see_first_is_asked_every_turn() -> None:
    asked = {one.id: NOW for one in FIRST}
    assert ids(FIRST) <= ids(checked_after_listing(KEPT, [], asked, everything=False))


def test_what_the_listing_passes_over_is_asked_at_once() -> None:
    withdrawn_one = KEPT[40]
    listed = ids(KEPT[:60]) - {withdrawn_one.id}
    asked = {one.id: NOW for one in KEPT if one is not withdrawn_one}
    assert withdrawn_one.id in ids(checked_after_listing(KEPT, listed, asked, everything=False))


def test_what_lies_below_the_end_of_the_listing_did_not_leave_it() -> None:
    assert checked_after_listing(KEPT, ids(KEPT[:30]), {}, everything=False) == FIRST


class _Portal:
    """A portal of 200 pages with a list of those that are gone; it counts what is asked, and how."""

    def __init__(self) -> None:
        self.gone: dict[str, int] = {}
        self.asked: list[Request] = []
        self.knows_head = True

    def fetch(self, request: Request) -> Response:
        self.asked.append(request)
        if request.head and not self.knows_head:
            raise UpstreamError(Cause.REJECTED, "405", status=405)
        if status := self.gone.get(f"{request.url.rpartition('/')[2]:>03}"):
            raise UpstreamError(Cause.GONE, "gone", status=status)
        return Response(200, {}, b"", request.url)


class _Round:
    """One source whose turn comes every quarter of an hour, and the groups in between."""

    def __init__(self, folder: Path) -> None:
        self.now, self.portal = NOW, _Portal()
        self.repository = SqliteArticleRepository(SqliteStore(folder / "store.sqlite3"))
        self.repository.save(KEPT)
        self.checker = WithdrawalChecker("tinh", self.repository, self.portal, lambda: self.now, unrecorded())

    def refresh(self) -> None:
        ends = self.now + timedelta(minutes=15)
        self.checker.check_after_listing(self.repository.page(limit=200).articles, [], everything=False)
        while (at := self.checker.wake_at()) is not None and at < ends:
            self.now = at
            self.checker.check_next_group()
        self.now = ends

    def kept(self) -> set[str]:
        return ids(self.repository.page(limit=200).articles)


@pytest.fixture
def around(tmp_path: Path) -> _Round:
    return _Round(tmp_path)


def test_every_article_is_asked_once_within_a_refresh_and_by_head(around: _Round) -> None:
    around.refresh()
    assert sorted(one.url for one in around.portal.asked) == sorted(one.url or "" for one in KEPT)
    assert all(one.head for one in around.portal.asked)


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("knows_head", [True, False])
def test_what_is_gone_deep_in_the_list_is_down_within_a_refresh(
    around: _Round, status: int, *, knows_head: bool
) -> None:
    around.refresh()
    around.portal.knows_head = knows_head
    around.portal.gone = {"060": status}
    around.refresh()
    assert around.kept() == ids(KEPT) - {"060"}


def test_a_portal_that_loses_its_addresses_in_the_midst_of_a_round_loses_no_article(around: _Round) -> None:
    around.checker.check_after_listing(KEPT, [], everything=False)
    for _ in range(3):
        around.now += timedelta(seconds=20)
        around.checker.check_next_group()
    around.portal.gone = {one.id: 404 for one in KEPT}
    while around.checker.wake_at() is not None:
        around.now += timedelta(seconds=20)
        around.checker.check_next_group()
    around.refresh()
    assert around.kept() == ids(KEPT)
    around.portal.gone = {"150": 404}
    around.refresh()
    around.refresh()
    assert around.kept() == ids(KEPT) - {"150"}


def test_a_portal_in_trouble_is_asked_no_more_in_this_round(around: _Round) -> None:
    around.checker.check_after_listing(KEPT, [], everything=False)
    around.checker.skip_round()
    assert around.checker.wake_at() is None


def test_everything_is_asked_when_it_is_forced_but_what_has_no_page() -> None:
    pageless = article("x", url=None)
    assert checked_after_listing([*KEPT, pageless], [], {}, everything=True) == KEPT


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

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest
from shelved_articles import article

from service.collector.still_there import SEEN_FIRST, withdrawn, worth_asking
from service.domain.articles import Article

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
KEPT = [article(f"{number:03}", url=f"https://portal.example/{number}") for number in range(200)]
FIRST = KEPT[:SEEN_FIRST]


def ids(articles: Collection[Article]) -> set[str]:
    return {one.id for one in articles}


def test_what_readers_see_first_is_asked_every_turn() -> None:
    asked = {one.id: NOW for one in FIRST}
    assert ids(FIRST) <= ids(worth_asking(KEPT, [], asked, everything=False))


def test_what_the_listing_passes_over_is_asked_at_once() -> None:
    withdrawn_one = KEPT[40]
    listed = ids(KEPT[:60]) - {withdrawn_one.id}
    asked = {one.id: NOW for one in KEPT if one is not withdrawn_one}
    assert withdrawn_one.id in ids(worth_asking(KEPT, listed, asked, everything=False))


def test_what_lies_below_the_end_of_the_listing_did_not_leave_it() -> None:
    listed = ids(KEPT[:30])
    asked = {one.id: NOW for one in KEPT[:100]}
    assert ids(worth_asking(KEPT, listed, asked, everything=False)) - ids(FIRST) == ids(KEPT[100:105])


def test_every_article_is_asked_within_half_a_day_and_a_turn_stays_small() -> None:
    asked: dict[str, datetime] = {}
    for turn in range(48):  # a quarter of an hour each
        called = worth_asking(KEPT, [], asked, everything=False)
        assert len(called) <= SEEN_FIRST + 5
        asked |= {one.id: NOW + turn * timedelta(minutes=15) for one in called}
    assert asked.keys() == ids(KEPT)


def test_everything_is_asked_when_it_is_forced_but_what_has_no_page() -> None:
    pageless = article("x", url=None)
    assert worth_asking([*KEPT, pageless], [], {}, everything=True) == KEPT


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

"""Which end of a listing is the newest, what the newest of it are, and where an undated entry stands."""

from datetime import UTC, datetime, timedelta

import pytest

from service.articles.listing_order import STEP, between, by_date, newest, newest_first
from service.articles.model import ParsedEntry, Published

START = datetime(2026, 11, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def dates(*days: int | None) -> list[Published | None]:
    return [None if one is None else Published(day(one)) for one in days]


def entries(*days: int | None) -> list[ParsedEntry]:
    return [
        ParsedEntry(str(number), f"Tin {number}", published=date) for number, date in enumerate(dates(*days))
    ]


@pytest.mark.parametrize(
    ("days", "is_reversed"),
    [
        ([1, 2, 3, 4], True),
        ([1, None, 2, None, 3], True),
        ([4, 3, 2, 1], False),
        ([-700, 4, 3, 2, 1], False),  # an old one is pinned to the top
        ([-700, -600, -500, 4, 3, 2, 1], False),
        ([-700, 4], False),
        ([3, 3, 3], False),
        ([None, None], False),
        ([], False),
        ([1, 2, 3, 9, 4, 5, 6], True),
        ([5, 2, 7, 1, 8, 3, 9, 4, 6], False),  # in no order
    ],
)
def test_a_listing_is_turned_where_its_dates_ascend(days: list[int | None], is_reversed: bool) -> None:
    listed = entries(*days)
    assert list(newest_first(listed)) == (listed[::-1] if is_reversed else listed)


def test_days_without_a_time_are_compared_as_days() -> None:
    listed = [
        ParsedEntry("1", "x", published=Published(day(1) + timedelta(hours=9))),
        ParsedEntry("2", "y", published=Published(day(1), date_only=True)),
        ParsedEntry("3", "z", published=Published(day(1) + timedelta(hours=8))),
    ]
    assert list(newest_first(listed)) == listed


def test_the_newest_are_so_by_their_dates_and_stay_in_order() -> None:
    assert newest("abcdef", dates(1, 6, 2, 5, 3, 4), 3) == ["b", "d", "f"]
    assert newest("abc", dates(1, 2, 3), 5) == ["a", "b", "c"]
    assert newest("abcd", dates(None, None, None, None), 2) == ["a", "b"]


def test_an_undated_one_is_as_old_as_the_one_below_it() -> None:
    assert newest("abcde", dates(5, None, 4, 3, None), 3) == ["a", "b", "c"]
    assert by_date(dates(1, None, 9, None, 5)) == [1, 2, 3, 4, 0]
    assert by_date(dates(9, 5, None)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("above", "below", "place"),
    [
        ([9], [5], day(5) + STEP),
        ([9, 10], [], day(9) - STEP),
        ([], [5, 4], day(5) + STEP),
        ([], [], None),
        ([-700], [9, 8, 7], day(9) - STEP),  # behind an old one that is pinned to the top
        ([9, 10, 11], [40, 8, 7], day(9) + STEP),  # before one with a wrong date
        ([], [-700, 9, 8, 7], day(9) + STEP),
    ],
)
def test_an_undated_one_stands_between_its_neighbours(
    above: list[int], below: list[int], place: datetime | None
) -> None:
    assert between([day(one) for one in above], [day(one) for one in below]) == place


def test_between_neighbours_at_one_moment_there_is_no_other() -> None:
    assert between([day(3)], [day(3)]) == day(3)
    assert between([day(3) + STEP], [day(3)]) == day(3)  # the later to be saved stands above

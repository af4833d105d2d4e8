"""The order of a listing: which end is the newest, which entries are the newest, where an undated one stands.

Most listings begin with the newest entry; some begin with the oldest, and some pin an old one to the top.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from service.articles.model import ParsedEntry, Published

T = TypeVar("T")

STEP = timedelta(microseconds=1)  # between articles that would stand at one moment
_LAST_SECOND = timedelta(hours=23, minutes=59, seconds=59)  # of a day
_MIN_ASCENTS = 2  # one may be an old entry that is pinned to the top; some listings are in no order
_NEIGHBOURS = 5  # on either side that decide where an undated entry stands


def instant_of(published: Published) -> datetime:
    """Return the moment by which a publication is ordered: a day without a time counts as its end."""
    return published.at + _LAST_SECOND if published.date_only else published.at


def newest_first(entries: Sequence[ParsedEntry]) -> tuple[ParsedEntry, ...]:
    """Return the entries of a listing from its newest end on: reversed where its dates ascend."""
    dates = [entry.published for entry in entries if entry.published]
    steps = [_compare(one, other) for one, other in pairwise(dates)]
    ascents, descents = steps.count(-1), steps.count(1)
    is_reversed = ascents >= _MIN_ASCENTS and ascents > 2 * descents
    return tuple(reversed(entries)) if is_reversed else tuple(entries)


def newest(items: Sequence[T], dates: Sequence[Published | None], limit: int) -> list[T]:
    """Return at most `limit` items, the newest by their dates, in the order in which they came.

    An undated item counts as old as the next one below it that is dated, or else above it. Where none is
    dated, the first ones are returned.
    """
    if len(items) <= limit:
        return list(items)
    chosen = by_date(dates)[:limit]
    return [items[index] for index in sorted(chosen)]


def by_date(dates: Sequence[Published | None]) -> list[int]:
    """Return the indexes of a listing's entries, newest first; equal ones stay in the listing's order."""
    instants: list[datetime | None] = [instant_of(date) if date else None for date in dates]
    for order in (range(len(dates) - 1, -1, -1), range(len(dates))):
        known: datetime | None = None
        for index in order:
            known = instants[index] = instants[index] or known
    return sorted(range(len(dates)), key=lambda index: -_timestamp(instants[index]))


def between(above: Sequence[datetime], below: Sequence[datetime]) -> datetime | None:
    """Return the moment at which an undated entry stands between its neighbours; None where it has none.

    Where these are in no order, as an old one that is pinned to the top, it goes beside the one that agrees
    with most of the others.

    Args:
        above: where the entries above it stand, the nearest first.
        below: likewise below it.
    """
    above, below = above[:_NEIGHBOURS], below[:_NEIGHBOURS]
    places = [*(at + STEP for at in below), *(at - STEP for at in above)]
    if above and below:
        lowest, highest = sorted((above[0], below[0]))
        if above[0] < below[0]:
            places = [highest - STEP, lowest + STEP, *places]
        # The later to be saved of two at one moment stands above.
        places = [at for at in places if lowest < at < highest] or [lowest]
    # Of those that agree with equally many the first is taken: just above the nearest below.
    return max(places, key=lambda at: _agreement(at, above, below), default=None)


def _agreement(at: datetime, above: Sequence[datetime], below: Sequence[datetime]) -> int:
    """Return how many neighbours stand on the right side of a place."""
    return sum(one >= at for one in above) + sum(one <= at for one in below)


def _compare(one: Published, other: Published) -> int:
    """Return 1 where the first is later, -1 where it is earlier, 0 where the dates do not tell."""
    if one.date_only or other.date_only:
        first, second = one.at.date(), other.at.date()
        return (first > second) - (first < second)
    return (one.at > other.at) - (one.at < other.at)


def _timestamp(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0

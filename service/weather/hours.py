"""Hours of the forecast: what falls in an hour stands at its beginning, and sums are added in decimal.

Where a provider writes it at the end of its hour, it is moved (docs/decisions/0019).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from service.weather.model import HourlyPoint

HOUR = timedelta(hours=1)
KEPT_PAST = timedelta(hours=25)  # how long ago the local today can have begun: one hour more in autumn

_NOISE = Decimal("1e-9")  # mm; what is beyond comes from a division: a sixth of 0.1, added six times
SOME_WATER = 0.05 - float(_NOISE)  # mm in an hour: shown as 0.1
MUCH_WATER = 1.0 - float(_NOISE)  # mm in an hour


_point_of_row = partial(tuple.__new__, HourlyPoint)  # what `HourlyPoint._make` does, in a third of its time


def hourly_points(rows: Iterable[tuple[Any, ...]]) -> list[HourlyPoint]:
    """Return the points of these rows, each of which has a value for every field, in their order."""
    return list(map(_point_of_row, rows))


def moved_to_beginning(
    times: Sequence[datetime], at_time: Sequence[Sequence[Any]], before: Sequence[Sequence[Any]]
) -> list[list[Any]]:
    """Return the times of hours that begin, and after them the columns of both groups for these.

    Args:
        times: in order, whole hours apart.
        at_time: columns of values at these times, which stay there.
        before: columns of values of the hour before each time, which move to the beginning of that hour.

    The hour before the first time, or before the first one after a gap, has the latter values only; the last
    time has the former only. What is not known is None.
    """
    if not times:
        return [[] for _ in (times, *at_time, *before)]
    if times[-1] - times[0] == (len(times) - 1) * HOUR:  # without a gap
        staying = ([None, *column] for column in at_time)
        moving = ([*column, None] for column in before)
        return [[times[0] - HOUR, *times], *staying, *moving]
    starts = sorted({*times, *(time - HOUR for time in times)})
    ends = [start + HOUR for start in starts]
    return [
        starts,
        *(_values_at(starts, times, column) for column in at_time),
        *(_values_at(ends, times, column) for column in before),
    ]


def _values_at(wanted: Sequence[datetime], times: Sequence[datetime], column: Sequence[Any]) -> list[Any]:
    values = dict(zip(times, column, strict=True))
    return [values.get(time) for time in wanted]


def total(amounts: Iterable[float]) -> Decimal:
    """Return the sum of these amounts as they are written, unrounded: ten times 0.1 are 1."""
    return sum(map(_decimal, amounts), Decimal(0)).quantize(_NOISE)


@lru_cache(1024)  # most hours have one of a few amounts
def _decimal(number: float) -> Decimal:
    """Return the number as it is written: 0.1 is a tenth, not the float that is a little more."""
    return Decimal(str(number))

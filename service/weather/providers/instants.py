"""Times as providers write them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

KEPT_BACK = timedelta(hours=24)  # steps before now that are kept: today began there

_NOW_OR_NEVER = timedelta(hours=2)
_HOUR = timedelta(hours=1)
_FIRST_UNIX_TIME, _LAST_UNIX_TIME = 0, 4_102_444_800  # the years 1970 to 2100, for ISO times too


def instant(value: object, offset: timedelta | None = None) -> datetime | None:
    """The moment in UTC of an ISO time or a Unix time in seconds; None for anything else.

    Args:
        value: the time as it stands in the answer.
        offset: of the zone that a time without offset is told in; without it such a time is no moment.
    """
    if isinstance(value, str):
        time = _of_iso(value, offset)
        return time if time and _FIRST_UNIX_TIME <= time.timestamp() <= _LAST_UNIX_TIME else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return datetime.fromtimestamp(value, UTC) if _FIRST_UNIX_TIME <= value <= _LAST_UNIX_TIME else None


def _of_iso(text: str, offset: timedelta | None) -> datetime | None:
    if "T" not in text:
        return None  # a date alone is no moment
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is not None:
            return time.astimezone(UTC)
        return None if offset is None else (time - offset).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def hours(times: object, offset: timedelta | None = None) -> list[datetime]:
    """The moments of a series, in order and an hour or more apart; none if any of them is not."""
    moments = [instant(time, offset) for time in times] if isinstance(times, list) else []
    known = [moment for moment in moments if moment is not None]
    if len(known) < len(moments) or any(later - earlier < _HOUR for earlier, later in pairwise(known)):
        return []
    return known


def is_about_now(time: datetime, now: datetime) -> bool:
    """Whether values for this time may pass for values for now: within two hours of our clock."""
    return abs(now - time) <= _NOW_OR_NEVER

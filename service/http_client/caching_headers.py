"""What an answer's headers say about time. Pure: the clock is passed in; header names are lower case."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST_REST = timedelta(days=1)
_LONGEST_AGE = 366 * 86_400  # seconds; RFC 9111 lets a cache take anything longer for "very long"
_LONGEST_VALIDATOR = 1_000  # characters
_LONGEST_DATE = 100
_SECONDS = re.compile(r"[0-9]{1,10}", re.ASCII)
_MAX_AGE = re.compile(r'(?:^|[,\s])max-age\s*=\s*"?([0-9]{1,10})', re.ASCII | re.IGNORECASE)


def http_date(text: str | None) -> datetime | None:
    """An HTTP date (RFC 9110 §5.6.7, its two old forms included) in UTC; None when it is none."""
    if text is None or not text.isascii() or len(text) > _LONGEST_DATE:
        return None
    try:
        date = parsedate_to_datetime(text.strip())
        aware = date if date.tzinfo else date.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after(text: str | None, now: datetime) -> timedelta | None:
    """How long `Retry-After` (seconds or a date) asks us to stay away, at most a day; None for garbage."""
    if text is None:
        return None
    if _SECONDS.fullmatch(text.strip()):
        return min(timedelta(seconds=int(text)), _LONGEST_REST)
    date = http_date(text)
    if date is None:
        return None
    return max(timedelta(0), min(date - now, _LONGEST_REST))


def good_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Until when the answer forbids asking again: `max-age` less `Age`, or else `Expires`.

    `Expires` is counted from the answer's own `Date`, so that a clock that is wrong on either side does no
    harm. None when the answer says nothing or what it says is past.
    """
    lasts = _lasts(headers, now)
    return now + lasts if lasts is not None and lasts > timedelta(0) else None


def _lasts(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    max_age = _MAX_AGE.search(headers.get("cache-control", ""))
    if max_age:
        age = headers.get("age", "").strip()
        spent = int(age) if _SECONDS.fullmatch(age) else 0
        return timedelta(seconds=min(int(max_age[1]), _LONGEST_AGE) - min(spent, _LONGEST_AGE))
    expires = http_date(headers.get("expires"))
    if expires is None:
        return None
    return min(expires - (http_date(headers.get("date")) or now), timedelta(seconds=_LONGEST_AGE))


def conditions(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that make the next request conditional upon this answer: a 304 then saves the body.

    One that is endless, or that no header may carry, is left out: it is kept and sent back as it is.
    """
    validators = {
        "if-none-match": headers.get("etag", ""),
        "if-modified-since": headers.get("last-modified", ""),
    }
    return {
        name: value
        for name, value in validators.items()
        if value and value.isprintable() and len(value) <= _LONGEST_VALIDATOR
    }

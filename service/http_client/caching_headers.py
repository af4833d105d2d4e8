"""Headers that decide when and how to ask again: dates, `Retry-After`, freshness, validators.

RFC 9110 and 9111. Pure: the clock is passed in. Header names are lower case.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_MAX_RETRY_AFTER = timedelta(days=1)
_MAX_LIFETIME = 366 * 86_400  # seconds; RFC 9111 lets a cache take anything longer for "very long"
_MAX_VALIDATOR = 1_000  # characters
_MAX_DATE = 100  # characters
_SECONDS = re.compile(r"[0-9]{1,10}", re.ASCII)
_MAX_AGE = re.compile(r'(?:^|[,\s])max-age\s*=\s*"?([0-9]{1,10})', re.ASCII | re.IGNORECASE)


def http_date(text: str | None) -> datetime | None:
    """Parse an HTTP date (RFC 9110 §5.6.7, obsolete forms included) to UTC; None when it is malformed."""
    if text is None or not text.isascii() or len(text) > _MAX_DATE:
        return None
    try:
        date = parsedate_to_datetime(text.strip())
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Parse `Retry-After` (seconds or a date) to a delay of at most a day; None when it is malformed."""
    if text is None:
        return None
    if _SECONDS.fullmatch(text.strip()):
        return min(timedelta(seconds=int(text)), _MAX_RETRY_AFTER)
    date = http_date(text)
    if date is None:
        return None
    return max(timedelta(0), min(date - now, _MAX_RETRY_AFTER))


def fresh_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return the end of a response's freshness (RFC 9111 §4.2): `max-age` less `Age`, or else `Expires`.

    `Expires` is counted from the response's own `Date`, so that a wrong clock on either side does no harm.
    None when the response has neither, or is not fresh any more.
    """
    lifetime = _lifetime(headers, now)
    return now + lifetime if lifetime is not None and lifetime > timedelta(0) else None


def _lifetime(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    max_age = _MAX_AGE.search(headers.get("cache-control", ""))
    if max_age:
        age = headers.get("age", "").strip()
        passed = int(age) if _SECONDS.fullmatch(age) else 0
        return timedelta(seconds=min(int(max_age[1]), _MAX_LIFETIME) - min(passed, _MAX_LIFETIME))
    expires = http_date(headers.get("expires"))
    if expires is None:
        return None
    return min(expires - (http_date(headers.get("date")) or now), timedelta(seconds=_MAX_LIFETIME))


def conditional_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that make the next request conditional upon this response.

    A validator that is too long, or that cannot be sent in a header, is left out, since it is stored and sent
    back as it is.
    """
    validators = {
        "if-none-match": headers.get("etag", ""),
        "if-modified-since": headers.get("last-modified", ""),
    }
    return {
        name: value
        for name, value in validators.items()
        if value and value.isprintable() and len(value) <= _MAX_VALIDATOR
    }

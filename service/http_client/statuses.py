"""From an HTTP status to the failure it means."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from service.core.addresses import shown_path
from service.core.errors import Cause, UpstreamError
from service.http_client.caching_headers import retry_after

_CAUSES: dict[int, Cause] = {
    HTTPStatus.TOO_MANY_REQUESTS: Cause.RATE_LIMITED,
    HTTPStatus.UNAUTHORIZED: Cause.FORBIDDEN,
    HTTPStatus.FORBIDDEN: Cause.FORBIDDEN,
    HTTPStatus.NOT_FOUND: Cause.GONE,
    HTTPStatus.GONE: Cause.GONE,
}


def is_answer(status: int) -> bool:
    """Whether there is something to use: a success, or that nothing has changed."""
    return 200 <= status < 300 or status == HTTPStatus.NOT_MODIFIED  # noqa: PLR2004 - RFC 9110's class of successes


def refused(url: str, status: int, headers: Mapping[str, str], now: datetime) -> UpstreamError:
    """The failure that any other status means; `now` is the hour that a date in Retry-After is measured by.

    What the body explains is not told: it may echo what was asked, keys included.
    """
    asked = urlsplit(url)
    rest = retry_after(headers.get("retry-after"), now)
    parts = (
        f"{asked.hostname} answered {status}{_phrase(status)} for {shown_path(asked.path)}",
        f"; it may be asked again from {now + rest:%Y-%m-%d %H:%M:%S} UTC on" if rest else "",
    )
    return UpstreamError(_cause(status), "".join(parts), rest, status)


def _cause(status: int) -> Cause:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Cause.BROKEN
    if status >= HTTPStatus.BAD_REQUEST:
        return _CAUSES.get(status, Cause.REJECTED)
    return Cause.UNREADABLE  # neither a success nor an error: nothing that answers a plain GET


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""

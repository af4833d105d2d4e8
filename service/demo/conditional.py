"""Conditional requests (RFC 9110 §13), for all that the bundled upstream answers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

Answer = tuple[HTTPStatus, dict[str, str], bytes]  # status, headers, body


def is_known(headers: Mapping[str, str], changed: datetime, tag: str = "") -> bool:
    """Whether the client has it: by the tag, or by the date, which counts where the client names no tag.

    The names of the headers are lower case. A date that cannot be read is as if it were not there.
    """
    if tag and "if-none-match" in headers:
        tags = {one.strip().removeprefix("W/") for one in headers["if-none-match"].split(",")}
        return not tags.isdisjoint({tag, "*"})
    try:
        since = parsedate_to_datetime(headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return since.tzinfo is not None and since >= changed.replace(microsecond=0)


def http_date(time: datetime) -> str:
    """As HTTP writes times."""
    return format_datetime(time.astimezone(UTC), usegmt=True)

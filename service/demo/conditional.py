"""Conditional requests (RFC 9110 §13) to the bundled upstream."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

DemoResponse = tuple[HTTPStatus, dict[str, str], bytes]  # status, headers, body


def is_not_modified(headers: Mapping[str, str], changed: datetime, tag: str = "") -> bool:
    """Return whether the client has it: by the tag, or by the date if the request names no tag.

    Names of headers are lower case. A malformed date counts as missing.
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
    return format_datetime(time.astimezone(UTC), usegmt=True)

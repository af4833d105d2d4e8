"""Marshmallow fields for what a configuration writes: durations, zones, URLs, the store's address."""

import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, fields

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_FRAME_ANCESTOR = re.compile(r"'self'|\*|(https?://)?(\*\.)?[a-z0-9.-]+(:(\d+|\*))?|https?:", re.IGNORECASE)


class Duration(fields.Field[timedelta]):
    """`90s`, `15m`, `6h`, `7d`: one second to a year."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> timedelta:  # noqa: ARG002 - marshmallow's signature
        match = re.fullmatch(r"(\d{1,9})([smhd])", value) if isinstance(value, str) else None
        if match is None:
            raise ValidationError("not a duration; write for example 90s, 15m, 6h or 7d")
        seconds = int(match[1]) * _UNITS[match[2]]
        if not 1 <= seconds <= 366 * _UNITS["d"]:
            raise ValidationError("must be from 1s to 366d")
        return timedelta(seconds=seconds)


class Text(fields.Field[str]):
    """A string on one line."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002 - marshmallow's signature
        if not isinstance(value, str) or not value.isprintable():
            raise ValidationError("must be text on one line")
        return value.strip()


class Listed(fields.List[str]):
    """A list of strings; from the environment one string with commas."""

    def __init__(self, item: fields.Field[str] | None = None, **kwargs: Any) -> None:
        """Take the field every item must satisfy (any text)."""
        super().__init__(item or Text(), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list):
            raise ValidationError("must be a list")
        return super()._deserialize(value, attr, data, **kwargs)


def timezone(value: str) -> None:
    """Refuse what is no IANA time zone."""
    try:
        ZoneInfo(value)
    except (OSError, ValueError):
        raise ValidationError("not a time zone; write for example Asia/Ho_Chi_Minh") from None


def http_url(value: str) -> None:
    """Refuse what is no absolute http or https URL (empty is allowed)."""
    if not value:
        return
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(letter in value for letter in " \"'<>\\"):
        raise ValidationError("not a URL; write for example https://widgets.example.gov.vn")


def base_url(value: str) -> None:
    """Refuse a public address with a query, a fragment or credentials."""
    http_url(value)
    parts = urlsplit(value)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValidationError("must be scheme, host and path only")


def frame_ancestor(value: str) -> None:
    """Refuse what CSP would not take as a source, and what could end the directive."""
    if not _FRAME_ANCESTOR.fullmatch(value):
        raise ValidationError("not a frame ancestor; write for example https://portal.example.gov.vn")


def host_or_network(value: str) -> None:
    """Refuse what is neither a host name nor an address nor a network."""
    try:
        ip_network(value)
    except ValueError:
        if not _HOST.fullmatch(value) or re.fullmatch(r"[\d.]+", value):
            raise ValidationError('not a host or network; write for example "10.20.0.0/16"') from None


def readable_file(value: str) -> None:
    """Refuse a file that is not there (empty is allowed)."""
    if value and not Path(value).is_file():
        raise ValidationError("no such file")


def sqlite_path(url: str) -> Path:
    """The absolute path that a `sqlite:///` URL names.

    Raises:
        ValidationError: for another scheme or a relative path.
    """
    scheme, separator, rest = url.partition("://")
    if scheme != "sqlite" or not separator or not rest.strip("/"):
        raise ValidationError("not a store; write for example sqlite:///var/lib/portal-widgets/store.sqlite3")
    return Path("/" + rest.lstrip("/"))


def names(value: Mapping[str, str]) -> None:
    """Refuse a table of names without a Vietnamese one."""
    if not value.get("vi"):
        raise ValidationError('needs a Vietnamese name: { vi = "Lao Bảo", en = "Lao Bao" }')

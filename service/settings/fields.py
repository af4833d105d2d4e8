"""What the schema of a configuration is made of: marshmallow fields and validators, and tables.

Values from the environment are strings, so that every field reads those too. A validator raises
ValidationError, whose message has the form `what is wrong; a remedy`.
"""

import re
import ssl
from collections.abc import Mapping
from datetime import timedelta
from importlib.util import find_spec
from ipaddress import ip_network
from math import inf, isnan, nan
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, pre_load

from service.core.clients import UNIX
from service.core.folding import words
from service.settings.model import ProviderSettings, ShareSettings

UNKNOWN_KEY = "unknown key"

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}
_MAX_SIZE = 64 * 1024**3
_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_SIZE = re.compile(r"([0-9]{1,12})(B|KB|MB|GB)")
_FIGURES = re.compile(r"[\d.]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_FRAME_ANCESTOR = re.compile(r"'self'|\*|(https?://)?(\*\.)?[a-z0-9.-]+(:(\d+|\*))?|https?:", re.IGNORECASE)

_ENCRYPTED_SCHEMES = {"valkeys", "rediss"}
_SHARE_SCHEMES = {"valkey", "redis"} | _ENCRYPTED_SCHEMES
_DATABASE = re.compile(r"/?|/[0-9]{1,4}")
_GROUP = re.compile(r"[a-z0-9-]{1,32}")


class Duration(fields.Field[timedelta]):
    """`90s`, `15m`, `6h`, `7d`: one second to a year."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> timedelta:  # noqa: ARG002 - marshmallow's signature
        match = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise ValidationError("not a duration; write for example 90s, 15m, 6h or 7d")
        seconds = int(match[1]) * _UNITS[match[2]]
        if not 1 <= seconds <= 366 * _UNITS["d"]:
            raise ValidationError("must be from 1s to 366d")
        return timedelta(seconds=seconds)


class Size(fields.Field[int]):
    """`512KB`, `32MB`, `1GB`: bytes, 1024 to the KB."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002 - marshmallow's signature
        match = _SIZE.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise ValidationError("not a size; write for example 512KB, 32MB or 1GB")
        size = int(match[1]) * _SIZES[match[2]]
        if size > _MAX_SIZE:
            raise ValidationError("must be from 0B to 64GB")
        return size


class Number(fields.Field[float]):
    """A finite number within limits."""

    def __init__(self, minimum: float, maximum: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._minimum, self._maximum = minimum, maximum

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:  # noqa: ARG002 - marshmallow's signature
        try:
            number = float("nan" if isinstance(value, bool) else value)
        except (TypeError, ValueError):
            number = nan
        except OverflowError:
            number = inf
        if isnan(number):
            raise ValidationError("not a number")
        if not self._minimum <= number <= self._maximum:
            raise ValidationError(f"must be from {self._minimum:.10g} to {self._maximum:.10g}")
        return number


class Integer(Number):
    """A whole number within limits."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = super()._deserialize(value, attr, data, **kwargs)
        if not number.is_integer() or isinstance(value, float):
            raise ValidationError("not a whole number")
        return int(number)


class Boolean(fields.Field[bool]):
    """True or false, or one of the words `true`, `yes`, `on`, `1` and their opposites."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002 - marshmallow's signature
        parsed = parse_boolean(value) if isinstance(value, str) else value
        if not isinstance(parsed, bool):
            raise ValidationError("must be true or false")
        return parsed


def parse_boolean(word: str) -> bool | None:
    """Return the boolean that a word of the environment means, or None."""
    return word.lower() in _TRUE if word.lower() in _TRUE | _FALSE else None


class Text(fields.Field[str]):
    """A string on one line."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002 - marshmallow's signature
        if not isinstance(value, str) or not value.isprintable():
            raise ValidationError("must be text on one line")
        return value.strip()


def share_address(url: str) -> ShareSettings:
    """Return what the address of a Valkey says.

    Raises:
        ValidationError: when it is none, or has parts that mean nothing here.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        query = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        host, port, query = None, None, {}
    if not host or parts.scheme not in _SHARE_SCHEMES or port == 0 or parts.fragment:
        raise ValidationError("not the address of a Valkey; write for example valkey://cache:6379/0")
    if not _DATABASE.fullmatch(parts.path):
        raise ValidationError("the path must be the number of a database, such as /0")
    if query.keys() - {"group"}:
        raise ValidationError("only ?group=NAME may follow the address")
    group = query.get("group", [ShareSettings.group])
    if len(group) != 1 or not _GROUP.fullmatch(group[0]):
        raise ValidationError("group must be 1 to 32 of a-z, 0-9 and -")
    if find_spec("valkey") is None:
        raise ValidationError("needs the package valkey; install it with pip install '.[valkey]'")
    return ShareSettings(
        host=host,
        port=port or ShareSettings.port,
        database=int(parts.path.strip("/") or 0),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_encrypted=parts.scheme in _ENCRYPTED_SCHEMES,
        group=group[0],
    )


class StringList(fields.List[str]):
    """A list of strings, or one string with commas."""

    def __init__(self, item: fields.Field[str] | None = None, **kwargs: Any) -> None:
        """Make a list whose items are read by this field, by default as any text."""
        super().__init__(item or Text(), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list):
            raise ValidationError("must be a list")
        return super()._deserialize(value, attr, data, **kwargs)


def timezone(value: str) -> None:
    """Accept an IANA time zone."""
    try:
        ZoneInfo(value)
    except (OSError, ValueError, LookupError):
        raise ValidationError("not a time zone; write for example Asia/Ho_Chi_Minh") from None


def http_url(value: str) -> None:
    """Accept an absolute http or https URL, or nothing."""
    if not value:
        return
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not value.isprintable() or any(letter in value for letter in " \"'<>\\"):
        raise ValidationError("not a URL; write for example https://widgets.example.gov.vn")


def base_url(value: str) -> None:
    """Accept a URL without query, fragment and user name, or nothing."""
    http_url(value)
    parts = urlsplit(value)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValidationError("must be scheme, host and path only")


def frame_ancestor(value: str) -> None:
    """Accept a host source of CSP; nothing that could end the directive."""
    if not _FRAME_ANCESTOR.fullmatch(value):
        raise ValidationError("not a frame ancestor; write for example https://portal.example.gov.vn")


def host_or_network(value: str) -> None:
    """Accept a host name, an address or a network (CIDR)."""
    try:
        ip_network(value)
    except ValueError:
        if not _HOST.fullmatch(value) or _FIGURES.fullmatch(value):
            raise ValidationError('not a host or network; write for example "10.20.0.0/16"') from None


def network(value: str) -> None:
    """Accept an address or a network (CIDR)."""
    try:
        ip_network(value)
    except ValueError:
        raise ValidationError('not an address or network; write for example "10.20.0.0/16"') from None


def network_or_unix(value: str) -> None:
    """Accept an address, a network (CIDR), or the word for the peers of Unix sockets."""
    if value != UNIX:
        network(value)


def certificates(value: str) -> None:
    """Accept the path of a file with certificates in PEM, or nothing."""
    if not value:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(value)
    except ssl.SSLError:
        raise ValidationError("holds no certificates in PEM") from None
    except OSError as error:
        raise ValidationError(f"cannot be read: {error.strerror}") from None


def upstream_url(value: str) -> None:
    """Accept an http or https URL without user name."""
    if not value:
        raise ValidationError("is missing")
    url_without_user(value)


def url_without_user(value: str) -> None:
    """Accept an http or https URL without user name, or nothing."""
    http_url(value)
    if "@" in urlsplit(value).netloc:
        raise ValidationError("must not carry a user name")


def charset(value: str) -> None:
    """Accept the name of a text encoding of Python, or nothing."""
    try:
        "".encode(value or "utf-8")
    except (LookupError, ValueError):
        raise ValidationError("not a character set; write for example utf-8 or windows-1258") from None


def pattern(value: str) -> None:
    """Accept a text with at least one word."""
    if not words(value):
        raise ValidationError("holds no word")


def language_tag(value: str) -> None:
    """Accept a language tag."""
    if not _LANGUAGE.fullmatch(value):
        raise ValidationError("not a language; write for example vi or en")


def sqlite_path(url: str) -> Path:
    """Return the absolute path in a `sqlite:///` URL.

    Raises:
        ValidationError: for another scheme or a relative path.
    """
    scheme, separator, rest = url.partition("://")
    if scheme != "sqlite" or not separator or not rest.strip("/"):
        raise ValidationError("not a store; write for example sqlite:///var/lib/portal-widgets/store.sqlite3")
    return Path("/" + rest.lstrip("/"))


def names(value: Mapping[str, str]) -> None:
    """Accept a table of names with a Vietnamese one."""
    if not value.get("vi"):
        raise ValidationError('needs a Vietnamese name: { vi = "Lao Bảo", en = "Lao Bao" }')


class Section(Schema):
    """A table of the file, in which unknown keys are faults."""

    class Meta:
        unknown = RAISE

    error_messages: ClassVar[dict[str, str]] = {  # type: ignore[misc] # marshmallow declares it loosely
        "type": "must be a table",
        "unknown": UNKNOWN_KEY,
    }

    @pre_load
    def _add_missing_tables(self, data: object, **_: Any) -> object:
        """Take a table that is not written for an empty one, so that its defaults apply."""
        if not isinstance(data, dict):
            return data
        tables = [f.data_key or name for name, f in self.fields.items() if isinstance(f, fields.Nested)]
        return {table: {} for table in tables} | data


class ProviderSection(Section):
    """The table of a weather provider, which `settings.py` in the provider's folder declares as `Table`.

    Attributes:
        default_url: the provider's own endpoint, which an empty `base_url` means.
        preference: its place in the default order of the providers, the lowest first.
        needs_key: without an `api_key` it cannot be used, so it is not among the default providers.
    """

    default_url: ClassVar[str] = ""
    preference: ClassVar[int] = 100
    needs_key: ClassVar[bool] = False

    base_url = Text(load_default="", validate=http_url)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> ProviderSettings:
        return ProviderSettings(**{**data, "base_url": data["base_url"] or self.default_url})

"""Addresses as others may see them: where a source is found, and what a log names. Pure."""

from urllib.parse import urlsplit

from service.core.secret_names import may_be_key
from service.core.secrets import HIDDEN

_LONGEST_PATH = 100


def public_address(fetched: str, told: str = "") -> str:
    """Where readers find a source: what the configuration tells, else what it fetches less all secrets.

    That is scheme, host, port and path. The query goes whole, for a key may have any name in it; user and
    password go; and where a part of the path may be a key, the path goes and the front page is left.
    """
    if told:
        return told
    parts = urlsplit(fetched)
    host = parts.netloc.rpartition("@")[2]
    path = "/" if any(map(may_be_key, parts.path.split("/"))) else parts.path or "/"
    return f"{parts.scheme}://{host}{path}"


def shown_address(written: str) -> str:
    """An address for a log line or a fault, also one that is none: less its secrets, `…` in their place."""
    scheme, separator, rest = written.rpartition("://") if "://" in written else ("", "", written)
    signed, at, rest = rest.rpartition("@")
    ends = min((rest.find(sign) for sign in "?#" if sign in rest), default=len(rest))
    host, *segments = rest[:ends].split("/")
    host = HIDDEN if not separator and may_be_key(host) else host
    path = shown_path("/" + "/".join(segments)) if segments else ""
    return f"{scheme}{separator}{HIDDEN + at if signed or at else ''}{host}{path}{_cut(rest[ends:])}"


def shown_path(path: str) -> str:
    """A path for a log line: parts that may be keys are hidden, and it ends after 100 characters."""
    shown = "/".join(HIDDEN if may_be_key(segment) else segment for segment in path.split("/")) or "/"
    return shown if len(shown) <= _LONGEST_PATH else f"{shown[: _LONGEST_PATH - 1]}{HIDDEN}"


def _cut(rest: str) -> str:
    """Of a query or a fragment that something was there."""
    return f"{rest[0]}{HIDDEN}" if rest else ""

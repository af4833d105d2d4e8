"""Whether a portal's page may show us in a frame: by our own frame rules, and by http and https.

The rules are those of CSP's `frame-ancestors` (https://www.w3.org/TR/CSP3/#match-url-to-source-expression) as
browsers apply them: to the origin of the page, never to its path. Nothing is fetched.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from ipaddress import IPv4Address, IPv6Address

_PORTS = {"http": 80, "https": 443}
_LONGEST = 2000  # characters of an address
_LONGEST_HOST = 253
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([0-9]{0,5}))?")
_BEHIND_A_HOST = re.compile(r"[/?#\\]")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_RULE = re.compile(r"(?:(https?)://)?(\*\.)?([^:/]+)(?::([0-9]{1,5}|\*))?/?")


@dataclass(frozen=True, slots=True)
class Origin:
    """What a browser compares: the host in ASCII and lower case, an IPv6 address in brackets."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        usual = self.port == _PORTS[self.scheme]
        return f"{self.scheme}://{self.host}" + ("" if usual else f":{self.port}")


class Mixing(Enum):
    """How the scheme of the page goes with ours."""

    BOTH_HTTPS = auto()
    BOTH_HTTP = auto()
    HTTPS_IN_HTTP = auto()
    BLOCKED = auto()  # http in https: "mixed content"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What holds for a portal.

    Attributes:
        assumed: the address named no scheme, and https was taken.
        everybody: there are no rules, so nobody is refused.
    """

    portal: Origin
    assumed: bool
    everybody: bool
    admitted: bool
    mixing: Mixing


def judge(address: str, rules: Sequence[str], ours: Origin) -> Judgement | None:
    """What holds for the page at this address, as people write addresses; None where it is none."""
    read = origin_of(address)
    if read is None:
        return None
    portal, assumed = read
    return Judgement(
        portal,
        assumed,
        everybody=not rules,
        admitted=not rules or any(admits(rule, portal, ours) for rule in ("'self'", *rules)),
        mixing=_mixing(portal.scheme, ours.scheme),
    )


def origin_of(address: str) -> tuple[Origin, bool] | None:
    """The origin of an http or https address, and whether its scheme had to be assumed."""
    text = address.strip()
    if len(text) > _LONGEST or not text.isprintable() or " " in text:
        return None
    written = _SCHEME.match(text)
    scheme = written[1].lower() if written else "https"
    rest = text[written.end() :] if written else text.removeprefix("//")
    parts = _AUTHORITY.fullmatch(_BEHIND_A_HOST.split(rest, maxsplit=1)[0])
    if parts is None or scheme not in _PORTS:
        return None
    host = _host(parts[1])
    port = int(parts[2] or _PORTS[scheme])
    alone = host is not None and not (written or "." in host or ":" in host or host == "localhost")
    if host is None or alone or port >= 1 << 16:
        return None
    return Origin(scheme, host, port), not written


def admits(rule: str, portal: Origin, ours: Origin) -> bool:
    """Whether one source expression of `frame-ancestors` matches the page's origin."""
    rule = rule.strip().lower()
    if rule == "*":
        return True
    if rule == "'self'":
        return portal.host == ours.host and _reached(ours.scheme, str(ours.port), portal)
    if rule in {"http:", "https:"}:
        return _reached(rule.removesuffix(":"), "*", portal)
    parts = _RULE.fullmatch(rule)
    host = _host(parts[3]) if parts else None
    if parts is None or host is None:
        return False
    same = portal.host.endswith(f".{host}") if parts[2] else portal.host == host
    return same and _reached(parts[1] or ours.scheme, parts[4] or "", portal)


def _reached(scheme: str, port: str, portal: Origin) -> bool:
    """Whether scheme and port are the page's; no port: the usual one.

    A rule for http admits https too, and its port 80 then 443; never the other way round.
    """
    upgraded = scheme == "http" and portal.scheme == "https"
    if scheme != portal.scheme and not upgraded:
        return False
    usual = portal.port == _PORTS[portal.scheme]
    if upgraded:
        return port == "*" or (usual and port in {"", "80"})
    return port == "*" or (int(port) == portal.port if port else usual)


def _mixing(portal: str, ours: str) -> Mixing:
    return {
        ("https", "https"): Mixing.BOTH_HTTPS,
        ("http", "http"): Mixing.BOTH_HTTP,
        ("http", "https"): Mixing.HTTPS_IN_HTTP,
    }.get((portal, ours), Mixing.BLOCKED)


def _host(text: str) -> str | None:
    """A host name or an address as browsers compare it; None for what is neither."""
    try:
        if text.startswith("["):
            return f"[{IPv6Address(text[1:-1]).compressed}]"
        if len(text) > _LONGEST_HOST:
            return None
        host = text.encode("idna").decode("ascii").lower().removesuffix(".")
        if host.rpartition(".")[2].isdigit():
            return str(IPv4Address(host))
    except ValueError:  # UnicodeError is one
        return None
    labels = host.split(".")
    return host if len(host) <= _LONGEST_HOST and all(map(_LABEL.fullmatch, labels)) else None

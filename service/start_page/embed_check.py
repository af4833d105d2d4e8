"""The embed check: whether a portal's page may frame our widgets, by frame rules and by mixed content.

The rules are those of CSP's `frame-ancestors` (https://www.w3.org/TR/CSP3/#match-url-to-source-expression) as
browsers apply them: to the origin of the page, never to its path. Nothing is fetched.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from ipaddress import IPv4Address, IPv6Address

_PORTS = {"http": 80, "https": 443}
_MAX_URL = 2000  # characters
_MAX_HOST = 253
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([0-9]{0,5}))?")
_END_OF_AUTHORITY = re.compile(r"[/?#\\]")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_RULE = re.compile(r"(?:(https?)://)?(\*\.)?([^:/]+)(?::([0-9]{1,5}|\*))?/?")


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a page: the host in ASCII and lower case, an IPv6 address in brackets."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        is_default = self.port == _PORTS[self.scheme]
        return f"{self.scheme}://{self.host}" + ("" if is_default else f":{self.port}")


class MixedContent(Enum):
    """The scheme of our frame within the scheme of the page."""

    BOTH_HTTPS = auto()
    BOTH_HTTP = auto()
    HTTPS_IN_HTTP = auto()
    BLOCKED = auto()  # http in https


@dataclass(frozen=True, slots=True)
class EmbedCheck:
    """The result of the check for one portal.

    Attributes:
        scheme_assumed: the URL had no scheme, and https was assumed.
        unrestricted: there are no frame rules, so every site may frame us.
        admitted: the frame rules admit the portal.
    """

    portal: Origin
    scheme_assumed: bool
    unrestricted: bool
    admitted: bool
    mixed_content: MixedContent


def check_embedding(url: str, rules: Sequence[str], ours: Origin) -> EmbedCheck | None:
    """Check the page at this URL, with or without a scheme; return None for text that is no URL."""
    parsed = origin_of(url)
    if parsed is None:
        return None
    portal, scheme_assumed = parsed
    return EmbedCheck(
        portal,
        scheme_assumed,
        unrestricted=not rules,
        admitted=not rules or any(admits(rule, portal, ours) for rule in ("'self'", *rules)),
        mixed_content=_mixed_content(portal.scheme, ours.scheme),
    )


def origin_of(url: str) -> tuple[Origin, bool] | None:
    """Return the origin of an http or https URL, and whether its scheme was assumed."""
    text = url.strip()
    if len(text) > _MAX_URL or not text.isprintable() or " " in text:
        return None
    prefix = _SCHEME.match(text)
    scheme = prefix[1].lower() if prefix else "https"
    rest = text[prefix.end() :] if prefix else text.removeprefix("//")
    parts = _AUTHORITY.fullmatch(_END_OF_AUTHORITY.split(rest, maxsplit=1)[0])
    if parts is None or scheme not in _PORTS:
        return None
    host = _host(parts[1])
    port = int(parts[2] or _PORTS[scheme])
    # A single word without a scheme is not taken for a host name.
    is_word = host is not None and not (prefix or "." in host or ":" in host or host == "localhost")
    if host is None or is_word or port >= 1 << 16:
        return None
    return Origin(scheme, host, port), not prefix


def admits(rule: str, portal: Origin, ours: Origin) -> bool:
    """Return whether one source expression of `frame-ancestors` matches the page's origin."""
    rule = rule.strip().lower()
    if rule == "*":
        return True
    if rule == "'self'":
        return portal.host == ours.host and _matches_port(ours.scheme, str(ours.port), portal)
    if rule in {"http:", "https:"}:
        return _matches_port(rule.removesuffix(":"), "*", portal)
    parts = _RULE.fullmatch(rule)
    host = _host(parts[3]) if parts else None
    if parts is None or host is None:
        return False
    matches_host = portal.host.endswith(f".{host}") if parts[2] else portal.host == host
    return matches_host and _matches_port(parts[1] or ours.scheme, parts[4] or "", portal)


def _matches_port(scheme: str, port: str, portal: Origin) -> bool:
    """Return whether scheme and port are those of the page; an empty port is the default one.

    A rule for http also admits https, and its port 80 then 443; never the other way round.
    """
    is_upgraded = scheme == "http" and portal.scheme == "https"
    if scheme != portal.scheme and not is_upgraded:
        return False
    is_default = portal.port == _PORTS[portal.scheme]
    if is_upgraded:
        return port == "*" or (is_default and port in {"", "80"})
    return port == "*" or (int(port) == portal.port if port else is_default)


def _mixed_content(portal: str, ours: str) -> MixedContent:
    return {
        ("https", "https"): MixedContent.BOTH_HTTPS,
        ("http", "http"): MixedContent.BOTH_HTTP,
        ("http", "https"): MixedContent.HTTPS_IN_HTTP,
    }.get((portal, ours), MixedContent.BLOCKED)


def _host(text: str) -> str | None:
    """Return a host name or an IP address in the form that browsers compare; None for other text."""
    try:
        if text.startswith("["):
            return f"[{IPv6Address(text[1:-1]).compressed}]"
        if len(text) > _MAX_HOST:
            return None
        host = text.encode("idna").decode("ascii").lower().removesuffix(".")
        if host.rpartition(".")[2].isdigit():
            return str(IPv4Address(host))
    except ValueError:  # also UnicodeError, of the codec `idna`
        return None
    labels = host.split(".")
    return host if len(host) <= _MAX_HOST and all(map(_LABEL.fullmatch, labels)) else None

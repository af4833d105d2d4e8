"""A response as the application made it, encoded, as it is sent within one second, and as it is stored.

Content codings (RFC 9110 §8.4) are chosen by `Accept-Encoding` (§12.5.3). Entity tags (§8.8.3) are strong,
one for each coding of a body: its digest with a suffix for the coding and its quality. So every worker
recognises a tag that another worker has sent, also for an encoding that it has not made itself.
"""

import gzip
from collections.abc import Hashable
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime
from enum import StrEnum
from hashlib import blake2b
from math import floor
from typing import Any

import brotli

from service.core.counters import UNCOUNTED, Cell, ResponseCounter

_MIN_SIZE = 256  # bytes: below it the overhead of the coding eats what it saves
_QUALITY = {"br": (5, 11), "gzip": (6, 9)}  # fast, best; brotli takes 0.5 ms and 10 ms for a page of 8 kB
_COMPRESSIBLE = (
    "text/",
    "image/svg+xml",
    "application/json",
    "application/problem+json",
    "application/xml",
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
)


class Coding(StrEnum):
    """The codings that we send, by their token in the header; the preferred one first."""

    BROTLI = "br"
    GZIP = "gzip"
    IDENTITY = "identity"


def negotiate(accept_encoding: str) -> Coding:
    """Return the best coding that this `Accept-Encoding` allows; identity where it allows neither of ours.

    Of equal weights brotli wins. A weight that cannot be read counts as 0.
    """
    weights = _weights(accept_encoding)
    others = weights.get("*", 0.0)
    candidates = [(weights.get(coding.value, others), coding) for coding in (Coding.BROTLI, Coding.GZIP)]
    weight, best = max(candidates, key=lambda pair: pair[0])
    return best if weight > 0 and weight >= weights.get(Coding.IDENTITY.value, 0.0) else Coding.IDENTITY


def is_compressible(content_type: str, size: int) -> bool:
    """Return whether a body of this type and size is sent in a coding at all."""
    return size >= _MIN_SIZE and content_type.startswith(_COMPRESSIBLE)


def encode(body: bytes, coding: Coding, *, best: bool = False) -> bytes:
    """Return the body in this coding; always the same bytes for the same body, so that its ETag is strong."""
    if coding is Coding.IDENTITY:
        return body
    quality = _QUALITY[coding.value][best]
    if coding is Coding.GZIP:
        return gzip.compress(body, quality, mtime=0)
    compressed: bytes = brotli.compress(body, quality=quality)
    return compressed


def _weights(header: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        token, *parameters = (piece.strip() for piece in part.split(";"))
        if token:
            weights[token] = _weight(parameters)
    return weights


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


_SUFFIXES = {
    (Coding.BROTLI, False): "-b",
    (Coding.BROTLI, True): "-b11",
    (Coding.GZIP, False): "-g",
    (Coding.GZIP, True): "-g9",
    (Coding.IDENTITY, False): "",
}


def digest(body: bytes) -> str:
    """Return what the tags of all codings of this body begin with."""
    return blake2b(body, digest_size=12).hexdigest()


def etag(digest: str, coding: Coding, *, best: bool = False) -> str:
    """Return the tag, in its quotes, of the body in this coding at the fast or the best quality."""
    return f'"{digest}{_SUFFIXES[coding, best and coding is not Coding.IDENTITY]}"'


def match(if_none_match: str, digest: str, current: str) -> str | None:
    """Return the tag for a 304 to a client that has this body in any coding; None when it has not.

    That is `current`, the tag of the response it would get. Where the client has the same coding at the other
    quality it is sent the tag that it has, since a cache updates what it stores by a tag that it knows
    (RFC 9111 §4.3.4). The comparison is weak, as RFC 9110 §13.1.2 asks.
    """
    if if_none_match.strip() == "*":
        return current
    sent = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    if current in sent:
        return current
    known = {f'"{digest}{suffix}"': coding for (coding, _), suffix in _SUFFIXES.items()}
    matched = {known[tag]: tag for tag in sent if tag in known}
    if not matched:
        return None
    return matched.get(known[current], current)


Headers = list[tuple[str, str]]

CLOCK_TOLERANCE = 1.0  # seconds by which the clock may be set back without a response being from the future

_NOT_MODIFIED_HEADERS = frozenset(
    {
        "access-control-allow-origin",
        "cache-control",
        "cross-origin-embedder-policy",
        "cross-origin-resource-policy",
        "content-security-policy",
        "last-modified",
        "vary",
    }
)
_OVERHEAD = 6_000  # bytes: the objects around a body, with its headers as text and as bytes
_MAX_DATE = 100  # characters
_ALLOCATED = 1.5  # bytes that the allocator takes for each, as measured in a worker


class AppResponse:
    """A response of the application. Immutable.

    Attributes:
        body: whole, in no coding.
        digest: the beginning of its ETags; empty where it has none: errors, and `no-store`.
        modified: since when it has had this body, in seconds since 1970; None: it is not known here.
        is_compressible: whether clients that accept a coding get one.
        counter: counts how often it is sent.
    """

    __slots__ = ("body", "counter", "digest", "headers", "is_compressible", "modified", "status")

    def __init__(
        self, status: str, headers: Headers, body: bytes, counter: ResponseCounter = UNCOUNTED
    ) -> None:
        """Take the status line and headers as WSGI has them."""
        self.status, self.headers, self.body, self.counter = status, headers, body, counter
        has_etag = status.startswith("200") and "no-store" not in self.header("cache-control")
        self.digest = digest(body) if has_etag else ""
        self.is_compressible = is_compressible(self.header("content-type"), len(body))
        self.modified: int | None = None

    def modified_at(self, seconds: int) -> "AppResponse":
        """Return the response with this `Last-Modified`, on which a client may rely that sends no tag."""
        headers = [(name, value) for name, value in self.headers if name.lower() != "last-modified"]
        dated = copy(self)
        dated.headers = [*headers, ("Last-Modified", formatdate(seconds, usegmt=True))]
        dated.modified = seconds
        return dated

    def header(self, name: str) -> str:
        """Return the value of this header in lower case; empty where it is absent."""
        return next((value.lower() for given, value in self.headers if given.lower() == name), "")


class EncodedResponse:
    """A response in one coding, complete but for the headers that change every second."""

    __slots__ = ("asgi_headers", "body", "digest", "etag", "headers", "modified", "status")

    def __init__(self, response: AppResponse, coding: Coding, *, best: bool = False) -> None:
        """Encode the body, which is the slow part."""
        self.status, self.digest, self.modified = response.status, response.digest, response.modified
        self.body = encode(response.body, coding, best=best)
        self.etag = etag(response.digest, coding, best=best) if response.digest else ""
        self.headers = _headers(response, self.etag, coding, len(self.body))
        self.asgi_headers = as_asgi(self.headers)

    def not_modified_headers(self, etag: str) -> Headers:
        """Return the headers of a 304 with this tag (RFC 9110 §15.4.5)."""
        headers = [(name, value) for name, value in self.headers if name.lower() in _NOT_MODIFIED_HEADERS]
        return [*headers, ("ETag", etag)]


def _headers(response: AppResponse, etag: str, coding: Coding, length: int) -> Headers:
    headers = [(name, value) for name, value in response.headers if name.lower() != "content-length"]
    if response.is_compressible:
        headers.append(("Vary", "Accept-Encoding"))
    if etag:
        headers.append(("ETag", etag))
    if coding is not Coding.IDENTITY:
        headers.append(("Content-Encoding", coding.value))
    if response.status.startswith("204"):  # which has no length (RFC 9110 §8.6)
        return headers
    return [*headers, ("Content-Length", str(length))]


class WireResponse:
    """What is sent within the present second, ready for WSGI and for ASGI. What is sent never changes.

    Attributes:
        encoded: the response without the headers that change every second.
        extra_headers: those headers: `Age`, `Cache-Status`, `Expires`.
        valid_from, valid_until: outside of these another one is needed; the clock may be set back, too.
        etag: the tag as bytes, as most clients send it back; `not_modified` reads a list of tags.
        headers: all of them, for WSGI.
        start, body: the two ASGI messages.
        not_modified_start: the first message of a 304 for this very tag, once a client has sent it.
        sent, sent_not_modified: count how often it is sent, and a 304 in its place.
    """

    __slots__ = (
        "body",
        "encoded",
        "etag",
        "extra_headers",
        "headers",
        "not_modified_start",
        "sent",
        "sent_not_modified",
        "start",
        "valid_from",
        "valid_until",
    )

    def __init__(
        self,
        encoded: EncodedResponse,
        extra_headers: Headers,
        counted: tuple[Cell, Cell],
        valid: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Join the headers of the encoded response and the extra ones."""
        self.encoded, self.extra_headers = encoded, extra_headers
        self.sent, self.sent_not_modified = counted
        self.valid_from, self.valid_until = valid
        self.etag = encoded.etag.encode()
        self.not_modified_start: dict[str, Any] | None = None
        self.headers = encoded.headers + extra_headers
        self.start: dict[str, Any] = {
            "type": "http.response.start",
            "status": int(encoded.status[:3]),
            "headers": encoded.asgi_headers + as_asgi(extra_headers),
            "joined": [],  # service/server/worker.py keeps the head here that it has made of the headers
        }
        self.body: dict[str, Any] = {"type": "http.response.body", "body": encoded.body}

    def not_modified(self, if_none_match: str, since: str = "") -> Headers | None:
        """Return the headers of a 304 for a client that sends these tags, or none and this time.

        None when it needs the body. A time that cannot be read counts as none (RFC 9110 §13.1.3).
        """
        encoded = self.encoded
        if if_none_match:
            etag = match(if_none_match, encoded.digest, encoded.etag) if encoded.digest else None
        else:
            seconds = _seconds(since)
            is_known = encoded.modified is not None and seconds is not None and seconds >= encoded.modified
            etag = encoded.etag if is_known else None
        return None if etag is None else encoded.not_modified_headers(etag) + self.extra_headers


@dataclass(eq=False, slots=True, weakref_slot=True)
class CacheEntry:
    """A stored response. Times are seconds of the cache's clock.

    Attributes:
        store_keys: the items of the store that it was made of.
        created: when its request came.
        fresh_until: it is up to date until then.
        stale_until: it may be served until then while the next one is being made.
        encoded: by coding, as far as somebody has asked for it.
        improved: the codings whose best quality is made, or queued to be.
        wire_responses: by coding, those of the present second.
        hot_keys: the requests under which the cache finds one of its wire responses directly.
    """

    response: AppResponse
    store_keys: frozenset[str]
    created: float
    fresh_until: float
    stale_until: float
    encoded: dict[Coding, EncodedResponse] = field(default_factory=dict)
    improved: set[Coding] = field(default_factory=set)
    wire_responses: dict[Coding, WireResponse] = field(default_factory=dict)
    hot_keys: set[Hashable] = field(default_factory=set)

    @property
    def size(self) -> int:
        """The approximate number of bytes in memory."""
        bodies = [self.response.body, *(one.body for one in self.encoded.values())]
        payload = sum(_OVERHEAD + len(body) for body in bodies) + sum(map(len, self.store_keys))
        return int(payload * _ALLOCATED)

    def coding(self, accepted: Coding) -> Coding:
        """Return the coding to use for a client that accepts this one."""
        return accepted if self.response.is_compressible else Coding.IDENTITY

    def wire_response(self, now: float, coding: Coding) -> WireResponse:
        """Return what is sent now; it must have been encoded in this coding before."""
        wire = self.wire_responses.get(coding)
        if wire is None or not wire.valid_from <= now < wire.valid_until:
            age = max(floor(now - self.created), 0)
            end = self.fresh_until if now < self.fresh_until else self.stale_until
            status = hit_status(self.fresh_until - now)
            headers = [("Age", str(age)), ("Cache-Status", status), *self.expiry_headers(now)]
            counted = self.response.counter.cells("hit" if now < self.fresh_until else "stale")
            valid = (now - CLOCK_TOLERANCE, min(self.created + age + 1, end))
            wire = self.wire_responses[coding] = WireResponse(self.encoded[coding], headers, counted, valid)
        return wire

    def expiry_headers(self, now: float) -> Headers:
        """Return when it ends, as a date and in seconds: for nginx, which ignores `Age`."""
        if not self.response.digest:
            return []
        remaining = max(floor(self.fresh_until - now), 0)
        return [("Expires", formatdate(self.fresh_until, usegmt=True)), ("X-Accel-Expires", str(remaining))]


def _seconds(http_date: str) -> float | None:
    """Return an HTTP date in seconds since 1970; None for what is none."""
    try:
        return parsedate_to_datetime(http_date[:_MAX_DATE]).replace(tzinfo=UTC).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def hit_status(ttl: float) -> str:
    """Return the `Cache-Status` (RFC 9211) of a stored response; below zero seconds it is a stale one."""
    return f"portal-widgets; hit; ttl={floor(ttl)}{'' if ttl > 0 else '; detail=stale'}"


def forward_status(reason: str, *, stored: bool = False) -> str:
    """Return the `Cache-Status` of a response that the application has just made, and why it was asked."""
    return f"portal-widgets; fwd={reason}{'; stored' if stored else ''}"


def as_asgi(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return the headers as ASGI has them: bytes, the names in lower case."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]

"""A response as the application made it, encoded, as it is sent within one second, and as it is stored."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from email.utils import formatdate
from math import floor
from typing import Any

from service.http_cache import etags
from service.http_cache.content_encoding import Coding, encode, is_compressible

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
_ALLOCATED = 1.5  # bytes that the allocator takes for each, as measured in a worker


class AppResponse:
    """A response of the application. Immutable.

    Attributes:
        body: whole, in no coding.
        digest: the beginning of its ETags; empty where it has none: errors, and `no-store`.
        is_compressible: whether clients that accept a coding get one.
    """

    __slots__ = ("body", "digest", "headers", "is_compressible", "status")

    def __init__(self, status: str, headers: Headers, body: bytes) -> None:
        """Take the status line and headers as WSGI has them."""
        self.status, self.headers, self.body = status, headers, body
        has_etag = status.startswith("200") and "no-store" not in self.header("cache-control")
        self.digest = etags.digest(body) if has_etag else ""
        self.is_compressible = is_compressible(self.header("content-type"), len(body))

    def header(self, name: str) -> str:
        """Return the value of this header in lower case; empty where it is absent."""
        return next((value.lower() for given, value in self.headers if given.lower() == name), "")


class EncodedResponse:
    """A response in one coding, complete but for the headers that change every second."""

    __slots__ = ("asgi_headers", "body", "digest", "etag", "headers", "status")

    def __init__(self, response: AppResponse, coding: Coding, *, best: bool = False) -> None:
        """Encode the body, which is the slow part."""
        self.status, self.digest = response.status, response.digest
        self.body = encode(response.body, coding, best=best)
        self.etag = etags.etag(response.digest, coding, best=best) if response.digest else ""
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
    """

    __slots__ = (
        "body",
        "encoded",
        "etag",
        "extra_headers",
        "headers",
        "not_modified_start",
        "start",
        "valid_from",
        "valid_until",
    )

    def __init__(
        self, encoded: EncodedResponse, extra_headers: Headers, valid: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """Join the headers of the encoded response and the extra ones."""
        self.encoded, self.extra_headers = encoded, extra_headers
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

    def not_modified(self, if_none_match: str) -> Headers | None:
        """Return the headers of a 304 for a client that sends these tags; None when it needs the body."""
        if not self.encoded.digest:
            return None
        etag = etags.match(if_none_match, self.encoded.digest, self.encoded.etag)
        return None if etag is None else self.encoded.not_modified_headers(etag) + self.extra_headers


@dataclass(eq=False, slots=True, weakref_slot=True)
class CacheEntry:
    """A stored response. Times are seconds of the cache's clock.

    Attributes:
        store_keys: the items of the store that it was made of.
        created: when its request came.
        fresh_until: it is up to date until then.
        stale_until: it may be served until then while the next one is being made.
        encoded: by coding, as far as somebody has asked for it.
        wire_responses: by coding, those of the present second.
        hot_keys: the requests under which the cache finds one of its wire responses directly.
    """

    response: AppResponse
    store_keys: frozenset[str]
    created: float
    fresh_until: float
    stale_until: float
    encoded: dict[Coding, EncodedResponse] = field(default_factory=dict)
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
            valid = (now - CLOCK_TOLERANCE, min(self.created + age + 1, end))
            wire = self.wire_responses[coding] = WireResponse(self.encoded[coding], headers, valid)
        return wire

    def expiry_headers(self, now: float) -> Headers:
        """Return when it ends, as a date and in seconds: for nginx, which ignores `Age`."""
        if not self.response.digest:
            return []
        remaining = max(floor(self.fresh_until - now), 0)
        return [("Expires", formatdate(self.fresh_until, usegmt=True)), ("X-Accel-Expires", str(remaining))]


def hit_status(ttl: float) -> str:
    """Return the `Cache-Status` (RFC 9211) of a stored response; below zero seconds it is a stale one."""
    return f"portal-widgets; hit; ttl={floor(ttl)}{'' if ttl > 0 else '; detail=stale'}"


def forward_status(reason: str, *, stored: bool = False) -> str:
    """Return the `Cache-Status` of a response that the application has just made, and why it was asked."""
    return f"portal-widgets; fwd={reason}{'; stored' if stored else ''}"


def as_asgi(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return the headers as ASGI has them: bytes, the names in lower case."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]

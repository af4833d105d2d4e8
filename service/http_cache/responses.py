"""One finished answer: as the application gave it, as it is kept, and as it goes out."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from email.utils import formatdate
from math import floor
from typing import Any

from service.http_cache import etags
from service.http_cache.content_encoding import Coding, coded, worth_coding

Headers = list[tuple[str, str]]

_IN_304 = frozenset(
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
CLOCK_WAVERS = 1.0  # seconds by which it may be set back without a stir
_TAGGED = "200"
_BESIDE_A_BODY = 6_000  # bytes: the objects that hold an answer and its headers, as text and as bytes
_LEFT_BETWEEN = 1.5  # what the allocator takes for a byte, as a worker's memory showed


class AppResponse:
    """What the application said. Nothing in it ever changes.

    Attributes:
        body: whole, and in no coding.
        digest: what its tags begin with; empty for what gets none: failures, and what nobody may keep.
        is_coded: whether those who take a coding get one.
    """

    __slots__ = ("body", "digest", "headers", "is_coded", "status")

    def __init__(self, status: str, headers: Headers, body: bytes) -> None:
        """Take it as WSGI has it."""
        self.status, self.headers, self.body = status, headers, body
        tagged = status.startswith(_TAGGED) and "no-store" not in self.named("cache-control")
        self.digest = etags.digest(body) if tagged else ""
        self.is_coded = worth_coding(self.named("content-type"), len(body))

    def named(self, header: str) -> str:
        """The value of this header in lower case; empty where there is none."""
        return next((value.lower() for name, value in self.headers if name.lower() == header), "")


class EncodedResponse:
    """An answer in one coding, ready for the wire but for what changes every second."""

    __slots__ = ("body", "digest", "etag", "headers", "pairs", "status")

    def __init__(self, answer: AppResponse, coding: Coding, *, best: bool = False) -> None:
        """Pack the body; this is the slow part."""
        self.status, self.digest = answer.status, answer.digest
        self.body = coded(answer.body, coding, best=best)
        self.etag = etags.tag(answer.digest, coding, best=best) if answer.digest else ""
        self.headers = _headers(answer, self.etag, coding, len(self.body))
        self.pairs = as_bytes(self.headers)

    def of_304(self, etag: str) -> Headers:
        """The headers of a 304 (RFC 9110 §15.4.5), with this tag."""
        kept = [(name, value) for name, value in self.headers if name.lower() in _IN_304]
        return [*kept, ("ETag", etag)]


class WireResponse:
    """What goes out within the present second, for WSGI and for ASGI. Nothing that goes out ever changes.

    Attributes:
        good_from, good_until: outside of these another one is to be asked for; clocks are set back, too.
        if_none_match: the tag, as a client sends it back; a longer list is for `tags.matched`.
        unchanged: the start of a 304 for this very tag, once somebody has asked with it.
    """

    __slots__ = (
        "body",
        "good_from",
        "good_until",
        "headers",
        "if_none_match",
        "more",
        "packed",
        "start",
        "unchanged",
    )

    def __init__(
        self, packed: EncodedResponse, more: Headers, good: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """Put what changes every second (`more`) behind what does not."""
        self.packed, self.more = packed, more
        self.good_from, self.good_until = good
        self.if_none_match = packed.etag.encode()
        self.unchanged: dict[str, Any] | None = None
        self.headers = packed.headers + more
        self.start: dict[str, Any] = {
            "type": "http.response.start",
            "status": int(packed.status[:3]),
            "headers": packed.pairs + as_bytes(more),
            "joined": [],  # for our server: what it makes of the headers
        }
        self.body: dict[str, Any] = {"type": "http.response.body", "body": packed.body}

    def not_modified(self, if_none_match: str) -> Headers | None:
        """The headers of a 304 for a client that sends these tags; None when it needs the body."""
        if not self.packed.digest:
            return None
        etag = etags.matched(if_none_match, self.packed.digest, self.packed.etag)
        return None if etag is None else self.packed.of_304(etag) + self.more


@dataclass(eq=False, slots=True, weakref_slot=True)
class CacheEntry:
    """An answer in memory. Times are seconds of the one clock.

    Attributes:
        items: what it was made of.
        made: when its making began.
        until: it is true until then.
        usable_until: it may stand in until then, while the next one is being made.
        aliases: the names under which requests its finished forms lie at hand.
    """

    answer: AppResponse
    items: frozenset[str]
    made: float
    until: float
    usable_until: float
    packed: dict[Coding, EncodedResponse] = field(default_factory=dict)
    finished: dict[Coding, WireResponse] = field(default_factory=dict)
    aliases: set[Hashable] = field(default_factory=set)

    @property
    def size(self) -> int:
        """Bytes in memory, near enough."""
        bodies = [self.answer.body, *(one.body for one in self.packed.values())]
        whole = sum(_BESIDE_A_BODY + len(body) for body in bodies) + sum(map(len, self.items))
        return int(whole * _LEFT_BETWEEN)

    def coding(self, wanted: Coding) -> Coding:
        """This coding, or none for a body that is not worth any."""
        return wanted if self.answer.is_coded else Coding.IDENTITY

    def at(self, now: float, coding: Coding) -> WireResponse:
        """What goes out now; it must be packed in this coding."""
        found = self.finished.get(coding)
        if found is None or not found.good_from <= now < found.good_until:
            age = max(floor(now - self.made), 0)
            ends = self.until if now < self.until else self.usable_until
            more = [("Age", str(age)), ("Cache-Status", hit(self.until - now)), *self.end(now)]
            good = (now - CLOCK_WAVERS, min(self.made + age + 1, ends))
            found = self.finished[coding] = WireResponse(self.packed[coding], more, good)
        return found

    def end(self, now: float) -> Headers:
        """When it ends, as a moment and as what is left: for a cache that does not count by `Age`."""
        if not self.answer.digest:
            return []
        left = max(floor(self.until - now), 0)
        return [("Expires", formatdate(self.until, usegmt=True)), ("X-Accel-Expires", str(left))]


def hit(ttl: float) -> str:
    """Cache-Status (RFC 9211) of what was kept; below zero it stands in for the next one."""
    return f"portal-widgets; hit; ttl={floor(ttl)}{'' if ttl > 0 else '; detail=stale'}"


def forwarded(why: str, *, stored: bool = False) -> str:
    """Cache-Status of what the application has just said, and why it was asked."""
    return f"portal-widgets; fwd={why}{'; stored' if stored else ''}"


def as_bytes(headers: Headers) -> list[tuple[bytes, bytes]]:
    """As ASGI has them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _headers(answer: AppResponse, etag: str, coding: Coding, length: int) -> Headers:
    headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
    if answer.is_coded:
        headers.append(("Vary", "Accept-Encoding"))
    if etag:
        headers.append(("ETag", etag))
    if coding is not Coding.IDENTITY:
        headers.append(("Content-Encoding", coding.value))
    return [*headers, ("Content-Length", str(length))]

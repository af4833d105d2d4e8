"""Content codings (RFC 9110 §8.4): the choice by `Accept-Encoding` (§12.5.3), and the encoding of a body."""

import gzip
from enum import StrEnum

import brotli

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

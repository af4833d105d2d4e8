"""Content codings (RFC 9110 §8.4): which one a client takes, and a body in it. Pure."""

import gzip
from enum import StrEnum

import brotli

_LEAST = 256  # bytes: below it the coding's own frame eats what it saves
_QUALITY = {"br": (5, 11), "gzip": (6, 9)}  # quick and best: for a page of 8 kB half a millisecond and ten
_TEXTUAL = (
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
    """What we can send; the value is the token of the header. The best comes first."""

    BROTLI = "br"
    GZIP = "gzip"
    IDENTITY = "identity"


def chosen(accept_encoding: str) -> Coding:
    """The best coding that this `Accept-Encoding` takes; identity where it takes none of ours."""
    weights = _weights(accept_encoding)
    rest = weights.get("*", 0.0)
    taken = [(weights.get(coding.value, rest), coding) for coding in (Coding.BROTLI, Coding.GZIP)]
    weight, best = max(taken, key=lambda pair: pair[0])
    return best if weight > 0 and weight >= weights.get(Coding.IDENTITY.value, 0.0) else Coding.IDENTITY


def worth_coding(content_type: str, size: int) -> bool:
    """Whether a body of this type and size is sent in a coding at all."""
    return size >= _LEAST and content_type.startswith(_TEXTUAL)


def coded(body: bytes, coding: Coding, *, best: bool = False) -> bytes:
    """The body in this coding; the same bytes for the same body, so that a tag can be strong."""
    if coding is Coding.IDENTITY:
        return body
    quality = _QUALITY[coding.value][best]
    if coding is Coding.GZIP:
        return gzip.compress(body, quality, mtime=0)
    packed: bytes = brotli.compress(body, quality=quality)
    return packed


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

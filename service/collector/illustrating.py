"""Finds an article the first picture that can be had, in our widths."""

from collections.abc import Callable, Sequence

from service.domain.articles import Illustration, Picture, PictureHint
from service.domain.failures import UpstreamError
from service.domain.ports import Request, Upstream
from service.sources.pictures import PictureError, made

_TRIED = 3

Keep = Callable[[str, bytes], None]


def illustration_of(hints: Sequence[PictureHint], upstream: Upstream, keep: Keep) -> Illustration | None:
    """The first of these that is a picture, kept; None where none is, and the page then does without."""
    for hint in hints[:_TRIED]:
        try:
            answer = upstream.fetch(Request(hint.url, headers={"accept": "image/webp,image/*;q=0.8"}))
            variants = made(answer.body)
        except (UpstreamError, PictureError):
            continue
        for variant in variants:
            keep(variant.hash, variant.body)
        pictures = tuple(Picture(variant.hash, variant.width, variant.height) for variant in variants)
        return Illustration(pictures, hint.alt, hint.caption, hint.url)
    return None

"""Fetches the pictures of an article, the one above its text and those within, in our widths."""

from collections.abc import Callable, Sequence

from service.articles.model import ArticleImage, ImageCandidate, StoredImage
from service.articles.text.images import EncodedImage
from service.core.errors import UpstreamError
from service.core.ports import Answer, Request, Upstream

_TRIED = 3
_MOST_IN_A_TEXT = 12

Read = Callable[[Answer], Sequence[EncodedImage]]
Keep = Callable[[str, bytes], None]


def illustration_of(
    hints: Sequence[ImageCandidate], upstream: Upstream, read: Read, keep: Keep
) -> ArticleImage | None:
    """The first of these that is a picture, kept; None where none is, and the page then does without."""
    had = (_had(hint, upstream, read, keep) for hint in hints[:_TRIED])
    return next(filter(None, had), None)


def illustrations_in(
    hints: Sequence[ImageCandidate], above: ArticleImage | None, upstream: Upstream, read: Read, keep: Keep
) -> dict[str, ArticleImage]:
    """The pictures of a text by their addresses, kept; without the one that stands above the text."""
    shown_above = {picture.hash for picture in above.variants} if above else set()
    wanted = [hint for hint in hints if above is None or hint.url != above.source_url]
    had = {hint.url: _had(hint, upstream, read, keep) for hint in wanted[:_MOST_IN_A_TEXT]}
    return {
        url: found
        for url, found in had.items()
        if found is not None and not shown_above & {picture.hash for picture in found.variants}
    }


def _had(hint: ImageCandidate, upstream: Upstream, read: Read, keep: Keep) -> ArticleImage | None:
    try:
        answer = upstream.fetch(Request(hint.url, headers={"accept": "image/webp,image/*;q=0.8"}))
        variants = read(answer)
    except UpstreamError:
        return None
    for variant in variants:
        keep(variant.hash, variant.body)
    pictures = tuple(StoredImage(variant.hash, variant.width, variant.height) for variant in variants)
    return ArticleImage(pictures, hint.alt, hint.caption, hint.url)

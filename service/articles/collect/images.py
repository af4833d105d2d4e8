"""Fetches the images of an article, the one above its text and those within, and saves them in our widths."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.articles.model import ArticleImage, ImageCandidate, StoredImage
from service.articles.text.images import EncodedImage
from service.core.errors import UpstreamError
from service.core.ports import Request, Response, Upstream

_MAX_TRIED = 3  # candidates for the image above the text
_MAX_IN_TEXT = 12
_HEADERS = {"accept": "image/webp,image/*;q=0.8"}


@dataclass(frozen=True, slots=True)
class ImageFetcher:
    """Fetches images from an upstream, scales them with `read`, and passes each width to `save`.

    `read` raises UpstreamError for what cannot be used; an article then does without that image.
    """

    upstream: Upstream
    read: Callable[[Response], Sequence[EncodedImage]]
    save: Callable[[str, bytes], None]

    def first_usable(self, candidates: Sequence[ImageCandidate]) -> ArticleImage | None:
        """Return the first candidate that is an image; None where none of the first three is."""
        images = (self._image(candidate) for candidate in candidates[:_MAX_TRIED])
        return next(filter(None, images), None)

    def in_text(
        self, candidates: Sequence[ImageCandidate], above: ArticleImage | None
    ) -> dict[str, ArticleImage]:
        """Return the images of a text by the addresses of their originals, without the one above the text."""
        shown_above = {variant.hash for variant in above.variants} if above else set()
        wanted = [candidate for candidate in candidates if above is None or candidate.url != above.source_url]
        images = {candidate.url: self._image(candidate) for candidate in wanted[:_MAX_IN_TEXT]}
        return {
            url: image
            for url, image in images.items()
            if image is not None and not shown_above & {variant.hash for variant in image.variants}
        }

    def _image(self, candidate: ImageCandidate) -> ArticleImage | None:
        try:
            widths = self.read(self.upstream.fetch(Request(candidate.url, headers=_HEADERS)))
        except UpstreamError:
            return None
        for one in widths:
            self.save(one.hash, one.body)
        variants = tuple(StoredImage(one.hash, one.width, one.height) for one in widths)
        return ArticleImage(variants, candidate.alt, candidate.caption, candidate.url)

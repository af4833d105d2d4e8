"""Parses the responses of a source in the sandbox: whatever is in a document costs that document alone.

`DocumentReader` parses listings, pages and images; `ImageFetcher` fetches the images of an article, the one
above its text and those within, and saves them in our widths.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from service.articles.extract.article_text import article_text
from service.articles.extract.context import image_name
from service.articles.listing_order import newest_first
from service.articles.model import (
    ArticleImage,
    ImageCandidate,
    Listing,
    ParsedEntry,
    SourceParser,
    StoredImage,
)
from service.articles.sources.html_listing import HtmlListing
from service.articles.text.images import EncodedImage, ImageError, convert
from service.articles.text.sanitise import SanitisedHtml
from service.collector.sandbox import CpuUsage, LimitExceededError, Runner, SandboxError
from service.core.errors import Cause, UpstreamError
from service.core.ports import Request, Response, Upstream
from service.core.secrets import loggable_url

R = TypeVar("R")

ROUND_SECONDS = 60.0  # of CPU time: far more than twenty pages with a dozen large images each
_MAX_GIVEN_UP = 2  # documents of a round

log = logging.getLogger(__name__)


class DocumentReader:
    """Parses the documents of one source. Every method raises UpstreamError for one that cannot be used.

    One thread may parse its listing while another one parses its articles.
    """

    def __init__(self, parser: SourceParser, runner: Runner) -> None:
        self._parser, self._runner = parser, runner
        self._listing_usage, self._article_usage = CpuUsage(), CpuUsage()
        self._given_up = 0
        self.trouble: UpstreamError | None = None  # the first document of this round that was given up

    def begin_round(self) -> None:
        """Allow `ROUND_SECONDS` of CPU time for the pages, images and texts of several articles together.

        The second document that is given up ends the round early.
        """
        self._article_usage.start_round()
        self._given_up, self.trouble = 0, None

    @property
    def is_exhausted(self) -> bool:
        """Whether this round has used what it may: further documents are refused."""
        return self._article_usage.seconds >= ROUND_SECONDS or self._given_up >= _MAX_GIVEN_UP

    def listing(self, response: Response, now: datetime) -> Listing:
        """Return the entries of a listing, from its newest end on."""
        self._listing_usage.start_round()
        listing = self._run(self._listing_usage, "its listing", self._parser.read_listing, response, now)
        return replace(listing, entries=newest_first(listing.entries))

    def page(self, response: Response, entry: ParsedEntry, now: datetime) -> ParsedEntry:
        """Return the entry completed from its page."""
        return self._run_for_article(_page(response), self._parser.read_page, response, entry, now)

    def unmatched_selectors(self, parser: HtmlListing, response: Response) -> list[str]:
        """Return those of the configured selectors that find nothing on a page."""
        return self._run_for_article(_page(response), parser.unmatched_selectors, response)

    def image(self, response: Response) -> tuple[EncodedImage, ...]:
        """Return an image in our widths."""
        try:
            return self._run_for_article(f"the picture {_address(response)}", convert, response.body)
        except ImageError as error:
            raise UpstreamError(Cause.UNREADABLE, str(error)) from error

    def body(self, entry: ParsedEntry, now: datetime) -> SanitisedHtml:
        """Return the text of an article without what its portal lays around it, sanitised."""
        source = self._parser.source
        return self._run_for_article("the text of an article", article_text, entry, source, now)

    def with_images(self, body: SanitisedHtml, images: Mapping[str, ArticleImage]) -> str:
        """Return the sanitised HTML with stored images, by the addresses of their originals, in place."""
        if not images:
            return body.html
        return self._run_for_article("the text of an article", body.with_images, dict(images))

    def _run_for_article(self, document: str, function: Callable[..., R], *args: object) -> R:
        if self.is_exhausted:
            raise UpstreamError(Cause.TOO_COSTLY, f"{document} was not read: this round's time is used up")
        try:
            return self._run(self._article_usage, document, function, *args)
        except UpstreamError as error:
            if error.cause is Cause.TOO_COSTLY:
                self._given_up += 1
                self.trouble = self.trouble or error
            raise

    def _run(self, usage: CpuUsage, document: str, function: Callable[..., R], *args: object) -> R:
        source_id = self._parser.source.id
        try:
            return self._runner.run(usage, function, *args)
        except (UpstreamError, ImageError):
            raise
        except LimitExceededError as error:
            detail = f"{document} was given up: {error}"
            log.warning("source %s: %s", source_id, detail)
            raise UpstreamError(Cause.TOO_COSTLY, detail) from error
        except SandboxError as error:
            detail = f"{document} could not be read: {error}"
            log.error("source %s: %s", source_id, detail)  # noqa: TRY400 - the line says all there is
            raise UpstreamError(Cause.UNREADABLE, detail) from error
        except Exception as fault:
            # Its message is left out: it may quote the document. The sandbox notes where it was raised.
            where = "; ".join(getattr(fault, "__notes__", ()))
            log.error(  # noqa: TRY400 - one line; the note says where it was raised
                "source %s: %s could not be read, which is a fault of portal-widgets: %s (%s)",
                source_id, document, type(fault).__name__, where,
            )  # fmt: skip
            raise UpstreamError(
                Cause.UNREADABLE, f"reading {document} failed: {type(fault).__name__}"
            ) from fault


def _page(response: Response) -> str:
    return f"the page {_address(response)}"


def _address(response: Response) -> str:
    """Return host and path of the document, for the log."""
    return loggable_url(response.url).partition("://")[2].partition("?")[0]


_MAX_TRIED = 8  # candidates for the image above the text
_MAX_IN_TEXT = 30
_HEADERS = {"accept": "image/webp,image/*;q=0.8"}


def same_image(above: ArticleImage | None, in_text: Mapping[str, ArticleImage]) -> ArticleImage | None:
    """Return the image above a text in the size and with the words that it has in the text, if any."""
    if above is None:
        return None
    named = (image for url, image in in_text.items() if image_name(url) == image_name(above.source_url))
    return next(named, above)


@dataclass(frozen=True, slots=True)
class ImageFetcher:
    """Fetches images from an upstream, scales them with `read`, and passes each width to `save`.

    `read` raises UpstreamError for what cannot be used; an article then does without that image.
    """

    upstream: Upstream
    read: Callable[[Response], Sequence[EncodedImage]]
    save: Callable[[str, bytes], None]

    def first_usable(self, candidates: Sequence[ImageCandidate]) -> ArticleImage | None:
        """Return the first candidate that is an image; None where none of the first eight is."""
        images = (self._image(candidate) for candidate in candidates[:_MAX_TRIED])
        return next(filter(None, images), None)

    def in_text(
        self, candidates: Sequence[ImageCandidate], above: ArticleImage | None
    ) -> dict[str, ArticleImage]:
        """Return the images of a text by the addresses of their originals; `above` is the article's image."""
        images: dict[str, ArticleImage] = {}
        for candidate in candidates[:_MAX_IN_TEXT]:
            is_above = above is not None and candidate.url == above.source_url
            image = above if is_above else self._image(candidate)
            if image is not None:
                alt, caption = candidate.alt or image.alt, candidate.caption or image.caption
                images[candidate.url] = replace(image, alt=alt, caption=caption)
        return images

    def _image(self, candidate: ImageCandidate) -> ArticleImage | None:
        try:
            widths = self.read(self.upstream.fetch(Request(candidate.url, headers=_HEADERS)))
        except UpstreamError:
            return None
        for one in widths:
            self.save(one.hash, one.body)
        variants = tuple(StoredImage(one.hash, one.width, one.height) for one in widths)
        return ArticleImage(variants, candidate.alt, candidate.caption, candidate.url)

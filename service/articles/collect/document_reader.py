"""Reads what a source answered, in the sandbox: whatever is in a document costs that document alone."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from service.articles.model import ArticleImage, Listing, ParsedEntry, SourceParser
from service.articles.sources.html_listing import HtmlListing
from service.articles.text import sanitise
from service.articles.text.images import EncodedImage, ImageError, convert
from service.articles.text.sanitise import SanitisedHtml
from service.collector.sandbox import CpuUsage, LimitExceededError, Runner, SandboxError
from service.core.errors import Cause, UpstreamError
from service.core.ports import Answer
from service.core.secrets import loggable_url

R = TypeVar("R")

ROUND_SECONDS = 60.0  # of CPU time: far more than twenty pages with a dozen large pictures each
_GIVEN_UP_IN_A_ROUND = 2

log = logging.getLogger(__name__)


class DocumentReader:
    """Reads the documents of one source. Every method raises UpstreamError for one that cannot be used.

    One thread may read its listing while another one reads its articles.
    """

    def __init__(self, parser: SourceParser, runner: Runner) -> None:
        """Call the parser's functions by this runner."""
        self._parser, self._runner = parser, runner
        self._of_listings, self._of_articles = CpuUsage(), CpuUsage()
        self._given_up = 0
        self.trouble: UpstreamError | None = None

    def begin_round(self) -> None:
        """Allow the pages, pictures and texts of some articles `ROUND_SECONDS` of CPU time together.

        `trouble` is then the first of them that was given up; the second one ends the round.
        """
        self._of_articles.start_round()
        self._given_up, self.trouble = 0, None

    @property
    def is_used_up(self) -> bool:
        """Whether this round has used what it may: what is left is refused."""
        return self._of_articles.seconds >= ROUND_SECONDS or self._given_up >= _GIVEN_UP_IN_A_ROUND

    def listing(self, answer: Answer, now: datetime) -> Listing:
        """Return the articles in a listing."""
        self._of_listings.start_round()
        return self._read(self._of_listings, "its listing", self._parser.read_listing, answer, now)

    def page(self, answer: Answer, draft: ParsedEntry, now: datetime) -> ParsedEntry:
        """Return the draft completed from its page."""
        return self._of_article(f"the page {_shown(answer.url)}", self._parser.read_page, answer, draft, now)

    def unmatched_selectors(self, parser: HtmlListing, answer: Answer) -> list[str]:
        """Return those of the configured selectors that find nothing on a page."""
        return self._of_article(f"the page {_shown(answer.url)}", parser.unmatched_selectors, answer)

    def picture(self, answer: Answer) -> tuple[EncodedImage, ...]:
        """Return the picture in our widths."""
        try:
            return self._of_article(f"the picture {_shown(answer.url)}", convert, answer.body)
        except ImageError as error:
            raise UpstreamError(Cause.UNREADABLE, str(error)) from error

    def text(self, markup: str, base: str) -> SanitisedHtml:
        """Return an article's HTML sanitised."""
        return self._of_article("the text of an article", sanitise.sanitise_html, markup, base)

    def illustrated(self, text: SanitisedHtml, ours: Mapping[str, ArticleImage]) -> str:
        """Return the sanitised HTML with our pictures in the places of the originals."""
        if not ours:
            return text.html
        return self._of_article("the text of an article", text.with_images, dict(ours))

    def _of_article(self, document: str, function: Callable[..., R], *args: object) -> R:
        if self.is_used_up:
            raise UpstreamError(Cause.TOO_COSTLY, f"{document} was not read: this round's time is used up")
        try:
            return self._read(self._of_articles, document, function, *args)
        except UpstreamError as error:
            if error.cause is Cause.TOO_COSTLY:
                self._given_up += 1
                self.trouble = self.trouble or error
            raise

    def _read(self, usage: CpuUsage, document: str, function: Callable[..., R], *args: object) -> R:
        try:
            return self._runner.run(usage, function, *args)
        except (UpstreamError, ImageError):
            raise
        except LimitExceededError as error:
            detail = f"{document} was given up: {error}"
            log.warning("source %s: %s", self._parser.source.id, detail)
            raise UpstreamError(Cause.TOO_COSTLY, detail) from error
        except SandboxError as error:
            detail = f"{document} could not be read: {error}"
            log.error("source %s: %s", self._parser.source.id, detail)  # noqa: TRY400 - the line says all there is
            raise UpstreamError(Cause.UNREADABLE, detail) from error
        except Exception as fault:
            where = "; ".join(getattr(fault, "__notes__", ()))
            log.error(  # noqa: TRY400 - one line; the note says where it was raised
                "source %s: %s could not be read, which is a fault of portal-widgets: %s (%s)",
                self._parser.source.id, document, type(fault).__name__, where,
            )  # fmt: skip
            raise UpstreamError(
                Cause.UNREADABLE, f"reading {document} failed: {type(fault).__name__}"
            ) from fault


def _shown(url: str) -> str:
    """Host and path for the log."""
    return loggable_url(url).partition("://")[2].partition("?")[0]

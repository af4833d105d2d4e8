"""A source of articles that are numbers, and ways to misbehave; a child of the sandbox imports it too."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from service.articles.model import Listing, ParsedEntry
from service.core.ports import Request, Response
from service.settings.model import ArticleSource


def behave() -> None:
    """Do nothing."""


def fail() -> None:
    """Make a mistake."""
    raise AttributeError("a mistake of ours")


def burn() -> None:
    """Use the CPU, in C."""
    pow(3, 10**9)


def devour() -> None:
    """Use memory."""
    bytearray(2_000_000_000)


@dataclass(frozen=True)
class NumberedSource:
    """A source whose listing names articles by number, one a line; `read_page` may be told to misbehave."""

    id: str
    upstream_url: str
    pages: bool = False
    misbehave: Callable[[], object] = behave
    misbehave_in_listing: Callable[[], object] = behave

    @property
    def source(self) -> ArticleSource:
        return ArticleSource(self.id, self.id, self.upstream_url)

    def listing_request(self) -> Request:
        return Request(f"{self.upstream_url}/{self.id}")

    def read_listing(self, answer: Response, now: datetime) -> Listing:
        assert now.tzinfo
        self.misbehave_in_listing()
        return Listing(tuple(self._draft(number) for number in answer.body.decode().split()))

    def _draft(self, number: str) -> ParsedEntry:
        return ParsedEntry(
            number, f"Tin số {number} của {self.id}", f"{self.upstream_url}/{self.id}/{number}"
        )

    def wants_page(self, draft: ParsedEntry) -> bool:
        return self.pages and bool(draft)

    def page_request(self, draft: ParsedEntry) -> Request | None:
        return Request(draft.url or "")

    def read_page(self, answer: Response, draft: ParsedEntry, now: datetime) -> ParsedEntry:
        assert answer.status
        assert now.tzinfo
        self.misbehave()
        return draft


@dataclass(frozen=True)
class Crooked(NumberedSource):
    """A source that fails where nothing is read: in what the collector itself asks it."""

    def wants_page(self, draft: ParsedEntry) -> bool:
        raise KeyError(draft.key)


@dataclass(frozen=True)
class HalfCrooked(NumberedSource):
    """A source that fails likewise, but for one article alone: number 2."""

    def page_request(self, draft: ParsedEntry) -> Request | None:
        if draft.key == "2":
            raise KeyError(draft.key)
        return super().page_request(draft)

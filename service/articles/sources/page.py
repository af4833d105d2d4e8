"""A portal without a feed: a listing page and the articles' own pages."""

from dataclasses import dataclass
from datetime import datetime

from service.articles.extract import article_page, css_selectors
from service.articles.model import Listing, ParsedEntry
from service.articles.sources import listing_page
from service.articles.sources.context import ParseContext
from service.articles.text import decoding
from service.articles.text.html_tree import parse_html
from service.core.ports import Answer, Request
from service.settings.model import ArticleSource


@dataclass(frozen=True, slots=True)
class Page:
    """A source of the kind `page`."""

    source: ArticleSource

    def listing_request(self) -> Request:
        """The listing page."""
        return Request(self.source.url, headers={"accept": "text/html, */*;q=0.5"})

    def read_listing(self, answer: Answer, now: datetime) -> Listing:
        """The articles that the page lists.

        Raises:
            UpstreamError: when none is found on it, or a selector is no CSS.
        """
        content_type = answer.headers.get("content-type", "")
        markup = decoding.decode(answer.body, content_type, self.source.charset)
        return listing_page.listing(markup, ParseContext(self.source, now, answer.url))

    def wants_page(self, draft: ParsedEntry) -> bool:
        """Always: a listing shows but a part of what its articles' pages tell."""
        return draft.url is not None

    def page_request(self, draft: ParsedEntry) -> Request | None:
        """The article's own page."""
        return article_page.request(draft)

    def read_page(self, answer: Answer, draft: ParsedEntry, now: datetime) -> ParsedEntry:
        """The draft completed from the article's page.

        Raises:
            UpstreamError: when the page is no article.
        """
        return article_page.completed(draft, answer, self.source, now)

    def idle_selectors(self, answer: Answer) -> list[str]:
        """Those of the configured selectors that find nothing on the page of an article, as they are written.

        Raises:
            UpstreamError: when the page cannot be read, or a selector is no CSS.
        """
        markup = decoding.decode(answer.body, answer.headers.get("content-type", ""), self.source.charset)
        return css_selectors.idle(parse_html(markup), self.source.selectors)

"""The kinds of sources in the configuration, and their parsers."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from service.articles.model import SourceParser
from service.articles.sources.feed import Feed
from service.articles.sources.html_listing import HtmlListing
from service.articles.sources.wordpress import WordPress
from service.settings.model import ArticleSource

KINDS: Mapping[str, Callable[[ArticleSource], SourceParser]] = MappingProxyType(
    {"feed": Feed, "wordpress": WordPress, "page": HtmlListing}
)


def parser_for(source: ArticleSource) -> SourceParser:
    """Return the parser for a source of this kind.

    Raises:
        KeyError: for an unknown kind; the configuration lets none through.
    """
    return KINDS[source.kind](source)

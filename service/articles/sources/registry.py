"""The kinds of sources that the configuration knows."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from service.articles.model import Source
from service.articles.sources.feed import Feed
from service.articles.sources.page import Page
from service.articles.sources.settings import SourceSettings
from service.articles.sources.wordpress import WordPress

KINDS: Mapping[str, Callable[[SourceSettings], Source]] = MappingProxyType(
    {"feed": Feed, "wordpress": WordPress, "page": Page}
)


def source(settings: SourceSettings) -> Source:
    """The source of a configured portal.

    Raises:
        KeyError: for a kind that is not known; the configuration lets none through.
    """
    return KINDS[settings.kind](settings)

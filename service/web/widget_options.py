"""The options of widgets, which are the common parameters of the contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from service.locales.numbers import Units


class Theme(StrEnum):
    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Layout(StrEnum):
    """The layouts of the weather widget."""

    COMPACT = "compact"
    STRIP = "strip"
    FULL = "full"
    TABLE = "table"  # of several places


OF_ONE_PLACE = (Layout.COMPACT, Layout.STRIP, Layout.FULL)


# Width and height of the weather as a picture; `full` has the picture of `compact`.
PICTURE_SIZES: Mapping[Layout, tuple[int, int]] = {
    Layout.COMPACT: (300, 184),
    Layout.STRIP: (760, 50),
    Layout.FULL: (300, 184),
}


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the weather widget.

    Attributes:
        accent: six hex digits; None for the default colour.
        transparent: the card has no ground of its own.
        border: the card has a line around it.
        select: whether readers may choose another place.
        given: the parameters in the URL, which the form repeats.
    """

    language: str
    theme: Theme = Theme.AUTO
    units: Units = Units.METRIC
    layout: Layout = Layout.COMPACT
    accent: str | None = None
    transparent: bool = False
    border: bool = True
    select: bool = True
    given: tuple[tuple[str, str], ...] = ()


class ArticleLayout(StrEnum):
    """The layouts of the article widget."""

    LIST = "list"
    CARDS = "cards"
    HEADLINES = "headlines"


MAX_ARTICLES = 20
DEFAULT_ARTICLES = {ArticleLayout.LIST: 5, ArticleLayout.CARDS: 5, ArticleLayout.HEADLINES: 8}


@dataclass(frozen=True, slots=True)
class ArticleOptions:
    """The options of the article widgets.

    Attributes:
        accent: six hex digits; None for the default colour.
        transparent: the card has no ground of its own.
        border: the card has a line around it.
        title: the heading; "" for the usual one.
        sources: the ids of the sources to display; empty: all.
        query, category: what the articles are chosen by; empty: all.
        given: the parameters in the URL, which links to article pages repeat.
    """

    language: str
    theme: Theme = Theme.AUTO
    layout: ArticleLayout = ArticleLayout.LIST
    accent: str | None = None
    transparent: bool = False
    border: bool = True
    title: str = ""
    sources: tuple[str, ...] = ()
    query: str = ""
    category: str = ""
    limit: int = DEFAULT_ARTICLES[ArticleLayout.LIST]
    given: tuple[tuple[str, str], ...] = ()

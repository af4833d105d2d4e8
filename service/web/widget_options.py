"""The options of widgets, which are the common parameters of the contract, and their documented heights.

Other sites reserve a height (CSS pixels) before anything loads. It suffices from a width of 280 px on, with
the browser's default size of text.
"""

from dataclasses import dataclass
from enum import StrEnum

from service.locales.numbers import Units

NARROWEST = 280
SVG_SIZE = (300, 136)  # width and height


class Theme(StrEnum):
    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Layout(StrEnum):
    """The layouts of the weather widget."""

    COMPACT = "compact"
    STRIP = "strip"
    FULL = "full"


HEIGHTS = {Layout.COMPACT: 212, Layout.STRIP: 160, Layout.FULL: 900}


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the weather widget.

    Attributes:
        accent: six hex digits; None for the default colour.
        select: whether readers may choose another place.
        given: the parameters in the URL, which the form repeats.
    """

    language: str
    theme: Theme = Theme.AUTO
    units: Units = Units.METRIC
    layout: Layout = Layout.COMPACT
    accent: str | None = None
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
        sources: the ids of the sources to display; empty: all.
        query, category: what the articles are chosen by; empty: all.
        given: the parameters in the URL, which links to article pages repeat.
    """

    language: str
    theme: Theme = Theme.AUTO
    layout: ArticleLayout = ArticleLayout.LIST
    accent: str | None = None
    sources: tuple[str, ...] = ()
    query: str = ""
    category: str = ""
    limit: int = DEFAULT_ARTICLES[ArticleLayout.LIST]
    given: tuple[tuple[str, str], ...] = ()


_FRAME = 126  # heading and borders, and a notice of four lines
_ARTICLE = {ArticleLayout.LIST: 124, ArticleLayout.HEADLINES: 74}
_CARD = 283
CARD_COLUMN = 204  # the width of a card and the gap beside it
CARD_MARGIN = 11  # the width of the borders and paddings less one gap, since the last card has none


def article_height(layout: ArticleLayout, limit: int, width: int = NARROWEST) -> int:
    """Return the height of the article widget at this width and more."""
    if layout is not ArticleLayout.CARDS:
        return _FRAME + limit * _ARTICLE[layout]
    columns = max(1, (width - CARD_MARGIN) // CARD_COLUMN)
    return _FRAME + -(-limit // columns) * _CARD


def portal_height(limit: int) -> int:
    """Return the height of the compact weather above headlines."""
    return HEIGHTS[Layout.COMPACT] + article_height(ArticleLayout.HEADLINES, limit)

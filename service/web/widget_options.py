"""How a widget is asked to look: the common parameters of the contract."""

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


@dataclass(frozen=True, slots=True)
class Options:
    """The choices of whoever embeds the widget.

    Attributes:
        accent: six hex digits, or None for the house colour.
        select: whether readers may choose another place.
        given: the parameters that were written in the URL, to be passed on by the form.
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
    """The choices of whoever embeds articles.

    Attributes:
        accent: six hex digits, or None for the house colour.
        sources: those to show; none named: all.
        given: the parameters that were written in the URL, to be passed on.
    """

    language: str
    theme: Theme = Theme.AUTO
    layout: ArticleLayout = ArticleLayout.LIST
    accent: str | None = None
    sources: tuple[str, ...] = ()
    limit: int = DEFAULT_ARTICLES[ArticleLayout.LIST]
    given: tuple[tuple[str, str], ...] = ()

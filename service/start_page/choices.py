"""What an editor chooses on the start page, and the address of the widget that follows from it."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from service.locales.formatter import Formatter
from service.places.model import Place
from service.web.heights import HEIGHTS, article_height, portal_height
from service.web.options import USUAL_ARTICLES, ArticleLayout, Layout


class Kind(StrEnum):
    """The widgets."""

    WEATHER = "weather"
    ARTICLES = "articles"
    PORTAL = "portal"


LAYOUTS: dict[Kind, tuple[Layout | ArticleLayout, ...]] = {
    Kind.WEATHER: tuple(Layout),
    Kind.ARTICLES: tuple(ArticleLayout),
    Kind.PORTAL: (),
}
WIDTHS = {Kind.WEATHER: 300, Kind.ARTICLES: 400, Kind.PORTAL: 300}  # CSS pixels, where nothing else is said


@dataclass(frozen=True, slots=True)
class Choices:
    """One widget, chosen.

    Attributes:
        place: None where no place of ours was named; kept in mind where the widget shows no weather.
        look: names and values of the parameters that differ from the usual, as they are sent.
    """

    kind: Kind
    place: Place | None
    look: tuple[tuple[str, str], ...] = ()

    @property
    def shows_weather(self) -> bool:
        return self.kind is not Kind.ARTICLES

    @property
    def shows_articles(self) -> bool:
        return self.kind is not Kind.WEATHER

    @property
    def complete(self) -> bool:
        """Whether there is a widget to show."""
        return self.place is not None or not self.shows_weather

    @property
    def path(self) -> str:
        """Below the public address, without parameters; for complete choices."""
        named = f"/{self.place.id}" if self.place and self.kind is Kind.WEATHER else ""
        return f"/widgets/{self.kind}{named}"

    @property
    def address(self) -> str:
        """Path and parameters; for complete choices."""
        city = [("city", self.place.id)] if self.place and self.kind is Kind.PORTAL else []
        query = urlencode([*city, *self.look], safe=",")
        return self.path + (f"?{query}" if query else "")

    @property
    def height(self) -> int:
        """The documented one, in CSS pixels."""
        look = dict(self.look)
        if self.kind is Kind.WEATHER:
            return HEIGHTS[Layout(look.get("layout", Layout.COMPACT))]
        if self.kind is Kind.PORTAL:
            return portal_height(int(look.get("limit", USUAL_ARTICLES[ArticleLayout.HEADLINES])))
        layout = ArticleLayout(look.get("layout", ArticleLayout.LIST))
        return article_height(layout, int(look.get("limit", USUAL_ARTICLES[layout])))

    def title(self, formatter: Formatter) -> str:
        """What the frame is called, in the widget's own language."""
        if not self.shows_weather:
            return formatter.text("articles.title")
        weather = formatter.text(
            "weather.in_place", place=self.place.name(formatter.language) if self.place else ""
        )
        return weather if self.kind is Kind.WEATHER else formatter.text("portal.title", weather=weather)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the start page says.

    Attributes:
        language: of the page itself; `lang` in `choices.look` is the widget's.
        complaints: what cannot be used, a sentence each.
        query: what is searched for without script, among the places.
        portal_url: the address for the embed check, as it was written.
    """

    choices: Choices
    language: str
    complaints: tuple[str, ...] = ()
    query: str = ""
    portal_url: str = ""

    def parameters(self) -> list[tuple[str, str]]:
        """All of it but the page's language and the search, to be said again in an address."""
        city = [("city", self.choices.place.id)] if self.choices.place else []
        kind = [("type", self.choices.kind.value)] if self.choices.kind is not Kind.WEATHER else []
        checked = [("portal_url", self.portal_url)] if self.portal_url else []
        return [*kind, *city, *self.choices.look, *checked]

"""The choices on the start page, and the URL of the widget that follows from them.

The widgets and their parameters come from the declarations of the views.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from service.locales.formatter import Formatter
from service.places.model import Place
from service.web.heights import USUAL_NARROWEST, USUAL_WIDEST
from service.web.parameters import OneOf, Query
from service.web.views import Embedding, View
from service.web.widget_options import DEFAULT_ARTICLES, ArticleLayout


@dataclass(frozen=True, slots=True)
class Widget:
    """A kind of widget, from the declaration of its view."""

    view: View
    embedding: Embedding
    has_svg: bool
    has_png: bool

    @property
    def kind(self) -> str:
        return self.embedding.kind

    @property
    def layouts(self) -> tuple[str, ...]:
        field = self.view.parameters.fields.get("layout")
        return field.values if isinstance(field, OneOf) and not self.takes_province else ()

    @property
    def shows_weather(self) -> bool:
        return "units" in self.view.parameters.fields

    @property
    def takes_province(self) -> bool:
        """Return whether it is for the places of a province."""
        return "province" in self.view.parameters.fields

    @property
    def takes_place(self) -> bool:
        """Return whether it is for one place."""
        return self.shows_weather and not self.takes_province

    @property
    def shows_articles(self) -> bool:
        return "source" in self.view.parameters.fields

    def usual_limit(self, layout: str) -> int:
        """Return the number of articles that a widget of articles shows if none is chosen."""
        return DEFAULT_ARTICLES[ArticleLayout(layout) if layout else ArticleLayout.HEADLINES]

    @property
    def defaults(self) -> dict[str, str]:
        """Return the default values of the parameters that have a closed list of values."""
        return {
            name: str(field.load_default)
            for name, field in self.view.parameters.fields.items()
            if isinstance(field, OneOf) and field.load_default
        }


def widgets_of(views: Iterable[View]) -> dict[str, Widget]:
    """Return the widgets among these views, by kind, in the order of the views."""
    all_views = list(views)
    rules = {view.rule for view in all_views}
    return {
        view.embedding.kind: Widget(
            view, view.embedding, f"{view.rule}.svg" in rules, f"{view.rule}.png" in rules
        )
        for view in all_views
        if view.embedding and view.embedding.kind
    }


@dataclass(frozen=True, slots=True)
class Choices:
    """The chosen widget with its parameters.

    Attributes:
        place: None if the URL names no known place. A widget without weather ignores it, but the page passes
            it on to the next widget.
        widths: the narrowest and the widest place that the widget may have, in CSS pixels.
        look: names and values of the parameters that differ from the defaults, as the URL has them.
    """

    widget: Widget
    place: Place | None
    look: tuple[tuple[str, str], ...] = ()
    widths: tuple[int, int] = (USUAL_NARROWEST, USUAL_WIDEST)

    @property
    def complete(self) -> bool:
        """Return whether the widget can be displayed: that of one place needs the place."""
        return self.place is not None or not self.widget.takes_place

    @property
    def transparent(self) -> bool:
        """Return whether the widget has no ground of its own."""
        return dict(self.look).get("transparent") == "yes"

    @property
    def url(self) -> str:
        """Return path and query below the public URL; for complete choices."""
        path = self.widget.view.rule.replace("<city>", self.place.id if self.place else "")
        query = urlencode([*self._city_parameter(), *self.look], safe=",")
        return path + (f"?{query}" if query else "")

    @property
    def heights(self) -> tuple[int, int]:
        """Return the smallest and the largest height between the narrowest and the widest width."""
        return self.widget.embedding.height(self._query()).between(*self.widths)

    def height_at(self, width: int) -> int:
        """Return the height at a width."""
        return self.widget.embedding.height(self._query()).at(width)

    def title(self, formatter: Formatter) -> str:
        """Return the title of what is embedded, in the widget's own language."""
        return self.widget.embedding.title(self._query(), self._path(), formatter) or ""

    def frame_title(self, formatter: Formatter) -> str:
        """Return the title of an `<iframe>`, in the widget's own language."""
        return self.widget.embedding.frame_title(self._query(), self._path(), formatter) or ""

    def _path(self) -> dict[str, str]:
        return {"city": self.place.id} if self.place and self.widget.takes_place else {}

    def _query(self) -> Query:
        return self.widget.view.parameters.read(MultiDict([*self._city_parameter(), *self.look]))

    def _city_parameter(self) -> list[tuple[str, str]]:
        takes_city = "city" in self.widget.view.parameters.fields and self.widget.takes_place
        return [("city", self.place.id)] if self.place and takes_city else []


@dataclass(frozen=True, slots=True)
class StartQuery:
    """The parameters of the start page.

    Attributes:
        language: of the page itself; `lang` in `choices.look` is the widget's.
        complaints: a sentence for each invalid parameter.
        query: the search for a place, which a page without script submits.
        portal_url: the URL for the embed check, as it was entered.
    """

    choices: Choices
    language: str
    complaints: tuple[str, ...] = ()
    query: str = ""
    portal_url: str = ""

    def parameters(self, first_kind: str) -> list[tuple[str, str]]:
        """Return all parameters but the page's language and the search, for links to this page."""
        widget, place = self.choices.widget, self.choices.place
        city = [("city", place.id)] if place else []
        kind = [("type", widget.kind)] if widget.kind != first_kind else []
        portal_url = [("portal_url", self.portal_url)] if self.portal_url else []
        look = [("words" if name == "q" else name, value) for name, value in self.choices.look]
        widths = [
            (name, str(width))
            for name, width, usual in zip(
                ("narrowest", "widest"),
                self.choices.widths,
                (USUAL_NARROWEST, USUAL_WIDEST),
                strict=True,
            )
            if width != usual
        ]
        return [*kind, *city, *look, *widths, *portal_url]

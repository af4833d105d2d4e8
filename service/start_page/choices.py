"""What an editor chooses on the start page, and the address of the widget that follows from it.

The widgets and their fields are those of the views; nothing about them is listed here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from service.locales.formatter import Formatter
from service.places.model import Place
from service.web.parameters import OneOf, Query
from service.web.views import Embedding, View


@dataclass(frozen=True, slots=True)
class Widget:
    """A kind of widget, as its view declares it."""

    view: View
    embedding: Embedding
    has_svg: bool

    @property
    def kind(self) -> str:
        return self.embedding.kind

    @property
    def layouts(self) -> tuple[str, ...]:
        field = self.view.parameters.fields.get("layout")
        return field.values if isinstance(field, OneOf) else ()

    @property
    def shows_weather(self) -> bool:
        return "units" in self.view.parameters.fields

    @property
    def shows_articles(self) -> bool:
        return "source" in self.view.parameters.fields

    @property
    def defaults(self) -> dict[str, str]:
        """Return what the widget does where its address is silent."""
        fields = self.view.parameters.fields.items()
        return {
            name: str(field.load_default) for name, field in fields if field.load_default and _closed(field)
        }


def _closed(field: object) -> bool:
    return isinstance(field, OneOf)


def widgets_of(views: Iterable[View]) -> dict[str, Widget]:
    """Return the widgets among these views, by kind, in the order of the views."""
    every = list(views)
    rules = {view.rule for view in every}
    return {
        view.embedding.kind: Widget(view, view.embedding, f"{view.rule}.svg" in rules)
        for view in every
        if view.embedding and view.embedding.kind
    }


@dataclass(frozen=True, slots=True)
class Choices:
    """One widget, chosen.

    Attributes:
        place: None where no place of ours was named; kept in mind where the widget shows no weather.
        look: names and values of the parameters that differ from the defaults, as they are sent.
    """

    widget: Widget
    place: Place | None
    look: tuple[tuple[str, str], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether there is a widget to show."""
        return self.place is not None or not self.widget.shows_weather

    @property
    def path(self) -> str:
        """Return the path below the public address, without parameters; for complete choices."""
        return self.widget.view.rule.replace("<city>", self.place.id if self.place else "")

    @property
    def address(self) -> str:
        """Return path and parameters; for complete choices."""
        query = urlencode([*self._city_parameter(), *self.look], safe=",")
        return self.path + (f"?{query}" if query else "")

    @property
    def height(self) -> int:
        """Return the documented height in CSS pixels."""
        return self.widget.embedding.height(self._query())

    def title(self, formatter: Formatter) -> str:
        """Return what the frame is called, in the widget's own language."""
        path = {"city": self.place.id} if self.place else {}
        return self.widget.embedding.title(self._query(), path, formatter) or ""

    def _query(self) -> Query:
        return self.widget.view.parameters.read(MultiDict([*self._city_parameter(), *self.look]))

    def _city_parameter(self) -> list[tuple[str, str]]:
        takes_city = "city" in self.widget.view.parameters.fields
        return [("city", self.place.id)] if self.place and takes_city else []


@dataclass(frozen=True, slots=True)
class StartQuery:
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

    def parameters(self, first_kind: str) -> list[tuple[str, str]]:
        """Return all but the page's language and the search, to be said again in an address."""
        widget, place = self.choices.widget, self.choices.place
        city = [("city", place.id)] if place else []
        kind = [("type", widget.kind)] if widget.kind != first_kind else []
        checked = [("portal_url", self.portal_url)] if self.portal_url else []
        return [*kind, *city, *self.choices.look, *checked]

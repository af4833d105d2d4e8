"""The view `/`: an editor chooses a widget, previews it and copies its code. All choices are in the URL."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from flask import Response
from werkzeug.datastructures import MultiDict

from service.articles.service import ArticleService
from service.core.folding import without_controls
from service.locales.catalog import own_name
from service.locales.formatter import Formatter
from service.places.model import Place
from service.start_page.choices import Choices, StartQuery, Widget, widgets_of
from service.start_page.presenter import MAX_MATCHES, SiteInfo, StartView, present
from service.web import responses
from service.web.cache_policy import SHORT, START_PAGE
from service.web.context import AppContext
from service.web.heights import USUAL_NARROWEST, USUAL_WIDEST, WIDEST
from service.web.parameters import Fault, OneOf, Parameter, Parameters, Query, Text, WholeNumber
from service.web.rendering import DEFAULT_ACCENT
from service.web.views import View
from service.web.widget_options import Theme

_ORDER = (  # of parameters in URLs
    "province", "source", "q", "category", "limit", "layout", "title", "lang", "theme", "units", "accent",
    "transparent", "border", "select"
)  # fmt: skip
_LABELS = {  # of the fields, by the parameters that they are sent as
    "type": "start.type", "ui": "start.page_language", "layout": "start.layout", "source": "start.sources",
    "theme": "theme.label", "lang": "start.widget_language", "units": "units.label", "select": "select.label",
    "transparent": "start.transparent", "border": "start.border", "narrowest": "start.narrowest",
    "widest": "start.widest", "title": "start.heading", "limit": "limit.label", "accent": "accent.label",
    "province": "start.province",
}  # fmt: skip
_LEAST_WIDTH = 160  # CSS pixels
_MAX_SEARCH, _MAX_URL = 100, 300  # characters


class StartPage:
    """The start page. Its form works without script; with script the page updates at every change."""

    def __init__(self, context: AppContext, articles: ArticleService, views: Iterable[View]) -> None:
        """Offer the widgets among these views."""
        self._context = context
        self._provinces = context.catalogue.provinces
        # The usual ones first.
        widgets = sorted(widgets_of(views).values(), key=lambda widget: widget.takes_province)
        self._widgets = {one.kind: one for one in widgets if self._provinces or not one.takes_province}
        self._sources = tuple((source.id, source.name) for source in articles.sources.values())
        self._languages = tuple((tag, own_name(tag)) for tag in context.languages)
        self._first_kind = next(iter(self._widgets))

    def view(self) -> View:
        """Return the declaration, with the parameters of all widgets and a few of the page's own.

        Those of the widgets are any text here: the valid values depend on the kind of widget. `source` is
        repeated, because a form without script sends a parameter for each checkbox. A widget's `q` is called
        `words`, for `q` is the search for a place.
        """
        widget_fields: dict[str, Parameter] = {
            name: Text(repeated=name == "source")
            for widget in self._widgets.values()
            for name in widget.view.parameters.fields
        }
        page_fields: dict[str, Parameter] = {
            "type": OneOf(self._widgets, self._first_kind),
            "ui": OneOf(self._context.languages, None),
            "q": Text(),
            "words": Text(),
            "portal_url": Text(),
            "narrowest": WholeNumber(_LEAST_WIDTH, WIDEST, None),
            "widest": WholeNumber(_LEAST_WIDTH, WIDEST, None),
            "city": Text(),
        }
        return View(
            name="start",
            rule="/",
            respond=self._respond,
            parameters=Parameters(**(widget_fields | page_fields)),
            cache=START_PAGE,
            shows_faults=True,
        )

    # Rendered at the first request: compiling these templates takes a tenth of the time of a start.

    @cached_property
    def _style(self) -> str:
        sheets = (
            self._context.templates.get_template(f"pages/{name}.css").render() for name in ("page", "start")
        )
        return responses.minify("\n".join(sheets))

    @cached_property
    def _script(self) -> str:
        return responses.minify(self._context.templates.get_template("pages/start.js").render())

    def _respond(self, query: Query) -> Response:
        start, status = self._read(query)
        html = self._context.templates.get_template("pages/start.html").render(
            view=self._present(start),
            home=f"{self._context.prefix}/",
            default_accent=DEFAULT_ACCENT,
            text=self._context.formatter(start.language).text,
            style=self._style,
            script=self._script,
        )
        return responses.page(
            html,
            None if status == 200 else SHORT,  # noqa: PLR2004 - OK
            status,
            styles=[self._style],
            scripts=[self._script],
            frame_ancestors=self._context.settings.embed.frame_ancestors,
            frames=True,
            connects=True,
        )

    def _read(self, query: Query) -> tuple[StartQuery, int]:
        """Return the parameters, and the status: 400 or 404 where some are invalid.

        The page is displayed in any case, with a sentence for each invalid parameter and with the others.
        """
        widget = self._widgets[query["type"]]
        look = widget.view.parameters.read(MultiDict(self._look_arguments(widget, query)))
        faults = (*query.faults, *look.faults)
        language: str = query["ui"] or look["lang"]
        place, is_missing = self._place(widget, query["city"])
        start = StartQuery(
            Choices(widget, place, _non_defaults(widget, look), _widths(query)),
            language,
            _complaints(faults, self._context.formatter(language), place_is_missing=is_missing),
            query=without_controls(query["q"]).strip()[:_MAX_SEARCH],
            portal_url=without_controls(query["portal_url"]).strip()[:_MAX_URL],
        )
        return start, 400 if faults else 404 if is_missing else 200

    def _look_arguments(self, widget: Widget, query: Query) -> dict[str, str]:
        """Return the widget's own parameters, without a layout that is left from another kind of widget."""
        given = {name: value for name, value in query.given.items() if name not in ("city", "q")}
        if "words" in given:
            given["q"] = given.pop("words")
        layouts = {layout for other in self._widgets.values() for layout in other.layouts}
        if given.get("layout", "") in layouts - set(widget.layouts):
            del given["layout"]
        if widget.takes_province and self._context.catalogue.province(given.get("province", "")) is None:
            given["province"] = self._usual_province(query["city"])
        # On a ground that is not its own the text cannot follow the reader's system: dark text or light.
        if given.get("transparent") == "yes" and given.get("theme", Theme.AUTO) == Theme.AUTO:
            given["theme"] = Theme.LIGHT
        return given

    def _usual_province(self, city: str) -> str:
        """Return the province of the chosen place, of the default place, or the first one."""
        place = self._context.catalogue.get(city) or self._context.default_city
        return place.provinces[-1] if place and place.provinces else self._provinces[0]

    def _place(self, widget: Widget, city: str) -> tuple[Place | None, bool]:
        """Return the place, and whether the widget lacks one: the id is unknown, or there are no places.

        A widget that is not for one place needs none; the page only passes it on to the next widget.
        """
        place = self._context.catalogue.get(city)
        if not widget.takes_place:
            return place, False
        place = place if city else self._context.default_city
        return place, place is None

    def _present(self, start: StartQuery) -> StartView:
        catalogue, settings = self._context.catalogue, self._context.settings
        site = SiteInfo(
            base_url=self._context.base_url,
            prefix=self._context.prefix,
            public=bool(settings.site.public_url),
            sample=settings.demo,
            widgets=tuple(self._widgets.values()),
            languages=self._languages,
            sources=self._sources,
            provinces=self._provinces,
            frame_ancestors=settings.embed.frame_ancestors,
        )
        widget_language = dict(start.choices.look).get("lang", self._context.language)
        return present(
            start,
            site,
            places=catalogue.in_order(start.language),
            matches=catalogue.search(start.query, MAX_MATCHES) if start.query else [],
            formatter=self._context.formatter(start.language),
            widget_formatter=self._context.formatter(widget_language),
        )


def _widths(query: Query) -> tuple[int, int]:
    """Return the narrowest and the widest place of the widget; the two may be given in either order."""
    low, high = query["narrowest"], query["widest"]
    if low is None:
        low = min(USUAL_NARROWEST, high or USUAL_NARROWEST)
    if high is None:
        high = max(USUAL_WIDEST, low)
    return min(low, high), max(low, high)


def _non_defaults(widget: Widget, look: Query) -> tuple[tuple[str, str], ...]:
    """Return the parameters that the widget's URL needs, since they differ from the defaults."""
    names = sorted(look.values, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    values = {name: _as_text(look.values[name]) for name in names if name != "city"}
    defaults = widget.defaults
    return tuple((name, value) for name, value in values.items() if value and value != defaults.get(name))


def _as_text(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value or "")


def _complaints(
    faults: tuple[Fault, ...], formatter: Formatter, *, place_is_missing: bool
) -> tuple[str, ...]:
    sentences = [_complaint(fault, formatter) for fault in faults]
    if place_is_missing:
        sentences.append(formatter.text("state.unknown_place"))
    return (*sentences, formatter.text("start.kept")) if sentences else ()


def _complaint(fault: Fault, formatter: Formatter) -> str:
    """Return what is wrong with a field, by its label first: editors know no parameters."""
    sentence = fault.sentence(formatter)
    if fault.name not in _LABELS:
        return sentence
    return formatter.text("start.complaint", label=formatter.text(_LABELS[fault.name]), sentence=sentence)

"""The start page: an editor picks a widget, sees it live and copies its code. All choices are in the URL."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from flask import Response
from werkzeug.datastructures import MultiDict

from service.articles.service import ArticleService
from service.core.folding import without_controls
from service.locales.formatter import Formatter
from service.locales.language_tags import own_name
from service.places.model import Place
from service.start_page.choices import Choices, StartQuery, Widget, widgets_of
from service.start_page.presenter import FOUND_SHOWN, SiteInfo, StartView, present
from service.web import responses
from service.web.cache_policy import SHORT, START_PAGE
from service.web.context import AppContext
from service.web.parameters import Fault, OneOf, Parameter, Parameters, Query, Text
from service.web.rendering import DEFAULT_ACCENT
from service.web.views import View

_ORDER = (
    "source",
    "limit",
    "layout",
    "lang",
    "theme",
    "units",
    "accent",
    "select",
)  # in addresses
_MAX_SEARCH, _MAX_URL = 100, 300  # characters


class StartPage:
    """The page; its form works without script, which only saves pressing a button."""

    def __init__(self, context: AppContext, articles: ArticleService, others: Iterable[View]) -> None:
        """Offer the widgets among these views."""
        self._context = context
        self._widgets = widgets_of(others)
        self._sources = tuple((source.id, source.name) for source in articles.sources.values())
        self._languages = tuple((tag, own_name(tag)) for tag in context.languages)
        self._first_kind = next(iter(self._widgets))

    def view(self) -> View:
        """Return the declaration: the fields of all widgets, and a few of the page's own.

        The fields are only passed on: which values are right depends on the kind of widget. A form without
        script sends each ticked source by itself.
        """
        fields: dict[str, Parameter] = {
            name: Text(repeated=name == "source")
            for widget in self._widgets.values()
            for name in widget.view.parameters.fields
        }
        own: dict[str, Parameter] = {
            "type": OneOf(self._widgets, self._first_kind),
            "ui": OneOf(self._context.languages, None),
            "q": Text(),
            "portal_url": Text(),
            "city": Text(),
        }
        return View(
            name="start",
            rule="/",
            respond=self._respond,
            parameters=Parameters(**(fields | own)),
            cache=START_PAGE,
            shows_faults=True,
        )

    # Rendered when somebody opens the page: compiling its templates takes a tenth of a start.

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
            say=self._context.formatter(start.language).text,
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
        """Return what the address says, and the status: 400 or 404 where something cannot be used.

        Nothing is refused: what cannot be used is named, and the rest is kept.
        """
        widget = self._widgets[query["type"]]
        look = widget.view.parameters.read(MultiDict(self._look_of(widget, query)))
        faults = (*query.faults, *look.faults)
        language: str = query["ui"] or look["lang"]
        place, unknown = self._place(widget, query["city"])
        start = StartQuery(
            Choices(widget, place, _differing(widget, look)),
            language,
            _complaints(faults, self._context.formatter(language), unknown=unknown),
            query=without_controls(query["q"]).strip()[:_MAX_SEARCH],
            portal_url=without_controls(query["portal_url"]).strip()[:_MAX_URL],
        )
        return start, 400 if faults else 404 if unknown else 200

    def _look_of(self, widget: Widget, query: Query) -> dict[str, str]:
        """Return the widget's own parameters, without a layout that was chosen before another widget was."""
        given = {name: value for name, value in query.given.items() if name != "city"}
        layouts = {layout for other in self._widgets.values() for layout in other.layouts}
        if given.get("layout", "") in layouts - set(widget.layouts):
            del given["layout"]
        return given

    def _place(self, widget: Widget, city: str) -> tuple[Place | None, bool]:
        """Return the place, and whether it is missed: one of that id, or any at all.

        For a widget without weather it is only kept in mind, for the way to another widget and back.
        """
        place = self._context.catalogue.get(city)
        if not widget.shows_weather:
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
            frame_ancestors=settings.embed.frame_ancestors,
        )
        widgets_language = dict(start.choices.look).get("lang", self._context.language)
        return present(
            start,
            site,
            places=catalogue.in_order(start.language),
            found=catalogue.search(start.query, FOUND_SHOWN) if start.query else [],
            formatter=self._context.formatter(start.language),
            widgets_formatter=self._context.formatter(widgets_language),
        )


def _differing(widget: Widget, look: Query) -> tuple[tuple[str, str], ...]:
    """Return what must stand in the widget's address, as it is written there."""
    names = sorted(look.values, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    written = {name: _written(look.values[name]) for name in names if name != "city"}
    defaults = widget.defaults
    return tuple((name, value) for name, value in written.items() if value and value != defaults.get(name))


def _written(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value or "")


def _complaints(faults: tuple[Fault, ...], formatter: Formatter, *, unknown: bool) -> tuple[str, ...]:
    sentences = [fault.sentence(formatter) for fault in faults]
    if unknown:
        sentences.append(formatter.text("state.unknown_place"))
    return (*sentences, formatter.text("start.kept")) if sentences else ()

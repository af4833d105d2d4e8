"""What the address of the start page says: the parameters of the chosen widget, and a few of its own.

Nothing is refused here: what cannot be used is named, and the rest is kept.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema
from werkzeug.datastructures import MultiDict

from service.articles import widget_parameters
from service.core.folding import without_controls
from service.locales.formatter import Formatter
from service.places.model import Place
from service.start_page.choices import LAYOUTS, Asked, Choices, Kind
from service.start_page.fields import usual_values
from service.web import parameters
from service.web.context import AppContext
from service.web.parameter_messages import sentence
from service.web.parameters import Fault, _OneOf

_LOOK = ("source", "limit", "layout", "lang", "theme", "units", "accent", "select")
_LONGEST_QUERY, _LONGEST_URL = 100, 300
_EVERY_LAYOUT = {layout.value for layouts in LAYOUTS.values() for layout in layouts}


class StartParameters:
    """Reads what was asked."""

    def __init__(self, context: AppContext, sources: tuple[str, ...]) -> None:
        """Know the languages, places and sources there are."""
        self._context = context
        self._own = Schema.from_dict(
            {"type": _OneOf(tuple(Kind), Kind.WEATHER), "ui": _OneOf(context.languages, None)}
        )(unknown=EXCLUDE)
        self._looks = {
            Kind.WEATHER: parameters.widget_query(context.language, context.languages),
            Kind.ARTICLES: widget_parameters.articles_query(context.languages, sources),
            Kind.PORTAL: widget_parameters.portal_query(context.languages, sources),
        }

    def read(self, args: MultiDict[str, str]) -> tuple[Asked, int]:
        """What was asked, and the status of the answer: 400 or 404 where something cannot be used."""
        own, wrong = _kept(self._own, args.to_dict())
        kind = Kind(own["type"])
        look, faults = _kept(self._looks[kind], _look_of(kind, args))
        language: str = own["ui"] or look["lang"]
        place, unknown = self._place(kind, args.get("city", ""))
        asked = Asked(
            Choices(kind, place, _differing(kind, look, self._context.languages)),
            language,
            _complaints((*wrong, *faults), self._context.formatter(language), unknown=unknown),
            query=without_controls(args.get("q", "")).strip()[:_LONGEST_QUERY],
            portal_url=without_controls(args.get("portal_url", "")).strip()[:_LONGEST_URL],
        )
        return asked, 400 if wrong or faults else 404 if unknown else 200

    def _place(self, kind: Kind, city: str) -> tuple[Place | None, bool]:
        """The place, and whether it is missed: one of that id, or any at all.

        For articles it is only kept in mind, lest it is lost on the way to another widget and back.
        """
        if kind is Kind.ARTICLES:
            return self._context.catalogue.get(city), False
        place = self._context.catalogue.get(city) if city else self._context.default_city
        return place, place is None


def _look_of(kind: Kind, args: MultiDict[str, str]) -> dict[str, str]:
    """Sources may be ticked one by one. A layout that another widget has was chosen before the widget was."""
    given = args.to_dict()
    if ticked := [source for source in args.getlist("source") if source]:
        given["source"] = ",".join(ticked)
    own = {layout.value for layout in LAYOUTS[kind]}
    if given.get("layout", "") in _EVERY_LAYOUT - own:
        del given["layout"]
    return given


def _kept(schema: Schema, given: Mapping[str, str]) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    try:
        return parameters.parsed(schema, given), ()
    except parameters.ParameterError as error:
        return parameters.parsed(schema, parameters.usable(schema, given)), error.faults


def _differing(kind: Kind, look: dict[str, Any], languages: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """What must stand in the widget's address, as it is written there."""
    usual = usual_values(kind, languages)
    written = {name: _written(look.get(name)) for name in _LOOK if name != "layout" or LAYOUTS[kind]}
    return tuple((name, value) for name, value in written.items() if value and value != usual.get(name))


def _written(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value or "")


def _complaints(faults: tuple[Fault, ...], formatter: Formatter, *, unknown: bool) -> tuple[str, ...]:
    said = [sentence(fault, formatter) for fault in faults]
    missed = [formatter.text("state.unknown_place")] if unknown else []
    kept = [formatter.text("start.kept")] if said or unknown else []
    return (*said, *missed, *kept)

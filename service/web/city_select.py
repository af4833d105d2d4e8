"""The `<select>` of places, which every weather widget has unless `select=no`."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from service.places.catalogue import Choices
from service.places.model import Place
from service.web.context import AppContext
from service.web.widget_options import Options

_LISTS_IN_MEMORY = 64  # one per country and language; in countries with many places, one per chosen place

Hidden = tuple[tuple[str, str], ...]


class Choice(NamedTuple):
    """One option of the select."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CityForm:
    """The GET form around the select, which works without script.

    Attributes:
        action: the URL of the form.
        choices: the places, among them always the chosen one.
        chosen: the id of the current place.
        hidden: names and values of hidden fields.
        search_url: the page with a search over all places, if there are more than the select has.
    """

    action: str
    choices: tuple[Choice, ...]
    chosen: str | None
    hidden: Hidden
    search_url: str | None


def city_form(
    context: AppContext, place: Place | None, options: Options, *, action: str, hidden: Hidden
) -> CityForm | None:
    """Return the form with the places of the widget's country; None for `select=no`."""
    if not options.select:
        return None
    places = context.catalogue.choices(place or context.default_city, options.language)
    choices = (_cached_choices if places.complete else _choices)(places, options.language)
    if place is not None and all(choice.id != place.id for choice in choices):
        choices = (Choice(place.id, place.name(options.language)), *choices)
    search_url = None if places.complete else f"{context.prefix}/"
    return CityForm(action, choices, place.id if place else None, hidden, search_url)


def options_of(choices: tuple[Choice, ...], chosen: str | None) -> Markup:
    """Return the `<option>` elements for a template; the one with the id `chosen` is selected."""
    elements = _option_elements(choices)
    if chosen is None:
        return elements
    value = f'value="{escape(chosen)}"'
    return Markup(str(elements).replace(value, f"{value} selected", 1))  # noqa: S704 - both are escaped


def _choices(places: Choices, language: str) -> tuple[Choice, ...]:
    return tuple(Choice(place.id, place.name(language)) for place in places.places)


# For a whole country, where the catalogue returns the same object each time.
_cached_choices = lru_cache(_LISTS_IN_MEMORY)(_choices)


@lru_cache(_LISTS_IN_MEMORY)
def _option_elements(choices: tuple[Choice, ...]) -> Markup:
    option = Markup('<option value="{}">{}')
    return Markup().join(option.format(choice.id, choice.name) for choice in choices)

"""The select over the places, which every weather widget has unless its editor wants none."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from service.places.catalogue import Choices
from service.places.model import Place
from service.web.context import AppContext
from service.web.widget_options import Options

_LISTS_IN_MEMORY = 64  # one for each country and language; where there are many places, each neighbourhood

Hidden = tuple[tuple[str, str], ...]


class Choice(NamedTuple):
    """One option of the select."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CityForm:
    """The GET form of the select, which works without script.

    Attributes:
        action: the address it leads to.
        choices: the places offered; the chosen one is always among them.
        hidden: names and values that it passes on.
        search_url: where all places are found, if there are more than it offers.
    """

    action: str
    choices: tuple[Choice, ...]
    chosen: str | None
    hidden: Hidden
    search_url: str | None


def city_form(
    context: AppContext, place: Place | None, options: Options, *, action: str, hidden: Hidden
) -> CityForm | None:
    """Return the form over the places of the widget's country; None where the editor wants no select."""
    if not options.select:
        return None
    offered = context.catalogue.choices(place or context.default_city, options.language)
    choices = (_whole_country if offered.complete else _named)(offered, options.language)
    if place is not None and all(choice.id != place.id for choice in choices):
        choices = (Choice(place.id, place.name(options.language)), *choices)
    search_url = None if offered.complete else f"{context.prefix}/"
    return CityForm(action, choices, place.id if place else None, hidden, search_url)


def options_of(choices: tuple[Choice, ...], chosen: str | None) -> Markup:
    """Return the `<option>` elements; the one with the id `chosen` is selected. For templates."""
    rendered = _option_elements(choices)
    if chosen is None:
        return rendered
    value = f'value="{escape(chosen)}"'
    return Markup(str(rendered).replace(value, f"{value} selected", 1))  # noqa: S704 - both are escaped


def _named(offered: Choices, language: str) -> tuple[Choice, ...]:
    return tuple(Choice(place.id, place.name(language)) for place in offered.places)


_whole_country = lru_cache(_LISTS_IN_MEMORY)(_named)  # the catalogue returns the same object each time


@lru_cache(_LISTS_IN_MEMORY)
def _option_elements(choices: tuple[Choice, ...]) -> Markup:
    option = Markup('<option value="{}">{}')
    return Markup().join(option.format(choice.id, choice.name) for choice in choices)

"""The `<select>` of places, which every weather widget has unless `select=no`."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from service.core.folding import without_accents
from service.places.catalogue import Choices
from service.places.collation import vietnamese_order
from service.places.model import Place
from service.web.context import AppContext
from service.web.widget_options import Options

_LISTS_IN_MEMORY = 64  # one per country and language; in countries with many places, one per chosen place

Hidden = tuple[tuple[str, str], ...]


class Choice(NamedTuple):
    """One option of the select; `province` is that of today, "" for a place of none."""

    id: str
    name: str
    province: str


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
        choices = (_choice(place, options.language), *choices)
    search_url = None if places.complete else f"{context.prefix}/"
    return CityForm(action, choices, place.id if place else None, hidden, search_url)


def options_of(choices: tuple[Choice, ...], chosen: str | None) -> Markup:
    """Return the `<option>` elements for a template, grouped by province; `chosen` is the selected id.

    The group of the chosen place comes first, then the places without a province, then the others in order.
    """
    groups = sorted(_groups(choices), key=lambda group: (chosen not in group.ids, group.province != ""))
    elements = [_elements(group, chosen) if chosen in group.ids else group.elements for group in groups]
    if len(groups) > 1 and not groups[1].province:
        elements.insert(1, Markup("</optgroup>"))  # else they would be of the first group
    return Markup().join(elements)


class _Group(NamedTuple):
    """The choices in one province, or in none (""), and their elements where none of them is selected."""

    province: str
    choices: tuple[Choice, ...]
    ids: frozenset[str]
    elements: Markup


# For a whole country, where the catalogue returns the same choices each time.
@lru_cache(_LISTS_IN_MEMORY)
def _groups(choices: tuple[Choice, ...]) -> tuple[_Group, ...]:
    by_province: dict[str, list[Choice]] = {}
    for choice in choices:
        by_province.setdefault(choice.province, []).append(choice)
    provinces = sorted(by_province, key=vietnamese_order)
    groups = (_Group(name, tuple(by_province[name]), frozenset(), Markup()) for name in provinces)
    return tuple(
        group._replace(ids=frozenset(one.id for one in group.choices), elements=_elements(group, None))
        for group in groups
    )


def _elements(group: _Group, chosen: str | None) -> Markup:
    label = Markup('<optgroup label="{}">').format(group.province) if group.province else Markup()
    option = Markup('<option value="{}"{}>{}')
    selected = Markup(" selected")
    options = (
        option.format(choice.id, selected if choice.id == chosen else "", choice.name)
        for choice in group.choices
    )
    return label + Markup().join(options)


def _choices(places: Choices, language: str) -> tuple[Choice, ...]:
    return tuple(_choice(place, language) for place in places.places)


def _choice(place: Place, language: str) -> Choice:
    province = place.provinces[-1] if place.provinces else ""
    return Choice(place.id, place.name(language), province if language == "vi" else without_accents(province))


# For a whole country, where the catalogue returns the same object each time.
_cached_choices = lru_cache(_LISTS_IN_MEMORY)(_choices)

"""The select over the places, which every weather widget has unless its editor wants none."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from service.places.catalogue import Choices
from service.places.model import Place

_LISTS_KEPT = 64  # one for each country and language


class Choice(NamedTuple):
    """One entry of the city select."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CityForm:
    """The select that works without script: a GET form with what the URL said, passed on."""

    action: str
    choices: tuple[Choice, ...]
    chosen: str | None
    hidden: tuple[tuple[str, str], ...]
    search_url: str | None


def city_form(  # noqa: PLR0913 - one argument for each thing the form is made of
    offered: Choices,
    chosen: Place | None,
    *,
    action: str,
    hidden: tuple[tuple[str, str], ...],
    search_url: str | None,
    language: str,
) -> CityForm:
    """The select over these places; a chosen place that is not among them stands first."""
    choices = _kept(offered, language) if offered.complete else _named(offered, language)
    if chosen is not None and all(choice.id != chosen.id for choice in choices):
        choices = (_choice(chosen, language), *choices)
    return CityForm(action, choices, chosen.id if chosen else None, hidden, search_url)


def _named(offered: Choices, language: str) -> tuple[Choice, ...]:
    return tuple(_choice(place, language) for place in offered.places)


_kept = lru_cache(_LISTS_KEPT)(_named)  # what the catalogue offers whole is the same object each time


def _choice(place: Place, language: str) -> Choice:
    return Choice(place.id, place.name(language))

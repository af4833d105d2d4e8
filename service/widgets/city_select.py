"""The select over the places, which every weather widget has unless its editor wants none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.domain.places import Place


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
    places: Sequence[Place],
    chosen: Place | None,
    *,
    action: str,
    hidden: tuple[tuple[str, str], ...],
    search_url: str | None,
    language: str,
) -> CityForm:
    """The select over these places; a chosen place that is not among them stands first."""
    listed = list(places)
    if chosen is not None and all(place.id != chosen.id for place in places):
        listed.insert(0, chosen)
    choices = tuple(Choice(place.id, place.name(language)) for place in listed)
    return CityForm(action, choices, chosen.id if chosen else None, hidden, search_url)

"""The places this deployment serves."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest

from service.places.collation import latin_order, vietnamese_order
from service.places.distance import great_circle
from service.places.model import Place
from service.places.search import SearchIndex

MOST_CHOICES = 160  # built-in places of one country in one select
NEAREST = 30  # of them where there are more


@dataclass(frozen=True, slots=True, eq=False)  # one is another's equal only if it is the same
class Choices:
    """What a select offers, in order; where it is not complete the reader needs a way to search."""

    places: tuple[Place, ...]
    complete: bool


class Catalogue:
    """All places, by id, by search and in order. All but the search is worked out at start-up."""

    def __init__(self, places: Iterable[Place]) -> None:
        """Take the places, whose ids must differ (`merge` sees to it).

        Raises:
            ValueError: two places have one id.
        """
        given = tuple(places)
        languages = {language for place in given for language in place.names} | {"vi"}
        self._ordered = {language: _in_order(given, language) for language in languages}
        self._by_id = {place.id: place for place in self._ordered["vi"]}
        if len(self._by_id) < len(given):
            raise ValueError("two places have one id")
        self._choices = {
            language: _choices_by_country(ordered) for language, ordered in self._ordered.items()
        }

    @cached_property
    def _index(self) -> SearchIndex:
        """Made when somebody searches: it takes most of a start, and a collector never does."""
        return SearchIndex(self._ordered["vi"])

    def __iter__(self) -> Iterator[Place]:
        """The places in Vietnamese order."""
        return iter(self._ordered["vi"])

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def ids(self) -> Sequence[str]:
        """The ids, in Vietnamese order of the names."""
        return tuple(self._by_id)

    def get(self, place_id: str) -> Place | None:
        """The place with exactly this id."""
        return self._by_id.get(place_id)

    def in_order(self, language: str) -> tuple[Place, ...]:
        """All places, sorted by their names in this language."""
        return self._ordered.get(language, self._ordered["vi"])

    def search(self, query: str, limit: int) -> list[Place]:
        """At most `limit` places, best match first; all in Vietnamese order for a blank query."""
        if not query.strip():
            return list(self._ordered["vi"][: max(limit, 0)])
        return self._index.search(query, limit)

    def choices(self, place: Place | None, language: str) -> Choices:
        """What the select of this place's widget offers: its country's places, and all configured ones.

        Where the built-in places of the country alone are more than 160, only the nearest 30 of them are
        offered. Without a place all countries count, and where they are too many only the
        configured places remain.
        """
        by_country = self._choices.get(language, self._choices["vi"])
        offered = by_country.get(place.country if place else None, by_country[None])
        return offered if offered.complete else Choices(_nearest(place, offered.places), complete=False)


def _nearest(place: Place | None, offered: Iterable[Place]) -> tuple[Place, ...]:
    """The configured places among those offered and, where there is a place, its nearest built-in ones."""
    listed = tuple(offered)
    if place is None:
        return tuple(other for other in listed if not other.built_in)
    built_in = (other for other in listed if other.built_in)
    near = {other.id for other in nsmallest(NEAREST, built_in, key=lambda other: great_circle(place, other))}
    return tuple(other for other in listed if not other.built_in or other.id in near)


def _in_order(places: Iterable[Place], language: str) -> tuple[Place, ...]:
    order = vietnamese_order if language == "vi" else latin_order
    return tuple(sorted(places, key=lambda place: (order(place.name(language)), place.id)))


def _choices_by_country(ordered: Sequence[Place]) -> dict[str | None, Choices]:
    """What is offered for each country, configured places everywhere; None: for no country in particular."""
    countries = {place.country for place in ordered}
    local = {
        country: tuple(place for place in ordered if not place.built_in or place.country == country)
        for country in countries
    }
    return {country: _choices(places) for country, places in [(None, tuple(ordered)), *local.items()]}


def _choices(places: tuple[Place, ...]) -> Choices:
    return Choices(places, complete=sum(place.built_in for place in places) <= MOST_CHOICES)

"""The places that this deployment serves: those of `places.tsv`, and those of its configuration."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from heapq import nsmallest
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from service.core.errors import SettingsError
from service.places.collation import latin_order, vietnamese_order
from service.places.model import EARTH_RADIUS, Place, PlaceKind, Point
from service.places.search import SearchIndex, province_key, province_spellings

_MAX_CHOICES = 200  # places in one select
_MAX_NAME = 64  # characters
_NEAREST = 30  # places where there are more
_PARTS = ("quận ", "phường ")  # of a city: no names of it


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, which is what caches need
class Choices:
    """The places in a select, in order; where they are not complete the reader needs a way to search."""

    places: tuple[Place, ...]
    complete: bool


class Province(NamedTuple):
    """A province, of today or before July 2025, and the places in it."""

    name: str
    places: Sequence[Place]


class Catalogue:
    """All places, by id, by search and in order. What not every process needs is made at first use.

    Attributes:
        get: returns the place with exactly this id, or None.
    """

    def __init__(self, places: Iterable[Place]) -> None:
        """Make a catalogue of places.

        Raises:
            ValueError: two places have one id.
        """
        given = tuple(places)
        languages = {language for place in given for language in place.names} | {"vi"}
        self._ordered = {language: _in_order(given, language) for language in languages}
        self._by_id = {place.id: place for place in self._ordered["vi"]}
        if len(self._by_id) < len(given):
            raise ValueError("two places have one id")
        self.get: Callable[[str], Place | None] = self._by_id.get
        self._choices = {
            language: _choices_by_country(ordered) for language, ordered in self._ordered.items()
        }

    @cached_property
    def _index(self) -> SearchIndex:
        # Made at the first search: it takes longer than the rest of a start, and a collector never needs it.
        return SearchIndex(self._ordered["vi"])

    @cached_property
    def _provinces(self) -> Mapping[str, Province]:
        provinces: dict[str, Province] = {}
        for name, spellings in province_spellings(self).items():
            places = [place for place in self if name in place.provinces]
            provinces |= {province_key(one): Province(name, places) for one in (name, *spellings)}
        # A city that is a province by itself lends it its other names: TP.HCM, Sài Gòn.
        for city in self:
            if city.kind is PlaceKind.CITY_CENTRAL:
                for alias in city.aliases:
                    if not alias.startswith(_PARTS):
                        provinces.setdefault(province_key(alias), provinces[province_key(city.provinces[-1])])
        return provinces

    @cached_property
    def provinces(self) -> Sequence[str]:
        """The names of the provinces of today, in Vietnamese order."""
        names = {place.provinces[-1] for place in self if place.provinces}
        return sorted(names, key=vietnamese_order)

    def province(self, name: str) -> Province | None:
        """Return the province of this name in any spelling, its places in Vietnamese order."""
        return self._provinces.get(province_key(name[:_MAX_NAME]))

    def __iter__(self) -> Iterator[Place]:
        """Iterate over the places in Vietnamese order."""
        return iter(self._ordered["vi"])

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def ids(self) -> Sequence[str]:
        """The ids, in Vietnamese order of the names."""
        return tuple(self._by_id)

    def in_order(self, language: str) -> tuple[Place, ...]:
        """Return all places, sorted by their names in this language."""
        return self._ordered.get(language, self._ordered["vi"])

    def search(self, query: str, limit: int) -> list[Place]:
        """Return at most `limit` places, the best match first, or in Vietnamese order for a blank query."""
        if not query.strip():
            return list(self._ordered["vi"][: max(limit, 0)])
        return self._index.search(query, limit)

    def nearest(self, point: Point, limit: int) -> list[tuple[Place, float]]:
        """Return at most `limit` places, the nearest first, with their distances in kilometres."""
        distances = ((EARTH_RADIUS * great_circle(point, place), place.id, place) for place in self)
        return [(place, distance) for distance, _, place in nsmallest(limit, distances)]

    def choices(self, place: Place | None, language: str) -> Choices:
        """Return the places in the select of this place's widget: its country's, and all configured ones.

        Where these are more than 200, only the nearest 30 built-in ones are included, or the nearest 30 of
        all if the configured ones are too many themselves. Without a place all countries count, and where
        they have too many, only the configured places are included, or none.
        """
        by_country = self._choices.get(language, self._choices["vi"])
        choices = by_country.get(place.country if place else None, by_country[None])
        return choices if choices.complete else Choices(_nearest(place, choices.places), complete=False)


def built_in_places() -> tuple[Place, ...]:
    """Return the places of `places.tsv`, seats of provinces first; its opening comment names the sources."""
    text = files("service.places").joinpath("places.tsv").read_text(encoding="utf-8")
    rows = (line for line in text.splitlines() if not line.startswith("#"))
    return tuple(map(_place, csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)))


def _place(row: Mapping[str, str]) -> Place:
    return Place(
        id=row["id"],
        names={
            column.removeprefix("name_"): name
            for column, name in row.items()
            if column.startswith("name_") and name
        },
        country="VN",
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        timezone="Asia/Ho_Chi_Minh",
        altitude=float(row["altitude_m"]) if row["altitude_m"] else None,
        kind=PlaceKind(row["kind"]),
        aliases=tuple(row["aliases"].split("|")) if row["aliases"] else (),
        provinces=(row["province_before"], row["province_now"]),
        sea=row["sea"] == "yes",
        built_in=True,
    )


def merge(built_in: Iterable[Place], configured: Sequence[Place], only: Sequence[str] | None) -> Catalogue:
    """Return the catalogue of all places, where a configured place replaces a built-in one with its id.

    `only` is the setting `weather.cities`: the ids of the built-in places to serve (None: all of them).
    Configured places are always served.

    Raises:
        SettingsError: an id in `only` that no place has; two configured places with one id.
    """
    places = {place.id: place for place in [*built_in, *configured]}
    faults = [
        *(no_such_place("weather.cities", wanted, places) for wanted in only or () if wanted not in places),
        *(
            f'weather.city: two places have the id "{place_id}"'
            for place_id, count in Counter(place.id for place in configured).items()
            if count > 1
        ),
    ]
    if faults:
        raise SettingsError(faults)
    return Catalogue(
        place for place in places.values() if not place.built_in or only is None or place.id in only
    )


def no_such_place(key: str, place_id: str, known: Iterable[str]) -> str:
    """Return the message for a setting with an unknown id, which suggests the nearest known one."""
    nearest = get_close_matches(place_id, list(known), n=1)
    hint = f' (nearest: "{nearest[0]}")' if nearest else ""
    return f'{key}: no place has the id "{place_id}"{hint}'


def great_circle(one: Place | Point, other: Place | Point) -> float:
    """Return the angle between two points along the great circle, in radians (haversine formula)."""
    south, north = radians(one.latitude), radians(other.latitude)
    across = radians(other.longitude - one.longitude)
    half_chord = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(across / 2) ** 2
    return 2 * asin(sqrt(min(1.0, half_chord)))


def _nearest(place: Place | None, choices: Sequence[Place]) -> tuple[Place, ...]:
    """Return the configured places among the choices, unless they are too many, and the nearest others."""
    kept = {other.id for other in choices if not other.built_in}
    if len(kept) + _NEAREST > _MAX_CHOICES:
        kept = set()
    if place is not None:
        others = (other for other in choices if other.id not in kept)
        near = nsmallest(_NEAREST, others, key=lambda other: great_circle(place, other))
        kept |= {other.id for other in near}
    return tuple(other for other in choices if other.id in kept)


def _in_order(places: Iterable[Place], language: str) -> tuple[Place, ...]:
    order = vietnamese_order if language == "vi" else latin_order
    return tuple(sorted(places, key=lambda place: (order(place.name(language)), place.id)))


def _choices_by_country(ordered: Sequence[Place]) -> dict[str | None, Choices]:
    """Return the choices for each country, with the configured places in all; None: for no country."""
    countries = {place.country for place in ordered}
    local = {
        country: tuple(place for place in ordered if not place.built_in or place.country == country)
        for country in countries
    }
    return {
        country: Choices(places, complete=len(places) <= _MAX_CHOICES)
        for country, places in [(None, tuple(ordered)), *local.items()]
    }

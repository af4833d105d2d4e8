"""A place that has a weather forecast."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

PLACE_ID = re.compile(r"[a-z0-9-]{1,64}")


class PlaceKind(StrEnum):
    """The kind of a place, which decides ties in a search and a word in the widget."""

    CITY_CENTRAL = "city-central"
    SEAT_NOW = "seat-now"
    SEAT_BEFORE = "seat-before"
    TOWN = "town"
    TOURIST = "tourist"
    ISLAND = "island"
    BORDER = "border"
    CONFIGURED = "configured"


EARTH_RADIUS = 6371.0  # kilometres, the mean


class Point(NamedTuple):
    """A point on the earth, in degrees north and east."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Place:
    """A place with fixed coordinates (WGS 84 degrees): nothing is ever geocoded.

    Attributes:
        names: the display name by language; `vi` and `en` always exist.
        country: ISO 3166 alpha-2, upper case.
        timezone: IANA name.
        altitude: metres above the sea, where known well enough to be sent to a provider.
        aliases: other names that a search finds it by.
        provinces: names of its province, without "tỉnh": before July 2025, and since.
        sea: whether it is a sea area, whose numbers are a model's for the surroundings.
        built_in: whether it is of `places.tsv`, not of the configuration.
    """

    id: str
    names: Mapping[str, str]
    country: str
    latitude: float
    longitude: float
    timezone: str
    altitude: float | None = None
    kind: PlaceKind = PlaceKind.CONFIGURED
    aliases: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    sea: bool = False
    built_in: bool = field(default=False, compare=False)

    def name(self, language: str) -> str:
        """Return the name in this language, or the Vietnamese one where there is none."""
        return self.names.get(language) or self.names["vi"]

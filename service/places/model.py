"""A place that weather can be asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

PLACE_ID = re.compile(r"[a-z0-9-]{1,64}")


class PlaceKind(StrEnum):
    """What a place is; it decides ties in a search and a word in the widget."""

    CITY_CENTRAL = "city-central"
    SEAT_NOW = "seat-now"
    SEAT_BEFORE = "seat-before"
    TOWN = "town"
    TOURIST = "tourist"
    ISLAND = "island"
    BORDER = "border"
    CONFIGURED = "configured"


@dataclass(frozen=True, slots=True)
class Place:
    """A place with fixed coordinates (WGS 84 degrees): nothing is ever geocoded.

    Attributes:
        names: the display name by language; `vi` and `en` are always there.
        country: ISO 3166 alpha-2, upper case.
        timezone: IANA name.
        altitude: metres above the sea, where known well enough to be sent to a provider.
        aliases: other names that find it.
        provinces: bare names of the province it lies in, the older division first.
        sea: a sea area, whose numbers are a model's for the surroundings.
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
        """The name in this language, or the Vietnamese one where there is none."""
        return self.names.get(language) or self.names["vi"]

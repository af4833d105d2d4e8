"""MET Norway's Locationforecast 2.0: one place in a request. https://api.met.no/weatherapi/locationforecast/2.0/."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Self

from marshmallow import ValidationError

from service.core.errors import Cause, UpstreamError
from service.core.ports import Request
from service.places.model import Place
from service.settings.model import ProviderSettings
from service.weather.model import Dataset
from service.weather.provider import Attribution, Provider, ProviderForecast, ProviderLimits
from service.weather.providers.met_norway.parse import parse_properties
from service.weather.providers.met_norway.payload import Feature
from service.weather.providers.met_norway.settings import URL
from service.weather.providers.readings import LATITUDE, LONGITUDE, format_coordinate, is_near, parse_json

_MIN_INTERVAL = timedelta(milliseconds=100)  # half of the 20 requests a second that it allows
_SAME_POSITION = 0.1  # degrees: the response repeats the position of the request
_MAX_LOGGED = 200  # characters of the validation errors
_FEATURE = Feature()  # one for all: making a schema takes long


@dataclass(frozen=True, slots=True)
class MetNorway:
    """The provider `met-norway`. One response has both the current values and the hourly forecast.

    Attributes:
        base_url: the whole endpoint; `complete`, since `compact` lacks gusts and the chance of rain.
    """

    attribution: ClassVar = Attribution(
        "met-norway", "MET Norway", url="https://www.met.no/", licence="CC BY 4.0"
    )
    id: ClassVar = attribution.id

    base_url: str = field(default=URL, repr=False)

    @classmethod
    def from_settings(cls, settings: ProviderSettings) -> Self:
        return cls(settings.base_url)

    @property
    def limits(self) -> ProviderLimits:
        return ProviderLimits(max_places=1, min_interval=_MIN_INTERVAL)

    def notes(self, *, has_contact: bool) -> list[str]:
        return [] if has_contact else ["MET Norway refuses whoever names no contact: set site.contact."]

    def cost(self, dataset: Dataset) -> float:  # noqa: ARG002 - the same for both
        return 1.0

    def request(self, dataset: Dataset, places: Sequence[Place]) -> Request:  # noqa: ARG002 - the same for both
        (place,) = places
        params = {"lat": format_coordinate(place.latitude), "lon": format_coordinate(place.longitude)}
        if place.altitude is not None:
            params["altitude"] = str(round(place.altitude))
        return Request(self.base_url, params)

    def parse(
        self, body: bytes, places: Sequence[Place], now: datetime
    ) -> list[ProviderForecast | UpstreamError]:
        (place,) = places
        try:
            feature = _FEATURE.load(parse_json(body))  # type: ignore[arg-type] # load raises for other types
        except ValidationError as error:
            faults = ascii(error.messages)[:_MAX_LOGGED]
            raise UpstreamError(Cause.UNREADABLE, f"The response is not a forecast: {faults}.") from error
        # GeoJSON puts the longitude first; the altitude follows.
        coordinates: list[object] = feature["geometry"]["coordinates"]
        longitude, latitude, *_ = [*coordinates, None, None]
        if not is_near(place, LATITUDE.read(latitude), LONGITUDE.read(longitude), _SAME_POSITION):
            raise UpstreamError(Cause.UNREADABLE, f"The response for {place.id} is another place's weather.")
        return [parse_properties(feature["properties"], place, now)]


PROVIDER: type[Provider] = MetNorway

"""MET Norway's Locationforecast 2.0: one place in a request. https://api.met.no/weatherapi/locationforecast/2.0/."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from marshmallow import ValidationError

from service.core.errors import Cause, UpstreamError
from service.core.ports import Request
from service.places.model import Place
from service.weather.model import Dataset
from service.weather.provider import ProviderForecast, ProviderLimits
from service.weather.providers.coordinates import decimal, is_near
from service.weather.providers.json_body import open_json
from service.weather.providers.met_norway.parse import said_of
from service.weather.providers.met_norway.payload import Feature
from service.weather.providers.quantities import LATITUDE, LONGITUDE

DEFAULT_URL = "https://api.met.no/weatherapi/locationforecast/2.0/complete"

_INTERVAL = timedelta(milliseconds=100)  # half of the 20 requests a second that it allows
_AS_ASKED = 0.1  # degrees: it repeats the position it was asked for
_SHOWN = 200  # characters of the faults that the log gets


@dataclass(frozen=True, slots=True)
class MetNorway:
    """The provider `met-norway`. One answer holds the current values and the outlook.

    Attributes:
        base_url: the whole endpoint; `complete`, as `compact` lacks gusts and the chance of rain.
    """

    base_url: str = field(default=DEFAULT_URL, repr=False)

    @property
    def id(self) -> str:
        """`met-norway`."""
        return "met-norway"

    @property
    def limits(self) -> ProviderLimits:
        """What it allows: nothing is counted by the day."""
        return ProviderLimits(batch=1, interval=_INTERVAL)

    def cost(self, dataset: Dataset) -> float:  # noqa: ARG002 - the same for both
        """Units for one place."""
        return 1.0

    def request(self, dataset: Dataset, places: Sequence[Place]) -> Request:  # noqa: ARG002 - the same for both
        """The request for the one place. More than four decimals would be refused."""
        (place,) = places
        params = {"lat": decimal(place.latitude), "lon": decimal(place.longitude)}
        if place.altitude is not None:
            params["altitude"] = str(round(place.altitude))
        return Request(self.base_url, params)

    def read(self, body: bytes, places: Sequence[Place], now: datetime) -> list[ProviderForecast | None]:
        """What the answer says of the one place."""
        (place,) = places
        try:
            feature = Feature().load(open_json(body))  # type: ignore[arg-type] # load tells what is none
        except ValidationError as fault:
            faults = ascii(fault.messages)[:_SHOWN]
            raise UpstreamError(Cause.UNREADABLE, f"The answer is not a forecast: {faults}.") from fault
        if not _is_for(place, feature["geometry"]["coordinates"]):
            raise UpstreamError(Cause.UNREADABLE, f"The answer for {place.id} is another place's weather.")
        return [said_of(feature["properties"], place, now)]


def _is_for(place: Place, coordinates: Sequence[object]) -> bool:
    """GeoJSON puts the longitude first; the altitude follows."""
    longitude, latitude, *_ = [*coordinates, None, None]
    return is_near(place, LATITUDE.read(latitude), LONGITUDE.read(longitude), _AS_ASKED)

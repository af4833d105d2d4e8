"""OpenWeather: one place in a request, with a key. https://openweathermap.org/api."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Self
from urllib.parse import urlsplit

from service.core.errors import Cause, UpstreamError
from service.core.ports import Request
from service.places.model import Place
from service.settings.model import ProviderSettings
from service.weather.model import Dataset
from service.weather.provider import Attribution, Provider, ProviderForecast, ProviderLimits
from service.weather.providers.openweather.parse import parse_response
from service.weather.providers.openweather.payload import UNITS
from service.weather.providers.openweather.settings import URL
from service.weather.providers.readings import format_coordinate, parse_json

FREE_PLAN_NOTE = (
    "OpenWeather's free plan allows 60 calls a minute and 1,000,000 a month;"
    " of its 3-hour forecast days have no low and high."
)
ONE_CALL_NOTE = (
    "OpenWeather's One Call takes a subscription of its own: 1,000 calls a day are free, more are charged"
    " (weather.openweather.daily_budget)."
)

_ONE_CALL = "/onecall"
_MONTHLY_BUDGET, _DAYS = 1_000_000, 31
_DAILY_BUDGET = _MONTHLY_BUDGET // _DAYS
_ONE_CALL_DAILY_BUDGET = 1_000
_MINUTE_BUDGET = 60  # of the free plan; those of larger plans are in proportion
_MINUTES = 60


@dataclass(frozen=True, slots=True)
class OpenWeather:
    """The provider `openweather`.

    Attributes:
        base_url: the root of 2.5, below which are /weather and /forecast, or the whole endpoint of One Call,
            which has both datasets in one response.
        api_key: sent as a parameter, since OpenWeather takes it nowhere else.
        daily_budget: calls a day; 0: those that cost nothing.
    """

    attribution: ClassVar = Attribution(
        "openweather", "OpenWeather", url="https://openweathermap.org/", licence="CC BY-SA 4.0"
    )
    id: ClassVar = attribution.id

    base_url: str = field(default=URL, repr=False)
    api_key: str = field(default="", repr=False)
    daily_budget: float = 0.0

    @classmethod
    def from_settings(cls, settings: ProviderSettings) -> Self:
        return cls(settings.base_url, settings.api_key, settings.daily_budget or 0.0)

    @property
    def _is_one_call(self) -> bool:
        return urlsplit(self.base_url).path.rstrip("/").endswith(_ONE_CALL)

    @property
    def limits(self) -> ProviderLimits:
        free = _ONE_CALL_DAILY_BUDGET if self._is_one_call else _DAILY_BUDGET
        daily = self.daily_budget or free
        minute = _MINUTE_BUDGET * max(1.0, daily / _DAILY_BUDGET)
        return ProviderLimits(
            max_places=1, daily_budget=daily, hour_budget=minute * _MINUTES, minute_budget=minute
        )

    def notes(self, *, has_contact: bool) -> list[str]:  # noqa: ARG002 - OpenWeather asks for no contact
        return [ONE_CALL_NOTE if self._is_one_call else FREE_PLAN_NOTE]

    def cost(self, dataset: Dataset) -> float:  # noqa: ARG002 - the same for both
        return 1.0

    def request(self, dataset: Dataset, places: Sequence[Place]) -> Request:
        (place,) = places
        params = {
            "lat": format_coordinate(place.latitude),
            "lon": format_coordinate(place.longitude),
            **UNITS,
            "appid": self.api_key,
        }
        if self._is_one_call:
            return Request(self.base_url, params | {"exclude": "minutely,alerts"})
        root = urlsplit(self.base_url)
        name = "weather" if dataset is Dataset.CURRENT else "forecast"
        return Request(root._replace(path=f"{root.path.rstrip('/')}/{name}").geturl(), params)

    def parse(
        self, body: bytes, places: Sequence[Place], now: datetime
    ) -> list[ProviderForecast | UpstreamError]:
        (place,) = places
        response = parse_json(body)
        if not isinstance(response, dict):
            raise UpstreamError(Cause.UNREADABLE, f"The response for {place.id} is not an object.")
        return [parse_response(response, place, now)]


PROVIDER: type[Provider] = OpenWeather

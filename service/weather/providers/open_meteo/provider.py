"""Open-Meteo: many places in one request. https://open-meteo.com/en/docs."""

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
from service.weather.providers.open_meteo.parse import parse_place
from service.weather.providers.open_meteo.payload import CURRENT, DAILY, FORECAST_DAYS, HOURLY, UNITS
from service.weather.providers.open_meteo.settings import DAILY_BUDGET, URL
from service.weather.providers.readings import format_coordinate, parse_json

FREE_PLAN_NOTE = (
    f"Open-Meteo's free plan is for non-commercial use only, "
    f"up to {DAILY_BUDGET:,.0f} units a day;"
    " commercial use needs a paid plan and its api_key."
)

_HOUR_BUDGET, _MINUTE_BUDGET = 5_000, 600  # units of the free plan; those of other plans are in proportion
_FREE_HOST, _CUSTOMER_HOST = "api.open-meteo.com", "customer-api.open-meteo.com"
_VARIABLES_PER_UNIT = 10  # for requests of up to two weeks
_MAX_PLACES = 270  # a URL of at most 6,800 characters, where servers allow 8,000


@dataclass(frozen=True, slots=True)
class OpenMeteo:
    """The provider `open-meteo`.

    Attributes:
        base_url: the whole endpoint.
        api_key: the key of a paid plan; it is sent in a header, since URLs are logged.
        daily_budget: units a day; the limits of the hour and the minute scale with it.
    """

    attribution: ClassVar = Attribution(
        "open-meteo", "Open-Meteo", url="https://open-meteo.com/", licence="CC BY 4.0"
    )
    id: ClassVar = attribution.id

    base_url: str = field(default=URL, repr=False)
    api_key: str = field(default="", repr=False)
    daily_budget: float = DAILY_BUDGET

    @classmethod
    def from_settings(cls, settings: ProviderSettings) -> Self:
        return cls(settings.base_url, settings.api_key, settings.daily_budget or DAILY_BUDGET)

    @property
    def limits(self) -> ProviderLimits:
        """A batch always fits into the budget of a minute, and that is enough for at least one place."""
        max_cost = max(self.cost(dataset) for dataset in Dataset)
        share = self.daily_budget / DAILY_BUDGET
        hour, minute = (max(units * share, max_cost) for units in (_HOUR_BUDGET, _MINUTE_BUDGET))
        return ProviderLimits(
            max_places=min(_MAX_PLACES, int(minute / max_cost)),
            daily_budget=self.daily_budget,
            hour_budget=hour,
            minute_budget=minute,
        )

    def notes(self, *, has_contact: bool) -> list[str]:  # noqa: ARG002 - Open-Meteo asks for no contact
        return [] if self.api_key else [FREE_PLAN_NOTE]

    def cost(self, dataset: Dataset) -> float:
        """Return a unit for every ten variables, but never less than one."""
        variables = len(CURRENT) if dataset is Dataset.CURRENT else len(HOURLY) + len(DAILY)
        return max(1.0, variables / _VARIABLES_PER_UNIT)

    def request(self, dataset: Dataset, places: Sequence[Place]) -> Request:
        params = {
            "latitude": ",".join(format_coordinate(place.latitude) for place in places),
            "longitude": ",".join(format_coordinate(place.longitude) for place in places),
            "timezone": "auto",
            **UNITS,
        }
        if dataset is Dataset.CURRENT:
            params["current"] = ",".join(CURRENT)
        else:
            params |= {
                "hourly": ",".join(HOURLY),
                "daily": ",".join(DAILY),
                "forecast_days": f"{FORECAST_DAYS}",
            }
        return Request(self._endpoint(), params, {"x-api-key": self.api_key} if self.api_key else {})

    def _endpoint(self) -> str:
        url = urlsplit(self.base_url)
        if self.api_key and url.hostname == _FREE_HOST:
            return url._replace(netloc=_CUSTOMER_HOST).geturl()
        return self.base_url

    def parse(
        self, body: bytes, places: Sequence[Place], now: datetime
    ) -> list[ProviderForecast | UpstreamError]:
        forecasts: list[ProviderForecast | UpstreamError] = []
        for position, (element, place) in enumerate(zip(_elements(body, places), places, strict=True)):
            try:
                forecasts.append(parse_place(element, position, place, now))
            except UpstreamError as error:
                forecasts.append(error)
        errors = [one for one in forecasts if isinstance(one, UpstreamError)]
        if len(errors) == len(places):
            # The clock is the cause only where every place was refused for it.
            raise next((error for error in errors if error.cause is not Cause.CLOCK), errors[0])
        return forecasts


def _elements(body: bytes, places: Sequence[Place]) -> list[object]:
    """Return the response's elements, one for each place: it is a list, or for a single place the element."""
    response = parse_json(body)
    if isinstance(response, dict) and (response.get("error") or "reason" in response):
        raise UpstreamError(Cause.UNREADABLE, "Open-Meteo answered with an error in the place of a forecast.")
    elements = response if isinstance(response, list) else [response]
    if len(elements) != len(places):
        raise UpstreamError(
            Cause.UNREADABLE,
            f"Open-Meteo sent {len(elements)} places instead of the {len(places)} requested.",
        )
    return elements


PROVIDER: type[Provider] = OpenMeteo

"""Open-Meteo: all places in one request. https://open-meteo.com/en/docs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from service.core.errors import Cause, UpstreamError
from service.core.ports import Request
from service.places.model import Place
from service.weather.model import Dataset
from service.weather.provider import ProviderForecast, ProviderLimits
from service.weather.providers.coordinates import decimal
from service.weather.providers.json_body import open_json
from service.weather.providers.open_meteo.parse import said_of
from service.weather.providers.open_meteo.payload import CURRENT, DAILY, HOURLY, UNITS

DEFAULT_URL = "https://api.open-meteo.com/v1/forecast"
FREE_PLAN_NOTE = (
    "Open-Meteo's free plan is for non-commercial use only, up to 10,000 units a day;"
    " commercial use needs a paid plan and its api_key."
)

_FREE_HOST, _CUSTOMER_HOST = "api.open-meteo.com", "customer-api.open-meteo.com"
_FREE_PLAN = (10_000, 5_000, 600)  # units a day, an hour, a minute
_DAYS = 8  # so that seven whole days are left hours later
_LONGEST_BATCH = 270  # places: a URL of 6,800 characters at the longest, where servers allow 8,000


@dataclass(frozen=True, slots=True)
class OpenMeteo:
    """The provider `open-meteo`.

    Attributes:
        base_url: the whole endpoint.
        api_key: of a paid plan; it travels in a header, as addresses are logged.
        daily_budget: units a day; the limits of the hour and the minute scale with it.
    """

    base_url: str = field(default=DEFAULT_URL, repr=False)
    api_key: str = field(default="", repr=False)
    daily_budget: float = _FREE_PLAN[0]

    @property
    def id(self) -> str:
        """`open-meteo`."""
        return "open-meteo"

    @property
    def limits(self) -> ProviderLimits:
        """What it allows: a batch always fits the minute, and a minute always holds one place."""
        dearest = max(self.cost(dataset) for dataset in Dataset)
        _, hour, minute = (max(limit * self.daily_budget / _FREE_PLAN[0], dearest) for limit in _FREE_PLAN)
        batch = min(_LONGEST_BATCH, int(minute / dearest))
        return ProviderLimits(batch, daily_budget=self.daily_budget, hour_budget=hour, minute_budget=minute)

    def cost(self, dataset: Dataset) -> float:
        """Units for one place: a tenth of the variables, more from two weeks on, never less than one."""
        variables = len(CURRENT) if dataset is Dataset.CURRENT else len(HOURLY) + len(DAILY)
        days = 1 if dataset is Dataset.CURRENT else _DAYS
        return max(1.0, variables / 10, variables / 10 * days / 14)

    def request(self, dataset: Dataset, places: Sequence[Place]) -> Request:
        """One request for all these places."""
        params = {
            "latitude": ",".join(decimal(place.latitude) for place in places),
            "longitude": ",".join(decimal(place.longitude) for place in places),
            "timezone": "auto",
            **UNITS,
            **_variables(dataset),
        }
        return Request(self._endpoint(), params, {"x-api-key": self.api_key} if self.api_key else {})

    def _endpoint(self) -> str:
        url = urlsplit(self.base_url)
        if self.api_key and url.hostname == _FREE_HOST:
            return url._replace(netloc=_CUSTOMER_HOST).geturl()
        return self.base_url

    def read(self, body: bytes, places: Sequence[Place], now: datetime) -> list[ProviderForecast | None]:
        """What the answer says of each place; None where that part cannot be used."""
        said: list[ProviderForecast | None] = []
        refusals: list[UpstreamError] = []
        for position, (element, place) in enumerate(zip(_elements(body, places), places, strict=True)):
            try:
                said.append(said_of(element, position, place, now))
            except UpstreamError as refusal:
                refusals.append(refusal)
                said.append(None)
        if len(refusals) == len(places):
            raise _of_them_all(refusals)
        return said


def _variables(dataset: Dataset) -> dict[str, str]:
    if dataset is Dataset.CURRENT:
        return {"current": ",".join(CURRENT)}
    return {"hourly": ",".join(HOURLY), "daily": ",".join(DAILY), "forecast_days": str(_DAYS)}


def _elements(body: bytes, places: Sequence[Place]) -> list[object]:
    """The parts of the answer, one for each place: a list, or for a single place the part itself."""
    answer = open_json(body)
    if isinstance(answer, dict) and (answer.get("error") or "reason" in answer):
        raise UpstreamError(Cause.UNREADABLE, "Open-Meteo answered with an error in the place of a forecast.")
    elements = answer if isinstance(answer, list) else [answer]
    if len(elements) != len(places):
        asked, got = len(places), len(elements)
        raise UpstreamError(Cause.UNREADABLE, f"Asked for {asked} places, Open-Meteo answered for {got}.")
    return elements


def _of_them_all(refusals: Sequence[UpstreamError]) -> UpstreamError:
    """The clock is to blame only when every place was refused for it."""
    return next((refusal for refusal in refusals if refusal.cause is not Cause.CLOCK), refusals[0])

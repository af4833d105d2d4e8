"""The port that a weather provider implements; `providers/` has a package for each provider."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol, Self

from service.core.errors import UpstreamError
from service.core.ports import Request
from service.places.model import Place
from service.settings.model import ProviderSettings
from service.weather.model import Current, Dataset, HourlyForecast


@dataclass(frozen=True, slots=True)
class Attribution:
    """The credit that a provider's licence requires beside its data.

    Attributes:
        id: the provider's id.
        name: its name.
        url: its own page, or None where there is nothing to link to.
        licence: the licence of its data, or None where it names none.
    """

    id: str
    name: str
    url: str | None
    licence: str | None


@dataclass(frozen=True, slots=True)
class ProviderForecast:
    """One provider's forecast for one place. Values that the provider did not give are None."""

    place: Place
    current: Current | None = None
    hourly: HourlyForecast | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProviderLimits:
    """The limits of a provider's terms of use.

    Attributes:
        max_places: most places in one request.
        min_interval: least time between two requests, to stay below a rate limit.
        daily_budget: units a day, or None where the provider does not count.
        hour_budget, minute_budget: likewise, for windows that begin at the full hour and minute (UTC).
    """

    max_places: int
    min_interval: timedelta = timedelta(0)
    daily_budget: float | None = None
    hour_budget: float | None = None
    minute_budget: float | None = None


class Provider(Protocol):
    """A weather service: builds the request for a batch of places and parses the response. Both are pure.

    Attributes:
        id: the provider's name in the configuration and in the JSON.
        attribution: the credit beside its data.
    """

    id: ClassVar[str]
    attribution: ClassVar[Attribution]

    @property
    def limits(self) -> ProviderLimits:
        """The limits that the collector keeps to."""
        ...

    @classmethod
    def from_settings(cls, settings: ProviderSettings) -> Self:
        """Return the provider with the settings of its table."""
        ...

    def notes(self, *, has_contact: bool) -> list[str]:
        """Return what the operator should know of the provider's terms; `check` prints it.

        `has_contact`: the configuration names a contact address or a public URL.
        """
        ...

    def cost(self, dataset: Dataset) -> float:
        """Return the units of the budget that one place costs."""
        ...

    def request(self, dataset: Dataset, places: Sequence[Place]) -> Request:
        """Return the request for these places, at most `limits.max_places` of them."""
        ...

    def parse(
        self, body: bytes, places: Sequence[Place], now: datetime
    ) -> list[ProviderForecast | UpstreamError]:
        """Parse a response into a forecast for each place, or into the reason why its part is unusable.

        Raises:
            UpstreamError: when no part of the response can be used.
        """
        ...

"""The port that a weather provider implements; `providers/` has a package for each provider."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import ClassVar, Protocol, Self

from service.core.errors import Cause, UpstreamError
from service.core.ports import Request
from service.places.model import Place
from service.settings.model import ProviderSettings
from service.weather.model import Current, Dataset, HourlyForecast

_HOUR = timedelta(hours=1)
_HOURS_AHEAD = 48  # as many as are shown


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
    """One provider's forecast for one place. Values that the provider did not give are None.

    `temperature_every`: the hours from one temperature of the hourly forecast to the next, as the provider
    documents them.
    """

    place: Place
    current: Current | None = None
    hourly: HourlyForecast | None = None
    updated_at: datetime | None = None
    temperature_every: int = 1

    def fault(self, dataset: Dataset, now: datetime) -> UpstreamError | None:
        """Return why this is no answer for the dataset, or None.

        An answer has a temperature: current values their own, an hourly forecast those of half of the next
        48 hours.
        """
        if dataset is Dataset.CURRENT:
            if self.current is None:
                return UpstreamError(Cause.INCOMPLETE, f"There are no current values for {self.place.id}.")
            if self.current.temperature is None:
                at = f" for {self.current.time:%Y-%m-%d %H:%M} UTC" if self.current.time else ""
                return UpstreamError(
                    Cause.INCOMPLETE, f"The values for {self.place.id}{at} have no temperature."
                )
            return None
        start, end = now - _HOUR, now + (_HOURS_AHEAD - 1) * _HOUR
        points = self.hourly.points if self.hourly is not None else ()
        time_of = attrgetter("time")
        ahead = points[bisect_right(points, start, key=time_of) : bisect_right(points, end, key=time_of)]
        known = sum(point.temperature is not None for point in ahead)
        if known * self.temperature_every >= _HOURS_AHEAD / 2:
            return None
        return UpstreamError(
            Cause.INCOMPLETE,
            f"The {_HOURS_AHEAD} hours for {self.place.id} from {now:%Y-%m-%d %H:%M} UTC on"
            f" have {known} temperatures.",
        )


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

"""What the two halves ask of the outside: who implements these can be exchanged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from service.places.model import Place
from service.weather.model import Current, Dataset, HourlyForecast


@dataclass(frozen=True, slots=True)
class Request:
    """A GET to an upstream, or a HEAD, whose answer has no body. Header names are lower case.

    Its repr says nothing of where it goes, which may hold a key.
    """

    url: str = field(repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    head: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer of an upstream: status 200 to 299 or 304, the body already decompressed.

    Header names are lower case. `url` is where the answer came from, after redirects.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Upstream(Protocol):
    """The only door to the network."""

    def fetch(self, request: Request) -> Answer:
        """Ask once, within the deadline and the size cap.

        Raises:
            UpstreamError: for every way this can fail, statuses from 400 included.
        """
        ...


@dataclass(frozen=True, slots=True)
class ProviderForecast:
    """What one provider said of one place: what it did not say is None."""

    place: Place
    current: Current | None = None
    outlook: HourlyForecast | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProviderLimits:
    """What a provider's terms and habits allow.

    Attributes:
        batch: places in one request at the most.
        interval: least time between two requests, to stay under a rate limit.
        daily_budget: units a day, or None when nothing is counted.
        minute_budget, hour_budget: likewise, for windows that begin at the full minute and hour (UTC).
    """

    batch: int
    interval: timedelta = timedelta(0)
    daily_budget: float | None = None
    hour_budget: float | None = None
    minute_budget: float | None = None


class Provider(Protocol):
    """A weather service: builds the request for a batch of places, and reads the answer. Both are pure."""

    @property
    def id(self) -> str:
        """The name in the configuration and in the JSON."""
        ...

    @property
    def terms(self) -> ProviderLimits:
        """What it allows."""
        ...

    def cost(self, aspect: Dataset) -> float:
        """Units of the budget that one place costs."""
        ...

    def request(self, aspect: Dataset, places: Sequence[Place]) -> Request:
        """The request for these places, `terms.batch` of them at most."""
        ...

    def read(self, body: bytes, places: Sequence[Place], now: datetime) -> list[ProviderForecast | None]:
        """What the answer says, in the order of `places`; None where a place's part cannot be used.

        Raises:
            UpstreamError: when nothing of the answer can be used.
        """
        ...


class Store(Protocol):
    """The last good record of every item, as bytes under a key; it forgets nothing by itself.

    Every method raises StoreError when the store cannot be used. A record that is damaged is as if it
    were not there.
    """

    def read(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The records under these keys; those that are not there are left out."""
        ...

    def keep(self, records: Mapping[str, bytes]) -> None:
        """Keep all of these, or none."""
        ...

    def forget(self, keys: Sequence[str]) -> None:
        """Remove these; it counts as a write."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin with this, sorted."""
        ...

    def origin(self) -> int:
        """Which store this is: another number once its file was replaced, and the writes begin anew."""
        ...

    def last_write(self) -> int:
        """The number of the newest write; it only grows."""
        ...

    def written_since(self, number: int) -> list[str]:
        """The keys written or forgotten after that write."""
        ...

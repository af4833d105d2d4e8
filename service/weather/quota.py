"""What one provider has cost us and how long it rests: kept, so that no restart forgets it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.core.errors import Cause, UpstreamError
from service.weather.provider import ProviderLimits

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_LONGEST_REST = timedelta(hours=6)
_FIRST_REST = {
    Cause.RATE_LIMITED: timedelta(minutes=15),
    Cause.FORBIDDEN: timedelta(minutes=30),
    Cause.REJECTED: timedelta(minutes=5),
    Cause.GONE: timedelta(minutes=5),
    Cause.ADDRESS_REFUSED: timedelta(minutes=5),
}
_FIRST_REST_OF_OTHERS = timedelta(seconds=15)
_LONGEST_REST_OF_OTHERS = timedelta(minutes=15)
_PLACE_REST = timedelta(minutes=30)  # for a place that the provider could not tell, while it tells others


@dataclass(frozen=True, slots=True)
class Window:
    """Units spent since `start`: a full minute, hour or day (UTC), as providers count."""

    start: datetime
    units: float = 0.0


@dataclass(frozen=True, slots=True)
class ProviderQuota:
    """The account of one provider.

    Attributes:
        failures: how many times in a row it failed.
        rest_until: not to be asked before (None: it may be asked).
        cause: of the last failure, None while all is well.
        refused: places it could not tell, and until when it is not asked for them.
    """

    minute: Window | None = None
    hour: Window | None = None
    day: Window | None = None
    failures: int = 0
    rest_until: datetime | None = None
    cause: Cause | None = None
    last_success: datetime | None = None
    refused: Mapping[str, datetime] = field(default_factory=dict)

    def charged(self, units: float, now: datetime) -> "ProviderQuota":
        """The account after these units: written down before the request goes out."""
        return replace(
            self,
            minute=_charged(self.minute, _MINUTE, units, now),
            hour=_charged(self.hour, _HOUR, units, now),
            day=_charged(self.day, _DAY, units, now),
        )

    def succeeded(self, now: datetime, refused: Mapping[str, datetime]) -> "ProviderQuota":
        """The account after an answer that could be used, but for these places."""
        still = {place: until for place, until in self.refused.items() if until > now}
        return replace(
            self, failures=0, rest_until=None, cause=None, last_success=now, refused=still | dict(refused)
        )

    def failed(self, error: UpstreamError, now: datetime) -> "ProviderQuota":
        """The account after a failure: the provider rests, longer each time."""
        failures = self.failures + 1
        rest = _rest(error, failures)
        return replace(self, failures=failures, rest_until=now + rest, cause=error.cause)

    def refusing(self, place: str, now: datetime) -> "ProviderQuota":
        """The account after the provider could not tell this one place; many in a row are a failure."""
        return replace(self, failures=self.failures + 1, refused={**self.refused, place: refused_until(now)})

    def woken(self) -> "ProviderQuota":
        """The account of one that is asked although it rests; another failure makes it rest again."""
        return replace(self, rest_until=None, refused={})

    def rests(self, now: datetime) -> bool:
        """Whether it is not to be asked at all; whatever becomes of the clock, for no longer than a day."""
        return self.rest_until is not None and now < self.rest_until <= now + _DAY + _MINUTE

    def refuses(self, place: str, now: datetime) -> bool:
        """Whether it is not to be asked for this place."""
        until = self.refused.get(place)
        return until is not None and now < until <= now + _PLACE_REST  # later: the clock was set back

    def minute_room(self, terms: ProviderLimits, now: datetime) -> float:
        """Units left in this minute."""
        return _room(self.minute, _MINUTE, terms.minute_budget, now)

    def long_room(self, terms: ProviderLimits, now: datetime) -> float:
        """Units left in this hour and this day."""
        return min(
            _room(self.hour, _HOUR, terms.hour_budget, now), _room(self.day, _DAY, terms.daily_budget, now)
        )

    def spent_today(self, now: datetime) -> float:
        """Units spent since 00:00 UTC."""
        return _spent(self.day, _DAY, now)


def refused_until(now: datetime) -> datetime:
    """Until when a provider is not asked again for a place that it could not tell."""
    return now + _PLACE_REST


def _rest(error: UpstreamError, failures: int) -> timedelta:
    first = _FIRST_REST.get(error.cause, _FIRST_REST_OF_OTHERS)
    longest = _LONGEST_REST if error.cause in _FIRST_REST else _LONGEST_REST_OF_OTHERS
    own = min(first * (1 << min(failures - 1, 16)), longest)
    return max(own, error.retry_after or timedelta(0))


def _start(length: timedelta, now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (now - midnight) // length * length


def _spent(window: Window | None, length: timedelta, now: datetime) -> float:
    return window.units if window is not None and window.start == _start(length, now) else 0.0


def _charged(window: Window | None, length: timedelta, units: float, now: datetime) -> Window:
    return Window(_start(length, now), _spent(window, length, now) + units)


def _room(window: Window | None, length: timedelta, budget: float | None, now: datetime) -> float:
    return float("inf") if budget is None else max(0.0, budget - _spent(window, length, now))

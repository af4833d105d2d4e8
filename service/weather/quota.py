"""What a provider's quota has spent, and the back-off after failures; stored, so that restarts keep both."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.core.errors import Cause, UpstreamError
from service.weather.provider import ProviderLimits

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# The first back-off; it doubles with every further failure. These causes do not pass within seconds.
_FIRST_BACKOFF = {
    Cause.RATE_LIMITED: timedelta(minutes=15),
    Cause.FORBIDDEN: timedelta(minutes=30),
    Cause.REJECTED: timedelta(minutes=5),
    Cause.GONE: timedelta(minutes=5),
    Cause.ADDRESS_REFUSED: timedelta(minutes=5),
}
_MAX_BACKOFF = timedelta(hours=6)
_FIRST_BACKOFF_OTHERWISE = timedelta(seconds=15)
_MAX_BACKOFF_OTHERWISE = timedelta(minutes=15)
_SKIP_PLACE = timedelta(minutes=30)  # a place whose part of a response was unusable


@dataclass(frozen=True, slots=True)
class Window:
    """The units spent in the full minute, hour or day (UTC, as providers count) that began at `start`."""

    start: datetime
    units: float = 0.0


@dataclass(frozen=True, slots=True)
class ProviderQuota:
    """What one provider's quota has spent, and its back-off.

    Attributes:
        minute: the last minute in which units were spent; `hour` and `day` likewise.
        failures: consecutive failures.
        backoff_until: no request before this time (None: requests are allowed).
        cause: the cause of the last failure; None after a success.
        last_success: when the last usable response came.
        skipped_places: places whose data was unusable, each with the time until which it is not requested.
    """

    minute: Window | None = None
    hour: Window | None = None
    day: Window | None = None
    failures: int = 0
    backoff_until: datetime | None = None
    cause: Cause | None = None
    last_success: datetime | None = None
    skipped_places: Mapping[str, datetime] = field(default_factory=dict)

    def spend(self, units: float, now: datetime) -> "ProviderQuota":
        """Return the quota after these units; it is stored before the request is sent."""
        return replace(
            self,
            minute=_spend(self.minute, _MINUTE, units, now),
            hour=_spend(self.hour, _HOUR, units, now),
            day=_spend(self.day, _DAY, units, now),
        )

    def succeeded(self, now: datetime, skipped_places: Mapping[str, datetime]) -> "ProviderQuota":
        """Return the quota after a response that was usable for all but these places."""
        still_skipped = {place: until for place, until in self.skipped_places.items() if until > now}
        return replace(
            self,
            failures=0,
            backoff_until=None,
            cause=None,
            last_success=now,
            skipped_places=still_skipped | dict(skipped_places),
        )

    def failed(self, error: UpstreamError, now: datetime) -> "ProviderQuota":
        """Return the quota after a failure: the back-off grows with each one in a row."""
        failures = self.failures + 1
        until = now + _backoff(error, failures)
        return replace(self, failures=failures, backoff_until=until, cause=error.cause)

    def skipping_place(self, place: str, now: datetime) -> "ProviderQuota":
        """Return the quota after a request for this one place alone gave nothing usable.

        It counts as a failure, since many of them in a row are one.
        """
        skipped_places = {**self.skipped_places, place: skip_until(now)}
        return replace(self, failures=self.failures + 1, skipped_places=skipped_places)

    def reset_backoff(self) -> "ProviderQuota":
        """Return the quota for a forced request; the next failure still counts as another one in a row."""
        return replace(self, backoff_until=None, skipped_places={})

    def in_backoff(self, now: datetime) -> bool:
        """Return whether the provider must not be requested at all.

        A back-off further away than a day can only come from a clock that has been set back since.
        """
        return self.backoff_until is not None and now < self.backoff_until <= now + _DAY + _MINUTE

    def skips_place(self, place: str, now: datetime) -> bool:
        """Return whether the provider must not be requested for this place."""
        until = self.skipped_places.get(place)
        return until is not None and now < until <= now + _SKIP_PLACE  # later: the clock was set back

    def left_this_minute(self, limits: ProviderLimits, now: datetime) -> float:
        """Return the units left in this minute."""
        return _left(self.minute, _MINUTE, limits.minute_budget, now)

    def left_this_hour_and_day(self, limits: ProviderLimits, now: datetime) -> float:
        """Return the units left in both this hour and this day."""
        return min(
            _left(self.hour, _HOUR, limits.hour_budget, now), _left(self.day, _DAY, limits.daily_budget, now)
        )

    def spent_today(self, now: datetime) -> float:
        """Return the units spent since 00:00 UTC."""
        return _spent(self.day, _DAY, now)


def skip_until(now: datetime) -> datetime:
    """Return until when a place is skipped whose data was unusable."""
    return now + _SKIP_PLACE


def _backoff(error: UpstreamError, failures: int) -> timedelta:
    first = _FIRST_BACKOFF.get(error.cause, _FIRST_BACKOFF_OTHERWISE)
    longest = _MAX_BACKOFF if error.cause in _FIRST_BACKOFF else _MAX_BACKOFF_OTHERWISE
    ours = min(first * (1 << min(failures - 1, 16)), longest)  # 16: a larger timedelta overflows
    return max(ours, error.retry_after or timedelta(0))


def _window_start(length: timedelta, now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (now - midnight) // length * length


def _spent(window: Window | None, length: timedelta, now: datetime) -> float:
    return window.units if window is not None and window.start == _window_start(length, now) else 0.0


def _spend(window: Window | None, length: timedelta, units: float, now: datetime) -> Window:
    return Window(_window_start(length, now), _spent(window, length, now) + units)


def _left(window: Window | None, length: timedelta, budget: float | None, now: datetime) -> float:
    return float("inf") if budget is None else max(0.0, budget - _spent(window, length, now))

"""What a provider's quota has spent, and the back-off after failures; stored, so that restarts keep both."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.core.errors import Cause, UpstreamError
from service.core.request_history import RequestHistory
from service.weather.model import Dataset
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
_MAX_SKIP = timedelta(minutes=30)  # of a place whose part of a response was no answer


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
        skipped_places: what there was no usable answer for, as `place id/dataset` (or a place id, for
            both), each with the time until which it is not requested.
        failed_at: when the back-off began.
        retry_after: the provider itself asked for no request before this time.
        expires: the last response forbids a request before this time, and so for longer than is waited for.
        next_due: when the first of the places that it answered for is due again.
        history: its requests by hour.
    """

    minute: Window | None = None
    hour: Window | None = None
    day: Window | None = None
    failures: int = 0
    backoff_until: datetime | None = None
    cause: Cause | None = None
    last_success: datetime | None = None
    skipped_places: Mapping[str, datetime] = field(default_factory=dict)
    failed_at: datetime | None = None
    retry_after: datetime | None = None
    expires: datetime | None = None
    next_due: datetime | None = None
    history: RequestHistory = field(default_factory=RequestHistory)

    def spend(self, units: float, now: datetime) -> "ProviderQuota":
        """Return the quota after these units; it is stored before the request is sent."""
        return replace(
            self,
            minute=_spend(self.minute, _MINUTE, units, now),
            hour=_spend(self.hour, _HOUR, units, now),
            day=_spend(self.day, _DAY, units, now),
        )

    def succeeded(self, now: datetime) -> "ProviderQuota":
        """Return the quota after a response that was usable at least in part."""
        return replace(
            self,
            failures=0,
            backoff_until=None,
            failed_at=None,
            retry_after=None,
            cause=None,
            last_success=now,
            history=self.history.add(now, is_answered=True),
        )

    def failed(self, error: UpstreamError, now: datetime) -> "ProviderQuota":
        """Return the quota after a failure: the back-off grows with each one in a row."""
        failures = self.failures + 1
        return replace(
            self,
            failures=failures,
            backoff_until=now + _backoff(error, failures),
            failed_at=now,
            retry_after=None if error.retry_after is None else now + error.retry_after,
            cause=error.cause,
            history=self.history.add(now, is_answered=False),
        )

    def failed_for_places(self, now: datetime, *, is_known: bool = False) -> "ProviderQuota":
        """Return the quota after a response without an answer for any of its places.

        It counts as a failure, since many of them in a row are one, unless it is known that there is no
        answer for them.
        """
        failures = self.failures if is_known else self.failures + 1
        return replace(self, failures=failures, history=self.history.add(now, is_answered=False))

    def due_again(self, times: Iterable[datetime], now: datetime) -> "ProviderQuota":
        """Return the quota after answers for places that are due again at these times."""
        awaited = [self.next_due] if self.next_due is not None and self.next_due > now else []
        return replace(self, next_due=min([*awaited, *times], default=None))

    def skipping(
        self, places: Mapping[str, datetime], dataset: Dataset | None, now: datetime
    ) -> "ProviderQuota":
        """Return the quota that does not request the dataset of these places before these times.

        They are remembered for a day more, see `without_answer`. With None it is neither dataset that is
        requested, and nothing is remembered: nobody knows about the one that was not asked for.
        """
        recent = {key: until for key, until in self.skipped_places.items() if until > now - _DAY}
        more = {_skip_key(place, dataset): until for place, until in places.items()}
        return replace(self, skipped_places=recent | more)

    def answering(self, places: Iterable[str], dataset: Dataset) -> "ProviderQuota":
        """Return the quota after an answer for the dataset of these places."""
        if not self.skipped_places:
            return self
        answered = {key for place in places for key in (place, _skip_key(place, dataset))}
        left = {key: until for key, until in self.skipped_places.items() if key not in answered}
        return replace(self, skipped_places=left)

    def reset_backoff(self) -> "ProviderQuota":
        """Return the quota for a forced request; the next failure still counts as another one in a row."""
        return replace(self, backoff_until=None, skipped_places={})

    def in_backoff(self, now: datetime) -> bool:
        """Return whether the provider must not be requested at all.

        A back-off further away than a day can only come from a clock that has been set back since.
        """
        return self.backoff_until is not None and now < self.backoff_until <= now + _DAY + _MINUTE

    def last_resort_from(self, longest: timedelta) -> datetime | None:
        """Return from when a provider in back-off may be requested if no other one can be; None: not earlier.

        It may be the only one that has recovered. So a back-off is cut to this length, but neither below the
        first one for its cause nor below the delay that the provider asked for.
        """
        if self.backoff_until is None or self.failed_at is None or self.cause is None:
            return None
        ours = self.failed_at + max(longest, _first_backoff(self.cause))
        return min(self.backoff_until, max(ours, self.retry_after or ours))

    def skipped_until(self, place: str, dataset: Dataset, now: datetime) -> datetime | None:
        """Return until when the provider must not be requested for this dataset of the place."""
        if not self.skipped_places:
            return None
        found = (self.skipped_places.get(key) for key in (place, _skip_key(place, dataset)))
        # One further away than a day comes from a clock that has been set back since.
        return max((until for until in found if until and now < until <= now + _DAY + _MINUTE), default=None)

    def without_answer(self, dataset: Dataset) -> Collection[str]:
        """Return the places that the provider last had no answer for, when requested for this dataset."""
        keys = (key.rpartition("/") for key in self.skipped_places)
        return {place for place, _, of_dataset in keys if of_dataset == dataset.value}

    def count_skipped(self, now: datetime) -> int:
        """Return for how many places something is not requested."""
        return len({key.partition("/")[0] for key, until in self.skipped_places.items() if now < until})

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


def skip_until(now: datetime, longest: timedelta) -> datetime:
    """Return until when a place is skipped whose data was no answer."""
    return now + min(_MAX_SKIP, longest)


def _skip_key(place: str, dataset: Dataset | None) -> str:
    return place if dataset is None else f"{place}/{dataset.value}"


def _first_backoff(cause: Cause) -> timedelta:
    return _FIRST_BACKOFF.get(cause, _FIRST_BACKOFF_OTHERWISE)


def _backoff(error: UpstreamError, failures: int) -> timedelta:
    first = _first_backoff(error.cause)
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

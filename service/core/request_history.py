"""How many requests were answered and how many failed, by hour, over the last day.

It is kept with a provider's quota and a source's state, so that restarts keep it; the status page draws it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOURS = 24
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RequestHistory:
    """The requests of up to 24 hours.

    Attributes:
        hour: the start of the latest hour with a request; None: there was none.
        answered: requests with a usable response by hour, the latest first.
        failed: requests without one; it has the same hours.
    """

    hour: datetime | None = None
    answered: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()

    def add(self, now: datetime, *, is_answered: bool) -> "RequestHistory":
        """Return the history with one request more."""
        elapsed = self._hours_to(now)
        if self.hour is None or elapsed is None:
            return RequestHistory(
                _start(now), _later((int(is_answered),), 0), _later((int(not is_answered),), 0)
            )
        answered, failed = list(_later(self.answered, elapsed)), list(_later(self.failed, elapsed))
        (answered if is_answered else failed)[0] += 1
        return RequestHistory(self.hour + elapsed * _HOUR, tuple(answered), tuple(failed))

    def until(self, now: datetime) -> list[tuple[int, int]]:
        """Return the numbers of answered and failed requests of the last 24 hours, the present one last."""
        elapsed = self._hours_to(now)
        if elapsed is None:
            return [(0, 0)] * HOURS
        numbers = zip(_later(self.answered, elapsed), _later(self.failed, elapsed), strict=True)
        return list(numbers)[::-1]

    def _hours_to(self, now: datetime) -> int | None:
        """Return how many hours the present one is later than `hour`; None where nothing of it counts.

        A clock that was set back by a little goes on in the hour that it had reached; after one that was set
        back by more than a day the history begins anew.
        """
        if self.hour is None:
            return None
        elapsed = (now - self.hour) // _HOUR
        return max(elapsed, 0) if abs(elapsed) < HOURS else None


def _start(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _later(numbers: Sequence[int], hours: int) -> tuple[int, ...]:
    """Return 24 numbers, the latest first, as they are this many hours later."""
    return ((0,) * hours + tuple(numbers) + (0,) * HOURS)[:HOURS]

"""The limits of a visit to a portal: how many requests, for how long, and to which host."""

import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from service.collector.sandbox import CpuUsage, LimitExceededError, Runner
from service.core.errors import Cause, UpstreamError

MAX_REQUESTS, MAX_SECONDS = 30, 60.0
REQUEST_SECONDS = 8.0  # of one request or document at most, so that none lasts beyond the visit

R = TypeVar("R")


class Visit:
    """Counts the requests to one portal and refuses those beyond the limits, or to another host."""

    def __init__(self, url: str, timer: Callable[[], float] = time.monotonic) -> None:
        """Visit the portal at this URL, for as long as the limits allow from now on."""
        self._timer, self._began = timer, timer()
        self._origins = {_origin(url)}
        self._is_settled = False
        self.was_stopped = False
        self.requests = 0

    @property
    def seconds(self) -> float:
        """How long the visit has lasted."""
        return self._timer() - self._began

    @property
    def hosts(self) -> set[str]:
        """The names of the portal's host."""
        names = {host for host, _ in self._origins}
        return names | {f"www.{name}" for name in names}

    @property
    def is_late(self) -> bool:
        """Whether there is no time left for another request, or for another document."""
        return self.seconds > MAX_SECONDS - REQUEST_SECONDS

    @property
    def is_over(self) -> bool:
        """Whether no further request is permitted."""
        return self.was_stopped or self.is_late or self.requests >= MAX_REQUESTS

    def permit(self, url: str) -> None:
        """Count a request, or refuse it.

        Raises:
            UpstreamError: when the visit is over, or the URL is on another host; until `settle`, the portal's
                own address may redirect there.
        """
        if self.is_over:
            raise UpstreamError(Cause.TIMEOUT, "it was not asked, for the visit is over")
        if not self._is_settled:
            self._origins.add(_origin(url))
        elif not self.is_here(url):
            raise UpstreamError(Cause.ADDRESS_REFUSED, "it is on another host, which is not asked")
        self.requests += 1

    def is_here(self, url: str) -> bool:
        """Return whether a URL is on the portal's own host."""
        return _origin(url) in self._origins

    def settle(self) -> None:
        """Follow redirects to other hosts no more."""
        self._is_settled = True

    def stop(self) -> None:
        """Permit nothing any more: the portal asked for a pause."""
        self.was_stopped = True


class TimelyRunner:
    """Runs functions on documents until the visit's time is over."""

    def __init__(self, runner: Runner, visit: Visit) -> None:
        """Run functions by another runner."""
        self._runner, self._visit = runner, visit

    def run(self, usage: CpuUsage, function: Callable[..., R], *args: object) -> R:
        """Return what the function returns.

        Raises:
            LimitExceededError: when the visit is over, or the function takes too much.
            SandboxError: when it fails otherwise.
        """
        if self._visit.is_late:
            raise LimitExceededError("the visit is over")
        return self._runner.run(usage, function, *args)


def _origin(url: str) -> tuple[str, int | None]:
    """Return host and port; the usual ports of http and https are one, as are names with and without www."""
    parts = urlsplit(url)
    port = parts.port
    return (parts.hostname or "").removeprefix("www."), None if port in (80, 443) else port

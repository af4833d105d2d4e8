"""What this process has counted since it started: plain integers, so that counting a request costs nothing.

`storage.counter_files` adds up the counts of all processes, `observe.metrics` renders them for Prometheus.
"""

import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

from service.core.errors import UpstreamError
from service.core.ports import Request, Response, Upstream

Cell = list[int]
Counts = Mapping[str, Mapping[tuple[str, ...], Cell]]  # by the name of the family, by label values

_NANOSECONDS = 1_000_000_000
_NOT_MODIFIED = 304
_RENDERING = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_REQUESTING = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # a request ends after 10 s


class Family:
    """The counts of one metric, a cell for each combination of label values.

    Its cells are of one number, which whoever counts adds to without a lock: `cell[0] += 1` runs to its end
    before CPython lets another thread run, which it does at calls and at the end of loops only.

    Attributes:
        name: of the metric, without the prefix; also that under which its counts are saved.
        labels: their names.
        description: for whoever reads the metrics.
        always: label values that are told even where nothing was counted, so that the first one is seen.
    """

    width = 1  # numbers in a cell

    def __init__(
        self,
        name: str,
        labels: tuple[str, ...],
        description: str,
        always: tuple[tuple[str, ...], ...] = (),
    ) -> None:
        self.name, self.labels, self.description, self.always = name, labels, description, always
        self._cells: dict[tuple[str, ...], Cell] = {}
        self._lock = threading.Lock()

    def cell(self, *values: str) -> Cell:
        """Return the cell of these label values; the same one each time."""
        cell = self._cells.get(values)
        if cell is None:
            with self._lock:
                cell = self._cells.setdefault(values, [0] * self.width)
        return cell

    def count(self, *values: str) -> None:
        """Add one."""
        self.cell(*values)[0] += 1

    def total(self) -> int:
        """Return how often anything was counted."""
        return sum(cell[0] for cell in list(self._cells.values()))

    def snapshot(self) -> dict[tuple[str, ...], Cell]:
        """Return a copy of the cells in which something was counted."""
        with self._lock:
            return {values: cell.copy() for values, cell in self._cells.items() if any(cell)}

    def reset(self) -> None:
        """Begin at zero, in the same cells; in a process that was just forked and has one thread."""
        self._lock = threading.Lock()
        for cell in self._cells.values():
            cell[:] = [0] * self.width


class Histogram(Family):
    """Durations. A cell has a number for each bucket, the last one without a bound, and the sum in ns.

    Attributes:
        bounds: the upper bounds of the buckets in seconds.
    """

    def __init__(
        self, name: str, labels: tuple[str, ...], description: str, bounds: tuple[float, ...]
    ) -> None:
        super().__init__(name, labels, description)
        self.bounds, self.width = bounds, len(bounds) + 2

    def observe(self, seconds: float, *values: str) -> None:
        """Count one duration."""
        cell = self.cell(*values)
        with self._lock:  # two additions, which belong together
            cell[bisect_left(self.bounds, seconds)] += 1
            cell[-1] += int(seconds * _NANOSECONDS)

    def buckets(self, cell: Cell) -> list[tuple[str, int]]:
        """Return the numbers of durations up to each bound, those up to the one before among them."""
        total, buckets = 0, []
        for bound, count in zip((*map(str, self.bounds), "+Inf"), cell, strict=False):
            total += count
            buckets.append((bound, total))
        return buckets

    @staticmethod
    def sum(cell: Cell) -> float:
        """Return the sum in seconds."""
        return cell[-1] / _NANOSECONDS


class Latest(Family):
    """Times, in whole seconds since 1970, of which the latest counts, whichever process saw it."""

    def set(self, seconds: float, *values: str) -> None:
        """Keep this time."""
        self.cell(*values)[0] = int(seconds)


class ResponseCounter:
    """Counts the responses of one route with one status."""

    def __init__(self, requests: Family, route: str, status: str) -> None:
        self._requests, self._route, self._status = requests, route, status

    def cells(self, cache: str) -> tuple[Cell, Cell]:
        """Return the cell of the responses that are sent, and that of a 304 in their place.

        `cache` is what the response cache did, in nginx's words: hit, stale, miss, expired or bypass.
        """
        sent = self._requests.cell(self._route, self._status, cache)
        return sent, self._requests.cell(self._route, str(_NOT_MODIFIED), cache)


UNCOUNTED = ResponseCounter(Family("", (), ""), "", "")  # what it counts is never read


class UpstreamRequest:
    """One request to an upstream, while it is being made and read.

    Attributes:
        result: what came of it.
        seconds: how long it took until the response was complete.
    """

    def __init__(self) -> None:
        self.result, self.seconds = "", 0.0
        self._begun = perf_counter()

    def answered(self, response: Response) -> Response:
        """Record that a complete response has come, and return it."""
        self.seconds = perf_counter() - self._begun
        self.result = "not-modified" if response.status == _NOT_MODIFIED else "ok"
        return response

    def failed(self, error: UpstreamError) -> None:
        """Record that it failed, or that the response is of no use."""
        self.seconds = self.seconds or perf_counter() - self._begun
        self.result = error.cause.value


class CountedUpstream:
    """The `Upstream` port, with every request counted by what came of it."""

    def __init__(self, upstream: Upstream, counters: "Counters", upstream_id: str) -> None:
        self._upstream, self._counters, self._id = upstream, counters, upstream_id

    def fetch(self, request: Request) -> Response:
        with self._counters.request_to(self._id) as counted:
            return counted.answered(self._upstream.fetch(request))


class Counters:
    """All that a process counts. The labels have a bounded number of values, none that a client chooses."""

    def __init__(self) -> None:
        self.http_requests = Family(
            "http_requests_total",
            ("route", "status", "cache"),
            "Responses by the rule of their route, status, and what the response cache did.",
        )
        self.render_seconds = Histogram(
            "render_seconds", ("route",), "Time in which the application made a response.", _RENDERING
        )
        self.upstream_requests = Family(
            "upstream_requests_total",
            ("upstream", "result"),
            "Requests to providers and sources by their id, and what came of them.",
        )
        self.upstream_seconds = Histogram(
            "upstream_seconds", ("upstream",), "Time until a provider or source had responded.", _REQUESTING
        )
        self.store_errors = Family(
            "store_errors_total",
            ("op",),
            "Failed uses of the store: read or write.",
            always=(("read",), ("write",)),
        )
        self.collector_seen = Latest(
            "collector_last_seen_timestamp_seconds", (), "When a collector last showed that it goes on."
        )
        self.families: tuple[Family, ...] = (
            self.http_requests,
            self.render_seconds,
            self.upstream_requests,
            self.upstream_seconds,
            self.store_errors,
            self.collector_seen,
        )

    def response(self, route: str, status: str) -> ResponseCounter:
        """Return what counts the responses of this route with this status."""
        return ResponseCounter(self.http_requests, route, status)

    @contextmanager
    def request_to(self, upstream: str) -> Iterator[UpstreamRequest]:
        """Count one request to this upstream, by what came of it by the end of the block."""
        request = UpstreamRequest()
        try:
            yield request
        except UpstreamError as error:
            request.failed(error)
            raise
        finally:
            if request.result:
                self.upstream_requests.count(upstream, request.result)
                self.upstream_seconds.observe(request.seconds, upstream)

    def snapshot(self) -> Counts:
        """Return a copy of all counts."""
        return {family.name: cells for family in self.families if (cells := family.snapshot())}

    def reset(self) -> None:
        """Begin at zero in a process that was just forked: what it inherited is its parent's."""
        for family in self.families:
            family.reset()

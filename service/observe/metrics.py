"""`/metrics` for Prometheus: the counts of all processes, and the states of what the store has.

prometheus-client renders them and nothing else, so it is imported with the first scrape: most deployments
have none, and it would take time and memory from every start.
"""

import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.exceptions import NotFound

from service.articles.service import ArticleService
from service.core.counters import Counts, Family, Histogram, Latest
from service.core.errors import StoreError
from service.core.freshness import State
from service.observe.clients import Insiders
from service.share.state import read_state
from service.storage.counter_files import SharedCounters
from service.weather import records
from service.weather.provider import Provider
from service.weather.service import ForecastService
from service.web.cache_policy import NO_STORE
from service.web.context import AppContext
from service.web.parameters import Query
from service.web.responses import respond
from service.web.views import Audience, View

if TYPE_CHECKING:
    from prometheus_client.core import Metric

PREFIX = "portal_widgets_"
_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def view(
    context: AppContext,
    forecasts: ForecastService,
    articles: ArticleService,
    providers: Sequence[Provider],
    shared: SharedCounters,
) -> View:
    """Return the declaration of `/metrics`; for strangers there is nothing."""
    insiders = Insiders(context.settings.status.allow, context.settings.limits.trusted_proxies)

    def metrics(_query: Query) -> Response:
        if not insiders.include(request.environ):
            raise NotFound
        return respond(scrape.text(), _MEDIA_TYPE)

    scrape = Scrape(context, forecasts, articles, providers, shared)
    return View(
        name="metrics",
        rule="/metrics",
        respond=metrics,
        cache=NO_STORE,
        depends_on=frozenset({"current", "source"}),
        audience=Audience.PROGRAMS,
        sees_client=True,
    )


@dataclass(frozen=True, slots=True, eq=False)  # prometheus-client hashes it
class Scrape:
    """Collects the metrics, as a collector of prometheus-client.

    While the store fails, what would be read from it is left out.
    """

    context: AppContext
    forecasts: ForecastService
    articles: ArticleService
    providers: Sequence[Provider]
    shared: SharedCounters

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - see above

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)

    def describe(self) -> Iterable["Metric"]:
        """Spare prometheus-client a scrape, by which it would find out the names."""
        return ()

    def collect(self) -> Iterator["Metric"]:
        """Yield the metrics."""
        now = self.context.clock()
        yield from self._states(now)
        yield from self._quotas(now)
        yield from self._share(now)
        yield _gauge(
            "build_info",
            "Always 1; the labels tell what runs.",
            ("version", "python"),
            {(version("portal-widgets"), platform.python_version()): 1.0},
        )
        counts = self.shared.total()  # after the store was read, so that its failures are told at once
        for family in self.shared.counters.families:
            yield from _rendered(family, self._configured(family, counts))

    def _configured(self, family: Family, counts: Counts) -> Counts:
        """Return the counts without those of upstreams that are no longer configured."""
        if "upstream" not in family.labels:
            return counts
        known = {provider.id for provider in self.providers} | set(self.articles.sources)
        position = family.labels.index("upstream")
        cells = counts.get(family.name, {})
        return {family.name: {labels: cell for labels, cell in cells.items() if labels[position] in known}}

    def _share(self, now: datetime) -> Iterator["Metric"]:
        """Yield how this host stands with those that it shares with; nothing for a host alone."""
        if self.context.settings.store.share is None:
            return
        with suppress(StoreError):
            state = read_state(self.context.store)
            is_up = state is not None and state.is_up(now)
            yield _gauge("share_up", "Whether Valkey can be used.", (), {(): float(is_up)})
            if state is not None:
                yield _gauge(
                    "share_lag_seconds", "Time from another host's write to ours.", (), {(): state.lag}
                )

    def _states(self, now: datetime) -> Iterator["Metric"]:
        states: dict[tuple[str, ...], float] = {}
        ages: dict[tuple[str, ...], float] = {}
        for kind, times, counted in self._kinds(now):
            states |= {(kind, state.value): float(counted[state]) for state in State}
            fetched = [time for time in times if time is not None]
            if fetched:
                ages[kind,] = max(0.0, (now - min(fetched)).total_seconds())
        yield _gauge(
            "items", "Places with weather and sources of articles, by state.", ("kind", "state"), states
        )
        yield _gauge("oldest_age_seconds", "Age of the oldest that was ever fetched.", ("kind",), ages)

    def _kinds(self, now: datetime) -> Iterator[tuple[str, list[datetime | None], Counter[State]]]:
        """Yield each kind of item with the times of its last fetches and its states."""
        times = self.forecasts.fetch_times(self.context.catalogue)
        if times is not None:
            yield "weather", times, self.forecasts.states_of(times, now)
        try:
            statuses = self.articles.statuses(now)
        except StoreError:
            return
        yield (
            "articles",
            [status.fetched_at for status in statuses],
            Counter(status.state for status in statuses),
        )

    def _quotas(self, now: datetime) -> Iterator["Metric"]:
        left: dict[tuple[str, ...], float] = {}
        keys = {provider.id: records.quota_key(provider.id) for provider in self.providers}
        try:
            values = self.context.store.read(list(keys.values()))
        except StoreError:
            return
        for provider in self.providers:
            budget = provider.limits.daily_budget
            if budget is not None:
                quota = records.quota_from_bytes(values.get(keys[provider.id]))
                left[provider.id,] = max(0.0, budget - quota.spent_today(now.astimezone(UTC)))
        yield _gauge("quota_left_units", "Units of today's budget that are left.", ("provider",), left)


def _gauge(
    name: str, description: str, labels: Sequence[str], values: dict[tuple[str, ...], float]
) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - see above

    metric = GaugeMetricFamily(PREFIX + name, description, labels=labels)
    for of_labels, value in values.items():
        metric.add_metric(of_labels, value)
    return metric


def _rendered(family: Family, counts: Counts) -> Iterator["Metric"]:
    """Yield what was counted; cells that another version has counted otherwise are left out."""
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily  # noqa: PLC0415 - see above

    told = {labels: [0] * family.width for labels in family.always} | dict(counts.get(family.name, {}))
    cells = {
        labels: cell
        for labels, cell in sorted(told.items())
        if len(labels) == len(family.labels) and len(cell) == family.width
    }
    name = PREFIX + family.name
    if isinstance(family, Histogram):
        histogram = HistogramMetricFamily(name, family.description, labels=family.labels)
        for labels, cell in cells.items():
            histogram.add_metric(labels, family.buckets(cell), family.sum(cell))
        yield histogram
    elif isinstance(family, Latest):
        values = {labels: float(cell[0]) for labels, cell in cells.items()}
        yield _gauge(family.name, family.description, family.labels, values)
    else:
        counter = CounterMetricFamily(name, family.description, labels=family.labels)
        for labels, cell in cells.items():
            counter.add_metric(labels, cell[0])
        yield counter

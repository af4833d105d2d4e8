"""The status page: a verdict, and the states of the store, the collector, the places, providers and sources.

Details (errors, budgets, times, the store's file) are for insiders; all others see the states.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request

from service.articles.service import ArticleService, SourceStatus
from service.core.errors import StoreError
from service.core.freshness import State
from service.locales.formatter import Formatter
from service.observe.clients import Insiders
from service.observe.readiness import Readiness
from service.weather import records
from service.weather.provider import Attribution, Provider
from service.weather.quota import ProviderQuota
from service.weather.service import ForecastService
from service.web import responses
from service.web.cache_policy import NO_STORE
from service.web.context import AppContext
from service.web.error_handlers import MessagePages
from service.web.parameters import Parameters, Query, language
from service.web.views import View

_DEFAULT_ZONE = "Asia/Ho_Chi_Minh"
_MEBIBYTE = 1024**2
_PROBLEMS = {  # the worst first
    "all-unavailable": "status.nothing_to_show",
    "store-not-readable": "status.store_unreadable",
    "no-collector": "status.nobody_collects",
    "store-not-writable": "status.store_unwritable",
}

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the facts below it, as labels and values; `meters` are of what is used, of how much."""

    title: str
    facts: Facts
    meters: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class StatusView:
    """The values for the template; the verdict is in one sentence."""

    title: str
    verdict: str
    is_well: bool
    sample: str | None
    zone: str
    sections: tuple[Section, ...]


def view(status: "StatusPage") -> View:
    """Return the declaration of `/status`."""
    return View(
        name="status",
        rule="/status",
        respond=status.page,
        parameters=Parameters(lang=language(status.context.languages)),
        cache=NO_STORE,
        depends_on=frozenset({"current", "source"}),
        sees_client=True,
    )


@dataclass(frozen=True, slots=True)
class StatusPage:
    """The status page. No URL and no secret is on it, even for insiders.

    Attributes:
        readiness: what the verdict is made of.
        insiders: who sees details.
        attributions: by provider id.
        interval: returns the interval at which places in use are fetched, for this number of them.
    """

    context: AppContext
    forecasts: ForecastService
    articles: ArticleService
    providers: Sequence[Provider]
    attributions: Mapping[str, Attribution]
    interval: Callable[[int], timedelta]
    messages: MessagePages
    readiness: Readiness
    insiders: Insiders

    def page(self, query: Query) -> Response:
        formatter = self.context.formatter(query["lang"])
        html = self.context.templates.get_template("pages/status.html").render(
            view=self.present(formatter, detailed=self.insiders.include(request.environ)),
            language=formatter.language,
            home=f"{self.context.prefix}/",
            text=formatter.text,
            style=self.messages.style,
            script=self.script,
        )
        ancestors = self.context.settings.embed.frame_ancestors
        return responses.page(
            html, styles=[self.messages.style], scripts=[self.script], frame_ancestors=ancestors
        )

    @property
    def script(self) -> str:
        """Return the script that reloads the page, with a button that stops it."""
        return responses.minify(self.context.templates.get_template("pages/status.js").render())

    def present(self, formatter: Formatter, *, detailed: bool) -> StatusView:
        """Return the current status; times are in the zone of the default place."""
        place = self.context.default_city
        zone = place.timezone if place else _DEFAULT_ZONE
        now = self.context.clock().astimezone(ZoneInfo(zone))
        ready = self.readiness.state()
        verdict = _verdict(ready, formatter)
        return StatusView(
            title=formatter.text("status.title"),
            verdict=verdict or formatter.text("status.all_well"),
            is_well=verdict is None,
            sample=formatter.text("demo") if self.context.settings.demo else None,
            zone=f"{zone}, {formatter.stamped('status.now', now)}",
            sections=(
                Section(
                    formatter.text("status.store"), tuple(self._store(ready, formatter, detailed=detailed))
                ),
                Section(
                    formatter.text("status.collector"),
                    tuple(_collector(ready, formatter, now, detailed=detailed)),
                ),
                Section(
                    formatter.text("status.places"), tuple(self._places(formatter, now, detailed=detailed))
                ),
                *(self._provider(provider, formatter, now, detailed=detailed) for provider in self.providers),
                *_sources(self.articles, formatter, now, detailed=detailed),
            ),
        )

    def _store(
        self, ready: Mapping[str, Any], formatter: Formatter, *, detailed: bool
    ) -> Iterator[tuple[str, str]]:
        texts = {"ok": "status.ok", "read-only": "status.read_only", "failed": "status.failed"}
        yield formatter.text("status.state"), formatter.text(texts[ready["store"]["state"]])
        if not detailed:
            return
        path = self.context.settings.store.path
        yield formatter.text("status.file"), str(path)
        with suppress(OSError):
            size = sum(part.stat().st_size for part in (path, path.with_name(f"{path.name}-wal")))
            yield formatter.text("status.size"), f"{formatter.number(size / _MEBIBYTE)} MB"
        with suppress(OSError):
            free = shutil.disk_usage(path.parent).free
            yield formatter.text("status.free"), f"{formatter.number(free / _MEBIBYTE)} MB"

    def _places(self, formatter: Formatter, now: datetime, *, detailed: bool) -> Iterator[tuple[str, str]]:
        places = self.context.catalogue
        states = self.forecasts.count_states(places, now)
        for state in State:
            number = str(states[state]) if states is not None else formatter.text("status.failed")
            yield formatter.text(f"status.{state.value}"), number
        if not detailed:
            return
        used = self.forecasts.count_in_use(places, self.context.default_city, now)
        if used is not None:
            yield formatter.text("status.in_use"), str(used)
            configured = self.context.settings.weather.refresh
            yield formatter.text("status.pace"), _interval(configured, self.interval(used), formatter)

    def _provider(
        self, provider: Provider, formatter: Formatter, now: datetime, *, detailed: bool
    ) -> Section:
        attribution = self.attributions.get(provider.id)
        sample = self.context.settings.demo
        title = attribution.name if attribution and not sample else formatter.text("demo.source")
        try:
            values = self.context.store.read([records.quota_key(provider.id)])
        except StoreError:
            return Section(title, ((formatter.text("status.state"), formatter.text("status.failed")),))
        quota = records.quota_from_bytes(values.get(records.quota_key(provider.id)))
        if not detailed:
            state = "failed" if quota.failures else "never" if quota.last_success is None else "ok"
            return Section(title, ((formatter.text("status.state"), formatter.text(f"status.{state}")),))
        total = provider.limits.daily_budget
        meters = ((quota.spent_today(now.astimezone(UTC)), total),) if total is not None else ()
        return Section(title, tuple(_provider_facts(quota, provider, formatter, now)), meters)


def _verdict(ready: Mapping[str, Any], formatter: Formatter) -> str | None:
    """Return the sentence about what is worst; None where all is well."""
    problem = next((text for name, text in _PROBLEMS.items() if name in ready["problems"]), None)
    if problem is not None:
        return formatter.text(problem)
    counts = [ready[kind] for kind in ("weather", "articles") if ready[kind]]
    old = sum(states[state.value] for states in counts for state in State if state is not State.FRESH)
    return formatter.text("status.some_old", n=old) if old else None


def _collector(
    ready: Mapping[str, Any], formatter: Formatter, now: datetime, *, detailed: bool
) -> Iterator[tuple[str, str]]:
    texts = {"ok": "status.ok", "starting": "status.starting", "absent": "status.absent"}
    yield formatter.text("status.state"), formatter.text(texts[ready["collector"]["state"]])
    seen = ready["collector"]["last_seen"]
    if detailed and seen is not None:
        at = datetime.fromisoformat(seen).astimezone(now.tzinfo)
        yield formatter.text("status.last_seen"), formatter.stamped("status.at", at)


def _interval(configured: timedelta, actual: timedelta, formatter: Formatter) -> str:
    configured_text, actual_text = formatter.age(configured), formatter.age(actual)
    if actual <= configured or configured_text == actual_text:
        return configured_text
    return formatter.text("budget.stretched", wanted=configured_text, actual=actual_text)


def _provider_facts(
    quota: ProviderQuota, provider: Provider, formatter: Formatter, now: datetime
) -> Iterator[tuple[str, str]]:
    yield formatter.text("status.state"), _provider_state(quota, formatter, now)
    if quota.last_success is not None:
        last = quota.last_success.astimezone(now.tzinfo)
        yield formatter.text("status.last"), formatter.stamped("status.at", last)
        yield formatter.text("status.age"), formatter.age(now - last)
    if quota.cause is not None:
        yield formatter.text("status.error"), formatter.cause(quota.cause)
    if skipped := quota.count_skipped(now):
        yield formatter.text("status.skipped"), formatter.text("status.skipped_places", n=skipped)
    if quota.expires is not None and quota.expires > now:
        expires = quota.expires.astimezone(now.tzinfo)
        yield formatter.text("status.expires"), formatter.stamped("status.expires_at", expires)
    yield formatter.text("status.budget"), _daily_usage(quota, provider, formatter, now)


def _sources(
    articles: ArticleService, formatter: Formatter, now: datetime, *, detailed: bool
) -> Iterator[Section]:
    """Yield a section for every source, without its URL, which may contain a secret."""
    heading, state = formatter.text("status.sources"), formatter.text("status.state")
    try:
        statuses = articles.statuses(now)
    except StoreError:
        yield Section(heading, ((state, formatter.text("status.failed")),))
        return
    if not statuses:
        yield Section(heading, ((state, formatter.text("status.no_sources")),))
    for status in statuses:
        facts = _source_facts(status, formatter, now, detailed=detailed)
        yield Section(f"{heading}: {status.source.name}", tuple(facts))


def _source_facts(
    status: SourceStatus, formatter: Formatter, now: datetime, *, detailed: bool
) -> Iterator[tuple[str, str]]:
    yield formatter.text("status.state"), formatter.text(f"status.{_source_state(status)}")
    if not detailed:
        return
    if status.fetched_at is not None:
        last = status.fetched_at.astimezone(now.tzinfo)
        yield formatter.text("status.last"), formatter.stamped("status.at", last)
        yield formatter.text("status.age"), formatter.age(now - last)
    if status.cause is not None:
        yield formatter.text("status.error"), formatter.cause(status.cause)
    if status.due is not None:
        yield (
            formatter.text("status.next"),
            formatter.stamped("status.at", status.due.astimezone(now.tzinfo)),
        )


def _source_state(status: SourceStatus) -> str:
    if status.cause is not None:
        return "failed"
    if status.fetched_at is None:
        return "never"
    return "ok" if status.state is State.FRESH else "silent"


def _provider_state(quota: ProviderQuota, formatter: Formatter, now: datetime) -> str:
    parts = []
    if quota.failures:
        parts.append(formatter.text("status.failures", n=quota.failures))
    if quota.in_backoff(now) and quota.backoff_until is not None:
        parts.append(formatter.stamped("status.resting", quota.backoff_until.astimezone(now.tzinfo)))
    otherwise = "status.ok" if quota.last_success is not None else "status.never"
    return formatter.text("sentence.separator").join(parts) or formatter.text(otherwise)


def _daily_usage(quota: ProviderQuota, provider: Provider, formatter: Formatter, now: datetime) -> str:
    total = provider.limits.daily_budget
    if total is None:
        return formatter.text("budget.none")
    used = quota.spent_today(now.astimezone(UTC))  # a provider's day is in UTC
    return formatter.text("budget.used", used=formatter.number(used), total=formatter.number(total))

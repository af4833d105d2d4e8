"""The status page: a verdict, facts about collector, store and places, and tables of providers and sources.

Details (errors, budgets, times, the store's file) are for insiders; all others see the states.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request

from service.articles.service import ArticleService, SourceStatus
from service.collector.supervisor import lock_holder, lock_path
from service.core.errors import StoreError
from service.core.freshness import State
from service.core.request_history import RequestHistory
from service.locales.formatter import Formatter
from service.observe.clients import Insiders
from service.observe.readiness import Readiness
from service.share.state import read_state
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
_MEGABYTE, _GIGABYTE = 10**6, 10**9
_UP, _DOWN, _STEP = 14, 8, 4  # pixels: of the highest bars above and below the line, and from bar to bar
_PROBLEMS = {  # the worst first
    "all-unavailable": "status.nothing_to_show",
    "store-not-readable": "status.store_unreadable",
    "no-collector": "status.nobody_collects",
    "store-not-writable": "status.store_unwritable",
}
_ROLES = {
    "holder": "status.holder",
    "follower": "status.follower",
    "alone": "status.alone",
    "starting": "status.starting",
}
_LEVELS = {"ok": "ok", "never": "", "silent": "warn", "failed": "bad"}

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the facts below it, as labels and values."""

    title: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Bar:
    """An hour of a picture: pixels above the line for requests answered, below it for failed ones."""

    x: int
    answered: float
    failed: float


@dataclass(frozen=True, slots=True)
class DayPicture:
    """The requests of the last 24 hours, to be drawn, and in words."""

    label: str
    bars: tuple[Bar, ...]
    line: int = _UP
    width: int = 24 * _STEP - 1
    height: int = _UP + _DOWN + 1


@dataclass(frozen=True, slots=True)
class Row:
    """A provider or a source.

    Attributes:
        level: `ok`, `warn`, `bad`, or empty for one that was never asked.
        trouble: the last error, and what else is wrong.
        used: units of today's budget and the budget, where there is one; `budget` is the same in words.
    """

    name: str
    state: str
    level: str = ""
    last: str = ""
    next: str = ""
    trouble: tuple[str, ...] = ()
    budget: str = ""
    used: tuple[float, float] | None = None
    day: DayPicture | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Providers or sources. `note` is there instead of rows; strangers see names and states only."""

    title: str
    rows: tuple[Row, ...] = ()
    note: str = ""
    has_details: bool = False
    has_budgets: bool = False


@dataclass(frozen=True, slots=True)
class StatusView:
    """The values for the template; the verdict is in one sentence."""

    title: str
    verdict: str
    is_well: bool
    sample: str | None
    zone: str
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]


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
            style=self.style,
            script=self.script,
        )
        ancestors = self.context.settings.embed.frame_ancestors
        return responses.page(html, styles=[self.style], scripts=[self.script], frame_ancestors=ancestors)

    @property
    def style(self) -> str:
        """Return the style of all pages about the service itself, and of the tables."""
        sheet = self.context.templates.get_template("pages/status.css")
        return self.messages.style + responses.minify(sheet.render())

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
                    formatter.text("status.collector"),
                    tuple(self._collector(ready, formatter, now, detailed=detailed)),
                ),
                *self._share(formatter, now, detailed=detailed),
                Section(
                    formatter.text("status.store"), tuple(self._store(ready, formatter, detailed=detailed))
                ),
                Section(
                    formatter.text("status.places"), tuple(self._places(formatter, now, detailed=detailed))
                ),
            ),
            tables=(
                self._provider_table(formatter, now, detailed=detailed),
                _source_table(self.articles, formatter, now, detailed=detailed),
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
            yield formatter.text("status.size"), _size(size, formatter)
        with suppress(OSError):
            free = shutil.disk_usage(path.parent).free
            yield formatter.text("status.free"), _size(free, formatter)

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

    def _provider_table(self, formatter: Formatter, now: datetime, *, detailed: bool) -> Table:
        title = formatter.text("status.providers")
        keys = [records.quota_key(provider.id) for provider in self.providers]
        try:
            values = self.context.store.read(keys)
        except StoreError:
            return Table(title, note=formatter.text("status.failed"))
        rows = []
        for position, (provider, key) in enumerate(zip(self.providers, keys, strict=True)):
            quota = records.quota_from_bytes(values.get(key))
            attribution = self.attributions.get(provider.id)
            is_named = attribution is not None and not self.context.settings.demo
            name = attribution.name if attribution and is_named else formatter.text("demo.source")
            if detailed:
                row = _provider_row(name, quota, provider, formatter, now, is_first=position == 0)
            else:
                state = "failed" if quota.failures else "never" if quota.last_success is None else "ok"
                row = Row(name, formatter.text(f"status.{state}"), _LEVELS[state])
            rows.append(row)
        return Table(title, tuple(rows), has_details=detailed, has_budgets=detailed)

    def _share(self, formatter: Formatter, now: datetime, *, detailed: bool) -> Iterator[Section]:
        """Yield how this host stands with those that it shares with; nothing for a host alone."""
        if self.context.settings.store.share is None:
            return
        title = formatter.text("status.hosts")
        try:
            state = read_state(self.context.store)
        except StoreError:
            yield Section(title, ((formatter.text("status.state"), formatter.text("status.failed")),))
            return
        role = state.role if state is not None and state.role in _ROLES else "starting"
        facts = [(formatter.text("status.state"), formatter.text(_ROLES[role]))]
        if state is not None and detailed:
            if state.trouble:
                facts.append((formatter.text("status.valkey"), state.trouble))
            for host in state.hosts:
                if not host.is_this and host.seen is not None:
                    seen = formatter.stamped("status.at", host.seen.astimezone(now.tzinfo))
                    words = (formatter.text(_ROLES.get(host.role, "status.state")), host.version, seen)
                    facts.append((host.name, formatter.text("sentence.separator").join(words)))
            facts += [(formatter.text("status.differs"), line) for line in state.differences]
        yield Section(title, tuple(facts))

    def _collector(
        self, ready: Mapping[str, Any], formatter: Formatter, now: datetime, *, detailed: bool
    ) -> Iterator[tuple[str, str]]:
        state = ready["collector"]["state"]
        texts = {"ok": "status.ok", "starting": "status.starting", "absent": "status.absent"}
        yield formatter.text("status.state"), formatter.text(texts[state])
        if not detailed:
            return
        seen = ready["collector"]["last_seen"]
        if seen is not None:
            at = datetime.fromisoformat(seen).astimezone(now.tzinfo)
            yield formatter.text("status.last_seen"), formatter.stamped("status.at", at)
        holder = lock_holder(lock_path(self.context.settings.store.path))
        if holder is not None and state == "ok":
            kind = "external" if self.context.settings.collector.external else "worker"
            yield formatter.text("status.process"), formatter.text(f"status.process_{kind}", id=holder)


def _verdict(ready: Mapping[str, Any], formatter: Formatter) -> str | None:
    """Return the sentence about what is worst; None where all is well."""
    problem = next((text for name, text in _PROBLEMS.items() if name in ready["problems"]), None)
    if problem is not None:
        return formatter.text(problem)
    counts = [ready[kind] for kind in ("weather", "articles") if ready[kind]]
    old = sum(states[state.value] for states in counts for state in State if state is not State.FRESH)
    return formatter.text("status.some_old", n=old) if old else None


def _interval(configured: timedelta, actual: timedelta, formatter: Formatter) -> str:
    configured_text, actual_text = formatter.age(configured), formatter.age(actual)
    if actual <= configured or configured_text == actual_text:
        return configured_text
    return formatter.text("budget.stretched", wanted=configured_text, actual=actual_text)


def _provider_row(  # noqa: PLR0913 - what a row is made of
    name: str,
    quota: ProviderQuota,
    provider: Provider,
    formatter: Formatter,
    now: datetime,
    *,
    is_first: bool,
) -> Row:
    total = provider.limits.daily_budget
    skipped = quota.count_skipped(now)
    return Row(
        name,
        _provider_state(quota, formatter, now),
        _LEVELS["failed" if quota.failures else "never" if quota.last_success is None else "ok"],
        last=_last(quota.last_success, formatter, now),
        next=_provider_next(quota, formatter, now, is_first=is_first),
        trouble=(
            *((formatter.cause(quota.cause),) if quota.cause is not None else ()),
            *((formatter.text("status.skipped_places", n=skipped),) if skipped else ()),
        ),
        budget=_daily_usage(quota, provider, formatter, now),
        used=(quota.spent_today(now.astimezone(UTC)), total) if total is not None else None,
        day=_day_picture(quota.history, formatter, now),
    )


def _provider_next(quota: ProviderQuota, formatter: Formatter, now: datetime, *, is_first: bool) -> str:
    """Return when the provider is asked next: when it may be, and something is due."""
    if quota.in_backoff(now) and quota.backoff_until is not None:
        return formatter.stamped("status.at", quota.backoff_until.astimezone(now.tzinfo))
    if quota.expires is not None and quota.expires > now:
        return formatter.stamped("status.expires_at", quota.expires.astimezone(now.tzinfo))
    if quota.next_due is not None and quota.next_due > now:
        return formatter.stamped("status.at", quota.next_due.astimezone(now.tzinfo))
    return formatter.text("status.due" if is_first else "status.stand_in")


def _source_table(articles: ArticleService, formatter: Formatter, now: datetime, *, detailed: bool) -> Table:
    """Return a table with a row for every source, without its URL, which may contain a secret."""
    title = formatter.text("status.sources")
    try:
        statuses = articles.statuses(now)
    except StoreError:
        return Table(title, note=formatter.text("status.failed"))
    rows = tuple(_source_row(status, formatter, now, detailed=detailed) for status in statuses)
    return Table(title, rows, note="" if rows else formatter.text("status.no_sources"), has_details=detailed)


def _source_row(status: SourceStatus, formatter: Formatter, now: datetime, *, detailed: bool) -> Row:
    state = _source_state(status)
    row = Row(status.source.name, formatter.text(f"status.{state}"), _LEVELS[state])
    if not detailed:
        return row
    due = status.due
    return replace(
        row,
        last=_last(status.fetched_at, formatter, now),
        next=formatter.text("status.due")
        if due is None or due <= now
        else formatter.stamped("status.at", due.astimezone(now.tzinfo)),
        trouble=(formatter.cause(status.cause),) if status.cause is not None else (),
        day=_day_picture(status.history, formatter, now),
    )


def _last(at: datetime | None, formatter: Formatter, now: datetime) -> str:
    """Return when something was fetched, and how long ago."""
    if at is None:
        return ""
    local = at.astimezone(now.tzinfo)
    return formatter.text(
        "status.fetched", time=formatter.time(local), date=formatter.date(local), age=formatter.age(now - at)
    )


def _day_picture(history: RequestHistory, formatter: Formatter, now: datetime) -> DayPicture:
    """Return a bar for each hour; the highest above the line, and the longest below it, fill the room."""
    hours = history.until(now.astimezone(UTC))
    most_answered = max(1, *(answered for answered, _ in hours))
    most_failed = max(1, *(failed for _, failed in hours))
    return DayPicture(
        formatter.text(
            "status.day",
            answered=formatter.number(sum(answered for answered, _ in hours)),
            failed=formatter.number(sum(failed for _, failed in hours)),
        ),
        tuple(
            Bar(_STEP * position, _height(answered, most_answered, _UP), _height(failed, most_failed, _DOWN))
            for position, (answered, failed) in enumerate(hours)
            if answered or failed
        ),
    )


def _height(number: int, most: int, room: int) -> float:
    """Return the height of a bar; the lowest can still be seen."""
    return round(max(2.0, number / most * room), 1) if number else 0


def _size(number: int, formatter: Formatter) -> str:
    if number >= _GIGABYTE:
        return f"{formatter.number(number / _GIGABYTE, 1)} GB"
    return f"{formatter.number(number / _MEGABYTE, 1)} MB"


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

"""The page for those who run it: every provider, the store, the places, in words and absolute times."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from service.articles.service import ArticleService, SourceStatus
from service.core.errors import StoreError
from service.core.freshness import State
from service.locales.formatter import Formatter
from service.weather import keys, records
from service.weather.provider import Provider
from service.weather.quota import ProviderQuota
from service.web.context import AppContext

_USUAL_ZONE = "Asia/Ho_Chi_Minh"

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the facts below it: labels and values."""

    title: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class StatusView:
    """What the template places."""

    title: str
    sample: str | None
    zone: str
    sections: tuple[Section, ...]


def present(context: AppContext, articles: ArticleService, formatter: Formatter) -> StatusView:
    """How things stand now. It names no address, no file and no key of the configuration."""
    zone = context.default_city.timezone if context.default_city else _USUAL_ZONE
    now = context.clock().astimezone(ZoneInfo(zone))
    return StatusView(
        title=formatter.text("status.title"),
        sample=formatter.text("demo") if context.settings.demo else None,
        zone=f"{zone}, {formatter.stamped('status.now', now)}",
        sections=(
            _store(context, formatter),
            Section(formatter.text("status.places"), tuple(_places(context, formatter, now))),
            *(_provider(provider, context, formatter, now) for provider in context.providers),
            *_sources(articles, formatter, now),
        ),
    )


def _store(context: AppContext, formatter: Formatter) -> Section:
    well = context.reader.store_trouble() is None
    said = formatter.text("status.ok" if well else "status.failed")
    return Section(formatter.text("status.store"), ((formatter.text("status.state"), said),))


def _places(context: AppContext, formatter: Formatter, now: datetime) -> Iterator[tuple[str, str]]:
    states = context.reader.states(context.catalogue, now)
    for state in State:
        number = str(states[state]) if states is not None else formatter.text("status.failed")
        yield formatter.text(f"status.{state.value}"), number
    used = context.reader.in_use(context.catalogue, context.default_city, now)
    if used is None:
        return
    yield formatter.text("status.in_use"), str(used)
    yield (
        formatter.text("status.pace"),
        _pace(context.settings.weather.refresh, context.interval(used), formatter),
    )


def _pace(wanted: timedelta, actual: timedelta, formatter: Formatter) -> str:
    goal, truth = formatter.age(wanted), formatter.age(actual)
    if actual <= wanted or goal == truth:
        return goal
    return formatter.text("budget.stretched", wanted=goal, actual=truth)


def _provider(provider: Provider, context: AppContext, formatter: Formatter, now: datetime) -> Section:
    source = context.sources.get(provider.id)
    title = source.name if source and not context.settings.demo else formatter.text("demo.source")
    try:
        found = context.store.read([keys.quota(provider.id)])
    except StoreError:
        return Section(title, ((formatter.text("status.state"), formatter.text("status.failed")),))
    quota = records.quota_from_bytes(found.get(keys.quota(provider.id)))
    return Section(title, tuple(_account(quota, provider, formatter, now)))


def _account(
    quota: ProviderQuota, provider: Provider, formatter: Formatter, now: datetime
) -> Iterator[tuple[str, str]]:
    yield formatter.text("status.state"), _state(quota, formatter, now)
    if quota.last_success is not None:
        last = quota.last_success.astimezone(now.tzinfo)
        yield formatter.text("status.last"), formatter.stamped("status.at", last)
        yield formatter.text("status.age"), formatter.age(now - last)
    if quota.cause is not None:
        yield formatter.text("status.error"), formatter.cause(quota.cause)
    yield formatter.text("status.budget"), _budget(quota, provider, formatter, now)


def _sources(articles: ArticleService, formatter: Formatter, now: datetime) -> Iterator[Section]:
    """A section for every source; none of them names its address, which may hold what is not public."""
    heading, state = formatter.text("status.sources"), formatter.text("status.state")
    try:
        standings = articles.standings(now)
    except StoreError:
        yield Section(heading, ((state, formatter.text("status.failed")),))
        return
    if not standings:
        yield Section(heading, ((state, formatter.text("status.no_sources")),))
    for standing in standings:
        yield Section(
            f"{heading}: {standing.source.name}",
            tuple(_news(standing, formatter, now)),
        )


def _news(standing: SourceStatus, formatter: Formatter, now: datetime) -> Iterator[tuple[str, str]]:
    yield formatter.text("status.state"), formatter.text(f"status.{_word(standing)}")
    if standing.fetched_at is not None:
        last = standing.fetched_at.astimezone(now.tzinfo)
        yield formatter.text("status.last"), formatter.stamped("status.at", last)
        yield formatter.text("status.age"), formatter.age(now - last)
    if standing.cause is not None:
        yield formatter.text("status.error"), formatter.cause(standing.cause)
    if standing.due is not None:
        yield (
            formatter.text("status.next"),
            formatter.stamped("status.at", standing.due.astimezone(now.tzinfo)),
        )


def _word(standing: SourceStatus) -> str:
    if standing.cause is not None:
        return "failed"
    if standing.fetched_at is None:
        return "never"
    return "ok" if standing.state is State.FRESH else "silent"


def _state(quota: ProviderQuota, formatter: Formatter, now: datetime) -> str:
    parts = []
    if quota.failures:
        parts.append(formatter.text("status.failures", n=quota.failures))
    if quota.in_backoff(now) and quota.backoff_until is not None:
        parts.append(formatter.stamped("status.resting", quota.backoff_until.astimezone(now.tzinfo)))
    usual = "status.ok" if quota.last_success is not None else "status.never"
    return formatter.text("sentence.separator").join(parts) or formatter.text(usual)


def _budget(quota: ProviderQuota, provider: Provider, formatter: Formatter, now: datetime) -> str:
    total = provider.limits.daily_budget
    if total is None:
        return formatter.text("budget.none")
    used = quota.spent_today(now.astimezone(UTC))  # the provider's day
    return formatter.text("budget.used", used=formatter.number(used), total=formatter.number(total))

"""The page for those who run it: every provider, the store, the places, in words and absolute times."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from service.articles.service import ArticleReader, Standing
from service.core.errors import StoreError
from service.core.freshness import State
from service.core.ports import Provider
from service.locales.formatter import Speech
from service.storage import keys
from service.weather import records
from service.weather.quota import Ledger
from service.web.context import House

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


def present(house: House, articles: ArticleReader, speech: Speech) -> StatusView:
    """How things stand now. It names no address, no file and no key of the configuration."""
    zone = house.default_city.timezone if house.default_city else _USUAL_ZONE
    now = house.clock().astimezone(ZoneInfo(zone))
    return StatusView(
        title=speech.text("status.title"),
        sample=speech.text("demo") if house.settings.demo else None,
        zone=f"{zone}, {speech.stamped('status.now', now)}",
        sections=(
            _store(house, speech),
            Section(speech.text("status.places"), tuple(_places(house, speech, now))),
            *(_provider(provider, house, speech, now) for provider in house.providers),
            *_sources(articles, speech, now),
        ),
    )


def _store(house: House, speech: Speech) -> Section:
    well = house.reader.store_trouble() is None
    said = speech.text("status.ok" if well else "status.failed")
    return Section(speech.text("status.store"), ((speech.text("status.state"), said),))


def _places(house: House, speech: Speech, now: datetime) -> Iterator[tuple[str, str]]:
    states = house.reader.states(house.catalogue, now)
    for state in State:
        number = str(states[state]) if states is not None else speech.text("status.failed")
        yield speech.text(f"status.{state.value}"), number
    used = house.reader.in_use(house.catalogue, house.default_city, now)
    if used is None:
        return
    yield speech.text("status.in_use"), str(used)
    yield speech.text("status.pace"), _pace(house.settings.weather.refresh, house.interval(used), speech)


def _pace(wanted: timedelta, actual: timedelta, speech: Speech) -> str:
    goal, truth = speech.age(wanted), speech.age(actual)
    if actual <= wanted or goal == truth:
        return goal
    return speech.text("budget.stretched", wanted=goal, actual=truth)


def _provider(provider: Provider, house: House, speech: Speech, now: datetime) -> Section:
    source = house.sources.get(provider.id)
    title = source.name if source and not house.settings.demo else speech.text("demo.source")
    try:
        found = house.store.read([keys.ledger(provider.id)])
    except StoreError:
        return Section(title, ((speech.text("status.state"), speech.text("status.failed")),))
    ledger = records.ledger_from_bytes(found.get(keys.ledger(provider.id)))
    return Section(title, tuple(_account(ledger, provider, speech, now)))


def _account(ledger: Ledger, provider: Provider, speech: Speech, now: datetime) -> Iterator[tuple[str, str]]:
    yield speech.text("status.state"), _state(ledger, speech, now)
    if ledger.last_success is not None:
        last = ledger.last_success.astimezone(now.tzinfo)
        yield speech.text("status.last"), speech.stamped("status.at", last)
        yield speech.text("status.age"), speech.age(now - last)
    if ledger.cause is not None:
        yield speech.text("status.error"), speech.cause(ledger.cause)
    yield speech.text("status.budget"), _budget(ledger, provider, speech, now)


def _sources(articles: ArticleReader, speech: Speech, now: datetime) -> Iterator[Section]:
    """A section for every portal; none of them names its address, which may hold what is not public."""
    heading, state = speech.text("status.sources"), speech.text("status.state")
    try:
        standings = articles.standings(now)
    except StoreError:
        yield Section(heading, ((state, speech.text("status.failed")),))
        return
    if not standings:
        yield Section(heading, ((state, speech.text("status.no_sources")),))
    for standing in standings:
        yield Section(
            f"{heading}: {standing.portal.name}",
            tuple(_news(standing, speech, now)),
        )


def _news(standing: Standing, speech: Speech, now: datetime) -> Iterator[tuple[str, str]]:
    yield speech.text("status.state"), speech.text(f"status.{_word(standing)}")
    if standing.fetched_at is not None:
        last = standing.fetched_at.astimezone(now.tzinfo)
        yield speech.text("status.last"), speech.stamped("status.at", last)
        yield speech.text("status.age"), speech.age(now - last)
    if standing.cause is not None:
        yield speech.text("status.error"), speech.cause(standing.cause)
    if standing.due is not None:
        yield speech.text("status.next"), speech.stamped("status.at", standing.due.astimezone(now.tzinfo))


def _word(standing: Standing) -> str:
    if standing.cause is not None:
        return "failed"
    if standing.fetched_at is None:
        return "never"
    return "ok" if standing.state is State.FRESH else "silent"


def _state(ledger: Ledger, speech: Speech, now: datetime) -> str:
    parts = []
    if ledger.failures:
        parts.append(speech.text("status.failures", n=ledger.failures))
    if ledger.rests(now) and ledger.rest_until is not None:
        parts.append(speech.stamped("status.resting", ledger.rest_until.astimezone(now.tzinfo)))
    usual = "status.ok" if ledger.last_success is not None else "status.never"
    return speech.text("sentence.separator").join(parts) or speech.text(usual)


def _budget(ledger: Ledger, provider: Provider, speech: Speech, now: datetime) -> str:
    total = provider.terms.daily_budget
    if total is None:
        return speech.text("budget.none")
    used = ledger.spent_today(now.astimezone(UTC))  # the provider's day
    return speech.text("budget.used", used=speech.number(used), total=speech.number(total))

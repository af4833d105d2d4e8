"""`portal-widgets check`: every provider and source is asked once; what they said is told in a table."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

from service.articles.collect.document_reader import DocumentReader
from service.articles.model import ParsedEntry, SourceParser
from service.articles.sources.html_listing import HtmlListing
from service.articles.sources.registry import parser_for
from service.bootstrap import catalogue_of, default_city, utc_now
from service.bootstrap_collect import door_of, with_demo
from service.collector.sandbox import Sandbox
from service.core.errors import UpstreamError
from service.core.ports import Upstream
from service.places.model import Place
from service.settings.model import Settings
from service.weather.collect.intervals import (
    Intervals,
    RefreshGoals,
    RequestCost,
    plan_intervals,
    units_per_day,
)
from service.weather.model import Dataset
from service.weather.provider import Provider, ProviderForecast
from service.weather.providers.registry import providers_of

_NO_PLACES = "No places are configured: no weather is fetched."

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: what was asked, how it went, and in how long."""

    what: str
    ok: bool
    verdict: str
    took: timedelta
    items: int


def check(settings: Settings, tell: Tell) -> int:
    """Ask every provider and source once and tell what came of it; the number of those that failed."""
    place = default_city(settings, catalogue_of(settings))
    with ExitStack() as resources:
        settings = with_demo(settings, resources)
        providers = providers_of(settings.weather)
        client = resources.enter_context(door_of(settings))
        findings = [_ask(provider, client, place) for provider in providers] if place else []
        secrets = settings.secrets
        sandbox = resources.enter_context(Sandbox())
        parsers = [parser_for(source) for source in settings.articles.source]
        findings += [_listed(parser, client, DocumentReader(parser, sandbox)) for parser in parsers]
    for line in _table(findings):
        tell(secrets.redact(line))
    for line in _remarks(settings, providers) if place else [_NO_PLACES]:
        tell(line)
    return sum(not finding.ok for finding in findings)


def _ask(provider: Provider, client: Upstream, place: Place) -> Finding:
    started = time.monotonic()
    try:
        answer = client.fetch(provider.request(Dataset.CURRENT, [place]))
        (said,) = provider.parse(answer.body, [place], utc_now())
        ok, verdict = _judged(said, place)
    except UpstreamError as error:
        ok, verdict = False, f"{error} ({error.cause.value})"
    took = timedelta(seconds=time.monotonic() - started)
    return Finding(f"weather.{provider.id}", ok, verdict, took, int(ok))


def _listed(parser: SourceParser, client: Upstream, reader: DocumentReader) -> Finding:
    started, items = time.monotonic(), 0
    try:
        drafts = reader.listing(client.fetch(parser.listing_request()), utc_now()).entries
        items, verdict = len(drafts), f"ok: newest “{drafts[0].title}”" if drafts else "ok: empty"
        if drafts and isinstance(parser, HtmlListing):
            verdict += _of_its_page(parser, drafts[0], client, reader)
        ok = True
    except UpstreamError as error:
        ok, verdict = False, str(error)
    took = timedelta(seconds=time.monotonic() - started)
    return Finding(f"articles.{parser.source.id}", ok, verdict, took, items)


def _of_its_page(parser: HtmlListing, draft: ParsedEntry, client: Upstream, reader: DocumentReader) -> str:
    """What an editor should know of the newest article's own page, as the end of a sentence.

    Raises:
        UpstreamError: when that page cannot be used; most of a portal without a feed stands on such pages.
    """
    request = parser.page_request(draft)
    if request is None:
        return ""
    try:
        answer = client.fetch(request)
        reader.page(answer, draft, utc_now())
        idle = reader.unmatched_selectors(parser, answer)
    except UpstreamError as error:
        raise replace(error, detail=f"the newest article “{draft.title}” cannot be read: {error}") from None
    return f"; on its page nothing is found by {', '.join(idle)}" if idle else ""


def _judged(said: ProviderForecast | None, place: Place) -> tuple[bool, str]:
    if said is None or said.current is None or said.current.time is None:
        return False, f"it told nothing usable of {place.id}"
    return True, f"ok: {place.id} at {said.current.time:%Y-%m-%d %H:%M} UTC"


def _table(findings: Sequence[Finding]) -> list[str]:
    rows = [("what", "time", "items", "result")]
    rows += [
        (finding.what, f"{finding.took.total_seconds():.2f} s", str(finding.items), finding.verdict)
        for finding in findings
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return ["  ".join([*map(str.ljust, row, widths), row[3]]).rstrip() for row in rows]


def _remarks(settings: Settings, providers: Sequence[Provider]) -> list[str]:
    """What the terms allow, and whether the goals fit the budget."""
    weather, first = settings.weather, providers[0]
    has_contact = bool(settings.site.contact or settings.site.public_url)
    remarks = [note for provider in providers for note in provider.notes(has_contact=has_contact)]
    goals = RefreshGoals.from_settings(weather)
    cost = RequestCost.of(first)
    places = len(catalogue_of(settings))
    for used in dict.fromkeys((1, places)):
        intervals = plan_intervals(goals, cost, used, places - used)
        remarks += _promise(goals, intervals, used, places)
        if cost.daily_budget is not None:
            units = units_per_day(intervals, cost, used, places - used)
            remarks.append(f"  That is about {units:,.0f} units a day of {first.id}.")
    return remarks


def _promise(goals: RefreshGoals, intervals: Intervals, used: int, places: int) -> list[str]:
    """How often places are refreshed, and where that is less than was wished."""
    others = f", the others every {_minutes(intervals.idle)}" if used < places else ""
    lines = [f"With {used} of {places} places in use: these every {_minutes(intervals.in_use)}{others}."]
    if intervals.in_use > goals.refresh:
        lines.append(f"  The budget does not allow every {_minutes(goals.refresh)} (weather.refresh).")
    if intervals.idle > goals.stale_after / 2:
        lines.append("  The budget does not allow all within half of weather.stale_after.")
    return lines


def _minutes(interval: timedelta) -> str:
    minutes, seconds = divmod(round(interval.total_seconds()), 60)
    return f"{minutes} min" if not seconds else f"{minutes} min {seconds} s"

"""`portal-widgets check`: requests every provider and source once, looks at store and clock, prints a table.

With `--articles` it reads a few articles of every source too, and prints what was found of each.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from service.articles.collect.assemble import needs_its_page
from service.articles.collect.document_reader import DocumentReader
from service.articles.discover.preview import lines_of, missing_of, read_articles
from service.articles.model import ParsedEntry, SourceParser
from service.articles.narrowing import Narrowing
from service.articles.sources.html_listing import HtmlListing
from service.articles.sources.registry import parser_for
from service.bootstrap import default_place, load_catalogue, open_store, utc_now
from service.bootstrap_collect import make_http_client, with_demo
from service.collector.sandbox import Sandbox
from service.core.errors import StoreError, UpstreamError
from service.core.ports import Request, Response, Upstream
from service.core.progress import Progress
from service.http_client.caching_headers import http_date
from service.places.model import Place
from service.settings.model import Settings
from service.storage.store import SqliteStore
from service.weather.collect.collector import expires_at
from service.weather.collect.intervals import (
    Intervals,
    RefreshGoals,
    RequestCost,
    plan_intervals,
    units_per_day,
)
from service.weather.collect.schedule import answers_both
from service.weather.model import Dataset
from service.weather.provider import Provider, ProviderForecast
from service.weather.providers.registry import providers_of

_MAX_PAGES = 3  # of a source, until one can be read
_MANY = 5  # articles, from which it is odd that none has a date, or all have the same
_LEAST_FREE = 100_000_000  # bytes
_MOST_WRONG = timedelta(minutes=2)
_NO_PLACES = "No places are configured: no weather is fetched."


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One row of the table; `entries` are those of a source's listing."""

    name: str
    ok: bool
    message: str
    duration: timedelta
    items: int
    entries: Sequence[ParsedEntry] = ()


def check(
    settings: Settings,
    echo: Callable[[str], None],
    *,
    with_articles: bool = False,
    progress: Progress,
) -> int:
    """Request every provider and source once, print the results, and return how many failed."""
    place = default_place(settings, load_catalogue(settings))
    store = check_store(open_store(settings))
    with ExitStack() as resources:
        settings = with_demo(settings, resources)
        providers = providers_of(settings.weather)
        client = _TimedUpstream(resources.enter_context(make_http_client(settings)))
        goals = RefreshGoals.from_settings(settings.weather)
        patience = goals.patience if len(providers) > 1 else None
        results = []
        for provider in providers:
            if place is not None:
                progress.show(f"asking {provider.id}")
                results.append(_check_provider(provider, client, place, patience))
        secrets = settings.secrets
        sandbox = resources.enter_context(Sandbox())
        readers = [
            (parser, DocumentReader(parser, sandbox)) for parser in map(parser_for, settings.articles.source)
        ]
        checked = []
        for number, (parser, reader) in enumerate(readers, 1):
            progress.show(f"asking {parser.source.id} ({number} of {len(readers)})")
            checked.append(_check_source(parser, client, reader))
        narrowing = Narrowing(settings.articles.source)
        details = [
            line
            for (parser, reader), result in zip(readers, checked, strict=True)
            for line in (_articles(parser, result, client, reader, narrowing) if with_articles else ())
        ]
    progress.clear()
    results += [*checked, store, *_check_share(settings), check_clock(client.differences)]
    for line in (*_table(results), *details):
        echo(secrets.redact(line))
    for line in _remarks(settings, providers) if place else [_NO_PLACES]:
        echo(line)
    return sum(not result.ok for result in results)


# The machine


def check_store(store: SqliteStore) -> CheckResult:
    """Look whether the store can be read and written by whoever runs this, and has room; change nothing."""
    started, path = time.monotonic(), store.path
    folder = next(one for one in path.absolute().parents if one.exists())
    free = shutil.disk_usage(folder).free
    items = 0
    if not os.access(folder, os.W_OK | os.X_OK):
        fault = f"the folder {folder} cannot be written to"
    elif path.exists() and not os.access(path, os.R_OK | os.W_OK):
        fault = "it cannot be read and written"
    elif free < _LEAST_FREE:
        fault = f"its disk has {free / 1e6:.0f} MB left, and {_LEAST_FREE / 1e6:.0f} MB are the least"
    else:
        fault = ""
    try:
        if path.exists() and not fault:
            items = len(store.keys(""))
            fault = "it is damaged; the collector will set it aside and begin a new one" * store.is_damaged()
    except StoreError as error:
        fault = str(error)
    size = f"{path.stat().st_size / 1e6:.1f} MB" if path.exists() else "not there yet"
    message = f"{path}: {fault}" if fault else f"ok: {path}, {size}; {free / 1e9:.1f} GB free"
    duration = timedelta(seconds=time.monotonic() - started)
    return CheckResult("store", not fault, message, duration, items)


def _check_share(settings: Settings) -> Iterator[CheckResult]:
    """Look whether the Valkey that hosts share through can be used; change nothing."""
    if settings.store.share is None:
        return
    from service.share.connection import Connection, ShareError  # noqa: PLC0415 - it imports the client of Valkey

    share, started = settings.store.share, time.monotonic()
    connection = Connection(share, settings.upstream.ca_file)
    try:
        server = connection.server()
        hosts = connection.count_hosts()
        is_safe = server.policy == "noeviction"
        message = (
            f"ok: Valkey {server.version} at {share.host}:{share.port}, {hosts} hosts within a day"
            if is_safe
            else f"maxmemory-policy is {server.policy}, under which records get lost; set it to noeviction"
        )
    except ShareError as error:
        is_safe, hosts, message = False, 0, f"Valkey at {share.host}:{share.port} {error}"
    connection.close()
    yield CheckResult("share", is_safe, message, timedelta(seconds=time.monotonic() - started), hosts)


class _TimedUpstream:
    """Passes requests on, and compares our clock with the `Date` of every response."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self.differences: dict[str, timedelta] = {}  # by host, ours less theirs

    def fetch(self, request: Request) -> Response:
        response = self._upstream.fetch(request)
        told = http_date(response.headers.get("date"))
        if told is not None and "age" not in response.headers:  # a cache tells when it got the response
            self.differences[urlsplit(response.url).hostname or ""] = utc_now() - told
        return response


def check_clock(differences: Mapping[str, timedelta]) -> CheckResult:
    """Compare our clock with those of the upstreams: one may itself be wrong, so the middle counts."""
    if not differences:
        return CheckResult("clock", True, "not compared: no response told the time", timedelta(0), 0)
    host, difference = sorted(differences.items(), key=lambda one: one[1])[len(differences) // 2]
    seconds = abs(difference).total_seconds()
    is_right = abs(difference) <= _MOST_WRONG
    side = "ahead of" if difference > timedelta(0) else "behind"
    message = (
        f"ok: within {max(seconds, 1):.0f} s of {host}'s"
        if is_right
        else f"it is {_minutes(abs(difference))} {side} {host}'s; set it, best by NTP"
    )
    return CheckResult("clock", is_right, message, timedelta(0), len(differences))


# Providers and sources


def _check_provider(
    provider: Provider, client: Upstream, place: Place, patience: timedelta | None
) -> CheckResult:
    """Request the current values of a place; `patience` is that of the schedule where there are others."""
    started = time.monotonic()
    try:
        answer = client.fetch(provider.request(Dataset.CURRENT, [place]))
        now = utc_now()
        (forecast,) = provider.parse(answer.body, [place], now)
        ok, message = _verdict(forecast, now)
        if ok and answers_both(provider, place):
            message += _hours_remark(forecast, now)
        message += _expires_remark(answer, now, patience)
    except UpstreamError as error:
        ok, message = False, f"{error} ({error.cause.value})"
    duration = timedelta(seconds=time.monotonic() - started)
    return CheckResult(f"weather.{provider.id}", ok, message, duration, int(ok))


def _verdict(forecast: ProviderForecast | UpstreamError, now: datetime) -> tuple[bool, str]:
    fault = forecast if isinstance(forecast, UpstreamError) else forecast.fault(Dataset.CURRENT, now)
    if isinstance(forecast, UpstreamError) or fault is not None:
        return False, str(fault)
    time = forecast.current.time if forecast.current else None
    return True, f"ok: {forecast.place.id} at {time or now:%Y-%m-%d %H:%M} UTC"


def _hours_remark(forecast: ProviderForecast | UpstreamError, now: datetime) -> str:
    """Return why a response that should have hours has none to show, as the end of a sentence."""
    fault = None if isinstance(forecast, UpstreamError) else forecast.fault(Dataset.HOURLY, now)
    return f"; but it has no hours to show: {fault}" if fault else ""


def _expires_remark(answer: Response, now: datetime, patience: timedelta | None) -> str:
    """Return what a response that forbids the next request for long leads to, as the end of a sentence."""
    until = expires_at(answer, now)
    if until is None or patience is None or until <= now + patience:
        return ""
    return (
        f"; it forbids the next request until {until:%Y-%m-%d %H:%M} UTC,"
        f" so the next provider is asked after {_minutes(patience)}"
    )


def _check_source(parser: SourceParser, client: Upstream, reader: DocumentReader) -> CheckResult:
    started, entries = time.monotonic(), tuple[ParsedEntry, ...]()
    try:
        entries = reader.listing(client.fetch(parser.listing_request()), utc_now()).entries
        message = f"ok: newest “{entries[0].title}”" if entries else "ok: empty"
        message += dates_remark(parser, entries) + _check_pages(parser, entries, client, reader)
        ok = True
    except UpstreamError as error:
        ok, message = False, str(error)
    duration = timedelta(seconds=time.monotonic() - started)
    return CheckResult(f"articles.{parser.source.id}", ok, message, duration, len(entries), entries)


def dates_remark(parser: SourceParser, entries: Sequence[ParsedEntry]) -> str:
    """Return what is odd about the dates of a listing, as the end of a sentence.

    That of a portal without a feed may have none: then the articles' pages have them.
    """
    dates = [entry.published.at for entry in entries if entry.published]
    if len(entries) < _MANY or (not dates and parser.source.kind == "page"):
        return ""
    if not dates:
        return f"; but none of the {len(entries)} articles has a date that can be read"
    if len(set(dates)) == 1 and len(dates) == len(entries):
        return f"; but all {len(entries)} articles have the same date, {dates[0]:%Y-%m-%d %H:%M} UTC"
    return ""


def _articles(
    parser: SourceParser, result: CheckResult, client: Upstream, reader: DocumentReader, narrowing: Narrowing
) -> Iterator[str]:
    """Yield the first articles of a source, read as the collector would, and what they lack."""
    articles = read_articles(parser, result.entries, client, reader, utc_now)
    yield ""
    yield f"{result.name}: the first {len(articles)} of {result.items} articles"
    for article in articles:
        yield from (f"  {line}" for line in lines_of([article], parser.source.timezone))
        entry = article.entry
        if reason := narrowing.reason_for(parser.source.id, (entry.title, entry.lead, *entry.categories)):
            yield f"  {'':16}  not shown: {reason}"
    yield f"  Missing: {', '.join(missing_of(articles)) or 'nothing'}." if articles else f"  {result.message}"


def _check_pages(
    parser: SourceParser, entries: Sequence[ParsedEntry], client: Upstream, reader: DocumentReader
) -> str:
    """Return what an editor should know about the articles' own pages, as the end of a sentence.

    Raises:
        UpstreamError: when none of the newest pages can be used, and articles need theirs.
    """
    wanted = [entry for entry in entries if parser.wants_page(entry)][:_MAX_PAGES]
    failures: list[UpstreamError] = []
    for entry in wanted:
        try:
            idle = _unmatched_selectors(parser, entry, client, reader)
        except UpstreamError as error:
            failures.append(replace(error, detail=f"“{entry.title}” cannot be read: {error}"))
        else:
            unread = f"; the article {failures[0]}" if failures else ""
            return unread + (f"; on its page nothing is found by {', '.join(idle)}" if idle else "")
    if not failures:
        return ""
    others = f" (nor can {len(failures) - 1} others)" if failures[1:] else ""
    detail = f"the newest article {failures[0]}{others}"
    if any(needs_its_page(entry, parser.source) for entry in wanted):
        raise replace(failures[0], detail=detail) from None
    return f"; without pictures, for {detail}"


def _unmatched_selectors(
    parser: SourceParser, entry: ParsedEntry, client: Upstream, reader: DocumentReader
) -> list[str]:
    """Read an article's page and return the configured selectors that find nothing on it."""
    request = parser.page_request(entry)
    if request is None:
        return []
    answer = client.fetch(request)
    reader.page(answer, entry, utc_now())
    return reader.unmatched_selectors(parser, answer) if isinstance(parser, HtmlListing) else []


def _table(results: Sequence[CheckResult]) -> list[str]:
    rows = [("what", "time", "items", "result")]
    rows += [
        (result.name, f"{result.duration.total_seconds():.2f} s", str(result.items), result.message)
        for result in results
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return ["  ".join([*map(str.ljust, row, widths), row[3]]).rstrip() for row in rows]


def _remarks(settings: Settings, providers: Sequence[Provider]) -> list[str]:
    """Return the providers' notes, and whether the refresh goals fit the budget."""
    weather, first = settings.weather, providers[0]
    has_contact = bool(settings.site.contact or settings.site.public_url)
    remarks = [note for provider in providers for note in provider.notes(has_contact=has_contact)]
    goals = RefreshGoals.from_settings(weather)
    cost = RequestCost.of(first)
    places = len(load_catalogue(settings))
    for used in dict.fromkeys((1, places)):
        intervals = plan_intervals(goals, cost, used, places - used)
        remarks += _refresh_remarks(goals, intervals, used, places)
        if cost.daily_budget is not None:
            units = units_per_day(intervals, cost, used, places - used)
            remarks.append(f"  That is about {units:,.0f} units a day of {first.id}.")
    return remarks


def _refresh_remarks(goals: RefreshGoals, intervals: Intervals, used: int, places: int) -> list[str]:
    """Return how often places are refreshed, and where that is less often than configured."""
    others = f", the others every {_minutes(intervals.idle)}" if used < places else ""
    remarks = [f"With {used} of {places} places in use: these every {_minutes(intervals.in_use)}{others}."]
    if intervals.in_use > goals.refresh:
        remarks.append(f"  The budget does not allow every {_minutes(goals.refresh)} (weather.refresh).")
    if intervals.idle > goals.stale_after / 2:
        remarks.append("  The budget does not allow all within half of weather.stale_after.")
    return remarks


def _minutes(interval: timedelta) -> str:
    minutes, seconds = divmod(round(interval.total_seconds()), 60)
    return f"{minutes} min" if not seconds else f"{minutes} min {seconds} s"

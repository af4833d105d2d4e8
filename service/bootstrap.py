"""What both halves are built from: clock, places, store, sample sources, logging."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from service.core.counters import Counters
from service.core.errors import SettingsError
from service.core.logs import formatters, log_to_standard_error
from service.core.secrets import Secrets
from service.demo import feeds
from service.places.catalogue import Catalogue, built_in_places, merge, no_such_place
from service.places.model import Place
from service.settings.model import ArticleSource, Settings
from service.settings.schema import SourceSection
from service.storage.counter_files import SharedCounters
from service.storage.store import PATIENCE, SqliteStore

DEFAULT_PLACE = "dong-ha"


utc_now: Callable[[], datetime] = partial(datetime.now, UTC)  # noqa: TID251 - the clock passed to everything


def timestamp_clock(clock: Callable[[], datetime]) -> Callable[[], float]:
    """Return the same clock in seconds since 1970, for every request: a third of the cost."""
    return time.time if clock is utc_now else lambda: clock().timestamp()  # noqa: TID251 - this is the one place


def load_catalogue(settings: Settings) -> Catalogue:
    """Return the places that this deployment serves.

    Raises:
        SettingsError: for unknown ids of places, and for two places with one id.
    """
    catalogue = merge(built_in_places(), settings.weather.city, settings.weather.cities)
    if settings.site.default_city and catalogue.get(settings.site.default_city) is None:
        raise SettingsError([no_such_place("site.default_city", settings.site.default_city, catalogue.ids)])
    return catalogue


def default_place(settings: Settings, catalogue: Catalogue) -> Place | None:
    """Return the place for requests that name none: the configured one, `DEFAULT_PLACE`, or the first."""
    place = catalogue.get(settings.site.default_city or DEFAULT_PLACE)
    return place or next(iter(catalogue), None)


def demo_sources(upstream_url: str = "") -> tuple[ArticleSource, ...]:
    """Return the article sources of the bundled upstream at this URL.

    Without a URL (in the serving half) they have none either: the upstream's port changes with every start.
    """
    section = SourceSection()
    if not upstream_url:
        return tuple(
            replace(section.load(table), url="") for table in feeds.source_tables("http://localhost")
        )
    return tuple(section.load(table) for table in feeds.source_tables(upstream_url))


def open_store(settings: Settings, patience: float = PATIENCE) -> SqliteStore:
    """Return the store of this host; its file is opened at the first use.

    `patience` is for how many seconds reading waits for the locks of others.
    """
    return SqliteStore(settings.store.path, patience=patience)


def share_counters(store: SqliteStore) -> SharedCounters:
    """Return new counters, which count the failures of this store and are shared beside it."""
    counters = Counters()
    store.on_error = lambda access: counters.store_errors.count(access.value)
    return SharedCounters(store.path, counters)


def configure_logging(half: str) -> None:
    """Log to standard error, unless whoever runs this process has configured logging already."""
    log_to_standard_error(half)


def redact_logs(secrets: Secrets) -> None:
    """Hide these secrets in every line of the log, of all packages, tracebacks included."""
    for formatter in formatters():
        formatter.secrets = secrets


def apply_log_settings(settings: Settings) -> None:
    """Follow `[log]`, and hide the configuration's secrets."""
    redact_logs(settings.secrets)
    ours = formatters()
    for formatter in ours:
        formatter.as_json = settings.log.format == "json"
    if ours:
        logging.getLogger().setLevel(settings.log.level.upper())

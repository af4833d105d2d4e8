"""What both halves stand on: the clock, the places, the store, the log."""

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from service.core.errors import SettingsError
from service.core.secrets import NO_SECRETS, Secrets
from service.demo import feeds
from service.places.catalogue import Catalogue, built_in_places, merge, no_such_place
from service.places.model import Place
from service.settings.model import ArticleSource, Settings
from service.settings.schema import SourceSection
from service.storage.store import SqliteStore

USUAL_CITY = "dong-ha"


def utc_now() -> datetime:
    """The clock that is passed to everything else."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one place


def seconds_of(clock: Callable[[], datetime]) -> Callable[[], float]:
    """The same clock in seconds since 1970, for who looks at it with every request: a third of the cost."""
    return time.time if clock is utc_now else lambda: clock().timestamp()  # noqa: TID251 - this is the one place


def catalogue_of(settings: Settings) -> Catalogue:
    """The places that are served.

    Raises:
        SettingsError: for ids that name no place, and for two places with one id.
    """
    catalogue = merge(built_in_places(), settings.weather.city, settings.weather.cities)
    if settings.site.default_city and catalogue.get(settings.site.default_city) is None:
        raise SettingsError([no_such_place("site.default_city", settings.site.default_city, catalogue.ids)])
    return catalogue


def default_city(settings: Settings, catalogue: Catalogue) -> Place | None:
    """The place shown where none is named: as configured, else the usual one, else the first there is."""
    named = catalogue.get(settings.site.default_city or USUAL_CITY)
    return named or next(iter(catalogue), None)


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


def store_of(settings: Settings) -> SqliteStore:
    """The store of this host."""
    return SqliteStore(settings.store.path)


def log_to_stderr(half: str) -> None:
    """Log lines of this process, unless whoever runs it has set up logging already."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactingFilter(f"%(asctime)s {half}[%(process)d] %(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO)


def keep_out_of_log(secrets: Secrets) -> None:
    """Hide these in every line of the log, whoever writes it, tracebacks included."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _RedactingFilter):
            handler.formatter.secrets = secrets


class _RedactingFilter(logging.Formatter):
    """Hides secrets: a second line of defence, for what other packages say."""

    secrets = NO_SECRETS

    def format(self, record: logging.LogRecord) -> str:
        return self.secrets.redact(super().format(record))

"""Everything a view may use, put together once by the wiring."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from service.core.ports import Store
from service.locales.formatter import Formatter
from service.locales.units import Units
from service.places.catalogue import Catalogue
from service.places.model import Place
from service.settings.model import Settings
from service.weather.provider import Attribution, Provider
from service.weather.service import ForecastService


@dataclass(frozen=True, slots=True)
class AppContext:
    """The parts.

    Attributes:
        speeches: by language and system of units.
        default_city: the place shown where none is named; None where there are no places.
        sources: who is named for each provider id.
        providers: whom the collecting half asks, in order; nobody is asked from here.
        interval: how often places in use are fetched when so many of them are in use.
    """

    settings: Settings
    catalogue: Catalogue
    default_city: Place | None
    store: Store
    reader: ForecastService
    speeches: Mapping[tuple[str, Units], Formatter]
    sources: Mapping[str, Attribution]
    providers: Sequence[Provider]
    interval: Callable[[int], timedelta]
    clock: Callable[[], datetime]

    @property
    def language(self) -> str:
        """The site's own language."""
        return self.settings.site.language

    @property
    def languages(self) -> tuple[str, ...]:
        """All languages, the site's own first."""
        every = dict.fromkeys([self.language, *(language for language, _ in self.speeches)])
        return tuple(every)

    def formatter(self, language: str, units: Units = Units.METRIC) -> Formatter:
        """The words of this language and these units."""
        return self.speeches[language, units]

    @property
    def prefix(self) -> str:
        """The path of the public URL, which every link begins with ("" at a host's root)."""
        return urlsplit(self.settings.site.public_url).path.rstrip("/")

    def base_url(self, port: str) -> str:
        """What absolute URLs begin with. The Host header is never used: anybody can write it."""
        return self.settings.site.public_url or f"http://127.0.0.1:{port}"

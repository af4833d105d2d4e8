"""The objects that every view may use, made once by `create_app`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import request
from jinja2 import Environment

from service.core.ports import Store
from service.locales.formatter import Formatter
from service.locales.numbers import Units
from service.places.catalogue import Catalogue
from service.places.model import Place
from service.settings.model import Settings


@dataclass(frozen=True, slots=True)
class AppContext:
    """The shared objects of one application.

    Attributes:
        default_city: the place of URLs that name none; None where there are no places.
        formatters: by language and system of units.
        clock: returns the current time as an aware datetime.
        sample: the field that marks every JSON payload of sample data; empty for real data.
    """

    settings: Settings
    catalogue: Catalogue
    default_city: Place | None
    store: Store
    formatters: Mapping[tuple[str, Units], Formatter]
    templates: Environment
    clock: Callable[[], datetime]
    sample: dict[str, bool]

    @property
    def language(self) -> str:
        """Return the site's own language."""
        return self.settings.site.language

    @property
    def languages(self) -> tuple[str, ...]:
        """Return all languages, the site's own first."""
        return tuple(dict.fromkeys([self.language, *(language for language, _ in self.formatters)]))

    def formatter(self, language: str, units: Units = Units.METRIC) -> Formatter:
        """Return the formatter of this language and these units."""
        return self.formatters[language, units]

    @property
    def prefix(self) -> str:
        """Return the path of the public URL, which every link begins with ("" at a host's root)."""
        return urlsplit(self.settings.site.public_url).path.rstrip("/")

    @property
    def base_url(self) -> str:
        """Return the beginning of absolute URLs; only within a request.

        The Host header is never used: a client can set it to anything, and cached responses would spread it.
        """
        port = request.environ.get("SERVER_PORT", "8000")
        return self.settings.site.public_url or f"http://127.0.0.1:{port}"

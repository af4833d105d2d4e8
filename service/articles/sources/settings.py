"""What a source is told about its portal: one `[[articles.source]]` of the configuration."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Selectors:
    """Where a feedless portal keeps what, as CSS selectors; an empty one is found by the page's structure."""

    links: str = ""
    title: str = ""
    date: str = ""
    lead: str = ""
    author: str = ""
    image: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One portal.

    Attributes:
        kind: `feed`, `wordpress` or `page`.
        url: of the feed, of the WordPress site, or of the listing page.
        language: of its articles; empty: what the source itself says.
        zone: for dates that name none.
        charset: overrides a lying declaration; empty: what the answer says.
        date_order: `dmy` or `mdy`.
        full_text: whether the owner allows whole articles to be shown here.
    """

    id: str
    kind: str
    name: str
    url: str = field(repr=False)
    zone: ZoneInfo
    language: str = ""
    charset: str = ""
    date_order: str = "dmy"
    full_text: bool = False
    selectors: Selectors = Selectors()

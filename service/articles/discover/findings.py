"""The sources that were found at a portal, and which of them is the best."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.articles.discover import quality
from service.articles.discover.page_offers import PageOffers
from service.articles.discover.preview import ReadArticle
from service.articles.discover.quality import Quality
from service.articles.model import ParsedEntry
from service.settings.model import ArticleSource

_STALE = timedelta(days=30)  # behind the newest article that was seen
_SILENT = timedelta(days=60)  # from when on a source may have been forgotten, and others are looked for


@dataclass(frozen=True)
class Finding:
    """A source that can be read.

    Attributes:
        label: how the portal calls it.
        articles: the first ones, read as the collector would; empty until they are.
    """

    source: ArticleSource
    entries: Sequence[ParsedEntry]
    quality: Quality
    label: str = ""
    articles: Sequence[ReadArticle] = ()


@dataclass
class Discovery:
    """What was found.

    Attributes:
        now: when.
        findings: the sources.
        refused: addresses that could not be used, and why.
        elsewhere: feeds that the portal names on other hosts, which were not read.
        offers: of the pages that were looked at, the first one's first.
    """

    now: datetime
    findings: list[Finding] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    offers: list[PageOffers] = field(default_factory=list)

    @property
    def newest(self) -> datetime | None:
        """The newest article of all sources."""
        return max((one.quality.newest for one in self.findings if one.quality.newest), default=None)

    def ranked(self) -> list[Finding]:
        """Return the sources, the best first; of equals the one found first."""
        return sorted(self.findings, key=self._score, reverse=True)

    def best(self) -> Finding | None:
        """Return the best source, if its entries are articles at all."""
        return next((one for one in self.ranked() if one.quality.is_usable), None)

    def has_whole(self) -> bool:
        """Return whether a feed or WordPress is whole."""
        return any(one.source.kind != "page" and self.is_whole(one) for one in self.findings)

    def is_whole(self, finding: Finding) -> bool:
        """Return whether a source tells everything that matters of the news, up to these days."""
        own = finding.quality.newest
        is_stale = own and (self.now - own > _SILENT or (self.newest or own) - own > _STALE)
        is_of_less = quality.is_of_no_news(finding.source.url, finding.label) or quality.is_of_a_part(
            finding.source.url
        )
        return finding.quality.is_whole and not is_stale and not is_of_less

    def _score(self, finding: Finding) -> float:
        """Return how good a source is: less, where another one of its kind has all that it has."""
        points = quality.score(finding.quality, finding.source, finding.label, self.newest)
        others = (one for one in self.findings if one.source.kind == finding.source.kind)
        return points * (
            0.8 if any(quality.is_part_of(finding.entries, one.entries) for one in others) else 1.0
        )

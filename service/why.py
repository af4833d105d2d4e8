"""The `why` command: tell from the recorded decisions why something is shown as it is, or is not shown."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from service.articles.narrowing import Narrowing
from service.articles.store.sqlite import SqliteArticleRepository
from service.articles.text.urls import canonical_url
from service.core.decisions import Decision
from service.core.freshness import judge
from service.places.catalogue import Catalogue
from service.places.model import Place
from service.settings.model import Settings
from service.storage.decisions import MAX_AGE, SqliteDecisions
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import Dataset

_ARTICLE, _WEATHER = "article/", "weather/"


class Why:
    """Answers about one deployment. Every method raises StoreError when the store cannot be read."""

    def __init__(self, settings: Settings, catalogue: Catalogue, store: SqliteStore, now: datetime) -> None:
        """Read the decisions in this store."""
        self._settings, self._catalogue, self._store = settings, catalogue, store
        self._decisions, self._repository = SqliteDecisions(store), SqliteArticleRepository(store)
        self._narrowing = Narrowing(settings.articles.source)
        self._now = now

    def about(self, subject: str) -> tuple[list[str], bool]:
        """Return the lines about a city (id or name), an article's URL or its id, and whether it is known."""
        if "://" in subject:
            return self._article(subject, self._decisions.about(canonical_url(subject)))
        place = self._catalogue.get(subject)
        if place is None and (articles := self._decisions.about(subject)):
            return self._article(subject, articles)
        if place is None:
            found = self._catalogue.search(subject, 1) if subject.strip() else []
            if not found:
                return [self._unknown(subject)], False
            place = found[0]
        return list(self._place(place)), True

    def _article(self, subject: str, decisions: Sequence[Decision]) -> tuple[list[str], bool]:
        decisions = [decision for decision in decisions if decision.group.startswith(_ARTICLE)]
        if not decisions:
            return [self._unknown(subject)], False
        lines = [f"“{decisions[0].title}”"]
        for decision in decisions:
            name, timezone = self._source(decision.group.removeprefix(_ARTICLE))
            lines.append(f"  {name}, article {decision.subject}")
            lines.append(f"    {_line(decision, ZoneInfo(timezone))}")
            lines += self._hidden(decision.subject)
        return lines, True

    def _hidden(self, article_id: str) -> Iterator[str]:
        """Yield why an article is kept and not shown."""
        for article in self._repository.get([article_id]):
            if reason := self._narrowing.reason(article):
                yield f"    kept, but not shown: {reason}"

    def _source(self, source_id: str) -> tuple[str, str]:
        """Return how a source is named, and its zone; one that is not configured any more is named so."""
        for source in self._settings.articles.source:
            if source.id == source_id:
                return f"{source.name} ({source_id})", source.timezone
        return f"{source_id} (not configured)", "UTC"

    def _unknown(self, subject: str) -> str:
        sources = ", ".join(source.id for source in self._settings.articles.source) or "none is configured"
        return (
            f"{subject}: nothing is known. No city has this name or id, and no listing has named such an"
            f" article within {MAX_AGE.days} days (sources: {sources})."
        )

    def _place(self, place: Place) -> Iterator[str]:
        zone = ZoneInfo(place.timezone)
        yield f"{place.name(self._settings.site.language)} ({place.id})"
        decisions = [one for one in self._decisions.about(place.id) if one.group.startswith(_WEATHER)]
        for dataset in Dataset:
            yield f"  {_DATASETS[dataset]}: {self._stored(place, dataset, zone)}"
            about = [one for one in decisions if one.subject == f"{place.id}/{dataset.value}"]
            for decision in about:
                yield f"    {decision.group.removeprefix(_WEATHER)}: {_line(decision, zone)}"
            if not about:
                yield "    no provider was asked within the last days"

    def _stored(self, place: Place, dataset: Dataset, zone: ZoneInfo) -> str:
        key = records.weather_key(dataset, place.id)
        value = self._store.read([key]).get(key)
        stored = (
            records.current_from_bytes(value)
            if dataset is Dataset.CURRENT
            else records.hourly_from_bytes(value)
        )
        if stored is None:
            return "nothing is stored, so nothing is shown"
        state = judge(stored.fetched_at, self._now, self._settings.weather.age_limits).state
        return f"{state.value}, from {stored.provider_id}, fetched {_time(stored.fetched_at, zone)}"


_DATASETS = {Dataset.CURRENT: "current values", Dataset.HOURLY: "hours and days"}


def _line(decision: Decision, zone: ZoneInfo) -> str:
    detail = f": {decision.detail}" if decision.detail else ""
    again = f"; again from {_time(decision.next_at, zone)}" if decision.next_at else ""
    return f"{_time(decision.at, zone)}  {decision.outcome}{detail}{again}"


def _time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"

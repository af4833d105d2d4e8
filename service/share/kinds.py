"""The kinds of records that travel: which are this host's, and how those of other hosts are checked.

What comes from Valkey is checked like anything from outside: it is parsed and written anew, so that only
known fields of the right types remain; numbers that nature does not allow, addresses that are no web
addresses and HTML that no article may have are left out; pictures must be what their names say.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

from service.articles.model import Article, without_secrets
from service.articles.narrowing import Narrowing
from service.articles.store import images, listings
from service.articles.store import records as article_records
from service.articles.store.sqlite import SqliteArticleRepository
from service.articles.text import plain_text
from service.articles.text.sanitise import sanitise_html_again
from service.core.secrets import Secrets
from service.places.catalogue import Catalogue
from service.share.messages import Item
from service.storage.store import SqliteStore
from service.weather import records as weather_records
from service.weather.model import Current, Dataset, HourlyPoint
from service.weather.providers import readings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_AHEAD = timedelta(minutes=10)  # what is later than this by our clock is refused
_SAME_PLACE = 0.01  # degrees
_ARTICLE_ID = re.compile(r"[0-9a-f]{16}")
_MAX_TEXT = 20_000  # characters of a text of an article
_NATURE = {  # by the names of the model
    "temperature": readings.TEMPERATURE,
    "apparent_temperature": readings.APPARENT_TEMPERATURE,
    "humidity": readings.HUMIDITY,
    "wind_speed": readings.WIND_SPEED,
    "wind_gust": readings.WIND_SPEED,
    "wind_direction": readings.WIND_DIRECTION,
    "pressure": readings.PRESSURE,
    "cloud_cover": readings.CLOUD_COVER,
    "precipitation": readings.PRECIPITATION,
    "precipitation_rate": readings.PRECIPITATION,
    "precipitation_probability": readings.PROBABILITY,
}


class RefusedError(ValueError):
    """This item cannot be taken; the text says why."""


class Kind(Protocol):
    """One kind of records of this host."""

    @property
    def name(self) -> str:
        """The name of its hash in Valkey."""
        ...

    def keys(self) -> list[str]:
        """Return the keys of all records of this kind."""
        ...

    def key_of(self, store_key: str) -> str | None:
        """Return the key of the record that a write of the store is about; None: of another kind."""
        ...

    def read(self, keys: Sequence[str]) -> dict[str, Item]:
        """Return the records under these keys; missing ones are left out."""
        ...

    def take(self, items: Sequence[Item], now: datetime) -> dict[str, str]:
        """Keep what is newer than what is here; return by key why others are refused."""
        ...

    def remove(self, keys: Sequence[str]) -> None:
        """Remove what the holder has removed."""
        ...


def micros(time: datetime) -> int:
    """Return microseconds since 1970."""
    return (time - _EPOCH) // _MICROSECOND


@dataclass(frozen=True)
class Weather:
    """The current values and the hours of the places that this host has."""

    store: SqliteStore
    catalogue: Catalogue
    name: str = "weather"

    def keys(self) -> list[str]:
        return [key for dataset in Dataset for key in self.store.keys(f"{dataset.value}/")]

    def key_of(self, store_key: str) -> str | None:
        return store_key if weather_records.place_of_weather_key(store_key) is not None else None

    def read(self, keys: Sequence[str]) -> dict[str, Item]:
        items = {}
        for key, record in self.store.read(keys).items():
            place = self.catalogue.get(weather_records.place_of_weather_key(key) or "")
            at = _fetched_at(key, record)
            if place is not None and at is not None:
                about = {"latitude": place.latitude, "longitude": place.longitude}
                items[key] = Item(self.name, key, micros(at), record, about)
        return items

    def take(self, items: Sequence[Item], now: datetime) -> dict[str, str]:
        ours = self.store.read([item.key for item in items])
        refused: dict[str, str] = {}
        taken: dict[str, bytes] = {}
        for item in items:
            try:
                record = self._checked(item, now)
            except RefusedError as error:
                refused[item.key] = str(error)
                continue
            known = _fetched_at(item.key, ours[item.key]) if item.key in ours else None
            if known is None or micros(known) < item.at or known > now + _AHEAD:
                taken[item.key] = record
        self.store.write(taken)
        return refused

    def remove(self, keys: Sequence[str]) -> None:
        """Leave the records: the holder may serve other places than this host."""

    def _checked(self, item: Item, now: datetime) -> bytes:
        place = self.catalogue.get(weather_records.place_of_weather_key(item.key) or "")
        if place is None:
            raise RefusedError("this host does not have the place")
        spot = item.about.get("latitude"), item.about.get("longitude")
        if not _is_near(spot[0], place.latitude) or not _is_near(spot[1], place.longitude):
            raise RefusedError("it is of another spot than the place has here")
        if item.key.startswith(f"{Dataset.CURRENT.value}/"):
            current = weather_records.current_from_bytes(item.body)
            if current is None:
                raise RefusedError("it cannot be read")
            _check_time(current.fetched_at, item, now)
            return weather_records.current_to_bytes(replace(current, value=_natural(current.value)))
        hourly = weather_records.hourly_from_bytes(item.body)
        if hourly is None:
            raise RefusedError("it cannot be read")
        _check_time(hourly.fetched_at, item, now)
        points = tuple(_natural_point(point) for point in hourly.value.points)
        return weather_records.hourly_to_bytes(replace(hourly, value=replace(hourly.value, points=points)))


@dataclass(frozen=True)
class Quotas:
    """What the providers' quotas have spent, and their rests: of whoever collects."""

    store: SqliteStore
    providers: Sequence[str]
    name: str = "quotas"

    def keys(self) -> list[str]:
        return [weather_records.quota_key(provider) for provider in self.providers]

    def key_of(self, store_key: str) -> str | None:
        return store_key if store_key in self.keys() else None

    def read(self, keys: Sequence[str]) -> dict[str, Item]:
        return _as_items(self.name, self.store.read(keys))

    def take(self, items: Sequence[Item], now: datetime) -> dict[str, str]:  # noqa: ARG002 - the port's own
        ours = [item for item in items if item.key in self.keys()]
        self.store.write(
            {
                item.key: weather_records.quota_to_bytes(weather_records.quota_from_bytes(item.body))
                for item in ours
            }
        )
        return {}

    def remove(self, keys: Sequence[str]) -> None:
        """Leave them: a provider that is configured anew begins with what this host knows."""


@dataclass(frozen=True)
class Sources:
    """What the collector remembers of each source: its state, its last listing, what is to be checked."""

    store: SqliteStore
    sources: frozenset[str]
    name: str = "sources"

    _FORMS: ClassVar[Mapping[str, tuple[Callable[[bytes | None], Any], Callable[[Any], bytes]]]] = {
        article_records.source_key(""): (article_records.state_from_bytes, article_records.state_to_bytes),
        listings.listing_key(""): (listings.listing_from_bytes, listings.listing_to_bytes),
        listings.checks_key(""): (listings.checks_from_bytes, listings.checks_to_bytes),
        listings.postponed_key(""): (listings.postponed_from_bytes, listings.postponed_to_bytes),
    }

    def keys(self) -> list[str]:
        return [key for prefix in self._FORMS for key in self.store.keys(prefix) if self.key_of(key)]

    def key_of(self, store_key: str) -> str | None:
        kind, _, source = store_key.partition("/")
        return store_key if f"{kind}/" in self._FORMS and source in self.sources else None

    def read(self, keys: Sequence[str]) -> dict[str, Item]:
        return _as_items(self.name, self.store.read(keys))

    def take(self, items: Sequence[Item], now: datetime) -> dict[str, str]:  # noqa: ARG002 - the port's own
        refused, taken = {}, {}
        for item in items:
            if self.key_of(item.key) is None:
                refused[item.key] = "this host does not have the source"
                continue
            from_bytes, to_bytes = self._FORMS[item.key.partition("/")[0] + "/"]
            value = from_bytes(item.body)
            if value is None:
                refused[item.key] = "it cannot be read"
            else:
                taken[item.key] = to_bytes(value)
        ours = self.store.read(list(taken))
        self.store.write({key: record for key, record in taken.items() if ours.get(key) != record})
        return refused

    def remove(self, keys: Sequence[str]) -> None:
        self.store.delete([key for key in keys if self.key_of(key) is not None])


@dataclass(frozen=True)
class Articles:
    """The articles of the sources that this host has."""

    repository: SqliteArticleRepository
    sources: Mapping[str, int]  # how many are kept of each
    secrets: Secrets
    narrowing: Narrowing
    name: str = "articles"

    def keys(self) -> list[str]:
        return sorted(self.repository.ids())

    def key_of(self, store_key: str) -> str | None:
        kind, _, article_id = store_key.partition("/")
        return article_id if kind == "article" and article_id else None

    def read(self, keys: Sequence[str]) -> dict[str, Item]:
        return {
            article.id: Item(
                self.name,
                article.id,
                micros(article.changed_at),
                article_records.article_to_bytes(article),
                {"source": article.source},
            )
            for article in self.repository.get(keys)
            if article.source in self.sources
        }

    def take(self, items: Sequence[Item], now: datetime) -> dict[str, str]:
        refused: dict[str, str] = {}
        taken: list[Article] = []
        ours = {article.id: article for article in self.repository.get([item.key for item in items])}
        there = self.repository.images()
        for item in items:
            try:
                article = self._checked(item, now)
            except RefusedError as error:
                refused[item.key] = str(error)
                continue
            if images.hashes_of(article) - there:  # those that it needs come before it, unless they are lost
                article = images.without_images(article)
            known = ours.get(article.id)
            if known is None or known.changed_at <= article.changed_at or known.changed_at > now + _AHEAD:
                taken.append(article)
        taken.sort(key=lambda article: article.sort_key, reverse=True)
        self.repository.save(taken, is_distinct=True)
        return refused

    def remove(self, keys: Sequence[str]) -> None:
        self.repository.drop(keys)

    def trim(self, sources: Iterable[str]) -> None:
        """Keep as many articles of these sources as this host is to keep."""
        for source in sources:
            if source in self.sources:
                self.repository.trim(source, self.sources[source], self.narrowing)

    def _checked(self, item: Item, now: datetime) -> Article:
        article = article_records.article_from_bytes(item.body)
        if article is None or article.id != item.key or not _ARTICLE_ID.fullmatch(article.id):
            raise RefusedError("it cannot be read")
        if article.source not in self.sources:
            raise RefusedError("this host does not have the source")
        if max(article.changed_at, article.first_seen) > now + _AHEAD:
            raise RefusedError("it is of a time to come, by the clock of this host")
        checked = replace(
            article,
            title=_text(article.title),
            lead=_text(article.lead),
            whole_lead=_text(article.whole_lead),
            author=_text(article.author) or None,
            organisation=_text(article.organisation) or None,
            language=article.language if plain_text.is_language_tag(article.language) else "",
            categories=tuple(filter(None, map(_text, article.categories))),
            url=_web_address(article.url),
            fetch_url=_web_address(article.fetch_url),
            image=replace(article.image, alt=_text(article.image.alt), caption=_text(article.image.caption))
            if article.image
            else None,
            body_html=sanitise_html_again(article.body_html) if article.body_html is not None else None,
        )
        return without_secrets(checked, self.secrets)


@dataclass(frozen=True)
class Pictures:
    """The bytes of pictures, which never change. They travel before the articles that show them."""

    repository: SqliteArticleRepository
    name: str = "pictures"

    def keys(self) -> list[str]:
        return sorted(self.repository.images())

    def key_of(self, store_key: str) -> str | None:  # noqa: ARG002 - the port's own
        return None  # the store does not mark them: they come with their articles

    def read(self, keys: Sequence[str]) -> dict[str, Item]:
        found = ((key, self.repository.image(key)) for key in keys)
        return {key: Item(self.name, key, 0, body) for key, body in found if body is not None}

    def take(self, items: Sequence[Item], now: datetime) -> dict[str, str]:  # noqa: ARG002 - the port's own
        refused = {}
        for item in items:
            is_webp = item.body[:4] == b"RIFF" and item.body[8:12] == b"WEBP"
            size = len(item.key) // 2
            if not is_webp or blake2b(item.body, digest_size=size).hexdigest() != item.key:
                refused[item.key] = "it is not the picture that it is called"
            else:
                self.repository.save_image(item.key, item.body)
        return refused

    def remove(self, keys: Sequence[str]) -> None:
        """Leave them: they go with the last article that shows them."""


def _as_items(kind: str, records: Mapping[str, bytes]) -> dict[str, Item]:
    """Return records without a time of their own: the latest writer is right."""
    return {key: Item(kind, key, 0, record) for key, record in records.items()}


def _fetched_at(key: str, record: bytes) -> datetime | None:
    """Return when weather was fetched, from its record, of which little else is read."""
    if key.startswith(f"{Dataset.CURRENT.value}/"):
        current = weather_records.current_from_bytes(record)
        return current.fetched_at if current else None
    hourly = weather_records.hourly_from_bytes(record, until=_EPOCH)
    return hourly.fetched_at if hourly else None


def _is_near(degrees: float | str | None, ours: float) -> bool:
    return isinstance(degrees, int | float) and abs(degrees - ours) <= _SAME_PLACE


def _check_time(fetched_at: datetime, item: Item, now: datetime) -> None:
    if micros(fetched_at) != item.at:
        raise RefusedError("its head names another time")
    if fetched_at > now + _AHEAD:
        raise RefusedError("it is of a time to come, by the clock of this host")


def _natural(current: Current) -> Current:
    numbers = {field.name: getattr(current, field.name) for field in fields(current) if field.name in _NATURE}
    natural: dict[str, Any] = {name: _NATURE[name].read(value) for name, value in numbers.items()}
    return replace(current, **natural)


def _natural_point(point: HourlyPoint) -> HourlyPoint:
    natural: dict[str, Any] = {
        name: _NATURE[name].read(getattr(point, name)) for name in point._fields if name in _NATURE
    }
    return point._replace(**natural)


def _text(text: str | None) -> str:
    return plain_text.visible_text(text or "")[:_MAX_TEXT]


def _web_address(url: str | None) -> str | None:
    if url is None or not url.isprintable() or any(letter in url for letter in " \"'<>\\"):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None

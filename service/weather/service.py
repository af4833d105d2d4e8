"""What a view asks for: the forecasts of places, judged now, from the store alone."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from service.core.errors import StoreError
from service.core.freshness import AgeLimits, State, judge
from service.core.ports import Store
from service.places.model import Place
from service.weather import keys, records
from service.weather.forecast import Forecast, assemble
from service.weather.model import Dataset
from service.web import provenance

_A_MINUTE = 60.0
_A_DAY = timedelta(days=1)
_OUTLOOKS_KEPT = 16  # of the places read last: one record is read for many an answer, and takes a millisecond


class ForecastService:
    """Reads forecasts, and remembers which places were asked for until that is written down."""

    def __init__(self, store: Store, ladder: AgeLimits, clock: Callable[[], datetime]) -> None:
        """Read from this store."""
        self._store, self._ladder, self.clock = store, ladder, clock
        self._outlook = lru_cache(_OUTLOOKS_KEPT)(records.hourly_from_bytes)
        self._asked: set[str] = set()
        self._lock = threading.Lock()

    def forecasts(
        self, places: Sequence[Place], now: datetime, datasets: Iterable[Dataset] = Dataset
    ) -> list[Forecast]:
        """In the order of the places. A place that the failing store cannot tell of is unavailable.

        Who shows the current values alone asks for these: what is ahead takes longer to read than all else.
        Whether there are hours is told all the same, for the answer's end depends on it.
        """
        with self._lock:
            self._asked.update(place.id for place in places)
        asked = frozenset(datasets)
        wanted = [
            keys.weather(dataset, place.id) for dataset in Dataset if dataset in asked for place in places
        ]
        provenance.made_of(wanted)
        found = self._read(wanted)
        forecasts = [self._forecast(place, found, now) for place in places]
        return forecasts if Dataset.HOURLY in asked else [self._with_word_of_hours(one) for one in forecasts]

    def _with_word_of_hours(self, forecast: Forecast) -> Forecast:
        """The forecast of current values alone, which says whether hours are kept.

        While they are not, an answer is made of them too: it ends when they come.
        """
        if not forecast.hourly_missing:
            return forecast
        key = keys.weather(Dataset.HOURLY, forecast.place.id)
        provenance.made_of([key])
        try:
            kept = key in self._store.keys(key)  # not read: what is ahead is large, and not shown
        except StoreError:
            provenance.unsure()
            kept = False
        return replace(forecast, hourly_missing=not kept)

    def _read(self, wanted: Sequence[str]) -> dict[str, bytes]:
        """What the store tells of these; while it fails, what it can still tell of each alone."""
        try:
            found = self._store.read(wanted)
        except StoreError:
            provenance.unsure()
            alone = {key: self._read_one(key) for key in wanted}
            return {key: value for key, value in alone.items() if value is not None}
        return found

    def _read_one(self, key: str) -> bytes | None:
        try:
            return self._store.read([key]).get(key)
        except StoreError:
            return None

    def _forecast(self, place: Place, found: dict[str, bytes], now: datetime) -> Forecast:
        current = records.current_from_bytes(found.get(keys.weather(Dataset.CURRENT, place.id)))
        outlook = self._outlook(found.get(keys.weather(Dataset.HOURLY, place.id)))
        return assemble(place, current, outlook, now, self._ladder)

    def states(self, places: Iterable[Place], now: datetime) -> Counter[State] | None:
        """How many of the places are in which state; None while the store cannot tell."""
        wanted = [keys.weather(Dataset.CURRENT, place.id) for place in places]
        try:
            found = self._store.read(wanted)
        except StoreError:
            return None
        kept = [records.current_from_bytes(found.get(key)) for key in wanted]
        return Counter(judge(one.fetched_at if one else None, now, self._ladder).state for one in kept)

    def in_use(self, places: Iterable[Place], always: Place | None, now: datetime) -> int | None:
        """How many of the places were asked for within a day; None while the store cannot tell."""
        wanted = [keys.demand(place.id) for place in places]
        try:
            found = self._store.read(wanted)
        except StoreError:
            return None
        asked = {key: records.instant_from_bytes(value) for key, value in found.items()}
        recent = {key for key, at in asked.items() if at is not None and now - at < _A_DAY}
        return len(recent | ({keys.demand(always.id)} if always else set()))

    def store_trouble(self) -> str | None:
        """Why the store itself cannot be used just now, whatever is remembered of it."""
        try:
            self._store.last_write()
        except StoreError as error:
            return str(error)
        return None

    def asked_again(self, items: Iterable[str]) -> None:
        """Somebody was given an answer made of these once more: the places among them count as asked for."""
        places = {place for item in items if (place := keys.place_of_weather(item)) is not None}
        with self._lock:
            self._asked |= places

    def write_down(self) -> None:
        """Leave in the store which places were asked for since the last time; kept for later if it fails."""
        with self._lock:
            asked, self._asked = self._asked, set()
        record = records.instant_to_bytes(self.clock())
        try:
            self._store.write({keys.demand(place): record for place in asked})
        except StoreError:
            with self._lock:
                self._asked |= asked

    def diary(self, stop: threading.Event) -> None:
        """Write down what was asked for, once a minute, until `stop` is set."""
        while not stop.wait(_A_MINUTE):
            self.write_down()
        self.write_down()

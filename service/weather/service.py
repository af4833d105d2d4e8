"""Read the forecasts of places from the store, judged now, and record which places readers ask for."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from service.core.errors import StoreError
from service.core.freshness import State, judge
from service.core.ports import Store
from service.http_cache import cache_tags
from service.places.model import Place
from service.settings.model import WeatherSettings
from service.weather import records
from service.weather.forecast import Forecast, assemble
from service.weather.model import Dataset
from service.weather.provider import Attribution
from service.web.cache_policy import CachePolicy, shortest, until_next_forecast

DEPENDS_ON = frozenset(dataset.value for dataset in Dataset)  # the kinds of keys that forecasts are made of
_FLUSH_SECONDS = 60.0
_IN_USE = timedelta(days=1)
_HOURLY_IN_MEMORY = 16  # records of the places read last: parsing one takes a millisecond


class ForecastService:
    """Forecasts for the views. Safe for threads."""

    def __init__(
        self,
        store: Store,
        settings: WeatherSettings,
        attributions: Mapping[str, Attribution],
        clock: Callable[[], datetime],
    ) -> None:
        """Read from this store; `attributions` by provider id."""
        self._store, self._clock = store, clock
        self._refresh, self._age_limits = settings.refresh, settings.age_limits
        self._attributions = attributions
        self._hourly = lru_cache(_HOURLY_IN_MEMORY)(records.hourly_from_bytes)
        self._demand: set[str] = set()
        self._lock = threading.Lock()

    def forecasts(
        self, places: Sequence[Place], now: datetime, datasets: Iterable[Dataset] = Dataset
    ) -> list[Forecast]:
        """Return the forecasts in the order of the places.

        While the store fails, a place that memory knows nothing of is unavailable. With the current values
        alone the hours are not parsed, which takes longer than all else; but whether there are any is part
        of the result, for until they come the response ends soon.
        """
        self._record_demand(place.id for place in places)
        wanted = frozenset(datasets)
        read = [
            records.weather_key(dataset, place.id)
            for dataset in Dataset
            if dataset in wanted
            for place in places
        ]
        cache_tags.depends_on(read)
        found = self._read(read)
        forecasts = [self._forecast(place, found, now) for place in places]
        return forecasts if Dataset.HOURLY in wanted else [self._awaiting_hours(one) for one in forecasts]

    def attribution(self, forecast: Forecast) -> Attribution | None:
        """Return who is credited for a forecast."""
        return self._attributions.get(forecast.provider_id or "")

    def cache_policy(self, forecasts: Sequence[Forecast], now: datetime) -> CachePolicy:
        """Return how long a response made of these forecasts stays true."""
        return shortest(until_next_forecast(forecast, now, self._refresh) for forecast in forecasts)

    def count_states(self, places: Iterable[Place], now: datetime) -> Counter[State] | None:
        """Count the places in each state; None while the store fails."""
        read = [records.weather_key(Dataset.CURRENT, place.id) for place in places]
        try:
            found = self._store.read(read)
        except StoreError:
            return None
        stored = [records.current_from_bytes(found.get(key)) for key in read]
        ages = [one.fetched_at if one else None for one in stored]
        return Counter(judge(fetched_at, now, self._age_limits).state for fetched_at in ages)

    def count_in_use(self, places: Iterable[Place], always: Place | None, now: datetime) -> int | None:
        """Count the places that readers asked for within a day; None while the store fails."""
        try:
            found = self._store.read([records.demand_key(place.id) for place in places])
        except StoreError:
            return None
        demand = {key: records.instant_from_bytes(value) for key, value in found.items()}
        recent = {key for key, at in demand.items() if at is not None and now - at < _IN_USE}
        return len(recent | ({records.demand_key(always.id)} if always else set()))

    def store_error(self) -> str | None:
        """Return why the store cannot be read just now, whatever memory knows of it."""
        try:
            self._store.last_write()
        except StoreError as error:
            return str(error)
        return None

    def record_cached_demand(self, items: Iterable[str]) -> None:
        """Count the places of a cached response as asked for; `items` are the keys it depends on."""
        self._record_demand(
            place for item in items if (place := records.place_of_weather_key(item)) is not None
        )

    def record_demand_loop(self, stop: threading.Event) -> None:
        """Write down which places were asked for, once a minute, until `stop` is set."""
        while not stop.wait(_FLUSH_SECONDS):
            self.flush_demand()
        self.flush_demand()

    def flush_demand(self) -> None:
        """Write down which places were asked for since the last time; kept for later if the store fails."""
        with self._lock:
            demand, self._demand = self._demand, set()
        record = records.instant_to_bytes(self._clock())
        try:
            self._store.write({records.demand_key(place): record for place in demand})
        except StoreError:
            with self._lock:
                self._demand |= demand

    def _record_demand(self, places: Iterable[str]) -> None:
        with self._lock:
            self._demand.update(places)

    def _read(self, wanted: Sequence[str]) -> dict[str, bytes]:
        """Read the records; while the store fails, those that memory has, one by one."""
        try:
            return self._store.read(wanted)
        except StoreError:
            cache_tags.do_not_store()
        found: dict[str, bytes] = {}
        for key in wanted:
            try:
                found |= self._store.read([key])
            except StoreError:
                continue
        return found

    def _forecast(self, place: Place, found: dict[str, bytes], now: datetime) -> Forecast:
        current = records.current_from_bytes(found.get(records.weather_key(Dataset.CURRENT, place.id)))
        hourly = self._hourly(found.get(records.weather_key(Dataset.HOURLY, place.id)))
        return assemble(place, current, hourly, now, self._age_limits)

    def _awaiting_hours(self, forecast: Forecast) -> Forecast:
        """Return the forecast with the truth about `hourly_missing`, for which no hours need to be read."""
        if not forecast.hourly_missing:
            return forecast
        key = records.weather_key(Dataset.HOURLY, forecast.place.id)
        cache_tags.depends_on([key])
        try:
            exists = key in self._store.keys(key)
        except StoreError:
            cache_tags.do_not_store()
            exists = False
        return replace(forecast, hourly_missing=not exists)

"""Read the forecasts of places from the store, with their present state, and record the demand."""

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

DEPENDS_ON = frozenset(dataset.value for dataset in Dataset)  # the kinds of keys that forecasts are read from
_FLUSH_SECONDS = 60.0
_IN_USE = timedelta(days=1)  # a place is in use for this long after a reader's request
_HOURLY_IN_MEMORY = 16  # parsed records, since parsing one takes a millisecond


class ForecastService:
    """Provides forecasts to the views. Thread-safe."""

    def __init__(
        self,
        store: Store,
        settings: WeatherSettings,
        attributions: Mapping[str, Attribution],
        clock: Callable[[], datetime],
    ) -> None:
        """Read from this store.

        `attributions` are the credits of the providers by id, which are shown beside their data.
        """
        self._store, self._clock = store, clock
        self._refresh, self._age_limits = settings.refresh, settings.age_limits
        self.attributions = attributions
        self._hourly = lru_cache(_HOURLY_IN_MEMORY)(records.hourly_from_bytes)
        self._demand: set[str] = set()
        self._lock = threading.Lock()

    def forecasts(
        self, places: Sequence[Place], now: datetime, datasets: Iterable[Dataset] = Dataset
    ) -> list[Forecast]:
        """Return the forecasts in the order of the places.

        While the store fails, a place that was never read is unavailable. Without the hourly dataset, whose
        parsing takes most of the time, `hourly_missing` still states whether the store has it: until it is
        fetched, responses are cached for seconds only.
        """
        self._record_demand(place.id for place in places)
        requested = frozenset(datasets)
        keys = [
            records.weather_key(dataset, place.id)
            for dataset in Dataset
            if dataset in requested
            for place in places
        ]
        cache_tags.depends_on(keys)
        values = self._read(keys)
        forecasts = [self._forecast(place, values, now) for place in places]
        if Dataset.HOURLY in requested:
            return forecasts
        return [self._with_hourly_missing(forecast) for forecast in forecasts]

    def cache_policy(self, forecasts: Sequence[Forecast], now: datetime) -> CachePolicy:
        """Return the cache policy of a response made from these forecasts."""
        return shortest(until_next_forecast(forecast, now, self._refresh) for forecast in forecasts)

    def count_states(self, places: Iterable[Place], now: datetime) -> Counter[State] | None:
        """Return the number of places in each state; None while the store fails."""
        times = self.fetch_times(places)
        return None if times is None else self.states_of(times, now)

    def states_of(self, times: Iterable[datetime | None], now: datetime) -> Counter[State]:
        """Return how many places that were fetched at these times are in each state."""
        return Counter(judge(fetched_at, now, self._age_limits).state for fetched_at in times)

    def fetch_times(self, places: Iterable[Place]) -> list[datetime | None] | None:
        """Return when each place was last fetched, if ever; None while the store fails."""
        keys = [records.weather_key(Dataset.CURRENT, place.id) for place in places]
        try:
            values = self._store.read(keys)
        except StoreError:
            return None
        stored = [records.current_from_bytes(values.get(key)) for key in keys]
        return [weather.fetched_at if weather else None for weather in stored]

    def count_in_use(self, places: Iterable[Place], always: Place | None, now: datetime) -> int | None:
        """Return the number of places in use, `always` among them; None while the store fails."""
        try:
            values = self._store.read([records.demand_key(place.id) for place in places])
        except StoreError:
            return None
        demand = {key: records.instant_from_bytes(value) for key, value in values.items()}
        recent = {key for key, at in demand.items() if at is not None and now - at < _IN_USE}
        return len(recent | ({records.demand_key(always.id)} if always else set()))

    def store_error(self) -> str | None:
        """Return why the store cannot be read now, although reads may succeed from memory; None if it can."""
        try:
            self._store.last_write()
        except StoreError as error:
            return str(error)
        return None

    def record_cached_demand(self, keys: Iterable[str]) -> None:
        """Record the demand for the places of a cached response, from the keys that it depends on."""
        self._record_demand(place for key in keys if (place := records.place_of_weather_key(key)) is not None)

    def record_demand_loop(self, stop: threading.Event) -> None:
        """Write the demand to the store once a minute until `stop` is set, and once more then."""
        while not stop.wait(_FLUSH_SECONDS):
            self.flush_demand()
        self.flush_demand()

    def flush_demand(self) -> None:
        """Write the demand since the last call to the store; if that fails, leave it for the next call."""
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

    def _read(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Read the records; while the store fails, those in memory, which are read one by one."""
        try:
            return self._store.read(keys)
        except StoreError:
            cache_tags.do_not_store()
        values: dict[str, bytes] = {}
        for key in keys:
            try:
                values |= self._store.read([key])
            except StoreError:
                continue
        return values

    def _forecast(self, place: Place, values: dict[str, bytes], now: datetime) -> Forecast:
        current = records.current_from_bytes(values.get(records.weather_key(Dataset.CURRENT, place.id)))
        hourly = self._hourly(values.get(records.weather_key(Dataset.HOURLY, place.id)))
        return assemble(place, current, hourly, now, self._age_limits)

    def _with_hourly_missing(self, forecast: Forecast) -> Forecast:
        """Return the forecast with a correct `hourly_missing`, without reading the hourly record."""
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

"""What the collector reads from the store when it begins, and what it then has to forget."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from service.core.ports import Store
from service.places.model import Place
from service.weather import records
from service.weather.collect.schedule import LastFetch
from service.weather.model import Current, Dataset, HourlyForecast, StoredWeather
from service.weather.provider import Provider
from service.weather.quota import ProviderQuota

_IN_USE = timedelta(days=1)  # a place is in use for this long after a reader's request


def last_fetches(
    store: Store, places: Sequence[Place], changed: Mapping[str, datetime] = MappingProxyType({})
) -> dict[tuple[Dataset, str], LastFetch]:
    """Return the last fetch of every stored dataset, by dataset and place id.

    What an earlier version stored without a temperature is no answer, and is fetched anew. An `Expires` from
    before its provider was changed (`forget_changed_providers`) forbids nothing.
    """
    fetches: dict[tuple[Dataset, str], LastFetch] = {}
    current = store.read([records.weather_key(Dataset.CURRENT, place.id) for place in places])
    hourly = store.read([records.weather_key(Dataset.HOURLY, place.id) for place in places])
    for place in places:
        now = records.current_from_bytes(current.get(records.weather_key(Dataset.CURRENT, place.id)))
        if now is not None and now.value.temperature is not None:
            fetches[Dataset.CURRENT, place.id] = _last_fetch(now)
        hours = records.hourly_from_bytes(hourly.get(records.weather_key(Dataset.HOURLY, place.id)))
        if hours is not None and any(point.temperature is not None for point in hours.value.points):
            fetches[Dataset.HOURLY, place.id] = _last_fetch(hours)
    return {key: _since(changed, fetch) for key, fetch in fetches.items()} if changed else fetches


def _last_fetch(stored: StoredWeather[Current] | StoredWeather[HourlyForecast]) -> LastFetch:
    return LastFetch(stored.fetched_at, stored.provider_id, stored.not_before, stored.others_not_before)


def _since(changed: Mapping[str, datetime], fetch: LastFetch) -> LastFetch:
    """Return the fetch without what providers forbade before they were changed."""
    anew = {provider for provider, at in changed.items() if fetch.fetched_at < at}
    others = {name: until for name, until in fetch.others_not_before.items() if name not in anew}
    not_before = None if fetch.provider_id in anew else fetch.not_before
    return replace(fetch, not_before=not_before, others_not_before=others)


def places_in_use(store: Store, now: datetime) -> frozenset[str]:
    """Return the ids of the places that readers requested within a day."""
    demand = store.read(store.keys(records.DEMAND_PREFIX))
    return frozenset(
        records.place_of_demand_key(key)
        for key, record in demand.items()
        if (at := records.instant_from_bytes(record)) is not None and now - at < _IN_USE
    )


def quotas(store: Store, providers: Sequence[Provider]) -> dict[str, ProviderQuota]:
    """Return the quotas by provider id."""
    stored = store.read([records.quota_key(provider.id) for provider in providers])
    return {
        provider.id: records.quota_from_bytes(stored.get(records.quota_key(provider.id)))
        for provider in providers
    }


def forget_moved_places(store: Store, places: Sequence[Place], providers: Iterable[Provider]) -> None:
    """Remove the weather of every id that now belongs to another location."""
    locations = {place.id: (place.latitude, place.longitude) for place in places}
    stored = records.locations_from_bytes(store.read([records.LOCATIONS_KEY]).get(records.LOCATIONS_KEY))
    moved = [place for place, location in locations.items() if stored.get(place, location) != location]
    if moved:
        weather = [records.weather_key(dataset, place) for dataset in Dataset for place in moved]
        store.delete(weather + [records.response_key(p.id, place) for p in providers for place in moved])
    if locations.items() - stored.items():
        store.write({records.LOCATIONS_KEY: records.locations_to_bytes(stored | locations)})


def forget_changed_providers(
    store: Store, configured: Mapping[str, str], now: datetime
) -> dict[str, datetime]:
    """Remove what is kept of every provider whose settings have changed, but for the weather itself.

    Its back-off, its errors, its quota and what it was not to be asked for were those of another key, address
    or contact; so are its responses, whose validators another address may not know.

    Returns:
        When each provider was last changed, by id: what it forbade until then is void.
    """
    known = records.providers_from_bytes(store.read([records.PROVIDERS_KEY]).get(records.PROVIDERS_KEY))
    changed = [name for name, digest in configured.items() if name in known and known[name][0] != digest]
    if changed:
        responses = [key for name in changed for key in store.keys(records.response_key(name, ""))]
        store.delete([records.quota_key(name) for name in changed] + responses)
    settings = known | {name: (digest, None) for name, digest in configured.items() if name not in known}
    settings |= {name: (configured[name], now) for name in changed}
    if settings != known:
        store.write({records.PROVIDERS_KEY: records.providers_to_bytes(settings)})
    return {name: at for name, (_, at) in settings.items() if at is not None}

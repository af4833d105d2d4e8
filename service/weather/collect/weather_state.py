"""What the store holds when a collector begins: the last answers, the accounts, who was asked for."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from service.core.ports import Store
from service.places.model import Place
from service.weather import keys, records
from service.weather.collect.schedule import LastFetch
from service.weather.model import Dataset
from service.weather.provider import Provider
from service.weather.quota import ProviderQuota

_IN_USE = timedelta(days=1)


def last_answers(store: Store, places: Sequence[Place]) -> dict[tuple[Dataset, str], LastFetch]:
    """The last answer for each dataset of each place, as far as there is one."""
    current = store.read([keys.weather(Dataset.CURRENT, place.id) for place in places])
    outlook = store.read([keys.weather(Dataset.HOURLY, place.id) for place in places])
    last: dict[tuple[Dataset, str], LastFetch] = {}
    for place in places:
        now = records.current_from_bytes(current.get(keys.weather(Dataset.CURRENT, place.id)))
        ahead = records.hourly_from_bytes(outlook.get(keys.weather(Dataset.HOURLY, place.id)))
        if now is not None:
            last[Dataset.CURRENT, place.id] = LastFetch(now.fetched_at, now.provider_id, now.not_before)
        if ahead is not None:
            last[Dataset.HOURLY, place.id] = LastFetch(ahead.fetched_at, ahead.provider_id, ahead.not_before)
    return last


def quotas(store: Store, providers: Sequence[Provider]) -> dict[str, ProviderQuota]:
    """The accounts of the providers, new ones where there are none."""
    kept = store.read([keys.quota(provider.id) for provider in providers])
    return {p.id: records.quota_from_bytes(kept.get(keys.quota(p.id))) for p in providers}


def asked_lately(store: Store, now: datetime) -> frozenset[str]:
    """The ids of what readers asked for within a day."""
    asked = store.read(store.keys(keys.DEMAND_PREFIX))
    return frozenset(
        keys.place_of_demand(key)
        for key, record in asked.items()
        if (at := records.instant_from_bytes(record)) is not None and now - at < _IN_USE
    )


def forget_what_moved(store: Store, places: Sequence[Place], providers: Iterable[Provider]) -> None:
    """Forget the weather of every id that now names another spot: another place's is never shown."""
    spots = {place.id: (place.latitude, place.longitude) for place in places}
    before = records.locations_from_bytes(store.read([keys.LOCATIONS]).get(keys.LOCATIONS))
    moved = [place for place, spot in spots.items() if before.get(place, spot) != spot]
    if moved:
        of_weather = [keys.weather(dataset, place) for dataset in Dataset for place in moved]
        store.delete(of_weather + [keys.provider_response(p.id, place) for p in providers for place in moved])
    if spots.items() - before.items():
        store.write({keys.LOCATIONS: records.locations_to_bytes(before | spots)})

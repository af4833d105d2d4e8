"""Keys of the weather records in the store."""

from service.weather.model import Dataset

DEMAND_PREFIX = "asked/"
LOCATIONS = "spots"  # the coordinates of every place for which weather is stored
_DATASETS = frozenset(dataset.value for dataset in Dataset)


def weather(dataset: Dataset, place_id: str) -> str:
    """Return the key of a place's current values, or of its hourly forecast."""
    return f"{dataset.value}/{place_id}"


def place_of_weather(key: str) -> str | None:
    """Return the id of the place that a weather key belongs to, or None for any other key."""
    dataset, _, place_id = key.partition("/")
    return place_id if place_id and dataset in _DATASETS else None


def provider_response(provider_id: str, place_id: str) -> str:
    """Return the key of the last 200 response of a provider that supports conditional requests."""
    return f"answer/{provider_id}/{place_id}"


def quota(provider_id: str) -> str:
    """Return the key of a provider's quota and back-off."""
    return f"ledger/{provider_id}"


def demand(place_id: str) -> str:
    """Return the key of the time at which readers last requested a place."""
    return DEMAND_PREFIX + place_id


def place_of_demand(key: str) -> str:
    """Return the id of the place that a `demand` key belongs to."""
    return key.removeprefix(DEMAND_PREFIX)

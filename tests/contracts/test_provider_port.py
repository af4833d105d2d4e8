"""Every implementation of the Provider port keeps to it."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.errors import UpstreamError
from service.core.ports import Request
from service.demo import met_norway, open_meteo
from service.places.catalogue import built_in_places
from service.places.model import Place
from service.settings.load import load
from service.weather.model import Dataset
from service.weather.provider import Provider
from service.weather.providers.openweather.provider import OpenWeather
from service.weather.providers.registry import PROVIDERS as CLASSES

NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
PAYLOADS = Path(__file__).parents[1] / "weather" / "providers" / "payloads"
PLACES = [place for place in built_in_places() if place.country == "VN"]
SETTINGS = load({}).weather.provider_settings
PROVIDERS = [
    *(provider.from_settings(SETTINGS[name]) for name, provider in CLASSES.items()),
    OpenWeather("https://api.openweathermap.org/data/3.0/onecall"),
]


def _openweather(request: Request) -> bytes:
    """The payload beside the tests of the provider, for the place that is asked for."""
    latitude, longitude = float(request.params["lat"]), float(request.params["lon"])
    name = {"weather": "current", "onecall": "one_call"}.get(kind := request.url.rpartition("/")[2], kind)
    payload = json.loads((PAYLOADS / f"openweather_{name}.json").read_bytes())
    position = {"lat": latitude, "lon": longitude}
    if name == "forecast":
        payload["city"]["coord"] = position
    return json.dumps(payload | (position if name == "one_call" else {"coord": position})).encode()


SAMPLES: Mapping[str, Callable[[Request], bytes]] = {  # an answer in the provider's form, of NOW
    "open-meteo": lambda request: open_meteo.forecast(request.params, NOW)[1],
    "met-norway": lambda request: met_norway.locationforecast(request.params, {"user-agent": "a@b.c"}, NOW)[
        2
    ],
    "openweather": _openweather,
}

every_provider = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.id)
every_played_provider = pytest.mark.parametrize(
    "provider", [one for one in PROVIDERS if one.id in SAMPLES], ids=lambda provider: provider.id
)
every_aspect = pytest.mark.parametrize("dataset", list(Dataset))


def some_places(provider: Provider) -> list[Place]:
    return PLACES[: min(provider.limits.max_places, 4)]


def answer_to(provider: Provider, request: Request) -> bytes:
    return SAMPLES[provider.id](request)


@every_played_provider
@every_aspect
def test_an_answer_is_read_place_by_place_in_the_order_asked(provider: Provider, dataset: Dataset) -> None:
    places = some_places(provider)
    said = provider.parse(answer_to(provider, provider.request(dataset, places)), places, NOW)
    assert [one.place for one in said if one] == places
    for one in said:
        assert one is not None
        part = one.current if dataset is Dataset.CURRENT else one.hourly
        assert part is not None


@every_played_provider
def test_what_is_said_is_in_our_units_and_for_about_now(provider: Provider) -> None:
    places = some_places(provider)
    for one in provider.parse(answer_to(provider, provider.request(Dataset.CURRENT, places)), places, NOW):
        assert one is not None
        assert one.current is not None
        assert abs(one.current.time - NOW) <= timedelta(hours=2)
        assert one.current.time.utcoffset() == timedelta(0)
        assert -10 < (one.current.temperature or 0) < 45
        assert 0 <= (one.current.wind_speed or 0) < 40
        assert 950 < (one.current.pressure or 0) < 1050


@every_played_provider
@every_aspect
def test_building_and_reading_are_pure(provider: Provider, dataset: Dataset) -> None:
    places = some_places(provider)
    request = provider.request(dataset, places)
    assert request == provider.request(dataset, places)
    body = answer_to(provider, request)
    assert provider.parse(body, places, NOW) == provider.parse(body, places, NOW)


@every_provider
@every_aspect
def test_coordinates_are_asked_with_four_decimals_at_the_most(provider: Provider, dataset: Dataset) -> None:
    place = Place("far", {"vi": "-", "en": "-"}, "VN", 16.123456789, -107.987654321, "UTC")
    asked = ",".join(provider.request(dataset, [place]).params.values())
    assert "16.1235" in asked
    assert "-107.9877" in asked
    assert "16.12345" not in asked


@every_provider
def test_terms_and_costs_make_sense(provider: Provider) -> None:
    terms = provider.limits
    assert terms.max_places >= 1
    assert all(provider.cost(dataset) >= 1 for dataset in Dataset)
    budgets = [terms.minute_budget, terms.hour_budget, terms.daily_budget]
    assert budgets == [None] * 3 or all(budget is not None for budget in budgets)
    if terms.minute_budget is not None:
        assert terms.max_places * max(provider.cost(dataset) for dataset in Dataset) <= terms.minute_budget


@every_provider
def test_every_provider_can_be_credited(provider: Provider) -> None:
    assert provider.attribution.url


@every_played_provider
def test_an_answer_for_fewer_places_than_asked_is_refused(provider: Provider) -> None:
    places = PLACES[:2] if provider.limits.max_places > 1 else PLACES[:1]
    body = answer_to(provider, provider.request(Dataset.CURRENT, PLACES[:1]))
    elsewhere = [PLACES[-1], *places[1:]]
    with pytest.raises(UpstreamError):
        provider.parse(body, elsewhere, NOW)


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@every_provider
@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=60) | anything.map(lambda value: json.dumps(value).encode()))
def test_any_other_bytes_are_one_failure_and_nothing_else(provider: Provider, body: bytes) -> None:
    with pytest.raises(UpstreamError):
        provider.parse(body, some_places(provider), NOW)

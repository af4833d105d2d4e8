"""Payloads with parts dropped, moved and replaced: nothing but a refusal, never a number outside nature."""

import copy
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.errors import UpstreamError
from service.places.model import Place
from service.weather.provider import Provider, ProviderForecast
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo
from service.weather.providers.openweather.provider import OpenWeather

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
DONG_HA = Place("dong-ha", {"vi": "Đông Hà", "en": "Dong Ha"}, "VN", 16.8163, 107.1003, "Asia/Ho_Chi_Minh")
MELBOURNE = Place(
    "melbourne", {"vi": "Melbourne", "en": "Melbourne"}, "AU", -37.8136, 144.9631, "Australia/Melbourne"
)

CASES: list[tuple[str, Provider, list[Place]]] = [
    ("open_meteo_current", OpenMeteo(), [DONG_HA, MELBOURNE]),
    ("open_meteo_hourly", OpenMeteo(), [DONG_HA]),
    ("met_norway", MetNorway(), [DONG_HA]),
    ("openweather_current", OpenWeather(), [DONG_HA]),
    ("openweather_forecast", OpenWeather(), [DONG_HA]),
    ("openweather_one_call", OpenWeather(), [DONG_HA]),
]
BOUNDS = {
    "temperature": (-95, 65),
    "apparent_temperature": (-120, 80),
    "humidity": (0, 100),
    "wind_speed": (0, 120),
    "wind_gust": (0, 120),
    "wind_direction": (0, 360),
    "pressure": (850, 1100),
    "cloud_cover": (0, 100),
    "precipitation_probability": (0, 100),
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=20),
    st.integers(),
    st.integers(min_value=10**400, max_value=10**400 + 9),
    st.floats(),
    st.sampled_from(
        ["2026-11-22T10:00", "9999-12-31T23:59Z", "0001-01-01T00:00+14:00", "°C", "rain_day", -0.0]
    ),
    st.recursive(st.none(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)),
)


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from spots(child, (*path, key))


def mutate(payload: Any, data: st.DataObject) -> Any:
    path = data.draw(st.sampled_from(list(spots(payload))))
    if not path:
        return data.draw(ODD)
    parent = payload
    for key in path[:-1]:
        parent = parent[key]
    if data.draw(st.booleans()):
        del parent[path[-1]]
    else:
        parent[path[-1]] = data.draw(ODD)
    return payload


def numbers(said: ProviderForecast) -> Iterator[tuple[str, float, int]]:
    records = [said.current] if said.current else []
    steps: Sequence[object] = said.hourly.points if said.hourly else ()
    for record in [*records, *steps]:
        for name in [*BOUNDS, "precipitation"]:
            value = getattr(record, name, None)
            if value is not None:
                yield name, value, getattr(record, "hours", 1)


@pytest.mark.parametrize(("name", "provider", "places"), CASES, ids=[case[0] for case in CASES])
@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_a_spoilt_payload_is_refused_or_read_within_nature(
    name: str, provider: Provider, places: list[Place], data: st.DataObject
) -> None:
    payload = copy.deepcopy(json.loads((PAYLOADS / f"{name}.json").read_bytes()))
    for _ in range(data.draw(st.integers(min_value=1, max_value=6))):
        payload = mutate(payload, data)
    try:
        said = provider.parse(json.dumps(payload).encode(), places, NOW)
    except UpstreamError:
        return
    assert len(said) == len(places)
    for field, value, hours in (
        number for one in said if not isinstance(one, UpstreamError) for number in numbers(one)
    ):
        low, high = BOUNDS.get(field, (0, 500 * hours))
        assert type(value) is float
        assert low <= value <= high


@pytest.mark.parametrize("provider", [case[1] for case in CASES[1:4]], ids=lambda provider: provider.id)
@settings(deadline=None, max_examples=100)
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_at_all_are_refused(provider: Provider, body: bytes) -> None:
    with pytest.raises(UpstreamError):
        provider.parse(body, [DONG_HA], NOW)


@pytest.mark.parametrize(("name", "provider", "places"), CASES, ids=[case[0] for case in CASES])
@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_a_body_cut_short_is_refused(
    name: str, provider: Provider, places: list[Place], data: st.DataObject
) -> None:
    body = (PAYLOADS / f"{name}.json").read_bytes().rstrip()
    end = data.draw(st.integers(min_value=0, max_value=len(body) - 1))
    with pytest.raises(UpstreamError):
        provider.parse(body[:end], places, NOW)

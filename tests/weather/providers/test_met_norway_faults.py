"""Every way in which an answer of MET Norway can be wrong, and what becomes of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.weather.model import UNKNOWN_CONDITION
from service.weather.provider import ProviderForecast
from service.weather.providers.met_norway.provider import MetNorway

Payload = dict[str, Any]


def read(payload: object, place: Place, now: datetime) -> ProviderForecast:
    (said,) = MetNorway().parse(json.dumps(payload).encode(), [place], now)
    assert said is not None
    return said


def refusal(payload: object, place: Place, now: datetime) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        MetNorway().parse(json.dumps(payload).encode(), [place], now)
    return caught.value


def data(payload: Payload, index: int) -> Payload:
    entry: Payload = payload["properties"]["timeseries"][index]["data"]
    return entry


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<html><body>403 Forbidden</body></html>",
        b'{"type":"Feature"}',
        b'{"geometry":{"coordinates":[107.1003,16.8163]},"properties":null}',
        b"\xff\xfe{",
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_answer_is_unreadable(body: bytes, dong_ha: Place, now: datetime) -> None:
    with pytest.raises(UpstreamError) as caught:
        MetNorway().parse(body, [dong_ha], now)
    assert caught.value.cause is Cause.UNREADABLE
    assert len(caught.value.detail) < 400


@pytest.mark.parametrize(
    "coordinates",
    [[16.8163, 107.1003, 8], [107.1003, 17.1, 8], [107.1003], [], [None, None], ["107.1003", "16.8163"]],
)
def test_another_places_weather_is_refused(
    coordinates: object, met: Payload, dong_ha: Place, now: datetime
) -> None:
    met["geometry"]["coordinates"] = coordinates
    assert refusal(met, dong_ha, now).cause is Cause.UNREADABLE


def test_coordinates_may_be_integers_without_an_altitude(met: Payload, dong_ha: Place, now: datetime) -> None:
    met["geometry"]["coordinates"] = [107, 17]
    assert read(met, replace(dong_ha, latitude=17.0, longitude=107.0), now).current is not None


@pytest.mark.parametrize(
    "told",
    [
        ("air_temperature", "fahrenheit", "temperature"),
        ("wind_speed", "km/h", "wind_speed"),
        ("wind_speed_of_gust", "knots", "wind_gust"),
        ("air_pressure_at_sea_level", "Pa", "pressure"),
        ("relative_humidity", "1", "humidity"),
        ("cloud_area_fraction", None, "cloud_cover"),
        ("wind_from_direction", "rad", "wind_direction"),
        ("precipitation_amount", "kg/m2", "precipitation_rate"),
    ],
)
def test_a_value_in_a_unit_that_is_not_documented_is_null(
    told: tuple[str, object, str], met: Payload, dong_ha: Place, now: datetime
) -> None:
    told_as, unit, name = told
    met["properties"]["meta"]["units"][told_as] = unit
    current = read(met, dong_ha, now).current
    assert current is not None
    assert getattr(current, name) is None
    assert [current.temperature, current.humidity].count(None) <= 1


def test_the_chance_of_rain_in_another_unit_is_null(met: Payload, dong_ha: Place, now: datetime) -> None:
    met["properties"]["meta"]["units"]["probability_of_precipitation"] = "1"
    hourly = read(met, dong_ha, now).hourly
    assert hourly is not None
    assert {step.precipitation_probability for step in hourly.points} == {None}


@pytest.mark.parametrize("meta", [None, {}, {"updated_at": "2026-11-21T19:04:26Z"}, {"units": "metric"}])
def test_an_answer_without_units_is_unreadable(
    meta: object, met: Payload, dong_ha: Place, now: datetime
) -> None:
    met["properties"]["meta"] = meta
    assert refusal(met, dong_ha, now).cause is Cause.UNREADABLE


@pytest.mark.parametrize(
    "wrong", [None, "25.6", True, [], {}, -1e9, 1e9, float("nan"), float("inf")], ids=repr
)
@pytest.mark.parametrize(
    "told",
    [
        ("air_temperature", "temperature"),
        ("relative_humidity", "humidity"),
        ("wind_speed", "wind_speed"),
        ("wind_speed_of_gust", "wind_gust"),
        ("wind_from_direction", "wind_direction"),
        ("air_pressure_at_sea_level", "pressure"),
        ("cloud_area_fraction", "cloud_cover"),
    ],
)
def test_a_wrong_value_is_null(
    told: tuple[str, str], wrong: object, met: Payload, dong_ha: Place, now: datetime
) -> None:
    told_as, name = told
    data(met, 1)["instant"]["details"][told_as] = wrong
    current = read(met, dong_ha, now).current
    assert current is not None
    assert getattr(current, name) is None
    assert current.precipitation_rate == 0.3


@pytest.mark.parametrize("wrong", [None, [], "rain", {}, {"summary": None, "details": []}, {"summary": []}])
def test_a_wrong_period_is_null(wrong: object, met: Payload, dong_ha: Place, now: datetime) -> None:
    data(met, 1)["next_1_hours"] = wrong
    current = read(met, dong_ha, now).current
    assert current is not None
    assert current.precipitation_rate is None
    assert current.temperature == 25.6


def test_an_unknown_symbol_is_no_sky(met: Payload, dong_ha: Place, now: datetime) -> None:
    data(met, 1)["next_1_hours"]["summary"]["symbol_code"] = "plague_day"
    current = read(met, dong_ha, now).current
    assert current is not None
    assert current.condition == UNKNOWN_CONDITION


def test_without_values_for_now_the_outlook_remains(met: Payload, dong_ha: Place, now: datetime) -> None:
    met["properties"]["timeseries"][1]["data"] = {}
    said = read(met, dong_ha, now)
    assert said.current is None
    assert said.hourly is not None


def test_an_answer_that_says_nothing_is_unreadable(met: Payload, dong_ha: Place, now: datetime) -> None:
    for entry in met["properties"]["timeseries"]:
        entry["data"] = {}
    assert refusal(met, dong_ha, now).cause is Cause.UNREADABLE


@pytest.mark.parametrize("time", [None, "2026-11-22T03:00:00", "2026-11-22", 7, "soon"])
def test_a_series_with_an_unreadable_time_is_refused(
    time: object, met: Payload, dong_ha: Place, now: datetime
) -> None:
    met["properties"]["timeseries"][1]["time"] = time
    assert refusal(met, dong_ha, now).cause is Cause.UNREADABLE


def _empty(series: list[Payload]) -> None:
    series.clear()


def _backwards(series: list[Payload]) -> None:
    series.reverse()


@pytest.mark.parametrize("spoil", [_empty, _backwards])
def test_a_series_that_is_none_is_refused(
    spoil: Callable[[list[Payload]], None], met: Payload, dong_ha: Place, now: datetime
) -> None:
    spoil(met["properties"]["timeseries"])
    assert refusal(met, dong_ha, now).cause is Cause.UNREADABLE


@pytest.mark.parametrize("updated_at", [None, "", "yesterday", 7.5e20, "2026-11-21T19:04:26"])
def test_an_unreadable_time_of_update_is_null(
    updated_at: object, met: Payload, dong_ha: Place, now: datetime
) -> None:
    met["properties"]["meta"]["updated_at"] = updated_at
    assert read(met, dong_ha, now).updated_at is None

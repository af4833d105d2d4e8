"""Single values of Open-Meteo that are wrong, missing, or in another unit."""

import json
from datetime import datetime
from typing import Any

import pytest

from service.core.errors import UpstreamError
from service.places.model import Place
from service.weather.model import UNKNOWN_CONDITION, Current
from service.weather.provider import ProviderForecast
from service.weather.providers.open_meteo.provider import OpenMeteo

Payload = dict[str, Any]
Payloads = list[Payload]


def read(payload: object, places: list[Place], now: datetime) -> list[ProviderForecast | None]:
    return OpenMeteo().parse(json.dumps(payload).encode(), places, now)


def current_of(payload: Payload, place: Place, now: datetime) -> Current:
    (said,) = read(payload, [place], now)
    assert said is not None
    assert said.current is not None
    return said.current


@pytest.mark.parametrize("number", ["NaN", "nan", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_what_is_no_number_is_null(number: str, om_current: Payloads, dong_ha: Place, now: datetime) -> None:
    body = json.dumps(om_current[0]).replace("27.1", number).encode()
    (said,) = OpenMeteo().parse(body, [dong_ha], now)
    assert said is not None
    assert said.current is not None
    assert said.current.temperature is None
    assert said.current.humidity == 79


WRONG: list[object] = [None, "27.1", True, False, [], {}, [27.1], -1e9, 1e9]


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
@pytest.mark.parametrize(
    "told",
    [
        ("temperature_2m", "temperature"),
        ("relative_humidity_2m", "humidity"),
        ("apparent_temperature", "apparent_temperature"),
        ("precipitation", "precipitation_rate"),
        ("cloud_cover", "cloud_cover"),
        ("wind_speed_10m", "wind_speed"),
        ("wind_direction_10m", "wind_direction"),
        ("wind_gusts_10m", "wind_gust"),
        ("pressure_msl", "pressure"),
        ("is_day", "is_day"),
    ],
)
def test_a_wrong_value_is_null_and_spoils_no_other(
    told: tuple[str, str], wrong: object, om_current: Payloads, dong_ha: Place, now: datetime
) -> None:
    told_as, name = told
    whole = current_of(om_current[0], dong_ha, now)
    om_current[0]["current"][told_as] = wrong
    current = current_of(om_current[0], dong_ha, now)
    assert getattr(current, name) is None
    differing = {field for field in Current.__slots__ if getattr(current, field) != getattr(whole, field)}
    assert differing == {name}


@pytest.mark.parametrize("told_as", ["temperature_2m", "wind_speed_10m", "is_day"])
def test_a_missing_value_is_null(told_as: str, om_current: Payloads, dong_ha: Place, now: datetime) -> None:
    del om_current[0]["current"][told_as]
    current = current_of(om_current[0], dong_ha, now)
    assert None in (current.temperature, current.wind_speed, current.is_day)
    assert current.humidity == 79


@pytest.mark.parametrize("code", [None, 4, 100, 3.5, -1, "3", True, [3]])
def test_a_code_that_is_not_in_the_table_is_unknown(
    code: object, om_current: Payloads, dong_ha: Place, now: datetime
) -> None:
    om_current[0]["current"]["weather_code"] = code
    assert current_of(om_current[0], dong_ha, now).condition == UNKNOWN_CONDITION


@pytest.mark.parametrize(
    "told",
    [
        ("temperature_2m", "°F", "temperature"),
        ("wind_speed_10m", "mp/h", "wind_speed"),
        ("wind_speed_10m", "m/s", "wind_speed"),
        ("wind_gusts_10m", "kn", "wind_gust"),
        ("precipitation", "inch", "precipitation_rate"),
        ("interval", "minutes", "precipitation_rate"),
        ("cloud_cover", "undefined", "cloud_cover"),
        ("pressure_msl", None, "pressure"),
        ("is_day", "%", "is_day"),
    ],
)
def test_a_value_in_another_unit_than_the_one_asked_for_is_null(
    told: tuple[str, object, str], om_current: Payloads, dong_ha: Place, now: datetime
) -> None:
    told_as, unit, name = told
    om_current[0]["current_units"][told_as] = unit
    current = current_of(om_current[0], dong_ha, now)
    assert getattr(current, name) is None
    assert current.humidity == 79


@pytest.mark.parametrize(
    ("fallen", "rate"),
    [
        ((0.5, 900), 2.0),
        ((2.0, 3600), 2.0),
        ((0.1, 900), 0.4),
        ((6.0, 10_800), 2.0),
        ((0.0, 900), 0.0),
        ((None, 900), None),
        ((0.5, None), None),
        ((0.5, 0), None),
        ((0.5, -900), None),
        ((0.5, "900"), None),
        ((0.5, True), None),
        ((0.5, 1e9), None),
        ((200.0, 900), None),  # 800 mm/h
    ],
)
def test_precipitation_now_is_a_rate_by_the_interval_in_which_it_fell(
    fallen: tuple[float | None, object],
    rate: float | None,
    om_current: Payloads,
    dong_ha: Place,
    now: datetime,
) -> None:
    om_current[0]["current"] |= {"precipitation": fallen[0], "interval": fallen[1]}
    assert current_of(om_current[0], dong_ha, now).precipitation_rate == rate


def test_without_an_interval_there_is_no_rate(om_current: Payloads, dong_ha: Place, now: datetime) -> None:
    del om_current[0]["current"]["interval"]
    assert current_of(om_current[0], dong_ha, now).precipitation_rate is None


@pytest.mark.parametrize("units", [None, [], "metric", {}])
def test_a_section_without_its_units_is_refused(
    units: object, om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    om_current[0]["current_units"] = units
    assert isinstance(read(om_current, [dong_ha, melbourne], now)[0], UpstreamError)


def test_values_that_are_all_wrong_say_nothing(
    om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    time = om_current[0]["current"]["time"]
    om_current[0]["current"] = dict.fromkeys(om_current[0]["current"]) | {"time": time}
    assert isinstance(read(om_current, [dong_ha, melbourne], now)[0], UpstreamError)

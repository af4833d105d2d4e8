"""Answers of Open-Meteo that are none, or another place's, or for another time."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.weather.provider import ProviderForecast
from service.weather.providers.open_meteo.provider import OpenMeteo

Payload = dict[str, Any]
Payloads = list[Payload]


def read(payload: object, places: list[Place], now: datetime) -> list[ProviderForecast | None]:
    return OpenMeteo().parse(json.dumps(payload).encode(), places, now)


def refusal(body: bytes, places: list[Place], now: datetime) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        OpenMeteo().parse(body, places, now)
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"17",
        b'"text"',
        b"[]",
        b"[[]]",
        b"[null]",
        b"<html><head><title>502 Bad Gateway</title></head></html>",
        b'{"latitude":16.75,"current":{"temperature_2m":27.Unexpected error while streaming data: luck',
        b'{"error":true,"reason":"Daily API request limit exceeded. Please try again tomorrow."}',
        b'{"reason":"Daily API request limit exceeded. Please try again tomorrow."}',
        b"\xff\xfe\x00{",
        '{"latitude":16.75}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'[{"latitude":' + b"9" * 10_000 + b"}]",
    ],
    ids=lambda body: ascii(body[:30]),
)
def test_a_body_that_is_no_answer_is_unreadable(body: bytes, dong_ha: Place, now: datetime) -> None:
    fault = refusal(body, [dong_ha], now)
    assert fault.cause is Cause.UNREADABLE
    assert fault.detail.endswith(".")
    assert len(fault.detail) < 400


def test_an_error_with_status_200_is_told_without_its_words(dong_ha: Place, now: datetime) -> None:
    body = b'{"error":true,"reason":"No data is available for this location"}'
    told = refusal(body, [dong_ha], now).detail
    assert told == "Open-Meteo answered with an error in the place of a forecast."


def test_an_answer_in_utf_8_with_a_byte_order_mark_is_read(
    om_hourly: Payload, dong_ha: Place, now: datetime
) -> None:
    (said,) = OpenMeteo().parse(b"\xef\xbb\xbf" + json.dumps(om_hourly).encode(), [dong_ha], now)
    assert said is not None


@pytest.mark.parametrize("count", [1, 3])
def test_more_or_fewer_parts_than_places_are_unreadable(
    count: int, om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    body = json.dumps([*om_current, *om_current][:count]).encode()
    assert refusal(body, [dong_ha, melbourne], now).cause is Cause.UNREADABLE


def test_an_object_does_not_answer_for_several_places(
    om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    assert refusal(json.dumps(om_current[0]).encode(), [dong_ha, melbourne], now).cause is Cause.UNREADABLE


def test_one_place_may_be_answered_by_an_object_or_by_a_list_of_one(
    om_current: Payloads, dong_ha: Place, now: datetime
) -> None:
    assert read(om_current[0], [dong_ha], now) == read(om_current[:1], [dong_ha], now)


def test_a_part_with_another_places_number_is_refused_and_the_others_stay(
    om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    om_current[1]["location_id"] = 7
    first, second = read(om_current, [dong_ha, melbourne], now)
    assert first is not None
    assert isinstance(second, UpstreamError)


def test_parts_in_another_order_are_refused(
    om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    for part in om_current:
        part.pop("location_id", None)
    body = json.dumps(om_current[::-1]).encode()
    assert refusal(body, [dong_ha, melbourne], now).cause is Cause.UNREADABLE


@pytest.mark.parametrize("latitude", [16.0, 17.4, None, "16.75", True, 1e999])
def test_another_places_weather_is_refused(
    latitude: object, om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    om_current[0]["latitude"] = latitude
    first, second = read(om_current, [dong_ha, melbourne], now)
    assert isinstance(first, UpstreamError)
    assert second is not None


def test_a_bare_nan_costs_only_the_place_it_stands_for(
    om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    body = json.dumps(om_current).replace('"latitude": 16.75', '"latitude": nan').encode()
    first, second = OpenMeteo().parse(body, [dong_ha, melbourne], now)
    assert isinstance(first, UpstreamError)
    assert second is not None


def test_places_either_side_of_the_date_line_are_neighbours(om_current: Payloads, now: datetime) -> None:
    place = Place("taveuni", {"vi": "Taveuni", "en": "Taveuni"}, "FJ", -16.8, -179.95, "Pacific/Fiji")
    part = om_current[0] | {"latitude": -16.75, "longitude": 179.9}
    assert read(part, [place], now)[0] is not None


@pytest.mark.parametrize(
    "time",
    [None, "", "10:15", "2026-11-22", "2026-13-22T10:15", "0001-01-01T00:00", True, -5, 1e18, [], "now"],
)
def test_values_without_a_readable_time_are_refused(
    time: object, om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    om_current[0]["current"]["time"] = time
    first, second = read(om_current, [dong_ha, melbourne], now)
    assert isinstance(first, UpstreamError)
    assert second is not None


@pytest.mark.parametrize("offset", [None, "25200", 1e6, True])
def test_a_local_time_without_its_offset_is_no_moment(
    offset: object, om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    om_current[0]["utc_offset_seconds"] = offset
    assert isinstance(read(om_current, [dong_ha, melbourne], now)[0], UpstreamError)


def test_a_unix_time_is_read(om_current: Payloads, dong_ha: Place, now: datetime) -> None:
    om_current[0]["current_units"]["time"] = "unixtime"
    om_current[0]["current"]["time"] = 1_795_317_300
    (said,) = read(om_current[0], [dong_ha], now)
    assert said is not None
    assert said.updated_at == datetime(2026, 11, 22, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize("hours", [-3, 3, 24 * 365])
def test_an_answer_for_another_time_than_now_blames_the_clock(
    hours: int, om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    body = json.dumps(om_current).encode()
    fault = refusal(body, [dong_ha, melbourne], now + timedelta(hours=hours))
    assert fault.cause is Cause.CLOCK


def test_one_place_for_another_time_is_refused_alone(
    om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    om_current[1]["current"]["time"] = "2026-11-22T11:30"
    first, second = read(om_current, [dong_ha, melbourne], now)
    assert first is not None
    assert isinstance(second, UpstreamError)


def test_the_clock_is_not_blamed_when_a_part_is_unreadable_besides(
    om_current: Payloads, dong_ha: Place, melbourne: Place, now: datetime
) -> None:
    om_current[1]["latitude"] = None
    body = json.dumps(om_current).encode()
    assert refusal(body, [dong_ha, melbourne], now + timedelta(days=1)).cause is Cause.UNREADABLE

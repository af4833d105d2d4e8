"""The sample weather as MET Norway tells it, field by field after its documentation."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.demo import met_norway, sample_weather

NOW = datetime(2026, 11, 22, 3, 7, 41, tzinfo=UTC)
HOUR = timedelta(hours=1)
FAIR = sample_weather.sample(storm=False)
DONG_HA = {"lat": "16.8163", "lon": "107.1003", "altitude": "8"}
PLACE = (16.8163, 107.1003)
US = {"user-agent": "portal-widgets/0.1 ops@example.gov.vn"}


def ask(query: dict[str, str] = DONG_HA, now: datetime = NOW) -> Any:
    status, _, body = met_norway.locationforecast(query, US, now)
    assert status is HTTPStatus.OK, body
    return json.loads(body)


def series(now: datetime = NOW) -> list[tuple[datetime, dict[str, Any]]]:
    steps = ask(now=now)["properties"]["timeseries"]
    return [(datetime.fromisoformat(step["time"]), step["data"]) for step in steps]


def test_the_answer_is_a_geojson_point_with_longitude_first() -> None:
    answer = ask()
    assert list(answer) == ["type", "geometry", "properties"]
    assert answer["type"] == "Feature"
    assert answer["geometry"] == {"type": "Point", "coordinates": [107.1003, 16.8163, 8]}
    assert list(answer["properties"]) == ["meta", "timeseries"]


def test_without_an_altitude_it_answers_with_the_terrains() -> None:
    assert ask({"lat": "11.9465", "lon": "108.4419"})["geometry"]["coordinates"][2] == pytest.approx(
        1480, abs=20
    )


def test_meta_names_the_time_of_the_run_and_every_unit() -> None:
    meta = ask()["properties"]["meta"]
    assert meta["updated_at"] == "2026-11-22T01:00:00Z"
    details = {name for _, data in series() for block in data.values() for name in block["details"]}
    assert details == set(meta["units"])
    assert meta["units"]["wind_speed"] == "m/s"
    assert meta["units"]["air_temperature"] == "celsius"


def test_steps_are_hourly_for_56_hours_then_six_hourly_to_nine_days() -> None:
    times = [time for time, _ in series()]
    assert times[0] == datetime(2026, 11, 22, 3, tzinfo=UTC)
    gaps = [after - before for before, after in pairwise(times)]
    assert set(gaps[:56]) == {HOUR}
    assert gaps == sorted(gaps)
    assert gaps[-1] == 6 * HOUR
    assert times[-1] > NOW + timedelta(days=8, hours=17)
    assert {time.hour for time, gap in zip(times, gaps, strict=False) if gap == 6 * HOUR} == {0, 6, 12, 18}


@settings(deadline=None, max_examples=20)
@given(now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_at_every_hour_of_the_year_the_steps_are_in_order_and_begin_at_the_current_hour(
    now: datetime,
) -> None:
    edition = now.replace(minute=0, second=0, microsecond=0)
    times = met_norway.step_times(edition)
    assert times[0] == edition
    assert all(edition + hour * HOUR in times for hour in range(57))
    assert times == sorted(set(times))


def test_a_block_is_there_where_its_hours_end_at_a_step() -> None:
    steps = series()
    times = {time for time, _ in steps}
    for time, data in steps:
        blocks = {hours for hours in (1, 6, 12) if f"next_{hours}_hours" in data}
        assert blocks == {hours for hours in (1, 6, 12) if time + hours * HOUR in times}
    assert list(steps[-1][1]) == ["instant"]
    assert list(steps[-2][1]) == ["instant", "next_6_hours"]
    assert any(list(data) == ["instant", "next_1_hours"] for _, data in steps)


def test_each_instant_tells_the_air_of_the_sample_with_one_decimal() -> None:
    for time, data in series()[::7]:
        air = FAIR.at(*PLACE, time)
        assert data["instant"]["details"] == {
            "air_pressure_at_sea_level": round(air["pressure_msl"], 1),
            "air_temperature": round(air["temperature_2m"], 1),
            "cloud_area_fraction": round(air["cloud_cover"], 1),
            "relative_humidity": round(air["relative_humidity_2m"], 1),
            "wind_from_direction": round(air["wind_direction_10m"], 1),
            "wind_speed": round(air["wind_speed_10m"], 1),
        }


def test_the_blocks_tell_what_falls_from_the_step_on() -> None:
    for time, data in series()[:40]:
        assert data["next_1_hours"]["details"] == {
            "precipitation_amount": round(FAIR.over(*PLACE, time)["precipitation"], 1)
        }
        six = data["next_6_hours"]["details"]
        assert six["precipitation_amount"] == round(FAIR.over(*PLACE, time, 6)["precipitation"], 1)
        assert six["air_temperature_min"] <= data["instant"]["details"]["air_temperature"]
        assert six["air_temperature_max"] >= data["instant"]["details"]["air_temperature"]
        assert 0 <= six["probability_of_precipitation"] <= 100
        assert list(data["next_12_hours"]["details"]) == ["probability_of_precipitation"]


def symbols(latitude: float, longitude: float) -> list[tuple[datetime, str]]:
    steps = ask({"lat": f"{latitude:.4f}", "lon": f"{longitude:.4f}"})["properties"]["timeseries"]
    return [
        (datetime.fromisoformat(step["time"]), step["data"]["next_1_hours"]["summary"]["symbol_code"])
        for step in steps
        if "next_1_hours" in step["data"]
    ]


def test_symbols_are_documented_ones_and_night_has_the_night_variant() -> None:
    seen = [pair for row in range(12) for pair in symbols(9 + row, 105.5)]
    with_variants = {
        *("clearsky", "fair", "partlycloudy", "lightrainshowers", "rainshowers", "heavyrainshowers"),
        *("rainshowersandthunder", "heavyrainshowersandthunder"),
    }
    without = {"cloudy", "fog", "lightrain", "rain", "heavyrain"}
    for time, symbol in seen:
        base, _, variant = symbol.partition("_")
        assert (base in with_variants, base in without) == ((True, False) if variant else (False, True))
        if variant and (time.hour + 7) % 24 in range(7, 17):
            assert variant == "day"
        if variant and (time.hour + 7) % 24 in {19, 20, 21, 22, 23, 0, 1, 2, 3, 4}:
            assert variant == "night"
    assert {variant for _, symbol in seen for variant in symbol.partition("_")[2:]} == {"", "day", "night"}


def test_in_a_storm_it_is_told_of() -> None:
    _, _, body = met_norway.locationforecast(DONG_HA, US, NOW, storm=True)
    steps = [step["data"] for step in json.loads(body)["properties"]["timeseries"]]
    hours = [data["next_1_hours"] for data in steps if "next_1_hours" in data]
    assert min(hour["details"]["precipitation_amount"] for hour in hours) > 0
    assert all("rain" in hour["summary"]["symbol_code"] for hour in hours)


def test_an_answer_says_how_long_it_holds_and_since_when_it_is() -> None:
    _, headers, _ = met_norway.locationforecast(DONG_HA, US, NOW)
    assert headers["Content-Type"] == "application/json"
    assert headers["Last-Modified"] == "Sun, 22 Nov 2026 03:00:00 GMT"
    assert headers["Expires"] == "Sun, 22 Nov 2026 03:37:41 GMT"


def test_an_edition_is_not_sent_twice() -> None:
    _, first, body = met_norway.locationforecast(DONG_HA, US, NOW)
    again = {**US, "if-modified-since": first["Last-Modified"]}
    status, headers, nothing = met_norway.locationforecast(DONG_HA, again, NOW + timedelta(minutes=45))
    assert (status, nothing) == (HTTPStatus.NOT_MODIFIED, b"")
    assert parsedate_to_datetime(headers["Expires"]) == NOW.replace(microsecond=0) + timedelta(minutes=75)
    same = met_norway.locationforecast(DONG_HA, US, NOW + timedelta(minutes=45))[2]
    assert same == body


def test_the_next_hour_is_a_new_edition() -> None:
    _, first, body = met_norway.locationforecast(DONG_HA, US, NOW)
    again = {**US, "if-modified-since": first["Last-Modified"]}
    status, _, changed = met_norway.locationforecast(DONG_HA, again, NOW + HOUR)
    assert status is HTTPStatus.OK
    assert changed != body


@pytest.mark.parametrize(
    "since", ["", "yesterday", "Sun, 99 Nov 2026 03:00:00 GMT", "Sun, 22 Nov 2026 03:00:00 -0000"]
)
def test_a_date_that_says_nothing_gets_the_whole_answer(since: str) -> None:
    status, _, _ = met_norway.locationforecast(DONG_HA, {**US, "if-modified-since": since}, NOW)
    assert status is HTTPStatus.OK


@pytest.mark.parametrize("agent", ["", "python-requests/2.32.3", "Mozilla/5.0", "portal-widgets/0.1"])
def test_a_client_without_a_contact_is_refused(agent: str) -> None:
    status, headers, body = met_norway.locationforecast(DONG_HA, {"user-agent": agent}, NOW)
    assert status is HTTPStatus.FORBIDDEN
    assert headers["Content-Type"].startswith("text/html")
    assert body.startswith(b"<html>")


@pytest.mark.parametrize(
    "agent", ["portal-widgets/0.1 (ops@example.gov.vn)", "AcmeWeatherApp/0.9 example.com/acme"]
)
def test_a_client_with_an_address_or_a_domain_is_served(agent: str) -> None:
    assert met_norway.locationforecast(DONG_HA, {"user-agent": agent}, NOW)[0] is HTTPStatus.OK


def test_five_decimals_are_refused() -> None:
    query = {"lat": "16.81634", "lon": "107.1003"}
    assert met_norway.locationforecast(query, US, NOW)[0] is HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"lat": "16.8"},
        {"lat": "91", "lon": "107.1"},
        {"lat": "north", "lon": "107.1"},
        {"lat": "nan", "lon": "107.1"},
        {"lat": "1e1", "lon": "107.1"},
        {"lat": "16.8", "lon": "181"},
        {"lat": "16.8", "lon": "107.1", "altitude": "high"},
    ],
)
def test_any_other_fault_of_the_query_is_a_400(query: dict[str, str]) -> None:
    assert met_norway.locationforecast(query, US, NOW)[0] is HTTPStatus.BAD_REQUEST

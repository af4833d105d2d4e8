"""MET Norway: what it is asked, and how its series becomes now and the steps ahead."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.weather.model import Dataset
from service.weather.provider import ProviderForecast
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.met_norway.settings import URL

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


@pytest.mark.parametrize("dataset", Dataset)
def test_both_aspects_are_one_request(dataset: Dataset, dong_ha: Place) -> None:
    request = MetNorway().request(dataset, [dong_ha])
    assert request.url == URL
    assert request.params == {"lat": "16.8163", "lon": "107.1003"}
    assert MetNorway().cost(dataset) == 1


def test_coordinates_have_four_decimals_at_the_most_and_the_altitude_none(dong_ha: Place) -> None:
    precise = replace(dong_ha, latitude=16.00004999, longitude=-107.10005001, altitude=8.6)
    params = MetNorway().request(Dataset.CURRENT, [precise]).params
    assert params == {"lat": "16", "lon": "-107.1001", "altitude": "9"}


def test_it_is_asked_for_one_place_and_at_most_twenty_times_a_second() -> None:
    terms = MetNorway().limits
    assert terms.max_places == 1
    assert terms.min_interval > timedelta(seconds=1) / 20
    assert terms.daily_budget is None


def test_now_is_the_last_step_that_has_begun(met: Payload, dong_ha: Place, now: datetime) -> None:
    current = read(met, dong_ha, now.replace(minute=0)).current
    assert current is not None
    assert current.time == datetime(2026, 11, 22, 3, tzinfo=UTC)


def test_a_first_step_up_to_an_hour_ahead_stands_for_now(met: Payload, dong_ha: Place) -> None:
    current = read(met, dong_ha, datetime(2026, 11, 22, 1, 0, tzinfo=UTC)).current
    assert current is not None
    assert current.time == datetime(2026, 11, 22, 2, tzinfo=UTC)


@pytest.mark.parametrize("hour_and_minute", [(0, 59), (8, 1), (15, 0)])
def test_an_answer_for_another_time_than_now_blames_the_clock(
    hour_and_minute: tuple[int, int], met: Payload, dong_ha: Place, now: datetime
) -> None:
    hour, minute = hour_and_minute
    assert refusal(met, dong_ha, now.replace(hour=hour, minute=minute)).cause is Cause.CLOCK


def test_the_light_of_a_longer_period_is_not_that_of_now(met: Payload, dong_ha: Place, now: datetime) -> None:
    del data(met, 1)["next_1_hours"]
    data(met, 1)["next_6_hours"]["summary"]["symbol_code"] = "clearsky_night"
    current = read(met, dong_ha, now).current
    assert current is not None
    assert current.condition.kind == "clear"
    assert current.is_day is None


def test_six_hours_may_bring_more_rain_than_one(met: Payload, dong_ha: Place, now: datetime) -> None:
    data(met, 3)["next_6_hours"]["details"]["precipitation_amount"] = 900.0
    data(met, 1)["next_1_hours"]["details"]["precipitation_amount"] = 900.0
    hourly = read(met, dong_ha, now).hourly
    assert hourly is not None
    assert hourly.points[3].precipitation == 900.0
    assert hourly.points[1].precipitation is None


def test_steps_are_kept_from_a_day_before_now(met: Payload, dong_ha: Place, now: datetime) -> None:
    first = met["properties"]["timeseries"][0]
    met["properties"]["timeseries"][:0] = [
        first | {"time": "2026-11-21T03:00:00Z"},
        first | {"time": "2026-11-21T04:00:00Z"},
    ]
    hourly = read(met, dong_ha, now).hourly
    assert hourly is not None
    assert hourly.points[0].time == datetime(2026, 11, 21, 4, tzinfo=UTC)


def test_a_step_is_six_hours_long_only_where_the_next_one_is_six_hours_away(
    met: Payload, dong_ha: Place, now: datetime
) -> None:
    data(met, 2)["next_6_hours"] = {
        "summary": {"symbol_code": "rain"},
        "details": {"precipitation_amount": 4.0},
    }
    hourly = read(met, dong_ha, now).hourly
    assert hourly is not None
    assert (hourly.points[2].hours, hourly.points[2].precipitation) == (1, None)
    assert hourly.points[2].condition.kind == "rain"
    assert (hourly.points[3].hours, hourly.points[3].precipitation) == (6, 0.0)

"""MET Norway: what it is asked, and how its series becomes now and the steps ahead."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.weather.model import Dataset, HourlyPoint
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


def hours_of(payload: Payload, place: Place, now: datetime) -> dict[int, HourlyPoint]:
    """The points by their hour in UTC."""
    hourly = read(payload, place, now).hourly
    assert hourly is not None
    return {point.time.hour: point for point in hourly.points}


def water_of(payload: Payload, place: Place, now: datetime) -> dict[int, float | None]:
    return {hour: point.precipitation for hour, point in hours_of(payload, place, now).items()}


def test_six_hours_may_bring_more_rain_than_one(met: Payload, dong_ha: Place, now: datetime) -> None:
    data(met, 3)["next_6_hours"]["details"]["precipitation_amount"] = 900.0
    data(met, 1)["next_1_hours"]["details"]["precipitation_amount"] = 900.0
    for index in (0, 1):
        del data(met, index)["next_6_hours"]
    water = water_of(met, dong_ha, now)
    assert [water[hour] for hour in range(6, 12)] == [150.0] * 6
    assert water[3] is None


def entry(time: str, one: float | None = None, six: float | None = None, **more: float) -> Payload:
    """An entry of the series: at this hour, with these amounts of its next hour and its next six hours."""
    told: Payload = {"instant": {"details": {"air_temperature": 20.0}}}
    if one is not None:
        told["next_1_hours"] = {
            "summary": {"symbol_code": "cloudy"},
            "details": {"precipitation_amount": one},
        }
    if six is not None:
        told["next_6_hours"] = {
            "summary": {"symbol_code": "rain"},
            "details": {"precipitation_amount": six, **more},
        }
    return {"time": f"2026-11-22T{time}:00Z", "data": told}


@pytest.mark.parametrize(
    ("series", "water"),
    [
        (  # blocks one after another
            [entry("03:00", six=6.0), entry("09:00", six=0.6), entry("15:00")],
            {3: 1, 4: 1, 5: 1, 6: 1, 7: 1, 8: 1, **dict.fromkeys(range(9, 15), 0.1), 15: None},
        ),
        (  # hours, and the blocks that overlap them
            [entry("03:00", 0.2, 3.0), entry("04:00", 0.4, 9.0), entry("05:00", 0.6), entry("06:00")],
            {3: 0.2, 4: 0.4, 5: 0.6, 6: 2.0, 7: 2.0, 8: 2.0, 9: 2.0},
        ),
        (  # an hour that is not told among others that are
            [
                entry("03:00", 0.2, 3.0),
                entry("04:00", None, 3.5),
                *(entry(f"0{hour}:00", 0.5, 1.0) for hour in range(5, 10)),
                entry("10:00", 0.0),
            ],
            {
                3: 0.2,
                4: 1.0,
                **dict.fromkeys(range(5, 10), 0.5),
                10: 0.0,
                11: 0.125,
                12: 0.125,
                13: 0.125,
                14: 0.125,
            },
        ),
        (  # no less than nothing
            [entry("03:00", 2.0, 1.0), entry("09:00")],
            {3: 2.0, 4: 0, 5: 0, 6: 0, 7: 0, 8: 0, 9: None},
        ),
        (  # hours of which only the blocks are told: each has its own block's share
            [entry("03:00", six=6.0), entry("04:00", six=12.0), entry("05:00", 0.0)],
            {3: 1.2, 4: 2.4, 5: 0.0, 6: 2.4, 7: 2.4, 8: 2.4, 9: 2.4},
        ),
        (  # a block that ends before the next entry begins
            [entry("03:00", six=6.0), entry("12:00", six=6.0)],
            {**dict.fromkeys(range(3, 9), 1.0), **dict.fromkeys(range(12, 18), 1.0)},
        ),
        (  # steps of three hours
            [entry("03:00", six=6.0), entry("06:00", six=0.0)],
            {3: 1.0, 4: 1.0, 5: 1.0, **dict.fromkeys(range(6, 12), 0.0)},
        ),
    ],
)
def test_six_hours_share_out_what_their_hours_do_not_tell_and_no_water_counts_twice(
    series: list[Payload], water: dict[int, float | None], met: Payload, dong_ha: Place, now: datetime
) -> None:
    met["properties"]["timeseries"] = series
    assert water_of(met, dong_ha, now) == pytest.approx(water)


def test_the_hours_of_a_block_have_its_condition_and_chance_and_the_middle_one_its_daylight(
    met: Payload, dong_ha: Place, now: datetime
) -> None:
    hours = hours_of(met, dong_ha, now)
    block = [hours[hour] for hour in range(6, 12)]
    assert {point.condition.kind for point in block} == {"clear"}
    assert {point.precipitation_probability for point in block} == {3}
    assert [point.is_day for point in block] == [None, None, None, False, None, None]
    assert [point.temperature for point in block] == [27.2, *[None] * 5]


def test_a_hour_keeps_its_own_chance_beside_that_of_six_hours(
    met: Payload, dong_ha: Place, now: datetime
) -> None:
    del data(met, 1)["next_1_hours"]["details"]["probability_of_precipitation"]
    data(met, 1)["next_6_hours"]["details"]["probability_of_precipitation"] = 90.0
    assert hours_of(met, dong_ha, now)[3].precipitation_probability is None


def test_extremes_are_those_of_blocks_whose_hours_are_not_told(
    met: Payload, dong_ha: Place, now: datetime
) -> None:
    more = {"air_temperature_min": 11.2, "air_temperature_max": 23.7}
    met["properties"]["timeseries"] = [
        entry("03:00", 0.0, 0.0, **more),
        entry("04:00", 0.0, 0.0, **more),  # the hour after it is missing, and its temperature with it
        entry("06:00", six=0.0, **more),
        entry("07:00", six=0.0, **more),
        entry("09:00", six=0.0, air_temperature_min=12.0),
        entry("12:00", six=0.0),
        entry("18:00", six=0.0, air_temperature_min=23.7, air_temperature_max=11.2),
    ]
    hourly = read(met, dong_ha, now).hourly
    assert hourly is not None
    assert [(one.start.hour, one.hours, one.lowest, one.highest) for one in hourly.extremes] == [
        (7, 6, 11.2, 23.7),
        (9, 6, 12.0, None),
    ]


@pytest.mark.parametrize(
    ("unit", "known"), [("celsius", True), ("fahrenheit", False), (None, False), ("missing", True)]
)
def test_extremes_in_another_unit_are_none(
    unit: str | None, known: bool, met: Payload, dong_ha: Place, now: datetime
) -> None:
    units = met["properties"]["meta"]["units"]
    for name in ("air_temperature_min", "air_temperature_max"):
        if unit == "missing":  # it is the temperature's
            del units[name]
        else:
            units[name] = unit
    hourly = read(met, dong_ha, now).hourly
    assert hourly is not None
    assert bool(hourly.extremes) is known


def test_steps_are_kept_from_the_longest_day_before_now(met: Payload, dong_ha: Place, now: datetime) -> None:
    first = met["properties"]["timeseries"][0]
    met["properties"]["timeseries"][:0] = [
        first | {"time": "2026-11-21T02:00:00Z"},
        first | {"time": "2026-11-21T03:00:00Z"},
    ]
    hourly = read(met, dong_ha, now).hourly
    assert hourly is not None
    assert hourly.points[0].time == datetime(2026, 11, 21, 3, tzinfo=UTC)  # 24 hours and 20 minutes ago

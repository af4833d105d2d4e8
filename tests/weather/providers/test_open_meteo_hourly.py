"""The hours and days of Open-Meteo, and what can be wrong with them."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.weather.model import HourlyForecast, PolarSun, SunTimes
from service.weather.provider import ProviderForecast
from service.weather.providers.open_meteo.provider import OpenMeteo

HOUR = timedelta(hours=1)
Payload = dict[str, Any]
Payloads = list[Payload]


def read(payload: object, places: list[Place], now: datetime) -> list[ProviderForecast | None]:
    return OpenMeteo().parse(json.dumps(payload).encode(), places, now)


def hourly_of(payload: Payload, place: Place, now: datetime) -> HourlyForecast:
    (said,) = read(payload, [place], now)
    assert said is not None
    assert said.hourly is not None
    return said.hourly


def refusal(body: bytes, places: list[Place], now: datetime) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        OpenMeteo().parse(body, places, now)
    return caught.value


def _not_ascending(series: Payload) -> None:
    series["time"][2], series["time"][3] = series["time"][3], series["time"][2]


def _twice_the_same(series: Payload) -> None:
    series["time"][3] = series["time"][2]


def _quarters_of_an_hour(series: Payload) -> None:
    series["time"][3] = "2026-11-22T10:15"


def _a_time_missing(series: Payload) -> None:
    series["time"][1] = None


def _no_times(series: Payload) -> None:
    del series["time"]


@pytest.mark.parametrize(
    "spoil", [_not_ascending, _twice_the_same, _quarters_of_an_hour, _a_time_missing, _no_times]
)
def test_hours_whose_times_are_no_series_of_hours_are_refused(
    spoil: Callable[[Payload], None],
    om_current: Payloads,
    om_hourly: Payload,
    dong_ha: Place,
    now: datetime,
) -> None:
    spoil(om_hourly["hourly"])
    (said,) = read(om_current[0] | om_hourly, [dong_ha], now)
    assert said is not None
    assert said.hourly is None
    assert said.current is not None


@pytest.mark.parametrize("values", [[27.1], [27.1] * 5, None, "27.1", 27.1, {}])
def test_a_variable_of_another_length_is_null_throughout(
    values: object, om_hourly: Payload, dong_ha: Place, now: datetime
) -> None:
    om_hourly["hourly"]["temperature_2m"] = values
    steps = hourly_of(om_hourly, dong_ha, now).points
    assert {step.temperature for step in steps} == {None}
    assert [step.precipitation for step in steps] == [0.1, None, 0.0, 3.1, None]


def test_hours_of_which_nothing_is_said_are_no_outlook(
    om_hourly: Payload, dong_ha: Place, now: datetime
) -> None:
    om_hourly["hourly"] = {"time": om_hourly["hourly"]["time"]}
    assert refusal(json.dumps(om_hourly).encode(), [dong_ha], now).cause is Cause.UNREADABLE


def test_hours_are_kept_from_the_longest_day_before_now(
    om_hourly: Payload, dong_ha: Place, now: datetime
) -> None:
    steps = hourly_of(om_hourly, dong_ha, now).points
    assert steps[0].time == datetime(2026, 11, 21, 3, tzinfo=UTC)  # 24 hours and 20 minutes ago
    assert len(steps) == 5


def series(first: str, hours: int, **columns: list[Any]) -> Payload:
    start = datetime.fromisoformat(first)
    return {
        "time": [f"{start + n * HOUR:%Y-%m-%dT%H:%M}" for n in range(hours)],
        "temperature_2m": [20.0 + n for n in range(hours)],
        "wind_speed_10m": [3.6 * n for n in range(hours)],
        "is_day": [n % 2 for n in range(hours)],
        **columns,
    }


def test_water_chance_and_code_move_to_the_beginning_of_their_hour_and_the_air_stays(
    om_hourly: Payload, dong_ha: Place, now: datetime
) -> None:
    om_hourly["hourly"] = series(
        "2026-11-22T10:00",
        4,
        precipitation=[7.0, 0.0, 20.0, 0.5],
        precipitation_probability=[70, 0, 99, 50],
        weather_code=[65, 0, 95, 51],
    )
    steps = hourly_of(om_hourly, dong_ha, now).points
    assert [(step.time - now).total_seconds() // 3600 for step in steps] == [-2, -1, 0, 1, 2]
    assert [step.precipitation for step in steps] == [7.0, 0.0, 20.0, 0.5, None]
    assert [step.precipitation_probability for step in steps] == [70, 0, 99, 50, None]
    assert [step.condition.kind for step in steps] == ["rain", "clear", "thunder", "drizzle", "unknown"]
    assert [step.temperature for step in steps] == [None, 20, 21, 22, 23]
    assert [step.wind_speed for step in steps] == pytest.approx([None, 0, 1, 2, 3])
    assert [step.is_day for step in steps] == [None, False, True, False, True]


def test_a_gap_in_the_times_hides_no_water_and_moves_none_further_than_an_hour(
    om_hourly: Payload, dong_ha: Place, now: datetime
) -> None:
    om_hourly["hourly"] = series("2026-11-22T10:00", 6, precipitation=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    for values in om_hourly["hourly"].values():
        del values[2:4]  # 12:00 and 13:00
    steps = hourly_of(om_hourly, dong_ha, now).points
    told = {step.time.hour + 7: (step.precipitation, step.temperature) for step in steps}
    assert told == {
        9: (1.0, None),
        10: (2.0, 20),
        11: (None, 21),
        13: (5.0, None),
        14: (6.0, 24),
        15: (None, 25),
    }


def test_hours_beyond_the_eighth_day_are_not_stored(
    om_hourly: Payload, dong_ha: Place, now: datetime
) -> None:
    om_hourly["hourly"] = series("2026-11-22T00:00", 24 * 16, precipitation=[0.5] * 24 * 16)
    steps = hourly_of(om_hourly, dong_ha, now).points
    last = datetime(2026, 11, 29, 16, tzinfo=UTC)  # 23:00 of the eighth day
    assert next(step for step in steps if step.time == last).precipitation == 0.5
    assert len(steps) <= 24 * 8 + 3


@pytest.mark.parametrize("daily", [None, [], {}, {"time": "2026-11-22"}, {"time": [None, "soon", 1e30]}])
def test_days_that_cannot_be_read_leave_the_hours(
    daily: object, om_hourly: Payload, dong_ha: Place, now: datetime
) -> None:
    om_hourly["daily"] = daily
    assert hourly_of(om_hourly, dong_ha, now).sun_times == ()


@pytest.mark.parametrize("time", ["1970-01-01T00:00", "2026-11-21T05:51", "2026-11-23T12:00", "2026-11-22"])
def test_a_sunrise_on_another_day_is_null(
    time: str, om_hourly: Payload, dong_ha: Place, now: datetime
) -> None:
    om_hourly["daily"]["sunrise"][0] = time
    assert hourly_of(om_hourly, dong_ha, now).sun_times[0].sunrise is None


def test_the_sun_is_read_from_unix_times_too(om_hourly: Payload, dong_ha: Place, now: datetime) -> None:
    whole = hourly_of(om_hourly, dong_ha, now).sun_times
    om_hourly["daily_units"] = dict.fromkeys(("time", "sunrise", "sunset"), "unixtime")
    om_hourly["daily"] = {
        "time": [1_795_280_400, 1_795_366_800],
        "sunrise": [1_795_301_460, 1_795_387_920],
        "sunset": [1_795_342_440, None],
    }
    assert hourly_of(om_hourly, dong_ha, now).sun_times == whole


def test_open_meteo_writes_a_polar_night_as_two_equal_times_and_a_polar_day_as_two_midnights(
    om_hourly: Payload, dong_ha: Place, now: datetime
) -> None:
    local = {
        "time": ["2026-11-22", "2026-11-23", "2026-11-24"],
        "sunrise": ["2026-11-22T00:00", "2026-11-23T00:00", "2026-11-24T05:52"],
        "sunset": ["2026-11-22T00:00", "2026-11-24T00:00", "2026-11-24T17:14"],
    }
    night, light, ordinary = hourly_of(om_hourly | {"daily": local}, dong_ha, now).sun_times
    assert night == SunTimes(date(2026, 11, 22), None, None, PolarSun.DOWN)
    assert light == SunTimes(date(2026, 11, 22) + timedelta(days=1), None, None, PolarSun.UP)
    assert ordinary.polar is None
    assert ordinary.sunrise == datetime(2026, 11, 23, 22, 52, tzinfo=UTC)
    om_hourly["daily_units"] = dict.fromkeys(("time", "sunrise", "sunset"), "unixtime")
    begin = 1_795_280_400
    unix = {
        "time": [begin, begin + 86_400],
        "sunrise": [begin, begin + 86_400],
        "sunset": [begin, begin + 2 * 86_400],
    }
    assert hourly_of(om_hourly | {"daily": unix}, dong_ha, now).sun_times == (night, light)


def test_a_long_day_that_ends_after_midnight_is_no_polar_day(
    om_hourly: Payload, dong_ha: Place, now: datetime
) -> None:
    daily = {"time": ["2026-11-22"], "sunrise": ["2026-11-22T01:10"], "sunset": ["2026-11-23T00:40"]}
    (sun,) = hourly_of(om_hourly | {"daily": daily}, dong_ha, now).sun_times
    assert sun.polar is None
    assert sun.sunset == datetime(2026, 11, 22, 17, 40, tzinfo=UTC)


def test_hours_for_another_time_blame_the_clock(om_hourly: Payload, dong_ha: Place, now: datetime) -> None:
    fault = refusal(json.dumps(om_hourly).encode(), [dong_ha], now + timedelta(days=9))
    assert fault.cause is Cause.CLOCK


def test_one_answer_may_hold_current_values_and_outlook(
    om_current: Payloads, om_hourly: Payload, dong_ha: Place, now: datetime
) -> None:
    (said,) = read(om_current[0] | om_hourly, [dong_ha], now)
    assert said is not None
    assert said.current is not None
    assert said.hourly is not None
    assert said.updated_at == said.current.time

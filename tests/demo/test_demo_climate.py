"""The sample weather: believable, smooth, the same each time, and of every kind."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.demo.climate import Moment, moment, period, periods

HANOI, SAIGON, DONG_HA = (21.0245, 105.8412), (10.8231, 106.6297), (16.8163, 107.1003)
SA_PA, DA_LAT, TRUONG_SA = (22.3402, 103.8441), (11.9465, 108.4419), (8.6447, 111.92)
PLACES = (HANOI, SAIGON, DONG_HA, SA_PA, DA_LAT, TRUONG_SA)
HOUR = timedelta(hours=1)
LISTED = {0, 1, 2, 3, 45, 51, 53, 55, 61, 63, 65, 80, 81, 82, 95, 96}

a_place = st.sampled_from(PLACES)
anywhere = st.tuples(st.floats(-89, 89), st.floats(-180, 180))
an_instant = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


def days_of_month(place: tuple[float, float], month: int) -> list[Moment]:
    return [moment(*place, datetime(2026, month, 1, tzinfo=UTC) + hour * HOUR) for hour in range(24 * 28)]


def warmth(place: tuple[float, float], month: int) -> float:
    return mean(air.temperature for air in days_of_month(place, month))


def assert_believable(air: Moment) -> None:
    assert 4 <= air.temperature <= 42
    assert air.dew_point <= air.temperature + 0.01
    assert 25 <= air.humidity <= 100
    assert 0 <= air.wind_speed <= 20
    assert air.wind_speed < air.wind_gust <= 45
    assert 0 <= air.wind_direction < 360
    assert 990 <= air.pressure <= 1030
    assert 0 <= air.cloud_cover <= 100
    assert 0 <= air.fog <= 100


@settings(deadline=None, max_examples=300)
@given(place=a_place, instant=an_instant)
def test_every_value_is_one_that_vietnam_could_have(place: tuple[float, float], instant: datetime) -> None:
    assert_believable(moment(*place, instant))


@settings(deadline=None, max_examples=100)
@given(place=anywhere, instant=an_instant)
def test_any_place_on_earth_gets_values_without_ice(place: tuple[float, float], instant: datetime) -> None:
    assert_believable(moment(*place, instant))
    assert period(*place, instant).weather_code in LISTED


@settings(deadline=None, max_examples=300)
@given(place=a_place, instant=an_instant)
def test_an_hour_changes_the_air_a_little(place: tuple[float, float], instant: datetime) -> None:
    now, later = moment(*place, instant), moment(*place, instant + HOUR)
    assert abs(now.temperature - later.temperature) <= 4
    assert abs(now.pressure - later.pressure) <= 1.5
    assert abs(now.wind_speed - later.wind_speed) <= 2
    assert abs(now.cloud_cover - later.cloud_cover) <= 60
    assert abs(now.humidity - later.humidity) <= 45


@settings(deadline=None, max_examples=100)
@given(place=a_place, instant=an_instant)
def test_a_minute_changes_the_air_hardly_at_all(place: tuple[float, float], instant: datetime) -> None:
    now, later = moment(*place, instant), moment(*place, instant + timedelta(minutes=1))
    assert abs(now.temperature - later.temperature) <= 0.2
    assert abs(now.humidity - later.humidity) <= 3


@settings(deadline=None, max_examples=50)
@given(place=a_place, instant=an_instant)
def test_the_same_place_and_instant_always_have_the_same_weather(
    place: tuple[float, float], instant: datetime
) -> None:
    elsewhere = instant.astimezone(tz=None)
    assert moment(*place, instant) == moment(*place, elsewhere)
    assert period(*place, instant) == period(*place, elsewhere)


def test_another_process_knows_the_same_weather() -> None:
    question = (
        "from datetime import UTC, datetime; from service.demo.climate import moment;"
        f"print(moment(*{DONG_HA}, datetime(2026, 11, 22, 3, tzinfo=UTC)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", question],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == str(moment(*DONG_HA, datetime(2026, 11, 22, 3, tzinfo=UTC)))


def test_neighbouring_coordinates_of_one_town_share_their_weather() -> None:
    instant = datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert period(16.8163, 107.1003, instant).weather_code == period(16.8201, 107.0987, instant).weather_code


def test_the_south_is_warm_all_year_and_the_north_cool_in_winter() -> None:
    assert 14 <= warmth(HANOI, 1) <= 20
    assert warmth(HANOI, 7) >= 27
    assert warmth(SAIGON, 1) >= 24
    assert abs(warmth(SAIGON, 7) - warmth(SAIGON, 1)) <= 5


def test_the_highlands_are_cooler_than_the_plain_beside_them() -> None:
    assert warmth(DA_LAT, 4) < warmth(SAIGON, 4) - 6
    assert warmth(SA_PA, 4) < warmth(HANOI, 4) - 6


def test_the_afternoon_is_warmer_than_the_end_of_the_night() -> None:
    days = [datetime(2026, 4, day, tzinfo=UTC) for day in range(1, 29)]
    afternoons = mean(moment(*SAIGON, day + 7 * HOUR).temperature for day in days)  # 14:00 there
    nights = mean(moment(*SAIGON, day + 22 * HOUR).temperature for day in days)  # 05:00 there
    assert afternoons > nights + 4


def mean_from_the_north_east(month: int) -> float:
    """How many hours of a month have the wind from the quarter around the north-east, as a share."""
    month_of_air = days_of_month(TRUONG_SA, month)
    return mean(0 <= air.wind_direction <= 90 for air in month_of_air)


def test_the_monsoon_turns_with_the_season() -> None:
    assert mean_from_the_north_east(1) > 0.5
    assert mean_from_the_north_east(7) < 0.2


def test_within_two_days_a_country_of_places_shows_every_kind_of_weather() -> None:
    places = [(8.6 + 0.7 * row, 104.8 + 0.9 * column) for row in range(20) for column in range(4)]
    start = datetime(2026, 11, 22, tzinfo=UTC)
    codes = {period(*place, start + 3 * step * HOUR).weather_code for place in places for step in range(16)}
    assert {0, 1, 2, 3, 45} <= codes, "dry"
    assert codes & {51, 53, 55}, "drizzle"
    assert codes & {61, 63, 65}, "rain"
    assert codes & {80, 81, 82}, "showers"
    assert codes & {95, 96}, "thunder"


@settings(deadline=None, max_examples=300)
@given(place=a_place, instant=an_instant)
def test_a_code_says_what_the_rain_and_the_chance_of_it_say(
    place: tuple[float, float], instant: datetime
) -> None:
    fallen = period(*place, instant)
    assert (fallen.precipitation > 0) == (fallen.weather_code >= 51)
    assert 0 <= fallen.probability <= 100
    if fallen.precipitation > 0:
        assert fallen.probability >= 50
    if fallen.weather_code >= 95:
        assert fallen.precipitation >= 1


@settings(deadline=None, max_examples=100)
@given(place=a_place, day=st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_there_is_no_fog_at_noon(place: tuple[float, float], day: date) -> None:
    noon = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    assert moment(*place, noon).fog == 0
    assert period(*place, noon).weather_code != 45


@settings(deadline=None, max_examples=50)
@given(place=a_place, instant=an_instant)
def test_several_hours_are_the_sum_of_each(place: tuple[float, float], instant: datetime) -> None:
    each = [period(*place, instant + hour * HOUR) for hour in range(6)]
    whole = periods(*place, instant, 6)
    assert whole.precipitation == pytest.approx(sum(one.precipitation for one in each))
    assert whole.weather_code == max(one.weather_code for one in each)

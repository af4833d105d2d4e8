"""The sample weather: believable, smooth, the same each time, and of every kind; and its storm."""

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.demo import sample_weather
from service.demo.sample_weather import Sample
from service.places.model import Place
from service.weather.model import Condition
from service.weather.providers.met_norway.symbols import condition_and_daylight
from service.weather.providers.open_meteo.wmo_codes import condition_of

HANOI, SAIGON, DONG_HA = (21.0245, 105.8412), (10.8231, 106.6297), (16.8163, 107.1003)
SA_PA, DA_LAT, TRUONG_SA = (22.3402, 103.8441), (11.9465, 108.4419), (8.6447, 111.92)
PLACES = (HANOI, SAIGON, DONG_HA, SA_PA, DA_LAT, TRUONG_SA)
HOUR = timedelta(hours=1)
LISTED = {0, 1, 2, 3, 45, 51, 53, 55, 61, 63, 65, 80, 81, 82, 95, 96}

a_place = st.sampled_from(PLACES)
anywhere = st.tuples(st.floats(-89, 89), st.floats(-180, 180))
an_instant = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


FAIR, STORM = sample_weather.sample(storm=False), sample_weather.sample(storm=True)
a_sample = st.sampled_from([FAIR, STORM])

Air = Mapping[str, float]
Point = tuple[float, float]


def air_of_month(place: Point, month: int) -> list[Air]:
    return [FAIR.at(*place, datetime(2026, month, 1, tzinfo=UTC) + hour * HOUR) for hour in range(24 * 28)]


def warmth(place: Point, month: int) -> float:
    return mean(air["temperature_2m"] for air in air_of_month(place, month))


def assert_believable(air: Air) -> None:
    assert 4 <= air["temperature_2m"] <= 42
    assert 25 <= air["relative_humidity_2m"] <= 100
    assert 0 <= air["wind_speed_10m"] <= 25
    assert air["wind_speed_10m"] < air["wind_gusts_10m"] <= 45
    assert 0 <= air["wind_direction_10m"] < 360
    assert 980 <= air["pressure_msl"] <= 1030
    assert 0 <= air["cloud_cover"] <= 100


@settings(deadline=None, max_examples=100)
@given(sample=a_sample, place=a_place, instant=an_instant)
def test_every_value_is_one_that_vietnam_could_have(sample: Sample, place: Point, instant: datetime) -> None:
    assert_believable(sample.at(*place, instant))


@settings(deadline=None, max_examples=100)
@given(place=anywhere, instant=an_instant)
def test_any_place_on_earth_gets_values_without_ice(place: Point, instant: datetime) -> None:
    assert_believable(FAIR.at(*place, instant))
    assert FAIR.over(*place, instant)["weather_code"] in LISTED


@settings(deadline=None, max_examples=100)
@given(place=a_place, instant=an_instant)
def test_an_hour_changes_the_air_a_little(place: Point, instant: datetime) -> None:
    now, later = FAIR.at(*place, instant), FAIR.at(*place, instant + HOUR)
    assert abs(now["temperature_2m"] - later["temperature_2m"]) <= 4
    assert abs(now["pressure_msl"] - later["pressure_msl"]) <= 1.5
    assert abs(now["wind_speed_10m"] - later["wind_speed_10m"]) <= 2
    assert abs(now["cloud_cover"] - later["cloud_cover"]) <= 60
    assert abs(now["relative_humidity_2m"] - later["relative_humidity_2m"]) <= 45


@settings(deadline=None, max_examples=100)
@given(sample=a_sample, place=a_place, instant=an_instant)
def test_a_minute_changes_the_air_hardly_at_all(sample: Sample, place: Point, instant: datetime) -> None:
    now, later = sample.at(*place, instant), sample.at(*place, instant + timedelta(minutes=1))
    assert abs(now["temperature_2m"] - later["temperature_2m"]) <= 0.2
    assert abs(now["relative_humidity_2m"] - later["relative_humidity_2m"]) <= 3


@settings(deadline=None, max_examples=50)
@given(place=a_place, instant=an_instant)
def test_the_same_place_and_instant_always_have_the_same_weather(place: Point, instant: datetime) -> None:
    elsewhere = instant.astimezone(tz=None)
    assert FAIR.at(*place, instant) == FAIR.at(*place, elsewhere)
    assert FAIR.over(*place, instant) == FAIR.over(*place, elsewhere)


def test_another_process_knows_the_same_weather() -> None:
    question = (
        "from datetime import UTC, datetime; from service.demo.sample_weather import sample;"
        f"print(sample(storm=False).at(*{DONG_HA}, datetime(2026, 11, 22, 3, tzinfo=UTC)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", question],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == str(FAIR.at(*DONG_HA, datetime(2026, 11, 22, 3, tzinfo=UTC)))


def test_neighbouring_coordinates_of_one_town_share_their_weather() -> None:
    instant = datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert FAIR.over(16.8163, 107.1003, instant) == FAIR.over(16.8201, 107.0987, instant)


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
    afternoons = mean(FAIR.at(*SAIGON, day + 7 * HOUR)["temperature_2m"] for day in days)  # 14:00 there
    nights = mean(FAIR.at(*SAIGON, day + 22 * HOUR)["temperature_2m"] for day in days)  # 05:00 there
    assert afternoons > nights + 4


def mean_from_the_north_east(month: int) -> float:
    """How many hours of a month have the wind from the quarter around the north-east, as a share."""
    return mean(0 <= air["wind_direction_10m"] <= 90 for air in air_of_month(TRUONG_SA, month))


def test_the_monsoon_turns_with_the_season() -> None:
    assert mean_from_the_north_east(1) > 0.5
    assert mean_from_the_north_east(7) < 0.2


def test_within_two_days_a_country_of_places_shows_every_kind_of_weather() -> None:
    places = [(8.6 + 0.7 * row, 104.8 + 0.9 * column) for row in range(20) for column in range(4)]
    start = datetime(2026, 11, 22, tzinfo=UTC)
    hours = [start + hour * HOUR for hour in range(48)]
    codes = {FAIR.over(*place, hour)["weather_code"] for place in places for hour in hours}
    assert {0, 1, 2, 3, 45} <= codes, "dry"
    assert codes & {51, 53, 55}, "drizzle"
    assert codes & {61, 63, 65}, "rain"
    assert codes & {80, 81, 82}, "showers"
    assert codes & {95, 96}, "thunder"


@settings(deadline=None, max_examples=100)
@given(sample=a_sample, place=a_place, instant=an_instant)
def test_a_code_says_what_the_rain_and_the_chance_of_it_say(
    sample: Sample, place: Point, instant: datetime
) -> None:
    fallen = sample.over(*place, instant)
    assert (fallen["precipitation"] > 0) == (fallen["weather_code"] >= 51)
    assert 0 <= fallen["precipitation_probability"] <= 100
    if fallen["precipitation"] > 0:
        assert fallen["precipitation_probability"] >= 50
    if fallen["weather_code"] >= 95:
        assert fallen["precipitation"] >= 1


@pytest.mark.parametrize("sample", [FAIR, STORM], ids=["fair", "storm"])
def test_the_symbol_of_an_hour_says_the_same_as_its_code(sample: Sample) -> None:
    place = Place("dong-ha", {"vi": "Đông Hà", "en": "Dong Ha"}, "VN", *DONG_HA, "Asia/Ho_Chi_Minh")
    for hour in range(72):
        fallen = sample.over(*DONG_HA, datetime(2026, 11, 22, tzinfo=UTC) + hour * HOUR)
        told = condition_of(fallen["weather_code"], place).kind
        expected = Condition.RAIN if told is Condition.DRIZZLE else told  # MET Norway has no drizzle
        assert condition_and_daylight(fallen["symbol_code"])[0].kind is expected


@settings(deadline=None, max_examples=100)
@given(place=a_place, day=st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_there_is_no_fog_at_noon(place: Point, day: date) -> None:
    noon = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    assert FAIR.over(*place, noon)["weather_code"] != 45


@settings(deadline=None, max_examples=50)
@given(sample=a_sample, place=a_place, instant=an_instant)
def test_several_hours_are_the_sum_of_each(sample: Sample, place: Point, instant: datetime) -> None:
    each = [sample.over(*place, instant + hour * HOUR) for hour in range(6)]
    whole = sample.over(*place, instant, 6)
    assert whole["precipitation"] == pytest.approx(sum(one["precipitation"] for one in each))
    assert whole["weather_code"] == max(one["weather_code"] for one in each)
    assert whole["precipitation_probability"] == max(one["precipitation_probability"] for one in each)


@settings(deadline=None, max_examples=50)
@given(sample=a_sample, place=a_place, instant=an_instant)
def test_a_quarter_of_an_hour_has_a_quarter_of_what_falls(
    sample: Sample, place: Point, instant: datetime
) -> None:
    hour = sample.over(*place, instant)
    assert sample.over(*place, instant, 0.25) == hour | {"precipitation": hour["precipitation"] / 4}


@settings(deadline=None, max_examples=100)
@given(place=a_place, instant=an_instant)
def test_the_storm_rains_at_every_hour_and_blows_harder_than_fair_weather(
    place: Point, instant: datetime
) -> None:
    assert STORM.over(*place, instant)["precipitation"] > 0
    assert STORM.at(*place, instant)["wind_gusts_10m"] > FAIR.at(*place, instant)["wind_gusts_10m"]


def test_within_three_days_the_storm_brings_showers_heavy_rain_and_thunder() -> None:
    start = datetime(2026, 11, 22, tzinfo=UTC)
    codes = {STORM.over(*DONG_HA, start + hour * HOUR)["weather_code"] for hour in range(72)}
    assert codes & {80, 81, 82}, "showers"
    assert 65 in codes, "heavy rain"
    assert codes & {95, 96}, "thunder"

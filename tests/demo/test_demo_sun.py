"""The sun of the sample weather, held against almanacs."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.demo import sample_weather

HANOI, SAIGON, OSLO = (21.0245, 105.8412), (10.8231, 106.6297), (59.9139, 10.7522)
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def minutes_between(time: datetime, day: date, clock: str, zone: ZoneInfo = VIETNAM) -> float:
    expected = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone)
    return abs(time - expected) / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("place", "day", "sunrise", "sunset"),
    [
        (HANOI, date(2026, 11, 22), "06:08", "17:15"),
        (HANOI, date(2026, 6, 21), "05:16", "18:41"),
        (SAIGON, date(2026, 6, 21), "05:32", "18:18"),
        (SAIGON, date(2026, 12, 22), "06:07", "17:35"),
    ],
)
def test_sunrise_and_sunset_are_those_of_the_almanac(
    place: tuple[float, float], day: date, sunrise: str, sunset: str
) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=VIETNAM)
    light = sample_weather.daylight(*place, noon)
    assert light is not None
    assert minutes_between(light[0], day, sunrise) < 10
    assert minutes_between(light[1], day, sunset) < 10


def test_the_sun_of_a_place_without_night_neither_rises_nor_sets() -> None:
    assert sample_weather.daylight(75.0, 20.0, datetime(2026, 6, 21, 11, tzinfo=UTC)) is None


def test_a_far_eastern_calendar_day_gets_its_own_sun() -> None:
    noon = datetime(2026, 3, 20, 12, tzinfo=ZoneInfo("Pacific/Tongatapu"))
    light = sample_weather.daylight(-21.1, -175.2, noon)
    assert light is not None
    assert light[0].astimezone(noon.tzinfo).date() == date(2026, 3, 20)
    assert light[1].astimezone(noon.tzinfo).date() == date(2026, 3, 20)


@settings(deadline=None, max_examples=60)
@given(
    latitude=st.floats(-60, 60),
    longitude=st.floats(-180, 180),
    noon=st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
)
def test_it_is_day_between_sunrise_and_sunset_and_night_outside(
    latitude: float, longitude: float, noon: datetime
) -> None:
    light = sample_weather.daylight(latitude, longitude, noon)
    assert light is not None
    margin = timedelta(minutes=10)
    assert sample_weather.is_day(latitude, longitude, light[0] + margin)
    assert sample_weather.is_day(latitude, longitude, light[1] - margin)
    assert not sample_weather.is_day(latitude, longitude, light[0] - margin)
    assert not sample_weather.is_day(latitude, longitude, light[1] + margin)

"""Days on which the sun neither rises nor sets: null times, words for it, and night pictures in the dark."""

from datetime import UTC, date, datetime, timedelta

import pytest
from web_site import Site, an_hourly_forecast

from service.weather.days import days_of
from service.weather.model import (
    Condition,
    Day,
    DetailedCondition,
    HourlyForecast,
    HourlyPoint,
    PolarSun,
    SunTimes,
)

TODAY = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 21, 17, tzinfo=UTC)  # 00:00 of TODAY in Vietnam
HOUR = timedelta(hours=1)
ZONE = "Asia/Ho_Chi_Minh"


def a_day(lights: dict[int, bool | None], sun: SunTimes | None = None) -> Day:
    """The day whose hours are clear and have this light."""
    clear = DetailedCondition(Condition.CLEAR)
    points = tuple(
        HourlyPoint(MIDNIGHT + HOUR * hour, condition=clear, temperature=-20.0, is_day=light)
        for hour, light in lights.items()
    )
    (day,) = days_of(HourlyForecast(points, (sun,) if sun else ()), ZONE, MIDNIGHT)
    return day


def with_sun(site: Site, polar: PolarSun) -> None:
    points = an_hourly_forecast().points
    days = tuple(SunTimes(TODAY + timedelta(days=n), None, None, polar) for n in range(9))
    site.keep("hue", hourly=HourlyForecast(points, days))


@pytest.mark.parametrize("polar", PolarSun)
def test_the_json_says_whether_the_sun_is_up_or_down_and_has_no_times(site: Site, polar: PolarSun) -> None:
    with_sun(site, polar)
    for day in site.json("/api/v1/weather/hue")["daily"]:
        assert (day["sunrise"], day["sunset"], day["sun"]) == (None, None, polar.value)


@pytest.mark.parametrize(
    ("polar", "language", "words"),
    [
        (PolarSun.UP, "vi", "Mặt trời không lặn"),
        (PolarSun.DOWN, "vi", "Mặt trời không mọc"),
        (PolarSun.UP, "en", "Sun does not set"),
        (PolarSun.DOWN, "en", "Sun does not rise"),
    ],
)
def test_the_widget_says_it_in_place_of_the_times(
    site: Site, polar: PolarSun, language: str, words: str
) -> None:
    with_sun(site, polar)
    page = site.get(f"/widgets/weather/hue?layout=full&lang={language}").text
    assert words in page
    assert "<dt>Mặt trời mọc" not in page
    assert "<dt>Sunrise" not in page


@pytest.mark.parametrize(
    ("polar", "icon", "words"),
    [
        (PolarSun.DOWN, "partly_cloudy-night", "Có mây"),
        (PolarSun.UP, "partly_cloudy-day", "Có mây"),
    ],
)
def test_the_rows_of_a_polar_night_have_night_pictures(
    site: Site, polar: PolarSun, icon: str, words: str
) -> None:
    with_sun(site, polar)
    rows = site.get("/widgets/weather/hue?layout=full").text.partition("<ol>")[2]
    assert f"#{icon}" in rows
    assert words in rows
    assert not [other for other in ("-day", "-night") if not icon.endswith(other) and other in rows]


@pytest.mark.parametrize(("language", "words"), [("vi", "Trời quang"), ("en", "Clear")])
def test_a_clear_day_of_the_polar_night_is_not_sunny(site: Site, language: str, words: str) -> None:
    clear = DetailedCondition(Condition.CLEAR)
    points = tuple(
        HourlyPoint(point.time, condition=clear, temperature=-20.0, is_day=False)
        for point in an_hourly_forecast().points
    )
    days = tuple(SunTimes(TODAY + timedelta(days=n), None, None, PolarSun.DOWN) for n in range(9))
    site.keep("hue", hourly=HourlyForecast(points, days))
    texts = {day["condition_text"] for day in site.json(f"/api/v1/weather/hue?lang={language}")["daily"]}
    assert texts == {words}
    page = site.get(f"/widgets/weather/hue?layout=full&lang={language}").text
    assert "Trời nắng" not in page.partition("<ol>")[2]
    assert "clear-day" not in page.partition("<ol>")[2]


def test_where_no_times_of_the_sun_are_known_a_daylight_without_light_is_dark_too() -> None:
    assert a_day(dict.fromkeys(range(24), False)).is_dark
    assert a_day(dict.fromkeys(range(24), False)).polar is None
    assert not a_day(dict.fromkeys(range(24), False) | {12: True}).is_dark
    assert not a_day(dict.fromkeys(range(24), None)).is_dark


def test_an_evening_alone_is_no_dark_day() -> None:
    assert not a_day(dict.fromkeys(range(17, 24), False)).is_dark


def test_known_times_of_the_sun_decide_before_the_light_of_the_hours() -> None:
    ordinary = SunTimes(TODAY, MIDNIGHT + 6 * HOUR, MIDNIGHT + 18 * HOUR)
    assert not a_day(dict.fromkeys(range(24), False), ordinary).is_dark
    assert a_day(dict.fromkeys(range(24), None), SunTimes(TODAY, None, None, PolarSun.DOWN)).is_dark

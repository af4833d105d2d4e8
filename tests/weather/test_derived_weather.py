"""What may be worked out: feels-like by MET Norway's rule, and days from hours."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.weather.days import days_of
from service.weather.derived import (
    feels_like,
    plausible_condition,
    with_feels_like,
    with_past_points,
)
from service.weather.model import (
    UNKNOWN_CONDITION,
    Condition,
    Current,
    DetailedCondition,
    Extremes,
    HourlyForecast,
    HourlyPoint,
    SunTimes,
)

ZONE = "Asia/Ho_Chi_Minh"
MIDNIGHT = datetime(2026, 11, 21, 17, tzinfo=UTC)  # 00:00 of 22 November there
HOUR = timedelta(hours=1)


def hours(count: int, start: datetime = MIDNIGHT, **values: object) -> tuple[HourlyPoint, ...]:
    return tuple(HourlyPoint(start + HOUR * n, temperature=20.0 + n % 24, **values) for n in range(count))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("temperature", "humidity", "wind", "felt"),
    [
        (32.0, 70.0, 1.0, 40.4),
        (30.0, 40.0, 1.0, 30.0),
        (26.0, 90.0, 9.0, 26.0),
        (18.0, 50.0, 9.0, 18.0),
        (5.0, 50.0, 5.0, 1.3),
        (5.0, 50.0, 1.0, 5.0),
        (32.0, None, 1.0, None),
        (5.0, 50.0, None, None),
        (None, 50.0, 5.0, None),
        (18.0, None, None, 18.0),
        (43.0, 40.0, 1.0, 43.0),
        (43.0, 41.0, 1.0, 57.4),
        (43.0, 42.0, 1.0, None),
        (43.1, 30.0, 1.0, None),
        (44.0, 80.0, 1.0, None),
        (40.0, 50.0, 1.0, 54.8),
        (36.0, 70.0, 1.0, 54.1),
    ],
)
def test_feels_like_follows_the_published_rule(
    temperature: float | None, humidity: float | None, wind: float | None, felt: float | None
) -> None:
    assert feels_like(temperature, humidity, wind) == (
        None if felt is None else pytest.approx(felt, abs=0.11)
    )


def test_a_feels_like_of_the_provider_is_left_alone_and_our_own_is_marked() -> None:
    told = Current(MIDNIGHT, temperature=30, humidity=80, apparent_temperature=35.5)
    assert with_feels_like(told) is told
    ours = with_feels_like(Current(MIDNIGHT, temperature=18))
    assert (ours.apparent_temperature, ours.apparent_temperature_derived) == (18, True)
    nothing = with_feels_like(Current(MIDNIGHT))
    assert (nothing.apparent_temperature, nothing.apparent_temperature_derived) == (None, False)


def test_snow_in_warm_air_is_no_snow() -> None:
    assert plausible_condition(DetailedCondition(Condition.SNOW), 24.0, None) == UNKNOWN_CONDITION
    assert plausible_condition(DetailedCondition(Condition.SNOW), 1.0, None) == DetailedCondition(
        Condition.SNOW
    )
    assert plausible_condition(DetailedCondition(Condition.RAIN), 24.0, None) == DetailedCondition(
        Condition.RAIN
    )


def test_sun_times_are_kept_for_the_dates_of_the_past_and_no_longer() -> None:
    first = datetime(2026, 11, 22, 3, tzinfo=UTC)
    days = [date(2026, 11, day) for day in range(18, 23)]
    previous = HourlyForecast((), tuple(SunTimes(day, first, None) for day in days))
    joined = with_past_points(HourlyForecast(hours(2, first)), previous, first - HOUR * 24)
    assert [sun.date for sun in joined.sun_times] == days[2:]


def test_the_morning_is_taken_from_the_forecast_before() -> None:
    old, new = HourlyForecast(hours(60)), HourlyForecast(hours(60, MIDNIGHT + 9 * HOUR))
    joined = with_past_points(new, old, MIDNIGHT)
    assert joined.points[0].time == MIDNIGHT
    assert [step.time for step in joined.points] == sorted({step.time for step in joined.points})
    assert days_of(joined, ZONE, MIDNIGHT + 9 * HOUR)[0].temperature_min == 20
    assert days_of(new, ZONE, MIDNIGHT + 9 * HOUR)[0].temperature_min is None
    assert with_past_points(new, old, MIDNIGHT + 3 * HOUR).points[0].time == MIDNIGHT + 3 * HOUR


def test_an_hour_of_which_only_the_water_is_told_keeps_the_temperature_told_before() -> None:
    told = HourlyPoint(MIDNIGHT, UNKNOWN_CONDITION, 21.5, 0.0, 10, 3.0, is_day=False)
    rain = HourlyPoint(MIDNIGHT, DetailedCondition(Condition.RAIN), None, 4.0, 90)
    warm = HourlyPoint(MIDNIGHT + HOUR, temperature=22.0)
    joined = with_past_points(HourlyForecast((rain, warm)), HourlyForecast((told,)), MIDNIGHT)
    assert joined.points == (
        rain._replace(temperature=21.5, wind_speed=3.0, is_day=False),
        warm,
    )
    unknown = with_past_points(HourlyForecast((rain, warm)), HourlyForecast((warm,)), MIDNIGHT)
    assert unknown.points == (rain, warm)


def test_extremes_of_the_past_are_taken_along() -> None:
    def block(hour: int) -> Extremes:
        return Extremes(MIDNIGHT + hour * HOUR, 6, 11.2, 23.7)

    old = HourlyForecast(hours(2), extremes=(block(-6), block(0), block(6), block(12)))
    new = HourlyForecast(hours(2, MIDNIGHT + 8 * HOUR), extremes=(block(12), block(18)))
    assert with_past_points(new, old, MIDNIGHT).extremes == (block(0), block(6), block(12), block(18))


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 40), st.integers(1, 30))
def test_however_often_it_is_joined_with_the_one_before_a_forecast_does_not_grow(
    times: int, every: int
) -> None:
    kept = HourlyForecast(hours(192))
    for turn in range(1, times):
        start = MIDNIGHT + HOUR * every * turn
        days = [(start + timedelta(days=n)).date() for n in range(8)]
        new = HourlyForecast(hours(192, start), tuple(SunTimes(day, start, start) for day in days))
        kept = with_past_points(new, kept, start - HOUR * 24)
        assert len(kept.points) <= 192 + 24
        assert len(kept.sun_times) <= 8 + 3
        assert [sun.date for sun in kept.sun_times] == sorted({sun.date for sun in kept.sun_times})

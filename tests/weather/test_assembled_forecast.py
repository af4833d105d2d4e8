from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.freshness import AgeLimits, State
from service.places.model import Place
from service.weather.forecast import Forecast, assemble
from service.weather.model import (
    Condition,
    Current,
    DetailedCondition,
    HourlyForecast,
    HourlyPoint,
    Intensity,
    StoredWeather,
)

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
LADDER = AgeLimits(timedelta(minutes=90), timedelta(hours=6))


def a_place(timezone: str = "Asia/Ho_Chi_Minh") -> Place:
    return Place("x", {"vi": "x", "en": "x"}, "VN", 16, 107, timezone)


def current(age: timedelta = timedelta(0)) -> StoredWeather[Current]:
    return StoredWeather(Current(NOW - age, temperature=27.1), "open-meteo", NOW - age, NOW - age)


def hourly(age: timedelta = timedelta(0), minute: int = 0) -> StoredWeather[HourlyForecast]:
    start = NOW.replace(hour=0, minute=minute)
    return StoredWeather(
        HourlyForecast(tuple(HourlyPoint(start + HOUR * n, temperature=float(n)) for n in range(192))),
        "open-meteo",
        None,
        NOW - age,
    )


def seen(now: datetime = NOW, place: Place | None = None, minute: int = 0) -> Forecast:
    return assemble(place or a_place(), current(), hourly(minute=minute), now, LADDER)


def test_hours_begin_with_the_one_that_has_begun_and_are_forty_eight() -> None:
    forecast = seen()
    assert forecast.hours[0].time == NOW.replace(minute=0)
    assert len(forecast.hours) == 48
    assert len(forecast.days) == 7
    assert forecast.days[0].date == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("minute", "zone"), [(30, "Asia/Kolkata"), (45, "Asia/Kathmandu"), (0, "Asia/Kolkata")]
)
def test_the_current_hour_is_that_of_the_place_also_where_it_does_not_begin_with_utcs(
    minute: int, zone: str
) -> None:
    forecast = seen(place=a_place(zone), minute=minute)
    first = forecast.hours[0].time
    assert first <= NOW < first + HOUR
    assert len(forecast.hours) == 48
    assert forecast.valid_until is not None
    assert forecast.valid_until <= first + HOUR


def test_without_current_values_nothing_is_shown() -> None:
    assert assemble(a_place(), None, hourly(), NOW, LADDER) == Forecast(a_place(), State.UNAVAILABLE)


def test_past_hide_after_no_number_is_left_but_the_time_and_the_source_are() -> None:
    forecast = assemble(a_place(), current(timedelta(hours=6)), hourly(), NOW, LADDER)
    assert forecast.state is State.UNAVAILABLE
    assert (forecast.current, forecast.hours, forecast.days) == (None, (), ())
    assert forecast.fetched_at == NOW - timedelta(hours=6)
    assert forecast.provider_id == "open-meteo"


@pytest.mark.parametrize(
    ("now", "rate", "hour", "water", "chance", "kind", "intensity"),
    [  # the last two: what is said of now
        (Condition.DRIZZLE, 0.0, Condition.DRIZZLE, 0.0, 0.0, Condition.OVERCAST, Intensity.PLAIN),
        (Condition.RAIN, None, Condition.RAIN, 0.0, 0.0, Condition.OVERCAST, Intensity.PLAIN),
        (Condition.RAIN, 0.0, Condition.RAIN, 0.0, 20.0, Condition.RAIN, Intensity.PLAIN),
        (Condition.RAIN, 0.0, Condition.RAIN, 0.4, 0.0, Condition.RAIN, Intensity.PLAIN),
        (Condition.RAIN, 0.4, Condition.OVERCAST, 0.0, 0.0, Condition.RAIN, Intensity.PLAIN),
        (Condition.THUNDER, 0.0, Condition.THUNDER, 0.0, 60.0, Condition.THUNDER, Intensity.PLAIN),
        (Condition.THUNDER, 0.0, Condition.THUNDER, 0.0, 20.0, Condition.THUNDER, Intensity.DRY),
        (Condition.CLEAR, 0.0, Condition.RAIN, 9.0, 99.0, Condition.CLEAR, Intensity.PLAIN),
    ],
)
def test_the_condition_of_now_agrees_with_the_numbers_of_its_hour(  # noqa: PLR0913, PLR0917 - a table
    now: Condition,
    rate: float | None,
    hour: Condition,
    water: float,
    chance: float,
    kind: Condition,
    intensity: Intensity,
) -> None:
    stored, hours = current(), hourly()
    stored = replace(
        stored, value=replace(stored.value, condition=DetailedCondition(now), precipitation_rate=rate)
    )
    points = [
        p._replace(condition=DetailedCondition(hour), precipitation=water, precipitation_probability=chance)
        for p in hours.value.points
    ]
    hours = replace(hours, value=HourlyForecast(tuple(points)))
    shown = assemble(a_place(), stored, hours, NOW, LADDER).current
    assert shown is not None
    assert shown.condition == DetailedCondition(kind, intensity)


@pytest.mark.parametrize(("kind", "chance"), [(Condition.RAIN, None), (Condition.OVERCAST, 0.0)])
def test_where_it_rains_now_today_has_no_chance_of_nought(kind: Condition, chance: float | None) -> None:
    stored, hours = current(), hourly()
    raining = replace(stored.value, condition=DetailedCondition(kind), precipitation_rate=0.4)
    points = [
        point._replace(precipitation=0.0, precipitation_probability=0.0)
        for point in (
            *(HourlyPoint(hours.value.points[0].time - HOUR * n) for n in range(7, 0, -1)),
            *hours.value.points,
        )
    ]
    hours = replace(hours, value=HourlyForecast(tuple(points)))
    days = assemble(a_place(), replace(stored, value=raining), hours, NOW, LADDER).days
    assert [day.precipitation_probability for day in days[:2]] == [chance, 0.0]


def test_hours_that_are_too_old_are_left_out_by_themselves() -> None:
    forecast = assemble(a_place(), current(), hourly(timedelta(hours=6)), NOW, LADDER)
    assert forecast.state is State.FRESH
    assert (forecast.hours, forecast.days) == ((), ())


def test_without_an_hourly_forecast_the_current_values_stand_alone() -> None:
    forecast = assemble(a_place(), current(), None, NOW, LADDER)
    assert forecast.current is not None
    assert forecast.valid_until == NOW + timedelta(minutes=90)


def test_before_the_first_hour_of_a_series_the_forecast_changes_when_the_next_hour_begins() -> None:
    next_hour = NOW.replace(minute=0) + HOUR
    later = StoredWeather(
        HourlyForecast((HourlyPoint(next_hour, temperature=20.0),)), "open-meteo", None, NOW
    )
    assert assemble(a_place(), current(), later, NOW, LADDER).valid_until == next_hour


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 8 * 3600), st.sampled_from([0, 30, 45]), st.sampled_from(["UTC", "Asia/Kolkata"]))
def test_what_is_shown_does_not_change_before_the_moment_it_names(age: int, minute: int, zone: str) -> None:
    now = NOW + timedelta(seconds=age)
    forecast = seen(now, a_place(zone), minute)
    if forecast.valid_until is None:
        assert forecast.state is State.UNAVAILABLE
        return
    assert forecast.valid_until > now
    assert seen(forecast.valid_until - timedelta(microseconds=1), a_place(zone), minute) == forecast

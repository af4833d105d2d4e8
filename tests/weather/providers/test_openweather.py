"""OpenWeather: what it is asked, and how its three responses become values and hours."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.settings.load import load
from service.weather.days import days_of
from service.weather.model import UNKNOWN_CONDITION, Current, Dataset, HourlyForecast, HourlyPoint, SunTimes
from service.weather.provider import ProviderForecast
from service.weather.providers.openweather.provider import FREE_PLAN_NOTE, ONE_CALL_NOTE, OpenWeather
from service.weather.providers.openweather.settings import URL
from service.weather.providers.registry import providers_of

Payload = dict[str, Any]
KEY = "0123456789abcdef0123456789abcdef"
ONE_CALL = "https://api.openweathermap.org/data/3.0/onecall"
HOUR = timedelta(hours=1)


def read(payload: object, place: Place, now: datetime) -> ProviderForecast:
    (forecast,) = OpenWeather().parse(json.dumps(payload).encode(), [place], now)
    assert not isinstance(forecast, UpstreamError)
    return forecast


def current_of(payload: object, place: Place, now: datetime) -> Current:
    current = read(payload, place, now).current
    assert current is not None
    return current


def hourly_of(payload: object, place: Place, now: datetime) -> HourlyForecast:
    hourly = read(payload, place, now).hourly
    assert hourly is not None
    return hourly


def refusal(payload: object, place: Place, now: datetime) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        OpenWeather().parse(json.dumps(payload).encode(), [place], now)
    return caught.value


def step(hours: int, temperature: float = 25.0, **more: object) -> Payload:
    """An element of /forecast so many hours after 03:00 UTC."""
    values = {"dt": 1_795_316_400 + hours * 3600, "main": {"temp": temperature}, "pop": 0.1}
    return values | {"weather": [{"id": 804, "icon": "04d"}]} | more


# Requests


def test_2_5_has_an_address_for_each_dataset_below_its_root(dong_ha: Place) -> None:
    provider = OpenWeather(api_key=KEY)
    current, hourly = (provider.request(dataset, [dong_ha]) for dataset in Dataset)
    assert (current.url, hourly.url) == (f"{URL}/weather", f"{URL}/forecast")
    assert (
        current.params
        == hourly.params
        == {"lat": "16.8163", "lon": "107.1003", "units": "metric", "appid": KEY}
    )
    below = OpenWeather("https://proxy.example/owm/?tenant=7", KEY).request(Dataset.CURRENT, [dong_ha])
    assert below.url == "https://proxy.example/owm/weather?tenant=7"


@pytest.mark.parametrize("address", [ONE_CALL, f"{ONE_CALL}/", "http://127.0.0.1:8080/onecall?a=b"])
def test_one_call_is_asked_once_for_both_datasets(address: str, dong_ha: Place) -> None:
    provider = OpenWeather(address, KEY)
    current, hourly = (provider.request(dataset, [dong_ha]) for dataset in Dataset)
    assert current == hourly
    assert current.url == address
    assert current.params["exclude"] == "minutely,alerts"
    assert current.params["units"] == "metric"


def test_neither_the_request_nor_the_provider_shows_its_key_or_address(dong_ha: Place) -> None:
    provider = OpenWeather("https://user:secret@proxy.example/onecall", KEY)
    shown = repr(provider) + repr(provider.request(Dataset.CURRENT, [dong_ha]))
    assert KEY not in shown
    assert "secret" not in shown


def test_the_free_plan_is_sixty_calls_a_minute_and_a_million_a_month_and_one_call_a_thousand_a_day() -> None:
    limits = OpenWeather().limits
    assert (limits.max_places, limits.minute_budget, limits.hour_budget) == (1, 60, 3600)
    assert limits.daily_budget is not None
    assert 30_000 < limits.daily_budget <= 1_000_000 / 31
    assert OpenWeather(ONE_CALL).limits.daily_budget == 1000
    assert OpenWeather(ONE_CALL).limits.minute_budget == 60
    assert OpenWeather(daily_budget=500).limits.minute_budget == 60
    large = OpenWeather(daily_budget=limits.daily_budget * 10).limits
    assert large.minute_budget == 600


def test_its_notes_say_what_the_plans_allow() -> None:
    assert OpenWeather().notes(has_contact=True) == [FREE_PLAN_NOTE]
    assert OpenWeather(ONE_CALL).notes(has_contact=True) == [ONE_CALL_NOTE]


def test_it_is_configured_by_its_table() -> None:
    written = {
        "PROVIDERS": "openweather,open-meteo",
        "OPENWEATHER__API_KEY": KEY,
        "OPENWEATHER__BASE_URL": ONE_CALL,
        "OPENWEATHER__DAILY_BUDGET": "2000",
    }
    settings = load({f"PORTAL_WIDGETS_WEATHER__{key}": value for key, value in written.items()})
    assert providers_of(settings.weather)[0] == OpenWeather(ONE_CALL, KEY, 2000)
    assert settings.secrets.redact(f"x {KEY} y") == "x … y"


# Current values


def test_the_first_of_two_conditions_counts(owm_current: Payload, dong_ha: Place, now: datetime) -> None:
    current = current_of(owm_current, dong_ha, now)
    assert (current.condition.kind, current.condition.intensity) == ("rain", "moderate")
    owm_current["weather"].reverse()
    assert current_of(owm_current, dong_ha, now).condition.kind == "fog"


@pytest.mark.parametrize(
    ("more", "rate"),
    [
        ({"rain": {"1h": 2.4}}, 2.4),
        ({"rain": {"3h": 3.0}}, 1.0),
        ({"rain": {"1h": 0.5, "3h": 9.0}}, 0.5),
        ({"rain": 1.5}, 1.5),
        ({"rain": {"1h": 1.0}, "snow": {"1h": 0.5}}, 1.5),
        ({"snow": {"1h": 0.3}}, 0.3),
        ({"rain": {"1h": 0}}, 0.0),
        ({"rain": {"1h": "2.4"}}, None),
        ({"rain": {"1h": -1}}, None),
        ({"rain": {"1h": 501}}, None),
        ({"rain": [], "snow": {"1h": 0.3}}, None),
        ({"rain": True}, None),
        ({"rain": {"6h": 1.0}}, None),
    ],
)
def test_rain_and_snow_are_added_in_whatever_shape_they_come(
    more: Payload, rate: float | None, owm_current: Payload, dong_ha: Place, now: datetime
) -> None:
    del owm_current["rain"]
    assert current_of(owm_current | more, dong_ha, now).precipitation_rate == rate


@pytest.mark.parametrize("nothing", [{}, {"rain": None}, {"rain": {}, "snow": {}}])
def test_missing_rain_is_none_under_a_dry_sky_and_unknown_under_a_wet_one(
    nothing: Payload, owm_current: Payload, dong_ha: Place, now: datetime
) -> None:
    del owm_current["rain"]
    assert current_of(owm_current | nothing, dong_ha, now).precipitation_rate is None
    dry = owm_current | nothing | {"weather": [{"id": 804, "icon": "04d"}]}
    assert current_of(dry, dong_ha, now).precipitation_rate == 0


def test_pressure_is_that_at_sea_level(owm_current: Payload, dong_ha: Place, now: datetime) -> None:
    assert current_of(owm_current, dong_ha, now).pressure == 1013
    del owm_current["main"]["sea_level"]
    assert current_of(owm_current, dong_ha, now).pressure == 1012


def test_kelvin_is_no_temperature(owm_current: Payload, dong_ha: Place, now: datetime) -> None:
    owm_current["main"] |= {"temp": 298.5, "feels_like": 299.4}
    current = current_of(owm_current, dong_ha, now)
    assert (current.temperature, current.apparent_temperature) == (None, None)


@pytest.mark.parametrize(
    ("icon", "is_day"),
    [("10d", True), ("01n", False), ("10", None), ("10x", None), ("", None), (None, None), (7, None)],
)
def test_the_suffix_of_the_icon_tells_the_light(
    icon: object, is_day: bool | None, owm_current: Payload, dong_ha: Place, now: datetime
) -> None:
    owm_current["weather"] = [{"id": 500, "icon": icon}]
    assert current_of(owm_current, dong_ha, now).is_day is is_day


@pytest.mark.parametrize("weather", [None, [], {}, [None], ["rain"], [{"id": "500"}], [{"id": True}], 7])
def test_without_a_condition_the_numbers_stay(
    weather: object, owm_current: Payload, dong_ha: Place, now: datetime
) -> None:
    current = current_of(owm_current | {"weather": weather}, dong_ha, now)
    assert current.condition == UNKNOWN_CONDITION
    assert current.temperature == 25.4


@pytest.mark.parametrize("missing", ["visibility", "sys", "name", "id", "base", "timezone", "wind", "clouds"])
def test_what_is_missing_costs_itself_alone(
    missing: str, owm_current: Payload, dong_ha: Place, now: datetime
) -> None:
    del owm_current[missing]
    assert current_of(owm_current, dong_ha, now).temperature == 25.4


def test_one_call_has_its_values_in_one_section(
    owm_one_call: Payload, owm_current: Payload, dong_ha: Place, now: datetime
) -> None:
    flat, nested = current_of(owm_one_call, dong_ha, now), current_of(owm_current, dong_ha, now)
    assert replace(flat, condition=nested.condition, wind_gust=nested.wind_gust) == nested


# The 3-hour forecast


def test_the_water_of_a_step_falls_in_the_three_hours_before_it(
    owm_forecast: Payload, dong_ha: Place, now: datetime
) -> None:
    points = hourly_of(owm_forecast, dong_ha, now).points
    assert [point.time.hour for point in points] == list(range(3, 13))
    assert [point.precipitation for point in points] == [0.5] * 3 + [0.0] * 3 + [8.0] * 3 + [None]
    assert [point.precipitation_probability for point in points] == [75] * 3 + [0] * 3 + [100] * 3 + [None]
    assert [point.condition.kind for point in points[::3]] == ["rain", "overcast", "rain", "unknown"]


def test_its_temperature_stands_at_its_time_and_is_null_between(
    owm_forecast: Payload, dong_ha: Place, now: datetime
) -> None:
    points = hourly_of(owm_forecast, dong_ha, now).points
    known = {p.time.hour: (p.temperature, p.wind_speed, p.is_day) for p in points if p.temperature}
    assert known == {6: (26.2, 4.4, True), 9: (24.9, 3.2, True), 12: (23.5, 2.5, False)}
    between = [point for point in points if point.temperature is None]
    assert {(point.wind_speed, point.is_day) for point in between} == {(None, None)}
    assert len(between) == 7


def test_days_of_steps_have_water_and_chance(owm_forecast: Payload, dong_ha: Place, now: datetime) -> None:
    owm_forecast["list"] = [step(3 * n, rain={"3h": 0.6}, pop=0.59) for n in range(-4, 16)]
    days = days_of(hourly_of(owm_forecast, dong_ha, now), dong_ha.timezone, now)
    tomorrow = next(day for day in days if day.date == date(2026, 11, 23))
    assert tomorrow.precipitation == pytest.approx(4.8)
    assert tomorrow.precipitation_probability == pytest.approx(59)


def test_a_list_of_another_length_than_its_count_is_read_as_it_is(
    owm_forecast: Payload, dong_ha: Place, now: datetime
) -> None:
    whole = hourly_of(owm_forecast, dong_ha, now)
    for count in (0, 3, 40, "3", None):
        assert hourly_of(owm_forecast | {"cnt": count}, dong_ha, now) == whole
    assert len(hourly_of(owm_forecast | {"list": owm_forecast["list"][:1]}, dong_ha, now).points) == 4


def test_a_missing_step_leaves_a_gap(owm_forecast: Payload, dong_ha: Place, now: datetime) -> None:
    del owm_forecast["list"][1]
    points = hourly_of(owm_forecast, dong_ha, now).points
    assert [point.time.hour for point in points] == [3, 4, 5, 6, 9, 10, 11, 12]
    assert points[3].precipitation is None
    assert points[4].temperature is None


def test_steps_of_another_length_have_no_water(owm_forecast: Payload, dong_ha: Place, now: datetime) -> None:
    owm_forecast["list"] = [step(0), step(1, rain={"3h": 3.0}), step(2, rain={"3h": 3.0})]
    points = hourly_of(owm_forecast, dong_ha, now).points
    assert [point.precipitation for point in points] == [0.0, 0.0, 0.0, None, None, None]
    assert [point.temperature for point in points] == [None, None, None, 25.0, 25.0, 25.0]


@pytest.mark.parametrize("rain", [{"3h": 3.0}, 3.0])
def test_the_rain_of_a_step_may_be_an_object_or_a_number(
    rain: object, owm_forecast: Payload, dong_ha: Place, now: datetime
) -> None:
    owm_forecast["list"] = [step(3, rain=rain)]
    assert [p.precipitation for p in hourly_of(owm_forecast, dong_ha, now).points] == [1.0] * 3 + [None]


def test_the_sum_of_one_hour_is_not_that_of_three(
    owm_forecast: Payload, dong_ha: Place, now: datetime
) -> None:
    owm_forecast["list"] = [step(3, rain={"1h": 3.0})]
    assert {p.precipitation for p in hourly_of(owm_forecast, dong_ha, now).points} == {None}


def test_its_city_has_the_sun_of_today(owm_forecast: Payload, dong_ha: Place, now: datetime) -> None:
    rise, down = datetime(2026, 11, 21, 22, 51, tzinfo=UTC), datetime(2026, 11, 22, 10, 14, tzinfo=UTC)
    today = date(2026, 11, 22)
    assert hourly_of(owm_forecast, dong_ha, now).sun_times == (SunTimes(today, rise, down),)
    del owm_forecast["city"]["sunset"]
    assert hourly_of(owm_forecast, dong_ha, now).sun_times == (SunTimes(today, rise, None),)


@pytest.mark.parametrize("nothing", [0, None, "06:51", -1, 1e20, 2_147_483_647])
def test_without_a_sun_there_are_no_times_of_it(
    nothing: object, owm_forecast: Payload, dong_ha: Place, now: datetime
) -> None:
    owm_forecast["city"] |= {"sunrise": nothing, "sunset": nothing}
    assert hourly_of(owm_forecast, dong_ha, now).sun_times == ()


# The hours of One Call


def test_an_hour_of_one_call_begins_at_its_time(owm_one_call: Payload, dong_ha: Place, now: datetime) -> None:
    first, second = hourly_of(owm_one_call, dong_ha, now).points
    assert first == HourlyPoint(
        now.replace(minute=0),
        condition=first.condition,
        temperature=25.3,
        precipitation=2.1,
        precipitation_probability=80.0,
        wind_speed=4.0,
        is_day=True,
    )
    assert first.condition.kind == "showers"
    assert (second.time - first.time, second.precipitation) == (HOUR, 0.0)


def test_one_call_has_the_sun_of_every_day_and_what_is_missing_is_null(
    owm_one_call: Payload, dong_ha: Place, now: datetime
) -> None:
    first, second = hourly_of(owm_one_call, dong_ha, now).sun_times
    assert (first.date, second.date) == (date(2026, 11, 22), date(2026, 11, 23))
    assert first.sunset == datetime(2026, 11, 22, 10, 14, tzinfo=UTC)
    assert second.sunset is None


def test_one_call_without_current_values_or_without_hours_has_the_others(
    owm_one_call: Payload, dong_ha: Place, now: datetime
) -> None:
    assert read(owm_one_call | {"current": None}, dong_ha, now).current is None
    assert read(owm_one_call | {"hourly": []}, dong_ha, now).hourly is None
    nothing = owm_one_call | {"current": None, "hourly": []}
    assert refusal(nothing, dong_ha, now).cause is Cause.UNREADABLE


# Faults


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (401, Cause.FORBIDDEN),
        ("401", Cause.FORBIDDEN),
        ("404", Cause.GONE),
        (404, Cause.GONE),
        (429, Cause.RATE_LIMITED),
        ("429", Cause.RATE_LIMITED),
        ("400", Cause.REJECTED),
        (500, Cause.BROKEN),
        ("502", Cause.BROKEN),
        (None, Cause.UNREADABLE),
        ("", Cause.UNREADABLE),
        ("9" * 5000, Cause.UNREADABLE),
        (200.5, Cause.UNREADABLE),
        (True, Cause.UNREADABLE),
        ([200], Cause.UNREADABLE),
    ],
)
def test_an_error_is_known_by_its_code_of_either_type_whatever_the_status(
    code: object, cause: Cause, owm_current: Payload, dong_ha: Place, now: datetime
) -> None:
    message = "Invalid API key. Please see https://openweathermap.org/faq#error401 for more info."
    fault = refusal({"cod": code, "message": message}, dong_ha, now)
    assert fault.cause is cause
    assert "API" not in fault.detail
    assert len(fault.detail) < 100
    assert refusal(owm_current | {"cod": code}, dong_ha, now).cause is cause


@pytest.mark.parametrize("code", [200, "200"])
def test_a_code_of_success_may_be_a_number_or_a_string(
    code: object, owm_current: Payload, owm_forecast: Payload, dong_ha: Place, now: datetime
) -> None:
    assert read(owm_current | {"cod": code}, dong_ha, now).current is not None
    assert read(owm_forecast | {"cod": code}, dong_ha, now).hourly is not None


def test_an_answer_for_another_place_is_refused(
    owm_current: Payload, owm_forecast: Payload, owm_one_call: Payload, dong_ha: Place, now: datetime
) -> None:
    for coord in ({"lat": 17.4, "lon": 107.1}, {"lat": 16.82}, {}, None, [16.82, 107.1]):
        owm_forecast["city"]["coord"] = coord
        assert refusal(owm_current | {"coord": coord}, dong_ha, now).cause is Cause.UNREADABLE
        assert refusal(owm_forecast, dong_ha, now).cause is Cause.UNREADABLE
    assert refusal(owm_forecast | {"city": None}, dong_ha, now).cause is Cause.UNREADABLE
    assert refusal(owm_one_call | {"lon": 108.2}, dong_ha, now).cause is Cause.UNREADABLE


@pytest.mark.parametrize("hours", [-3, 3, 24 * 365])
def test_an_answer_for_another_time_than_now_blames_the_clock(
    hours: int, owm_current: Payload, owm_one_call: Payload, dong_ha: Place, now: datetime
) -> None:
    for payload in (owm_current, owm_one_call):
        assert refusal(payload, dong_ha, now + hours * HOUR).cause is Cause.CLOCK


@pytest.mark.parametrize("hours", [-6, 12])
def test_steps_for_another_time_than_now_blame_the_clock(
    hours: int, owm_forecast: Payload, dong_ha: Place, now: datetime
) -> None:
    assert refusal(owm_forecast, dong_ha, now + hours * HOUR).cause is Cause.CLOCK


@pytest.mark.parametrize("time", [None, "1795317300", True, 1e18, [], -5])
def test_values_without_a_readable_time_are_refused(
    time: object, owm_current: Payload, owm_forecast: Payload, dong_ha: Place, now: datetime
) -> None:
    assert refusal(owm_current | {"dt": time}, dong_ha, now).cause is Cause.UNREADABLE
    owm_forecast["list"][1]["dt"] = time
    assert refusal(owm_forecast, dong_ha, now).cause is Cause.UNREADABLE


@pytest.mark.parametrize("steps", [[], None, {}, "40", [None], [{}], [[]]])
def test_a_forecast_without_steps_is_refused(
    steps: object, owm_forecast: Payload, dong_ha: Place, now: datetime
) -> None:
    assert refusal(owm_forecast | {"list": steps}, dong_ha, now).cause is Cause.UNREADABLE


def test_values_of_which_nothing_is_said_are_refused(
    owm_current: Payload, dong_ha: Place, now: datetime
) -> None:
    bare = {name: owm_current[name] for name in ("coord", "dt", "cod")} | {"main": {}}
    assert refusal(bare, dong_ha, now).cause is Cause.UNREADABLE

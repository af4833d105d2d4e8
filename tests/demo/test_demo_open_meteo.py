"""The sample weather as Open-Meteo tells it, field by field after its documentation."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.demo import open_meteo, sample_weather
from service.places.catalogue import built_in_places
from service.weather.model import Dataset
from service.weather.providers.open_meteo.provider import OpenMeteo

NOW = datetime(2026, 11, 22, 3, 7, 41, tzinfo=UTC)  # 10:07:41 in Vietnam
FAIR = sample_weather.sample(storm=False)
DONG_HA = {"latitude": "16.8163", "longitude": "107.1003"}
PLACE = (16.8163, 107.1003)
QUARTER = timedelta(minutes=15)
CURRENT = (
    "temperature_2m,relative_humidity_2m,apparent_temperature,is_day,precipitation,weather_code,"
    "cloud_cover,wind_speed_10m,wind_direction_10m,wind_gusts_10m,pressure_msl"
)


def ask(query: Mapping[str, str], now: datetime = NOW) -> Any:
    status, body = open_meteo.forecast(query, now)
    assert status == 200, body
    return json.loads(body)


def refusal(query: Mapping[str, str]) -> str:
    status, body = open_meteo.forecast(query, NOW)
    assert status == 400
    answer = json.loads(body)
    assert answer.keys() == {"error", "reason"}
    assert answer["error"] is True
    reason: str = answer["reason"]
    return reason


def test_one_place_is_an_object_with_the_documented_head() -> None:
    answer = ask({**DONG_HA, "current": "temperature_2m", "timezone": "auto"})
    assert list(answer) == [
        *("latitude", "longitude", "generationtime_ms", "utc_offset_seconds", "timezone"),
        *("timezone_abbreviation", "elevation", "current_units", "current"),
    ]
    assert abs(answer["latitude"] - 16.8163) <= 0.0625
    assert abs(answer["longitude"] - 107.1003) <= 0.0625
    assert answer["utc_offset_seconds"] == 25200
    assert answer["timezone"] == "Asia/Ho_Chi_Minh"
    assert answer["timezone_abbreviation"] == "GMT+7"
    assert isinstance(answer["elevation"], float)


def test_several_places_are_a_list_in_the_order_asked_and_the_first_has_no_location_id() -> None:
    answer = ask({"latitude": "21.02,16.82,10.82", "longitude": "105.84,107.1,106.63", "current": "is_day"})
    assert [place.get("location_id") for place in answer] == [None, 1, 2]
    assert "location_id" not in answer[0]
    assert [round(place["latitude"]) for place in answer] == [21, 17, 11]


def test_current_is_the_quarter_hour_before_now_in_local_time_without_an_offset() -> None:
    answer = ask({**DONG_HA, "current": "temperature_2m", "timezone": "auto"})
    assert answer["current"]["time"] == "2026-11-22T10:00"
    assert answer["current"]["interval"] == 900
    assert answer["current_units"] == {"time": "iso8601", "interval": "seconds", "temperature_2m": "°C"}


def test_every_documented_current_variable_has_its_unit_and_kind() -> None:
    answer = ask({**DONG_HA, "current": CURRENT, "timezone": "auto"})
    assert answer["current_units"] == {
        "time": "iso8601",
        "interval": "seconds",
        "temperature_2m": "°C",
        "relative_humidity_2m": "%",
        "apparent_temperature": "°C",
        "is_day": "",
        "precipitation": "mm",
        "weather_code": "wmo code",
        "cloud_cover": "%",
        "wind_speed_10m": "km/h",
        "wind_direction_10m": "°",
        "wind_gusts_10m": "km/h",
        "pressure_msl": "hPa",
    }
    whole = {"relative_humidity_2m", "is_day", "weather_code", "cloud_cover", "wind_direction_10m"}
    values = {name: answer["current"][name] for name in CURRENT.split(",")}
    assert {name for name, value in values.items() if isinstance(value, int)} == whole
    assert all(isinstance(value, int | float) for value in values.values())


def test_current_tells_the_weather_of_the_sample() -> None:
    said = ask({**DONG_HA, "current": CURRENT, "timezone": "auto"})["current"]
    time = datetime(2026, 11, 22, 3, tzinfo=UTC)
    air, fallen = FAIR.at(*PLACE, time), FAIR.over(*PLACE, time - QUARTER, 0.25)
    assert said["temperature_2m"] == round(air["temperature_2m"], 1)
    assert said["relative_humidity_2m"] == round(air["relative_humidity_2m"])
    assert said["wind_speed_10m"] == round(air["wind_speed_10m"] * 3.6, 1)
    assert said["wind_gusts_10m"] == round(air["wind_gusts_10m"] * 3.6, 1)
    assert said["wind_direction_10m"] == round(air["wind_direction_10m"])
    assert said["pressure_msl"] == round(air["pressure_msl"], 1)
    assert said["precipitation"] == round(fallen["precipitation"], 2)
    assert said["weather_code"] == fallen["weather_code"]
    assert said["is_day"] == 1


def test_hours_begin_at_local_midnight_and_cover_the_days_asked_for() -> None:
    answer = ask(
        {**DONG_HA, "hourly": "temperature_2m,precipitation,is_day", "timezone": "auto", "forecast_days": "3"}
    )
    hourly = answer["hourly"]
    assert hourly["time"][0] == "2026-11-22T00:00"
    assert hourly["time"][-1] == "2026-11-24T23:00"
    assert {len(series) for series in hourly.values()} == {72}
    assert answer["hourly_units"] == {
        "time": "iso8601",
        "temperature_2m": "°C",
        "precipitation": "mm",
        "is_day": "",
    }
    assert "current" not in answer
    assert "daily" not in answer


def test_night_is_night() -> None:
    hourly = ask({**DONG_HA, "hourly": "is_day", "timezone": "auto", "forecast_days": "1"})["hourly"]
    lit = [time[11:13] for time, day in zip(hourly["time"], hourly["is_day"], strict=True) if day]
    assert lit == [f"{hour:02}" for hour in range(6, 18)]


def test_an_hour_of_precipitation_is_what_fell_in_the_hour_before() -> None:
    hourly = ask({**DONG_HA, "hourly": "precipitation,weather_code", "timezone": "auto"})["hourly"]
    midnight = datetime(2026, 11, 21, 17, tzinfo=UTC)
    fallen = [FAIR.over(*PLACE, midnight + timedelta(hours=hour - 1)) for hour in range(168)]
    assert hourly["precipitation"] == [round(one["precipitation"], 2) for one in fallen]
    assert hourly["weather_code"] == [one["weather_code"] for one in fallen]
    assert any(hourly["precipitation"])


def test_days_have_dates_and_the_sun_in_local_time() -> None:
    answer = ask({**DONG_HA, "daily": "sunrise,sunset", "timezone": "auto", "forecast_days": "2"})
    assert answer["daily_units"] == {"time": "iso8601", "sunrise": "iso8601", "sunset": "iso8601"}
    assert answer["daily"]["time"] == ["2026-11-22", "2026-11-23"]
    suns = [sample_weather.daylight(*PLACE, datetime(2026, 11, day, 5, tzinfo=UTC)) for day in (22, 23)]
    for column, time in enumerate(("sunrise", "sunset")):
        local = [sun[column] + timedelta(hours=7) for sun in suns if sun]
        assert answer["daily"][time] == [f"{one:%Y-%m-%dT%H:%M}" for one in local]
    assert answer["daily"]["sunset"][0].startswith("2026-11-22T17:1")


def test_a_day_sums_up_its_hours() -> None:
    names = (
        "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum,precipitation_probability_max"
    )
    hours = "weather_code,temperature_2m,precipitation,precipitation_probability"
    answer = ask({**DONG_HA, "hourly": hours, "daily": names, "timezone": "auto", "forecast_days": "4"})
    hourly, daily = answer["hourly"], answer["daily"]
    for day in range(4):
        part = slice(24 * day, 24 * day + 24)
        assert daily["temperature_2m_max"][day] == max(hourly["temperature_2m"][part])
        assert daily["temperature_2m_min"][day] == min(hourly["temperature_2m"][part])
        assert daily["weather_code"][day] == max(hourly["weather_code"][part])
        assert daily["precipitation_sum"][day] == pytest.approx(sum(hourly["precipitation"][part]), abs=0.13)
        assert daily["precipitation_probability_max"][day] == max(hourly["precipitation_probability"][part])


def test_past_days_come_before_today() -> None:
    days = ask(
        {**DONG_HA, "daily": "weather_code", "timezone": "auto", "forecast_days": "1", "past_days": "2"}
    )
    assert days["daily"]["time"] == ["2026-11-20", "2026-11-21", "2026-11-22"]


def test_units_are_those_asked_for() -> None:
    names = "temperature_2m,wind_speed_10m,precipitation"
    metric = ask({**DONG_HA, "hourly": names})["hourly"]
    choice = {"temperature_unit": "fahrenheit", "wind_speed_unit": "mph", "precipitation_unit": "inch"}
    answer = ask({**DONG_HA, "hourly": names, **choice})
    assert answer["hourly_units"] == {
        "time": "iso8601",
        "temperature_2m": "°F",
        "wind_speed_10m": "mp/h",
        "precipitation": "inch",
    }
    imperial = answer["hourly"]
    assert imperial["temperature_2m"] == pytest.approx(
        [t * 1.8 + 32 for t in metric["temperature_2m"]], abs=0.15
    )
    assert imperial["wind_speed_10m"] == pytest.approx(
        [v / 1.609344 for v in metric["wind_speed_10m"]], abs=0.1
    )
    assert imperial["precipitation"] == pytest.approx([p / 25.4 for p in metric["precipitation"]], abs=0.001)


@pytest.mark.parametrize(("unit", "label"), [("kmh", "km/h"), ("ms", "m/s"), ("mph", "mp/h"), ("kn", "kn")])
@pytest.mark.parametrize("parameter", ["wind_speed_unit", "windspeed_unit"])
def test_each_wind_unit_has_the_label_that_open_meteo_writes(parameter: str, unit: str, label: str) -> None:
    answer = ask({**DONG_HA, "current": "wind_speed_10m", parameter: unit})
    assert answer["current_units"]["wind_speed_10m"] == label


def test_unixtime_is_in_utc() -> None:
    answer = ask(
        {**DONG_HA, "current": "is_day", "daily": "sunrise", "timezone": "auto", "timeformat": "unixtime"}
    )
    assert answer["current"]["time"] == datetime(2026, 11, 22, 3, tzinfo=UTC).timestamp()
    assert answer["current_units"]["time"] == "unixtime"
    assert answer["daily"]["time"][0] == datetime(2026, 11, 21, 17, tzinfo=UTC).timestamp()
    assert answer["daily_units"] == {"time": "unixtime", "sunrise": "unixtime"}


@pytest.mark.parametrize(
    ("zone", "offset", "abbreviation", "time"),
    [
        ("GMT", 0, "GMT", "2026-11-22T03:00"),
        ("Asia/Bangkok", 25200, "GMT+7", "2026-11-22T10:00"),
        ("Asia/Kathmandu", 20700, "GMT+5:45", "2026-11-22T08:45"),
        ("America/New_York", -18000, "EST", "2026-11-21T22:00"),
    ],
)
def test_times_are_told_in_the_zone_asked_for(zone: str, offset: int, abbreviation: str, time: str) -> None:
    answer = ask({**DONG_HA, "current": "is_day", "timezone": zone})
    assert answer["timezone"] == zone
    assert answer["utc_offset_seconds"] == offset
    assert answer["timezone_abbreviation"] == abbreviation
    assert answer["current"]["time"] == time


def test_without_a_zone_times_are_gmt() -> None:
    answer = ask({**DONG_HA, "current": "is_day"})
    assert (answer["timezone"], answer["utc_offset_seconds"]) == ("GMT", 0)


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone", "offset"),
    [
        ("8.6447", "111.92", "Asia/Ho_Chi_Minh", 25200),
        ("48.85", "2.35", "GMT", 0),
        ("35.68", "139.69", "Etc/GMT-9", 32400),
        ("40.71", "-74.0", "Etc/GMT+5", -18000),
        ("0", "180", "Etc/GMT-12", 43200),
        ("0", "-180", "Etc/GMT+12", -43200),
    ],
)
def test_an_automatic_zone_is_vietnams_there_and_by_longitude_elsewhere(
    latitude: str, longitude: str, zone: str, offset: int
) -> None:
    answer = ask({"latitude": latitude, "longitude": longitude, "current": "is_day", "timezone": "auto"})
    assert (answer["timezone"], answer["utc_offset_seconds"]) == (zone, offset)


def test_in_a_storm_it_is_told_of() -> None:
    query = {**DONG_HA, "current": "precipitation", "hourly": "precipitation", "timezone": "auto"}
    status, body = open_meteo.forecast(query, NOW, storm=True)
    assert status == 200
    assert json.loads(body)["current"]["precipitation"] > 0
    assert min(json.loads(body)["hourly"]["precipitation"]) > 0


@pytest.mark.uncounted
@pytest.mark.parametrize("aspect", list(Dataset))
def test_what_the_service_asks_for_is_complete_at_every_place(aspect: Dataset) -> None:
    places = built_in_places()
    params = OpenMeteo().request(aspect, places).params
    elements = ask(params)
    assert len(elements) == len(places)
    for section in ("current", "hourly", "daily"):
        for element in elements if section in params else []:
            assert element[section].keys() >= {"time", *params[section].split(",")}
            assert not any(value is None or value == [] for value in element[section].values())
            assert not any(None in value for value in element[section].values() if isinstance(value, list))


def test_where_the_sun_does_not_set_the_times_are_null() -> None:
    answer = ask(
        {"latitude": "78", "longitude": "15", "daily": "sunset", "timezone": "auto"}, NOW.replace(month=6)
    )
    assert answer["daily"]["sunset"] == [None] * 7


def test_the_same_question_gets_the_same_bytes() -> None:
    query = {**DONG_HA, "current": CURRENT, "hourly": "weather_code", "timezone": "auto"}
    assert open_meteo.forecast(query, NOW) == open_meteo.forecast(dict(query), NOW + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"latitude": "522.52"}, "Latitude must be in range of -90 to 90°. Given: 522.52."),
        ({"longitude": "-180.5"}, "Longitude must be in range of -180 to 180°. Given: -180.5."),
        ({"latitude": "nan"}, "Latitude must be in range of -90 to 90°. Given: nan."),
        (
            {"latitude": "16.8,10.8"},
            "Parameter 'latitude' and 'longitude' must have the same number of elements",
        ),
        ({"forecast_days": "17"}, "Forecast days is invalid. Allowed range 0 to 16. Given 17."),
        ({"timezone": "Mars/Olympus"}, "Invalid timezone"),
        ({"timezone": "../etc/passwd"}, "Invalid timezone"),
        ({"timezone": "Asia"}, "Invalid timezone"),
        (
            {"hourly": "tempeture_2m"},
            "Cannot initialize WeatherVariable from invalid String value tempeture_2m for key hourly",
        ),
    ],
)
def test_a_fault_is_told_in_open_meteos_words(change: dict[str, str], reason: str) -> None:
    assert refusal({**DONG_HA, "current": "is_day", **change}) == reason


@pytest.mark.parametrize(
    "change",
    [
        {"latitude": ""},
        {"latitude": "north"},
        {"timezone": "GMT,GMT"},
        {"wind_speed_unit": "bft"},
        {"temperature_unit": "kelvin"},
        {"timeformat": "rfc"},
        {"forecast_days": "17"},
        {"forecast_days": "many"},
        {"forecast_days": "1,2"},
        {"past_days": "-1"},
        {"daily": "temperature_2m"},
        {"current": "sunrise"},
        {"start_date": "2026-11-22"},
        {"minutely_15": "precipitation"},
    ],
)
def test_any_other_fault_is_a_400_with_a_reason(change: dict[str, str]) -> None:
    assert refusal({**DONG_HA, **change})


def test_more_than_a_thousand_places_are_refused() -> None:
    many = {"latitude": ",".join(["16.8"] * 1001), "longitude": ",".join(["107.1"] * 1001)}
    assert refusal(many) == "Only up to 1000 locations can be requested at once"

import json
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from web_site import CURRENT, HOUR, MINUTE, NOW, Site, an_hourly_forecast

from service.weather.model import Condition, Current, DetailedCondition, HourlyForecast

DONG_HA = {
    "id": "dong-ha",
    "name": "Đông Hà",
    "country": "VN",
    "latitude": 16.8163,
    "longitude": 107.1003,
    "timezone": "Asia/Ho_Chi_Minh",
}


METRIC = {
    **dict.fromkeys(["temperature", "apparent_temperature", "temperature_min", "temperature_max"], "°C"),
    **dict.fromkeys(["wind_speed", "wind_gust"], "km/h"),
    **dict.fromkeys(["humidity", "cloud_cover", "precipitation_probability"], "%"),
    "wind_direction": "°",
    "precipitation": "mm",
    "precipitation_rate": "mm/h",
    "pressure": "hPa",
}


def test_the_weather_of_a_place_is_told_field_for_field(site: Site) -> None:
    told = site.json("/api/v1/weather/dong-ha")
    hourly, daily = told.pop("hourly"), told.pop("daily")
    del told["sources"]  # tests/weather/test_sources_of_numbers.py
    assert told == {
        "city": DONG_HA,
        "current": {
            "time": "2026-11-22T10:15:00+07:00",
            "temperature": 27.1,
            "apparent_temperature": 31.0,
            "apparent_temperature_derived": False,
            "humidity": 79,
            "wind_speed": 30.2,
            "wind_direction": 315,
            "wind_gust": 48.6,
            "pressure": 1009.4,
            "cloud_cover": 92,
            "precipitation": 0.0,
            "condition": "overcast",
            "condition_text": "Nhiều mây, âm u",
            "is_day": True,
        },
        "units": METRIC,
        "updated_at": "2026-11-22T10:15:00+07:00",
        "fetched_at": "2026-11-22T03:18:00Z",
        "state": "fresh",
        "source": {
            "id": "open-meteo",
            "name": "Open-Meteo",
            "url": "https://open-meteo.com/",
            "licence": "CC BY 4.0",
        },
    }
    assert hourly[4] == {
        "time": "2026-11-22T14:00:00+07:00",
        "temperature": 25.3,
        "precipitation": 0.1,
        "precipitation_probability": 80,
        "wind_speed": 12.0,
        "condition": "rain",
        "condition_text": "Mưa nhỏ",
        "is_day": True,
    }
    assert daily[0] == {
        "date": "2026-11-22",
        "temperature_min": 22.1,
        "temperature_max": 29.8,
        "precipitation": 0.2,
        "precipitation_probability": 80,
        "condition": "partly_cloudy",
        "condition_text": "Có mây",
        "sunrise": "2026-11-22T05:50:00+07:00",
        "sunset": "2026-11-22T17:15:00+07:00",
        "sun": None,
        "derived": True,
    }


def test_hours_begin_at_the_current_one_and_are_48(site: Site) -> None:
    hours = [hour["time"] for hour in site.json("/api/v1/weather/dong-ha")["hourly"]]
    assert (hours[0], hours[-1], len(hours)) == (
        "2026-11-22T10:00:00+07:00",
        "2026-11-24T09:00:00+07:00",
        48,
    )


def test_days_begin_today_and_are_seven(site: Site) -> None:
    days = [day["date"] for day in site.json("/api/v1/weather/dong-ha")["daily"]]
    assert (days[0], days[-1], len(days)) == ("2026-11-22", "2026-11-28", 7)


def test_fewer_hours_are_told_where_fewer_are_known(site: Site) -> None:
    site.keep("hue", hourly=an_hourly_forecast(days=1))
    told = site.json("/api/v1/weather/hue")
    assert [hour["time"][:13] for hour in told["hourly"]] == [f"2026-11-22T{hour}" for hour in range(10, 24)]
    assert len(told["daily"]) == 1


def test_day_and_night_are_the_providers(site: Site) -> None:
    hours = site.json("/api/v1/weather/dong-ha")["hourly"]
    assert [hour["is_day"] for hour in hours[:24]] == [True] * 8 + [False] * 12 + [True] * 4


def test_what_the_provider_does_not_say_is_null_and_never_left_out(site: Site) -> None:
    hourly = an_hourly_forecast()
    bare = tuple(type(step)(step.time) for step in hourly.points)
    site.keep("hue", current=Current(CURRENT.time), hourly=replace(hourly, points=bare, sun_times=()))
    full, empty = site.json("/api/v1/weather/dong-ha"), site.json("/api/v1/weather/hue")
    for part in ("current", "hourly", "daily"):
        one, other = (told[part] if part == "current" else told[part][0] for told in (full, empty))
        assert list(one) == list(other)
        told_anyway = {
            "time",
            "date",
            "derived",
            "apparent_temperature_derived",
            "condition",
            "condition_text",
        }
        assert {other[name] for name in other if name not in told_anyway} == {None}
        assert other["condition"] == "unknown"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature", 80.8),
        ("apparent_temperature", 87.8),
        ("wind_speed", 18.8),
        ("wind_gust", 30.2),
        ("pressure", 29.81),
        ("precipitation", 0.0),
        ("humidity", 79),
        ("wind_direction", 315),
    ],
)
def test_imperial_units_are_converted(site: Site, field: str, value: float) -> None:
    assert site.json("/api/v1/weather/dong-ha?units=imperial")["current"][field] == value


def test_the_units_told_are_those_asked_for(site: Site) -> None:
    assert site.json("/api/v1/weather/dong-ha")["units"] == METRIC
    imperial = {"°C": "°F", "km/h": "mph", "mm": "in", "mm/h": "in/h", "hPa": "inHg"}
    assert site.json("/api/v1/weather/dong-ha?units=imperial")["units"] == {
        name: imperial.get(unit, unit) for name, unit in METRIC.items()
    }


def test_every_number_has_a_unit(site: Site) -> None:
    told = site.json("/api/v1/weather/dong-ha")
    parts = [told["current"], *told["hourly"], *told["daily"]]
    numbers = {name for part in parts for name, value in part.items() if type(value) in {int, float}}
    assert numbers <= told["units"].keys()


def test_rain_in_inches_keeps_two_decimals(site: Site) -> None:
    site.keep("hue", current=replace(CURRENT, precipitation_rate=4.2))
    assert site.json("/api/v1/weather/hue?units=imperial")["current"]["precipitation"] == 0.17


def test_no_number_is_written_with_a_long_tail(site: Site) -> None:
    numbers = {
        field.name: 100 / 7 for field in fields(CURRENT) if isinstance(getattr(CURRENT, field.name), float)
    }
    site.keep("hue", current=replace(CURRENT, **numbers))
    for units in ("metric", "imperial"):
        told = site.json(f"/api/v1/weather/hue?units={units}")["current"].values()
        assert all(len(repr(value)) <= 6 for value in told if isinstance(value, float))


def test_the_language_asked_for_is_spoken(site: Site) -> None:
    told = site.json("/api/v1/weather/dong-ha?lang=en")
    assert told["city"]["name"] == "Dong Ha"
    assert told["current"]["condition_text"] == "Overcast"


def test_the_sites_own_language_is_spoken_where_none_is_asked_for(tmp_path: Path) -> None:
    site = Site.in_folder(tmp_path, site__language="en")
    assert site.json("/api/v1/weather/dong-ha")["city"]["name"] == "Dong Ha"


@pytest.mark.parametrize(
    ("age", "state", "shown"),
    [
        (timedelta(0), "fresh", True),
        (90 * MINUTE - timedelta(seconds=1), "fresh", True),
        (90 * MINUTE, "stale", True),
        (6 * HOUR - timedelta(seconds=1), "stale", True),
        (6 * HOUR, "unavailable", False),
        (400 * HOUR, "unavailable", False),
    ],
)
def test_data_goes_stale_and_is_hidden_by_its_age(
    site: Site, age: timedelta, state: str, shown: bool
) -> None:
    site.keep("hue", hourly=an_hourly_forecast(), fetched_at=NOW - age)
    told = site.json("/api/v1/weather/hue")
    assert told["state"] == state
    assert bool(told["current"]) == bool(told["hourly"]) == bool(told["daily"]) == shown
    assert told["fetched_at"] == (NOW - age).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert told["source"]["id"] == "open-meteo"


def test_the_clock_alone_makes_data_stale_without_a_new_write(site: Site) -> None:
    seen = []
    for hours in (0, 2, 7):
        site.now = NOW + hours * HOUR
        seen.append(site.json("/api/v1/weather/dong-ha")["state"])
    assert seen == ["fresh", "stale", "unavailable"]


def test_hidden_data_is_a_200_with_nulls_and_retry_after(site: Site) -> None:
    site.now = NOW + 7 * HOUR
    answer = site.get("/api/v1/weather/dong-ha")
    told = answer.get_json()
    assert (told["current"], told["hourly"], told["daily"]) == (None, [], [])
    assert answer.headers["Retry-After"] == "30"
    assert "27.1" not in answer.text
    assert answer.headers["Cache-Control"] == "public, max-age=30"


def test_before_the_first_data_everything_is_null_and_nothing_is_stored(site: Site) -> None:
    answer = site.get("/api/v1/weather/ha-noi")
    assert answer.status_code == 200
    told = answer.get_json()
    assert {name: told[name] for name in ("current", "hourly", "daily", "updated_at")} == {
        "current": None,
        "hourly": [],
        "daily": [],
        "updated_at": None,
    }
    assert (told["fetched_at"], told["source"], told["state"]) == (None, None, "unavailable")
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["Cache-Control"] == "no-store"


def test_hours_that_are_too_old_are_left_out_and_the_rest_is_told(site: Site) -> None:
    site.keep("hue", current=None, hourly=an_hourly_forecast(), fetched_at=NOW - 7 * HOUR)
    site.keep("hue", current=CURRENT)
    told = site.json("/api/v1/weather/hue")
    assert (told["state"], told["hourly"], told["daily"]) == ("fresh", [], [])


def test_a_damaged_record_is_as_if_it_were_not_there(site: Site) -> None:
    site.store.write({"current/hue": b'{"v":1,"temperature":27.1', "outlook/hue": b"\xff\x00"})
    assert site.json("/api/v1/weather/hue")["state"] == "unavailable"


def test_several_places_are_told_in_the_order_asked(site: Site) -> None:
    told = site.json("/api/v1/weather?cities=hue,ha-noi,dong-ha,hue&lang=en&units=imperial")
    assert list(told) == ["weather"]
    assert [one["city"]["id"] for one in told["weather"]] == ["hue", "ha-noi", "dong-ha", "hue"]
    assert [one["state"] for one in told["weather"]] == ["fresh", "unavailable", "fresh", "fresh"]
    assert told["weather"][0] == site.json("/api/v1/weather/hue?lang=en&units=imperial")


def test_several_places_may_be_fifty_and_not_more(site: Site) -> None:
    assert len(site.json("/api/v1/weather?cities=" + ",".join(["hue"] * 50))["weather"]) == 50
    refused = site.get("/api/v1/weather?cities=" + ",".join(["hue"] * 51))
    assert refused.status_code == 400
    assert "50" in refused.get_json()["errors"]["cities"][0]


def test_one_unknown_place_among_several_is_a_404_that_names_it(site: Site) -> None:
    answer = site.get("/api/v1/weather?cities=hue,atlantis,dong-ha,mordor")
    assert answer.status_code == 404
    detail = answer.get_json()["detail"]
    assert "“atlantis”" in detail
    assert "“mordor”" in detail


@pytest.mark.parametrize(
    "cities", ["", "hue,,dong-ha", "hue,", "hue, dong-ha", "HUE", "hue;dong-ha", "h%00e"]
)
def test_a_list_that_cannot_be_read_is_refused_with_its_form(site: Site, cities: str) -> None:
    answer = site.get(f"/api/v1/weather?cities={cities}")
    assert answer.status_code == 400
    assert answer.get_json()["errors"] == {
        "cities": ["Must be 1 to 50 ids of /api/v1/cities, with commas between them."]
    }


def test_an_answer_of_several_places_is_kept_no_longer_than_its_shortest_part(site: Site) -> None:
    site.keep("vinh", hourly=an_hourly_forecast(), fetched_at=NOW - 14 * MINUTE)
    fresh, nearly_due = (site.get(f"/api/v1/weather/{city}") for city in ("dong-ha", "vinh"))
    both = site.get("/api/v1/weather?cities=dong-ha,vinh")
    assert fresh.headers["Cache-Control"].startswith("public, max-age=780,")
    assert nearly_due.headers["Cache-Control"].startswith("public, max-age=60,")
    assert both.headers["Cache-Control"].startswith("public, max-age=60,")
    first_missing = site.get("/api/v1/weather?cities=dong-ha,ha-noi")
    assert first_missing.headers["Cache-Control"] == "no-store"
    assert first_missing.headers["Retry-After"] == "30"


def test_real_data_is_never_marked_as_sample(site: Site) -> None:
    assert "sample" not in site.get("/api/v1/weather/dong-ha").text


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/weather/dong-ha",
        "/api/v1/weather?cities=hue,ha-noi",
        "/api/v1/weather/atlantis",
        "/api/v1/weather/hue?lang=xx",
        "/api/v1/cities",
        "/api/v1/cities/hue",
        "/healthz",
        "/readyz",
        "/api/x",
    ],
)
def test_every_json_of_sample_data_says_so_and_names_no_provider(tmp_path: Path, path: str) -> None:
    site = Site.in_folder(tmp_path, demo="1")
    site.keep("dong-ha", "hue", hourly=an_hourly_forecast())
    answer = site.get(path)
    assert json.loads(answer.data)["sample"] is True
    assert "Open-Meteo" not in answer.text
    assert "open-meteo" not in answer.text


def test_the_source_of_sample_data_is_sample_data(tmp_path: Path) -> None:
    site = Site.in_folder(tmp_path, demo="1")
    site.keep("hue")
    assert site.json("/api/v1/weather/hue")["source"] == {
        "id": "sample",
        "name": "Sample data",
        "url": None,
        "licence": None,
    }


def test_met_norway_is_named_where_it_told(site: Site) -> None:
    site.keep("hue", source="met-norway")
    assert site.json("/api/v1/weather/hue")["source"]["name"] == "MET Norway"


def test_a_place_of_another_zone_is_told_in_its_own_time(tmp_path: Path) -> None:
    file = tmp_path / "places.toml"
    file.write_text(
        '[[weather.city]]\nid = "kathmandu"\nname = { vi = "Kathmandu" }\ncountry = "NP"\n'
        'latitude = 27.7\nlongitude = 85.3\ntimezone = "Asia/Kathmandu"\n',
        encoding="utf-8",
    )
    site = Site.in_folder(tmp_path, config=str(file))
    site.keep(
        "kathmandu",
        current=replace(CURRENT, condition=DetailedCondition(CURRENT.condition.kind)),
        hourly=an_hourly_forecast(),
    )
    told = site.json("/api/v1/weather/kathmandu")
    assert told["current"]["time"] == "2026-11-22T09:00:00+05:45"
    assert told["daily"][0]["date"] == "2026-11-22"


def test_every_view_says_of_now_what_its_hour_says(site: Site) -> None:
    """Code 51 with 0 mm and 0 % does not rain; the chance is that of the hour, which `compact` has not."""
    drizzle = DetailedCondition(Condition.DRIZZLE)
    dry = [
        point._replace(condition=drizzle, precipitation=0.0, precipitation_probability=0.0)
        for point in an_hourly_forecast().points
    ]
    site.keep("hue", current=replace(CURRENT, condition=drizzle), hourly=HourlyForecast(tuple(dry)))
    said = site.json("/api/v1/weather/hue")
    assert (said["current"]["condition"], said["hourly"][0]["condition"]) == ("overcast", "overcast")
    for path in ("hue", "hue?layout=strip", "hue?layout=full", "hue.svg"):
        page = site.client.get(f"/widgets/weather/{path}").text
        assert "Nhiều mây, âm u" in page
        assert "Mưa" not in page


@pytest.mark.parametrize("path", ["/api/v1/weather/dong-ha", "/api/v1/weather?cities=dong-ha"])
def test_only_the_parts_asked_for_are_there(site: Site, path: str) -> None:
    def told(parts: str) -> dict[str, object]:
        answer = site.json(f"{path}{'&' if '?' in path else '?'}fields={parts}")
        return answer["weather"][0] if "weather" in answer else answer

    whole = told("")
    every_part = {"current", "hourly", "daily"}
    assert every_part < whole.keys()
    for parts in ("current", "daily,hourly", "air", "current,current", "warnings,daily"):
        expected = {name: whole[name] for name in whole if name not in every_part or name in parts.split(",")}
        assert told(parts) == expected


def test_a_part_that_does_not_exist_is_refused_with_the_parts(site: Site) -> None:
    answer = site.get("/api/v1/weather/dong-ha?fields=current,wind")
    assert answer.status_code == 400
    told = "Must be some of current, hourly, daily, air, warnings, with commas between them."
    assert answer.get_json()["errors"] == {"fields": [told]}


def test_unknown_places_are_named_where_a_part_is_enough(site: Site) -> None:
    told = site.json("/api/v1/weather?cities=dong-ha,atlantis,hue,mu&partial=yes&fields=current")
    assert [one["city"]["id"] for one in told["weather"]] == ["dong-ha", "hue"]
    assert told["unknown"] == ["atlantis", "mu"]
    none = site.json("/api/v1/weather?cities=atlantis&partial=yes")
    assert (none["weather"], none["unknown"]) == ([], ["atlantis"])
    assert site.json("/api/v1/weather?cities=hue&partial=yes")["unknown"] == []
    assert site.json("/api/v1/weather?cities=mu,hue,mu&partial=yes")["unknown"] == ["mu"]
    assert "unknown" not in site.json("/api/v1/weather?cities=hue")
    assert site.get("/api/v1/weather?cities=hue,atlantis&partial=no").status_code == 404
    assert site.get("/api/v1/weather?cities=hue&partial=maybe").status_code == 400

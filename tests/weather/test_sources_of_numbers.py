"""Whose numbers these are: in the JSON for each part, beside the widget for what it shows."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from web_site import CURRENT, HOUR, MINUTE, NOW, Site, an_hourly_forecast

from service.weather import records
from service.weather.forecast import contradicts
from service.weather.model import (
    UNKNOWN_CONDITION,
    Condition,
    Dataset,
    DetailedCondition,
    HourlyPoint,
    Intensity,
    StoredWeather,
)

OPEN_METEO = {
    "id": "open-meteo",
    "name": "Open-Meteo",
    "url": "https://open-meteo.com/",
    "licence": "CC BY 4.0",
}
MET_NORWAY = {
    "id": "met-norway",
    "name": "MET Norway",
    "url": "https://www.met.no/",
    "licence": "CC BY 4.0",
}


def keep_of_two(site: Site, place: str = "hue") -> None:
    """Current values of MET Norway, and hours of Open-Meteo that agree with them; each has its own times."""
    current = StoredWeather(CURRENT, "met-norway", NOW - 3 * HOUR, NOW - 4 * MINUTE)
    hours = StoredWeather(an_hourly_forecast(), "open-meteo", None, NOW - HOUR)
    site.store.write(
        {
            records.weather_key(Dataset.CURRENT, place): records.current_to_bytes(current),
            records.weather_key(Dataset.HOURLY, place): records.hourly_to_bytes(hours),
        }
    )


def test_each_part_names_its_provider_and_its_times(site: Site) -> None:
    told = site.json("/api/v1/weather/dong-ha")
    fetched = {"fetched_at": "2026-11-22T03:18:00Z"}
    hours = OPEN_METEO | {"updated_at": None} | fetched
    assert told["sources"] == {
        "current": OPEN_METEO | {"updated_at": "2026-11-22T10:15:00+07:00"} | fetched,
        "hourly": hours,
        "daily": hours,
    }
    assert told["source"] == OPEN_METEO


def test_parts_of_two_providers_name_both_and_source_is_that_of_the_current_values(site: Site) -> None:
    keep_of_two(site)
    told = site.json("/api/v1/weather/hue")
    hours = OPEN_METEO | {"updated_at": None, "fetched_at": "2026-11-22T02:20:00Z"}
    assert told["sources"] == {
        "current": MET_NORWAY
        | {"updated_at": "2026-11-22T07:20:00+07:00", "fetched_at": "2026-11-22T03:16:00Z"},
        "hourly": hours,
        "daily": hours,
    }
    assert told["source"] == MET_NORWAY
    assert (told["updated_at"], told["fetched_at"]) == ("2026-11-22T07:20:00+07:00", "2026-11-22T03:16:00Z")


def test_before_the_first_data_nobody_is_named(site: Site) -> None:
    told = site.json("/api/v1/weather/vinh")
    assert told["sources"] == {"current": None, "hourly": None, "daily": None}
    assert told["source"] is None


def test_parts_that_are_not_shown_name_nobody(site: Site) -> None:
    site.keep("vinh")
    told = site.json("/api/v1/weather/vinh")["sources"]
    assert (told["current"]["id"], told["hourly"], told["daily"]) == ("open-meteo", None, None)
    site.now = NOW + 7 * HOUR
    told = site.json("/api/v1/weather/dong-ha")
    assert (told["sources"]["hourly"], told["sources"]["daily"]) == (None, None)
    assert told["sources"]["current"]["id"] == told["source"]["id"] == "open-meteo"
    assert told["sources"]["current"]["fetched_at"] == told["fetched_at"]


def test_every_answer_of_a_batch_names_its_own(site: Site) -> None:
    keep_of_two(site)
    first, second = site.json("/api/v1/weather?cities=dong-ha,hue")["weather"]
    assert [one["sources"]["current"]["id"] for one in (first, second)] == ["open-meteo", "met-norway"]


def links(page: str) -> list[str]:
    return re.findall(r'href="(/credit/[^"]*)"', page)


MET, OM = "/credit/met-norway", "/credit/open-meteo"


def test_a_credit_leads_to_the_providers_own_page_and_no_other_name_leads_anywhere(site: Site) -> None:
    for path, page in ((MET, "https://www.met.no/"), (OM, "https://open-meteo.com/")):
        answer = site.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, page)
        assert "noindex" in answer.headers["X-Robots-Tag"]
    assert site.get("/credit/https:%2F%2Fevil.example").status_code == 404
    assert site.get("/credit/nobody").status_code == 404


@pytest.mark.parametrize(
    ("path", "credited"),
    [
        ("/widgets/weather/hue", [MET, OM]),
        ("/widgets/weather/hue?layout=strip", [MET, OM]),
        ("/widgets/weather/hue?layout=full", [MET, OM]),
        ("/widgets/weather/hue?layout=full&lang=en&units=imperial", [MET, OM]),
        ("/widgets/portal?city=hue", [MET, OM]),
    ],
)
def test_a_widget_credits_all_whose_numbers_it_shows_and_nobody_else(
    site: Site, path: str, credited: list[str]
) -> None:
    keep_of_two(site)
    assert links(site.get(path).text) == credited


def test_the_credit_is_said_plainly(site: Site) -> None:
    keep_of_two(site)
    texts = {
        language: re.sub("<[^>]*>", "", site.get(f"/widgets/weather/hue?layout=full&lang={language}").text)
        for language in ("vi", "en")
    }
    assert "Nguồn: MET Norway, Open-Meteo" in texts["vi"]
    assert "Sources: MET Norway, Open-Meteo" in texts["en"]


@pytest.mark.parametrize("layout", ["compact", "strip", "full"])
def test_the_picture_is_the_same_whatever_the_layout_and_credits_all(site: Site, layout: str) -> None:
    keep_of_two(site)
    picture = site.get(f"/widgets/weather/hue.svg?layout={layout}").text
    assert "Nguồn: MET Norway, Open-Meteo<" in picture
    assert max(int(y) for y in re.findall(r'y="(\d+)" text-anchor', picture)) < 98


def test_a_provider_that_is_not_known_any_more_is_not_credited_under_a_name_of_ours(site: Site) -> None:
    site.keep("vinh", hourly=an_hourly_forecast(), source="former")
    told = site.json("/api/v1/weather/vinh")
    assert (told["source"], told["sources"]) == (None, {"current": None, "hourly": None, "daily": None})
    assert site.get("/widgets/weather/vinh?layout=full").status_code == 200


# Hours that contradict the current values

WET, DRY = DetailedCondition(Condition.RAIN, Intensity.HEAVY), DetailedCondition(Condition.CLEAR)


def an_hour(**values: Any) -> HourlyPoint:
    hour = HourlyPoint(NOW, condition=DRY, temperature=27.0, precipitation=0.0, precipitation_probability=0.0)
    return hour._replace(**values)


@pytest.mark.parametrize(
    ("hour", "current", "contradict"),
    [
        (an_hour(), CURRENT, False),
        (an_hour(temperature=33.0), CURRENT, True),
        (an_hour(temperature=31.9), CURRENT, False),
        (an_hour(temperature=None), CURRENT, False),
        (an_hour(), replace(CURRENT, temperature=10.0, condition=WET), True),
        (an_hour(), replace(CURRENT, condition=WET), True),
        (an_hour(precipitation_probability=40.0), replace(CURRENT, condition=WET), False),
        (an_hour(precipitation=0.2), replace(CURRENT, condition=WET), False),
        (an_hour(condition=WET), replace(CURRENT, condition=WET), False),
        (an_hour(condition=WET, precipitation=5.0), CURRENT, True),
        (an_hour(condition=WET, precipitation=0.3), CURRENT, False),
        (an_hour(condition=WET, precipitation=5.0), replace(CURRENT, condition=UNKNOWN_CONDITION), False),
        (an_hour(condition=UNKNOWN_CONDITION, precipitation=None), CURRENT, False),
    ],
)
def test_hours_contradict_current_values_where_both_cannot_be_true(
    hour: HourlyPoint, current: Any, contradict: bool
) -> None:
    assert contradicts(hour, current) is contradict


@pytest.mark.parametrize(("source", "shown"), [("met-norway", False), ("open-meteo", True)])
def test_ten_degrees_and_rain_never_stand_above_hours_of_another_provider_that_begin_dry_and_warm(
    site: Site, source: str, shown: bool
) -> None:
    """One provider may contradict itself: what it tells is shown as it is."""
    site.keep("hue", current=replace(CURRENT, temperature=10.0, condition=WET), source=source)
    told = site.json("/api/v1/weather/hue")
    assert told["current"]["temperature"] == 10.0
    assert bool(told["hourly"]) is bool(told["daily"]) is shown
    assert (told["sources"]["hourly"] is not None) is (told["sources"]["daily"] is not None) is shown
    page = site.get("/widgets/weather/hue?layout=full").text
    assert ("<ol>" in page) is shown
    assert len(links(page)) == 1


def test_hours_that_are_left_out_are_awaited_within_seconds(site: Site) -> None:
    site.keep("hue", current=replace(CURRENT, temperature=10.0, condition=WET), source="met-norway")
    answer = site.get("/api/v1/weather/hue")
    assert "max-age=5" in answer.headers["Cache-Control"]
    site.now = NOW + timedelta(minutes=1)
    site.keep("hue", current=None, hourly=an_hourly_forecast(), source="open-meteo")
    assert "max-age=5" in site.get("/api/v1/weather/hue").headers["Cache-Control"]

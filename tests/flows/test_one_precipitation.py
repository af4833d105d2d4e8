"""The same rain, told by each provider in its own way, is the same rain in JSON and widget."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from local_upstream import LocalUpstream
from weather_upstreams import (
    HUE,
    MET_PATH,
    OM_PATH,
    Clock,
    a_collector,
    play_met_norway,
    play_open_meteo,
    shown,
)

from service.app import create_app
from service.settings.load import load
from service.storage.store import SqliteStore
from service.weather.provider import Provider
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo

HOUR = timedelta(hours=1)
LOCAL = timedelta(hours=7)  # from UTC, in Huế
PROVIDERS = ("open-meteo", "met-norway")


def provider_at(upstream: LocalUpstream, name: str) -> Provider:
    return OpenMeteo(upstream.url(OM_PATH)) if name == "open-meteo" else MetNorway(upstream.url(MET_PATH))


def tells(name: str, rain: Mapping[int, float], rate: float) -> Any:
    """A change of a provider's answer: 0 mm but for these hours of today's clock, and this rate now."""

    def open_meteo(answer: Any) -> Any:
        if "current" in answer:
            answer["current"]["precipitation"] = rate / 4
            answer["current"]["weather_code"] = 61
        if "hourly" in answer:
            length = len(answer["hourly"]["time"])
            fallen = [rain.get(n - 1, 0.0) for n in range(length)]  # at the end of its hour
            answer["hourly"]["precipitation"] = fallen
            answer["hourly"]["weather_code"] = [65 if amount else 0 for amount in fallen]
            answer["hourly"]["precipitation_probability"] = [99 if amount else 1 for amount in fallen]
        return answer

    def met_norway(answer: Any) -> Any:
        series = answer["properties"]["timeseries"]
        begin = datetime.fromisoformat(series[0]["time"])
        midnight = (begin + LOCAL).replace(hour=0) - LOCAL
        for entry in series:
            hour = (datetime.fromisoformat(entry["time"]) - midnight) // HOUR
            for length, block_name in ((1, "next_1_hours"), (6, "next_6_hours")):
                if block := entry["data"].get(block_name):
                    fallen = sum(rain.get(hour + n, 0.0) for n in range(length))
                    block["details"]["precipitation_amount"] = fallen
                    block["summary"]["symbol_code"] = "heavyrain" if fallen else "clearsky_day"
                    block["details"]["probability_of_precipitation"] = 99.0 if fallen else 1.0
        now = series[0]["data"]["next_1_hours"]
        now["details"]["precipitation_amount"] = rate
        now["summary"]["symbol_code"] = "lightrain"
        return answer

    return open_meteo if name == "open-meteo" else met_norway


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> FlaskClient:
    settings = load({"PORTAL_WIDGETS_STORE__URL": f"sqlite://{tmp_path}/store.sqlite3"})
    return create_app(settings, clock=clock, background=False).test_client(use_cookies=False)


@pytest.fixture(params=PROVIDERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def collect(
    store: SqliteStore, upstream: LocalUpstream, clock: Clock, name: str, rain: Mapping[int, float]
) -> None:
    change = tells(name, rain, 2.0)
    play_open_meteo(upstream, clock, change if name == "open-meteo" else lambda answer: answer)
    play_met_norway(upstream, clock, change if name == "met-norway" else lambda answer: answer)
    a_collector(store, upstream, clock, places=[HUE], providers=[provider_at(upstream, name)]).run()


def test_rain_stands_at_the_beginning_of_its_hour_and_in_the_day_in_which_it_falls(
    name: str, store: SqliteStore, upstream: LocalUpstream, clock: Clock, client: FlaskClient
) -> None:
    clock.now = clock.now.replace(hour=17, minute=20)  # 00:20 in Huế
    collect(store, upstream, clock, name, {14: 20.0, 23: 7.0, 24: 1.5})
    told = json.loads(client.get("/api/v1/weather/hue").data)
    assert told["source"]["id"] == name
    wet = {
        hour["time"][8:13]: (hour["precipitation"], hour["precipitation_probability"], hour["condition"])
        for hour in told["hourly"][1:]
        if hour["precipitation"]
    }
    assert wet == {
        "23T14": (20.0, 99, "rain"),
        "23T23": (7.0, 99, "rain"),
        "24T00": (1.5, 99, "rain"),
    }
    # MET Norway's next hour is the rate of now.
    now = 2.0 if name == "met-norway" else 0.0
    assert [day["precipitation"] for day in told["daily"][:3]] == [27.0 + now, 1.5, 0.0]
    inches = json.loads(client.get("/api/v1/weather/hue?units=imperial").data)["daily"]
    assert [day["precipitation"] for day in inches[:2]] == [1.14 if now else 1.06, 0.06]


def test_steady_rain_of_two_millimetres_an_hour_reads_two(
    name: str, store: SqliteStore, upstream: LocalUpstream, clock: Clock, client: FlaskClient
) -> None:
    collect(store, upstream, clock, name, dict.fromkeys(range(24 * 9), 2.0))
    told = json.loads(client.get("/api/v1/weather/hue").data)
    assert told["current"]["precipitation"] == 2.0
    assert told["units"]["precipitation_rate"] == "mm/h"
    assert {hour["precipitation"] for hour in told["hourly"]} == {2.0}
    assert {day["precipitation"] for day in told["daily"][1:]} == {48.0}
    imperial = json.loads(client.get("/api/v1/weather/hue?units=imperial").data)
    assert (imperial["current"]["precipitation"], imperial["units"]["precipitation_rate"]) == (0.08, "in/h")
    for query, said in (
        ("", "<dt>Lượng mưa</dt><dd>2,0\u00a0mm/h</dd>"),
        ("&lang=en", "<dt>Precipitation</dt><dd>2.0\u00a0mm/h</dd>"),
        ("&lang=en&units=imperial", "<dt>Precipitation</dt><dd>0.08\u00a0in/h</dd>"),
    ):
        assert said in client.get(f"/widgets/weather/hue?layout=full{query}").text


def test_both_providers_of_the_sample_tell_the_same_hours_and_the_same_days(
    upstream: LocalUpstream, clock: Clock, tmp_path: Path
) -> None:
    clock.now = clock.now.replace(hour=17, minute=20)  # 00:20 in Huế: the whole day is ahead for both
    forecasts = []
    for name in PROVIDERS:
        own = SqliteStore(tmp_path / f"{name}.sqlite3")
        play_open_meteo(upstream, clock)
        play_met_norway(upstream, clock)
        a_collector(own, upstream, clock, places=[HUE], providers=[provider_at(upstream, name)]).run()
        forecasts.append(shown(own, HUE, clock.now))
    one, other = forecasts
    for hour, same in zip(one.hours, other.hours, strict=True):
        assert hour.time == same.time
        assert hour.precipitation == pytest.approx(same.precipitation, abs=0.06)  # two decimals and one
        assert hour.temperature == pytest.approx(same.temperature, abs=0.06)
        assert (hour.condition.kind == "thunder") == (same.condition.kind == "thunder")
    for day, same_day in zip(one.days[:6], other.days[:6], strict=True):
        assert day.precipitation == pytest.approx(same_day.precipitation, abs=1.5)
        assert day.temperature_max == pytest.approx(same_day.temperature_max, abs=0.06)
        assert day.temperature_min == pytest.approx(same_day.temperature_min, abs=2.0)
    assert [day.condition for day in one.days[:2]] == [day.condition for day in other.days[:2]]

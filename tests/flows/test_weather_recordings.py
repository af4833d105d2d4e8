"""Recordings, their times moved to today, through door, collector and store to what a reader is shown."""

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from local_upstream import LocalUpstream
from weather_upstreams import MET_PATH, OM_PATH, START, Clock, a_collector, http_date, shown

from service.core.freshness import State
from service.places.model import Place
from service.storage.store import SqliteStore
from service.weather.forecast import Forecast
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo

CORPUS = Path(os.environ["PORTAL_WIDGETS_CORPUS"])
ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z?)?\Z")
Element = dict[str, Any]


def elements_of(path: Path) -> list[Element]:
    answer = json.loads(path.read_bytes())
    return answer if isinstance(answer, list) else [answer]


def has_current(path: Path) -> bool:
    return all("current" in element and "current_units" in element for element in elements_of(path))


OPEN_METEO = [
    path for path in sorted((CORPUS / "open-meteo" / "forecast").glob("*.json")) if has_current(path)
]
MET_NORWAY = sorted((CORPUS / "met-norway" / "locationforecast").glob("*.json"))


def moved(value: Any, days: timedelta) -> Any:
    """The same with every time so many days later."""
    if isinstance(value, dict):
        return {key: moved(inner, days) for key, inner in value.items()}
    if isinstance(value, list):
        return [moved(inner, days) for inner in value]
    if isinstance(value, str) and ISO.match(value):
        form = (
            "%Y-%m-%dT%H:%M:%SZ" if value.endswith("Z") else "%Y-%m-%dT%H:%M" if "T" in value else "%Y-%m-%d"
        )
        return (datetime.fromisoformat(value) + days).strftime(form)
    if isinstance(value, int) and not isinstance(value, bool) and 1_000_000_000 < value < 4_000_000_000:
        return value + int(days.total_seconds())
    return value


def instant(time: str | int, offset: int) -> datetime:
    if isinstance(time, int):
        return datetime.fromtimestamp(time, UTC)
    return (datetime.fromisoformat(time) - timedelta(seconds=offset)).replace(tzinfo=UTC)


def the_place(number: int, latitude: float, longitude: float) -> Place:
    return Place(f"recorded-{number}", {"vi": "-", "en": "-"}, "VN", latitude, longitude, "Asia/Ho_Chi_Minh")


@pytest.mark.parametrize("path", OPEN_METEO, ids=lambda path: path.name)
def test_every_number_of_an_open_meteo_recording_with_a_temperature_is_shown(
    path: Path, store: SqliteStore, upstream: LocalUpstream, clock: Clock
) -> None:
    recorded = elements_of(path)
    then = instant(recorded[0]["current"]["time"], recorded[0]["utc_offset_seconds"])
    days = timedelta(days=(START - then).days)
    today = [moved(element, days) for element in recorded]
    clock.now = then + days + timedelta(minutes=7)
    upstream.answer(OM_PATH, 200, json.dumps(today if len(today) > 1 else today[0]))
    places = [the_place(n, element["latitude"], element["longitude"]) for n, element in enumerate(today)]
    a_collector(store, upstream, clock, places=places, providers=[OpenMeteo(upstream.url(OM_PATH))]).run()
    for place, element in zip(places, today, strict=True):
        forecast = shown(store, place, clock.now)
        if element["current"].get("temperature_2m") is None:
            assert forecast.state is State.UNAVAILABLE
            continue
        assert_current(forecast, element)
        if "hourly_units" in element and "temperature_2m" in element["hourly"]:
            assert_hours(forecast, element)
        else:
            assert not forecast.hours


def assert_current(forecast: Forecast, element: Element) -> None:
    told, current = element["current"], forecast.current
    assert forecast.state is State.FRESH
    assert forecast.provider_id == "open-meteo"
    assert current is not None
    assert current.time == forecast.updated_at == instant(told["time"], element["utc_offset_seconds"])
    assert current.temperature == told.get("temperature_2m")
    assert current.humidity == told.get("relative_humidity_2m")
    assert current.pressure == told.get("pressure_msl")
    assert current.cloud_cover == told.get("cloud_cover")
    fallen, interval = told.get("precipitation"), told.get("interval")
    rate = None if fallen is None or interval is None else fallen * 3600 / interval
    assert current.precipitation_rate == rate
    assert current.wind_direction == told.get("wind_direction_10m")
    assert (current.wind_speed or 0) * 3.6 == pytest.approx(told.get("wind_speed_10m") or 0)
    assert (current.wind_gust or 0) * 3.6 == pytest.approx(told.get("wind_gusts_10m") or 0)
    if "apparent_temperature" in told:
        assert current.apparent_temperature == told["apparent_temperature"]
        assert not current.apparent_temperature_derived
    if "is_day" in told:
        assert current.is_day is bool(told["is_day"])


def assert_hours(forecast: Forecast, element: Element) -> None:
    hourly, offset = element["hourly"], element["utc_offset_seconds"]
    position = {instant(time, offset): at for at, time in enumerate(hourly["time"])}
    assert forecast.hours
    for step in forecast.hours:
        told = {name: values[position[step.time]] for name, values in hourly.items()}
        end = position.get(step.time + timedelta(hours=1))
        at_its_end = {} if end is None else {name: values[end] for name, values in hourly.items()}
        assert step.temperature == told.get("temperature_2m")
        assert step.precipitation == at_its_end.get("precipitation")
        assert step.precipitation_probability == at_its_end.get("precipitation_probability")
        assert (step.wind_speed or 0) * 3.6 == pytest.approx(told.get("wind_speed_10m") or 0)


@pytest.mark.parametrize("path", MET_NORWAY, ids=lambda path: path.name)
def test_every_number_of_a_met_norway_recording_is_shown(
    path: Path, store: SqliteStore, upstream: LocalUpstream, clock: Clock
) -> None:
    answer = json.loads(path.read_bytes())
    feature = answer.get("data", answer)
    then = datetime.fromisoformat(feature["properties"]["timeseries"][0]["time"])
    days = timedelta(days=(START - then).days)
    today = moved(feature, days)
    clock.now = then + days + timedelta(minutes=12)
    upstream.answer(
        MET_PATH, 200, json.dumps(today), {"Expires": http_date(clock.now + timedelta(minutes=30))}
    )
    longitude, latitude = today["geometry"]["coordinates"][:2]
    place = the_place(0, latitude, longitude)
    a_collector(store, upstream, clock, places=[place], providers=[MetNorway(upstream.url(MET_PATH))]).run()
    forecast = shown(store, place, clock.now)
    series = today["properties"]["timeseries"]
    now = series[0]["data"]["instant"]["details"]
    current = forecast.current
    assert len(upstream.requests) == 1
    assert current is not None
    assert forecast.provider_id == "met-norway"
    assert forecast.updated_at == datetime.fromisoformat(today["properties"]["meta"]["updated_at"])
    assert current.time == datetime.fromisoformat(series[0]["time"])
    assert current.temperature == now["air_temperature"]
    assert current.humidity == now["relative_humidity"]
    assert current.wind_speed == now["wind_speed"]
    assert current.pressure == now["air_pressure_at_sea_level"]
    assert current.cloud_cover == now["cloud_area_fraction"]
    symbol = series[0]["data"]["next_1_hours"]["summary"]["symbol_code"]
    assert current.is_day is (None if "_" not in symbol else symbol.endswith("_day"))
    assert len(forecast.hours) == 48
    by_time = {datetime.fromisoformat(entry["time"]): entry["data"] for entry in series}
    for step in forecast.hours:
        assert step.temperature == by_time[step.time]["instant"]["details"]["air_temperature"]
        assert step.wind_speed == by_time[step.time]["instant"]["details"]["wind_speed"]
        assert step.precipitation == by_time[step.time]["next_1_hours"]["details"]["precipitation_amount"]

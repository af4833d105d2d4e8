"""Recorded answers, read at a clock moved to the time of the recording. Collected only where they are."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.core.errors import UpstreamError
from service.places.model import Place
from service.weather.model import Current
from service.weather.provider import ProviderForecast
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo
from service.weather.providers.openweather.provider import OpenWeather

CORPUS = Path(os.environ["PORTAL_WIDGETS_CORPUS"])
OPEN_METEO = sorted((CORPUS / "open-meteo" / "forecast").glob("*.json"))
MET_NORWAY = sorted((CORPUS / "met-norway" / "locationforecast").glob("*.json"))

OPENWEATHER = sorted((CORPUS / "openweathermap" / "data").glob("*.json"))
OPENWEATHER_ERRORS = sorted((CORPUS / "openweathermap" / "errors").glob("*.json"))

Element = dict[str, Any]
HOUR = timedelta(hours=1)


def a_place(latitude: float, longitude: float) -> Place:
    return Place("recorded", {"vi": "-", "en": "-"}, "VN", latitude, longitude, "UTC")


def moment(time: str | int, offset: int) -> datetime:
    if isinstance(time, int):
        return datetime.fromtimestamp(time, UTC)
    return (datetime.fromisoformat(time) - timedelta(seconds=offset)).replace(tzinfo=UTC)


def has_hours(element: Element) -> bool:
    known = {
        "temperature_2m",
        "precipitation",
        "precipitation_probability",
        "weather_code",
        "wind_speed_10m",
        "is_day",
    }
    return "hourly_units" in element and bool(known & element.get("hourly", {}).keys())


def has_current(element: Element) -> bool:
    return "current" in element and "current_units" in element


def now_of(element: Element) -> datetime | None:
    offset = element["utc_offset_seconds"]
    if has_current(element):
        return moment(element["current"]["time"], offset)
    return moment(element["hourly"]["time"][12], offset) if has_hours(element) else None


def read_open_meteo(path: Path) -> tuple[list[Element], list[ProviderForecast | None]]:
    answer = json.loads(path.read_bytes())
    elements = answer if isinstance(answer, list) else [answer]
    now = now_of(elements[0])
    if now is None:
        return elements, []
    places = [a_place(element["latitude"], element["longitude"]) for element in elements]
    return elements, OpenMeteo().parse(path.read_bytes(), places, now)


def assert_current_equals(current: Current, recorded: Element, offset: int) -> None:
    assert current.time == moment(recorded["time"], offset)
    assert current.temperature == recorded.get("temperature_2m")
    assert current.humidity == recorded.get("relative_humidity_2m")
    assert current.apparent_temperature == recorded.get("apparent_temperature")
    assert current.precipitation_rate == in_an_hour(recorded)
    assert current.cloud_cover == recorded.get("cloud_cover")
    assert current.pressure == recorded.get("pressure_msl")
    assert (current.wind_speed or 0) * 3.6 == pytest.approx(recorded.get("wind_speed_10m") or 0)
    if "is_day" in recorded:
        assert current.is_day is bool(recorded["is_day"])


def in_an_hour(recorded: Element) -> float | None:
    fallen, interval = recorded.get("precipitation"), recorded.get("interval")
    return None if fallen is None or interval is None else fallen * 3600 / interval


@pytest.mark.parametrize("path", OPEN_METEO, ids=lambda path: path.name)
def test_an_open_meteo_recording_is_read_value_by_value(path: Path) -> None:
    elements, said = read_open_meteo(path)
    for element, one in zip(elements, said, strict=False):
        assert one is not None
        offset = element["utc_offset_seconds"]
        assert (one.current is not None) == has_current(element)
        assert (one.hourly is not None) == has_hours(element)
        if one.current:
            assert_current_equals(one.current, element["current"], offset)
        if one.hourly:
            assert_hours_equal(one, element["hourly"], offset)


def assert_hours_equal(said: ProviderForecast, hourly: dict[str, list[Any]], offset: int) -> None:
    assert said.hourly is not None
    positions = {moment(time, offset): position for position, time in enumerate(hourly["time"])}
    assert said.hourly.points[-1].time == max(positions)
    for step in said.hourly.points:
        told = told_at(hourly, positions.get(step.time))
        at_its_end = told_at(hourly, positions.get(step.time + HOUR))
        assert step.temperature == told.get("temperature_2m")
        assert step.precipitation == at_its_end.get("precipitation")
        assert step.precipitation_probability == at_its_end.get("precipitation_probability")
        assert (step.wind_speed or 0) * 3.6 == pytest.approx(told.get("wind_speed_10m") or 0)


def told_at(hourly: dict[str, list[Any]], position: int | None) -> Element:
    """The values at a position; none where the recording has no such time."""
    return {} if position is None else {name: values[position] for name, values in hourly.items()}


@pytest.mark.parametrize("path", MET_NORWAY, ids=lambda path: path.name)
def test_a_met_norway_recording_is_read_value_by_value(path: Path) -> None:
    answer = json.loads(path.read_bytes())
    feature = answer.get("data", answer)
    longitude, latitude = feature["geometry"]["coordinates"][:2]
    series = feature["properties"]["timeseries"]
    first = datetime.fromisoformat(series[0]["time"])
    body = json.dumps(feature).encode()
    (said,) = MetNorway().parse(body, [a_place(latitude, longitude)], first + timedelta(minutes=10))
    assert said is not None
    assert said.updated_at == datetime.fromisoformat(feature["properties"]["meta"]["updated_at"])
    assert said.current is not None
    assert said.current.time == first
    assert said.current.humidity == series[0]["data"]["instant"]["details"]["relative_humidity"]
    assert_entries_equal(said, series)


def assert_entries_equal(said: ProviderForecast, series: list[Element]) -> None:
    assert said.hourly is not None
    by_time = {datetime.fromisoformat(entry["time"]): entry["data"] for entry in series}
    first, last = min(by_time), max(by_time)
    assert [step.time for step in said.hourly.points] == [
        first + n * HOUR for n in range((last - first) // HOUR + 1)
    ]
    for step in said.hourly.points:
        details = by_time.get(step.time, {}).get("instant", {}).get("details", {})
        assert step.temperature == details.get("air_temperature")
        assert step.wind_speed == details.get("wind_speed")
        if "next_1_hours" in by_time.get(step.time, {}):
            details = by_time[step.time]["next_1_hours"]["details"]
            assert step.precipitation == details["precipitation_amount"]
    fallen = {step.time: step.precipitation or 0.0 for step in said.hourly.points}
    blocks = [(time, data["next_6_hours"]) for time, data in by_time.items() if "next_6_hours" in data]
    assert len(blocks) > 50
    for time, block in blocks:
        of_its_hours = sum(fallen[time + n * HOUR] for n in range(6))
        assert of_its_hours == pytest.approx(block["details"]["precipitation_amount"], abs=0.31)  # rounded


# OpenWeather: a response in kelvin has no temperature, the others are read value by value.


def read_openweather(path: Path) -> tuple[Element, ProviderForecast | None]:
    """The recording and what becomes of it at its own time; None for one that is refused."""
    recorded = json.loads(path.read_bytes())
    city = recorded.get("city") or {}
    position = recorded.get("coord") or city.get("coord") or recorded
    first = (recorded.get("list") or recorded.get("hourly") or recorded.get("daily") or [{}])[0]
    time = recorded.get("dt") or recorded.get("current", {}).get("dt") or first.get("dt", 0)
    place = a_place(position.get("lat", 0), position.get("lon", 0))
    try:
        (forecast,) = OpenWeather().parse(path.read_bytes(), [place], datetime.fromtimestamp(time, UTC))
    except UpstreamError:
        return recorded, None
    assert not isinstance(forecast, UpstreamError)
    return recorded, forecast


def celsius(value: object) -> object:
    return value if isinstance(value, int | float) and value < 65 else None


@pytest.mark.parametrize("path", OPENWEATHER, ids=lambda path: path.name)
def test_an_openweather_recording_is_read_value_by_value_or_refused(path: Path) -> None:
    recorded, forecast = read_openweather(path)
    steps = [step for step in recorded.get("list", []) if "city" in recorded and "main" in step]
    has_steps = any(celsius(step["main"]["temp"]) is not None for step in steps)
    has_hours = any(celsius(hour["temp"]) is not None for hour in recorded.get("hourly", []))
    assert (forecast is not None) == ("main" in recorded or "current" in recorded or has_steps or has_hours)
    if forecast is None:
        return
    assert (forecast.hourly is not None) == (has_steps or has_hours)
    if forecast.current:
        values = recorded.get("current") or recorded["main"]
        assert forecast.current.temperature == celsius(values["temp"])
        assert forecast.current.humidity == values["humidity"]
        assert forecast.current.wind_speed == values.get("wind_speed", recorded.get("wind", {}).get("speed"))
    if forecast.hourly:
        points = {point.time.timestamp(): point for point in forecast.hourly.points}
        for step in steps:
            assert points[step["dt"]].temperature == step["main"]["temp"]
            fallen = {points[step["dt"] - 3600 * hours].precipitation for hours in (1, 2, 3)}
            amounts = [step[kind]["3h"] for kind in ("rain", "snow") if kind in step]
            unsaid = None if step["weather"][0]["id"] < 700 else 0.0  # something falls, but not how much
            assert fallen == {sum(amounts) / 3 if amounts else unsaid}
        for hour in recorded.get("hourly", []):
            amounts = (hour.get(kind, {}).get("1h", 0) for kind in ("rain", "snow"))
            assert points[hour["dt"]].temperature == hour["temp"]
            assert points[hour["dt"]].precipitation == sum(amounts)


@pytest.mark.parametrize("path", OPENWEATHER_ERRORS, ids=lambda path: path.name)
def test_a_recorded_error_of_openweather_is_refused(path: Path) -> None:
    assert read_openweather(path)[1] is None

"""Random hours, told as each provider tells them, through the whole service to JSON.

What must be told is worked out a second time here, from the hours themselves: in UTC, hour by hour and in
fractions, with nothing of the service but its answer.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from local_upstream import LocalUpstream, ReceivedRequest, Reply
from random_skies import CONDITIONS, DAY, HOUR, Block, MetSeries, Steps, World, floor, open_meteo, written
from weather_upstreams import MET_PATH, OM_PATH, Clock, a_collector

from service.app import create_app
from service.places.model import Place
from service.settings.environment import CONFIG
from service.settings.load import load
from service.storage.store import SqliteStore
from service.weather.provider import Provider
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo
from service.weather.providers.openweather.provider import OpenWeather

pytestmark = pytest.mark.uncounted

ZONES = {  # their days have 23, 24 or 25 hours, half ones too; some begin between two hours of UTC
    "hue": "Asia/Ho_Chi_Minh",
    "london": "Europe/London",
    "lord-howe": "Australia/Lord_Howe",
    "kathmandu": "Asia/Kathmandu",
    "kolkata": "Asia/Kolkata",
    "eucla": "Australia/Eucla",
    "tokyo": "Asia/Tokyo",
    "sydney": "Australia/Sydney",
    "havana": "America/Havana",
    "cairo": "Africa/Cairo",
}
PLACES = [
    Place(name, {"vi": name, "en": name}, "XX", 10.0 + n, 20.0 + n, zone)
    for n, (name, zone) in enumerate(ZONES.items())
]
CITY = """
[[weather.city]]
id = "{0}"
name = {{ vi = "{0}", en = "{0}" }}
country = "XX"
latitude = {1}
longitude = {2}
timezone = "{3}"
"""
MOMENTS = [  # around changes of clocks, and in between
    datetime(2026, 3, 28, 22, 40, tzinfo=UTC),
    datetime(2026, 3, 29, 11, 20, tzinfo=UTC),
    datetime(2026, 4, 4, 9, 5, tzinfo=UTC),
    datetime(2026, 4, 23, 12, 50, tzinfo=UTC),
    datetime(2026, 10, 2, 4, 10, tzinfo=UTC),
    datetime(2026, 10, 24, 23, 35, tzinfo=UTC),
    datetime(2026, 10, 25, 12, 5, tzinfo=UTC),
    datetime(2026, 10, 31, 20, 25, tzinfo=UTC),
    datetime(2026, 11, 22, 3, 20, tzinfo=UTC),
]


def places_at(now: datetime) -> list[Place]:
    """Those whose clocks change in the days around, and two that have no such days, by turns."""
    changing, steady = [], []
    for place in PLACES:
        zone = ZoneInfo(place.timezone)
        offsets = {(now + n * DAY).astimezone(zone).utcoffset() for n in range(-2, 12)}
        year = {(now + n * DAY).astimezone(zone).utcoffset() for n in range(366)}
        if len(offsets) > 1:
            changing.append(place)
        elif len(year) == 1:
            steady.append(place)
    first = 2 * MOMENTS.index(now)
    return [*changing, *(steady[n % len(steady)] for n in (first, first + 1))]


# What must be told


@dataclass
class Known:
    """What has been told of hours and blocks, from whatever answer."""

    water: dict[datetime, Fraction | None]
    chance: dict[datetime, int | None]
    temperature: dict[datetime, Fraction | None]
    kinds: dict[datetime, str]
    blocks: list[Block]


def known_of_open_meteo(world: World, answer: dict[str, Any]) -> Known:
    offset = timedelta(seconds=answer["utc_offset_seconds"])
    times = [(datetime.fromisoformat(time) - offset).replace(tzinfo=UTC) for time in answer["hourly"]["time"]]
    begun = [time - HOUR for time in times]
    return Known(
        {time: world.at(time).water for time in begun},
        {time: world.at(time).chance for time in begun},
        {time: world.at(time).temperature for time in times},
        {
            time: CONDITIONS.get(world.at(time).code or 0, "")
            for time in begun
            if world.at(time).code is not None
        },
        [],
    )


def known_of_met(world: World, series: MetSeries) -> Known:
    known = Known(
        {time: world.at(time).water for time in series.hours},
        {time: world.at(time).chance for time in series.hours},
        {time: world.at(time).temperature for time in series.hours},
        {},
        series.blocks,
    )
    for block, n in product(series.blocks, range(6)):
        known.water[block.start + n * HOUR] = block.water / 6
        known.chance[block.start + n * HOUR] = block.chance
    return known


def known_of_openweather(world: World, steps: Steps) -> Known:
    hours = {time - n * HOUR: time for time in steps.times for n in (1, 2, 3)}
    return Known(
        {hour: steps.water(step) / 3 for hour, step in hours.items()},
        {hour: steps.chance(step) for hour, step in hours.items()},
        {time: world.at(time).temperature for time in steps.times},
        {},
        [],
    )


def with_earlier(known: Known, earlier: Known, start: datetime) -> Known:
    """What is known, and what was told before of the hours before `start`."""
    for name in ("water", "chance", "temperature"):
        before = {time: value for time, value in getattr(earlier, name).items() if time < start}
        setattr(known, name, before | getattr(known, name))
    return known


def half_up(number: Fraction | None, decimals: int = 1) -> float | None:
    if number is None:
        return None
    return math.floor(number * 10**decimals + Fraction(1, 2)) / 10**decimals


def hours_of(day: date, zone: ZoneInfo, phase: datetime) -> Iterator[tuple[datetime, int]]:
    """The hours that begin on a date, found by trying every one, each with its number on the clock."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - 2 * DAY
    start += (phase - start) % HOUR
    for n in range(5 * 24):
        local = (start + n * HOUR).astimezone(zone)
        if local.date() == day:
            yield start + n * HOUR, local.hour


def expected_day(day: date, zone: ZoneInfo, known: Known) -> dict[str, Any]:
    hours = list(hours_of(day, zone, min(known.water)))
    water = [known.water.get(time) for time, _ in hours]
    chances = [known.chance.get(time) for time, _ in hours]
    sums = [amount for amount in water if amount is not None]
    total = sum(sums, Fraction(0)) if len(sums) == len(hours) else None
    chance = max((one for one in chances if one is not None), default=None) if None not in chances else None
    within = {block.start + n * HOUR for block, n in product(known.blocks, range(6))}
    temperatures = {time: known.temperature.get(time) for time, _ in hours if time not in within}
    own = [block for block in known.blocks if _date_of_most(block.start, zone) == day]

    def extreme(choose: Callable[..., Fraction], told: list[Fraction], numbers: range) -> float | None:
        missing = any(
            temperatures.get(time) is None and time not in within for time, hour in hours if hour in numbers
        )
        values = [value for value in temperatures.values() if value is not None] + told
        return None if missing else half_up(choose(values))

    return {
        "date": day.isoformat(),
        "temperature_min": extreme(min, [block.low for block in own], range(9)),
        "temperature_max": extreme(max, [block.high for block in own], range(10, 18)),
        "precipitation": half_up(total),
        "precipitation_probability": chance,
        "inches": half_up(None if total is None else total * 10 / 254, 2),
    }


@cache
def _date_of_most(start: datetime, zone: ZoneInfo) -> date:
    minutes = [(start + n * timedelta(minutes=15)).astimezone(zone).date() for n in range(24)]
    return max(sorted(set(minutes)), key=minutes.count)


def assert_told(client: FlaskClient, place: Place, known: Known, now: datetime, days: int = 7) -> None:
    zone = ZoneInfo(place.timezone)
    told, imperial = (
        json.loads(client.get(f"/api/v1/weather/{place.id}?units={units}").data)
        for units in ("metric", "imperial")
    )
    times = [datetime.fromisoformat(hour["time"]).astimezone(UTC) for hour in told["hourly"]]
    assert times == [times[0] + n * HOUR for n in range(48)]
    assert now - HOUR < times[0] <= now
    for time, hour in zip(times, told["hourly"], strict=True):
        assert hour["precipitation"] == half_up(known.water.get(time)), (place.id, time)
        assert hour["precipitation_probability"] == known.chance.get(time), (place.id, time)
        assert hour["temperature"] == written(known.temperature.get(time)), (place.id, time)
        if known.water.get(time) is not None and time in known.kinds:
            assert hour["condition"] == known.kinds[time], (place.id, time)
    today = now.astimezone(zone).date()
    dates = [day["date"] for day in told["daily"]]
    assert dates[:days] == [(today + n * DAY).isoformat() for n in range(days)]
    for n, (day, inches) in enumerate(zip(told["daily"], imperial["daily"], strict=True)):
        expected = expected_day(today + n * DAY, zone, known)
        assert inches["precipitation"] == expected.pop("inches"), (place.id, day["date"])
        assert {name: day[name] for name in expected} == expected, place.id


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> FlaskClient:
    """The serving half, over the store that the collector fills."""
    configuration = tmp_path / "configuration.toml"
    cities = [CITY.format(p.id, p.latitude, p.longitude, p.timezone) for p in PLACES]
    configuration.write_text("[weather]\ncities = []\n" + "".join(cities), encoding="utf-8")
    settings = load(
        {CONFIG: str(configuration), "PORTAL_WIDGETS_STORE__URL": f"sqlite://{tmp_path}/store.sqlite3"}
    )
    return create_app(settings, clock=clock, background=False).test_client(use_cookies=False)


def collect(
    store: SqliteStore, upstream: LocalUpstream, clock: Clock, provider: Provider, places: list[Place]
) -> None:
    a_collector(store, upstream, clock, places=places, providers=[provider]).run()


@pytest.mark.parametrize(("holes", "full_hours"), [(0.0, True), (0.02, False)])
@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_hours_and_days_of_open_meteo_are_those_of_the_sky(  # noqa: PLR0913, PLR0917 - fixtures
    now: datetime,
    full_hours: bool,
    holes: float,
    store: SqliteStore,
    upstream: LocalUpstream,
    clock: Clock,
    client: FlaskClient,
) -> None:
    places = places_at(now)
    worlds = {place.id: World(f"{place.id} {now} {full_hours}", holes) for place in places}

    def answers(_: ReceivedRequest) -> Reply:
        told = [open_meteo(worlds[place.id], place, clock.now, full_hours=full_hours) for place in places]
        return Reply(200, json.dumps(told).encode())

    upstream.handle(OM_PATH, answers)
    clock.now = now
    collect(store, upstream, clock, OpenMeteo(upstream.url(OM_PATH)), places)
    for place in places:
        answer = open_meteo(worlds[place.id], place, clock.now, full_hours=full_hours)
        assert_told(client, place, known_of_open_meteo(worlds[place.id], answer), clock.now)
        fallen = answer["current"]["precipitation"]
        told = json.loads(client.get(f"/api/v1/weather/{place.id}").data)["current"]["precipitation"]
        assert told == half_up(None if fallen is None else Fraction(str(fallen)) * 4)


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_hours_and_days_of_met_norway_are_those_of_the_sky_and_of_the_answers_before(
    now: datetime, store: SqliteStore, upstream: LocalUpstream, clock: Clock, client: FlaskClient
) -> None:
    places = places_at(now)
    passes = [now + hours * HOUR for hours in (0, 5, 7, 9)]
    begun = [floor(time, HOUR) for time in passes]  # without their temperature it is no answer
    worlds = {place.id: World(f"{place.id} {now}", 0.02 * (now.hour % 2), begun) for place in places}

    def answer(asked: ReceivedRequest) -> Reply:
        place = next(one for one in places if one.latitude == float(asked.query["lat"]))
        feature = MetSeries(worlds[place.id], clock.now).feature(place)
        return Reply(200, json.dumps(feature).encode())

    upstream.handle(MET_PATH, answer)
    known: dict[str, Known] = {}
    for clock.now in passes:
        collect(store, upstream, clock, MetNorway(upstream.url(MET_PATH)), places)
        for place in places:
            series = MetSeries(worlds[place.id], clock.now)
            latest = known_of_met(worlds[place.id], series)
            known[place.id] = with_earlier(latest, known.get(place.id, latest), series.hours[0])
            assert_told(client, place, latest, clock.now)


@pytest.mark.parametrize("now", MOMENTS[::2], ids=str)
def test_hours_and_days_of_openweather_are_those_of_the_sky_and_of_the_answers_before(
    now: datetime, store: SqliteStore, upstream: LocalUpstream, clock: Clock, client: FlaskClient
) -> None:
    places = places_at(now)
    worlds = {place.id: World(f"{place.id} {now}", 0.0) for place in places}

    def place_of(asked: ReceivedRequest) -> Place:
        return next(one for one in places if one.latitude == float(asked.query["lat"]))

    def forecast(asked: ReceivedRequest) -> Reply:
        place = place_of(asked)
        return Reply(200, json.dumps(Steps(worlds[place.id], clock.now).response(place)).encode())

    def current(asked: ReceivedRequest) -> Reply:
        place = place_of(asked)
        told = {"dt": int(clock.now.timestamp()), "main": {"temp": 20.0}, "rain": {"1h": 2.0}}
        position = {"lat": place.latitude, "lon": place.longitude}
        weather = [{"id": 501, "icon": "10d"}]
        return Reply(200, json.dumps(told | {"cod": 200, "coord": position, "weather": weather}).encode())

    upstream.handle("/data/2.5/weather", current)
    upstream.handle("/data/2.5/forecast", forecast)
    known: dict[str, Known] = {}
    for hours in (0, 5, 10):
        clock.now = now + hours * HOUR
        collect(store, upstream, clock, OpenWeather(upstream.url("/data/2.5"), "k"), places)
        for place in places:
            steps = Steps(worlds[place.id], clock.now)
            latest = known_of_openweather(worlds[place.id], steps)
            known[place.id] = with_earlier(latest, known.get(place.id, latest), steps.times[0])
            assert_told(client, place, latest, clock.now, days=5)
            told = json.loads(client.get(f"/api/v1/weather/{place.id}").data)
            assert told["current"]["precipitation"] == 2.0

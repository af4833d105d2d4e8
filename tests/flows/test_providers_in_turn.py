"""Who is asked when the preferred provider fails, comes back, or forbids to be asked."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from local_upstream import LocalUpstream, ReceivedRequest, Reply
from weather_upstreams import (
    DONG_HA,
    GOALS,
    HUE,
    MET_PATH,
    OM_PATH,
    OWM_PATHS,
    PLACES,
    Clock,
    a_collector,
    both,
    http_date,
    play_met_norway,
    play_open_meteo,
    play_openweather,
    shown,
)

from service.core.freshness import State
from service.demo import open_meteo
from service.places.model import Place
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.collect.collector import WeatherCollector
from service.weather.model import Dataset
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.openweather.provider import OpenWeather

pytestmark = pytest.mark.uncounted

DAY = timedelta(days=1)
Headers = Callable[[datetime], dict[str, str]]


def providers_of(store: SqliteStore, place: Place) -> tuple[str | None, str | None]:
    """Who gave the current values and the hours that are kept."""
    keys = {dataset: records.weather_key(dataset, place.id) for dataset in Dataset}
    found = store.read(list(keys.values()))
    current = records.current_from_bytes(found.get(keys[Dataset.CURRENT]))
    hourly = records.hourly_from_bytes(found.get(keys[Dataset.HOURLY]))
    return current and current.provider_id, hourly and hourly.provider_id


def cold_and_wet(answer: Any) -> Any:
    for entry in answer["properties"]["timeseries"]:
        entry["data"]["instant"]["details"]["air_temperature"] = 10.0
        if "next_1_hours" in entry["data"]:
            entry["data"]["next_1_hours"]["summary"]["symbol_code"] = "heavyrain"
            entry["data"]["next_1_hours"]["details"]["precipitation_amount"] = 12.0
    return answer


def test_a_provider_whose_values_are_of_another_time_takes_no_hours_over(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    """Its hours would be usable, but they would stand below another one's current values."""
    collector = a_collector(store, playing, clock, places=[HUE])

    def told(asked: ReceivedRequest) -> Reply:
        return Reply(*open_meteo.forecast(asked.query, clock.now - timedelta(hours=3)))

    playing.handle(OM_PATH, told)
    seen = set()
    played(collector, clock, timedelta(hours=3), lambda: seen.add(providers_of(store, HUE)))
    assert seen == {("met-norway", "met-norway")}
    assert all("current" in asked.query for asked in playing.requests_for(OM_PATH))
    play_open_meteo(playing, clock)
    played(collector, clock, timedelta(minutes=40))
    assert providers_of(store, HUE) == ("open-meteo", "open-meteo")


def with_headers(upstream: LocalUpstream, path: str, clock: Clock, headers: Headers) -> None:
    """Let the answers at a path have these headers, too."""
    play = upstream._plays[path]  # noqa: SLF001 - what plays there stays, only headers are added

    def told(asked: ReceivedRequest) -> Reply:
        reply = play(asked)
        assert isinstance(reply, Reply)
        dated = {"Date": http_date(clock.now)}
        return Reply(reply.status, reply.body, reply.headers | dated | headers(clock.now))

    upstream.handle(path, told)


def played(
    collector: WeatherCollector, clock: Clock, length: timedelta, look: Callable[[], object] = lambda: None
) -> None:
    """Let that much time pass, with a pass whenever the collector has something to do."""
    end = clock.now + length
    while clock.now < end:
        collector.run()
        look()
        clock.now = min(max(collector.wake_at(), clock.now + timedelta(seconds=1)), end)


def test_what_follows_an_outage_begins_with_what_is_told_now(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    """W5: ten degrees and heavy rain never stand above hours that begin dry and warm."""
    collector = a_collector(store, playing, clock)
    collector.run()
    play_met_norway(playing, clock, cold_and_wet)
    playing.answer(OM_PATH, 503)
    clock.advance(timedelta(minutes=45))
    collector.run()
    for place in PLACES:
        assert providers_of(store, place) == ("met-norway", "met-norway")
        forecast = shown(store, place, clock.now)
        assert forecast.current is not None
        assert (forecast.current.temperature, forecast.hours[0].temperature) == (10.0, 10.0)
    play_open_meteo(playing, clock)
    clock.advance(timedelta(minutes=45))
    collector.run()
    for place in PLACES:
        assert providers_of(store, place) == ("open-meteo", "open-meteo")


def test_hours_that_one_provider_lacks_take_the_current_values_of_the_other_along(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    """OpenWeather's 2.5 has current values and hours at two addresses, and only the first one answers."""
    play_openweather(playing, clock)
    playing.answer(OWM_PATHS[1], 503)
    ours = [OpenWeather(playing.url("/data/2.5"), "key"), both(playing)[0]]
    collector = a_collector(store, playing, clock, places=[DONG_HA], providers=ours)
    for _ in range(6):
        collector.run()
        assert providers_of(store, DONG_HA) == ("open-meteo", "open-meteo")
        clock.advance(timedelta(minutes=15))
    play_openweather(playing, clock)
    clock.advance(timedelta(minutes=15))
    collector.run()
    assert providers_of(store, DONG_HA) == ("openweather", "openweather")


def test_the_hours_of_one_provider_stay_where_its_quota_is_spent(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    play_openweather(playing, clock)
    playing.answer(OM_PATH, 503)
    first, last = both(playing)
    ours = [first, OpenWeather(playing.url("/data/2.5"), "key", daily_budget=7), last]
    collector = a_collector(store, playing, clock, places=[DONG_HA], providers=ours)
    played(collector, clock, timedelta(hours=3))
    calls = [asked for asked in playing.requests if asked.path in OWM_PATHS]
    assert 1 < len(calls) <= 7
    assert providers_of(store, DONG_HA) == ("met-norway", "met-norway")
    assert shown(store, DONG_HA, clock.now).state is State.FRESH


LONG: dict[str, Headers] = {
    "max-age of a day": lambda _: {"Cache-Control": "public, max-age=86400"},
    "max-age of a year": lambda _: {"Cache-Control": "max-age=31536000, immutable"},
    "Expires tomorrow": lambda now: {"Expires": http_date(now + DAY)},
    "Expires in a month": lambda now: {"Expires": http_date(now + 30 * DAY)},
    "Expires in another century": lambda _: {"Expires": "Fri, 31 Dec 9999 23:59:59 GMT"},
    "both clocks a day ahead": lambda now: {
        "Date": http_date(now + DAY),
        "Expires": http_date(now + 2 * DAY),
    },
}


@pytest.mark.parametrize("long", LONG)
def test_a_preferred_provider_that_forbids_to_be_asked_for_a_day_is_filled_in_for(
    long: str, store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    """W9. Nothing is stale, and it is asked again when a day has passed: also with a restart in between."""
    with_headers(playing, OM_PATH, clock, LONG[long])
    start = clock.now

    def fresh() -> None:
        forecast = shown(store, DONG_HA, clock.now)
        assert forecast.state is State.FRESH
        assert forecast.hours
        current, hours = providers_of(store, DONG_HA)
        assert current == hours

    played(a_collector(store, playing, clock, places=[DONG_HA]), clock, timedelta(hours=4), fresh)
    assert providers_of(store, DONG_HA) == ("met-norway", "met-norway")
    assert len(playing.requests_for(OM_PATH)) == 2
    again = a_collector(SqliteStore(store.path), playing, clock, places=[DONG_HA])
    again.run(forced=True)
    assert len(playing.requests_for(OM_PATH)) == 2
    clock.now = max(clock.now, start + DAY - timedelta(minutes=30))
    played(again, clock, timedelta(minutes=29))
    assert len(playing.requests_for(OM_PATH)) == 2
    fresh()
    played(again, clock, timedelta(minutes=20))
    fresh()
    assert len(playing.requests_for(OM_PATH)) == 4
    assert providers_of(store, DONG_HA) == ("open-meteo", "open-meteo")


SHORT: dict[str, Headers] = {
    "Expires in the past": lambda now: {"Expires": http_date(now - DAY)},
    "garbage": lambda _: {"Expires": "soon", "Cache-Control": "max-age=often"},
    "zero": lambda _: {"Expires": "0", "Cache-Control": "max-age=0"},
    "a lifetime that is over": lambda _: {"Cache-Control": "max-age=86400", "Age": "90000"},
    "a lifetime for others": lambda _: {"Cache-Control": "s-maxage=86400"},
    "an Expires that is over at its own Date": lambda now: {
        "Date": http_date(now + 2 * DAY),
        "Expires": http_date(now + DAY),
    },
}


@pytest.mark.parametrize("short", SHORT)
def test_what_forbids_nothing_changes_nothing(
    short: str, store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    with_headers(playing, OM_PATH, clock, SHORT[short])
    collector = a_collector(store, playing, clock, places=[DONG_HA])
    played(collector, clock, timedelta(hours=1))
    assert len(playing.requests_for(OM_PATH)) == 6
    assert not playing.requests_for(MET_PATH)


def test_a_304_may_forbid_as_much_as_an_answer(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    ours = list(reversed(both(playing)))
    collector = a_collector(store, playing, clock, places=[DONG_HA], providers=ours)
    collector.run()
    playing.handle(MET_PATH, lambda _: Reply(304, headers={"Cache-Control": "max-age=604800"}))
    clock.advance(timedelta(minutes=40))
    confirmed_at = clock.now
    collector.run()
    assert playing.requests_for(MET_PATH)[-1].headers["if-modified-since"]
    played(collector, clock, timedelta(hours=2), lambda: _assert_fresh(store, clock))
    assert len(playing.requests_for(MET_PATH)) == 2
    assert providers_of(store, DONG_HA) == ("open-meteo", "open-meteo")
    clock.now = confirmed_at + DAY + timedelta(minutes=6)
    collector.run()
    assert len(playing.requests_for(MET_PATH)) == 3


def _assert_fresh(store: SqliteStore, clock: Clock) -> None:
    assert shown(store, DONG_HA, clock.now).state is State.FRESH


def test_an_answer_without_a_temperature_forbids_as_much_as_one_with_it(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    def cold(answer: Any) -> Any:
        answer["properties"]["timeseries"][0]["data"]["instant"]["details"].pop("air_temperature")
        return answer

    play_met_norway(playing, clock, cold)
    with_headers(playing, MET_PATH, clock, lambda _: {"Cache-Control": "max-age=7200"})
    ours = list(reversed(both(playing)))
    played(a_collector(store, playing, clock, places=[DONG_HA], providers=ours), clock, timedelta(hours=1))
    again = a_collector(SqliteStore(store.path), playing, clock, places=[DONG_HA], providers=ours)
    played(again, clock, timedelta(minutes=59))
    assert len(playing.requests_for(MET_PATH)) == 1
    assert shown(store, DONG_HA, clock.now).state is State.FRESH


def test_the_only_provider_is_not_asked_before_its_expires_and_a_day_is_the_longest(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    with_headers(playing, MET_PATH, clock, lambda _: {"Cache-Control": "max-age=9999999999"})
    only = [MetNorway(playing.url(MET_PATH))]
    collector = a_collector(store, playing, clock, places=[HUE], providers=only)
    start = clock.now
    played(collector, clock, DAY - timedelta(minutes=1))
    assert len(playing.requests) == 1
    played(collector, clock, timedelta(minutes=2))
    assert len(playing.requests) == 2
    assert clock.now < start + DAY + timedelta(minutes=2)


def test_what_an_earlier_version_believed_for_a_year_is_believed_for_a_day(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    a_collector(store, playing, clock, places=[DONG_HA]).run()
    for dataset in Dataset:
        key = records.weather_key(dataset, "dong-ha")
        fields = json.loads(store.read([key])[key])
        fields["not_before"] = (clock.now + 365 * DAY).isoformat()
        store.write({key: json.dumps(fields).encode()})
    collector = a_collector(store, playing, clock, places=[DONG_HA])
    clock.advance(timedelta(hours=1))
    collector.run()
    assert providers_of(store, DONG_HA) == ("met-norway", "met-norway")
    clock.advance(DAY)
    collector.run()
    assert providers_of(store, DONG_HA) == ("open-meteo", "open-meteo")


def test_a_provider_that_refused_us_is_tried_before_data_is_stale_once_the_other_one_fails(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    playing.answer(OM_PATH, 403)
    collector = a_collector(store, playing, clock, places=[DONG_HA])
    played(collector, clock, timedelta(hours=10))
    refused = len(playing.requests_for(OM_PATH))
    assert refused <= 6
    play_open_meteo(playing, clock)
    playing.answer(MET_PATH, 503)
    played(collector, clock, timedelta(hours=1), lambda: _assert_fresh(store, clock))
    assert providers_of(store, DONG_HA) == ("open-meteo", "open-meteo")
    assert GOALS.stale_after == timedelta(minutes=90)

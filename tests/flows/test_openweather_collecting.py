"""OpenWeather from the request to what a reader is shown: 2.5 in two responses, One Call in one."""

import logging
from datetime import timedelta

import pytest
from local_upstream import LocalUpstream
from weather_upstreams import DONG_HA, MET_PATH, Clock, a_collector, play_met_norway, play_openweather, shown

from service.collector.loop import PassResult
from service.core.errors import Cause
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.openweather.provider import OpenWeather

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


def openweather(upstream: LocalUpstream, path: str = "/data/2.5") -> OpenWeather:
    return OpenWeather(upstream.url(path), KEY)


def test_2_5_is_asked_for_each_dataset_and_has_a_temperature_every_three_hours(
    store: SqliteStore, upstream: LocalUpstream, clock: Clock
) -> None:
    play_openweather(upstream, clock)
    collector = a_collector(store, upstream, clock, places=[DONG_HA], providers=[openweather(upstream)])
    assert collector.run() == PassResult(requested=2, failed=0)
    assert [asked.path for asked in upstream.requests] == ["/data/2.5/weather", "/data/2.5/forecast"]
    assert {asked.query["appid"] for asked in upstream.requests} == {KEY}
    forecast = shown(store, DONG_HA, clock.now)
    assert forecast.current is not None
    assert (forecast.provider_id, forecast.current.temperature) == ("openweather", 21.5)
    assert len(forecast.hours) == 48
    known = [n for n, hour in enumerate(forecast.hours) if hour.temperature is not None]
    assert known == list(range(3, 48, 3))
    assert {round(hour.precipitation or 0, 6) for hour in forecast.hours} == {0.4}


def test_one_call_is_asked_once_for_both(store: SqliteStore, upstream: LocalUpstream, clock: Clock) -> None:
    play_openweather(upstream, clock)
    providers = [openweather(upstream, "/data/3.0/onecall")]
    collector = a_collector(store, upstream, clock, places=[DONG_HA], providers=providers)
    assert collector.run() == PassResult(requested=1, failed=0)
    forecast = shown(store, DONG_HA, clock.now)
    assert len(forecast.hours) == 48
    assert None not in {hour.temperature for hour in forecast.hours}
    clock.advance(timedelta(minutes=20))
    assert collector.run() == PassResult(requested=1, failed=0)
    assert upstream.requests[-1].headers["if-none-match"] == '"onecall"'


def test_a_response_is_never_taken_for_that_of_another_address(
    store: SqliteStore, upstream: LocalUpstream, clock: Clock
) -> None:
    play_openweather(upstream, clock)
    collector = a_collector(store, upstream, clock, places=[DONG_HA], providers=[openweather(upstream)])
    for _ in range(3):
        assert collector.run() == PassResult(requested=2, failed=0)
        clock.advance(timedelta(hours=5))
    assert not any("if-none-match" in asked.headers for asked in upstream.requests)


@pytest.mark.parametrize(
    ("code", "cause"),
    [(401, Cause.FORBIDDEN), ("429", Cause.RATE_LIMITED), ("404", Cause.GONE), (500, Cause.BROKEN)],
)
def test_an_error_with_status_200_lets_the_next_provider_fill_in_and_leaks_no_key(  # noqa: PLR0913, PLR0917 - what a pass needs
    code: int | str,
    cause: Cause,
    store: SqliteStore,
    upstream: LocalUpstream,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    play_openweather(upstream, clock, code)
    play_met_norway(upstream, clock)
    providers = [openweather(upstream), MetNorway(upstream.url(MET_PATH))]
    a_collector(store, upstream, clock, places=[DONG_HA], providers=providers).run()
    assert shown(store, DONG_HA, clock.now).provider_id == "met-norway"
    assert f"({cause.value})" in caplog.text
    assert KEY not in caplog.text
    assert not any(KEY.encode() in value for value in store.read(store.keys("")).values())
    key = records.quota_key("openweather")
    quota = records.quota_from_bytes(store.read([key])[key])
    assert quota.backoff_until is not None or quota.skipped_places
    assert [numbers for numbers in quota.history.until(clock.now) if any(numbers)] == [(0, 1)]

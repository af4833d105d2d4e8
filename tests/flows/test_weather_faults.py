"""Providers that are down, slow, rude or lying: the next one fills in, or the last good data stays."""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from local_upstream import LocalUpstream, Reply
from weather_upstreams import (
    DONG_HA,
    HUE,
    MET_PATH,
    OM_PATH,
    PLACES,
    START,
    Clock,
    a_collector,
    http_date,
    play_met_norway,
    play_open_meteo,
    shown,
)

from service.core.freshness import State
from service.storage.store import SqliteStore
from service.weather.provider import ProviderForecast
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo

pytestmark = pytest.mark.uncounted

Change = Callable[[Any], Any]


def each(answer: Any, change: Callable[[dict[str, Any]], object]) -> Any:
    for part in answer if isinstance(answer, list) else [answer]:
        change(part)
    return answer


def without_units(answer: Any) -> Any:
    return each(answer, lambda part: [part.pop(name, None) for name in ("current_units", "hourly_units")])


def of_elsewhere(answer: Any) -> Any:
    return each(answer, lambda part: part.update(latitude=part["latitude"] + 30))


def hours_off(answer: Any) -> Any:
    def shift(part: dict[str, Any]) -> None:
        for section in ("current", "hourly"):
            times = part.get(section, {}).get("time")
            moved = [_later(time) for time in times] if isinstance(times, list) else times and _later(times)
            if moved:
                part[section]["time"] = moved

    return each(answer, shift)


def _later(time: str) -> str:
    return (datetime.fromisoformat(time) + timedelta(hours=11 * 24)).strftime("%Y-%m-%dT%H:%M")


def one_place_short(answer: Any) -> Any:
    return answer[:-1]


LIES: dict[str, Change] = {
    "an error object with status 200": lambda _: {"error": True, "reason": "Something went wrong."},
    "no units": without_units,
    "another place": of_elsewhere,
    "another time": hours_off,
    "a place too few": one_place_short,
    "nothing but null": lambda _: None,
    "an empty list": lambda _: [],
    "a number": lambda _: 42,
}
BODIES = {
    "an HTML page with status 200": b"<!DOCTYPE html><html><body>Welcome to nginx!</body></html>",
    "JSON that breaks off": b'[{"latitude": 16.75, "current": {"time": "Unexpected error while',
    "no text": b"\xff\xfe\x00\x01",
    "nothing": b"",
    "depth without end": b"[" * 100_000,
}


def test_while_all_is_well_only_the_preferred_provider_is_asked(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    a_collector(store, playing, clock).run()
    assert not playing.requests_for(MET_PATH)


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_of_the_first_provider_is_made_good_by_the_second_in_the_same_pass(
    lie: str, store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    play_open_meteo(playing, clock, LIES[lie])
    result = a_collector(store, playing, clock).run()
    assert result.failed
    for place in PLACES:
        forecast = shown(store, place, clock.now)
        assert forecast.provider_id == "met-norway"
        assert forecast.state is State.FRESH
        assert forecast.hours


@pytest.mark.parametrize("lie", [*LIES, *BODIES])
def test_a_lie_of_the_only_provider_leaves_the_last_good_data_with_its_time(
    lie: str, store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    only = [OpenMeteo(playing.url(OM_PATH))]
    collector = a_collector(store, playing, clock, providers=only)
    collector.run()
    before = shown(store, HUE, clock.now)
    if lie in LIES:
        play_open_meteo(playing, clock, LIES[lie])
    else:
        playing.answer(OM_PATH, 200, BODIES[lie])
    clock.advance(timedelta(hours=2))
    assert collector.run().failed
    after = shown(store, HUE, clock.now)
    assert after.state is State.STALE
    assert after.current == before.current
    assert after.fetched_at == before.fetched_at
    assert shown(store, HUE, START + timedelta(hours=6, minutes=1)).current is None
    play_open_meteo(playing, clock)
    clock.advance(timedelta(minutes=31))
    collector.run()
    assert shown(store, HUE, clock.now).state is State.FRESH


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer["geometry"].update(coordinates=[10.75, 59.9, 3]) or answer,
        lambda answer: answer["properties"].update(timeseries=[]) or answer,
        lambda _: {"type": "Feature"},
    ],
    ids=["another place", "an empty series", "no properties"],
)
def test_a_lie_of_met_norway_leaves_the_last_good_data(
    change: Change, store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    collector = a_collector(store, playing, clock, providers=[MetNorway(playing.url(MET_PATH))])
    collector.run()
    before = shown(store, DONG_HA, clock.now)
    play_met_norway(playing, clock, change)
    clock.advance(timedelta(hours=2))
    collector.run()
    after = shown(store, DONG_HA, clock.now)
    assert after.current == before.current
    assert after.fetched_at == before.fetched_at
    assert after.state is State.STALE


def test_not_a_number_costs_one_value_and_not_the_answer(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    def spoil(answer: Any) -> Any:
        if "current" in answer[0]:
            answer[0]["current"]["relative_humidity_2m"] = float("nan")
        return answer

    play_open_meteo(playing, clock, spoil)
    a_collector(store, playing, clock).run()
    first, second = (shown(store, place, clock.now).current for place in (DONG_HA, HUE))
    assert first is not None
    assert second is not None
    assert first.humidity is None
    assert first.temperature is not None
    assert second.humidity is not None


def test_one_unusable_place_is_told_by_the_second_provider_and_not_asked_of_the_first_again(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    def spoil(answer: Any) -> Any:
        for part in answer if isinstance(answer, list) else [answer]:
            if abs(part["latitude"] - HUE.latitude) < 0.2:
                part["latitude"] = 0
        return answer

    play_open_meteo(playing, clock, spoil)
    collector = a_collector(store, playing, clock)
    collector.run()
    assert {shown(store, place, clock.now).provider_id for place in (DONG_HA, HUE)} == {
        "open-meteo",
        "met-norway",
    }
    assert len(playing.requests_for(MET_PATH)) == 1
    clock.advance(timedelta(minutes=15))
    collector.run()
    assert str(HUE.latitude) not in playing.requests[-1].query["latitude"]


@pytest.mark.parametrize("said", ["our clock", "another clock"])
def test_the_log_says_which_clock_the_date_of_an_answer_supports(
    said: str,
    store: SqliteStore,
    upstream: LocalUpstream,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    theirs = Clock(clock.now + timedelta(hours=9))
    play_open_meteo(upstream, theirs)
    play = upstream._plays[OM_PATH]  # noqa: SLF001 - the answer is theirs, only its Date is changed

    def dated(asked: Any) -> Reply:
        reply = play(asked)
        assert isinstance(reply, Reply)
        date = http_date(clock.now if said == "our clock" else theirs.now)
        return Reply(reply.status, reply.body, {**reply.headers, "Date": date})

    upstream.handle(OM_PATH, dated)
    only = [OpenMeteo(upstream.url(OM_PATH))]
    with caplog.at_level(logging.WARNING):
        a_collector(store, upstream, clock, providers=only).run()
    assert f"supports {said}" in caplog.text
    assert shown(store, HUE, clock.now).state is State.UNAVAILABLE


def test_a_provider_that_hangs_is_given_up_at_the_deadline(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    playing.hang(OM_PATH)
    a_collector(store, playing, clock, deadlines={OM_PATH: timedelta(seconds=0.5)}).run()
    assert len(playing.requests_for(OM_PATH)) == 1
    assert playing.most_at_once[OM_PATH] == 1
    assert shown(store, HUE, clock.now).provider_id == "met-norway"


@pytest.mark.parametrize(
    ("reply", "quiet_for"),
    [
        (Reply(503), timedelta(seconds=10)),
        (Reply(500, headers={"Retry-After": "1200"}), timedelta(seconds=1_190)),
        (Reply(429), timedelta(minutes=14)),
        (Reply(429, headers={"Retry-After": "7200"}), timedelta(minutes=119)),
        (Reply(401), timedelta(minutes=29)),
        (Reply(403), timedelta(minutes=29)),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Reply) else str(value),
)
def test_a_provider_that_failed_rests_as_its_failure_deserves_and_comes_back(
    reply: Reply,
    quiet_for: timedelta,
    store: SqliteStore,
    playing: LocalUpstream,
    clock: Clock,
) -> None:
    playing.handle(OM_PATH, lambda _: reply)
    collector = a_collector(store, playing, clock, providers=[OpenMeteo(playing.url(OM_PATH))])
    collector.run()
    assert len(playing.requests) == 1
    clock.advance(quiet_for)
    assert collector.run().requested == 0
    assert collector.wake_at() > clock.now
    play_open_meteo(playing, clock)
    clock.now = collector.wake_at()
    assert collector.run().requested == 2
    assert shown(store, HUE, clock.now).state is State.FRESH


def test_a_force_that_fails_does_not_hammer(store: SqliteStore, playing: LocalUpstream, clock: Clock) -> None:
    playing.answer(MET_PATH, 429)
    collector = a_collector(store, playing, clock, providers=[MetNorway(playing.url(MET_PATH))])
    collector.run()
    assert len(playing.requests) == 1
    collector.run(forced=True)
    assert len(playing.requests) == 2


def test_a_page_that_came_with_a_date_of_change_is_not_confirmed_for_ever(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    """A captive portal answers 200 with validators; the 304 that follows would speak of its page."""
    collector = a_collector(
        store, playing, clock, places=[DONG_HA], providers=[MetNorway(playing.url(MET_PATH))]
    )
    playing.answer(MET_PATH, 200, b"<html>sign in</html>", {"Last-Modified": http_date(START)})
    collector.run()
    clock.advance(timedelta(hours=1))
    collector.run()
    assert all("if-modified-since" not in asked.headers for asked in playing.requests)


class Mistaken(OpenMeteo):
    """A reader with a mistake in it."""

    def parse(self, body: bytes, places: Any, now: datetime) -> list[ProviderForecast | None]:
        raise ZeroDivisionError(json.loads(body)[0]["latitude"], places, now)


def test_a_mistake_in_a_reader_costs_its_provider_and_not_the_collector(
    store: SqliteStore, playing: LocalUpstream, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    providers = [Mistaken(playing.url(OM_PATH)), MetNorway(playing.url(MET_PATH))]
    a_collector(store, playing, clock, providers=providers).run()
    assert "ZeroDivisionError" in caplog.text
    assert shown(store, HUE, clock.now).provider_id == "met-norway"


def test_a_key_of_a_paid_plan_never_reaches_the_log(
    store: SqliteStore, playing: LocalUpstream, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    playing.answer(OM_PATH, 400, b'{"error": true, "reason": "invalid key s3cr3t-k3y"}')
    providers = [OpenMeteo(playing.url(OM_PATH), api_key="s3cr3t-k3y")]
    with caplog.at_level(logging.DEBUG):
        a_collector(store, playing, clock, providers=providers).run()
    assert playing.requests[0].headers["x-api-key"] == "s3cr3t-k3y"
    assert "s3cr3t-k3y" not in caplog.text

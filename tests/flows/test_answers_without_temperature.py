"""An answer without a temperature is none: the next provider is asked in the same pass, and why is told."""

import json
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from local_upstream import LocalUpstream, Reply
from weather_upstreams import (
    DONG_HA,
    HUE,
    MET_PATH,
    OM_PATH,
    PLACES,
    Clock,
    a_collector,
    both,
    play_met_norway,
    play_open_meteo,
    shown,
)

from service.core.errors import Cause
from service.core.freshness import State
from service.places.model import Place
from service.storage.decisions import SqliteDecisions
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import Dataset
from service.weather.providers.met_norway.provider import MetNorway

pytestmark = pytest.mark.uncounted

Change = Callable[[dict[str, Any]], object]


def each(change: Change, place: Place | None = None) -> Callable[[Any], Any]:
    """Change the parts of all places in an answer of Open-Meteo, or that of one place."""

    def changed(answer: Any) -> Any:
        for part in answer if isinstance(answer, list) else [answer]:
            if place is None or abs(part["latitude"] - place.latitude) < 0.2:
                change(part)
        return answer

    return changed


def without_current_temperature(part: dict[str, Any]) -> None:
    if "current" in part:
        part["current"]["temperature_2m"] = None


def with_daylight_alone(part: dict[str, Any]) -> None:
    if "current" in part:
        part["current"] = {name: part["current"][name] for name in ("time", "interval", "is_day")}


def with_an_impossible_temperature(part: dict[str, Any]) -> None:
    if "current" in part:
        part["current"]["temperature_2m"] = 99.9


def with_a_temperature_in_words(part: dict[str, Any]) -> None:
    if "current" in part:
        part["current"]["temperature_2m"] = "27.1"


def without_a_section_of_current_values(part: dict[str, Any]) -> None:
    part.pop("current", None)


CURRENT_CHANGES = [
    without_current_temperature,
    with_daylight_alone,
    with_an_impossible_temperature,
    with_a_temperature_in_words,
]


def hours_known(known: Callable[[int], bool]) -> Change:
    """Leave the temperatures of those of the hours from now on that are known, by their number from now."""

    def change(part: dict[str, Any]) -> None:
        if "hourly" in part:
            temperatures = part["hourly"]["temperature_2m"]
            now = 3 + round(part["utc_offset_seconds"] / 3600)  # the tests begin at 03:20 UTC
            part["hourly"]["temperature_2m"] = [
                value if known(position - now) else None for position, value in enumerate(temperatures)
            ]

    return change


def provider_of(store: SqliteStore, dataset: Dataset, place: Place) -> str | None:
    key = records.weather_key(dataset, place.id)
    read = records.current_from_bytes if dataset is Dataset.CURRENT else records.hourly_from_bytes
    stored = read(store.read([key]).get(key))
    return stored.provider_id if stored else None


def providers_of(store: SqliteStore, place: Place) -> list[str | None]:
    return [provider_of(store, dataset, place) for dataset in Dataset]


@pytest.mark.parametrize("change", CURRENT_CHANGES, ids=lambda change: change.__name__)
def test_current_values_without_a_temperature_are_told_by_the_next_provider_in_the_same_pass(
    change: Change, store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    play_open_meteo(playing, clock, each(change))
    assert a_collector(store, playing, clock).run().failed == 1
    for place in PLACES:
        assert providers_of(store, place) == ["met-norway", "met-norway"]
        forecast = shown(store, place, clock.now)
        assert forecast.current is not None
        assert forecast.current.temperature is not None
        assert len(forecast.hours) == 48


@pytest.mark.parametrize(
    ("known", "is_answer"),
    [
        (lambda hour: hour < 0, False),
        (lambda hour: hour >= 48, False),
        (lambda hour: hour < 23, False),
        (lambda hour: hour < 24, True),
        (lambda hour: hour >= 24, True),
        (lambda hour: hour >= 25, False),
        (lambda hour: hour % 2 == 0, True),
        (lambda hour: hour % 3 == 0, False),
        (lambda _: False, False),
        (lambda _: True, True),
    ],
)
def test_hours_are_an_answer_where_half_of_the_next_48_have_a_temperature(
    known: Callable[[int], bool],
    is_answer: bool,
    store: SqliteStore,
    playing: LocalUpstream,
    clock: Clock,
) -> None:
    play_open_meteo(playing, clock, each(hours_known(known)))
    a_collector(store, playing, clock).run()
    for place in PLACES:
        assert providers_of(store, place) == ["open-meteo" if is_answer else "met-norway"] * 2


def test_one_place_of_many_without_a_temperature_is_told_by_the_next_provider_and_no_other(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    play_open_meteo(playing, clock, each(without_current_temperature, HUE))
    collector = a_collector(store, playing, clock)
    assert collector.run().failed == 0
    assert providers_of(store, HUE) == ["met-norway", "met-norway"]
    assert providers_of(store, DONG_HA) == ["open-meteo", "open-meteo"]
    assert len(playing.requests_for(MET_PATH)) == 1
    store.write({records.demand_key("hue"): records.instant_to_bytes(clock.now)})
    clock.advance(timedelta(minutes=15))
    collector.run()
    asked = playing.requests_for(OM_PATH)[-1].query["latitude"]
    assert (str(DONG_HA.latitude) in asked, str(HUE.latitude) in asked) == (True, False)
    play_open_meteo(playing, clock)
    clock.advance(timedelta(minutes=17))
    collector.run()
    assert providers_of(store, HUE) == ["open-meteo", "open-meteo"]


def without_met_temperature(hours: Callable[[int], bool]) -> Callable[[Any], Any]:
    def change(answer: Any) -> Any:
        for position, entry in enumerate(answer["properties"]["timeseries"]):
            if hours(position):
                del entry["data"]["instant"]["details"]["air_temperature"]
        return answer

    return change


@pytest.mark.parametrize(
    "hours",
    [lambda hour: hour == 0, lambda hour: hour > 0, lambda _: True],
    ids=["now", "ahead", "everywhere"],
)
def test_an_answer_with_both_is_held_against_both(
    hours: Callable[[int], bool], store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    play_met_norway(playing, clock, without_met_temperature(hours))
    providers = list(reversed(both(playing)))
    a_collector(store, playing, clock, providers=providers).run()
    for place in PLACES:
        assert providers_of(store, place) == ["open-meteo", "open-meteo"]


def test_the_last_good_values_stay_where_nobody_has_a_temperature(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    collector = a_collector(store, playing, clock)
    collector.run()
    before = shown(store, HUE, clock.now)
    play_open_meteo(playing, clock, each(without_current_temperature))
    play_met_norway(playing, clock, without_met_temperature(lambda _: True))
    clock.advance(timedelta(minutes=100))
    assert collector.run().failed
    after = shown(store, HUE, clock.now)
    assert (after.state, after.current) == (State.STALE, before.current)
    clock.advance(timedelta(hours=5))
    assert shown(store, HUE, clock.now).state is State.UNAVAILABLE
    play_open_meteo(playing, clock)
    clock.now = collector.wake_at()
    collector.run()
    assert shown(store, HUE, clock.now).state is State.FRESH


def test_a_provider_without_temperatures_for_three_places_in_a_row_rests_as_a_whole(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    play_met_norway(playing, clock, without_met_temperature(lambda _: True))
    only = [MetNorway(playing.url(MET_PATH))]
    many = [
        Place(f"p-{n}", {"vi": "-", "en": "-"}, "VN", 9.0 + n, 106.0, "Asia/Ho_Chi_Minh") for n in range(6)
    ]
    a_collector(store, playing, clock, places=many, providers=only).run()
    assert len(playing.requests) == 3
    key = records.quota_key("met-norway")
    quota = records.quota_from_bytes(store.read([key])[key])
    assert quota.cause is Cause.INCOMPLETE
    assert quota.in_backoff(clock.now)


def test_one_place_that_never_has_a_temperature_does_not_rest_its_provider(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    play_met_norway(playing, clock, without_met_temperature(lambda _: True))
    only = [MetNorway(playing.url(MET_PATH))]
    collector = a_collector(store, playing, clock, places=[HUE], providers=only)
    for asked in range(1, 7):
        collector.run()
        assert len(playing.requests) == asked
        clock.advance(timedelta(minutes=36))
    key = records.quota_key("met-norway")
    assert not records.quota_from_bytes(store.read([key])[key]).cause


@pytest.mark.parametrize("dataset", ["current", "outlook"])
def test_the_log_and_why_say_the_cause_the_time_of_the_values_and_when_it_is_asked_again(
    dataset: str,
    store: SqliteStore,
    playing: LocalUpstream,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    change = without_current_temperature if dataset == "current" else hours_known(lambda _: False)
    play_open_meteo(playing, clock, each(change, HUE))
    decisions = SqliteDecisions(store)
    with caplog.at_level(logging.WARNING):
        a_collector(store, playing, clock, decisions=decisions).run()
    (line,) = caplog.messages
    assert re.match(
        rf"open-meteo: {dataset} refused for hue: .*2026-11-22 03:[012]\d UTC.* temperature.*"
        r" Its Date supports our clock\. Asked for it again from 2026-11-22 03:50 UTC\.\Z",
        line,
    )
    told = {(one.group, one.subject): one for one in decisions.about("hue")}
    refused = told["weather/open-meteo", f"hue/{dataset}"]
    assert refused.outcome == "refused"
    assert refused.next_at == refused.at + timedelta(minutes=30)
    assert "temperature" in refused.detail
    assert "03:" in refused.detail
    assert told["weather/met-norway", f"hue/{dataset}"].outcome == "stored"


def test_what_an_earlier_version_stored_without_a_temperature_is_asked_for_at_once(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    a_collector(store, playing, clock).run()
    key = records.weather_key(Dataset.CURRENT, "hue")
    fields = json.loads(store.read([key])[key])
    store.write({key: json.dumps(fields | {"temperature": None}).encode()})
    collector = a_collector(store, playing, clock)
    assert collector.run().requested == 1
    current = shown(store, HUE, clock.now).current
    assert current is not None
    assert current.temperature is not None


def test_a_kept_answer_that_a_304_confirms_is_held_against_the_hours_that_are_left_of_it(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    only = [MetNorway(playing.url(MET_PATH))]
    collector = a_collector(store, playing, clock, places=[DONG_HA], providers=only)
    play_met_norway(playing, clock, without_met_temperature(lambda hour: hour > 30))
    collector.run()
    assert len(shown(store, DONG_HA, clock.now).hours) == 48
    playing.handle(MET_PATH, lambda _: Reply(304))
    for _ in range(12):
        clock.advance(timedelta(hours=1))
        collector.run()
        assert shown(store, DONG_HA, clock.now).state is State.FRESH
    assert "if-modified-since" in playing.requests[-1].headers
    assert shown(store, DONG_HA, clock.now).hours
    clock.advance(timedelta(hours=2))
    collector.run()
    assert shown(store, DONG_HA, clock.now).state is State.FRESH
    assert shown(store, DONG_HA, clock.now).hours == ()

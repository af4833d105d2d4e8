"""Provider, door, collector, store: the ordinary day."""

from dataclasses import replace
from datetime import timedelta

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
    shown,
)

from service.collector.loop import PassResult
from service.core.freshness import State
from service.places.model import Place
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import Dataset
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo


def only_met(upstream: LocalUpstream) -> list[MetNorway]:
    return [MetNorway(upstream.url(MET_PATH))]


def test_all_places_due_go_into_one_request_for_each_kind(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    assert a_collector(store, playing, clock).run() == PassResult(requested=2, failed=0)
    current, hourly = playing.requests
    assert current.query["latitude"] == hourly.query["latitude"] == "16.8163,16.4637,21.0245"
    assert "current" in current.query
    assert "hourly" in hourly.query
    assert playing.most_at_once[OM_PATH] == 1
    for place in PLACES:
        forecast = shown(store, place, clock.now)
        assert forecast.state is State.FRESH
        assert forecast.provider_id == "open-meteo"
        assert len(forecast.hours) == 48
        assert len(forecast.days) == 7


def test_nothing_is_asked_while_data_is_fresh(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    collector = a_collector(store, playing, clock)
    collector.run()
    clock.advance(timedelta(minutes=10))
    assert collector.run() == PassResult()
    assert collector.wake_at() > clock.now
    assert len(playing.requests) == 2


def test_the_place_in_use_is_refreshed_alone_and_the_others_wait_for_their_turn(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    collector = a_collector(store, playing, clock)
    collector.run()
    clock.advance(timedelta(minutes=15))
    collector.run()
    assert playing.requests[-1].query["latitude"] == "16.8163"
    store.write({records.demand_key("hue"): records.instant_to_bytes(clock.now)})
    clock.advance(timedelta(minutes=1))
    collector.run()
    assert playing.requests[-1].query["latitude"] == "16.4637"
    clock.advance(timedelta(minutes=29))
    collector.run()
    assert playing.requests[-1].query["latitude"].count(",") == 2


def test_a_304_means_the_kept_answer_is_read_again_at_the_later_hour(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    clock.now = START.replace(minute=50)
    collector = a_collector(store, playing, clock, places=[DONG_HA], providers=only_met(playing))
    collector.run()
    before = shown(store, DONG_HA, clock.now)
    first = playing.requests[-1]
    assert "if-modified-since" not in first.headers
    playing.handle(MET_PATH, lambda _: Reply(304, headers={"Expires": "soon"}))
    clock.advance(timedelta(minutes=45))
    collector.run()
    assert len(playing.requests) == 2
    assert playing.requests[-1].headers["if-modified-since"]
    after = shown(store, DONG_HA, clock.now)
    assert before.current is not None
    assert after.current is not None
    assert after.current.time == before.current.time + timedelta(hours=1)
    assert after.fetched_at is not None
    assert after.fetched_at > START.replace(minute=50) + timedelta(minutes=44)
    assert after.updated_at == before.updated_at
    assert after.state is State.FRESH


def test_expires_is_respected_also_by_force(store: SqliteStore, playing: LocalUpstream, clock: Clock) -> None:
    collector = a_collector(store, playing, clock, providers=only_met(playing))
    assert collector.run().requested == 3
    assert collector.run(forced=True) == PassResult()
    clock.advance(timedelta(minutes=40))
    assert collector.run(forced=True).requested == 3


def test_force_asks_for_everything_once(store: SqliteStore, playing: LocalUpstream, clock: Clock) -> None:
    collector = a_collector(store, playing, clock)
    collector.run()
    assert collector.run(forced=True) == PassResult(requested=2, failed=0)
    assert not playing.requests_for(MET_PATH)


def test_requests_to_met_norway_are_paced_and_name_a_contact(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    a_collector(store, playing, clock, providers=only_met(playing)).run()
    assert clock.waited == [timedelta(milliseconds=100)] * 3
    assert all("ops@example.gov.vn" in asked.headers["user-agent"] for asked in playing.requests)


def test_one_answer_of_met_norway_serves_both_kinds_also_after_the_first_provider_failed(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    collector = a_collector(store, playing, clock)
    collector.run()
    playing.answer(OM_PATH, 503)
    clock.advance(timedelta(hours=5))
    collector.run()
    assert len(playing.requests_for(MET_PATH)) == 3
    assert shown(store, HUE, clock.now).provider_id == "met-norway"


def test_units_are_charged_before_the_request_goes_out(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    seen = []

    def look(_: object) -> Reply:
        record = SqliteStore(store.path).read([records.quota_key("open-meteo")])[
            records.quota_key("open-meteo")
        ]
        seen.append(records.quota_from_bytes(record).spent_today(clock.now))
        return Reply(503)

    playing.handle(OM_PATH, look)
    a_collector(store, playing, clock).run()
    assert seen == [pytest.approx(3 * OpenMeteo().cost(Dataset.CURRENT))]


def test_what_a_provider_answered_is_counted_with_its_hour_and_when_it_is_due_again(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    collector = a_collector(store, playing, clock)
    requests = collector.run().requested
    key = records.quota_key("open-meteo")
    quota = records.quota_from_bytes(store.read([key])[key])
    assert quota.history.until(clock.now)[-1] == (requests, 0)
    assert quota.next_due is not None
    clock.now = quota.next_due - timedelta(seconds=1)
    assert collector.run().requested == 0
    clock.now = quota.next_due
    assert collector.run().requested > 0


def test_a_place_that_moved_in_the_configuration_does_not_show_the_weather_of_its_old_spot(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    a_collector(store, playing, clock).run()
    moved = Place("hue", HUE.names, "VN", 10.0, 106.0, HUE.timezone)
    a_collector(store, playing, clock, places=[DONG_HA, moved])
    assert shown(store, moved, clock.now).state is State.UNAVAILABLE
    assert shown(store, DONG_HA, clock.now).state is State.FRESH


@pytest.mark.parametrize("writes", [0, 50], ids=["empty", "with more writes than the old one"])
def test_a_store_that_was_replaced_is_filled_anew(
    writes: int, store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    """Others write to the new one as well, before the collector looks at it."""
    collector = a_collector(store, playing, clock)
    collector.run()
    for part in store.path.parent.glob("store.sqlite3*"):
        part.unlink()
    for _ in range(writes):
        store.write({"asked/vinh": b"0"})
    clock.advance(timedelta(minutes=1))
    assert collector.run().requested == 2
    assert shown(store, HUE, clock.now).state is State.FRESH


def test_more_places_than_a_minute_allows_are_asked_for_in_several_minutes_of_one_pass(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    many = [replace(DONG_HA, id=f"p-{n}", latitude=9 + n / 10) for n in range(7)]
    small_plan = OpenMeteo(playing.url(OM_PATH), daily_budget=100)  # six units a minute
    a_collector(store, playing, clock, places=many, providers=[small_plan]).run()
    assert [asked.query["latitude"].count(",") + 1 for asked in playing.requests] == [5, 2, 3, 4]
    for dataset in Dataset:
        assert len(store.keys(f"{dataset.value}/")) == 7
    assert clock.now == START + timedelta(minutes=2)

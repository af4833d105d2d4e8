"""What a restart must neither forget nor repeat, and what a failing store does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from local_upstream import LocalUpstream
from weather_upstreams import HUE, MET_PATH, OM_PATH, Clock, a_collector, play_open_meteo, shown

from service.collector.loop import PassResult
from service.core.errors import StoreError
from service.core.freshness import State
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import Dataset
from service.weather.providers.open_meteo.provider import OpenMeteo


def spent(store: SqliteStore, clock: Clock) -> float:
    key = records.quota_key("open-meteo")
    return records.quota_from_bytes(store.read([key]).get(key)).spent_today(clock.now)


def test_a_restart_asks_for_nothing_that_is_fresh(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    a_collector(store, playing, clock).run()
    again = a_collector(SqliteStore(store.path), playing, clock)
    assert again.run() == PassResult()
    assert len(playing.requests) == 2


def test_a_restart_forgets_no_units(store: SqliteStore, playing: LocalUpstream, clock: Clock) -> None:
    current, hourly = OpenMeteo().cost(Dataset.CURRENT), OpenMeteo().cost(Dataset.HOURLY)
    a_collector(store, playing, clock).run()
    assert spent(store, clock) == pytest.approx(3 * current + 3 * hourly)
    clock.advance(timedelta(minutes=45))
    a_collector(SqliteStore(store.path), playing, clock).run()
    assert spent(store, clock) == pytest.approx(6 * current + 3 * hourly)


def test_a_restart_forgets_no_rest_and_no_count_of_failures(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    playing.answer(OM_PATH, 503)
    only = [OpenMeteo(playing.url(OM_PATH))]
    rests = []
    for _ in range(4):
        collector = a_collector(SqliteStore(store.path), playing, clock, providers=only)
        assert collector.run() == PassResult(requested=1, failed=1)
        again = a_collector(SqliteStore(store.path), playing, clock, providers=only)
        assert again.run() == PassResult()
        rests.append(again.wake_at() - clock.now)
        clock.now = again.wake_at()
    assert rests == [timedelta(seconds=seconds) for seconds in (15, 30, 60, 120)]
    play_open_meteo(playing, clock)
    a_collector(SqliteStore(store.path), playing, clock, providers=only).run()
    assert shown(store, HUE, clock.now).state is State.FRESH


def test_a_restart_forgets_no_expires(store: SqliteStore, playing: LocalUpstream, clock: Clock) -> None:
    playing.answer(OM_PATH, 500)
    a_collector(store, playing, clock).run()
    asked = len(playing.requests_for(MET_PATH))
    clock.advance(timedelta(minutes=20))
    a_collector(SqliteStore(store.path), playing, clock).run(forced=True)
    assert len(playing.requests_for(MET_PATH)) == asked == 3


@dataclass
class Failing:
    """A real store whose disk is full after so many writes."""

    store: SqliteStore
    writes_left: int
    asked: list[str] = field(default_factory=list)

    def write(self, kept: Mapping[str, bytes]) -> None:
        if self.writes_left <= 0:
            raise StoreError("database or disk is full")
        self.writes_left -= 1
        self.store.write(kept)

    def read(self, wanted: Sequence[str]) -> dict[str, bytes]:
        return self.store.read(wanted)

    def delete(self, unwanted: Sequence[str]) -> None:
        self.store.delete(unwanted)

    def keys(self, prefix: str) -> list[str]:
        return self.store.keys(prefix)

    def origin(self) -> int:
        return self.store.origin()

    def last_write(self) -> int:
        return self.store.last_write()

    def written_since(self, number: int) -> list[str]:
        return self.store.written_since(number)


@pytest.mark.parametrize("writes", [1, 2, 3, 4])
def test_a_store_that_fails_in_mid_pass_ends_the_pass_and_the_next_one_goes_on(
    writes: int, store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    failing = Failing(store, writes)
    collector = a_collector(failing, playing, clock)
    with pytest.raises(StoreError, match="disk is full"):
        collector.run()
    before = len(playing.requests)
    with pytest.raises(StoreError, match="disk is full"):
        collector.run()
    assert len(playing.requests) == before, "nothing is fetched that cannot be kept"
    failing.writes_left = 100
    collector.run()
    assert shown(store, HUE, clock.now).state is State.FRESH
    assert shown(store, HUE, clock.now).hours
    assert len(playing.requests) <= 4

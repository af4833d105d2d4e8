"""What a restart must neither forget nor repeat, and what a failing store does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from local_upstream import LocalUpstream, ReceivedRequest, Reply
from weather_upstreams import HUE, MET_PATH, OM_PATH, Clock, a_collector, play_open_meteo, shown

from service.bootstrap_collect import make_weather_collector
from service.collector.loop import PassResult
from service.core.errors import StoreError
from service.core.freshness import State
from service.demo import met_norway
from service.settings.load import load
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import Dataset
from service.weather.providers.met_norway.provider import MetNorway
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
    store: SqliteStore, playing: LocalUpstream, clock: Clock, caplog: pytest.LogCaptureFixture
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
    told = [message.partition(" more")[0] for message in caplog.messages if " rests for " in message]
    assert told == [f"open-meteo: rests for {length}" for length in rests]
    play_open_meteo(playing, clock)
    a_collector(SqliteStore(store.path), playing, clock, providers=only).run()
    assert shown(store, HUE, clock.now).state is State.FRESH


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/", "http://no-such-host.invalid/", "http://10.255.255.1/", "http://a b/"],
    ids=["nothing listens", "no such name", "a private address", "no URL"],
)
def test_a_request_that_was_never_sent_costs_no_units(
    address: str, store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    failed = a_collector(store, playing, clock, providers=[OpenMeteo(address)]).run()
    assert failed.failed
    assert spent(store, clock) == 0
    playing.handle(OM_PATH, lambda _: Reply(503))
    a_collector(SqliteStore(store.path), playing, clock, providers=[OpenMeteo(playing.url(OM_PATH))]).run()
    clock.advance(timedelta(hours=1))
    a_collector(SqliteStore(store.path), playing, clock, providers=[OpenMeteo(playing.url(OM_PATH))]).run()
    assert spent(store, clock) > 0


@pytest.mark.parametrize(
    "refusal",
    [
        Reply(403),
        Reply(429, headers={"Retry-After": "7200"}),
        Reply(
            200, b'{"latitude": 16.46, "longitude": 107.59, "utc_offset_seconds": 0}'
        ),  # HUE is passed over
    ],
    ids=["forbidden", "retry-after", "no values"],
)
def test_a_provider_with_another_key_or_address_begins_anew(
    refusal: Reply, store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    def passes(settings: str) -> PassResult:
        only = [OpenMeteo(playing.url(OM_PATH))]
        again = SqliteStore(store.path)
        digests = {"open-meteo": settings}
        collector = a_collector(
            again, playing, clock, places=[HUE], providers=only, provider_settings=digests
        )
        return collector.run()

    playing.handle(OM_PATH, lambda _: refusal)
    assert passes("first").failed
    play_open_meteo(playing, clock)
    assert passes("first") == PassResult()
    assert passes("second") == PassResult(requested=2, failed=0)
    assert shown(store, HUE, clock.now).state is State.FRESH
    assert spent(store, clock) == pytest.approx(sum(OpenMeteo().cost(dataset) for dataset in Dataset))
    assert passes("second") == PassResult()


@pytest.mark.parametrize("replaced", [False, True], ids=["its own weather is kept", "another's is"])
def test_an_expires_of_another_address_counts_no_more(
    replaced: bool, store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    """Nor are the validators of that address sent to the new one."""
    providers = [MetNorway(playing.url(MET_PATH)), OpenMeteo(playing.url(OM_PATH))]

    def passes(settings: str) -> int:
        before = len(playing.requests_for(MET_PATH))
        digests = {"met-norway": settings, "open-meteo": "same"}
        a_collector(
            SqliteStore(store.path), playing, clock,
            places=[HUE], providers=providers, provider_settings=digests,
        ).run()  # fmt: skip
        return len(playing.requests_for(MET_PATH)) - before

    forbids = {"Cache-Control": "max-age=86400", "ETag": '"old"'}

    def told(asked: ReceivedRequest) -> Reply:
        headers = {"user-agent": asked.headers["user-agent"]}
        return Reply(200, met_norway.locationforecast(asked.query, headers, clock.now)[2], forbids)

    playing.handle(MET_PATH, told)
    assert passes("first") == 1
    clock.advance(timedelta(minutes=50 if replaced else 20))
    assert passes("first") == 0
    assert shown(store, HUE, clock.now).provider_id == ("open-meteo" if replaced else "met-norway")
    clock.advance(timedelta(minutes=20))
    assert passes("second") == 1
    assert "if-none-match" not in playing.requests_for(MET_PATH)[-1].headers
    assert shown(store, HUE, clock.now).provider_id == "met-norway"
    clock.advance(timedelta(minutes=20))
    assert passes("second") == 0, "what the new one forbids counts, over a restart too"


def test_a_provider_is_changed_by_its_key_its_address_and_the_contact_alone(store: SqliteStore) -> None:
    def digest(**written: str) -> str:
        settings = load({f"PORTAL_WIDGETS_{key.upper()}": value for key, value in written.items()})
        make_weather_collector(settings, lambda _: False, store=store)
        found = store.read([records.PROVIDERS_KEY])[records.PROVIDERS_KEY]
        return records.providers_from_bytes(found)["open-meteo"][0]

    first = digest()
    same = [
        digest(weather__refresh="20m"),
        digest(weather__open_meteo__daily_budget="20000"),
        digest(weather__met_norway__base_url="http://127.0.0.1:9/met"),
    ]
    assert {first, *same} == {first}
    changed = [
        digest(weather__open_meteo__api_key="k1"),
        digest(weather__open_meteo__api_key="k2"),
        digest(weather__open_meteo__base_url="http://127.0.0.1:9/v1/forecast"),
        digest(site__contact="ops@example.gov.vn"),
    ]
    assert len({first, *changed}) == 5


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

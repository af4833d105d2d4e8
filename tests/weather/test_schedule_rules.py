from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from schedule_simulation import START, World, some_places

from service.core.errors import Cause, UpstreamError
from service.weather.collect.intervals import due_at
from service.weather.collect.schedule import LastFetch, minute_limit_until, next_batch, wake_at
from service.weather.model import Dataset
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo
from service.weather.providers.openweather.provider import OpenWeather
from service.weather.quota import ProviderQuota

PLACES = some_places(3)
FIRST = PLACES[0].id
OPEN_METEO, MET_NORWAY = OpenMeteo(), MetNorway()


def told(
    at: datetime, source: str, not_before: datetime | None = None
) -> dict[tuple[Dataset, str], LastFetch]:
    return {(dataset, place.id): LastFetch(at, source, not_before) for dataset in Dataset for place in PLACES}


def a_world(*providers: OpenMeteo | MetNorway, **known: object) -> World:
    world = World(PLACES, frozenset({FIRST}), providers or (OPEN_METEO, MET_NORWAY))
    for name, value in known.items():
        setattr(world, name, value)
    return world


def test_current_values_come_before_hours_and_places_in_use_first() -> None:
    world = World(PLACES, frozenset({PLACES[2].id}), (OPEN_METEO,))
    batch = next_batch(world.state(), START)
    assert batch is not None
    assert batch.dataset is Dataset.CURRENT
    assert [place.id for place in batch.places] == ["place-2", "place-0", "place-1"]


def test_nothing_is_asked_while_all_is_fresh_and_the_next_look_is_when_something_is_due() -> None:
    world = a_world(last=told(START, "open-meteo"))
    now = START + timedelta(minutes=5)
    assert next_batch(world.state(), now) is None
    due = wake_at(world.state(), now)
    assert due == due_at(START, world.state().intervals.in_use)
    assert next_batch(world.state(), due - timedelta(seconds=60)) is None
    assert next_batch(world.state(), due) is not None


def test_a_place_joins_a_batch_from_the_very_moment_at_which_its_share_of_the_interval_begins() -> None:
    idle = PLACES[1].id
    world = a_world(OPEN_METEO, last=told(START, "open-meteo"))
    del world.last[Dataset.CURRENT, FIRST]
    interval = world.state().intervals.idle
    joins = due_at(START, interval) - interval * 0.06

    def places_at(now: datetime) -> list[str]:
        batch = next_batch(world.state(), now)
        assert batch is not None
        return [place.id for place in batch.places]

    assert idle not in places_at(joins - timedelta(microseconds=1))
    assert idle in places_at(joins)


def test_expires_forbids_the_same_request_also_to_a_forced_pass_and_for_the_other_aspect() -> None:
    world = a_world(MET_NORWAY, last=told(START, "met-norway", START + timedelta(hours=1)))
    world.last[Dataset.HOURLY, FIRST] = LastFetch(START - timedelta(hours=5), "open-meteo")
    now = START + timedelta(minutes=50)
    assert next_batch(world.state(), now) is None
    assert next_batch(world.state(forced=True), now) is None
    assert next_batch(world.state(), START + timedelta(minutes=61)) is not None


def test_the_next_provider_is_not_asked_because_the_first_has_nothing_new() -> None:
    world = a_world(MET_NORWAY, OPEN_METEO, last=told(START, "met-norway", START + timedelta(minutes=44)))
    assert next_batch(world.state(), START + timedelta(minutes=43)) is None
    batch = next_batch(world.state(), START + timedelta(minutes=44))
    assert batch is not None
    assert batch.provider is MET_NORWAY


def test_a_clock_set_back_puts_nothing_off() -> None:
    future = START + timedelta(days=400)
    quota = ProviderQuota().spend(10_000, future).failed(UpstreamError(Cause.FORBIDDEN, "no"), future)
    world = a_world(
        MET_NORWAY,
        last=told(future, "met-norway", future + timedelta(hours=1)),
        quotas={"met-norway": replace(quota, skipped_places={FIRST: future})},
    )
    batch = next_batch(world.state(), START)
    assert batch is not None
    assert batch.places[0].id == FIRST
    assert wake_at(world.state(), START) == START


def test_a_clock_set_forward_makes_everything_due_once() -> None:
    world = a_world(OPEN_METEO, last=told(START, "open-meteo"))
    world.now = START + timedelta(days=30)
    world.run(timedelta(minutes=10))
    assert [asked.dataset for asked in world.asked] == [Dataset.CURRENT, Dataset.HOURLY]


@pytest.mark.parametrize("back", [timedelta(minutes=-61), timedelta(hours=-30), timedelta(days=-900)])
def test_a_clock_that_jumps_back_in_mid_pass_does_not_make_the_pass_ask_twice(back: timedelta) -> None:
    world = a_world(OPEN_METEO)
    world.takes = back
    world.make_a_pass()
    assert [(asked.dataset, len(asked.places)) for asked in world.asked] == [
        (Dataset.CURRENT, 3),
        (Dataset.HOURLY, 3),
    ]


def test_a_place_that_its_provider_refused_does_not_keep_the_loop_awake() -> None:
    until = START + timedelta(minutes=30)
    world = a_world(OPEN_METEO, last=told(START, "open-meteo"), quotas={"open-meteo": ProviderQuota()})
    del world.last[Dataset.CURRENT, FIRST]
    world.quotas["open-meteo"] = ProviderQuota(skipped_places={FIRST: until})
    assert next_batch(world.state(), START) is None
    assert wake_at(world.state(), START) > START + timedelta(minutes=10)


def test_a_resting_provider_is_woken_for_when_its_rest_ends() -> None:
    ends = START + timedelta(minutes=12)
    world = a_world(OPEN_METEO, quotas={"open-meteo": ProviderQuota(backoff_until=ends)})
    assert next_batch(world.state(), START) is None
    assert wake_at(world.state(), START) == ends
    assert next_batch(world.state(), ends) is not None


def test_a_full_minute_is_waited_for_and_not_handed_to_the_next_provider() -> None:
    spent = ProviderQuota().spend(599.5, START)
    world = a_world(quotas={"open-meteo": spent, "met-norway": ProviderQuota()})
    assert next_batch(world.state(), START) is None
    minute = START.replace(second=0) + timedelta(minutes=1)
    assert minute_limit_until(world.state(), START) == minute
    assert wake_at(world.state(), START) == START  # the other one could be asked, were it needed
    batch = next_batch(world.state(), minute)
    assert batch is not None
    assert batch.provider is OPEN_METEO


def test_a_spent_day_goes_to_the_next_provider_and_without_one_waits() -> None:
    spent = ProviderQuota().spend(9_999.5, START)
    world = a_world(quotas={"open-meteo": spent, "met-norway": ProviderQuota()})
    batch = next_batch(world.state(), START)
    assert batch is not None
    assert batch.provider is MET_NORWAY
    alone = a_world(OPEN_METEO, quotas={"open-meteo": spent})
    assert next_batch(alone.state(), START) is None
    assert minute_limit_until(alone.state(), START) is None
    assert wake_at(alone.state(), START) == START.replace(minute=0, second=0) + timedelta(hours=1)


def test_without_places_the_loop_sleeps() -> None:
    world = World([], frozenset(), (OPEN_METEO,))
    assert next_batch(world.state(), START) is None
    assert wake_at(world.state(), START) > START + timedelta(minutes=10)


# Which provider


def request_of(world: World, now: datetime) -> tuple[str, Dataset, list[str]] | None:
    batch = next_batch(world.state(), now)
    return batch and (batch.provider.id, batch.dataset, [place.id for place in batch.places])


def test_an_expires_beyond_half_of_stale_after_lets_the_next_provider_be_asked_from_then_on() -> None:
    world = a_world(last=told(START, "open-meteo", START + timedelta(hours=9)))
    half = START + timedelta(minutes=45)
    assert wake_at(world.state(), START) == half
    assert request_of(world, half - timedelta(seconds=1)) is None
    asked = request_of(world, half)
    assert asked is not None
    assert asked[:2] == ("met-norway", Dataset.CURRENT)


def test_what_a_provider_forbade_holds_while_another_one_fills_in_and_for_a_day_at_most() -> None:
    world = a_world(last=told(START, "open-meteo", START + timedelta(days=90)))
    filled_in = START + timedelta(minutes=45)
    for key, last in world.last.items():
        world.last[key] = last.replaced(filled_in, "met-norway", None)
    asked = request_of(world, START + timedelta(hours=24, seconds=-1))
    assert asked is not None
    assert asked[0] == "met-norway"
    asked = request_of(world, START + timedelta(hours=24))
    assert asked is not None
    assert asked[0] == "open-meteo"


def test_a_fetch_remembers_what_still_forbids_and_nothing_from_the_future() -> None:
    first = LastFetch(START, "a", START + timedelta(hours=2))
    second = first.replaced(START + timedelta(hours=1), "b", START + timedelta(hours=5))
    assert second.forbidden_until("a") == START + timedelta(hours=2)
    third = second.replaced(START + timedelta(hours=3), "c", None)
    assert third.others_not_before == {"b": START + timedelta(hours=5)}
    assert third.replaced(START + timedelta(hours=4), "b", None).others_not_before == {}
    assert first.replaced(START - timedelta(days=9), "b", None).others_not_before == {}


def test_hours_of_another_provider_than_the_current_values_are_due_at_once_from_that_one() -> None:
    world = a_world(last=told(START, "open-meteo"))
    world.last[Dataset.CURRENT, FIRST] = LastFetch(START, "met-norway")
    world.quotas["open-meteo"] = ProviderQuota(backoff_until=START + timedelta(minutes=5))
    assert request_of(world, START) == ("met-norway", Dataset.HOURLY, [FIRST])
    assert wake_at(world.state(), START) == START
    world.last[Dataset.HOURLY, FIRST] = LastFetch(START - timedelta(hours=2), "met-norway")
    world.last[Dataset.CURRENT, FIRST] = LastFetch(START, "open-meteo")
    world.quotas["open-meteo"] = ProviderQuota()
    assert request_of(world, START) == ("open-meteo", Dataset.HOURLY, [FIRST])


def test_where_a_provider_has_no_hours_the_current_values_are_due_at_once_from_the_one_that_has() -> None:
    world = a_world(last=told(START, "open-meteo"))
    world.last[Dataset.HOURLY, FIRST] = LastFetch(START, "met-norway")
    until = {FIRST: START + timedelta(minutes=30)}
    world.quotas["open-meteo"] = ProviderQuota().skipping(until, Dataset.HOURLY, START)
    assert request_of(world, START) == ("met-norway", Dataset.CURRENT, [FIRST])


def test_a_provider_that_had_no_hours_is_asked_for_them_before_its_current_values_are_taken() -> None:
    world = a_world(last=told(START, "met-norway"))
    until = {FIRST: START + timedelta(minutes=30)}
    world.quotas["open-meteo"] = ProviderQuota().skipping(until, Dataset.HOURLY, START)
    for place in PLACES[1:]:
        del world.last[Dataset.CURRENT, place.id], world.last[Dataset.HOURLY, place.id]
    world.places = PLACES[:1]
    asked = request_of(world, START + timedelta(minutes=20))
    assert asked == ("met-norway", Dataset.CURRENT, [FIRST])
    assert request_of(world, START + timedelta(minutes=30)) == ("met-norway", Dataset.CURRENT, [FIRST])
    world.last[Dataset.CURRENT, FIRST] = LastFetch(START + timedelta(minutes=29), "met-norway")
    assert request_of(world, START + timedelta(minutes=30)) == ("open-meteo", Dataset.HOURLY, [FIRST])
    world.last[Dataset.HOURLY, FIRST] = LastFetch(START + timedelta(minutes=30), "open-meteo")
    world.quotas["open-meteo"] = world.quotas["open-meteo"].answering([FIRST], Dataset.HOURLY)
    assert request_of(world, START + timedelta(minutes=30)) == ("open-meteo", Dataset.CURRENT, [FIRST])


def test_hours_that_are_due_are_asked_of_the_provider_of_the_current_values_first() -> None:
    world = a_world(last=told(START, "met-norway"))
    for place in PLACES:
        del world.last[Dataset.HOURLY, place.id]
    asked = request_of(world, START)
    assert asked is not None
    assert asked[:2] == ("met-norway", Dataset.HOURLY)


def test_a_provider_in_back_off_is_tried_before_data_is_stale_if_no_other_one_can_be_asked() -> None:
    refused = UpstreamError(Cause.FORBIDDEN, "no")
    long_rest = ProviderQuota().failed(refused, START).failed(refused, START).failed(refused, START)
    quotas = {"open-meteo": long_rest, "met-norway": long_rest}
    world = a_world(last=told(START, "met-norway"), quotas=dict(quotas))
    assert request_of(world, START + timedelta(minutes=44)) is None
    asked = request_of(world, START + timedelta(minutes=45))
    assert asked is not None
    assert asked[0] == "open-meteo"
    world.quotas["met-norway"] = ProviderQuota()
    asked = request_of(world, START + timedelta(minutes=45))
    assert asked is not None
    assert asked[0] == "met-norway"
    alone = a_world(OPEN_METEO, last=told(START, "open-meteo"), quotas={"open-meteo": long_rest})
    assert request_of(alone, START + timedelta(minutes=119)) is None
    assert request_of(alone, START + timedelta(minutes=121)) is not None


def test_a_batch_of_the_preferred_provider_is_filled_before_it_is_sent() -> None:
    until = {FIRST: START + timedelta(minutes=30)}
    skipping = ProviderQuota().skipping(until, Dataset.CURRENT, START)
    world = a_world(quotas={"open-meteo": skipping, "met-norway": ProviderQuota()})
    world.used = frozenset({"place-1"})
    assert request_of(world, START) == ("open-meteo", Dataset.CURRENT, ["place-1", "place-2"])


def test_the_hours_of_places_that_are_taken_over_do_not_wait_for_the_current_values_of_all_others() -> None:
    """Of a thousand places OpenWeather is asked for one at a time: each is whole before the next."""
    openweather = OpenWeather()
    world = World(PLACES, frozenset({FIRST}), (openweather, MET_NORWAY), last=told(START, "met-norway"))
    world.now = START + timedelta(minutes=46)
    world.make_a_pass()
    assert [(asked.dataset, asked.places) for asked in world.asked] == [
        (dataset, (place.id,)) for place in PLACES for dataset in Dataset
    ]

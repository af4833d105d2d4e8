"""The promises of the schedule, held against a simulated week with the real terms of both providers."""

import itertools
from datetime import datetime, timedelta

import pytest
from schedule_simulation import DAY, DEFAULTS, MINUTE, START, World, some_places

from service.core.errors import Cause, UpstreamError
from service.places.catalogue import built_in_places
from service.weather.collect.intervals import RefreshGoals, RequestCost, plan_intervals, units_per_day
from service.weather.collect.schedule import Batch
from service.weather.model import Dataset
from service.weather.provider import Provider
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo

pytestmark = pytest.mark.uncounted

BUILT_IN = len(built_in_places())
HALF_OF_STALE = DEFAULTS.stale_after / 2


def a_world(used: int, *providers: Provider, places: int = BUILT_IN, goals: RefreshGoals = DEFAULTS) -> World:
    everywhere = some_places(places)
    in_use = frozenset(place.id for place in everywhere[:used])
    return World(everywhere, in_use, providers or (OpenMeteo(), MetNorway()), goals)


@pytest.mark.parametrize("used", [20, BUILT_IN])
def test_days_on_end_stay_within_eight_thousand_units_a_day_and_nobody_waits_too_long(used: int) -> None:
    world = a_world(used)
    world.run(timedelta(days=3))
    assert world.most_units("open-meteo", DAY) <= 8_000
    assert world.most_units("open-meteo", DAY, since=START) <= 8_000
    assert world.longest_wait[Dataset.CURRENT] <= HALF_OF_STALE
    assert world.longest_wait[Dataset.HOURLY] < DEFAULTS.hide_after
    assert all(asked.provider == "open-meteo" for asked in world.asked)
    assert len({name for asked in world.asked for name in asked.places}) == BUILT_IN


def test_a_few_places_in_use_are_refreshed_as_often_as_wished() -> None:
    world = a_world(5)
    world.run(timedelta(days=2))
    asked = [
        asked.at for asked in world.asked if "place-0" in asked.places and asked.dataset is Dataset.CURRENT
    ]
    waits = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert max(waits) <= DEFAULTS.refresh + timedelta(seconds=2)
    assert min(waits) > DEFAULTS.refresh * 0.8


def test_all_that_is_due_is_asked_in_one_request_and_requests_avoid_the_full_hour() -> None:
    world = a_world(20)
    world.run(timedelta(days=2))
    assert sum(len(asked.places) for asked in world.asked) / len(world.asked) > 30
    assert not [asked for asked in world.asked[2:] if asked.at.minute == 0]


@pytest.mark.parametrize("places", [500, 1_000])
def test_no_minute_is_overspent_however_many_places_there_are(places: int) -> None:
    world = a_world(10, places=places)
    world.run(timedelta(hours=12))
    assert world.most_units("open-meteo", MINUTE) <= 600
    assert max(asked.units for asked in world.asked) <= 600
    assert max(len(asked.places) for asked in world.asked) <= 270
    assert {name for asked in world.asked for name in asked.places} == {f"place-{n}" for n in range(places)}


def test_a_thousand_places_on_the_free_plan_are_stretched_to_the_budget() -> None:
    world = a_world(10, places=1_000)
    world.run(timedelta(days=2))
    assert world.most_units("open-meteo", DAY) <= 8_000
    assert HALF_OF_STALE < world.longest_wait[Dataset.CURRENT] < timedelta(hours=6)


def test_a_refresh_of_a_second_with_a_huge_budget_neither_spins_nor_starves_the_others() -> None:
    goals = RefreshGoals(timedelta(seconds=1), timedelta(minutes=90), timedelta(hours=6))
    world = a_world(20, OpenMeteo(daily_budget=1e9), goals=goals)
    world.run(timedelta(minutes=20))
    first = [
        asked.at for asked in world.asked if "place-0" in asked.places and asked.dataset is Dataset.CURRENT
    ]
    assert max(later - earlier for earlier, later in itertools.pairwise(first)) < timedelta(seconds=3)
    assert world.wakes <= 1_250
    assert world.longest_wait[Dataset.CURRENT] <= HALF_OF_STALE
    idle = [
        asked
        for asked in world.asked
        if f"place-{BUILT_IN - 1}" in asked.places and asked.dataset is Dataset.CURRENT
    ]
    assert len(idle) == 1


def outages(batch: Batch, now: datetime) -> UpstreamError | None:
    """The preferred provider is down for six hours of each day, and now and then both are for one."""
    hour = now.hour
    if batch.provider.id == "open-meteo" and 6 <= hour < 12:
        return UpstreamError(Cause.BROKEN, "down")
    if hour == 20:
        return UpstreamError(Cause.UNREACHABLE, "no network")
    return None


def test_a_week_of_outages_and_restarts_loses_no_place_and_overspends_nothing() -> None:
    world = a_world(4, places=16)
    world.trouble = outages
    world.expires = lambda batch: timedelta(minutes=31) if batch.provider.id == "met-norway" else None
    world.takes = timedelta(seconds=0.2)
    for day in range(7):
        world.run(timedelta(hours=11, minutes=7 * day))
        world.restart()
        world.run(timedelta(hours=12, minutes=60 - 7 * day))
    assert world.most_units("open-meteo", DAY) <= 10_000
    assert world.most_units("open-meteo", MINUTE) <= 600
    assert world.longest_wait[Dataset.CURRENT] <= HALF_OF_STALE + timedelta(hours=1, minutes=16)
    met = [asked for asked in world.asked if asked.provider == "met-norway"]
    assert met
    assert all(6 <= asked.at.hour <= 12 or 20 <= asked.at.hour <= 21 for asked in met)


def test_while_the_preferred_provider_is_down_it_is_asked_ever_more_rarely() -> None:
    world = a_world(1, places=12)
    world.trouble = lambda batch, _: (
        UpstreamError(Cause.BROKEN, "down") if batch.provider.id == "open-meteo" else None
    )
    world.run(timedelta(days=1))
    tries = [asked for asked in world.asked if asked.provider == "open-meteo"]
    assert 24 < len(tries) < 120
    assert sum(asked.units for asked in tries) < 8_000
    assert world.longest_wait[Dataset.CURRENT] <= HALF_OF_STALE


@pytest.mark.parametrize(
    ("cause", "most"),
    [(Cause.FORBIDDEN, 12), (Cause.RATE_LIMITED, 14), (Cause.REJECTED, 16)],
)
def test_who_turns_us_away_is_left_alone_for_long(cause: Cause, most: int) -> None:
    world = a_world(1, OpenMeteo())
    world.trouble = lambda *_: UpstreamError(cause, "no")
    world.run(timedelta(days=1))
    assert 4 <= len(world.asked) <= most


def test_a_provider_that_tells_nothing_leaves_the_loop_asleep() -> None:
    """Its Expires forbids what the goal would like, and the preferred one rests: nobody can be asked."""
    world = a_world(20, OpenMeteo(), MetNorway(), places=30)
    world.expires = lambda _: timedelta(minutes=31)
    world.trouble = lambda batch, _: (
        UpstreamError(Cause.FORBIDDEN, "no") if batch.provider.id == "open-meteo" else None
    )
    world.run(timedelta(hours=12))
    assert world.wakes < len(world.asked) + 150


def test_the_units_told_beforehand_are_those_that_are_spent() -> None:
    provider = OpenMeteo()
    cost = RequestCost.of(provider)
    told = units_per_day(plan_intervals(DEFAULTS, cost, 20, 138), cost, 20, 138)
    world = a_world(20, provider)
    world.run(timedelta(days=3))
    assert sum(asked.units for asked in world.asked) / 3 == pytest.approx(told, rel=0.06)

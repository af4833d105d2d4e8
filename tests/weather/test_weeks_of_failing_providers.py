"""A week in which each provider fails in turn: nothing is stale, and both datasets are of one provider."""

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from schedule_simulation import DAY, DEFAULTS, START, World, some_places

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.weather.collect.schedule import Batch
from service.weather.model import Dataset
from service.weather.provider import Provider
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo
from service.weather.providers.openweather.provider import OpenWeather

pytestmark = pytest.mark.uncounted

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OPEN_METEO, MET_NORWAY = OpenMeteo(), MetNorway()
OPENWEATHER = OpenWeather()
ONE_CALL = OpenWeather("https://api.openweathermap.org/data/3.0/onecall")
ORDERS: dict[str, Sequence[Provider]] = {
    "two": (OPEN_METEO, MET_NORWAY),
    "two, the other way": (MET_NORWAY, OPEN_METEO),
    "two with an address for each dataset": (OPENWEATHER, OPEN_METEO),
    "two with both in one response": (ONE_CALL, MET_NORWAY),
    "three": (OPENWEATHER, OPEN_METEO, MET_NORWAY),
}
every_order = pytest.mark.parametrize("order", ORDERS)
Down = Callable[[datetime], str]


def in_turn(providers: Sequence[Provider], length: timedelta) -> Down:
    """Return who fails at a time: each for that long, one after the other."""
    return lambda now: providers[int((now - START) / length) % len(providers)].id


def met_norways_expires(batch: Batch) -> timedelta | None:
    return 31 * MINUTE if batch.provider.id == "met-norway" else None


def a_world(providers: Sequence[Provider], **moods: object) -> World:
    places = some_places(3)
    world = World(places, frozenset({places[0].id}), providers, expires=met_norways_expires)
    for name, mood in moods.items():
        setattr(world, name, mood)
    return world


def play(world: World, days: int) -> None:
    """Play so many days, with a restart every eleven hours."""
    end = world.now + days * DAY
    while world.now < end:
        world.run(min(11 * HOUR, end - world.now))
        world.restart()


def assert_promises(world: World) -> None:
    assert world.worst_age < DEFAULTS.stale_after
    assert world.longest_wait[Dataset.HOURLY] < DEFAULTS.hide_after
    assert world.split < (world.now - START) / 50
    assert world.too_early == []
    for provider in world.providers:
        if provider.limits.daily_budget is not None:
            assert world.most_units(provider.id, DAY) <= provider.limits.daily_budget
    assert world.wakes < 2 * len(world.asked)


@every_order
@pytest.mark.parametrize(
    ("cause", "length"),
    [(Cause.BROKEN, HOUR), (Cause.FORBIDDEN, 7 * HOUR), (Cause.RATE_LIMITED, DAY)],
)
def test_while_each_provider_fails_in_turn_nothing_is_stale(
    order: str, cause: Cause, length: timedelta
) -> None:
    providers = ORDERS[order]
    down = in_turn(providers, length)

    def trouble(batch: Batch, now: datetime) -> UpstreamError | None:
        return UpstreamError(cause, "no") if batch.provider.id == down(now) else None

    world = a_world(providers, trouble=trouble)
    play(world, 2)
    assert_promises(world)


@every_order
@pytest.mark.parametrize("lacking", [None, Dataset.CURRENT, Dataset.HOURLY])
def test_while_each_provider_answers_in_turn_without_a_temperature_nothing_is_stale(
    order: str, lacking: Dataset | None
) -> None:
    providers = ORDERS[order]
    down = in_turn(providers, 7 * HOUR)

    def lacks(batch: Batch, _: Place, now: datetime) -> bool:
        return batch.provider.id == down(now) and lacking in {None, batch.dataset}

    world = a_world(providers, lacks=lacks)
    play(world, 2)
    assert_promises(world)


def test_a_place_that_one_provider_never_has_a_temperature_for_is_told_by_the_other_alone() -> None:
    world = a_world(ORDERS["two"])
    lacking = world.places[2].id
    world.lacks = lambda batch, place, _: batch.provider.id == "open-meteo" and place.id == lacking
    play(world, 2)
    assert_promises(world)
    assert {last.provider_id for (_, name), last in world.last.items() if name == lacking} == {"met-norway"}
    others = {last.provider_id for (_, name), last in world.last.items() if name != lacking}
    assert others == {"open-meteo"}
    asked = [asked for asked in world.asked if asked.provider == "open-meteo" and lacking in asked.places]
    assert 48 <= len(asked) <= 100


@every_order
@pytest.mark.parametrize(
    "lasts", [46 * MINUTE, 5 * HOUR, DAY, 400 * DAY], ids=["46 min", "5 h", "a day", "more"]
)
def test_however_long_the_preferred_provider_forbids_to_be_asked_nothing_is_stale(
    order: str, lasts: timedelta
) -> None:
    preferred, *_ = providers = ORDERS[order]
    world = a_world(providers)
    world.expires = lambda batch: lasts if batch.provider.id == preferred.id else met_norways_expires(batch)
    play(world, 2)
    assert_promises(world)
    first = [asked.at for asked in world.asked if asked.provider == preferred.id]
    assert max(first) > START + DAY - HOUR, "it is asked again once its Expires has passed"


def test_where_two_of_three_forbid_to_be_asked_for_a_day_the_third_is_asked() -> None:
    world = a_world(ORDERS["three"])
    world.expires = lambda batch: None if batch.provider.id == "met-norway" else 3 * DAY
    play(world, 4)
    assert_promises(world)
    for provider in ("openweather", "open-meteo"):
        for dataset in Dataset:
            asked = [a for a in world.asked if a.provider == provider and a.dataset is dataset]
            assert len([a for a in asked if world.places[0].id in a.places]) <= 4


def test_an_expires_within_half_of_what_makes_data_stale_is_waited_for() -> None:
    world = a_world(ORDERS["two"])
    world.expires = lambda _: 44 * MINUTE
    play(world, 2)
    assert {asked.provider for asked in world.asked} == {"open-meteo"}
    assert_promises(world)


def test_long_expires_outages_and_answers_without_a_temperature_together_make_nothing_stale() -> None:
    """Of three providers one is always well, and forbids nothing."""
    down = in_turn(ORDERS["three"], 5 * HOUR)
    order = [provider.id for provider in ORDERS["three"]]

    def is_well(batch: Batch, now: datetime) -> bool:
        return batch.provider.id == order[(order.index(down(now)) + 1) % 3]

    world = a_world(ORDERS["three"])
    world.trouble = lambda batch, now: (
        UpstreamError(Cause.BROKEN, "down") if batch.provider.id == down(now) else None
    )
    world.lacks = lambda batch, _, now: not is_well(batch, now)
    play(world, 4)
    assert_promises(world)


def test_a_delay_that_a_provider_asks_for_is_kept_to_also_by_the_last_resort() -> None:
    world = a_world(ORDERS["two"])
    world.trouble = lambda *_: UpstreamError(Cause.RATE_LIMITED, "no", 5 * HOUR)
    play(world, 1)
    assert len(world.asked) <= 2 * 5


def test_while_all_refuse_us_each_is_asked_no_more_than_twice_an_hour() -> None:
    world = a_world(ORDERS["two"])
    world.trouble = lambda *_: UpstreamError(Cause.FORBIDDEN, "no")
    play(world, 1)
    for provider in world.providers:
        tries = [asked.at for asked in world.asked if asked.provider == provider.id]
        assert all(later - earlier >= 30 * MINUTE for earlier, later in itertools.pairwise(tries))

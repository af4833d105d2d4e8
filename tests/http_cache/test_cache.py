"""The cache alone, with a clock of its own: what is found, for how long, and how much is kept."""

from collections.abc import Hashable

import pytest

from service.http_cache.content_encoding import Coding
from service.http_cache.entries import EntryCache, Flight, Hit, InFlight, Miss, Stale
from service.http_cache.responses import AppResponse, CacheEntry, EncodedResponse

PUBLIC = [("Content-Type", "text/plain"), ("Cache-Control", "public, max-age=60")]


def kept(  # noqa: PLR0913 - each is one thing that a test may vary
    body: bytes = b"answer",
    *,
    made: float = 100.0,
    lasts: float = 60.0,
    bridges: float = 60.0,
    items: tuple[str, ...] = ("current/hue",),
    status: str = "200 OK",
) -> CacheEntry:
    until = made + lasts
    return CacheEntry(AppResponse(status, PUBLIC, body), frozenset(items), made, until, until + bridges)


def put(cache: EntryCache, key: Hashable, one: CacheEntry) -> bool:
    """Miss this and keep it, as an adapter does."""
    duty = cache.lookup(key, one.made)
    assert isinstance(duty, Miss)
    stored = cache.store(key, one, duty.flight)
    cache.land(key, duty.flight)
    return stored


def test_an_answer_is_found_until_its_end_and_not_after() -> None:
    cache, one = EntryCache(100_000), kept(made=100.0, lasts=60.0)
    put(cache, "key", one)
    assert cache.lookup("key", 100.0) == Hit(one)
    assert cache.lookup("key", 159.999) == Hit(one)
    assert isinstance(cache.lookup("key", 160.0), Miss)


def test_another_key_finds_nothing() -> None:
    cache = EntryCache(100_000)
    put(cache, "key", kept())
    assert isinstance(cache.lookup("other", 100.0), Miss)


def test_while_one_makes_the_next_the_others_get_the_old_for_four_seconds() -> None:
    cache, one = EntryCache(100_000), kept(made=100.0, lasts=60.0)
    put(cache, "key", one)
    duty = cache.lookup("key", 160.0)
    assert isinstance(duty, Miss)
    assert duty.stale
    assert cache.lookup("key", 163.9) == Stale(one)
    assert isinstance(cache.lookup("key", 164.0), InFlight)


def test_the_old_never_stands_in_beyond_what_its_view_allows() -> None:
    cache = EntryCache(100_000)
    put(cache, "key", kept(made=100.0, lasts=60.0, bridges=1.5))
    assert isinstance(cache.lookup("key", 160.0), Miss)
    assert isinstance(cache.lookup("key", 161.4), Stale)
    assert isinstance(cache.lookup("key", 161.5), InFlight)


def test_who_comes_while_the_first_is_made_waits_for_it_and_finds_it() -> None:
    cache, one = EntryCache(100_000), kept()
    duty = cache.lookup("key", 100.0)
    assert isinstance(duty, Miss)
    waiting = cache.lookup("key", 100.0)
    assert waiting == InFlight(duty.flight)
    assert not duty.flight.done.is_set()
    cache.store("key", one, duty.flight)
    cache.land("key", duty.flight)
    assert duty.flight.done.is_set()
    assert cache.lookup_alone("key", 100.1) == Hit(one)


def test_who_has_waited_long_enough_makes_it_too() -> None:
    cache = EntryCache(100_000)
    assert isinstance(cache.lookup("key", 100.0), Miss)
    assert isinstance(cache.lookup_alone("key", 102.0), Miss)


def test_nobody_waits_for_what_was_not_kept_the_last_time() -> None:
    cache = EntryCache(100_000)
    first = cache.lookup("key", 100.0)
    assert isinstance(first, Miss)
    cache.land("key", first.flight)
    assert isinstance(cache.lookup("key", 100.0), Miss)
    assert isinstance(cache.lookup("key", 100.0), Miss)


def test_a_write_makes_old_what_was_made_of_it_and_nothing_else() -> None:
    cache = EntryCache(100_000)
    hue, vinh = kept(b"hue", items=("current/hue",)), kept(b"vinh", items=("current/vinh",))
    put(cache, "hue", hue)
    put(cache, "vinh", vinh)
    cache.changed(["current/hue", "asked/vinh"], 109.0, 110.0)
    duty = cache.lookup("hue", 110.0)
    assert isinstance(duty, Miss)
    assert duty.stale
    assert cache.lookup("hue", 112.9) == Stale(hue)
    assert isinstance(cache.lookup("hue", 113.0), InFlight)
    assert cache.lookup("vinh", 110.0) == Hit(vinh)


def test_a_write_that_may_be_old_already_leaves_nothing_to_stand_in() -> None:
    cache = EntryCache(100_000)
    put(cache, "key", kept(made=100.0, lasts=600.0))
    cache.changed(["current/hue"], 105.0, 110.0)
    assert isinstance(cache.lookup("key", 110.0), Miss)
    assert isinstance(cache.lookup("key", 110.0), InFlight)


def test_a_clock_that_was_set_back_lets_the_old_stand_in_no_longer() -> None:
    cache, one = EntryCache(100_000), kept(made=100.0)
    put(cache, "key", one)
    cache.changed(["current/hue"], 150.0, 110.0)
    assert isinstance(cache.lookup("key", 110.0), Miss)
    assert cache.lookup("key", 113.9) == Stale(one)
    assert isinstance(cache.lookup("key", 114.0), InFlight)


def test_when_nobody_knows_what_was_written_everything_goes() -> None:
    cache = EntryCache(100_000)
    put(cache, "key", kept())
    put(cache, "page", kept(items=()))
    cache.changed(None, 100.0, 101.0)
    assert cache.size == 0
    assert isinstance(cache.lookup("key", 101.0), Miss)


@pytest.mark.parametrize("changed", [["current/hue"], None])
def test_an_answer_begun_before_a_change_was_noticed_is_not_kept(changed: list[str] | None) -> None:
    cache = EntryCache(100_000)
    duty = cache.lookup("key", 100.0)
    assert isinstance(duty, Miss)
    cache.changed(changed, 99.0, 100.5)
    assert not cache.store("key", kept(), duty.flight)


def test_a_change_of_something_else_meanwhile_is_no_matter() -> None:
    cache = EntryCache(100_000)
    duty = cache.lookup("key", 100.0)
    assert isinstance(duty, Miss)
    cache.changed(["current/vinh"], 99.0, 100.5)
    assert cache.store("key", kept(), duty.flight)


def test_an_answer_begun_so_long_ago_that_the_changes_are_forgotten_is_not_kept() -> None:
    cache = EntryCache(100_000)
    duty = cache.lookup("key", 100.0)
    assert isinstance(duty, Miss)
    for second in range(100):
        cache.changed(["current/vinh"], 100.0 + second, 101.0 + second)
    assert not cache.store("key", kept(), duty.flight)


def test_an_answer_begun_earlier_never_replaces_one_begun_later() -> None:
    cache, later = EntryCache(100_000), kept(b"later", made=101.0)
    cache.lookup("key", 100.0)
    put_flight = Flight(0)
    assert cache.store("key", later, put_flight)
    assert not cache.store("key", kept(b"earlier", made=100.0), put_flight)
    assert cache.lookup("key", 101.0) == Hit(later)


def test_no_more_is_kept_than_fits_and_the_least_wanted_goes_first() -> None:
    cache = EntryCache(60_000)
    for number in range(12):
        put(cache, number, kept(bytes(2_000)))
        cache.lookup(0, 100.0)
        assert cache.size <= 60_000
    assert isinstance(cache.lookup(0, 100.0), Hit)
    assert isinstance(cache.lookup(11, 100.0), Hit)
    assert isinstance(cache.lookup(1, 100.0), Miss)


def test_what_is_larger_than_the_memory_is_not_kept() -> None:
    assert not put(EntryCache(60_000), "key", kept(bytes(60_000)))


def test_failures_have_a_small_share_and_last_ten_seconds() -> None:
    cache, wanted = EntryCache(160_000), kept()
    put(cache, "key", wanted)
    for number in range(100):
        put(cache, number, kept(status="404 NOT FOUND"))
    assert cache.lookup("key", 100.0) == Hit(wanted)
    assert isinstance(cache.lookup(99, 109.9), Hit)
    assert isinstance(cache.lookup(99, 110.0), Miss)
    assert isinstance(cache.lookup(0, 100.0), Miss)


def test_what_was_a_failure_and_is_none_any_more_is_found_as_it_is_now() -> None:
    cache, found = EntryCache(160_000), kept(b"found", made=111.0)
    put(cache, "key", kept(status="404 NOT FOUND"))
    put(cache, "key", found)
    assert cache.lookup("key", 111.0) == Hit(found)


def test_an_answer_from_the_future_is_none() -> None:
    cache, one = EntryCache(100_000), kept(made=100.0)
    put(cache, "key", one)
    assert cache.lookup("key", 99.5) == Hit(one)
    assert isinstance(cache.lookup("key", 90.0), Miss)


def test_what_lies_at_hand_goes_with_its_answer() -> None:
    cache, one = EntryCache(100_000), kept()
    put(cache, "key", one)
    one.packed[Coding.IDENTITY] = EncodedResponse(one.answer, Coding.IDENTITY)
    finished = one.at(100.0, Coding.IDENTITY)
    cache.lay_at_hand("name", one, finished)
    assert cache.at_hand == {"name": finished}
    cache.changed(["current/hue"], 100.0, 101.0)
    assert cache.at_hand == {}


def test_only_so_many_names_lie_at_hand() -> None:
    cache, one = EntryCache(100_000), kept()
    put(cache, "key", one)
    one.packed[Coding.IDENTITY] = EncodedResponse(one.answer, Coding.IDENTITY)
    finished = one.at(100.0, Coding.IDENTITY)
    for number in range(5_000):
        cache.lay_at_hand(number, one, finished)
    assert len(cache.at_hand) == len(one.aliases) == 2_000
    assert 4_999 in cache.at_hand


def test_what_goes_out_says_its_age_and_is_good_for_the_present_second() -> None:
    one = kept(made=100.5, lasts=2.2)
    one.packed[Coding.IDENTITY] = EncodedResponse(one.answer, Coding.IDENTITY)
    sent = [one.at(now, Coding.IDENTITY) for now in (100.5, 101.4, 101.5, 102.6, 103.0)]
    told = [dict(finished.headers) for finished in sent]
    assert [one["Age"] for one in told] == ["0", "0", "1", "2", "2"]
    assert told[0]["Cache-Status"] == "portal-widgets; hit; ttl=2"
    assert told[-1]["Cache-Status"] == "portal-widgets; hit; ttl=-1; detail=stale"
    assert [finished.good_until for finished in sent[:4]] == [101.5, 101.5, 102.5, one.until]


def test_what_goes_out_says_when_it_ends_to_caches_that_know_no_age() -> None:
    one = kept(made=100.0, lasts=60.0)
    one.packed[Coding.IDENTITY] = EncodedResponse(one.answer, Coding.IDENTITY)
    told = dict(one.at(130.5, Coding.IDENTITY).headers)
    assert (told["Expires"], told["X-Accel-Expires"]) == ("Thu, 01 Jan 1970 00:02:40 GMT", "29")
    assert dict(one.at(162.0, Coding.IDENTITY).headers)["X-Accel-Expires"] == "0"

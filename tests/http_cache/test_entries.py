"""The entries alone, with a clock of their own: what is found, for how long, and how much is stored."""

from collections.abc import Hashable

import pytest

from service.http_cache.entries import EntryCache, Flight, Hit, InFlight, Miss, Stale
from service.http_cache.responses import AppResponse, CacheEntry, Coding, EncodedResponse

PUBLIC = [("Content-Type", "text/plain"), ("Cache-Control", "public, max-age=60")]


def entry(  # noqa: PLR0913 - each is one thing that a test may vary
    body: bytes = b"answer",
    *,
    created: float = 100.0,
    fresh_for: float = 60.0,
    stale_for: float = 60.0,
    store_keys: tuple[str, ...] = ("current/hue",),
    status: str = "200 OK",
) -> CacheEntry:
    until = created + fresh_for
    return CacheEntry(
        AppResponse(status, PUBLIC, body), frozenset(store_keys), created, until, until + stale_for
    )


def put(cache: EntryCache, key: Hashable, one: CacheEntry) -> bool:
    """Miss this and store it, as an adapter does."""
    miss = cache.lookup(key, one.created)
    assert isinstance(miss, Miss)
    stored = cache.store(key, one, miss.flight)
    cache.finish(key, miss.flight)
    return stored


def test_a_response_is_found_until_its_end_and_not_after() -> None:
    cache, one = EntryCache(100_000), entry(created=100.0, fresh_for=60.0)
    put(cache, "key", one)
    assert cache.lookup("key", 100.0) == Hit(one)
    assert cache.lookup("key", 159.999) == Hit(one)
    assert isinstance(cache.lookup("key", 160.0), Miss)


def test_another_key_finds_nothing() -> None:
    cache = EntryCache(100_000)
    put(cache, "key", entry())
    assert isinstance(cache.lookup("other", 100.0), Miss)


def test_while_one_makes_the_next_the_others_get_the_old_for_four_seconds() -> None:
    cache, one = EntryCache(100_000), entry(created=100.0, fresh_for=60.0)
    put(cache, "key", one)
    miss = cache.lookup("key", 160.0)
    assert isinstance(miss, Miss)
    assert miss.stale
    assert cache.lookup("key", 163.9) == Stale(one)
    assert isinstance(cache.lookup("key", 164.0), InFlight)


def test_the_old_never_stands_in_beyond_what_its_view_allows() -> None:
    cache = EntryCache(100_000)
    put(cache, "key", entry(created=100.0, fresh_for=60.0, stale_for=1.5))
    assert isinstance(cache.lookup("key", 160.0), Miss)
    assert isinstance(cache.lookup("key", 161.4), Stale)
    assert isinstance(cache.lookup("key", 161.5), InFlight)


def test_who_comes_while_the_first_is_made_waits_for_it_and_finds_it() -> None:
    cache, one = EntryCache(100_000), entry()
    miss = cache.lookup("key", 100.0)
    assert isinstance(miss, Miss)
    waiting = cache.lookup("key", 100.0)
    assert waiting == InFlight(miss.flight)
    assert not miss.flight.done.is_set()
    cache.store("key", one, miss.flight)
    cache.finish("key", miss.flight)
    assert miss.flight.done.is_set()
    assert cache.lookup_without_waiting("key", 100.1) == Hit(one)


def test_a_request_that_has_waited_long_enough_makes_it_too() -> None:
    cache = EntryCache(100_000)
    assert isinstance(cache.lookup("key", 100.0), Miss)
    assert isinstance(cache.lookup_without_waiting("key", 102.0), Miss)


def test_nobody_waits_for_what_was_not_stored_the_last_time() -> None:
    cache = EntryCache(100_000)
    first = cache.lookup("key", 100.0)
    assert isinstance(first, Miss)
    cache.finish("key", first.flight)
    assert isinstance(cache.lookup("key", 100.0), Miss)
    assert isinstance(cache.lookup("key", 100.0), Miss)


def test_a_write_makes_old_what_was_made_of_it_and_nothing_else() -> None:
    cache = EntryCache(100_000)
    hue, vinh = entry(b"hue", store_keys=("current/hue",)), entry(b"vinh", store_keys=("current/vinh",))
    put(cache, "hue", hue)
    put(cache, "vinh", vinh)
    cache.invalidate(["current/hue", "asked/vinh"], 109.0, 110.0)
    miss = cache.lookup("hue", 110.0)
    assert isinstance(miss, Miss)
    assert miss.stale
    assert cache.lookup("hue", 112.9) == Stale(hue)
    assert isinstance(cache.lookup("hue", 113.0), InFlight)
    assert cache.lookup("vinh", 110.0) == Hit(vinh)


def test_a_write_that_may_be_old_already_leaves_nothing_to_stand_in() -> None:
    cache = EntryCache(100_000)
    put(cache, "key", entry(created=100.0, fresh_for=600.0))
    cache.invalidate(["current/hue"], 105.0, 110.0)
    assert isinstance(cache.lookup("key", 110.0), Miss)
    assert isinstance(cache.lookup("key", 110.0), InFlight)


def test_a_clock_that_was_set_back_lets_the_old_stand_in_no_longer() -> None:
    cache, one = EntryCache(100_000), entry(created=100.0)
    put(cache, "key", one)
    cache.invalidate(["current/hue"], 150.0, 110.0)
    assert isinstance(cache.lookup("key", 110.0), Miss)
    assert cache.lookup("key", 113.9) == Stale(one)
    assert isinstance(cache.lookup("key", 114.0), InFlight)


def test_when_nobody_knows_what_was_written_everything_goes() -> None:
    cache = EntryCache(100_000)
    put(cache, "key", entry())
    put(cache, "page", entry(store_keys=()))
    cache.invalidate(None, 100.0, 101.0)
    assert cache.size == 0
    assert isinstance(cache.lookup("key", 101.0), Miss)


@pytest.mark.parametrize("written", [["current/hue"], None])
def test_a_response_begun_before_a_change_was_noticed_is_not_stored(written: list[str] | None) -> None:
    cache = EntryCache(100_000)
    miss = cache.lookup("key", 100.0)
    assert isinstance(miss, Miss)
    cache.invalidate(written, 99.0, 100.5)
    assert not cache.store("key", entry(), miss.flight)


def test_a_change_of_something_else_meanwhile_is_no_matter() -> None:
    cache = EntryCache(100_000)
    miss = cache.lookup("key", 100.0)
    assert isinstance(miss, Miss)
    cache.invalidate(["current/vinh"], 99.0, 100.5)
    assert cache.store("key", entry(), miss.flight)


def test_a_response_begun_so_long_ago_that_the_changes_are_forgotten_is_not_stored() -> None:
    cache = EntryCache(100_000)
    miss = cache.lookup("key", 100.0)
    assert isinstance(miss, Miss)
    for second in range(100):
        cache.invalidate(["current/vinh"], 100.0 + second, 101.0 + second)
    assert not cache.store("key", entry(), miss.flight)


def test_a_response_begun_earlier_never_replaces_one_begun_later() -> None:
    cache, later = EntryCache(100_000), entry(b"later", created=101.0)
    cache.lookup("key", 100.0)
    put_flight = Flight(0)
    assert cache.store("key", later, put_flight)
    assert not cache.store("key", entry(b"earlier", created=100.0), put_flight)
    assert cache.lookup("key", 101.0) == Hit(later)


def test_no_more_is_stored_than_fits_and_the_least_wanted_goes_first() -> None:
    cache = EntryCache(60_000)
    for number in range(12):
        put(cache, number, entry(bytes(2_000)))
        cache.lookup(0, 100.0)
        assert cache.size <= 60_000
    assert isinstance(cache.lookup(0, 100.0), Hit)
    assert isinstance(cache.lookup(11, 100.0), Hit)
    assert isinstance(cache.lookup(1, 100.0), Miss)


def test_what_is_larger_than_the_memory_is_not_stored() -> None:
    assert not put(EntryCache(60_000), "key", entry(bytes(60_000)))


def test_errors_have_a_small_share_and_last_ten_seconds() -> None:
    cache, wanted = EntryCache(160_000), entry()
    put(cache, "key", wanted)
    for number in range(100):
        put(cache, number, entry(status="404 NOT FOUND"))
    assert cache.lookup("key", 100.0) == Hit(wanted)
    assert isinstance(cache.lookup(99, 109.9), Hit)
    assert isinstance(cache.lookup(99, 110.0), Miss)
    assert isinstance(cache.lookup(0, 100.0), Miss)


def test_what_was_an_error_and_is_none_any_more_is_found_as_it_is_now() -> None:
    cache, found = EntryCache(160_000), entry(b"found", created=111.0)
    put(cache, "key", entry(status="404 NOT FOUND"))
    put(cache, "key", found)
    assert cache.lookup("key", 111.0) == Hit(found)


def test_a_response_from_the_future_is_not_served() -> None:
    cache, one = EntryCache(100_000), entry(created=100.0)
    put(cache, "key", one)
    assert cache.lookup("key", 99.5) == Hit(one)
    assert isinstance(cache.lookup("key", 90.0), Miss)


def test_a_hot_response_goes_with_its_entry() -> None:
    cache, one = EntryCache(100_000), entry()
    put(cache, "key", one)
    one.encoded[Coding.IDENTITY] = EncodedResponse(one.response, Coding.IDENTITY)
    response = one.wire_response(100.0, Coding.IDENTITY)
    cache.add_hot("name", one, response)
    assert cache.hot_responses == {"name": response}
    cache.invalidate(["current/hue"], 100.0, 101.0)
    assert cache.hot_responses == {}


def test_only_so_many_requests_are_hot() -> None:
    cache, one = EntryCache(100_000), entry()
    put(cache, "key", one)
    one.encoded[Coding.IDENTITY] = EncodedResponse(one.response, Coding.IDENTITY)
    response = one.wire_response(100.0, Coding.IDENTITY)
    for number in range(5_000):
        cache.add_hot(number, one, response)
    assert len(cache.hot_responses) == len(one.hot_keys) == 2_000
    assert 4_999 in cache.hot_responses


def test_what_goes_out_says_its_age_and_is_good_for_the_present_second() -> None:
    one = entry(created=100.5, fresh_for=2.2)
    one.encoded[Coding.IDENTITY] = EncodedResponse(one.response, Coding.IDENTITY)
    sent = [one.wire_response(now, Coding.IDENTITY) for now in (100.5, 101.4, 101.5, 102.6, 103.0)]
    headers = [dict(response.headers) for response in sent]
    assert [one["Age"] for one in headers] == ["0", "0", "1", "2", "2"]
    assert headers[0]["Cache-Status"] == "portal-widgets; hit; ttl=2"
    assert headers[-1]["Cache-Status"] == "portal-widgets; hit; ttl=-1; detail=stale"
    assert [response.valid_until for response in sent[:4]] == [101.5, 101.5, 102.5, one.fresh_until]


def test_what_goes_out_says_when_it_ends_to_caches_that_know_no_age() -> None:
    one = entry(created=100.0, fresh_for=60.0)
    one.encoded[Coding.IDENTITY] = EncodedResponse(one.response, Coding.IDENTITY)
    headers = dict(one.wire_response(130.5, Coding.IDENTITY).headers)
    assert (headers["Expires"], headers["X-Accel-Expires"]) == ("Thu, 01 Jan 1970 00:02:40 GMT", "29")
    assert dict(one.wire_response(162.0, Coding.IDENTITY).headers)["X-Accel-Expires"] == "0"

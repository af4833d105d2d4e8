"""The middleware with its cache in front of a small application: what is stored, and for whom."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import brotli
import pytest
from small_application import SmallApplication
from werkzeug.test import Client, TestResponse

from service.http_cache.entries import EntryCache, Flight
from service.http_cache.responses import AppResponse, CacheEntry

BROWSER = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def site(tmp_path: Path) -> SmallApplication:
    return SmallApplication.in_folder(tmp_path)


def get(site: SmallApplication, path: str, **headers: str) -> TestResponse:
    return Client(site.middleware).get(
        path, headers={name.replace("_", "-"): v for name, v in headers.items()}
    )


def status_of(response: TestResponse) -> str:
    return response.headers["Cache-Status"]


def test_the_second_reader_gets_the_same_answer_and_its_age(site: SmallApplication) -> None:
    first = get(site, "/page")
    site.now += 2.5
    second = get(site, "/page")
    assert status_of(first) == "portal-widgets; fwd=uri-miss; stored"
    assert status_of(second) == "portal-widgets; hit; ttl=57"
    assert (first.headers["Age"], second.headers["Age"]) == ("0", "2")
    assert first.data == second.data
    assert first.headers["Cache-Control"] == second.headers["Cache-Control"]
    assert len(site.environs) == 1


@pytest.mark.parametrize(
    "path",
    ["/page?b=2&a=1", "/page?a=1&b=2&x=3", "/page?a=1&a=9&b=2", "/page?%61=1&b=%32", "/page?a=1&b=2&utm="],
)
def test_the_same_query_in_another_form_makes_no_other_entry(site: SmallApplication, path: str) -> None:
    first = get(site, "/page?a=1&b=2")
    assert get(site, path).data == first.data
    assert len(site.environs) == 1


@pytest.mark.parametrize("path", ["/page?a=1", "/page?a=", "/Page", "/page/", "/page%3Fa=1", "/"])
def test_another_request_gets_its_own_response(site: SmallApplication, path: str) -> None:
    first = get(site, "/page")
    assert get(site, path).data != first.data
    assert len(site.environs) == 2


def test_another_port_is_another_key(site: SmallApplication) -> None:
    Client(site.middleware).get("/page", base_url="http://localhost:8001/")
    Client(site.middleware).get("/page", base_url="http://localhost:8002/")
    assert [environ["SERVER_PORT"] for environ in site.environs] == ["8001", "8002"]


def test_the_application_sees_nothing_by_which_readers_differ(site: SmallApplication) -> None:
    get(site, "/page?a=1&x=2", Cookie="who=me", Authorization="Basic eA==", Accept_Language="vi")
    (environ,) = site.environs
    assert environ["QUERY_STRING"] == "a=1"
    headers = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
    assert headers == {"HTTP_HOST": "localhost"}  # what every reader has asked for


@pytest.mark.parametrize(
    "given",
    [
        {"status": "500 OOPS"},
        {"status": "503 LATER"},
        {"status": "405 NO"},
        {"cache_control": "no-store"},
        {"cache_control": "private, max-age=60"},
        {"headers": [("Vary", "Accept-Language")]},
        {"headers": [("Set-Cookie", "who=me")]},
        {"records_dependencies": False},
        {"storable": False},
    ],
)
def test_what_must_not_be_stored_is_not_stored(tmp_path: Path, given: dict[str, object]) -> None:
    site = SmallApplication.in_folder(tmp_path, **given)
    for _ in range(3):
        response = get(site, "/page")
        assert status_of(response) == "portal-widgets; fwd=uri-miss"
        assert "Age" not in response.headers
    assert len(site.environs) == 3


def test_a_path_that_is_absurdly_long_is_answered_and_not_stored(site: SmallApplication) -> None:
    for _ in range(2):
        assert status_of(get(site, "/page?a=" + "x" * 5_000)) == "portal-widgets; fwd=bypass"
    assert len(site.environs) == 2


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "BREW"])
def test_other_methods_reach_the_application_as_they_are(site: SmallApplication, method: str) -> None:
    get(site, "/page")
    response = Client(site.middleware).open("/page", method=method)
    assert status_of(response) == "portal-widgets; fwd=method"
    assert site.environs[-1]["REQUEST_METHOD"] == method


def test_head_and_get_share_an_answer(site: SmallApplication) -> None:
    client = Client(site.middleware)
    client.head("/page", headers=BROWSER)
    site.wait_for_background()  # from then on the coding stays the same
    head = client.head("/page", headers=BROWSER)
    got = get(site, "/page", Accept_Encoding=BROWSER["Accept-Encoding"])
    assert len(site.environs) == 1
    assert head.data == b""
    assert head.headers["Content-Length"] == got.headers["Content-Length"] == str(len(got.data))
    assert head.headers["ETag"] == got.headers["ETag"]


def test_what_was_written_is_seen_within_two_seconds_and_other_writes_leave_the_hit(
    site: SmallApplication,
) -> None:
    get(site, "/page")
    site.store.write({"other": b"x"})
    site.now += 2
    assert status_of(get(site, "/page")).startswith("portal-widgets; hit")
    site.store.write({"item": b"second"})
    site.now += 2
    response = get(site, "/page")
    assert status_of(response) == "portal-widgets; fwd=stale; stored"
    assert b"second" in response.data
    assert b"second" in get(site, "/page").data


def test_a_hit_counts_as_demand(site: SmallApplication) -> None:
    get(site, "/page")
    assert site.hits == []
    site.now += 1
    get(site, "/page")
    assert site.hits == ["item"]


def test_what_was_evicted_takes_no_room_while_it_waits_to_be_compressed(tmp_path: Path) -> None:
    site = SmallApplication.in_folder(tmp_path, fill="x" * 200_000)  # of which memory holds three
    busy = threading.Event()
    site.cache.background.add(partial(busy.wait, 10))
    for number in range(20):
        get(site, f"/{number}", Accept_Encoding="br")
    bodies = [
        one for one in gc.get_objects() if isinstance(one, CacheEntry) and len(one.response.body) > 200_000
    ]
    busy.set()
    assert 0 < len(bodies) < 5


def test_each_coding_is_compressed_as_well_as_can_be_in_the_background(site: SmallApplication) -> None:
    quick = get(site, "/page", Accept_Encoding="br")
    site.wait_for_background()
    best = get(site, "/page", Accept_Encoding="br")
    assert quick.headers["ETag"] != best.headers["ETag"]
    assert len(best.data) < len(quick.data)
    assert brotli.decompress(best.data) == brotli.decompress(quick.data)
    for tag in (quick.headers["ETag"], best.headers["ETag"]):
        again = get(site, "/page", Accept_Encoding="br", If_None_Match=tag)
        assert (again.status_code, again.headers["ETag"]) == (304, tag)
    assert len(site.environs) == 1


def test_a_304_from_memory_has_its_age(site: SmallApplication) -> None:
    tag = get(site, "/page").headers["ETag"]
    site.now += 5
    response = get(site, "/page", If_None_Match=tag)
    assert response.status_code == 304
    assert (response.headers["Age"], status_of(response)) == ("5", "portal-widgets; hit; ttl=55")


def test_while_one_makes_the_next_the_others_get_the_old_without_waiting(site: SmallApplication) -> None:
    get(site, "/page")
    site.store.write({"item": b"second"})
    site.now += 1.5
    site.gate = threading.Event()
    with ThreadPoolExecutor(1) as others:
        making = others.submit(get, site, "/page")
        assert site.entered.wait(10)
        old = get(site, "/page")
        assert b"first" in old.data
        assert "detail=stale" in status_of(old)
        site.gate.set()
        assert b"second" in making.result(10).data
    assert b"second" in get(site, "/page").data
    assert len(site.environs) == 2


def test_readers_of_what_is_being_made_for_the_first_time_wait_for_it(site: SmallApplication) -> None:
    site.gate = threading.Event()
    with ThreadPoolExecutor(4) as others:
        first = others.submit(get, site, "/page")
        assert site.entered.wait(10)
        rest = [others.submit(get, site, "/page") for _ in range(3)]
        site.gate.set()
        assert {one.result(10).data for one in [first, *rest]} == {first.result().data}
    assert len(site.environs) == 1


def test_a_failure_of_the_application_is_passed_on_and_the_next_request_is_a_miss(
    site: SmallApplication,
) -> None:
    site.fault = RuntimeError("half a response")
    with pytest.raises(RuntimeError, match="half a response"):
        get(site, "/page")
    site.fault = None
    assert status_of(get(site, "/page")) == "portal-widgets; fwd=uri-miss; stored"


def test_a_client_without_a_tag_is_told_that_nothing_has_changed_since(site: SmallApplication) -> None:
    site.now = 1_000.7
    first = get(site, "/page")
    dated = first.headers["Last-Modified"]
    assert dated == "Thu, 01 Jan 1970 00:16:40 GMT"
    site.now += 30
    answer = get(site, "/page", If_Modified_Since=dated)
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert get(site, "/page", If_Modified_Since="Thu, 01 Jan 1970 00:16:39 GMT").status_code == 200
    assert get(site, "/page", If_Modified_Since="Thursday, 01-Jan-70 00:16:40 GMT").status_code == 304
    for unreadable in ("", "yesterday", "0", "Thu, 99 Foo 1970", "9" * 5_000):
        assert get(site, "/page", If_Modified_Since=unreadable).status_code == 200
    assert get(site, "/page", If_Modified_Since=dated, If_None_Match='"other"').status_code == 200


def test_the_time_of_a_change_is_that_of_the_body_and_moves_with_it(site: SmallApplication) -> None:
    """Whatever the application says: its time is that of its data, and a page also changes with the clock."""
    site.headers = [("Last-Modified", "Thu, 01 Jan 1970 00:00:10 GMT")]
    first = get(site, "/page").headers["Last-Modified"]
    site.now += 100  # made again, and the same
    assert get(site, "/page").headers["Last-Modified"] == first
    assert get(site, "/page", If_Modified_Since=first).status_code == 304
    site.now += 100
    site.fill = "other"
    assert get(site, "/page", If_Modified_Since=first).status_code == 200
    assert get(site, "/page").headers["Last-Modified"] != first


def test_no_two_bodies_have_the_same_second() -> None:
    cache, flight = EntryCache(1_000_000), Flight(0)
    seconds = []
    for now, body in ((5.1, b"a"), (5.5, b"b"), (5.6, b"b"), (5.9, b"c"), (9.0, b"c"), (4.0, b"d")):
        response = AppResponse("200 OK", [("Content-Type", "text/plain"), ("Cache-Control", "public")], body)
        seconds.append(cache.modified("key", response.digest, now))
        entry = CacheEntry(response.modified_at(seconds[-1]), frozenset(), len(seconds), 99.0, 99.0)
        assert cache.store("key", entry, flight)
    assert seconds == [5, 6, 6, 7, 7, 8]


def test_what_is_not_stored_is_sent_whatever_its_time(site: SmallApplication) -> None:
    site.headers = [("Last-Modified", "Thu, 01 Jan 1970 00:00:10 GMT")]
    site.cache_control = "no-store"
    answer = get(site, "/page", If_Modified_Since="Thu, 01 Jan 1970 00:20:00 GMT")
    assert answer.status_code == 200


def test_while_many_wait_a_body_is_made_small_only_when_it_is_asked_for_again(
    site: SmallApplication,
) -> None:
    site.cache.has_more_to_do = lambda: True
    first = get(site, "/page", Accept_Encoding="br")
    site.wait_for_background()
    again = get(site, "/page", Accept_Encoding="br")
    assert again.headers["ETag"] == first.headers["ETag"]
    site.wait_for_background()
    site.now += 1
    assert len(get(site, "/page", Accept_Encoding="br").data) < len(first.data)

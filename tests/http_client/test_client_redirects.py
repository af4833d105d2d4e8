from collections.abc import Iterator

import pytest
from local_upstream import LocalUpstream, failure_of

from service.core.errors import Cause, UpstreamError
from service.core.ports import Request
from service.http_client.client import HttpClient, redirected_request


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_the_answer_says_where_it_came_from(
    upstream: LocalUpstream, client: HttpClient, status: int
) -> None:
    upstream.redirect("/old", "/new?x=1", status)
    upstream.answer("/new", body=b"moved")
    answer = client.fetch(Request(upstream.url("/old"), {"q": "1"}))
    assert (answer.body, answer.url) == (b"moved", upstream.url("/new?x=1"))
    assert upstream.requests_for("/new")[0].query == {"x": "1"}


def test_three_redirects_are_followed_and_a_fourth_is_not(
    upstream: LocalUpstream, client: HttpClient
) -> None:
    for number in range(4):
        upstream.redirect(f"/{number}", f"/{number + 1}")
    upstream.answer("/4", body=b"the end")
    assert client.fetch(Request(upstream.url("/1"))).body == b"the end"
    assert failure_of(client, upstream.url("/0")).cause is Cause.REDIRECTS
    assert len(upstream.requests_for("/4")) == 1


def test_a_redirect_in_a_circle_is_noticed(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.redirect("/a", "/b")
    upstream.redirect("/b", "/a")
    assert failure_of(client, upstream.url("/a")).cause is Cause.REDIRECTS
    assert [asked.path for asked in upstream.requests] == ["/a", "/b"]


@pytest.mark.parametrize(
    "to",
    ["", "http://[broken", "https://a:b:c/", "\udcff".encode("utf-8", "surrogatepass").decode("latin-1")],
)
def test_a_redirect_to_nowhere_is_a_failure(upstream: LocalUpstream, client: HttpClient, to: str) -> None:
    upstream.raw(
        "/a",
        lambda: [
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + to.encode("latin-1") + b"\r\n\r\n"
        ],
    )
    assert failure_of(client, upstream.url("/a")).cause in (Cause.REDIRECTS, Cause.ADDRESS_REFUSED)


def test_the_body_of_a_redirect_is_not_read(upstream: LocalUpstream, client: HttpClient) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n"
        while True:
            yield b"and so on" * 1_000

    upstream.raw("/a", pieces)
    upstream.answer("/b", body=b"there")
    assert client.fetch(Request(upstream.url("/a"))).body == b"there"


def test_what_one_host_told_us_and_our_keys_do_not_travel_to_another(
    upstream: LocalUpstream, client: HttpClient
) -> None:
    sent = {
        "if-none-match": '"1"',
        "if-modified-since": "x",
        "x-api-key": "secret",
        "authorization": "b",
        "accept": "a/b",
    }
    with LocalUpstream() as other:
        other.answer("/there")
        upstream.redirect("/here", "/near")
        upstream.redirect("/near", other.url("/there"))
        client.fetch(Request(upstream.url("/here"), headers=sent))
        near, there = upstream.requests_for("/near")[0].headers, other.requests_for("/there")[0].headers
    assert {name: near.get(name) for name in sent} == sent
    assert {name: there.get(name) for name in sent if name != "accept"} == dict.fromkeys([*sent][:4])
    assert there["accept"] == "a/b"


def test_headers_stay_on_the_way_from_http_to_https_of_one_host() -> None:
    request = Request("http://a.example/x", headers={"if-none-match": '"1"'})
    assert redirected_request(request, request.url, "https://a.example/x").headers == request.headers
    for elsewhere in ("https://b.example/x", "https://a.example:8443/x", "http://a.example:8080/x"):
        assert redirected_request(request, request.url, elsewhere).headers == {}


def test_a_redirect_from_https_to_http_is_refused() -> None:
    with pytest.raises(UpstreamError, match="from https to http") as caught:
        redirected_request(Request("https://a.example/"), "https://a.example/", "http://a.example/")
    assert caught.value.cause is Cause.REDIRECTS


def test_a_target_with_letters_beyond_ascii_is_understood(
    upstream: LocalUpstream, client: HttpClient
) -> None:
    location = "/tin-tức".encode()
    upstream.raw(
        "/a", lambda: [b"HTTP/1.1 302 F\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"]
    )
    upstream.answer("/tin-t%E1%BB%A9c", body=b"news")
    assert client.fetch(Request(upstream.url("/a"))).body == b"news"


def test_a_failure_behind_a_redirect_says_who_redirected(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.redirect("/rss", upstream.url("/loi.html"))
    told = failure_of(client, upstream.url("/rss"))
    assert (told.cause, told.status) == (Cause.GONE, 404)
    assert told.detail.startswith("127.0.0.1 redirects: 127.0.0.1 answered 404 Not Found for /loi.html")

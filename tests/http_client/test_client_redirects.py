from collections.abc import Callable, Iterator

import pytest
from local_upstream import LocalUpstream, ReceivedRequest, Reply, failure_of

from service.core.errors import Cause, UpstreamError
from service.core.ports import Request
from service.http_client.client import HttpClient, redirected_request, with_cookies


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


def guarded(to: str, cookie: str = "khach=1") -> Callable[[ReceivedRequest], Reply]:
    """Play a guard that redirects whoever does not bring `khach=1`."""

    def play(request: ReceivedRequest) -> Reply:
        if request.headers.get("cookie") == "khach=1":
            return Reply(200, b"news")
        return Reply(302, headers={"Location": to, "Set-Cookie": cookie})

    return play


@pytest.mark.parametrize("to", ["/rss?x=1", "?x=1", "rss?x=1", "/rss?x=1#top"])
@pytest.mark.parametrize(
    "cookie",
    [
        "khach=1",
        "khach=1; Path=/; HttpOnly; SameSite=Lax; Expires=Wed, 21 Oct 2065 07:28:00 GMT; Max-Age=600",
    ],
)
def test_a_redirect_to_itself_that_sets_a_cookie_is_answered_with_it(
    upstream: LocalUpstream, client: HttpClient, cookie: str, to: str
) -> None:
    upstream.handle("/rss", guarded(to, cookie))
    answer = client.fetch(Request(upstream.url("/rss?x=1")))
    assert (answer.body, answer.url, len(upstream.requests)) == (b"news", upstream.url("/rss?x=1"), 2)
    assert "set-cookie" not in answer.headers


def test_a_cookie_is_of_one_exchange_alone(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.handle("/rss", guarded("/rss"))
    for _ in range(2):
        assert client.fetch(Request(upstream.url("/rss"))).body == b"news"
    assert [asked.headers.get("cookie") for asked in upstream.requests] == [None, "khach=1"] * 2


def test_a_guard_may_send_its_visitors_round_by_another_page(
    upstream: LocalUpstream, client: HttpClient
) -> None:
    upstream.handle("/rss", guarded("/kiem-tra", "tam=0; Max-Age=0"))
    upstream.answer("/kiem-tra", 302, headers={"Location": "/rss", "Set-Cookie": "khach=1"})
    assert client.fetch(Request(upstream.url("/rss"))).body == b"news"
    assert [asked.path for asked in upstream.requests] == ["/rss", "/kiem-tra", "/rss"]


@pytest.mark.parametrize("cookie", ["khach=2", "khach=", "", "khach=1; Max-Age=0", "=1", "khach"])
def test_a_guard_that_is_not_content_is_left_after_two_requests(
    upstream: LocalUpstream, client: HttpClient, cookie: str
) -> None:
    upstream.handle("/rss", guarded("/rss", cookie))
    assert failure_of(client, upstream.url("/rss")).cause is Cause.REDIRECTS
    assert len(upstream.requests) <= 2


def test_a_guard_with_another_cookie_each_time_is_left_too(
    upstream: LocalUpstream, client: HttpClient
) -> None:
    def play(request: ReceivedRequest) -> Reply:
        return Reply(302, headers={"Location": "/rss", "Set-Cookie": f"khach={request.number}"})

    upstream.handle("/rss", play)
    assert failure_of(client, upstream.url("/rss")).cause is Cause.REDIRECTS
    assert len(upstream.requests) == 2


def test_no_cookie_travels_to_another_host_and_none_comes_back(
    upstream: LocalUpstream, client: HttpClient
) -> None:
    with LocalUpstream() as other:
        upstream.answer("/a", 302, headers={"Location": other.url("/b"), "Set-Cookie": "khach=1"})
        other.answer("/b", 302, headers={"Location": upstream.url("/c"), "Set-Cookie": "la=2"})
        upstream.answer("/c", body=b"there")
        assert client.fetch(Request(upstream.url("/a"))).body == b"there"
        assert "cookie" not in other.requests[0].headers
    assert "cookie" not in upstream.requests_for("/c")[0].headers


def test_other_headers_stay_beside_the_cookie(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.handle("/rss", guarded("/rss"))
    client.fetch(
        Request(upstream.url("/rss"), {"q": "1"}, {"accept": "a/b", "if-none-match": '"1"'}, head=True)
    )
    first, second = upstream.requests
    assert {name: second.headers.get(name) for name in ("accept", "if-none-match", "cookie")} == {
        "accept": "a/b",
        "if-none-match": '"1"',
        "cookie": "khach=1",
    }
    assert (first.method, second.method) == ("HEAD", "HEAD")


@pytest.mark.parametrize(
    ("written", "cookie"),
    [
        (["a=1; Path=/", "b=2"], "a=1; b=2"),
        (["a=1", "a=2"], "a=2"),
        (["a=1", "a=; Max-Age=0", "b=x=y"], "b=x=y"),
        (["a=1", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], None),
        (['a="1,2"'], 'a="1,2"'),
        (["a=1\r\nX: y", "b c=1", "a=\x00", "\u0111=1", "a=\u0111", "=1", "a"], None),
        (["a=" + "x" * 5_000], None),
        ([f"a{n}=1" for n in range(100)], "; ".join(f"a{n}=1" for n in range(20))),
    ],
)
def test_cookies_are_taken_as_browsers_take_them(written: list[str], cookie: str | None) -> None:
    assert with_cookies(Request("https://a.example/"), written).headers.get("cookie") == cookie

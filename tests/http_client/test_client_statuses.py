from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import repeat

import pytest
from local_upstream import LocalUpstream, failure_of

from service.core.errors import Cause
from service.core.ports import Request
from service.http_client.client import HttpClient


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (400, Cause.REJECTED),
        (401, Cause.FORBIDDEN),
        (403, Cause.FORBIDDEN),
        (404, Cause.GONE),
        (410, Cause.GONE),
        (418, Cause.REJECTED),
        (429, Cause.RATE_LIMITED),
        (451, Cause.REJECTED),
        (499, Cause.REJECTED),
        (500, Cause.BROKEN),
        (503, Cause.BROKEN),
        (599, Cause.BROKEN),
        (300, Cause.UNREADABLE),
    ],
)
def test_every_status_has_its_cause(
    upstream: LocalUpstream, client: HttpClient, status: int, cause: Cause
) -> None:
    upstream.answer("/x", status, b"because")
    failure = failure_of(client, upstream.url("/x"))
    assert (failure.cause, failure.status) == (cause, status)
    assert str(status) in failure.detail
    assert "because" not in failure.detail


@pytest.mark.parametrize("status", [429, 503, 403])
@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("120", timedelta(minutes=2)),
        ("Sun, 22 Nov 2026 03:10:00 GMT", timedelta(minutes=10)),
        ("999999999", timedelta(days=1)),
        ("Sun, 22 Nov 2020 03:10:00 GMT", timedelta(0)),
        ("-5", None),
        ("soon", None),
    ],
)
def test_retry_after_is_heeded_on_every_error(
    upstream: LocalUpstream, client: HttpClient, status: int, said: str, rest: timedelta | None
) -> None:
    upstream.answer("/x", status, headers={"Retry-After": said})
    assert failure_of(client, upstream.url("/x")).retry_after == rest


def test_what_an_error_says_is_never_told(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.answer("/x", 400, '{"reason":"no place at latitude=95&sig=a1b2c3","error":true}')
    assert failure_of(client, upstream.url("/x")).detail == "127.0.0.1 answered 400 Bad Request for /x"


def test_an_error_without_end_is_told_at_once(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.raw("/x", lambda: iter([b"HTTP/1.1 500 Oh\r\n\r\n", *[b"long story " * 1_000] * 1_000]))
    assert failure_of(client, upstream.url("/x")).cause is Cause.BROKEN


def test_a_part_of_the_path_that_may_be_a_key_is_not_told(
    upstream: LocalUpstream, client: HttpClient
) -> None:
    upstream.answer("/feed/9f86d081884c7d65/rss", 403)
    failure = failure_of(client, upstream.url("/feed/9f86d081884c7d65/rss"))
    assert failure.detail == "127.0.0.1 answered 403 Forbidden for /feed/…/rss"


def test_an_error_page_is_told_by_its_address_and_not_by_its_words(
    upstream: LocalUpstream, client: HttpClient
) -> None:
    upstream.answer("/tin", 404, "Không có trang này", {"Content-Type": "text/html"})
    detail = failure_of(client, upstream.url("/tin?apikey=secret")).detail
    assert detail == "127.0.0.1 answered 404 Not Found for /tin"


def test_when_it_may_be_asked_again_is_told_as_a_time(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.answer("/x", 503, headers={"Retry-After": "600"})
    assert failure_of(client, upstream.url("/x")).detail == (
        "127.0.0.1 answered 503 Service Unavailable for /x; "
        "it may be asked again from 2026-11-22 03:10:00 UTC on"
    )


def test_an_error_whose_explanation_breaks_off_is_still_that_error(
    upstream: LocalUpstream, hasty: HttpClient
) -> None:
    head = b"HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 100\r\n\r\n"
    upstream.raw("/x", lambda: [head, b"half an expl"])
    failure = failure_of(hasty, upstream.url("/x"))
    assert (failure.cause, failure.retry_after) == (Cause.BROKEN, timedelta(minutes=1))


EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@pytest.mark.parametrize(
    "before",
    [
        EARLY,
        EARLY * 3,
        b"HTTP/1.1 100 Continue\r\n\r\n" + EARLY + b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" + EARLY,
        b"HTTP/1.1 199\r\n\r\n",
    ],
    ids=range(5),
)
def test_what_comes_before_the_response_is_passed_over(
    upstream: LocalUpstream, client: HttpClient, before: bytes
) -> None:
    upstream.raw("/x", lambda: [before, LAST])
    response = client.fetch(Request(upstream.url("/x")))
    assert (response.status, response.body) == (200, b"ok")
    assert "link" not in response.headers
    upstream.raw(
        "/y",
        lambda: [
            before,
            b"HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ],
    )
    assert client.fetch(Request(upstream.url("/y"))).body == b"ok"


@pytest.mark.parametrize(
    ("pieces", "cause"),
    [
        (lambda: repeat(EARLY * 100), {Cause.TOO_LARGE, Cause.TIMEOUT}),
        (lambda: [EARLY], {Cause.BROKEN, Cause.UNREACHABLE, Cause.UNREADABLE}),
        (
            lambda: [b"HTTP/1.1 103 Early\r\n" + b"A: 1\r\n" * 1_000 + b"\r\n", LAST],
            {Cause.UNREADABLE, Cause.BROKEN},
        ),
        (lambda: [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"], {Cause.UNREADABLE}),
    ],
    ids=["without end", "nothing else", "a large one", "another protocol"],
)
def test_a_response_that_never_comes_is_a_failure(
    upstream: LocalUpstream, hasty: HttpClient, pieces: Callable[[], Iterable[bytes]], cause: set[Cause]
) -> None:
    upstream.raw("/x", pieces)
    assert failure_of(hasty, upstream.url("/x")).cause in cause

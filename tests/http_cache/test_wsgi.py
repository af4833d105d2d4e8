"""The middleware in front of a small application: codings, ETags, 304 and HEAD."""

import gzip
from collections.abc import Callable, Iterable
from typing import Any

import brotli
import pytest
from werkzeug.test import Client

from service.http_cache.wsgi import CachingMiddleware

BODY = ("Thời tiết Đông Hà. " * 60).encode()


def application(
    body: bytes = BODY,
    status: str = "200 OK",
    kind: str = "text/html; charset=utf-8",
    cache: str = "public, max-age=60",
) -> Callable[..., Iterable[bytes]]:
    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        assert environ["REQUEST_METHOD"] == "GET"
        start_response(
            status,
            [
                ("Content-Type", kind),
                ("Content-Length", str(len(body))),
                ("Cache-Control", cache),
                ("X-Robots-Tag", "noindex"),
            ],
        )
        return [body]

    return answer


@pytest.fixture
def client() -> Client:
    return Client(CachingMiddleware(application()))


@pytest.mark.parametrize(("coding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_body_arrives_whole_in_every_coding(
    client: Client, coding: str, unpack: Callable[[bytes], bytes]
) -> None:
    answer = client.get("/", headers={"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(BODY)
    assert unpack(answer.data) == BODY


def test_each_coding_has_a_strong_tag_of_its_own_and_any_of_them_gives_304(client: Client) -> None:
    tags = {
        coding: client.get("/", headers={"Accept-Encoding": coding}).headers["ETag"]
        for coding in ("br", "gzip", "identity")
    }
    assert len(set(tags.values())) == 3
    assert not any(tag.startswith("W/") for tag in tags.values())
    for coding, own in tags.items():
        for tag in [*tags.values(), f"W/{tags['br']}", f'"other", {tags["gzip"]}', "*"]:
            answer = client.get("/", headers={"Accept-Encoding": coding, "If-None-Match": tag})
            assert (answer.status_code, answer.data) == (304, b"")
            assert answer.headers["ETag"] == own
            assert answer.headers["Cache-Control"] == "public, max-age=60"
            assert "Content-Type" not in answer.headers


def test_another_tag_gets_the_body(client: Client) -> None:
    answer = client.get("/", headers={"If-None-Match": '"0123"'})
    assert (answer.status_code, answer.data) == (200, BODY)


@pytest.mark.parametrize("coding", ["br", "identity"])
def test_head_has_the_headers_of_get_and_no_body(client: Client, coding: str) -> None:
    given = {"Accept-Encoding": coding, "X-Request-Id": "same"}
    got, head = client.get("/", headers=given), client.head("/", headers=given)
    assert head.data == b""
    assert dict(head.headers) == dict(got.headers)


@pytest.mark.parametrize(
    "given", [{"status": "404 NOT FOUND"}, {"status": "500 OOPS"}, {"cache": "no-store"}]
)
def test_errors_and_what_must_not_be_stored_have_no_tag(given: dict[str, str]) -> None:
    answer = Client(CachingMiddleware(application(**given))).get("/", headers={"If-None-Match": "*"})
    assert "ETag" not in answer.headers
    assert answer.data == BODY


def test_an_image_is_not_compressed_again() -> None:
    answer = Client(CachingMiddleware(application(kind="image/webp"))).get(
        "/", headers={"Accept-Encoding": "br"}
    )
    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers


def test_an_application_that_fails_is_closed_and_its_failure_is_passed_on() -> None:
    closed = []

    class Failing:
        def __iter__(self) -> "Failing":
            return self

        def __next__(self) -> bytes:
            raise RuntimeError("half an answer")

        def close(self) -> None:
            closed.append(True)

    def failing(_environ: dict[str, Any], start_response: Callable[..., object]) -> Failing:
        start_response("200 OK", [])
        return Failing()

    with pytest.raises(RuntimeError, match="half an answer"):
        Client(CachingMiddleware(failing)).get("/")
    assert closed

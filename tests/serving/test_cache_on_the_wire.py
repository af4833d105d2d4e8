"""Stored responses as they come over the wire: under our worker and under threads."""

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import brotli
import pytest
from local_upstream import LocalUpstream
from prometheus_client import parser
from running_service import PACKAGED, PLAIN, Running, running, until

from service.storage.store import SqliteStore
from service.weather import records

WIDGET = "/widgets/weather/hue"
BROWSER = {"Accept-Encoding": "gzip, deflate, br"}


class Reply:
    """One response, its header names in lower case."""

    def __init__(self, service: Running, path: str, method: str = "GET", **headers: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=BROWSER | named)
        response = connection.getresponse()
        self.status, self.body = response.status, response.read()
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        connection.close()

    @property
    def cache_status(self) -> str:
        return self.headers["cache-status"]

    @property
    def is_hit(self) -> bool:
        return self.cache_status.startswith("portal-widgets; hit")


@pytest.fixture(scope="module", params=["asgi", "gthread"])
def service(
    request: pytest.FixtureRequest, shared_upstream: LocalUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Run one worker, until it has the weather of Huế."""
    command = PACKAGED if request.param == "asgi" else (*PLAIN, "-k", "gthread", "--threads", "4")
    folder = tmp_path_factory.mktemp("cache")
    with running((*command, "--workers", "1"), folder, shared_upstream) as made:
        until(lambda: made.has_weather("hue"), 20, lambda: made.log)
        yield made


def compressed_hit(service: Running, path: str = WIDGET) -> Reply:
    """Return a hit that is compressed as well as can be."""

    def best() -> Reply | None:
        response = Reply(service, path)
        return response if response.is_hit and response.headers["etag"].endswith('-b11"') else None

    return until(best, 10, lambda: service.log)


def test_a_stored_response_is_marked_as_one_and_its_age_grows(service: Running) -> None:
    first = compressed_hit(service)
    assert first.headers["content-encoding"] == "br"
    assert brotli.decompress(first.body).rstrip().endswith(b"</html>")
    older = until(lambda: (a := Reply(service, WIDGET)).headers["age"] != first.headers["age"] and a, 10)
    assert older.is_hit
    max_age = int(older.headers["cache-control"].partition("max-age=")[2].partition(",")[0])
    ttl = int(older.cache_status.partition("ttl=")[2])
    assert abs(max_age - int(older.headers["age"]) - ttl) <= 1


def test_a_persistent_connection_and_one_that_closes_get_the_same(service: Running) -> None:
    first = compressed_hit(service)
    tags = ({}, {"If_None_Match": first.headers["etag"]})
    for method, tag in ((method, tag) for method in ("GET", "HEAD") for tag in tags):

        def alike(method: str = method, tag: dict[str, str] = tag) -> bool:
            stays, goes = (
                Reply(service, WIDGET, method, Connection=option, **tag) for option in ("keep-alive", "close")
            )
            assert goes.headers["connection"] == "close"
            for response in (stays, goes):
                response.headers.pop("connection", None)
            return (stays.status, stays.body, stays.headers) == (goes.status, goes.body, goes.headers)

        until(alike, 10)  # within one second: Age and Date move on


def test_an_unknown_parameter_finds_the_same_response(service: Running) -> None:
    first, other = compressed_hit(service), Reply(service, f"{WIDGET}?made=up&lang=&nothing")
    assert Reply(service, f"{WIDGET}?made=up").is_hit
    assert Reply(service, f"{WIDGET}?made=up").body == first.body
    assert other.status == 200


def test_every_etag_that_was_sent_is_recognised(service: Running) -> None:
    best = compressed_hit(service)
    quick = best.headers["etag"].replace("-b11", "-b")
    for tag in (best.headers["etag"], quick, quick.replace("-b", "-g")):
        response = Reply(service, WIDGET, If_None_Match=tag)
        assert (response.status, response.body) == (304, b"")
        assert response.is_hit
        assert {
            "age",
            "cache-control",
            "vary",
            "etag",
            "cross-origin-resource-policy",
        } <= response.headers.keys()
        assert "content-length" not in response.headers


def test_a_request_in_absolute_form_finds_the_same_response(service: Running) -> None:
    known = compressed_hit(service)
    absolute = Reply(service, f"http://widgets.example.gov.vn:80{WIDGET}?made=up")
    assert (absolute.status, absolute.headers["etag"]) == (200, known.headers["etag"])


def test_head_has_the_headers_of_get(service: Running) -> None:
    got, head = compressed_hit(service), Reply(service, WIDGET, "HEAD")
    changing = {"age", "x-accel-expires", "cache-status", "date"}
    assert head.body == b""
    assert {n: v for n, v in head.headers.items() if n not in changing} == {
        n: v for n, v in got.headers.items() if n not in changing
    }


def test_a_write_of_other_items_leaves_the_hit_and_new_data_are_shown(service: Running) -> None:
    store = SqliteStore(Path(service.folder) / "store.sqlite3")
    before = compressed_hit(service, "/api/v1/weather/hue")
    store.write({records.demand_key("nobody"): b"x"})
    aged = until(lambda: (a := Reply(service, "/api/v1/weather/hue")).headers["age"] > "1" and a, 10)
    assert aged.is_hit
    found = store.read(["current/hue", "current/vinh"])
    store.write({"current/hue": found["current/hue"].replace(b'"humidity":', b'"humidity":1.0,"x":')})
    changed = until(lambda: (a := Reply(service, "/api/v1/weather/hue")).body != before.body and a, 5)
    assert changed.cache_status == "portal-widgets; fwd=stale; stored"
    store.write(found)
    store.close()


def test_a_head_that_is_sent_again_is_the_one_that_was_made(service: Running) -> None:
    """Our worker joins the head of a stored response once; each kind of request still gets its own."""
    tag = compressed_hit(service).headers["etag"]
    get, head, unchanged = b"GET", b"HEAD", b"If-None-Match: " + tag.encode() + b"\r\n"
    requests = [
        (get, b""),
        (get, b""),
        (head, b""),
        (get, unchanged),
        (get, unchanged),
        (head, unchanged),
        (get, b""),
    ]

    def exchange() -> list[tuple[bytes, dict[str, str], bytes]] | None:
        with (
            socket.create_connection(("127.0.0.1", service.port), timeout=10) as line,
            line.makefile("rb") as read,
        ):
            for number, (method, fields) in enumerate(requests, 1):
                last = b"Connection: close\r\n" if number == len(requests) else b""
                line.sendall(
                    b"%b %b HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n%b%b\r\n"
                    % (method, WIDGET.encode(), fields, last)
                )
            found = [read_response(read, has_body=request == (get, b"")) for request in requests]
            assert read.read() == b""
        of_one_second = {(fields["age"], fields["date"]) for _, fields, _ in found}
        # The first is a miss where a write of an earlier test has just been noticed.
        are_hits = all("; hit" in fields["cache-status"] for _, fields, _ in found)
        return found if are_hits and len(of_one_second) == 1 else None

    found = until(exchange, 10, lambda: service.log)
    ok, not_modified = b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 304 Not Modified\r\n"
    assert [status for status, _, _ in found] == [ok, ok, ok, not_modified, not_modified, not_modified, ok]
    last = found[-1][1]
    assert last.pop("connection") == "close"
    assert all(
        "connection" not in fields or fields["connection"] == "keep-alive" for _, fields, _ in found[:-1]
    )
    for _, fields, _ in found:
        fields.pop("connection", None)
    assert found[0] == found[1] == found[6]
    assert found[2][1] == found[0][1]
    assert found[3] == found[4] == found[5]
    assert found[3][1].items() <= found[0][1].items()
    assert brotli.decompress(found[0][2]).rstrip().endswith(b"</html>")


def read_response(read: BinaryIO, *, has_body: bool) -> tuple[bytes, dict[str, str], bytes]:
    """Status line, headers and body of the next response."""
    status = read.readline()
    fields = {name.lower(): value for name, value in http.client.parse_headers(read).items()}
    return status, fields, read.read(int(fields["content-length"])) if has_body else b""


def test_every_response_is_counted(service: Running) -> None:
    """Hits never reach the application, whatever the worker class."""

    def told() -> dict[str, float]:
        families = parser.text_string_to_metric_families(service.get("/metrics"))
        return {
            sample.labels["cache"]: sample.value
            for family in families
            for sample in family.samples
            if sample.name == "portal_widgets_http_requests_total"
            and sample.labels["route"] == "/widgets/weather/<city>"
            and sample.labels["status"] == "200"
        }

    compressed_hit(service)
    before = told()
    hits = sum(Reply(service, WIDGET).is_hit for _ in range(50))
    after = told()
    assert sum(after.values()) - sum(before.values()) == 50
    assert after["hit"] - before["hit"] == hits > 0

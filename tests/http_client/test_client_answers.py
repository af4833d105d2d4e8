import gzip
import logging
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from local_upstream import LocalUpstream, Reply, failure_of

from service.core.errors import Cause
from service.core.ports import Request
from service.http_client.client import ClientLimits, HttpClient


def test_an_answer_has_its_status_its_headers_in_lower_case_and_its_body(
    upstream: LocalUpstream, client: HttpClient
) -> None:
    upstream.answer(
        "/x", 200, b"some bytes", {"Last-Modified": "Sat, 21 Nov 2026 00:00:00 GMT", "ETag": '"1"'}
    )
    answer = client.fetch(Request(upstream.url("/x")))
    assert (answer.status, answer.body, answer.url) == (200, b"some bytes", upstream.url("/x"))
    assert answer.headers == {"last-modified": "Sat, 21 Nov 2026 00:00:00 GMT", "etag": '"1"'}


def test_the_parameters_and_headers_of_a_request_arrive(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.answer("/x")
    client.fetch(Request(upstream.url("/x?a=1"), {"q": "Đông Hà", "list": "1,2"}, {"if-none-match": '"1"'}))
    asked = upstream.requests[0]
    assert asked.query == {"a": "1", "q": "Đông Hà", "list": "1,2"}
    assert asked.headers["if-none-match"] == '"1"'


def test_we_say_who_we_are_and_what_we_can_unpack(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.answer("/x")
    client.fetch(Request(upstream.url("/x")))
    headers = upstream.requests[0].headers
    assert headers["user-agent"] == "portal-widgets/test"
    assert {"gzip", "deflate"} <= {coding.strip() for coding in headers["accept-encoding"].split(",")}


def test_a_head_brings_no_body_however_large_or_packed_that_would_be(
    upstream: LocalUpstream, client: HttpClient
) -> None:
    upstream.redirect("/x", upstream.url("/y"))
    upstream.answer("/y", body=b"<" * 9_000_000, headers={"content-encoding": "gzip"})
    answer = client.fetch(Request(upstream.url("/x"), head=True))
    assert (answer.status, answer.body) == (200, b"")
    assert [upstream.requests_for(path)[0].method for path in ("/x", "/y")] == ["HEAD", "HEAD"]


def test_a_not_modified_is_an_answer_without_a_body(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.answer("/x", 304, headers={"ETag": '"1"'})
    answer = client.fetch(Request(upstream.url("/x"), headers={"if-none-match": '"1"'}))
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", '"1"')


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("br", brotli.compress),
        ("identity", bytes),
        ("GZIP", lambda data: gzip.compress(data[:100_000]) + gzip.compress(data[100_000:])),
    ],
)
def test_a_compressed_body_comes_out_as_it_was(
    upstream: LocalUpstream, client: HttpClient, coding: str, pack: Callable[[bytes], bytes]
) -> None:
    body = bytes(range(256)) * 1_000
    upstream.answer("/x", 200, pack(body), {"Content-Encoding": coding})
    answer = client.fetch(Request(upstream.url("/x")))
    assert answer.body == body
    assert "content-encoding" not in answer.headers


def test_a_chunked_body_comes_out_whole(upstream: LocalUpstream, client: HttpClient) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    upstream.raw("/x", lambda: [head, b"5\r\nhello\r\n", b"6\r\n world\r\n", b"0\r\n\r\n"])
    assert client.fetch(Request(upstream.url("/x"))).body == b"hello world"


def test_the_connection_is_kept_for_the_next_request(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.answer("/x", body=b"1")
    for _ in range(3):
        client.fetch(Request(upstream.url("/x")))
    assert len({asked.port for asked in upstream.requests}) == 1


def test_a_server_that_was_restarted_meanwhile_is_asked_over_a_new_connection(client: HttpClient) -> None:
    with LocalUpstream() as first:
        first.answer("/x", body=b"before")
        url = first.url("/x")
        assert client.fetch(Request(url)).body == b"before"
    with LocalUpstream(port=int(url.split(":")[2].split("/")[0])) as second:
        second.answer("/x", body=b"after")
        assert client.fetch(Request(url)).body == b"after"


@pytest.mark.parametrize("content_type", ["application/gzip", "application/octet-stream", "text/xml", ""])
@pytest.mark.parametrize("coding", ["", "gzip", "br"])
def test_a_gzip_file_is_unpacked_though_no_header_says_so(
    upstream: LocalUpstream, client: HttpClient, coding: str, content_type: str
) -> None:
    body = b"<rss/>" * 50_000
    packed = gzip.compress(body[:100_000]) + gzip.compress(body[100_000:])
    sent = {"": bytes, "gzip": gzip.compress, "br": brotli.compress}[coding](packed)
    upstream.answer("/x", body=sent, headers={"Content-Type": content_type, "Content-Encoding": coding})
    assert client.fetch(Request(upstream.url("/x"))).body == body


@pytest.mark.parametrize("body", [b"\x1f\x8bnone", b"\x1f\x00", b"a\x1f\x8b\x08"])
def test_what_only_begins_like_one_stays_as_it_is(
    upstream: LocalUpstream, client: HttpClient, body: bytes
) -> None:
    upstream.answer("/x", body=body)
    assert client.fetch(Request(upstream.url("/x"))).body == body


def test_twenty_megabytes_are_read_and_more_is_not(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.answer("/x", body=gzip.compress(bytes(20_000_000), 1), headers={"Content-Encoding": "gzip"})
    assert len(client.fetch(Request(upstream.url("/x"))).body) == 20_000_000
    upstream.answer("/x", body=gzip.compress(bytes(20_000_001), 1), headers={"Content-Encoding": "gzip"})
    assert failure_of(client, upstream.url("/x")).cause is Cause.TOO_LARGE


def test_no_cookie_of_an_answer_is_ever_sent_back(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.answer("/x", headers={"Set-Cookie": "id=1; Path=/"})
    assert "set-cookie" not in client.fetch(Request(upstream.url("/x"))).headers
    client.fetch(Request(upstream.url("/x")))
    assert all("cookie" not in asked.headers for asked in upstream.requests)


def test_proxies_and_passwords_of_the_environment_are_not_looked_at(
    upstream: LocalUpstream, client: HttpClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    upstream.answer("/x", body=b"direct")
    assert client.fetch(Request(upstream.url("/x"))).body == b"direct"
    assert "authorization" not in upstream.requests[0].headers


def test_one_door_serves_several_threads_at_once(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.hang("/x", then=Reply(200, b"at last"))
    with ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(client.fetch, Request(upstream.url("/x"))) for _ in range(8)]
        upstream.wait_for(lambda: upstream.most_at_once["/x"] == 8)
        upstream.release("/x")
        assert [asked.result().body for asked in asking] == [b"at last"] * 8


def test_with_a_proxy_it_is_the_proxy_that_is_connected_to(upstream: LocalUpstream) -> None:
    upstream.answer("/x", body=b"through the proxy")
    limits = ClientLimits(proxy=upstream.url(""))
    with HttpClient("portal-widgets/test", lambda: datetime(2026, 1, 1, tzinfo=UTC), limits) as client:
        answer = client.fetch(Request("http://data.example/x", {"q": "1"}))
        assert failure_of(client, "http://data.example:22/x").cause is Cause.ADDRESS_REFUSED
    assert (answer.body, upstream.requests[0].target) == (b"through the proxy", "http://data.example/x?q=1")


def test_a_proxy_that_refuses_is_told_of_in_a_sentence(upstream: LocalUpstream) -> None:
    upstream.handle("data.example:443", lambda _: Reply(403))
    with HttpClient(
        "a", lambda: datetime(2026, 1, 1, tzinfo=UTC), ClientLimits(proxy=upstream.url(""))
    ) as client:
        failure = failure_of(client, "https://data.example/x")
    assert upstream.requests[0].method == "CONNECT"
    assert failure.cause is Cause.UNREACHABLE
    assert "data.example" in failure.detail


def test_no_key_is_logged_or_told_even_by_the_libraries_below(
    upstream: LocalUpstream, client: HttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    upstream.raw("/odd", lambda: [b"HTTP/1.1 200 OK\r\nthis is no header\r\nX: 1\r\n\r\nbody"])
    upstream.answer("/no", 401, b"Invalid API key: s3cr3tkey. See docs")
    answer = client.fetch(Request(upstream.url("/odd"), {"appid": "s3cr3tkey", "q": "x"}))
    failure = failure_of(client, upstream.url("/no?apikey=s3cr3tkey"))
    assert upstream.requests[0].query["appid"] == "s3cr3tkey"
    assert answer.url == upstream.url("/odd?q=x")
    assert "401 Unauthorized" in failure.detail
    assert "s3cr3tkey" not in failure.detail + caplog.text

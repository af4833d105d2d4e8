import ast
import gzip
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_upstream import LocalUpstream, failure_of

from service.core.errors import Cause, SettingsError
from service.core.ports import Request
from service.http_client.client import ClientLimits, HttpClient


def test_a_server_that_hangs_is_left_at_the_deadline(upstream: LocalUpstream, hasty: HttpClient) -> None:
    upstream.hang("/x")
    assert failure_of(hasty, upstream.url("/x")).cause is Cause.TIMEOUT
    upstream.release("/x")


def test_a_server_that_drips_its_headers_is_left_at_the_deadline(
    upstream: LocalUpstream, hasty: HttpClient
) -> None:
    upstream.drip_headers("/x")
    assert failure_of(hasty, upstream.url("/x")).cause is Cause.TIMEOUT


def test_a_server_that_drips_its_body_is_left_at_the_deadline(
    upstream: LocalUpstream, hasty: HttpClient
) -> None:
    upstream.drip_body("/x")
    assert failure_of(hasty, upstream.url("/x")).cause is Cause.TIMEOUT


def test_a_server_that_says_continue_for_ever_is_left(upstream: LocalUpstream, hasty: HttpClient) -> None:
    def continues() -> Iterator[bytes]:
        while True:
            yield b"HTTP/1.1 100 Continue\r\n\r\n" * 100

    upstream.raw("/x", continues)
    assert failure_of(hasty, upstream.url("/x")).cause in (Cause.TIMEOUT, Cause.TOO_LARGE)


def test_a_slow_chain_of_redirects_shares_one_deadline(upstream: LocalUpstream, hasty: HttpClient) -> None:
    for number in range(3):
        upstream.raw(
            f"/{number}",
            lambda to=f"/{number + 1}": [f"HTTP/1.1 302 F\r\nLocation: {to}\r\n\r\n".encode()],
            pause=0.15,
        )
    upstream.answer("/3")
    assert failure_of(hasty, upstream.url("/0")).cause is Cause.TIMEOUT
    assert not upstream.requests_for("/3")


def test_a_deadline_that_one_request_used_up_does_not_shorten_the_next(
    upstream: LocalUpstream, client: HttpClient, hasty: HttpClient
) -> None:
    upstream.answer("/x", body=b"fine")
    upstream.drip_body("/slow", b"x" * 1_000)
    for _ in range(2):
        assert hasty.fetch(Request(upstream.url("/x"))).body == b"fine"
        assert failure_of(hasty, upstream.url("/slow")).cause is Cause.TIMEOUT
    assert client.fetch(Request(upstream.url("/x"))).body == b"fine"


def test_a_body_without_end_is_left_at_the_size_cap(upstream: LocalUpstream, hasty: HttpClient) -> None:
    upstream.endless_body("/x")
    assert failure_of(hasty, upstream.url("/x")).cause is Cause.TOO_LARGE


def test_a_body_that_says_it_is_too_large_is_not_read(upstream: LocalUpstream, hasty: HttpClient) -> None:
    upstream.raw("/x", lambda: [b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"])
    assert failure_of(hasty, upstream.url("/x")).cause is Cause.TOO_LARGE


def test_a_body_of_just_the_size_cap_is_an_answer(upstream: LocalUpstream) -> None:
    upstream.answer("/full", body=b"x" * 5_000)
    upstream.answer("/over", body=b"x" * 5_001)
    with HttpClient(
        "a",
        lambda: pytest.fail("no clock is needed"),
        ClientLimits(max_bytes=5_000, allow_private=["127.0.0.1"]),
    ) as client:
        assert len(client.fetch(Request(upstream.url("/full"))).body) == 5_000
        assert failure_of(client, upstream.url("/over")).cause is Cause.TOO_LARGE


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_a_gzip_file_that_is_a_bomb_damaged_or_cut_is_a_failure(
    upstream: LocalUpstream, hasty: HttpClient, coding: str
) -> None:
    whole = gzip.compress(b"<rss/>" * 1_000)
    for packed, cause in (
        (gzip.compress(bytes(50_000_000), 1), Cause.TOO_LARGE),
        (whole[:-9], Cause.UNREADABLE),
        (whole[:20] + b"\xff" * 20 + whole[40:], Cause.UNREADABLE),
        (gzip.compress(b"") * 2_000, Cause.UNREADABLE),
    ):
        sent = gzip.compress(packed) if coding else packed
        upstream.answer("/x", body=sent, headers={"Content-Encoding": coding})
        assert failure_of(hasty, upstream.url("/x")).cause is cause


def test_what_follows_a_gzip_file_counts_as_it_is_unpacked(
    upstream: LocalUpstream, hasty: HttpClient
) -> None:
    sent = gzip.compress(gzip.compress(b"<rss/>") + bytes(50_000_000), 1)
    upstream.answer("/x", body=sent, headers={"Content-Encoding": "gzip"})
    assert failure_of(hasty, upstream.url("/x")).cause is Cause.TOO_LARGE


def test_a_compressed_bomb_is_left_at_the_size_cap(upstream: LocalUpstream, hasty: HttpClient) -> None:
    upstream.gzip_bomb("/x")
    assert failure_of(hasty, upstream.url("/x")).cause is Cause.TOO_LARGE


def test_a_compressed_body_that_becomes_nothing_is_bounded_too(
    upstream: LocalUpstream, hasty: HttpClient
) -> None:
    def blocks_of_nothing() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n\x78\x9c"
        while True:
            yield b"\x00\x00\x00\xff\xff" * 10_000

    upstream.raw("/x", blocks_of_nothing)
    assert failure_of(hasty, upstream.url("/x")).cause in (Cause.TOO_LARGE, Cause.TIMEOUT)


@pytest.mark.parametrize("coding", ["zstd", "gzip, gzip", "compress"])
def test_a_coding_that_was_not_asked_for_is_refused(
    upstream: LocalUpstream, client: HttpClient, coding: str
) -> None:
    upstream.answer("/x", body=b"?", headers={"Content-Encoding": coding})
    assert failure_of(client, upstream.url("/x")).cause is Cause.UNREADABLE


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_body_that_is_not_what_its_coding_says_is_unreadable(
    upstream: LocalUpstream, client: HttpClient, coding: str
) -> None:
    upstream.answer("/x", body=b"\xff\xfe plain text", headers={"Content-Encoding": coding})
    assert failure_of(client, upstream.url("/x")).cause is Cause.UNREADABLE


def test_a_body_shorter_than_announced_is_no_answer(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.truncate("/x")
    assert failure_of(client, upstream.url("/x")).cause is Cause.UNREADABLE


@pytest.mark.parametrize(
    "rest", [b"5\r\nhel", b"5\r\nhello\r\n", b"zz\r\nhello\r\n0\r\n\r\n", b"-5\r\nhello\r\n"]
)
def test_a_chunked_body_that_is_broken_is_no_answer(
    upstream: LocalUpstream, client: HttpClient, rest: bytes
) -> None:
    upstream.raw("/x", lambda: [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", rest])
    assert failure_of(client, upstream.url("/x")).cause is Cause.UNREADABLE


def test_a_server_that_closes_without_an_answer_was_not_reached(
    upstream: LocalUpstream, client: HttpClient
) -> None:
    upstream.close_without_answer("/x")
    assert failure_of(client, upstream.url("/x")).cause is Cause.UNREACHABLE


def test_bytes_that_are_no_http_are_unreadable(upstream: LocalUpstream, client: HttpClient) -> None:
    upstream.garbage("/x")
    assert failure_of(client, upstream.url("/x")).cause is Cause.UNREADABLE


def test_a_port_where_nobody_listens_is_unreachable(client: HttpClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    failure = failure_of(client, f"http://127.0.0.1:{port}/x")
    assert failure.cause is Cause.UNREACHABLE
    assert "127.0.0.1" in failure.detail


def test_a_name_that_does_not_exist_is_unreachable(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    failure = failure_of(client, "http://nowhere.example/x")
    assert failure.cause is Cause.UNREACHABLE
    assert "nowhere.example" in failure.detail


def test_a_resolver_that_hangs_is_left_at_the_deadline(
    upstream: LocalUpstream, hasty: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.hang("/never")

    def hang(*_: object) -> list[object]:
        upstream.wait_for(lambda: upstream.requests_for("/enough"))
        return []

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest: hang() if host == "slow.example" else real(host, *rest)
    )
    assert failure_of(hasty, "http://slow.example/x").cause is Cause.TIMEOUT
    assert failure_of(hasty, upstream.url("/enough")).cause is Cause.GONE  # lets the look-up end


def test_a_header_that_cannot_be_sent_is_our_fault(upstream: LocalUpstream, client: HttpClient) -> None:
    assert failure_of(client, upstream.url("/x"), if_none_match="a\r\nX-Injected: 1").cause is Cause.REJECTED
    assert failure_of(client, upstream.url("/x"), if_none_match="Đông Hà").cause is Cause.REJECTED
    assert not upstream.requests


def test_settings_that_cannot_be_used_are_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("no certificate")
    for limits in (
        ClientLimits(proxy="socks5://127.0.0.1:1"),
        ClientLimits(ca_file=str(tmp_path / "missing.pem")),
        ClientLimits(ca_file=str(tmp_path / "empty.pem")),
    ):
        with pytest.raises(SettingsError, match=r"^upstream\.(proxy|ca_file): "):
            HttpClient("a", lambda: pytest.fail("no clock is needed"), limits)


def test_only_this_room_opens_the_network() -> None:
    service = Path(__file__).parents[2] / "service"
    importing = {
        source.relative_to(service).parts[0]
        for source in service.rglob("*.py")
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        )
        if name.partition(".")[0] in {"requests", "urllib3", "httpx", "aiohttp"}
        or name in {"urllib.request", "http.client"}
    }
    assert importing == {"http_client"}

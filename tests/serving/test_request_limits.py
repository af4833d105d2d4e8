"""The limits of a request, and the response to what is no valid request."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from raw_connections import REQUEST, connect, exchange, limited_service, read_all, read_head, statuses
from running_service import Running

HEAD = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
LIMIT, FIELDS = 32_768, 100
MARGIN = 100  # bytes of a head that are not in its longest field
TLS = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x5a" * 200


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with limited_service(tmp_path_factory.mktemp("bounds"), connections=50) as made:
        yield made


def padded(size: int) -> bytes:
    return HEAD + b"X-Long: " + b"a" * size + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "codes"),
    [
        (padded(LIMIT - MARGIN), [200]),
        (padded(LIMIT), [431]),
        (padded(LIMIT * 9), [431]),
        (HEAD + b"X-Long: " + b"a" * LIMIT * 3, [431]),  # which has no end
        (HEAD + b"X: 1\r\n" * (FIELDS - 2) + b"\r\n", [200]),
        (HEAD + b"X: 1\r\n" * (FIELDS - 1) + b"\r\n", [431]),
        (HEAD + b"X: 1\r\n" * 5_000, [431]),
        (b"GET /" + b"a" * LIMIT * 3, [414, 431]),
        (b"\r\n" * LIMIT, [400, 431]),
    ],
    ids=["32 kB", "more", "far more", "no end", "100 fields", "101", "5000", "address", "empty lines"],
)
def test_a_head_has_at_most_32_kb_and_100_fields(
    service: Running, request_bytes: bytes, codes: list[int]
) -> None:
    (code,) = statuses(exchange(service, request_bytes))
    assert code in codes


def test_a_head_in_small_pieces_has_the_same_limits(service: Running) -> None:
    for size, code in ((LIMIT - MARGIN, 200), (LIMIT, 431)):
        whole = padded(size)
        with connect(service) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(whole), 700):
                connection.sendall(whole[at : at + 700])
            assert statuses(read_all(connection)) == [code]


def test_many_short_requests_at_once_are_no_long_head(service: Running) -> None:
    requests = 2 * LIMIT // len(REQUEST)
    with connect(service) as connection:
        connection.sendall(REQUEST % b"/healthz" * (requests - 1) + HEAD + b"\r\n")
        assert statuses(read_all(connection)) == [200] * requests


def test_a_body_without_end_is_refused(service: Running) -> None:
    with connect(service) as connection:
        connection.sendall(b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n")
        assert b" 405 " in read_head(connection)
        with pytest.raises(ConnectionError):
            connection.sendall(b"a" * 99_999_999)


@pytest.mark.parametrize(
    "garbage",
    [
        b"nonsense\r\n\r\n",
        TLS,
        b"\0" * 1_000,
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n",
        b"GET /a b HTTP/1.1\r\n\r\n",
        b"G\xc3\x8aT / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET /\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"BREW / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=range(14),
)
def test_garbage_gets_a_short_response_and_the_connection_is_closed(service: Running, garbage: bytes) -> None:
    received = exchange(service, garbage)
    head, _, body = received.partition(b"\r\n\r\n")
    assert statuses(received) == [400]
    assert b"connection: close" in head.lower()
    assert re.search(rb"content-length: (\d+)", head.lower())[1] == str(len(body)).encode()  # type: ignore[index]
    assert len(received) < 300
    assert "Traceback" not in service.log


def test_garbage_after_a_request_does_not_prevent_its_response(service: Running) -> None:
    assert statuses(exchange(service, REQUEST % b"/healthz" + TLS)) == [200, 400]
    drawn = REQUEST % b"/widgets/weather/dong-ha?layout=full&accent=123456"  # by a thread, and later
    assert statuses(exchange(service, drawn + TLS)) == [200, 400]


def test_a_refusal_arrives_although_the_request_goes_on(service: Running) -> None:
    for _ in range(20):
        assert statuses(exchange(service, b"nonsense\r\n" + b"more " * 20_000)) == [400]


@pytest.mark.parametrize(
    "target", [b"http://a.example/healthz", b"http://a.example", b"http://a.example?x=1"]
)
def test_a_request_in_absolute_form_is_one_for_its_path(service: Running, target: bytes) -> None:
    request = b"GET " + target + b" HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"
    received = exchange(service, request)
    assert statuses(received) == [200]


def test_a_connection_of_http_1_0_is_closed_after_the_response(service: Running) -> None:
    for more in (b"", b"Connection: keep-alive\r\n"):
        received = exchange(service, b"GET /healthz HTTP/1.0\r\n" + more + b"\r\n")
        head, _, body = received.partition(b"\r\n\r\n")
        assert body.startswith(b'{"status":"ok"')
        assert b"connection: close" in head.lower()


def test_expect_100_continue_gets_the_final_response_and_the_end(service: Running) -> None:
    post = b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    received = exchange(service, post)  # the body never comes
    assert statuses(received) == [405]
    assert b"connection: close" in received.lower()


@pytest.mark.parametrize(
    "body",
    [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: 1\r\n\r\n"],
    ids=["length", "chunks"],
)
@pytest.mark.parametrize("method", [b"POST", b"GET"])
def test_a_request_with_a_body_leaves_the_next_one_as_it_is(
    service: Running, method: bytes, body: bytes
) -> None:
    request = method + b" /healthz HTTP/1.1\r\nHost: a\r\n" + body
    status = 405 if method == b"POST" else 200
    assert statuses(exchange(service, request + HEAD + b"\r\n")) == [status, 200]
    with connect(service) as connection:  # and where it arrives after the response
        connection.sendall(request[:-3])
        assert statuses(read_head(connection)) == [status]
        connection.sendall(request[-3:] + HEAD + b"\r\n")
        assert statuses(read_all(connection)) == [200]


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c"])
def test_an_upgrade_is_passed_over_and_the_next_request_gets_a_response(
    service: Running, protocol: bytes
) -> None:
    fields = b"Connection: Upgrade\r\nUpgrade: " + protocol + b"\r\n\r\n"
    request = b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + fields
    assert statuses(exchange(service, request + HEAD + b"\r\n")) == [200, 200]
    assert "Unsupported" not in service.log


@pytest.mark.parametrize(
    ("method", "status"), [(b"GET", 200), (b"POST", 405), (b"CONNECT", 405)], ids=["get", "post", "connect"]
)
def test_the_body_of_an_upgrade_is_no_request(service: Running, method: bytes, status: int) -> None:
    hidden = HEAD + b"\r\n"
    fields = b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n" % len(hidden)
    request = method + b" /healthz HTTP/1.1\r\nHost: a\r\n" + fields
    received = exchange(service, request + hidden)
    assert statuses(received) == [status]
    assert b"connection: close" in received.lower()
    with connect(service) as connection:  # and where it arrives after the response
        connection.sendall(request)
        assert statuses(read_all(connection)) == [status]
    assert statuses(exchange(service, request.replace(b"%d" % len(hidden), b"0") + hidden)) == [status, 200]


def test_the_server_is_named_alike_everywhere_and_without_versions(service: Running) -> None:
    requests = [
        HEAD + b"\r\n",
        HEAD.replace(b"/healthz", b"/nothing") + b"\r\n",
        HEAD.replace(b"/healthz", b"/favicon.ico") + b"If-None-Match: *\r\n\r\n",
        b"nonsense\r\n\r\n",
        padded(LIMIT),
    ]
    named = [re.findall(rb"(?i)\r\nserver: ([^\r]+)", exchange(service, one)) for one in requests]
    assert named == [[b"portal-widgets"]] * len(requests)


def test_a_client_address_is_that_of_the_connection_and_not_of_a_header(tmp_path: Path) -> None:
    with limited_service(tmp_path, "--access-logfile", "-", "--forwarded-allow-ips", "*") as service:
        claims = b"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nForwarded: for=203.0.113.9\r\n"
        request = HEAD.replace(b"/healthz", b"/api/v1/cities?limit=1") + claims + b"\r\n"
        assert statuses(exchange(service, request)) == [200]
    (logged,) = [one for one in service.log.splitlines() if "/api/v1/cities?limit=1" in one]
    assert re.search(r'^127\.0\.0\.1:\d+ - "GET /api/v1/cities\?limit=1 HTTP/1\.1" 200$', logged)
    assert "203.0.113" not in service.log


def test_settings_that_are_not_followed_are_named_at_the_start(tmp_path: Path) -> None:
    with limited_service(tmp_path, "--limit-request-line", "100", "--access-logformat", "%(h)s") as service:
        warnings = [one for one in service.log.splitlines() if "is not followed" in one]
    assert [re.findall(r"WARNING (\w+):", one)[0] for one in warnings] == [
        "access_log_format",
        "limit_request_line",
    ]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/api/v1/cities?limit=1&q=Đông", 200),
        ("/widgets/weather/Huế", 404),
        ("http://a.example/api/v1/cities?q=Huế", 200),
        (b"/api/v1/cities?q=\xe9\xff".decode("latin-1"), 200),
    ],
)
def test_a_target_in_raw_bytes_is_the_percent_encoded_one(service: Running, target: str, status: int) -> None:
    raw = b"GET %b HTTP/1.1\r\nHost: \xc3\xa0\r\nX-A: \xc3\xa0\r\n" % target.encode()
    plain = b"GET %b HTTP/1.1\r\nHost: a\r\n" % quote(target, safe="/:?&=").encode()
    end = b"Connection: close\r\n\r\n"
    bodies = [exchange(service, one + end).partition(b"\r\n\r\n")[2] for one in (raw, plain)]
    assert bodies[0] == bodies[1]
    assert statuses(exchange(service, b"\r\n" + raw + end)) == [status]
    with connect(service) as connection:  # each in a piece of its own
        for _ in range(2):
            connection.sendall(raw + b"\r\n")
            assert statuses(read_head(connection)) == [status]

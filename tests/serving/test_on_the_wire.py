"""What the shared service, under our worker, makes of bytes that a client may send."""

import json
import re
import signal
import socket
from pathlib import Path

import pytest
from local_upstream import LocalUpstream
from running_service import PACKAGED, Running, running, until


def said(service: Running, request: bytes) -> bytes:
    """All that comes back until the service closes the connection."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=15) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def ask(target: bytes, method: bytes = b"GET", headers: bytes = b"", close: bool = True) -> bytes:
    end = b"Connection: close\r\n" if close else b""
    return method + b" " + target + b" HTTP/1.1\r\nHost: x\r\n" + headers + end + b"\r\n"


def statuses(answer: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]


def test_head_has_the_headers_of_get_and_no_body(service: Running) -> None:
    for target in (b"/widgets/weather/hue", b"/api/v1/weather/hue", b"/favicon.ico", b"/nothing"):
        head, _, nothing = said(service, ask(target, b"HEAD")).partition(b"\r\n\r\n")
        got, _, body = said(service, ask(target)).partition(b"\r\n\r\n")
        assert nothing == b""
        length = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
        assert length.findall(head) == length.findall(got) == [str(len(body)).encode()]


@pytest.mark.parametrize(
    ("request_line", "codes"),
    [
        (ask(b"/api/v1/weather/hue", b"POST", b"Content-Length: 5\r\n") + b"hello", [405]),
        (ask(b"/api/v1/weather/hue", b"PROPFIND"), [405]),
        (ask(b"/api/v1/weather/hue", b"BREW"), [400, 501]),
        (ask(b"/api/v1/cities?q=\xc4\x90\xc3\xb4ng H\xc3\xa0".replace(b" ", b"%20")), [200, 400]),
        (ask(b"/api/v1/cities?q=\xff\xfe"), [200, 400]),
        (ask(b"/api/v1/weather/%ff%00"), [404]),
        (ask(b"/..%2f..%2fetc/passwd"), [404]),
        (ask(b"//evil.example/x"), [404]),
        (ask(b"/" + b"a" * 20_000), [400, 404, 414]),
        (ask(b"/", headers=b"X-Long: " + b"a" * 100_000 + b"\r\n"), [400, 431]),
        (ask(b"/", headers=b"X-Many: 1\r\n" * 1_000), [400, 431]),
        (ask(b"/", headers=b"Cookie: a=b; c\r\nRange: bytes=0-3\r\nIf-None-Match: *\r\n"), [200, 206, 304]),
        (ask(b"/", headers=b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"), [200, 400, 403, 426]),
        (ask(b"/", headers=b"Expect: 100-continue\r\n"), [200]),
        (
            ask(b"/", headers=b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n") + b"0\r\n\r\n",
            [200, 400],
        ),
        (b"GET / HTTP/1.0\r\n\r\n", [200]),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", [400]),
        (b"nonsense\r\n\r\n", [400]),
    ],
)
def test_every_request_ends_in_an_answer_and_never_in_a_crash(
    service: Running, request_line: bytes, codes: list[int]
) -> None:
    found = statuses(said(service, request_line))
    assert found[-1] in codes, found
    assert service.answers()
    assert "Traceback" not in service.log


def test_two_requests_at_once_get_two_answers_in_their_order(service: Running) -> None:
    answer = said(service, ask(b"/api/v1/cities/hue", close=False) + ask(b"/api/v1/cities/vinh"))
    assert statuses(answer) == [200, 200]
    assert answer.index(b'"id":"hue"') < answer.index(b'"id":"vinh"')


def test_a_connection_is_kept_for_the_next_request(service: Running) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=15) as connection:
        stream = connection.makefile("rb")
        for place in (b"hue", b"vinh", b"dong-ha"):
            connection.sendall(ask(b"/api/v1/cities/" + place, close=False))
            assert b" 200 " in stream.readline()
            length = 0
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            assert json.loads(stream.read(length))["id"] == place.decode()


def test_snippets_name_the_port_that_is_bound_and_never_the_host_asked_for(service: Running) -> None:
    page = said(service, ask(b"/", headers=b"X-Forwarded-Host: evil.example\r\n")).decode()
    assert f"http://127.0.0.1:{service.port}/widgets/weather/dong-ha" in page
    assert "evil.example" not in page


def test_requests_under_way_are_answered_when_the_service_is_asked_to_end(
    tmp_path: Path, telling_upstream: LocalUpstream
) -> None:
    with running((*PACKAGED, "--workers", "1"), tmp_path, telling_upstream) as service:
        until(service.has_weather, 20, lambda: service.log)
        with socket.create_connection(("127.0.0.1", service.port), timeout=25) as connection:
            asked = 200
            request = ask(b"/widgets/weather/hue?layout=full", close=False)
            connection.sendall(request * asked)
            stream = connection.makefile("rb")
            assert b" 200 " in stream.readline()
            service.process.send_signal(signal.SIGTERM)
            rest = stream.read()
        assert service.process.wait(25) == 0
        assert rest.rstrip().endswith(b"</html>")
        assert "Traceback" not in service.log

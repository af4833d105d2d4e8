import shutil
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from local_upstream import LocalUpstream, failure_of
from own_certificate import own_certificate

from service.core.errors import Cause
from service.core.ports import Request
from service.http_client.client import ClientLimits, HttpClient

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is needed to make a certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return own_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(certificate: tuple[Path, Path]) -> Iterator[LocalUpstream]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    with LocalUpstream(certificate=context) as server:
        yield server


@pytest.fixture
def trusting(certificate: tuple[Path, Path]) -> Iterator[HttpClient]:
    limits = ClientLimits(
        deadline=timedelta(seconds=0.5),
        allow_private=["127.0.0.1"],
        ca_file=str(certificate[1]),
        max_bytes=100_000,
    )
    with HttpClient("portal-widgets/test", lambda: datetime(2026, 1, 1, tzinfo=UTC), limits) as opened:
        yield opened


def test_a_further_authority_is_trusted(secure: LocalUpstream, trusting: HttpClient) -> None:
    secure.answer("/x", body=b"sealed")
    assert trusting.fetch(Request(secure.url("/x"))).body == b"sealed"
    assert trusting.fetch(Request(secure.url("/x"))).body == b"sealed"
    assert len({asked.port for asked in secure.requests}) == 1


def test_an_unknown_certificate_is_not_accepted(secure: LocalUpstream, client: HttpClient) -> None:
    failure = failure_of(client, secure.url("/x"))
    assert failure.cause is Cause.UNREACHABLE
    assert "certificate" in failure.detail
    assert not secure.requests


def test_a_certificate_for_another_name_is_not_accepted(
    secure: LocalUpstream, trusting: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest: real("127.0.0.1", *rest))
    failure = failure_of(trusting, secure.url("/x", host="other.example"))
    assert failure.cause is Cause.UNREACHABLE
    assert "other.example" in failure.detail


def test_a_private_address_is_refused_before_any_greeting(
    secure: LocalUpstream, certificate: tuple[Path, Path]
) -> None:
    with HttpClient(
        "a", lambda: datetime(2026, 1, 1, tzinfo=UTC), ClientLimits(ca_file=str(certificate[1]))
    ) as client:
        assert failure_of(client, secure.url("/x")).cause is Cause.ADDRESS_REFUSED


def test_dripping_through_tls_is_bounded_like_any_other(secure: LocalUpstream, trusting: HttpClient) -> None:
    secure.drip_headers("/headers")
    secure.drip_body("/body")
    assert failure_of(trusting, secure.url("/headers")).cause is Cause.TIMEOUT
    assert failure_of(trusting, secure.url("/body")).cause is Cause.TIMEOUT


def test_size_and_truncation_count_through_tls_too(secure: LocalUpstream, trusting: HttpClient) -> None:
    secure.endless_body("/endless")
    secure.truncate("/short")
    assert failure_of(trusting, secure.url("/endless")).cause is Cause.TOO_LARGE
    assert failure_of(trusting, secure.url("/short")).cause in (Cause.UNREADABLE, Cause.UNREACHABLE)


def test_a_redirect_from_https_down_to_http_is_not_followed(
    secure: LocalUpstream, upstream: LocalUpstream, trusting: HttpClient
) -> None:
    secure.redirect("/x", upstream.url("/y"))
    assert failure_of(trusting, secure.url("/x")).cause is Cause.REDIRECTS
    assert not upstream.requests


def test_what_does_not_speak_tls_is_unreachable(upstream: LocalUpstream, client: HttpClient) -> None:
    assert failure_of(client, upstream.url("/x").replace("http:", "https:")).cause is Cause.UNREACHABLE


@pytest.mark.parametrize("greeting", [b"", b"\x16\x03\x03\x40\x00\x02"], ids=["silent", "dripping"])
def test_a_handshake_that_never_ends_is_left_at_the_deadline(trusting: HttpClient, greeting: bytes) -> None:
    done = Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(greeting)
            while not done.wait(0.02):
                connection.sendall(greeting[:1])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Thread(target=drip, args=(listener,))
        server.start()
        try:
            failure = failure_of(trusting, f"https://127.0.0.1:{listener.getsockname()[1]}/x")
        finally:
            done.set()
            server.join()
    assert failure.cause is Cause.TIMEOUT

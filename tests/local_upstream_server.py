"""The sockets and threads below the local upstream: what is played is decided above."""

import socket
import ssl
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Event

from local_upstream_replies import Raw, Reply

# Method, target, headers and the client's port: the reply, for as long as it takes to send.
Playing = Callable[[str, str, Mapping[str, str], int], AbstractContextManager[Reply | Raw]]


class Server(ThreadingHTTPServer):
    """Serves every connection in a thread; closing ends them all and waits for them.

    Attributes:
        faults: what went wrong in a thread, the client's going away excepted.
        closing: set when nobody shall be kept waiting any more.
    """

    daemon_threads = False  # so that closing waits for them
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], playing: Playing, closing: Event, certificate: ssl.SSLContext | None
    ) -> None:
        self.playing = playing
        self.closing = closing
        self.faults: list[BaseException] = []
        self._certificate = certificate
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # the base class asks DNS for our own name
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def get_request(self) -> tuple[socket.socket, object]:
        connection, peer = super().get_request()
        if self._certificate:  # the greeting is left to the connection's own thread
            connection = self._certificate.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        self._open.add(connection)
        return connection, peer

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override] # only streams here
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it went by itself
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the base class's signature
        error = sys.exception()
        if error is not None and not isinstance(error, (ConnectionError, ssl.SSLError, TimeoutError)):
            self.faults.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.playing(self.command, self.path, headers, self.client_address[1]) as reply:
            if isinstance(reply, Raw):
                self._send_raw(reply)
            else:
                self.close_connection = self.close_connection or reply.closes()
                self.wfile.write(reply.on_the_wire(with_body=self.command != "HEAD"))

    do_GET = do_HEAD = do_POST = do_CONNECT = _serve  # noqa: N815 - the base class's names

    def _send_raw(self, raw: Raw) -> None:
        self.close_connection = True
        for piece in raw.pieces:
            if self.server.closing.wait(raw.pause):
                return
            self.wfile.write(piece)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's signature
        """Keep the tests' output clean."""

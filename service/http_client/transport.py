"""Connections that keep to a deadline, a size limit and the address policy.

The timeout of requests bounds each read of the socket only, so that a server that drips bytes holds a call
for ever. Here every read of the socket, be it of headers, of a body or of a proxy's response, waits only for
what is left of the whole exchange, and the bytes that arrive are counted before they are parsed or
decompressed.
"""

import io
import socket
import ssl
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from http.client import HTTPResponse, parse_headers
from math import inf
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import allowed_gai_family, create_connection

from service.core.errors import Cause, UpstreamError
from service.http_client.address_policy import AddressPolicy

_MAX_IDLE = 30.0  # seconds; after some minutes a NAT forgets a connection without telling either end
_POOLS = 64  # hosts whose connections are pooled
_FINAL = {100, 101, *range(200, 1_000)}  # statuses; 100 is left to Python, and 101 is what nobody asked for
_SHORTEST_TIMEOUT = 0.001  # seconds; 0 would make the socket non-blocking


class Transport(HTTPAdapter):
    """An adapter of requests over bounded connections.

    It is used without a session, which would keep cookies, look for proxies and passwords in the
    environment, and read the body of a redirect whole.
    """

    def __init__(self, address_policy: AddressPolicy, tls_context: ssl.SSLContext, max_received: int) -> None:
        """Make a transport that reads `max_received` bytes of one response at most, headers included."""
        self._address_policy = address_policy
        self._tls_context = tls_context
        self._max_received = max_received
        super().__init__(pool_connections=_POOLS)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **_: Any) -> None:  # noqa: FBT001, FBT002 - the base class's signature
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._tls_context)
        self.poolmanager.pool_classes_by_scheme = self._pools(self._address_policy)

    def proxy_manager_for(self, proxy: str, **_: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=self._tls_context)
        # The address connected to is the proxy's, whose own rules decide which others are reached.
        manager.pool_classes_by_scheme = self._pools(None)
        return manager

    def cert_verify(self, *_: Any) -> None:
        """Do nothing; the base class would read its bundle of authorities for every connection."""

    def _pools(self, address_policy: AddressPolicy | None) -> Any:
        kwargs: Any = {"address_policy": address_policy, "max_received": self._max_received}
        return {"http": partial(_Pool, **kwargs), "https": partial(_TLSPool, **kwargs)}


class _BoundedConnection(HTTPConnection):
    """A connection to a permitted address, bounded in time and size.

    urllib3 leaves in `timeout` what remains of the exchange, before connecting and again before reading.
    """

    def __init__(
        self, *args: Any, address_policy: AddressPolicy | None, max_received: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._address_policy = address_policy
        self._max_received = max_received
        self._ends = inf
        self._last_used = monotonic()
        self.response_class = self._bounded_response  # type: ignore[assignment]  # it is only ever called

    @property
    def is_connected(self) -> bool:
        return monotonic() - self._last_used < _MAX_IDLE and super().is_connected

    def _new_conn(self) -> socket.socket:
        try:
            return self._permitted_connection()
        except UpstreamError as error:
            raise replace(error, is_sent=False) from None

    def _permitted_connection(self) -> socket.socket:
        self._ends = monotonic() + float(self.timeout or 0)
        host = self._dns_host.strip("[]")
        addresses = _resolve(host, self.port, self._ends - monotonic())
        policy = self._address_policy
        if policy:
            addresses = policy.permitted(host, self.port, addresses)
        sock = self._connect(host, addresses)
        # Checked again, so that what was resolved and what is connected to cannot differ.
        refusal = policy.refusal(host, self.port, sock.getpeername()[0]) if policy else None
        if refusal:
            sock.close()
            raise UpstreamError(Cause.ADDRESS_REFUSED, refusal)
        sock.settimeout(max(self._ends - monotonic(), _SHORTEST_TIMEOUT))  # for the TLS handshake
        return sock

    def _connect(self, host: str, addresses: Sequence[str]) -> socket.socket:
        """Try each address for its share of the time left, so that a dead one does not use it all up."""
        failure: OSError = OSError("it has no address")
        for tried, address in enumerate(addresses):
            share = max(self._ends - monotonic(), _SHORTEST_TIMEOUT) / (len(addresses) - tried)
            try:
                return create_connection((address, self.port), share, socket_options=self.socket_options)
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise UpstreamError(Cause.TIMEOUT, f"{host} did not take the connection in time")
        raise UpstreamError(
            Cause.UNREACHABLE, f"{host} cannot be connected to: {failure.strerror or failure}"
        )

    def getresponse(self) -> Any:
        try:
            return super().getresponse()
        finally:
            self._ends = inf  # the next exchange on this connection has a deadline of its own

    def _bounded_response(self, sock: socket.socket, *args: Any, **kwargs: Any) -> HTTPResponse:
        self._last_used = monotonic()
        response = _FinalResponse(sock, *args, **kwargs)
        ends = min(self._ends, monotonic() + float(self.timeout or 0))
        reader = response.fp.detach()
        response.fp = io.BufferedReader(_BoundedReader(sock, reader, ends, self._max_received))
        return response


class _FinalResponse(HTTPResponse):
    """Passes over interim responses (RFC 9110 §15.2) such as 103 Early Hints; Python passes over 100 alone.

    They count as received, and have the deadline of the whole: that bounds how many there are.
    """

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc] # Python's own, not in its types
            if status in _FINAL:
                return version, status, reason
            parse_headers(self.fp)


class _BoundedTLSConnection(_BoundedConnection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _BoundedConnection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTLSConnection


class _BoundedReader(io.RawIOBase):
    """Reads a socket until a moment (monotonic seconds) and up to a number of bytes."""

    def __init__(self, sock: socket.socket, reader: io.RawIOBase, ends: float, max_received: int) -> None:
        self._sock = sock
        self._reader = reader
        self._ends = ends
        self._left = max_received

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        seconds = self._ends - monotonic()
        if seconds <= 0:
            raise TimeoutError
        self._sock.settimeout(seconds)
        count: int | None = self._reader.readinto(buffer)
        self._left -= count or 0
        if self._left < 0:
            raise UpstreamError(Cause.TOO_LARGE, "the answer is larger than is read of any answer")
        return count

    def close(self) -> None:
        self._reader.close()
        super().close()


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """Return the addresses of a host, in the resolver's order.

    The system's resolver has no deadline, so the look-up runs in a thread that is left behind when the time
    is up.

    Raises:
        UpstreamError: UNREACHABLE when the name has no address, TIMEOUT when the resolver does not answer.
    """
    answers: SimpleQueue[list[str] | Exception] = SimpleQueue()
    Thread(target=_look_up, args=(host, port, answers), name=f"resolve {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0))
    except Empty:
        raise UpstreamError(Cause.TIMEOUT, f"the name {host} was not resolved in time") from None
    if isinstance(answer, Exception):
        why = getattr(answer, "strerror", None) or "not a valid name"
        raise UpstreamError(Cause.UNREACHABLE, f"the name {host} cannot be resolved: {why}")
    return answer


def _look_up(host: str, port: int, answers: SimpleQueue[list[str] | Exception]) -> None:
    try:
        found = socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
        answers.put(list(dict.fromkeys(str(info[4][0]) for info in found)))
    except (OSError, ValueError) as error:  # ValueError: a label that is empty or too long, a NUL
        answers.put(error)

"""Connections that keep to the deadline, the amount and the addresses.

requests' time-out bounds each read of the socket only, so that a server that drips bytes holds a call for
ever. Here every read of the socket, of headers, body or a proxy's answer, waits only for what is left of
the whole exchange, and the bytes that arrive are counted before anything is made of them.
"""

import io
import socket
import ssl
from collections.abc import Sequence
from functools import partial
from http.client import HTTPResponse
from math import inf
from time import monotonic
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from service.core.errors import Cause, UpstreamError
from service.http_client.address_policy import AddressPolicy
from service.http_client.dns import addresses_of

_IDLE = 30.0  # seconds; after some minutes a NAT forgets a connection without telling either end
_POOLS = 64  # hosts whose connections are kept


class _Bounded(io.RawIOBase):
    """Reads a socket until a moment (monotonic seconds) and up to a number of bytes."""

    def __init__(self, sock: socket.socket, reader: io.RawIOBase, ends: float, limit: int) -> None:
        self._sock = sock
        self._reader = reader
        self._ends = ends
        self._left = limit

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


class _CarefulConnection(HTTPConnection):
    """A connection to a permitted address, bounded in time and amount.

    urllib3 leaves in `timeout` what remains of the exchange, before connecting and again before reading.
    """

    def __init__(self, *args: Any, guard: AddressPolicy | None, limit: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard
        self._limit = limit
        self._ends = inf
        self._used = monotonic()
        self.response_class = self._bounded_response  # type: ignore[assignment]  # it is only ever called

    @property
    def is_connected(self) -> bool:
        return monotonic() - self._used < _IDLE and super().is_connected

    def _new_conn(self) -> socket.socket:
        self._ends = monotonic() + float(self.timeout or 0)
        host = self._dns_host.strip("[]")
        addresses = addresses_of(host, self.port, self._ends - monotonic())
        if self._guard:
            addresses = self._guard.permitted(host, self.port, addresses)
        sock = self._connect(host, addresses)
        refusal = self._guard.refusal(host, self.port, sock.getpeername()[0]) if self._guard else None
        if refusal:
            sock.close()
            raise UpstreamError(Cause.ADDRESS_REFUSED, refusal)
        sock.settimeout(max(self._ends - monotonic(), 0.001))  # TLS shakes hands within this
        return sock

    def _connect(self, host: str, addresses: Sequence[str]) -> socket.socket:
        """Try each address for its share of the time left, so that a dead one does not use it all up."""
        failure: OSError = OSError("it has no address")
        for tried, address in enumerate(addresses):
            share = max(self._ends - monotonic(), 0.001) / (len(addresses) - tried)
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
        self._used = monotonic()
        response = HTTPResponse(sock, *args, **kwargs)
        ends = min(self._ends, monotonic() + float(self.timeout or 0))
        reader = response.fp.detach()
        response.fp = io.BufferedReader(_Bounded(sock, reader, ends, self._limit))
        return response


class _CarefulTLSConnection(_CarefulConnection, HTTPSConnection):
    """The same for https."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _CarefulConnection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _CarefulTLSConnection


class Transport(HTTPAdapter):
    """requests' adapter over such connections.

    It is used without a session, which would keep cookies, look for proxies and passwords in the
    environment, and read the body of a redirect whole.
    """

    def __init__(self, guard: AddressPolicy, authorities: ssl.SSLContext, limit: int) -> None:
        """Take the guard of direct connections, whom TLS trusts, and the most bytes read of an answer."""
        self._guard = guard
        self._authorities = authorities
        self._limit = limit
        super().__init__(pool_connections=_POOLS)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **_: Any) -> None:  # noqa: FBT001, FBT002 - the base class's signature
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._authorities)
        self.poolmanager.pool_classes_by_scheme = self._pools(self._guard)

    def proxy_manager_for(self, proxy: str, **_: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=self._authorities)
        manager.pool_classes_by_scheme = self._pools(
            None
        )  # the address is the proxy's; its rules decide the rest
        return manager

    def cert_verify(self, *_: Any) -> None:
        """Leave it to the authorities given; the base class would read its bundle for every connection."""

    def _pools(self, guard: AddressPolicy | None) -> Any:
        kwargs: Any = {"guard": guard, "limit": self._limit}
        return {"http": partial(_Pool, **kwargs), "https": partial(_TLSPool, **kwargs)}

"""Who asks: the other end of the connection, or the address that a trusted proxy gives for its client.

Of `X-Forwarded-For` only the hops count that trusted proxies have written: from the right, each hop was added
by the one after it, so the first address that is no trusted proxy is the client's. What stands left of it
anybody can write. No other header is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

DISCONNECTED = "portal_widgets.disconnected"  # a key in the ASGI scope of a client that has gone
UNIX = "unix"  # names the peers of Unix sockets, which have no address

# Where a proxy or a colleague sits and no stranger does. Not `is_private`, to which the networks of
# documentation belong, and that of carriers does not.
_NEARBY = [
    ip_network(text)
    for text in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
        "::1/128", "fc00::/7", "fe80::/10",
    )
]  # fmt: skip
_NETWORK_BITS = 64  # of an IPv6 address: what one subscriber has


@dataclass(frozen=True, slots=True)
class Client:
    """Who sent a request.

    Attributes:
        address: as text; "" for the peer of a Unix socket.
        queue: what its uncached requests are queued by: the address, or of IPv6 the /64.
        is_limited: whether a full queue refuses it.
        is_forwarded: whether a trusted proxy gave the address.
        is_trusted: whether the address itself is that of a trusted proxy.
    """

    address: str
    queue: str
    is_limited: bool
    is_forwarded: bool
    is_trusted: bool


class TrustedProxies:
    """The proxies whose `X-Forwarded-For` counts."""

    def __init__(self, named: Sequence[str] = ()) -> None:
        """Take addresses, networks and `unix` from the configuration."""
        self._has_unix = UNIX in named
        self._networks = [ip_network(one) for one in named if one != UNIX]

    def client(self, peer: str, forwarded_for: str) -> Client:
        """Return who sent a request.

        A peer that is on this machine, in a private network or behind a Unix socket has no limit unless it is
        named as a proxy: it may be one, and pass on what a whole city asks.

        Args:
            peer: the address of the connection's other end; "" or anything else for a Unix socket.
            forwarded_for: all values of `X-Forwarded-For`, with commas between them.
        """
        address = parsed(peer)
        if not self._trusts(address):
            return _client(address, is_limited=not is_nearby(address), is_forwarded=False, is_trusted=False)
        hops, is_forwarded, is_trusted = forwarded_for, False, True
        while is_trusted and hops:
            hops, _, hop = hops.rpartition(",")
            if not hop.strip():
                continue
            one = _hop(hop)
            if one is None:  # whoever wrote that knows no better
                break
            address, is_forwarded, is_trusted = one, True, self._trusts(one)
        is_limited = address is not None
        return _client(address, is_limited=is_limited, is_forwarded=is_forwarded, is_trusted=is_trusted)

    def address(self, peer: str, forwarded_for: str) -> str:
        """Return the address of who sent a request, as `client`; quickly where no proxy is trusted."""
        if not self._networks and not self._has_unix:
            return peer
        return self.client(peer, forwarded_for).address

    def _trusts(self, address: Address | None) -> bool:
        return self._has_unix if address is None else is_within(address, self._networks)


def parsed(text: str) -> Address | None:
    """Return an address, of IPv4-mapped IPv6 that of IPv4; None for what is none, as of a Unix socket."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_within(address: Address, networks: Sequence[Network]) -> bool:
    """Return whether an address is in one of the networks."""
    return any(address.version == network.version and address in network for network in networks)


def is_nearby(address: Address | None) -> bool:
    """Return whether an address is of this machine or of a private network; None, of a Unix socket, is."""
    return address is None or is_within(address, _NEARBY)


def forwarded_for(environ: Mapping[str, object]) -> str:
    """Return all that the header says in a WSGI environ."""
    return str(environ.get("HTTP_X_FORWARDED_FOR", ""))


def forwarded_for_in(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return all that the header says in an ASGI scope."""
    return b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")


def _client(address: Address | None, *, is_limited: bool, is_forwarded: bool, is_trusted: bool) -> Client:
    if isinstance(address, IPv6Address):
        queue = str(ip_network((address, _NETWORK_BITS), strict=False))
    else:
        queue = str(address or "")
    return Client(str(address or ""), queue, is_limited, is_forwarded, is_trusted)


def _hop(text: str) -> Address | None:
    """Return the address of one hop, which may have a port: `192.0.2.1:80`, `[2001:db8::1]:80`."""
    text = text.strip().strip('"')
    if text.startswith("["):
        return parsed(text[1:].partition("]")[0])
    host, _, port = text.partition(":")
    return parsed(host if port.isdecimal() and "." in host else text)

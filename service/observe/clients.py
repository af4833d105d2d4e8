"""Who may see details of the service: clients from certain networks, whose requests nobody has passed on."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

# Headers that proxies add. A proxy on this machine sends from an allowed address whatever it is sent.
_OF_PROXIES = frozenset(
    {
        "HTTP_CF_CONNECTING_IP",
        "HTTP_CLIENT_IP",
        "HTTP_FORWARDED",
        "HTTP_TRUE_CLIENT_IP",
        "HTTP_VIA",
        "HTTP_X_CLIENT_IP",
        "HTTP_X_REAL_IP",
    }
)
_FORWARDED = "HTTP_X_FORWARDED_"


class Insiders:
    """The clients that see details."""

    def __init__(self, allow: Sequence[str]) -> None:
        """Take the addresses and networks of the configuration."""
        self._networks = [ip_network(network) for network in allow]

    def include(self, environ: Mapping[str, Any]) -> bool:
        """Return whether this request comes from an allowed network directly, not through a proxy."""
        if any(name in _OF_PROXIES or name.startswith(_FORWARDED) for name in environ):
            return False
        try:
            address = ip_address(str(environ.get("REMOTE_ADDR", "")).partition("%")[0])
        except ValueError:  # a Unix socket: whoever listens there is a proxy
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address.version == network.version and address in network for network in self._networks)

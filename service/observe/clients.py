"""Who may see details of the service: clients from certain networks, directly or through a trusted proxy."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from service.core.clients import TrustedProxies, forwarded_for, is_within, parsed

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

    def __init__(self, allow: Sequence[str], trusted_proxies: Sequence[str] = ()) -> None:
        """Take the addresses and networks of the configuration."""
        self._networks = [ip_network(network) for network in allow]
        self._proxies = TrustedProxies(trusted_proxies)

    def include(self, environ: Mapping[str, Any]) -> bool:
        """Return whether this request comes from an allowed network.

        It comes from there directly, or a trusted proxy gives such an address that is no proxy's itself: what
        stands before a proxy's address anybody can have written. Of what any other proxy has passed on, as
        its headers say, nobody is known.
        """
        client = self._proxies.client(str(environ.get("REMOTE_ADDR", "")), forwarded_for(environ))
        if client.is_forwarded:
            if client.is_trusted:
                return False
        elif any(name in _OF_PROXIES or name.startswith(_FORWARDED) for name in environ):
            return False
        address = parsed(client.address)
        return address is not None and is_within(address, self._networks)

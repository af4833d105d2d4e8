"""Which addresses may be connected to: the public internet, and what `upstream.allow_private` names.

URLs come from feeds, pages and redirects, that is from strangers, none of whom may direct requests at
machines in the local network (SSRF). The ranges are IANA's special-purpose registries (RFC 6890 and its
successors), written out because `ipaddress.is_global` changes with the Python version and lets multicast and
translations pass.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from service.core.errors import Cause, UpstreamError

_PORTS = frozenset({80, 443, 8080, 8443})
_IPV6_UNICAST = IPv6Network("2000::/3")  # all that is assigned; NAT64, site-local and the like lie outside
_SPECIAL = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, where clouds keep their metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)


def parse_address(text: str) -> IPv4Address | IPv6Address:
    """Return the address that packets go to: without its zone, and as IPv4 where it is an IPv4-mapped one.

    Raises:
        ValueError: when the text is not an address.
    """
    address = ip_address(text.strip("[]").partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether this is a unicast address of the public internet."""
    if isinstance(address, IPv6Address) and address not in _IPV6_UNICAST:
        return False
    return not any(address in network for network in _SPECIAL)


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Exceptions for private addresses, by name of the host or by network of the address."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def allowing(cls, entries: Iterable[str]) -> "AddressPolicy":
        """Make a policy from `upstream.allow_private`: addresses, networks (CIDR) or host names."""
        hosts: set[str] = set()
        networks: list[IPv4Network | IPv6Network] = []
        for entry in entries:
            try:
                networks.append(ip_network(entry.strip().strip("[]"), strict=False))
            except ValueError:
                hosts.add(_host(entry))
        return cls(frozenset(hosts), tuple(networks))

    def permitted(self, host: str, port: int, addresses: Sequence[str]) -> list[str]:
        """Return those of a host's addresses that may be connected to.

        Raises:
            UpstreamError: ADDRESS_REFUSED, when there is none.
        """
        refusals = {address: self.refusal(host, port, address) for address in addresses}
        permitted = [address for address, refusal in refusals.items() if refusal is None]
        if not permitted:
            raise UpstreamError(
                Cause.ADDRESS_REFUSED, next(iter(refusals.values())) or f"{host} has no address"
            )
        return permitted

    def refusal(self, host: str, port: int, address: str | None) -> str | None:
        """Return a sentence why this may not be connected to, or None when it may.

        `address` is None where a proxy connects for us: then only the port is checked.
        """
        target = parse_address(address) if address is not None else _literal(host)
        if _host(host) in self.hosts or (target and any(target in network for network in self.networks)):
            return None
        if address is not None and target and not is_public(target):
            what = f"{host} is" if _literal(host) else f"{host} has the address {target}, which is"
            return (
                f"{what} not an address of the open internet; "
                "if it is meant to be asked, name the host or the network in upstream.allow_private"
            )
        if port not in _PORTS:
            return (
                f"port {port} of {host} is not asked, only 80, 443, 8080 and 8443; "
                "if it is meant to be, name the host in upstream.allow_private"
            )
        return None


def _host(name: str) -> str:
    """Return a host name in the form in which names are compared: lower case, IDNs in ASCII."""
    name = name.strip().rstrip(".").lower()
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return parse_address(host)
    except ValueError:
        return None

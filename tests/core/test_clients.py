"""Who asks, by the connection and by what trusted proxies say."""

import pytest

from service.core.clients import TrustedProxies

LOCAL = ["127.0.0.1", "::1"]


@pytest.mark.parametrize(
    ("named", "peer", "header", "address"),
    [
        ([], "203.0.113.9", "", "203.0.113.9"),
        ([], "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ([], "127.0.0.1", "198.51.100.1", "127.0.0.1"),
        (LOCAL, "127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (LOCAL, "::1", "198.51.100.1", "198.51.100.1"),
        (LOCAL, "::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (LOCAL, "127.0.0.2", "198.51.100.1", "127.0.0.2"),
        (LOCAL, "127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # the first is the client's own
        (LOCAL, "127.0.0.1", "127.0.0.1, 198.51.100.1", "198.51.100.1"),
        (LOCAL, "127.0.0.1", "198.51.100.1, 127.0.0.1", "198.51.100.1"),
        (LOCAL, "127.0.0.1", "198.51.100.1,::1,127.0.0.1", "198.51.100.1"),
        ([*LOCAL, "10.0.0.0/8"], "10.9.9.9", "198.51.100.1, 203.0.113.9, 10.1.1.1", "203.0.113.9"),
        (LOCAL, "127.0.0.1", "10.1.1.1", "10.1.1.1"),
        (LOCAL, "127.0.0.1", "127.0.0.1", "127.0.0.1"),
        (LOCAL, "127.0.0.1", "", "127.0.0.1"),
        (LOCAL, "127.0.0.1", " ,, ", "127.0.0.1"),
        (LOCAL, "127.0.0.1", "198.51.100.1, ", "198.51.100.1"),
        (LOCAL, "127.0.0.1", "198.51.100.1, unknown", "127.0.0.1"),
        (LOCAL, "127.0.0.1", "198.51.100.1, unknown, 127.0.0.1", "127.0.0.1"),
        (LOCAL, "127.0.0.1", "198.51.100.1, '; drop", "127.0.0.1"),
        (LOCAL, "127.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        (LOCAL, "127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        (LOCAL, "127.0.0.1", '"[2001:db8::1]"', "2001:db8::1"),
        (LOCAL, "127.0.0.1", "2001:db8::1", "2001:db8::1"),
        (LOCAL, "127.0.0.1", "2001:db8::1:80", "2001:db8::1:80"),  # no port: an address
        (LOCAL, "127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        (LOCAL, "127.0.0.1", "fe80::1%eth0", "fe80::1"),
        (LOCAL, "127.0.0.1", "0127.0.0.1", "127.0.0.1"),
        (["fe80::/10"], "fe80::7%eth0", "198.51.100.1", "198.51.100.1"),
        (["::/0", "0.0.0.0/0"], "203.0.113.9", "198.51.100.1, 198.51.100.2", "198.51.100.1"),
        (LOCAL, "", "198.51.100.1", ""),
        (["unix"], "", "198.51.100.1", "198.51.100.1"),
        (["unix"], "unix:", "198.51.100.1", "198.51.100.1"),
        (["unix"], "127.0.0.1", "198.51.100.1", "127.0.0.1"),
        (["unix"], "", "", ""),
    ],
)
def test_the_client_is_the_last_hop_that_is_no_trusted_proxy(
    named: list[str], peer: str, header: str, address: str
) -> None:
    proxies = TrustedProxies(named)
    assert proxies.client(peer, header).address == address
    assert proxies.address(peer, header) in {address, peer}


@pytest.mark.parametrize(
    ("named", "peer", "header", "limited"),
    [
        ([], "203.0.113.9", "", True),
        ([], "2001:db8::9", "", True),
        ([], "127.0.0.1", "", False),
        ([], "127.8.0.1", "203.0.113.9", False),
        ([], "::1", "", False),
        ([], "::ffff:192.168.1.1", "", False),
        ([], "172.31.0.1", "", False),
        ([], "172.32.0.1", "", True),
        ([], "100.64.3.3", "", False),
        ([], "fd00::1", "", False),
        ([], "fe80::1%eth0", "", False),
        ([], "", "", False),
        (LOCAL, "", "203.0.113.9", False),
        (LOCAL, "10.1.1.1", "203.0.113.9", False),
        (LOCAL, "127.0.0.1", "203.0.113.9", True),
        (LOCAL, "127.0.0.1", "10.1.1.1", True),
        (LOCAL, "127.0.0.1", "", True),
        (["unix"], "", "203.0.113.9", True),
        (["unix"], "", "", False),
    ],
)
def test_a_neighbour_has_no_limit_unless_it_is_a_trusted_proxy(
    named: list[str], peer: str, header: str, limited: bool
) -> None:
    assert TrustedProxies(named).client(peer, header).is_limited is limited


def test_a_subscriber_is_one_client_with_all_addresses_of_ipv6() -> None:
    proxies = TrustedProxies()

    def queue(peer: str) -> str:
        return proxies.client(peer, "").queue

    assert queue("2001:db8:1:2::1") == queue("2001:db8:1:2:ffff::9") != queue("2001:db8:1:3::1")
    assert queue("::ffff:203.0.113.9") == queue("203.0.113.9") != queue("203.0.113.8")
    assert queue("") == queue("unix:")


def test_a_long_header_is_read_from_its_end_alone() -> None:
    header = "127.0.0.1," * 3_000 + "198.51.100.1"
    assert TrustedProxies(LOCAL).client("127.0.0.1", header).address == "198.51.100.1"

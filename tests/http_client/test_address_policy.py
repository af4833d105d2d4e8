import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_upstream import LocalUpstream, failure_of

from service.core.errors import Cause, UpstreamError
from service.core.ports import Request
from service.http_client.address_policy import AddressPolicy, is_public, parse_address
from service.http_client.client import ClientLimits, HttpClient

PUBLIC = ["1.1.1.1", "8.8.8.8", "103.1.2.3", "172.15.0.1", "172.32.0.1", "192.0.3.1", "223.255.255.254"]
PUBLIC_IPV6 = ["2001:200::1", "2400:cb00::1", "2606:4700:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8"]
REFUSED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255",
]  # fmt: skip
REFUSED_IPV6 = [
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:10::1",
    "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1",
    "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC + PUBLIC_IPV6)
def test_an_address_of_the_open_internet_may_be_reached(address: str) -> None:
    assert is_public(parse_address(address))


@pytest.mark.parametrize("address", REFUSED + REFUSED_IPV6)
def test_every_other_address_is_refused(address: str) -> None:
    assert not is_public(parse_address(address))


@settings(deadline=None, max_examples=100)
@given(st.ip_addresses(v=6))
def test_what_python_calls_not_global_is_never_public(address: IPv6Address) -> None:
    if not address.is_global:
        assert not is_public(parse_address(str(address)))


def test_allow_private_takes_names_addresses_and_networks() -> None:
    policy = AddressPolicy.allowing(
        ["Intranet.Example.", "10.20.0.0/16", "::1", "[fd00::5]", "dữ-liệu.example"]
    )
    allowed = [
        ("intranet.example", 81, "192.168.0.1"),
        ("other.example", 3000, "10.20.30.40"),
        ("other.example", 80, "::ffff:10.20.30.40"),
        ("other.example", 80, "::1"),
        ("other.example", 80, "fd00::5"),
    ]
    assert [policy.refusal(*where) for where in allowed] == [None] * 5
    assert policy.refusal("dữ-liệu.example", 80, "10.0.0.1") is None
    assert policy.refusal("dữ-liệu.example".encode("idna").decode(), 80, "10.0.0.1") is None
    assert policy.refusal("other.example", 80, "10.21.0.1") is not None
    assert policy.refusal("sub.intranet.example", 80, "192.168.0.1") is not None


@pytest.mark.parametrize("port", [22, 25, 81, 6379, 3128])
def test_public_hosts_are_asked_at_the_ports_of_the_web_only(port: int) -> None:
    policy = AddressPolicy.allowing([])
    assert f"port {port} " in (policy.refusal("a.example", port, "1.1.1.1") or "")
    assert all(policy.refusal("a.example", usual, "1.1.1.1") is None for usual in (80, 443, 8080, 8443))


def test_of_several_addresses_only_the_public_ones_are_tried() -> None:
    assert AddressPolicy.allowing([]).permitted("a.example", 80, ["10.0.0.1", "1.1.1.1"]) == ["1.1.1.1"]


Names = Callable[[dict[str, list[str]]], list[str]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """A resolver that gives each name's addresses in turn, and the list of names it was asked for."""
    real = socket.getaddrinfo

    def play(answers: dict[str, list[str]]) -> list[str]:
        asked: list[str] = []

        def resolve(host: str, *rest: object) -> object:
            if host not in answers:
                return real(host, *rest)  # type: ignore[arg-type]
            asked.append(host)
            address = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
            return real(address, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return play


def opened(*allow_private: str) -> HttpClient:
    limits = ClientLimits(deadline=timedelta(seconds=5), allow_private=allow_private)
    return HttpClient("portal-widgets/test", lambda: datetime(2026, 1, 1, tzinfo=UTC), limits)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_loopback_is_refused_and_the_sentence_names_address_and_remedy(
    upstream: LocalUpstream, scheme: str
) -> None:
    with opened() as client:
        failure = failure_of(client, upstream.url("/x").replace("http:", f"{scheme}:"))
    assert failure.cause is Cause.ADDRESS_REFUSED
    assert "127.0.0.1" in failure.detail
    assert "upstream.allow_private" in failure.detail
    assert not upstream.requests


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1", "0", "[::ffff:127.0.0.1]"])
def test_no_spelling_of_the_loopback_is_let_through(upstream: LocalUpstream, host: str) -> None:
    with opened() as client:
        failure = failure_of(client, upstream.url("/x", host=host))
    assert failure.cause in (Cause.ADDRESS_REFUSED, Cause.UNREACHABLE)
    assert not upstream.requests


def test_a_name_that_means_a_private_address_is_refused(upstream: LocalUpstream, names: Names) -> None:
    names({"friendly.example": ["127.0.0.1"]})
    with opened() as client:
        failure = failure_of(client, upstream.url("/x", host="friendly.example"))
    assert failure.cause is Cause.ADDRESS_REFUSED
    assert "friendly.example" in failure.detail
    assert "127.0.0.1" in failure.detail
    assert not upstream.requests


def test_a_name_in_allow_private_may_be_reached(upstream: LocalUpstream, names: Names) -> None:
    names({"intranet.example": ["127.0.0.1"]})
    upstream.answer("/x", body=b"inside")
    with opened("intranet.example") as client:
        assert client.fetch(Request(upstream.url("/x", host="intranet.example"))).body == b"inside"


def test_a_redirect_from_an_allowed_host_to_a_refused_one_is_not_followed(
    upstream: LocalUpstream, names: Names
) -> None:
    names({"allowed.example": ["127.0.0.1"], "refused.example": ["127.0.0.1"]})
    upstream.redirect("/x", upstream.url("/secret", host="refused.example"))
    with opened("allowed.example") as client:
        failure = failure_of(client, upstream.url("/x", host="allowed.example"))
    assert failure.cause is Cause.ADDRESS_REFUSED
    assert "refused.example" in failure.detail
    assert not upstream.requests_for("/secret")


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "gopher://a.example/",
        "http://169.254.169.254/latest/meta-data",
        "http://u:p@a.example/",
    ],
)
def test_a_redirect_out_of_the_web_is_refused(
    upstream: LocalUpstream, client: HttpClient, target: str
) -> None:
    upstream.redirect("/x", target)
    assert failure_of(client, upstream.url("/x")).cause is Cause.ADDRESS_REFUSED


def test_a_name_is_resolved_once_for_each_connection_and_a_later_answer_is_judged_anew(
    upstream: LocalUpstream, names: Names
) -> None:
    asked = names({"rebinding.example": ["127.0.0.1", "127.0.0.2"]})
    upstream.answer("/x", body=b"first", headers={"Connection": "close"})
    port = int(upstream.url("").rpartition(":")[2].rstrip("/"))
    with LocalUpstream("127.0.0.2", port) as inside, opened("127.0.0.1") as client:
        url = upstream.url("/x", host="rebinding.example")
        assert client.fetch(Request(url)).body == b"first"
        assert len(asked) == 1
        assert failure_of(client, url).cause is Cause.ADDRESS_REFUSED
        assert not inside.requests


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "httpx://a.example/",
        "//a.example/x", "/x", "", "http://", "http:///x", "http://[::1", "http://*.example/", "http://\x00/",
        "http://user:secret@a.example/", "http://user@a.example/", "http://a.example:99999/", "http://a.example:x/",
        "http://a b.example/",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused_before_connecting(
    client: HttpClient, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("it was looked up"))
    failure = failure_of(client, url)
    assert failure.cause in (Cause.ADDRESS_REFUSED, Cause.UNREACHABLE)
    assert "secret" not in failure.detail


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
def test_a_name_that_no_server_could_have_is_unreachable(client: HttpClient, host: str) -> None:
    assert failure_of(client, f"http://{host}/").cause is Cause.UNREACHABLE


def test_whatever_the_url_the_only_error_is_ours(client: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    @settings(deadline=None, max_examples=100)
    @given(st.text(max_size=40))
    def ask_for(rest: str) -> None:
        for url in (rest, f"http://{rest}", f"https://a.example:{rest}", f"//{rest}"):
            with pytest.raises(UpstreamError):
                client.fetch(Request(url))

    ask_for()


def unknown(*_: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

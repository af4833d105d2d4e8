"""Collected only where PORTAL_WIDGETS_CORPUS names the folder of hostile samples."""

import os
import re
import socket
from pathlib import Path

import pytest
from local_upstream import LocalUpstream

from service.core.errors import UpstreamError
from service.core.ports import Request
from service.http_client.client import HttpClient

SSRF = Path(os.environ["PORTAL_WIDGETS_CORPUS"]) / "hostile" / "ssrf"


def private(host: str, *_: object) -> list[object]:
    if host == "127.0.0.1":
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 0))]


@pytest.mark.parametrize("source", sorted(SSRF.glob("*.txt")), ids=lambda path: path.name)
def test_no_hostile_redirect_leads_anywhere_but_to_the_host_that_sent_it(
    upstream: LocalUpstream, client: HttpClient, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", private)
    lines = [line for line in source.read_bytes().splitlines() if line.strip()]
    assert lines
    for line in lines:
        head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + line + b"\r\n\r\n"
        upstream.raw("/start", lambda head=head: [head])
        with pytest.raises(UpstreamError):
            client.fetch(Request(upstream.url("/start")))


@pytest.mark.parametrize("source", sorted(SSRF.glob("*.svg")), ids=lambda path: path.name)
def test_no_address_inside_a_hostile_picture_is_reached(
    client: HttpClient, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", private)
    addresses = re.findall(r'(?:href|src)="([^"#][^"]*)"', source.read_text(encoding="utf-8"))
    assert addresses
    for address in addresses:
        with pytest.raises(UpstreamError):
            client.fetch(Request(address))

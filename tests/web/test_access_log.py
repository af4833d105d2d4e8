"""The access log, and ids of requests: in the log, in headers, and where nobody keeps them."""

import asyncio
import logging
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from web_site import Site

from service.core.clients import TrustedProxies
from service.web.access_log import AccessLog

GIVEN = {"X-Request-Id": "from-the-proxy.1"}


@pytest.fixture
def caching(tmp_path: Path) -> Site:
    made = Site.in_folder(tmp_path, edge__memory="1MB", log__access="yes", log__addresses="cut")
    made.keep("hue")
    return made


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.fields for record in caplog.records if record.name == "service.access"]  # type: ignore[attr-defined] # what the line is made of


def test_every_response_has_a_line(caching: Site, caplog: pytest.LogCaptureFixture) -> None:
    caching.get("/widgets/weather/hue?lang=en", {"Referer": "https://portal.example/a", **GIVEN})
    caching.get("/widgets/weather/hue?lang=en")
    caching.client.post("/nowhere")
    first, second, third = lines(caplog)
    assert first | {"bytes": 0, "milliseconds": 0} == {
        "client": "127.0.0.0",
        "method": "GET",
        "path": "/widgets/weather/hue?lang=en",
        "status": 200,
        "bytes": 0,
        "milliseconds": 0,
        "cache": "fwd=uri-miss; stored",
        "referrer": "https://portal.example/a",
        "request_id": "from-the-proxy.1",
    }
    assert first["bytes"] > 1000
    assert second["cache"].startswith("hit")
    assert "request_id" not in second
    assert (third["method"], third["status"]) == ("POST", 404)


def test_there_is_none_unless_it_is_asked_for(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.get("/healthz")
    assert lines(caplog) == []


@pytest.mark.parametrize("given", ["/a\nb", '/a" 200', "/a\x1b[31m", "/a\u2028b"])
def test_nothing_that_a_client_sends_ends_a_line(given: str, caplog: pytest.LogCaptureFixture) -> None:
    def application(_environ: object, start: Any) -> list[bytes]:
        start("404 Not Found", [], None)
        return []

    environ = {"REQUEST_METHOD": "GET", "RAW_URI": given, "HTTP_REFERER": given, "REMOTE_ADDR": "::1"}
    AccessLog(TrustedProxies(), cuts=False).wsgi(application)(environ, lambda *_: None)
    (record,) = caplog.records
    assert record.message.isprintable()
    assert record.message.count('"') == 4


def test_under_asgi_every_method_has_a_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def application(_scope: object, _receive: object, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"7")]})

    async def send(_message: MutableMapping[str, Any]) -> None: ...

    scope = {"raw_path": b"/a%20b", "query_string": b"x=1", "headers": [], "client": ("2001:db8::1", 1)}

    async def ask() -> None:
        for method in ("GET", "HEAD", "POST"):
            await AccessLog(TrustedProxies(), cuts=True).asgi(application)(
                {**scope, "method": method}, None, send
            )

    with ThreadPoolExecutor(1) as thread:  # playwright leaves a running loop in the tests' own
        thread.submit(lambda: asyncio.run(ask())).result()
    assert [(line["method"], line["path"], line["bytes"], line["client"]) for line in lines(caplog)] == [
        ("GET", "/a%20b?x=1", 7, "2001:db8::"),
        ("HEAD", "/a%20b?x=1", 7, "2001:db8::"),
        ("POST", "/a%20b?x=1", 7, "2001:db8::"),
    ]


def test_the_client_is_the_one_that_a_trusted_proxy_gives(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site.in_folder(tmp_path, log__access="yes", limits__trusted_proxies="127.0.0.1")
    for hops in ("203.0.113.9", "127.0.0.1, 2001:db8::9", ""):
        site.get("/healthz", {"X-Forwarded-For": hops})
    assert [line["client"] for line in lines(caplog)] == ["203.0.113.9", "2001:db8::9", "127.0.0.1"]


class TestRequestIds:
    def test_what_is_rendered_has_one_and_what_was_kept_has_none(self, caching: Site) -> None:
        rendered = caching.get("/widgets/weather/hue", GIVEN)
        kept = caching.get("/widgets/weather/hue", GIVEN)
        assert rendered.headers["X-Request-Id"] == "from-the-proxy.1"
        assert kept.headers["Cache-Status"].startswith("portal-widgets; hit")
        assert "X-Request-Id" not in kept.headers
        assert b"from-the-proxy" not in rendered.data

    def test_what_is_for_nobody_to_keep_has_one_each_time(self, caching: Site) -> None:
        for path in ("/healthz", "/status", "/metrics"):
            assert len({caching.get(path).headers["X-Request-Id"] for _ in range(2)}) == 2

    @pytest.mark.parametrize("path", ["/api/v1/weather/hue", "/widgets/weather/hue"])
    def test_a_fault_of_ours_names_it_in_body_and_log(
        self, path: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        site = Site.in_folder(tmp_path)
        site.fault = RuntimeError("a bug")
        answer = site.get(path, GIVEN)
        assert answer.status_code == 500
        assert "from-the-proxy.1" in answer.text
        assert answer.headers["X-Request-Id"] == "from-the-proxy.1"
        assert [record.levelname for record in caplog.records if "failed" in record.message] == ["ERROR"]

    @pytest.mark.parametrize("path", ["/nowhere", "/api/v1/weather/atlantis", "/widgets/weather/hue?lang=x"])
    def test_no_other_body_names_it(self, path: str, caching: Site) -> None:
        assert "from-the-proxy" not in caching.get(path, GIVEN).text

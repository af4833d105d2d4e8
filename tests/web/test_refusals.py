"""The response to a client that has too much waiting, in the form of the route."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from web_site import MINUTE, Site
from werkzeug.test import create_environ

from service.http_cache.responses import WireResponse

PAGE, PROBLEM, SVG = "text/html; charset=utf-8", "application/problem+json", "image/svg+xml; charset=utf-8"


def refuse(site: Site, url: str, address: str = "203.0.113.9", **headers: str) -> tuple[WireResponse, Any]:
    wire = site.app.extensions["http_cache"].refuse(create_environ(url, headers=headers), address)
    return wire, dict(wire.headers)


@pytest.mark.parametrize(
    ("url", "media"),
    [
        ("/", PAGE),
        ("/widgets/weather/hue", PAGE),
        ("/widgets/articles?lang=en", PAGE),
        ("/nowhere", PAGE),
        ("/embed.js", PAGE),
        ("/status", PAGE),
        ("/api/v1/weather/hue", PROBLEM),
        ("/api/v1/nowhere", PROBLEM),
        ("/feeds/articles.rss", PROBLEM),
        ("/oembed?url=x", PROBLEM),
        ("/widgets/weather/hue.svg", SVG),
        ("/widgets/weather/hue.png?layout=strip&theme=dark", SVG),
        ("/widgets/weather/nowhere.svg?layout=table&lang=%FF&accent=x", SVG),
    ],
)
def test_a_refusal_has_the_form_of_the_route_and_is_not_stored(site: Site, url: str, media: str) -> None:
    for _ in range(2):
        wire, headers = refuse(site, url)
        assert wire.encoded.status.startswith("429 ")
        assert headers["Content-Type"] == media
        assert headers["Cache-Control"] == "no-store"
        assert int(headers["Retry-After"]) > 0
        assert int(headers["Content-Length"]) == len(wire.body["body"])
        assert "ETag" not in headers


def test_each_problem_names_its_own_request(site: Site) -> None:
    for given in ("first", "a-longer-one-" * 4):
        wire, headers = refuse(site, "/api/v1/cities", **{"X-Request-Id": given})
        problem = json.loads(wire.body["body"])
        assert (problem["status"], problem["title"]) == (429, "Too many requests")
        assert problem["request_id"] == headers["X-Request-Id"] == given


def test_a_refusal_speaks_the_language_of_the_request(site: Site) -> None:
    for url in ("/widgets/weather/hue", "/widgets/weather/hue.svg"):
        bodies = [
            refuse(site, f"{url}?lang={language}")[0].body["body"].decode() for language in ("vi", "en", "xx")
        ]
        assert "quá nhiều yêu cầu" in " ".join(bodies[0].split())
        assert "Too many requests" in bodies[1]
        assert bodies[2] == bodies[0]


def test_made_up_queries_take_no_memory(site: Site) -> None:
    made = {id(refuse(site, f"/widgets/weather?x={number}&lang=en")[0].body["body"]) for number in range(50)}
    assert len(made) == 1


def test_refusals_are_counted_and_told_once_a_minute(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site.in_folder(tmp_path, log__addresses="cut")
    with caplog.at_level(logging.WARNING, "service.web.refusals"):
        for _ in range(3):
            wire, _ = refuse(site, "/widgets/weather/hue")
            wire.sent[0] += 1
        site.now += 2 * MINUTE
        refuse(site, "/", "2001:db8:1:2::3")
    told = [record.message for record in caplog.records if record.name == "service.web.refusals"]
    assert [message.split(",")[0] for message in told] == ["429 to 203.0.113.0", "429 to 2001:db8:1::"]
    assert "1 were refused" in told[0]
    assert "3 were refused" in told[1]
    assert 'route="/widgets/weather/<city>",status="429"' in site.get("/metrics").text.replace(
        'cache="bypass",', ""
    )

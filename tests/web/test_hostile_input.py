import json
import re
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from page_tags import Tags
from web_site import Site
from werkzeug.test import TestResponse

ODD_IDS = [
    "%00",
    "%00dong-ha",
    "dong-ha%00",
    "..%2f..%2fetc%2fpasswd",
    "..",
    ".",
    "%2e%2e",
    "dong-ha%0d%0aX-Evil:1",
    "%ff%fe",
    "%ED%A0%80",
    "%C4%90%C3%B4ng%20H%C3%A0",
    "DONG-HA",
    " dong-ha",
    "dong-ha ",
    "dong_ha",
    "-",
    "a" * 64,
    "a" * 65,
    "a" * 3000,
    "%E2%80%AEah-gnod",
    "<script>alert(1)</script>",
    "%27%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
    "{{7*7}}",
    "${7*7}",
    "dong-ha.svg.svg",
    ".svg",
    "null",
    "undefined",
    "None",
    "1'%20or%201=1--",
    "%F0%9F%8C%A7",
    "dong-ha;v=1",
]
PATHS = ["/widgets/weather/{}", "/widgets/weather/{}.svg", "/api/v1/weather/{}", "/api/v1/cities/{}"]
MARK = "zq9x"  # stands in every payload, so that what comes back can be found
PAYLOADS = [
    f"<script>{MARK}</script>",
    f'"><img src=x onerror={MARK}>',
    f"'><svg/onload={MARK}>",
    f"</title></style></textarea></option><b>{MARK}</b>",
    f"javascript:{MARK}//",
    f"{MARK}\r\nSet-Cookie: a=b",
    f"{MARK}\x00\x08\ufffe\u202e",
    "{{ " + MARK + " }}{% raw %}",
    f"&lt;{MARK}&gt;&#x3c;",
]
SINKS = [
    "/?q={}",
    "/?city={}",
    "/?accent={}",
    "/?theme={}",
    "/status?lang={}",
    "/nothing?lang={}",
    "/widgets/weather?city={}",
    "/widgets/weather/hue?theme={}",
    "/widgets/weather/hue?accent={}&lang=en",
    "/widgets/weather/hue.svg?layout={}",
    "/widgets/weather/{}",
    "/{}",
]


def harmless(answer: TestResponse) -> None:
    """The payload stands in text and in values at the most."""
    assert answer.status_code in {200, 400, 404}
    assert "Set-Cookie" not in answer.headers
    if answer.is_json or "json" in answer.mimetype:
        json.loads(answer.data)
        return
    seen = Tags(answer.text)
    assert not [tag for tag in seen.tags if MARK in tag]
    assert not [name for name, _ in seen.attributes if MARK in name or name.startswith("on")]
    links = [value for name, value in seen.attributes if name in {"href", "src", "action"}]
    assert not [link for link in links if link and link.lower().startswith("javascript")]
    for inside in re.findall(r"<(?:script|style)>(.*?)</", answer.text, flags=re.DOTALL):
        assert MARK not in inside


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("odd", ODD_IDS)
def test_an_odd_id_is_an_unknown_place(site: Site, path: str, odd: str) -> None:
    answer = site.get(path.format(odd))
    assert answer.status_code == 404
    assert "X-Evil" not in answer.headers
    harmless(answer)


@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_is_never_more_than_text(site: Site, sink: str, payload: str) -> None:
    answer = site.get(sink.format(quote(payload, safe="")))
    harmless(answer)
    assert payload not in answer.text or not re.search(r"[<>\"&]", payload)


def test_what_was_searched_for_stands_in_the_field_as_it_was_written(site: Site) -> None:
    query = "\"><script>alert('x')</script>"
    page = site.get(f"/?q={quote(query)}").text
    values = [value for name, value in Tags(page).attributes if name == "value"]
    assert query in values
    assert "<script>alert" not in page


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(
        ["q", "city", "cities", "lang", "limit", "units", "theme", "layout", "accent", "select"]
    ),
    value=st.text(max_size=80) | st.binary(max_size=40),
    path=st.sampled_from(
        [
            "/",
            "/status",
            "/widgets/weather",
            "/widgets/weather/hue",
            "/widgets/weather/hue.svg",
            "/api/v1/cities",
            "/api/v1/weather",
            "/api/v1/weather/hue",
            "/api/v1/cities/hue",
        ]
    ),
)
@example(name="limit", value="٣", path="/api/v1/cities")
@example(name="q", value="\ud7ff\U0010ffff", path="/api/v1/cities")
def test_no_value_breaks_anything(site: Site, name: str, value: str | bytes, path: str) -> None:
    answer = site.get(f"{path}?{name}={quote(value, safe='')}")
    assert answer.status_code in {200, 400, 404}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=60))
def test_no_query_string_breaks_anything(site: Site, raw: bytes) -> None:
    query = raw.decode("latin-1")
    for path in ("/", "/widgets/weather/hue", "/api/v1/cities", "/api/v1/weather"):
        answer = site.client.open(path, environ_overrides={"QUERY_STRING": query})
        assert answer.status_code in {200, 400, 404}


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=40))
def test_no_path_breaks_anything(site: Site, raw: bytes) -> None:
    for start in ("/", "/widgets/weather/", "/api/v1/cities/", "/api/v1/weather/"):
        path = start + raw.decode("latin-1")
        answer = site.client.open("/", environ_overrides={"PATH_INFO": path})
        assert answer.status_code in {200, 404}


def test_long_values_are_answered_at_once(site: Site) -> None:
    for value in ("a" * 100_000, "%20a" * 20_000, "%C4%91" * 20_000, "a,b-" * 20_000):
        for path in ("/?q=", "/api/v1/cities?q=", "/api/v1/weather?cities=", "/widgets/weather?city="):
            assert site.get(path + value).status_code in {200, 400, 404}


def test_what_is_no_text_is_not_repeated_in_a_page(site: Site) -> None:
    page = site.get("/?q=hu%00%0B%C2%85%EF%BF%BEe&portal_url=a%1Bb").text
    values = [value for name, value in Tags(page).attributes if name == "value"]
    assert {"hue", "ab"} <= set(values)

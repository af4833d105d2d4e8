import base64
import re
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from web_site import HOUR, NOW, Site, an_hourly_forecast
from werkzeug.test import TestResponse

from service.places.collation import vietnamese_order

pytestmark = pytest.mark.uncounted

WIDGETS = [
    "/widgets/weather/dong-ha",
    "/widgets/weather/dong-ha?layout=strip&theme=dark&accent=ffd500",
    "/widgets/weather/dong-ha?layout=full&lang=en&units=imperial",
    "/widgets/weather/dong-ha?select=no",
    "/widgets/weather/ha-noi",
    "/widgets/weather/ha-noi?select=no",
    "/widgets/weather?city=hue",
    "/widgets/weather/atlantis",
    "/widgets/weather/dong-ha?layout=huge",
    "/widgets/weather/atlantis?select=perhaps",
]
PAGES = [*WIDGETS, "/", "/?city=atlantis", "/?q=hue", "/?lang=xx", "/status", "/nothing", "/widgets/nothing"]
PICTURES = [
    "/widgets/weather/dong-ha.svg",
    "/widgets/weather/ha-noi.svg?theme=dark",
    "/widgets/weather/atlantis.svg",
    "/widgets/weather/hue.svg?theme=red",
]
REST = [
    "/api/v1/weather/hue",
    "/api/v1/cities",
    "/api/x",
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/favicon.ico",
]


def policy(answer: TestResponse) -> dict[str, list[str]]:
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


def hashes(text: str, tag: str) -> list[str]:
    """The hashes of what stands inside these elements, as a browser makes them."""
    found = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", text, flags=re.DOTALL)
    return [f"'sha256-{base64.b64encode(sha256(inside.encode()).digest()).decode()}'" for inside in found]


@pytest.mark.parametrize("path", [*PAGES, *PICTURES])
def test_the_policy_allows_exactly_what_the_page_has_inline(site: Site, path: str) -> None:
    answer = site.get(path)
    allowed = policy(answer)
    assert allowed["default-src"] == ["'none'"]
    assert allowed.get("style-src", []) == hashes(answer.text, "style")
    assert allowed.get("script-src", []) == hashes(answer.text, "script")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [*PAGES, *PICTURES])
def test_nothing_inline_is_left_that_a_hash_cannot_allow(site: Site, path: str) -> None:
    assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", site.get(path).text.replace("&#34;", ""))


@pytest.mark.parametrize("path", [*PAGES, *PICTURES])
def test_a_browser_fetches_nothing_from_anybody_else(site: Site, path: str) -> None:
    page = re.sub('<link rel="(?:alternate|canonical)"[^>]*>', "", site.get(path).text)  # never loaded
    loaded = re.findall(r'<(?:img|script|link|iframe|source|use|image)[^>]*?(?:src|href)="([^"]*)"', page)
    assert [url for url in loaded if not url.startswith(("/", "#")) or url.startswith("//")] == []
    assert not re.search(r"url\((?!#)", page)
    assert "@import" not in page


@pytest.mark.parametrize("path", [*PAGES, *PICTURES, *REST])
def test_every_answer_has_the_headers_of_every_answer(site: Site, path: str) -> None:
    headers = site.get(path).headers
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]
    assert headers["Permissions-Policy"]
    assert "Set-Cookie" not in headers
    assert "X-Frame-Options" not in headers
    assert "Cookie" not in headers.get("Vary", "")


@pytest.mark.parametrize("path", [*PAGES, *PICTURES])
def test_what_can_be_framed_can_be_framed_by_an_isolated_page(site: Site, path: str) -> None:
    assert site.get(path).headers["Cross-Origin-Embedder-Policy"] == "require-corp"


@pytest.mark.parametrize("path", [*PAGES, *PICTURES, *REST])
def test_everybody_may_frame_us_where_no_portal_is_configured(site: Site, path: str) -> None:
    assert "frame-ancestors" not in site.get(path).headers.get("Content-Security-Policy", "")


@pytest.mark.parametrize("path", PAGES)
def test_only_the_configured_portals_and_our_own_start_page_may_frame_us(tmp_path: Path, path: str) -> None:
    site = Site.in_folder(tmp_path, embed__frame_ancestors="https://a.gov.vn, https://*.b.vn")
    assert policy(site.get(path))["frame-ancestors"] == ["'self'", "https://a.gov.vn", "https://*.b.vn"]


@pytest.mark.parametrize("path", [*WIDGETS, *PICTURES])
def test_widgets_are_not_to_be_indexed(site: Site, path: str) -> None:
    assert site.get(path).headers["X-Robots-Tag"] == "noindex"


def test_the_start_page_may_be_indexed(site: Site) -> None:
    assert "X-Robots-Tag" not in site.get("/").headers


@pytest.mark.parametrize(
    "path", [*PICTURES, "/api/v1/weather/hue", "/api/v1/cities", "/api/x", "/api/v1/weather"]
)
def test_programs_in_other_peoples_pages_may_read_json_and_pictures(site: Site, path: str) -> None:
    assert site.get(path).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", PICTURES)
def test_pictures_are_wellformed_and_need_nothing(site: Site, path: str) -> None:
    answer = site.get(path)
    assert answer.mimetype == "image/svg+xml"
    assert ET.fromstring(answer.data).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("state", ["fresh", "stale", "hidden"])
@pytest.mark.parametrize("layout", ["compact", "full"])
def test_the_hashes_hold_in_every_state(site: Site, state: str, layout: str) -> None:
    site.now = NOW + {"fresh": 0, "stale": 2, "hidden": 7}[state] * HOUR
    answer = site.get(f"/widgets/weather/dong-ha?layout={layout}")
    assert policy(answer)["style-src"] == hashes(answer.text, "style")
    assert policy(answer)["script-src"] == hashes(answer.text, "script")


class TestSelect:
    @pytest.mark.parametrize(("language", "own"), [("vi", "Quảng Trị"), ("en", "Quang Tri")])
    def test_it_lists_the_places_by_province_its_own_first(self, site: Site, language: str, own: str) -> None:
        page = site.get(f"/widgets/weather/dong-ha?lang={language}").text
        provinces = re.findall(r'<optgroup label="([^"]*)">(.*?)(?=<optgroup|</select)', page, re.DOTALL)
        names = [name for name, _ in provinces]
        assert names[0] == own
        assert names[1:] == sorted(names[1:], key=vietnamese_order)
        for _, options in provinces:
            places = re.findall(r'<option value="[a-z0-9-]+"(?: selected)?>([^<]+)', options)
            assert places == sorted(places, key=vietnamese_order)
        assert page.count("<option") >= 60
        assert 'value="dong-ha" selected' in provinces[0][1]

    def test_it_has_the_shown_place_selected(self, site: Site) -> None:
        page = site.get("/widgets/weather/hue").text
        assert re.findall(r'<option value="([^"]*)" selected', page) == ["hue"]

    def test_it_passes_on_what_the_address_said_and_nothing_else(self, site: Site) -> None:
        page = site.get("/widgets/weather/hue?theme=dark&lang=en&accent=0B61A4&utm_source=x&city=vinh").text
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
        assert dict(hidden) == {"theme": "dark", "lang": "en", "accent": "0B61A4"}

    def test_it_is_not_there_when_the_editor_wants_none(self, site: Site) -> None:
        for path in ("/widgets/weather/hue", "/widgets/weather/atlantis", "/widgets/weather/ha-noi"):
            assert "<select" not in site.get(f"{path}?select=no").text
            assert "<form" not in site.get(f"{path}?select=no").text

    def test_configured_places_are_always_listed(self, tmp_path: Path) -> None:
        file = tmp_path / "places.toml"
        file.write_text(
            '[[weather.city]]\nid = "savannakhet"\nname = { vi = "Xa-vẳn-na-khẹt" }\ncountry = "LA"\n'
            "latitude = 16.55\nlongitude = 104.75\n",
            encoding="utf-8",
        )
        site = Site.in_folder(tmp_path, config=str(file))
        own, others = site.get("/widgets/weather/hue").text.split('<option value="savannakhet">')
        assert own.endswith("</optgroup>")
        assert own.count("<optgroup") == 1
        assert others.count("<optgroup") > 1


class TestPublicUrl:
    @pytest.fixture
    def prefixed(self, tmp_path: Path) -> Site:
        site = Site.in_folder(tmp_path, site__public_url="https://gov.example/tien-ich/")
        site.keep("dong-ha", hourly=an_hourly_forecast())
        return site

    @pytest.mark.parametrize("path", PAGES)
    def test_every_link_of_our_own_begins_with_its_path(self, prefixed: Site, path: str) -> None:
        page = prefixed.get(path).text
        links = re.findall(r'\s(?:href|src|action)="(/[^"]*)"', page)
        assert [link for link in links if not link.startswith("/tien-ich/")] == []

    def test_snippets_have_the_whole_of_it(self, prefixed: Site) -> None:
        page = prefixed.get("/").text
        assert "https://gov.example/tien-ich/widgets/weather/dong-ha" in page
        assert "127.0.0.1" not in page

    def test_problems_and_robots_have_its_path(self, prefixed: Site) -> None:
        assert "/tien-ich/api/v1/cities" in prefixed.get("/api/v1/cities/atlantis").get_json()["detail"]
        assert "Disallow: /tien-ich/api/" in prefixed.get("/robots.txt").text

    @pytest.mark.parametrize(
        "host", ["evil.example", "evil.example:99999", "evil.example/%22", "..", "a" * 300]
    )
    def test_the_host_header_changes_nothing(self, site: Site, host: str) -> None:
        for path in (*PAGES, *PICTURES, *REST, "/api//v1/cities", "//evil.example/x"):
            same = {"X-Forwarded-Host": "widgets.example", "X-Request-Id": "same"}
            told = same | {"Host": host, "X-Forwarded-Host": host, "Forwarded": f"host={host}"}
            answer, usual = site.get(path, told), site.get(path, same)
            assert answer.data == usual.data
            assert dict(answer.headers) == dict(usual.headers)
            assert "Location" not in answer.headers

    @pytest.mark.parametrize("below", ["", "/below"])
    def test_an_empty_path_is_that_of_the_start_page(self, site: Site, below: str) -> None:
        """A proxy may be asked for a host alone (RFC 9110 §4.2.3)."""
        asked = {"SCRIPT_NAME": below, "PATH_INFO": ""}
        answer = site.client.get("/?lang=en&q=hue", environ_overrides=asked)
        assert (answer.status_code, answer.data) == (200, site.get("/?lang=en&q=hue").data)
        assert "Location" not in answer.headers

"""The start page as an editor meets it: with mouse and keyboard, with script and without."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from local_upstream import LocalUpstream
from pages_of_others import page_with
from playwright.sync_api import Browser, Page, expect
from portal import Portal
from web_site import settings_of
from werkzeug.serving import make_server

from service.app import create_app
from service.settings.model import Settings
from service.web.heights import USUAL_NARROWEST, WEATHER
from service.web.widget_options import Layout

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own sockets at its end

SHIFTS = """() => {
    window.shifts = [];
    new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(entry => entry.value)))
        .observe({type: "layout-shift", buffered: true});
}"""


CSS = {"content-type": "text/css"}
GROUND = "getComputedStyle(document.querySelector('.ground')).backgroundColor"


@contextmanager
def editing(browser: Browser, url: str, **context: Any) -> Iterator[tuple[Page, list[str]]]:
    """The page, and what the browser complained about; everything that is asked for is ours."""
    opened = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context})
    page = opened.new_page()
    page.add_init_script(f"({SHIFTS})()")
    complaints: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.goto(url)
    yield page, complaints
    assert hosts <= {urlsplit(url).netloc}
    assert opened.cookies() == []
    opened.close()


@pytest.fixture(scope="module")
def with_sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that has two sources of articles."""
    folder = tmp_path_factory.mktemp("sources")
    sources = [
        f'[[articles.source]]\nid = "{name}"\nkind = "feed"\nname = "{name.upper()}"\nurl = "https://{name}.vn"\n'
        for name in ("tinh", "bao")
    ]
    (folder / "sources.toml").write_text("".join(sources), encoding="utf-8")
    with serving(settings_of(folder, config=str(folder / "sources.toml"))) as url:
        yield url


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(settings, background=False), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def chosen(page: Page) -> dict[str, str]:
    """What the address bar says."""
    return {name: ",".join(values) for name, values in parse_qs(urlsplit(page.url).query).items()}


def code(page: Page, key: str) -> str:
    return page.input_value(f"#code-{key}")


def frame_url(page: Page) -> str:
    return page.locator("#see iframe").first.get_attribute("src") or ""


def test_an_editor_searches_without_accents_and_chooses_with_the_keyboard(
    browser: Browser, portal: Portal
) -> None:
    with editing(browser, portal.url) as (page, complaints):
        page.focus("#q")
        page.keyboard.type("ha noi")
        expect(page.locator("#hits [role=option]").first).to_have_text("Hà Nội")
        field = page.get_by_role("combobox", name="Tìm địa điểm")
        expect(field).to_have_attribute("aria-expanded", "true")
        expect(field).to_have_attribute("aria-activedescendant", "hit0")
        page.keyboard.press("ArrowDown")
        expect(field).not_to_have_attribute("aria-activedescendant", "hit0")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(field).to_have_value("Hà Nội")
        expect(page.frame_locator("#see iframe >> nth=0").locator("h1")).to_have_text("Thời tiết Hà Nội")
        expect(page.frame_locator("#see iframe >> nth=0").locator("main")).to_contain_text("27")
        assert frame_url(page) == "/widgets/weather/ha-noi"
        assert chosen(page) == {"city": "ha-noi"}
        assert all("/widgets/weather/ha-noi" in code(page, key) for key in ("iframe", "script", "oembed"))
        assert complaints == []


def test_escape_and_leaving_give_the_chosen_place_back(browser: Browser, portal: Portal) -> None:
    with editing(browser, f"{portal.url}/?city=hue") as (page, _):
        field = page.get_by_role("combobox", name="Tìm địa điểm")
        name = field.input_value()
        for leave in ("Escape", "Tab"):
            field.focus()
            page.keyboard.type("zzzz")
            expect(page.locator("#place [role=status]")).to_have_text("Không tìm thấy địa điểm nào")
            page.keyboard.press(leave)
            expect(field).to_have_value(name)
            expect(field).to_have_attribute("aria-expanded", "false")
        assert chosen(page) == {"city": "hue"}


def test_frame_snippets_and_address_follow_every_choice(browser: Browser, portal: Portal) -> None:
    with editing(browser, f"{portal.url}/?city=hue") as (page, complaints):
        page.get_by_label("Đầy đủ").check()
        expect(page.locator("#see iframe").first).to_have_attribute(
            "height", str(WEATHER[Layout.FULL].at(USUAL_NARROWEST))
        )
        page.get_by_label("Nền (sáng/tối)").select_option("dark")
        page.get_by_label("Ngôn ngữ của tiện ích").select_option("en")
        page.get_by_label("Đơn vị đo").select_option("imperial")
        page.get_by_label("Màu nhấn").fill("#C2410C")
        page.get_by_label("Màu nhấn").blur()
        expect(page.locator("#code-oembed")).to_have_value(
            f"https://widgets.example.gov.vn{frame_url(page).partition('?')[0]}"
            "?layout=full&lang=en&theme=dark&units=imperial&accent=c2410c"
        )
        assert chosen(page) | {"accent": "c2410c"} == {
            "city": "hue", "layout": "full", "lang": "en", "theme": "dark", "units": "imperial",
            "accent": "c2410c", "ui": "vi",
        }  # fmt: skip
        assert page.locator("html").get_attribute("lang") == "vi"
        before = code(page, "script")
        page.reload()
        assert code(page, "script") == before
        assert page.get_by_label("Đơn vị đo").input_value() == "imperial"
        assert complaints == []


def test_a_button_copies_the_newest_code_and_says_so(browser: Browser, portal: Portal) -> None:
    with editing(browser, portal.url, permissions=["clipboard-read", "clipboard-write"]) as (page, _):
        page.get_by_label("Màu nhấn").fill("c2410c")
        page.get_by_role("button", name="Mã nhúng").click()  # the field is left by this
        expect(page.locator("#copy [role=status]").first).to_have_text("Đã sao chép")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert "accent=c2410c" in copied
        assert copied == code(page, "iframe")


@pytest.mark.parametrize(
    ("succeeds", "said"), [(True, "Đã sao chép"), (False, "Mã đã được chọn sẵn")], ids=["copies", "selects"]
)
def test_without_a_clipboard_the_code_is_selected(
    browser: Browser, portal: Portal, succeeds: bool, said: str
) -> None:
    with editing(browser, portal.url) as (page, _):
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        page.evaluate(f"document.execCommand = () => {str(succeeds).lower()}")
        page.get_by_role("button", name="Mã nhúng").click()
        page.get_by_text("Nhờ người phụ trách kỹ thuật").click()
        page.get_by_role("button", name="Lời nhắn").click()
        expect(page.locator("#copy [role=status]").nth(1)).to_contain_text(said)
        assert page.evaluate("getSelection().toString()") == code(page, "message")
        said_by = "[...document.querySelectorAll('#copy [role=status]')].map(row => !!row.textContent)"
        assert page.evaluate(said_by).count(True) == 1  # one row alone says so


@pytest.mark.parametrize(
    ("resets", "strict"), [(True, False), (False, True), (True, True)], ids=["reset", "strict", "both"]
)
def test_what_was_copied_keeps_its_height_in_a_hostile_page(
    browser: Browser, portal: Portal, site: LocalUpstream, resets: bool, strict: bool
) -> None:
    with editing(browser, f"{portal.url}/?city=hue&layout=full") as (page, _):
        codes = {
            key: code(page, key).replace("https://widgets.example.gov.vn", portal.url)
            for key in ("iframe", "script", "picture", "css")
        }
    styles = "body{width:400px}" + "img{height:auto}iframe{height:auto!important}" * resets
    # Where a page does both, its technician adds the rule: nothing else is left that says a height.
    site.answer("/own.css", body=styles + codes.pop("css") * (resets and strict), headers=CSS)
    sources = "".join(f"; {kind}-src {portal.url}" for kind in ("frame", "script", "img"))
    headers = {"content-security-policy": f"default-src 'none'; style-src 'self'{sources}"} if strict else {}
    body = '<link rel="stylesheet" href="/own.css">' + "".join(
        f"<div>{part}</div>" for part in codes.values()
    )
    with page_with(browser, site, body, headers, viewport={"width": 600, "height": 2000}) as (page, _):
        page.wait_for_load_state("load")
        page.wait_for_function("document.querySelector('portal-widget').heard")
        boxes = "[...document.querySelectorAll('div>*:not(script)')]"
        high = dict(page.evaluate(f"{boxes}.map(box => [box.localName, box.clientHeight])"))
        picture = int(codes["picture"].partition('height="')[2].partition('"')[0])
        documented = WEATHER[Layout.FULL].at(400)
        assert high == {"iframe": documented, "portal-widget": documented, "img": picture}


def test_without_script_the_form_does_it_all(browser: Browser, portal: Portal) -> None:
    with editing(browser, portal.url, java_script_enabled=False) as (page, _):
        page.get_by_label("Địa điểm", exact=True).select_option("hue")
        page.get_by_label("Dải ngang").check()
        page.get_by_role("button", name="Xem", exact=True).click()
        assert frame_url(page) == "/widgets/weather/hue?layout=strip"
        assert page.get_by_role("button", name="Sao chép").count() == 0
        page.get_by_label("Tìm địa điểm").fill("dong ha")
        page.get_by_role("button", name="Xem", exact=True).click()
        page.get_by_role("link", name="Đông Hà", exact=True).click()
        assert frame_url(page) == "/widgets/weather/dong-ha?layout=strip"
        page.get_by_label("Địa chỉ trang sẽ nhúng").fill("http://portal.gov.vn")
        page.get_by_role("button", name="Kiểm tra").click()
        expect(page.locator("#verdict")).to_contain_text("http://portal.gov.vn")
        assert frame_url(page) == "/widgets/weather/dong-ha?layout=strip"
        page.locator("#verdict summary").click()
        expect(page.locator("#verdict")).to_contain_text("frame-src")
        page.get_by_label("Tối", exact=True).check()
        assert page.evaluate(GROUND) == "rgb(23, 33, 43)"


def test_the_preview_stands_on_the_ground_that_its_text_is_for(browser: Browser, portal: Portal) -> None:
    with editing(browser, portal.url) as (page, complaints):
        light = page.evaluate(GROUND)
        page.focus("#transparent")
        page.get_by_label("Nền trong suốt").select_option("yes")
        expect(page.get_by_label("Màu chữ")).to_be_visible()
        assert page.evaluate("document.activeElement.id") == "transparent"  # the fields were replaced
        page.get_by_label("Màu chữ").select_option("dark")
        expect(page.get_by_label("Tối", exact=True)).to_be_checked()
        assert page.evaluate(GROUND) != light
        page.get_by_label("Hoa văn").check()
        page.get_by_label("Đường viền").select_option("no")
        expect(page.locator("#code-oembed")).to_have_value(re.compile("border=no"))
        expect(page.get_by_label("Hoa văn")).to_be_checked()
        assert chosen(page) | {"ui": "vi"} == {
            "theme": "dark", "transparent": "yes", "border": "no", "city": "dong-ha", "ui": "vi"
        }  # fmt: skip
        assert complaints == []


def test_the_keyboard_alone_reaches_everything(browser: Browser, portal: Portal) -> None:
    with editing(browser, portal.url) as (page, _):
        reached = []
        for _ in range(40):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.id || document.activeElement.name"))
        wanted = ["type", "q", "layout", "theme", "lang", "units", "select", "accent", "picker", "portal_url"]
        assert [name for name in dict.fromkeys(reached) if name in wanted] == wanted
        page.focus("[name=type]:checked")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#see iframe").first).to_have_attribute("title", "Tin mới (320 px)")
        assert page.evaluate("document.activeElement.value") == "articles"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_shifts_and_nothing_runs_over_at_any_width(
    browser: Browser, portal: Portal, width: int, scheme: str
) -> None:
    viewport = {"width": width, "height": 900}
    url = f"{portal.url}/?layout=full&portal_url=portal.gov.vn"
    with editing(browser, url, viewport=viewport, color_scheme=scheme) as (page, complaints):
        page.wait_for_load_state("networkidle")
        page.evaluate("new Promise(seen => requestAnimationFrame(() => requestAnimationFrame(seen)))")
        assert page.evaluate("shifts") == []
        assert page.evaluate("document.documentElement.scrollWidth") == width
        small = page.evaluate(
            """[...document.querySelectorAll("a, button, input, select, textarea, .tiles label")]
            .filter(target => target.checkVisibility() && !target.matches(".tiles input, .ticks input"))
            .filter(target => target.getBoundingClientRect().height < 24).map(target => target.outerHTML)"""
        )
        assert small == []
        assert complaints == []


def test_the_check_answers_as_soon_as_the_address_is_written(browser: Browser, portal: Portal) -> None:
    with editing(browser, portal.url) as (page, complaints):
        page.get_by_label("Địa chỉ trang sẽ nhúng").fill("Portal.GOV.vn/trang-chu")
        page.keyboard.press("Enter")
        expect(page.locator("#verdict")).to_contain_text("https://portal.gov.vn")
        expect(page.locator("#verdict")).to_contain_text("frame-src https://widgets.example.gov.vn")
        assert chosen(page)["portal_url"] == "Portal.GOV.vn/trang-chu"
        assert complaints == []


def test_what_cannot_be_used_is_said_and_the_rest_follows(browser: Browser, portal: Portal) -> None:
    with editing(browser, portal.url) as (page, _):
        page.get_by_label("Màu nhấn").fill("blue")
        page.get_by_label("Màu nhấn").blur()
        page.get_by_label("Nền (sáng/tối)").select_option("dark")
        expect(page.locator("#notes")).to_contain_text("accent")
        expect(page.locator("#see iframe").first).to_have_attribute(
            "src", "/widgets/weather/dong-ha?theme=dark"
        )
        page.get_by_label("Màu nhấn").fill("")
        page.get_by_label("Màu nhấn").blur()
        expect(page.locator("#notes")).to_have_text("")


def test_a_service_that_does_not_answer_is_said(browser: Browser, portal: Portal) -> None:
    with editing(browser, portal.url) as (page, _):
        page.route("**/?**", lambda route: route.abort())
        page.get_by_label("Nền (sáng/tối)").select_option("dark")
        expect(page.locator("#news")).to_have_text("Chưa cập nhật được. Vui lòng tải lại trang.")


def test_another_widget_brings_its_own_fields(browser: Browser, with_sources: str) -> None:
    with editing(browser, f"{with_sources}/?city=hue&theme=dark") as (page, complaints):
        page.get_by_label("Tin bài", exact=True).check()
        page.get_by_label("BAO").check()
        page.get_by_label("TINH").check()
        page.get_by_label("Thẻ").check()
        page.get_by_label("Số tin").fill("2")
        page.get_by_label("Số tin").blur()
        path = "/widgets/articles?source=tinh,bao&limit=2&layout=cards&theme=dark"
        expect(page.locator("#see iframe").first).to_have_attribute("src", path)
        assert code(page, "oembed").endswith(path)
        page.get_by_label("Thời tiết và tin bài").check()
        path = "/widgets/portal?city=hue&source=tinh,bao&limit=2&theme=dark"
        expect(page.locator("#see iframe").first).to_have_attribute("src", path)
        expect(page.get_by_role("combobox", name="Tìm địa điểm")).to_have_value("Huế")
        page.get_by_label("Thời tiết", exact=True).check()
        expect(page.locator("#see iframe").first).to_have_attribute("src", "/widgets/weather/hue?theme=dark")
        assert complaints == []


def test_the_api_can_be_tried_on_its_page(browser: Browser, portal: Portal) -> None:
    page = browser.new_page(viewport={"width": 500, "height": 900})
    page.goto(f"{portal.url}/api/docs")
    form = page.locator("#get_weather form")
    form.locator("[data-value=city]").fill("hue")
    form.get_by_label("fields").fill("current")
    form.get_by_role("button").click()
    expect(form.locator(".answer p")).to_have_text("200 /api/v1/weather/hue?fields=current")
    expect(form.locator(".answer pre")).to_contain_text('"id": "hue"')
    tag = (form.locator(".answer div").text_content() or "").removeprefix("ETag: ")
    form.get_by_label("If-None-Match").fill(tag)
    form.get_by_role("button").click()
    expect(form.locator(".answer p")).to_contain_text("304 ")
    form.locator("[data-value=city]").fill("atlantis")
    form.get_by_role("button").click()
    expect(form.locator(".answer p")).to_contain_text("404 ")
    page.close()


def test_the_api_can_be_tried_without_script(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{portal.url}/api/docs")
    page.locator("#get_cities form").get_by_label("q", exact=False).first.fill("hue")
    page.locator("#get_cities form").get_by_role("button").click()
    page.wait_for_url("**/api/v1/cities?q=hue*")
    context.close()

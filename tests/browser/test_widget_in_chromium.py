"""The weather widget as a reader meets it: in a real browser, in every layout, theme and language."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from local_upstream import LocalUpstream
from playwright.sync_api import Browser, Page
from portal import Portal

from service.web.widget_options import OF_ONE_PLACE, PICTURE_SIZES, Layout

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own sockets at its end


@contextmanager
def visit(browser: Browser, url: str, **context: Any) -> Iterator[tuple[Page, list[str], list[str]]]:
    """The page, the requests it made, and what the browser complained about."""
    opened = browser.new_context(**{"viewport": {"width": 280, "height": 400}, **context})
    page = opened.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    yield page, requests, complaints
    assert opened.cookies() == []
    opened.close()


@contextmanager
def parent_with(browser: Browser, site: LocalUpstream, markup: str) -> Iterator[tuple[Page, list[str]]]:
    """A page of another site that has this markup, and what the browser complained about."""
    site.answer("/", body=markup.encode(), headers={"content-type": "text/html"})
    site.answer("/favicon.ico", status=204)
    opened = browser.new_context(viewport={"width": 600, "height": 900})
    page = opened.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(site.url("/"))
    yield page, complaints
    opened.close()


def height_of(page: Page) -> float:
    return float(page.evaluate("document.documentElement.getBoundingClientRect().height"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("layout", OF_ONE_PLACE)
def test_a_widget_is_one_request_and_breaks_no_policy(
    browser: Browser, portal: Portal, layout: Layout, scheme: str
) -> None:
    url = f"{portal.url}/widgets/weather/dong-ha?layout={layout}"
    with visit(browser, url, color_scheme=scheme) as (page, requests, complaints):
        assert page.inner_text("main").count("27") >= 1
        assert requests == [url]
        assert complaints == []
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


@pytest.mark.parametrize("width", [160, 200])
@pytest.mark.parametrize("layout", OF_ONE_PLACE)
def test_nothing_is_cut_off_in_a_narrow_box(
    browser: Browser, portal: Portal, layout: Layout, width: int
) -> None:
    url = f"{portal.url}/widgets/weather/dong-ha?layout={layout}"
    with visit(browser, url, viewport={"width": width, "height": 300}) as (page, _, _):
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_theme_asked_for_wins_over_the_readers(browser: Browser, portal: Portal) -> None:
    ground = 'getComputedStyle(document.querySelector("main")).backgroundColor'
    for theme, expected in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(23, 28, 34)")):
        for scheme in ("light", "dark"):
            url = f"{portal.url}/widgets/weather/dong-ha?theme={theme}"
            with visit(browser, url, color_scheme=scheme) as (page, _, _):
                assert page.evaluate(ground) == expected


def test_the_select_goes_to_the_place_at_once_and_keeps_the_choices(browser: Browser, portal: Portal) -> None:
    with visit(browser, f"{portal.url}/widgets/weather/dong-ha?lang=en&units=imperial") as (page, _, _):
        page.click("select")
        page.select_option("select", "hue")
        page.wait_for_url("**/widgets/weather?**city=hue**")
        assert page.title() == "Weather in Hue"
        assert "81\u00a0°F" in page.inner_text("main")


def test_the_select_works_without_script(browser: Browser, portal: Portal) -> None:
    url = f"{portal.url}/widgets/weather/dong-ha"
    with visit(browser, url, java_script_enabled=False) as (page, _, _):
        page.select_option("select", "ha-noi")
        with page.expect_navigation():
            page.click("button")
        assert page.title() == "Thời tiết Hà Nội"


def test_the_keyboard_changes_the_place_only_with_the_button(browser: Browser, portal: Portal) -> None:
    with visit(browser, f"{portal.url}/widgets/weather/dong-ha") as (page, requests, _):
        page.focus("select")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        assert len(requests) == 1
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/widgets/weather?city=**")


@pytest.mark.parametrize("sandbox", ["allow-scripts", ""])
def test_everything_shows_inside_a_sandbox(
    browser: Browser, portal: Portal, upstream: LocalUpstream, sandbox: str
) -> None:
    markup = f'<iframe sandbox="{sandbox}" src="{portal.url}/widgets/weather/dong-ha?layout=full"></iframe>'
    with parent_with(browser, upstream, markup) as (page, complaints):
        frame = page.frame_locator("iframe")
        frame.locator("ol li").nth(6).wait_for()
        assert "27\u00a0°C" in frame.locator("main").inner_text()
        if sandbox:
            frame.locator("select").click()
            frame.locator("select").select_option("hue")
            frame.locator("h1", has_text="Huế").wait_for(state="attached")
            assert complaints == []


def test_before_the_first_data_the_page_asks_again_by_itself(browser: Browser, portal: Portal) -> None:
    with visit(browser, f"{portal.url}/healthz") as (page, _, _):
        page.clock.install()
        page.goto(f"{portal.url}/widgets/weather/vinh")
        assert "Đang lấy số liệu lần đầu" in page.inner_text("main")
        with page.expect_navigation():
            page.clock.run_for(11_000)


def test_the_picture_stands_in_any_page(browser: Browser, portal: Portal, upstream: LocalUpstream) -> None:
    markup = f'<img src="{portal.url}/widgets/weather/dong-ha.svg" alt="">'
    with parent_with(browser, upstream, markup) as (page, _):
        page.wait_for_function("document.images[0].complete")
        size = page.evaluate("[document.images[0].naturalWidth, document.images[0].naturalHeight]")
        assert size == list(PICTURE_SIZES[Layout.COMPACT])

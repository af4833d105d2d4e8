"""`<portal-widget>` beside what else rules a page: style sheets, tabs, frameworks that write its style."""

import pytest
from local_upstream import LocalUpstream
from pages_of_others import page_with
from playwright.sync_api import Browser, Page, expect
from portal import Portal

from service.web.heights import ARTICLES, WEATHER, WIDEST
from service.web.widget_options import ArticleLayout, Layout

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own sockets at its end

LINK = '<a href="/w">Thời tiết Huế</a>'
HIGH = "document.querySelector('portal-widget').getBoundingClientRect().height"


def loader(portal: Portal) -> str:
    return f'<script async src="{portal.url}/embed.js"></script>'


def shown(page: Page) -> None:
    page.wait_for_function(
        "(w => w.heard && w.inner.style.visibility === '')(document.querySelector('portal-widget'))"
    )


def test_a_page_may_hide_and_place_the_element(browser: Browser, portal: Portal, site: LocalUpstream) -> None:
    body = (
        f"<style>.away{{display:none}}.pinned{{position:absolute}}</style>{loader(portal)}"
        f'<portal-widget city="hue" hidden>{LINK}</portal-widget>'
        f'<portal-widget city="hue" class="away">{LINK}</portal-widget>'
        f'<portal-widget city="hue" class="pinned">{LINK}</portal-widget>'
        f'<portal-widget city="hue">{LINK}</portal-widget>'
    )
    with page_with(browser, site, body) as (page, _):
        page.wait_for_function("document.querySelectorAll('portal-widget')[3].heard")
        ruled = page.evaluate(
            "[...document.querySelectorAll('portal-widget')]"
            ".map(w => [getComputedStyle(w).display, getComputedStyle(w).position])"
        )
        assert [display for display, _ in ruled] == ["none", "none", "block", "block"]
        assert [position for _, position in ruled[2:]] == ["absolute", "relative"]


# Here a frame is 300 px wide, and an element with nothing in its flow would have no width.
CONTAINERS = {
    "a flex row": "display:flex",
    "a flex column that stretches nothing": "display:flex;flex-direction:column;align-items:flex-start",
    "a grid of its own width": "display:grid;justify-content:start",
    "a float": "float:left",
    "an inline block": "display:inline-block",
    "an absolute box": "position:absolute",
    "a box that fits its content": "width:fit-content",
    "a table's cell": "display:table-cell",
}


@pytest.mark.parametrize("width", [600, 240])
def test_the_element_is_as_wide_as_a_frame_where_nothing_says_how_wide(
    browser: Browser, portal: Portal, site: LocalUpstream, width: int
) -> None:
    boxes = "".join(
        f'<section style="position:relative;width:{width}px;height:400px"><div style="{style}">'
        f'<portal-widget city="hue" style="display:block;height:212px">{LINK}</portal-widget></div></section>'
        for style in CONTAINERS.values()
    )
    viewport = {"width": 700, "height": 400 * len(CONTAINERS)}
    with page_with(browser, site, f"{loader(portal)}{boxes}", viewport=viewport) as (page, complaints):
        page.wait_for_function("[...document.querySelectorAll('portal-widget')].every(w => w.heard)")
        sizes = page.evaluate(
            "[...document.querySelectorAll('portal-widget')].map(w => [w.clientWidth, w.clientHeight,"
            " w.inner.clientWidth])"
        )
        told = dict(zip(CONTAINERS, sizes, strict=True))
        assert {name: size[0] for name, size in told.items() if size[0] < min(300, width)} == {}
        assert {name: size for name, size in told.items() if size[0] > width or size[0] != size[2]} == {}
        assert {name: size[1] for name, size in told.items() if size[1] > 300} == {}
        assert complaints == []


def test_no_height_is_believed_of_a_frame_without_room(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    body = (
        f'{loader(portal)}<div style="width:1px;overflow:hidden">'
        f'<portal-widget city="hue" style="display:block;min-width:0">{LINK}</portal-widget></div>'
    )
    with page_with(browser, site, body) as (page, _):
        page.wait_for_function("(document.querySelector('portal-widget').loads || 0) > 0")
        assert page.evaluate(HIGH) == WEATHER[Layout.COMPACT].at(1)
        page.evaluate("document.querySelector('div').style.width = '320px'")
        shown(page)
        page.wait_for_function(f"{HIGH} === {WEATHER[Layout.COMPACT].at(320)}")


@pytest.mark.parametrize(
    ("scheme", "theme"),
    [
        ("dark", "theme=dark"),
        ("light", "theme=light"),
        ("only dark", "theme=dark"),
        ("light dark", ""),
        ("normal", ""),
    ],
)
def test_the_element_is_as_light_or_dark_as_its_page_says_it_is(
    browser: Browser, portal: Portal, site: LocalUpstream, scheme: str, theme: str
) -> None:
    body = (
        f"<style>html{{color-scheme:{scheme}}}</style>{loader(portal)}"
        f'<portal-widget city="hue">{LINK}</portal-widget>'
        f'<portal-widget city="hue" theme="auto">{LINK}</portal-widget>'
    )
    with page_with(browser, site, body) as (page, _):
        shown(page)
        asked = page.evaluate("[...document.querySelectorAll('portal-widget')].map(w => w.inner.src)")
        assert asked == [
            f"{portal.url}/widgets/weather/hue{theme and '?' + theme}",
            f"{portal.url}/widgets/weather/hue?theme=auto",
        ]


def test_another_place_adds_nothing_to_the_way_back(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    body = f'{loader(portal)}<portal-widget city="hue">{LINK}</portal-widget>'
    with page_with(browser, site, body) as (page, _):
        shown(page)
        before = page.evaluate("history.length")
        inside = page.frame_locator("portal-widget iframe")
        page.evaluate("document.querySelector('portal-widget').setAttribute('city', 'ha-noi')")
        expect(inside.locator("h1")).to_contain_text("Hà Nội")
        frame = page.locator("portal-widget iframe")
        expect(frame).to_have_attribute("title", "Thời tiết Hà Nội")
        inside.locator("select").click()
        inside.locator("select").select_option("hue")
        expect(inside.locator("h1")).to_contain_text("Huế")
        expect(frame).to_have_attribute("title", "Thời tiết Huế")
        assert page.evaluate("history.length") == before


def test_a_moved_element_shows_what_it_showed(browser: Browser, portal: Portal, site: LocalUpstream) -> None:
    body = f'{loader(portal)}<p></p><portal-widget city="hue">{LINK}</portal-widget>'
    with page_with(browser, site, body) as (page, _):
        shown(page)
        inside = page.frame_locator("portal-widget iframe")
        page.evaluate("document.querySelector('portal-widget').setAttribute('city', 'ha-noi')")
        expect(inside.locator("h1")).to_contain_text("Hà Nội")
        page.evaluate("document.querySelector('p').before(document.querySelector('portal-widget'))")
        expect(inside.locator("h1")).to_contain_text("Hà Nội")
        shown(page)


def test_a_framework_may_write_the_whole_style_anew(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    body = f'{loader(portal)}<portal-widget city="hue">{LINK}</portal-widget>'
    with page_with(browser, site, body) as (page, complaints):
        shown(page)
        page.evaluate("document.querySelector('portal-widget').setAttribute('style', 'color:red')")
        page.wait_for_function("document.querySelector('portal-widget').style.minHeight")
        assert page.evaluate(HIGH) == WEATHER[Layout.COMPACT].at(WIDEST)
        page.evaluate("document.querySelector('portal-widget').setAttribute('style', 'height:300px')")
        page.wait_for_function(f"{HIGH} === 300")
        assert page.evaluate("document.querySelector('portal-widget').loads") == 1
        assert complaints == []


def test_cards_in_a_hidden_tab_take_the_room_of_their_columns_once_shown(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    body = (
        f"{loader(portal)}<section style='display:none'>"
        f'<portal-widget type="articles" layout="cards">{LINK}</portal-widget></section>'
    )
    with page_with(browser, site, body, viewport={"width": 700, "height": 900}) as (page, _):
        page.route("**/widgets/articles**", lambda route: route.abort())  # nothing is told, only reserved
        page.wait_for_function("!!customElements.get('portal-widget')")
        page.evaluate("document.querySelector('section').style.display = 'block'")
        cards = ARTICLES[ArticleLayout.CARDS].holding(5)
        room = cards.at(684)
        assert room < cards.at(320)
        page.wait_for_function(f"{HIGH} === {room}")

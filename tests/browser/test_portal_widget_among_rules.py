"""`<portal-widget>` beside what else rules a page: style sheets, tabs, frameworks that write its style."""

import pytest
from local_upstream import LocalUpstream
from pages_of_others import page_with
from playwright.sync_api import Browser, Page
from portal import Portal

from service.web.widget_options import HEIGHTS, ArticleLayout, Layout, article_height

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


def test_a_framework_may_write_the_whole_style_anew(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    body = f'{loader(portal)}<portal-widget city="hue">{LINK}</portal-widget>'
    with page_with(browser, site, body) as (page, complaints):
        shown(page)
        page.evaluate("document.querySelector('portal-widget').setAttribute('style', 'color:red')")
        page.wait_for_function("document.querySelector('portal-widget').style.minHeight")
        assert page.evaluate(HIGH) == HEIGHTS[Layout.COMPACT]
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
        page.wait_for_function("!!customElements.get('portal-widget')")
        page.evaluate("document.querySelector('section').style.display = 'block'")
        shown(page)
        room = article_height(ArticleLayout.CARDS, 5, 684)
        assert room < article_height(ArticleLayout.CARDS, 5)
        page.wait_for_function(f"{HIGH} === {room}")

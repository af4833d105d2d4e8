"""Every page, state, theme and language, as axe-core judges them: WCAG 2.2 AA and its best practices.

A page is judged in one language, or in each where it is judged more often.
"""

from importlib.resources import files
from typing import Literal

import pytest
from every_page import FAULTS, NEWS, PEOPLE, PICTURE, WEATHER, by_turns
from newsroom import Newsroom
from playwright.sync_api import Browser
from portal import Portal

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own sockets at its end

Scheme = Literal["light", "dark"]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
# What is ours is judged, and not the frame that the start page shows: it is judged by itself.
JUDGED = """options => axe.run(document, {iframes: false, ...options}).then(({violations}) =>
  violations.map(({id, nodes}) => [id, ...nodes.map(node => node.html.slice(0, 200))]))"""
EVERY_RULE: dict[str, list[str]] = {}
OF_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}  # the rules that a theme can break


def violations(browser: Browser, urls: list[str], width: int = 300) -> list[object]:
    """By all rules in the light theme, and by those of colours in the dark one."""
    return judged(browser, urls, {"light": EVERY_RULE, "dark": OF_COLOURS}, width)


def judged(
    browser: Browser, urls: list[str], schemes: dict[Scheme, dict[str, list[str]]], width: int = 300
) -> list[object]:
    """By these rules in each colour scheme of the system."""
    opened = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
    opened.add_init_script(AXE)
    page = opened.new_page()
    found: list[object] = []
    for url in urls:
        page.emulate_media(color_scheme=next(iter(schemes)))
        page.goto(url)
        for scheme, rules in schemes.items():
            page.emulate_media(color_scheme=scheme)
            found += [(url, scheme, violation) for violation in page.evaluate(JUDGED, rules)]
    opened.close()
    return found


def test_the_judge_finds_what_is_wrong(browser: Browser) -> None:
    page = (
        "data:text/html,<style>@media(prefers-color-scheme:dark){b{color:silver}}</style><img src=x>"
        "<p style='color:silver'>hardly to be read</p><b>and this in the dark</b>"
    )
    found = violations(browser, [page])
    assert all(rule in str(found) for rule in ("image-alt", "document-title", "html-has-lang"))
    light, dark = (one for one in found if "color-contrast" in str(one))
    assert ("'<p style" in str(light), "'<b>and this" in str(light)) == (True, False)
    assert "'<b>and this" in str(dark)


@pytest.mark.parametrize("hours", [0, 2, 7])
def test_the_weather_in_every_state(browser: Browser, clock: Portal, hours: int) -> None:
    clock.hours_later[0] = hours
    assert violations(browser, [clock.url + path for path in by_turns((*WEATHER, PICTURE), hours)]) == []


def test_what_is_not_there(browser: Browser, portal: Portal) -> None:
    assert violations(browser, [portal.url + path for path in by_turns(FAULTS)]) == []


def test_any_accent_can_be_read(browser: Browser, portal: Portal, newsroom: Newsroom) -> None:
    urls = [
        f"{url}&accent={accent}"
        for accent in ("ffff00", "fdfdff", "020202", "ff0000", "7f7f7f")
        for url in (portal.url + WEATHER[2], newsroom.url + NEWS[0])
    ]
    assert judged(browser, urls, {"light": OF_COLOURS, "dark": OF_COLOURS}) == []


@pytest.mark.parametrize(("theme", "other"), [("light", "dark"), ("dark", "light")])
def test_a_theme_that_is_asked_for_can_be_read(
    browser: Browser, portal: Portal, newsroom: Newsroom, theme: str, other: Scheme
) -> None:
    urls = [portal.url + path for path in WEATHER] + [newsroom.url + path for path in NEWS]
    assert judged(browser, [f"{url}&theme={theme}" for url in urls], {other: OF_COLOURS}) == []


def test_articles_in_every_layout(browser: Browser, newsroom: Newsroom) -> None:
    assert violations(browser, [newsroom.url + path for path in by_turns(NEWS)]) == []


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_for_people(browser: Browser, portal: Portal, width: int) -> None:
    assert violations(browser, [portal.url + path for path in by_turns(PEOPLE, width // 1000)], width) == []


# A control that is smaller than 24 px, unless it is a link in a line of text or has as much room around it.
SMALL = """[...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
  .filter(one => one.checkVisibility() && !one.closest('p, .sr, .body'))
  .filter(one => {let box = (one.closest('label') || one).getBoundingClientRect(); return box.height < 24})
  .map(one => one.outerHTML.slice(0, 100))"""
UNSEEN = """[...document.querySelectorAll('a, button, input:not([type=hidden]), select')].filter(one => {
  if (!one.checkVisibility()) return false;
  one.focus({focusVisible: true});
  let shown = element => parseFloat(getComputedStyle(element).outlineWidth) > 0
    && getComputedStyle(element).outlineStyle != 'none';
  return ![one, one.closest('label'), one.closest('li')].some(element => element && shown(element))
}).map(one => one.outerHTML.slice(0, 100))"""
MOVING = """document.getAnimations().length + [...document.querySelectorAll('*')].filter(one => {
  let {animationName, transitionDuration} = getComputedStyle(one);
  return animationName != 'none' || transitionDuration.split(',').some(time => parseFloat(time) > 0)
}).length"""
WIDE = "document.documentElement.scrollWidth - innerWidth"


@pytest.mark.parametrize("width", [320, 1280])
def test_what_axe_cannot_see(browser: Browser, portal: Portal, newsroom: Newsroom, width: int) -> None:
    """Targets of 24 px, a focus that is seen, no motion, and no scrolling sideways at 320 px."""
    opened = browser.new_context(viewport={"width": width, "height": 900})
    page = opened.new_page()
    paths = [portal.url + path for path in (*WEATHER, *FAULTS, *PEOPLE)] + [newsroom.url + p for p in NEWS]
    for url in paths:
        page.goto(url)
        assert page.evaluate(SMALL) == [], url
        assert page.evaluate(UNSEEN) == [], url
        assert page.evaluate(MOVING) == 0, url
        assert page.evaluate(WIDE) <= 0, url
        assert page.title(), url
    opened.close()

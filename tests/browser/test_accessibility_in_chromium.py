"""Every page, state, theme and language, as axe-core judges them: WCAG 2.2 AA and its best practices."""

from importlib.resources import files
from itertools import product

import pytest
from kept_articles import Newsroom
from playwright.sync_api import Browser
from portal import Portal

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own sockets at its end

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
# What is ours is judged, and not the frame that the start page shows: it is judged by itself.
JUDGED = """axe.run(document, {iframes: false}).then(({violations}) =>
  violations.map(({id, nodes}) => [id, ...nodes.map(node => node.html.slice(0, 200))]))"""
LANGUAGES = ("vi", "en")
THEMES = ("light", "dark")


def violations(browser: Browser, urls: list[str], theme: str, width: int = 300) -> list[object]:
    opened = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        bypass_csp=True,
    )
    page = opened.new_page()
    found: list[object] = []
    for url in urls:
        page.goto(url)
        page.evaluate(AXE)
        found += [(url, violation) for violation in page.evaluate(JUDGED)]
    opened.close()
    return found


def test_the_judge_finds_what_is_wrong(browser: Browser) -> None:
    page = "data:text/html,<img src=x><p style='color:silver'>hardly to be read"
    found = str(violations(browser, [page], "light"))
    assert all(rule in found for rule in ("image-alt", "color-contrast", "document-title", "html-has-lang"))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("hours", [0, 2, 7])
def test_the_weather_in_every_state(browser: Browser, clock: Portal, hours: int, theme: str) -> None:
    clock.hours_later[0] = hours
    choices = product(("compact", "strip", "full"), LANGUAGES if hours == 0 else ("vi",))
    urls = [f"{clock.url}/widgets/weather/hue?layout={layout}&lang={lang}" for layout, lang in choices]
    assert violations(browser, urls, theme) == []


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_not_there(browser: Browser, portal: Portal, theme: str) -> None:
    paths = [
        "/widgets/weather/nowhere",
        "/widgets/weather/vinh",
        "/widgets/weather/hue?layout=round",
        "/widgets/weather/hue.svg",
        "/widgets/articles",
        "/nowhere",
        "/articles/nothing",
    ]
    urls = [f"{portal.url}{path}" for path in paths]
    assert violations(browser, urls, theme) == []


@pytest.mark.parametrize("accent", ["ffff00", "000000", "7f7f7f"])
@pytest.mark.parametrize("theme", THEMES)
def test_any_accent_can_be_read(
    browser: Browser, portal: Portal, newsroom: Newsroom, accent: str, theme: str
) -> None:
    more = f"accent={accent}&theme={theme}"
    urls = [f"{portal.url}/widgets/weather/hue?{more}", f"{newsroom.url}/widgets/articles?{more}"]
    assert violations(browser, urls, theme) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_articles_in_every_layout(browser: Browser, newsroom: Newsroom, language: str, theme: str) -> None:
    paths = [
        *(f"/widgets/articles?layout={layout}" for layout in ("list", "cards", "headlines")),
        "/widgets/portal?city=hue",
        f"/articles/{0:016x}?city=hue",
    ]
    urls = [f"{newsroom.url}{path}{'&' if '?' in path else '?'}lang={language}" for path in paths]
    assert violations(browser, urls, theme) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_for_people(browser: Browser, portal: Portal, width: int, theme: str) -> None:
    urls = [f"{portal.url}/?lang={language}" for language in LANGUAGES] + [f"{portal.url}/status"]
    assert violations(browser, urls, theme, width) == []

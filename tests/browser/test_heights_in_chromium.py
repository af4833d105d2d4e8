"""The documented heights, held against Chromium at every 10 pixels, in two languages and wide letters."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import stored_weather
from newsroom import Newsroom
from playwright.sync_api import Browser, Page
from portal import Portal
from web_site import LANGUAGES

from service.web.heights import ARTICLES, NARROWEST, PORTAL, WEATHER, WIDEST, Height
from service.web.widget_options import OF_ONE_PLACE, ArticleLayout, Layout

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own sockets at its end

WIDTHS = range(NARROWEST, WIDEST + 1, 10)
MOST_BLANK = 12
# Another font is wider; letters that stand apart are so in every font.
USUAL, WIDE = "normal", "0.08em"

MEASURE = """([widths, spacing]) => {
  const frame = document.querySelector("iframe"), inside = frame.contentDocument;
  const root = inside.documentElement, styled = element => frame.contentWindow.getComputedStyle(element);
  inside.body.style.letterSpacing = spacing;
  const box = element => element.getBoundingClientRect();
  return widths.map(width => {
    frame.width = width;
    const main = inside.querySelector("main"), row = [...main.querySelectorAll(".news li")].pop();
    const shapes = ".foot span, .news .text p, .news .title, .news time, .news img";
    const shown = line => Math.min(box(line).bottom, box(line.closest(".text") || line).bottom);
    const last = Math.max(...[...main.querySelectorAll(shapes)].map(shown));
    const padding = [main, row].map(each => each ? parseFloat(styled(each).paddingBottom) : 0);
    const end = box(main).bottom - padding[0] - padding[1] - parseFloat(styled(main).borderBottomWidth);
    // Time and source are whole: they end within what holds them.
    const whole = [...main.querySelectorAll(".foot, .text:not(:has(.lead))")].every(
      holder => [...holder.querySelectorAll("span, .meta")].every(
        part => box(part).bottom <= box(holder).bottom + 1 && box(part).right <= box(holder).right + 1));
    // A notice in a row of the table is shown, and its time is whole.
    const told = [...main.querySelectorAll(".note")].every(note =>
      note.offsetWidth > 1 && styled(note).clipPath === "none"
      && (note.matches(".sky") || note.scrollWidth <= note.clientWidth)
      && box(note).bottom <= box(note.closest("li")).bottom);
    const edge = box(main).right - parseFloat(styled(main).paddingRight);
    const within = [...main.querySelectorAll(".facts div, .sky, .line span, li > *")].every(
      part => !part.offsetWidth || box(part).right <= edge + 1);
    return [width, box(root).height, within && root.scrollWidth <= width, end - last, whole && told];
  });
}"""


@contextmanager
def framed(browser: Browser, url: str) -> Iterator[Page]:
    """A page of our own origin with this one in a frame, which can be measured at many widths at once."""
    opened = browser.new_context(viewport={"width": 1300, "height": 400})
    page = opened.new_page()
    base = "/".join(url.split("/")[:3])
    markup = f'<!doctype html><iframe src="{url}" width="400" height="300" style="border:0"></iframe>'
    page.route(f"{base}/parent", lambda route: route.fulfill(body=markup, content_type="text/html"))
    page.goto(f"{base}/parent")
    page.frames[1].wait_for_selector("main")
    yield page
    opened.close()


def measured(browser: Browser, url: str, spacing: str) -> list[Any]:
    with framed(browser, url) as page:
        return list(page.evaluate(MEASURE, [list(WIDTHS), spacing]))


def wrong(rows: list[Any], height: Height, *, usual: bool = True) -> list[Any]:
    """The widths at which the height, the width, the blank below the last line or a cut line is not right."""
    return [
        (*row, height.at(row[0]))
        for row in rows
        if row[1] != height.at(row[0])
        or not row[2]
        or (usual and not 0 <= row[3] + 1 <= MOST_BLANK + 1)
        or not row[4]
    ]


@pytest.mark.parametrize("layout", OF_ONE_PLACE)
def test_the_weather_is_as_high_as_documented_in_every_language_and_state(
    browser: Browser, clock: Portal, layout: Layout
) -> None:
    for hours, language, spacing in product([0, 2], LANGUAGES, [USUAL, WIDE]):
        clock.hours_later[0] = hours
        url = f"{clock.url}/widgets/weather/dong-ha?layout={layout}&lang={language}&select=yes"
        assert wrong(measured(browser, url, spacing), WEATHER[layout], usual=not hours) == []


def test_a_table_is_as_high_as_its_rows_in_every_language_and_state(browser: Browser, clock: Portal) -> None:
    storm = replace(stored_weather.CURRENT, wind_speed=22.0, wind_gust=35.0)
    stored_weather.keep(clock.store, "ca-mau", current=storm)
    for hours, language, spacing in ((0, "vi", USUAL), (0, "en", WIDE), (2, "vi", WIDE)):
        clock.hours_later[0] = hours
        url = f"{clock.url}/widgets/weather?cities=dong-ha,nowhere,buon-ma-thuot,ca-mau&lang={language}"
        rows = measured(browser, url, spacing)
        assert wrong(rows, WEATHER[Layout.TABLE].holding(4), usual=not hours) == []


@pytest.mark.parametrize("layout", list(ArticleLayout))
def test_articles_are_as_high_as_documented_whatever_they_say(
    browser: Browser, newsroom: Newsroom, layout: ArticleLayout
) -> None:
    for limit, spacing in ((1, USUAL), (5, WIDE)):
        url = f"{newsroom.url}/widgets/articles?layout={layout}&limit={limit}"
        assert wrong(measured(browser, url, spacing), ARTICLES[layout].holding(limit)) == []


def test_the_portal_frame_is_as_high_as_documented(browser: Browser, newsroom: Newsroom) -> None:
    rows = measured(browser, f"{newsroom.url}/widgets/portal?city=hue&limit=4", USUAL)
    assert wrong(rows, PORTAL.holding(4)) == []

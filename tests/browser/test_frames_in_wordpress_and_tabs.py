"""Frames whose parent keeps heights within bounds, listens late, or shows them later: nothing moves."""

import pytest
from local_upstream import LocalUpstream
from pages_of_others import page_with
from playwright.sync_api import Browser
from portal import Portal

from service.web.heights import WEATHER
from service.web.widget_options import OF_ONE_PLACE, Layout

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own sockets at its end

# WordPress hears who knows the secret, and makes every height one of 200 to 1,000.
WORDPRESS = """<script>
  window.told = [];
  addEventListener("message", ({source, data}) => {
    let frame = [...document.querySelectorAll("iframe")].find(frame => frame.contentWindow === source);
    told.push(data);
    if (data.secret === "a1B2c3" && data.message === "height")
      frame.height = Math.min(1000, Math.max(200, parseInt(data.value)));
  });
</script>"""
EMPTY = 0  # a list without a source is lower than WordPress allows


def embedded(portal: Portal, path: str, height: int) -> str:
    """As WordPress writes it; nothing but a new secret makes it load."""
    return (
        f'<iframe sandbox="allow-scripts" src="{portal.url}{path}#?secret=a1B2c3" width="300" '
        f'height="{height}" frameborder="0"></iframe>'
    )


def test_wordpress_always_hears_a_height_and_shows_each_at_the_nearest_it_allows(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    true = {f"/widgets/weather/hue?layout={layout}": WEATHER[layout].at(300) for layout in OF_ONE_PLACE}
    true["/widgets/articles"] = EMPTY
    body = WORDPRESS + "".join(embedded(portal, path, 400) for path in true)
    expected = [min(max(height, 200), 1000) for height in true.values()]
    with page_with(browser, site, body) as (page, complaints):
        page.wait_for_function(
            "expected => [...document.querySelectorAll('iframe')]"
            ".every((frame, index) => frame.clientHeight === expected[index])",
            arg=expected,
        )
        assert complaints == []


def test_wordpress_hears_what_a_frame_lower_than_its_text_needs(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    with page_with(browser, site, WORDPRESS + embedded(portal, "/widgets/weather/hue?layout=strip", 30)) as (
        page,
        _,
    ):
        page.wait_for_function("document.querySelector('iframe').clientHeight === 200")


def test_a_parent_that_is_ready_late_is_told_again(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    with page_with(browser, site, WORDPRESS + embedded(portal, "/widgets/weather/hue", 212)) as (page, _):
        page.frames[1].wait_for_load_state()
        page.wait_for_function("told.length")
        page.evaluate("told = []; frames[0].postMessage({message: 'ready', secret: 'a1B2c3'}, '*')")
        page.wait_for_function("told.some(data => data.secret === 'a1B2c3' && data.value === 225)")


def test_a_documented_height_given_in_a_hidden_tab_is_kept(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    height = WEATHER[Layout.COMPACT].at(500)
    frame = f'<iframe src="{portal.url}/widgets/weather/hue" width="500" height="{height}"></iframe>'
    body = f'{WORDPRESS}<div style="display:none">{frame}</div>'
    with page_with(browser, site, body) as (page, _):
        page.frames[1].wait_for_selector("main", state="attached")
        page.evaluate("document.querySelector('div').style.display = 'block'")
        page.wait_for_function("told.some(data => data.type)")
        assert {data["height"] for data in page.evaluate("told") if data.get("type")} == {height}

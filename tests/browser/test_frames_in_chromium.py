"""The weather widget in frames of other people's pages: how it tells its height, and where it works."""

from io import BytesIO
from typing import Any, Literal

import pytest
from local_upstream import LocalUpstream
from pages_of_others import HTML, page_with
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from portal import Portal

from service.web.heights import WEATHER
from service.web.oembed import frame_html
from service.web.widget_options import OF_ONE_PLACE, Layout, Theme

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own sockets at its end

# What a parent hears from its frame, and nobody else.
LISTEN = """<script>
  window.told = [];
  addEventListener("message", ({source, data}) => { if (source === frames[0]) told.push(data) });
</script>"""
# A parent that does what it is told at once, as every resizing library does.
OBEY = """<script>
  addEventListener("message", ({source, data}) => {
    if (source === frames[0] && data.type === "portal-widget:height")
      document.querySelector("iframe").style.height = data.height + "px";
  });
</script>"""


def frame(portal: Portal, more: str = "", attributes: str = 'width="100%" height="60"') -> str:
    return f'<iframe src="{portal.url}/widgets/weather/hue{more}" {attributes}></iframe>'


def heard(page: Page, test: str) -> Any:
    """The first message that passes this test."""
    return page.wait_for_function(f"told.find(data => {test})").json_value()


def inside(page: Page) -> int:
    """The height of what the frame shows."""
    height = "Math.ceil(document.documentElement.getBoundingClientRect().height)"
    return int(page.frames[1].evaluate(height))


def until(page: Page, test: str) -> None:
    """Wait for this to be true inside the frame, whose policy lets no string be evaluated.

    Raises:
        AssertionError: when it is not within 20 s. The script ends by itself: Playwright waits for ever.
    """
    look = f"{test} ? done(true) : performance.now() < ends ? requestAnimationFrame(look) : done(false)"
    seen = page.frames[1].evaluate(
        f"new Promise(done => {{ const ends = performance.now() + 20000, look = () => {look}; look() }})"
    )
    assert seen, f"not seen within 20 s: {test}"


def obeyed(page: Page) -> None:
    """Wait until the frame is as high as what it shows."""
    page.wait_for_function("told.length && document.querySelector('iframe').clientHeight > 40")
    until(page, "innerHeight === Math.ceil(document.documentElement.getBoundingClientRect().height)")


@pytest.mark.parametrize(
    "case",
    [
        (
            "",
            "data.type === 'portal-widget:height'",
            {"type": "portal-widget:height", "title": "Thời tiết Huế"},
        ),
        ("", "data.sentinel === 'amp'", {"sentinel": "amp", "type": "embed-size"}),
        ("#?secret=a1B2c3", "data.secret", {"message": "height", "secret": "a1B2c3"}),
    ],
)
def test_a_frame_tells_its_height_in_the_words_of_its_parent(
    browser: Browser, portal: Portal, site: LocalUpstream, case: tuple[str, str, dict[str, str]]
) -> None:
    more, test, told = case
    with page_with(browser, site, LISTEN + frame(portal, more)) as (page, complaints):
        message = heard(page, test)
        height = message.pop("height", None) or message.pop("value")
        assert message == told
        assert height == inside(page) == WEATHER[Layout.COMPACT].at(page.frames[1].evaluate("innerWidth"))
        assert complaints == []


def test_a_secret_that_comes_later_is_used_too(browser: Browser, portal: Portal, site: LocalUpstream) -> None:
    with page_with(browser, site, LISTEN + frame(portal)) as (page, _):
        heard(page, "data.type")
        page.evaluate("document.querySelector('iframe').src += '#?secret=later1'")
        assert heard(page, "data.secret")["secret"] == "later1"


def test_a_frame_tells_pym_its_height_also_after_another_place(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    more = "?initialWidth=600&childId=box&parentTitle=T&parentUrl=U"
    with page_with(browser, site, LISTEN + frame(portal, more)) as (page, _):
        said = heard(page, "(data + '').startsWith('pymxPYMxbox')")
        assert said == f"pymxPYMxboxxPYMxheightxPYMx{inside(page)}"
        page.frame_locator("iframe").locator("select").click()
        page.frame_locator("iframe").locator("select").select_option("ha-noi")
        page.frames[1].wait_for_url("**city=ha-noi**")
        page.evaluate("told = []")
        page.evaluate("document.querySelector('iframe').style.width = '170px'")
        assert heard(page, "(data + '').startsWith('pymxPYMxbox')").endswith(str(inside(page)))


def test_a_frame_answers_open_iframe_resizer(browser: Browser, portal: Portal, site: LocalUpstream) -> None:
    with page_with(browser, site, LISTEN + frame(portal)) as (page, _):
        heard(page, "data.type")
        assert page.evaluate("told.some(data => data.type === 'iframe-resized')") is False
        page.evaluate("frames[0].postMessage({type: 'iframe-child-init'}, '*')")
        said = heard(page, "data.type === 'iframe-resized'")
        assert said["height"] == inside(page)
        assert said["width"] == page.frames[1].evaluate("innerWidth")


def test_a_stranger_makes_a_frame_say_nothing(browser: Browser, portal: Portal, site: LocalUpstream) -> None:
    stranger = "<script>parent.frames[0].postMessage({type:'iframe-child-init'},'*');parent.asked=1</script>"
    site.answer("/stranger", body=stranger, headers=HTML)
    with page_with(browser, site, LISTEN + frame(portal)) as (page, _):
        heard(page, "data.type")
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('iframe'), {src: '/stranger'}))"
        )
        page.wait_for_function("window.asked")
        page.evaluate("document.querySelector('iframe').style.width = '200px'")
        heard(page, f"data.height && data.height !== {WEATHER[Layout.COMPACT].at(300)}")
        assert page.evaluate("told.some(data => data.type === 'iframe-resized')") is False


def test_who_is_not_framed_says_nothing(browser: Browser, portal: Portal) -> None:
    opened = browser.new_context()
    opened.add_init_script("window.told = []; addEventListener('message', ({data}) => told.push(data))")
    page = opened.new_page()
    page.goto(f"{portal.url}/widgets/weather/hue")
    page.evaluate("new Promise(done => { onmessage = done; postMessage('last', '*') })")
    assert page.evaluate("told") == ["last"]
    opened.close()


def test_a_frame_that_is_obeyed_comes_to_rest_without_a_scrollbar(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    for layout in OF_ONE_PLACE:
        body = LISTEN + OBEY + frame(portal, f"?layout={layout}")
        with page_with(browser, site, body, viewport={"width": 700, "height": 900}) as (page, _):
            obeyed(page)
            for width in (160, 280, 600):
                page.set_viewport_size({"width": width + 16, "height": 900})
                obeyed(page)
                width_and_height = page.frames[1].evaluate(
                    "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
                )
                assert width_and_height == page.frames[1].evaluate("[innerWidth, innerHeight]")
            heights = page.evaluate("told.filter(d => d.type === 'portal-widget:height').map(d => d.height)")
            assert len(heights) < 20
            assert max(heights) <= 2 * WEATHER[layout].at(300)


def test_the_true_height_is_told_whatever_was_given(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    told = WEATHER[Layout.COMPACT].at(300)
    for given in (told, 900, 100):
        with page_with(browser, site, LISTEN + frame(portal, "", f'width="300" height="{given}"')) as (
            page,
            _,
        ):
            assert heard(page, "data.type === 'portal-widget:height'")["height"] == told


def test_larger_letters_make_a_higher_frame(browser: Browser, portal: Portal, site: LocalUpstream) -> None:
    with page_with(browser, site, LISTEN + OBEY + frame(portal)) as (page, _):
        obeyed(page)
        before = inside(page)
        page.frames[1].evaluate("document.documentElement.style.fontSize = '200%'")
        page.wait_for_function(
            "before => document.querySelector('iframe').clientHeight > 1.3 * before", arg=before
        )
        obeyed(page)
        assert page.frames[1].evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_frame_in_a_hidden_tab_tells_its_height_when_it_is_shown(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    body = f'{LISTEN}<div hidden style="display:none">{frame(portal)}</div>'
    with page_with(browser, site, body) as (page, _):
        page.wait_for_function("frames.length")
        page.frames[1].wait_for_selector("main", state="attached")
        page.evaluate("document.querySelector('div').style.display = 'block'")
        assert heard(page, "data.type === 'portal-widget:height'")["height"] == inside(page)
        assert all(page.evaluate("told.map(data => data.height > 20)"))


def test_another_theme_changes_colours_and_not_the_height(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    ground = "getComputedStyle(document.querySelector('main')).backgroundColor"
    with page_with(browser, site, LISTEN + OBEY + frame(portal), color_scheme="light") as (page, _):
        obeyed(page)
        before = inside(page), page.frames[1].evaluate(ground)
        page.emulate_media(color_scheme="dark")
        until(page, f"{ground} !== {before[1]!r}")
        assert inside(page) == before[0]


@pytest.mark.parametrize("layout", OF_ONE_PLACE)
@pytest.mark.parametrize("width", [160, 200, 320, 640, 1200])
def test_nothing_lies_outside_at_any_width(
    browser: Browser, portal: Portal, layout: Layout, width: int
) -> None:
    opened = browser.new_context(viewport={"width": width, "height": 400})
    page = opened.new_page()
    for percent in (100, 200):
        page.goto(f"{portal.url}/widgets/weather/hue?layout={layout}")
        page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    opened.close()


def test_on_paper_there_is_no_button_and_the_place_is_named(browser: Browser, portal: Portal) -> None:
    opened = browser.new_context()
    page = opened.new_page()
    page.goto(f"{portal.url}/widgets/weather/hue?layout=full")
    page.emulate_media(media="print")
    expect(page.locator("button")).to_be_hidden()
    expect(page.locator("select")).to_be_visible()
    assert page.locator("option:checked").inner_text() == "Huế"
    expect(page.locator("main")).to_contain_text("27")
    opened.close()


def test_forced_colours_leave_everything_to_be_read(browser: Browser, portal: Portal) -> None:
    opened = browser.new_context(forced_colors="active", color_scheme="dark")
    page = opened.new_page()
    page.goto(f"{portal.url}/widgets/weather/hue?layout=full")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    drawn = "[...document.querySelectorAll('.now svg *, .bars, .line')].map(e => getComputedStyle(e).stroke)"
    written = "[...document.querySelectorAll('main *')].map(e => getComputedStyle(e).color)"
    assert ground not in page.evaluate(drawn)
    assert ground not in page.evaluate(written)
    assert len(page.evaluate(drawn)) > 2
    chevron = "getComputedStyle(document.querySelector('select')).appearance"
    assert page.evaluate(chevron) != "none"  # pictures of backgrounds are not drawn
    opened.close()


def test_it_shows_in_an_isolated_page_and_in_a_file(
    browser: Browser, portal: Portal, site: LocalUpstream, tmp_path_factory: pytest.TempPathFactory
) -> None:
    isolated = {"cross-origin-embedder-policy": "require-corp", "cross-origin-opener-policy": "same-origin"}
    with page_with(browser, site, frame(portal), isolated) as (page, _):
        expect(page.frame_locator("iframe").locator("main")).to_contain_text("27")
        assert page.evaluate("crossOriginIsolated")
    file = tmp_path_factory.mktemp("file") / "page.html"
    file.write_text(f"<!doctype html>{frame(portal)}", "utf-8")
    opened = browser.new_context()
    page = opened.new_page()
    page.goto(file.as_uri())
    expect(page.frame_locator("iframe").locator("main")).to_contain_text("27")
    opened.close()


@pytest.mark.parametrize("system", ["light", "dark"])
def test_below_the_card_the_ground_of_the_parent_is_seen(
    browser: Browser, portal: Portal, site: LocalUpstream, system: Literal["light", "dark"]
) -> None:
    paths = (
        "/widgets/weather/hue",
        "/widgets/weather/hue?layout=full",
        "/widgets/articles",
        "/widgets/portal?city=x",
    )
    addresses = [
        f"{portal.url}{path}{'&' if '?' in path else '?'}theme={theme}" for path in paths for theme in Theme
    ]
    frames = "".join(
        frame_html(address, "Thời tiết", 300, 1000, bounds="width:100%") for address in addresses
    )
    grid = f"margin:0;background:#0a7;display:grid;grid-template-columns:repeat({len(Theme)},300px)"
    body = f"<style>body{{{grid}}}</style>{frames.replace('loading=', 'data-loading=')}"
    viewport = {"width": 300 * len(Theme), "height": 1000 * len(paths)}
    with page_with(browser, site, body, color_scheme=system, viewport=viewport) as (page, _):
        page.wait_for_load_state("load")
        with Image.open(BytesIO(page.screenshot())) as picture:
            seen = picture.convert("RGB")
        for number, address in enumerate(addresses):
            left, top = 300 * (number % len(Theme)), 1000 * (number // len(Theme))
            assert seen.getpixel((left + 150, top + 990)) == (0, 0xAA, 0x77), address
            assert seen.getpixel((left + 20, top + 4)) != (0, 0xAA, 0x77), address  # the card's own

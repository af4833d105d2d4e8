"""`<portal-widget>` in pages of others: what readers see before, while and after it loads, and without it."""

import json
from urllib.request import urlopen

import pytest
from local_upstream import LocalUpstream
from pages_of_others import HTML, page_with
from playwright.sync_api import Browser, Page, expect
from portal import Portal

from service.web.heights import ARTICLES, PORTAL, WEATHER, Height
from service.web.widget_options import OF_ONE_PLACE, ArticleLayout, Layout

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own sockets at its end

SHIFTS = """<script>
  window.shifted = 0;
  new PerformanceObserver(list => { for (const entry of list.getEntries()) shifted += entry.value })
    .observe({type: "layout-shift", buffered: true});
</script>"""


LINK = '<a href="/w">Thời tiết Huế</a>'
BARE = f'<script src="/embed.js"></script><portal-widget city="hue">{LINK}</portal-widget>'
LISTEN = "<script>addEventListener('message', ({data}) => { if (data === 'last') window.last = 1 })</script>"


def element(portal: Portal, attributes: str, height: int | None = None, *, script: bool = True) -> str:
    """The snippet, with the height it reserves."""
    loader = f'<script async src="{portal.url}/embed.js"></script>' if script else ""
    style = f'style="display:block;height:{height}px"' if height else ""
    return f"{loader}<portal-widget {attributes} {style}>{LINK}</portal-widget>"


def says(*messages: str) -> str:
    """The script of a framed page that says these to its parent."""
    return f"<script>onload = () => [{','.join(messages)}].forEach(m => parent.postMessage(m, '*'))</script>"


def shown(page: Page, index: int = 0) -> None:
    """Wait until the box stands in place of the link."""
    page.wait_for_function(
        "i => { const w = document.querySelectorAll('portal-widget')[i];"
        " return w.heard && w.inner.style.visibility === '' }",
        arg=index,
    )


def documented(page: Page, height: Height, index: int = 0) -> int:
    """The documented height at the width that the box has."""
    return height.at(page.evaluate("i => document.querySelectorAll('portal-widget')[i].clientWidth", index))


def height(page: Page, index: int = 0) -> float:
    return float(
        page.evaluate(
            "i => document.querySelectorAll('portal-widget')[i].getBoundingClientRect().height", index
        )
    )


@pytest.mark.parametrize(
    "case",
    [
        ('type="weather" city="hue"', WEATHER[Layout.COMPACT], "Huế"),
        ('city="hue" lang="en" layout="full"', WEATHER[Layout.FULL], "Weather in Hue"),
        ('city="hue" layout="strip" units="imperial"', WEATHER[Layout.STRIP], "°F"),
        ('type="portal" city="hue"', PORTAL.holding(8), "Huế"),
        ('type="articles" layout="cards"', ARTICLES[ArticleLayout.CARDS].holding(5), "Tin"),
    ],
)
def test_the_box_comes_without_moving_anything(
    browser: Browser, portal: Portal, site: LocalUpstream, case: tuple[str, Height, str]
) -> None:
    attributes, named, told = case
    body = f"{SHIFTS}{element(portal, attributes, named.at(1000))}<p>Below</p>"
    with page_with(browser, site, body, viewport={"width": 1016, "height": 900}) as (page, complaints):
        shown(page)
        frame = page.frames[1]
        expect(frame.locator("main")).to_contain_text(told)
        assert page.evaluate("shifted") == 0
        assert complaints == []
        assert frame.evaluate("document.documentElement.scrollHeight") <= height(page)
        expect(page.get_by_role("link", name="Thời tiết Huế")).to_be_hidden()


def test_what_is_reserved_is_what_the_documentation_names(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    body = "".join(element(portal, f'city="hue" layout="{layout}"') for layout in OF_ONE_PLACE)
    with page_with(browser, site, body, viewport={"width": 280, "height": 2000}) as (page, _):
        for index, layout in enumerate(OF_ONE_PLACE):
            shown(page, index)
            assert height(page, index) == documented(page, WEATHER[layout], index)


def test_several_places_are_rows_of_one_widget(browser: Browser, portal: Portal, site: LocalUpstream) -> None:
    both = (
        element(portal, attributes)
        for attributes in ('cities="hue,vinh,atlantis"', 'type="table" province="Huế"')
    )
    body = f'<meta charset="utf-8">{"".join(both)}'
    with page_with(browser, site, body, viewport={"width": 416, "height": 2000}) as (page, _):
        shown(page, 0)
        shown(page, 1)
        assert height(page, 0) == documented(page, WEATHER[Layout.TABLE].holding(3), 0)
        assert page.locator("portal-widget iframe").nth(1).get_attribute("title") == "Thời tiết Huế"


def test_the_frame_has_a_title_and_no_more_rights_than_it_needs(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    with page_with(browser, site, element(portal, 'city="hue"')) as (page, _):
        shown(page)
        frame = page.locator("portal-widget iframe")
        assert frame.get_attribute("title") == "Thời tiết Huế"
        assert frame.get_attribute("allow") == ""
        assert frame.get_attribute("loading") == "lazy"
        rights = frame.get_attribute("sandbox") or ""
        assert "allow-same-origin" not in rights
        assert "allow-top-navigation " not in f"{rights} "


def test_a_changed_attribute_takes_effect(browser: Browser, portal: Portal, site: LocalUpstream) -> None:
    with page_with(browser, site, element(portal, 'city="hue" lang="en"')) as (page, _):
        shown(page)
        page.evaluate(
            "const w = document.querySelector('portal-widget'); w.heard = 0;"
            "w.setAttribute('city', 'ha-noi'); w.setAttribute('layout', 'strip'); w.title = 'Weather'"
        )
        expect(page.frame_locator("portal-widget iframe").locator("h1")).to_contain_text("Hanoi")
        shown(page)
        assert height(page) == documented(page, WEATHER[Layout.STRIP])
        assert page.locator("portal-widget iframe").get_attribute("title") == "Weather"


def test_twenty_on_one_page_load_as_they_come_into_view(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    places, height = ("hue", "dong-ha", "ha-noi"), WEATHER[Layout.COMPACT].at(600)
    body = SHIFTS + "".join(
        element(portal, f"city={places[number % 3]}", height, script=number == 0)
        + "<p style=height:900px>Text</p>"
        for number in range(20)
    )
    with page_with(browser, site, body) as (page, complaints):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        shown(page)
        assert len(asked) < 20
        for number in range(20):
            page.locator("portal-widget").nth(number).scroll_into_view_if_needed()
            shown(page, number)
        assert page.evaluate("shifted") == 0
        assert complaints == []


def test_the_script_may_be_there_twice(browser: Browser, portal: Portal, site: LocalUpstream) -> None:
    body = element(portal, 'city="hue"') + element(portal, 'city="ha-noi"')
    with page_with(browser, site, body) as (page, complaints):
        shown(page, 0)
        shown(page, 1)
        assert complaints == []


def test_an_element_made_by_script_later_works_too(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    with page_with(browser, site, element(portal, 'city="hue"')) as (page, _):
        shown(page)
        page.evaluate(
            "const w = document.createElement('portal-widget'); w.setAttribute('city', 'ha-noi');"
            "document.body.append(w)"
        )
        shown(page, 1)
        page.evaluate(
            "document.body.prepend(document.querySelectorAll('portal-widget')[1])"
        )  # as frameworks do
        page.wait_for_function("document.querySelector('portal-widget').heard")
        assert "ha-noi" in (page.locator("portal-widget iframe").first.get_attribute("src") or "")


def test_it_works_under_a_strict_policy(browser: Browser, portal: Portal, site: LocalUpstream) -> None:
    policy = f"default-src 'none'; script-src {portal.url}; frame-src {portal.url}"
    headers = {"content-security-policy": policy, "cross-origin-embedder-policy": "require-corp"}
    with page_with(browser, site, element(portal, "city=hue"), headers) as (page, complaints):
        shown(page)
        assert complaints == []


def test_it_works_in_a_file(
    browser: Browser, portal: Portal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("file") / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{element(portal, 'city=hue')}", "utf-8")
    opened = browser.new_context()
    page = opened.new_page()
    page.goto(file.as_uri())
    shown(page)
    opened.close()


@pytest.fixture
def broken(site: LocalUpstream, portal: Portal) -> LocalUpstream:
    """A service that still has its script, and nothing else."""
    with urlopen(f"{portal.url}/embed.js") as answer:
        script = answer.read()
    site.answer("/embed.js", body=script, headers={"content-type": "text/javascript"})
    return site


def test_while_the_service_fails_the_link_remains(browser: Browser, broken: LocalUpstream) -> None:
    broken.answer("/widgets/weather/hue", status=502, body="Bad gateway", headers=HTML)
    with page_with(browser, broken, BARE) as (page, _):
        page.wait_for_function("document.querySelector('portal-widget').loads")
        expect(page.get_by_role("link", name="Thời tiết Huế")).to_be_visible()
        expect(page.locator("portal-widget iframe")).to_be_hidden()


def test_while_the_service_says_nothing_the_link_remains(browser: Browser, broken: LocalUpstream) -> None:
    broken.hang("/widgets/weather/hue")
    with page_with(browser, broken, BARE) as (page, _):
        assert broken.wait_for(lambda: bool(broken.requests_for("/widgets/weather/hue")), timeout=20)
        expect(page.get_by_role("link", name="Thời tiết Huế")).to_be_visible()
        broken.release("/widgets/weather/hue")


def test_a_box_whose_next_page_is_an_error_gives_way_to_the_link(
    browser: Browser, broken: LocalUpstream
) -> None:
    good = json.dumps({"type": "portal-widget:height", "height": 200})
    broken.answer("/widgets/weather/hue", body=f"{says(good)}<a href=/gone>on</a>", headers=HTML)
    broken.answer("/gone", status=502, body="Bad gateway", headers=HTML)
    with page_with(browser, broken, BARE) as (page, _):
        shown(page)
        page.clock.install()
        page.frame_locator("portal-widget iframe").get_by_role("link", name="on").click()
        page.wait_for_function("document.querySelector('portal-widget').loads > 1")
        page.clock.fast_forward(10_000)
        expect(page.get_by_role("link", name="Thời tiết Huế")).to_be_visible()


@pytest.mark.parametrize(
    "message",
    [
        {"type": "portal-widget:height", "height": 20_000},
        {"type": "portal-widget:height", "height": 1},
        {"type": "portal-widget:height", "height": "400"},
        {"type": "portal-widget:height"},
        {"type": "other", "height": 400},
        None,
    ],
)
def test_a_message_out_of_bounds_changes_nothing(
    browser: Browser, broken: LocalUpstream, message: dict[str, object] | None
) -> None:
    broken.answer("/widgets/weather/hue", body=says(json.dumps(message), "'last'"), headers=HTML)
    with page_with(browser, broken, LISTEN + BARE) as (page, _):
        page.wait_for_function("window.last")
        assert height(page) == documented(page, WEATHER[Layout.COMPACT])
        expect(page.get_by_role("link", name="Thời tiết Huế")).to_be_visible()


def test_a_sibling_frame_cannot_speak_for_the_box(
    browser: Browser, portal: Portal, site: LocalUpstream
) -> None:
    lie = json.dumps({"type": "portal-widget:height", "height": 4000})
    site.answer("/liar", body=says(lie, "'last'"), headers=HTML)
    body = f"{LISTEN}{element(portal, 'city=hue')}<iframe src=/liar></iframe>"
    with page_with(browser, site, body) as (page, _):
        page.wait_for_function("window.last")
        shown(page)
        assert height(page) == documented(page, WEATHER[Layout.COMPACT])


def test_a_height_that_the_page_gives_is_kept(browser: Browser, portal: Portal, site: LocalUpstream) -> None:
    body = element(portal, 'city="hue" layout="strip"', 120)
    with page_with(browser, site, body) as (page, _):
        shown(page)
        assert height(page) == 120


def test_without_script_the_link_stands_there(browser: Browser, portal: Portal, site: LocalUpstream) -> None:
    with page_with(browser, site, element(portal, 'city="hue"'), java_script_enabled=False) as (page, _):
        expect(page.get_by_role("link", name="Thời tiết Huế")).to_be_visible()

"""A real WordPress and a browser: `python -m pytest tests/drills/drill_wordpress.py`.

An editor pastes addresses of widgets and readers use what comes of it. Both sites are on loopback, as two
hosts; ours answers by https, since WordPress embeds no other address that is pasted. Nobody else is asked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import real_browser
import stored_weather
from newsroom import BODY, CITY, ILLUSTRATION, PROVINCE, Newsroom, article, served
from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Locator, Page, expect, sync_playwright
from real_wordpress import MISSING, PASSWORD, THEMES, USER, WordPress, certificate, is_there, wordpress
from running_service import a_free_port, until

from service.web.heights import ARTICLES, PORTAL, WEATHER
from service.web.widget_options import DEFAULT_ARTICLES, OF_ONE_PLACE, ArticleLayout, Layout

pytestmark = [
    pytest.mark.skipif(not is_there(), reason=MISSING),
    pytest.mark.skipif(real_browser.EXECUTABLE is None, reason=real_browser.MISSING),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # playwright's own sockets at its end
]

NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
OPEN_METEO = "https://open-meteo.com/"
LEAST, MOST = 200, 1000  # what WordPress makes of heights
EMBED = "iframe.wp-embedded-content"
FITS = f"root => root.scrollWidth <= innerWidth && root.scrollHeight <= innerHeight || innerHeight === {MOST}"
ONE, SNIPPET = "/articles/0000000000000001", "/articles/0000000000000063"
WIDGETS = (
    *(f"/widgets/weather/dong-ha?layout={layout}" for layout in OF_ONE_PLACE),
    "/widgets/weather/hue?lang=en&theme=dark",
    *(f"/widgets/articles?layout={layout}" for layout in ArticleLayout),
    "/widgets/articles?limit=20&layout=cards",
    "/widgets/portal?limit=3&lang=en",
)


@dataclass(frozen=True)
class Stage:
    """The service, a WordPress that may embed it, and a browser."""

    url: str
    site: WordPress
    browser: Browser

    def post(self, *paths: str, theme: str = THEMES[0]) -> str:
        """The address of a post of the classic editor, with an address of ours on each line."""
        return self.site.put("\n\n".join(("Trước", *(self.url + path for path in paths), "Sau")), theme)

    @contextmanager
    def page(self, width: int = 1200, **context: Any) -> Iterator[Page]:
        """An empty page of a reader's, or an editor's."""
        opened = self.browser.new_context(
            ignore_https_errors=True, viewport={"width": width, "height": 900}, **context
        )
        yield opened.new_page()
        opened.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """With weather for three places, and 22 articles."""
    folder, port = tmp_path_factory.mktemp("service"), a_free_port()
    room = Newsroom.in_folder(folder, site__public_url=f"https://127.0.0.1:{port}")
    stored_weather.keep(room.store, "ha-noi")
    room.answered(PROVINCE.id, CITY.id, fetched_at=stored_weather.NOW)
    room.put_pictures()
    room.repository.save(
        [article(n, body_html=BODY, image=None if n % 2 else ILLUSTRATION) for n in range(21)]
    )
    room.repository.save([article(99, source=CITY.id)])
    with (
        served(room, certificate(folder), port),
        wordpress(tmp_path_factory.mktemp("wordpress"), port) as site,
        sync_playwright() as playwright,
    ):
        browser = real_browser.launched(playwright, NOWHERE)
        yield Stage(room.url, site, browser)
        browser.close()


def errors_of(page: Page) -> list[str]:
    """What its console will complain of."""
    errors: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    page.on("console", hear)
    return errors


def block(address: str, align: str = "") -> str:
    """An embed as the editor writes it."""
    place = f" align{align}" if align else ""
    aligned = f',"align":"{align}"' if align else ""
    return (
        f'<!-- wp:embed {{"url":"{address}","type":"wp-embed"{aligned}}} -->\n'
        f'<figure class="wp-block-embed{place} is-type-wp-embed is-provider-portal-widgets '
        'wp-block-embed-portal-widgets"><div class="wp-block-embed__wrapper">\n'
        f"{address}\n</div></figure>\n<!-- /wp:embed -->"
    )


def columns(*inside: str) -> str:
    each = (
        f'<!-- wp:column --><div class="wp-block-column">{one}</div><!-- /wp:column -->' for one in inside
    )
    return f'<!-- wp:columns --><div class="wp-block-columns">{"".join(each)}</div><!-- /wp:columns -->'


def true_height(address: str, width: int) -> int:
    """What this widget has at this width."""
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    kind = parts.path.split("/")[2]
    if kind == "weather":
        return WEATHER[Layout(query.get("layout", "compact"))].at(width)
    usual = ArticleLayout(query.get("layout", "list" if kind == "articles" else "headlines"))
    limit = int(query.get("limit", DEFAULT_ARTICLES[usual]))
    return (ARTICLES[usual] if kind == "articles" else PORTAL).holding(limit).at(width)


def awaited(page: Page, frame: Locator) -> None:
    """Scroll to this frame, which is lazy or not, until WordPress has heard it and shows it."""
    frame.scroll_into_view_if_needed()
    page.wait_for_function("frame => !frame.style.clip && frame.clientHeight", arg=frame.element_handle())


def opened(page: Page, address: str) -> FrameLocator:
    """The first frame of the post at this address, seen."""
    page.goto(address)
    awaited(page, page.locator("iframe").first)
    return page.frame_locator("iframe >> nth=0")


@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("write", ["classic", "block"])
def test_readers_see_every_widget_at_its_height_inside_its_column(
    stage: Stage, width: int, theme: str, write: str
) -> None:
    addresses = [stage.url + path for path in WIDGETS]
    with stage.page(width) as page:
        errors = errors_of(page)
        if write == "classic":
            page.goto(stage.post(*WIDGETS, theme=theme))
        else:
            page.goto(stage.site.put("\n\n".join(map(block, addresses)), theme))
        expect(page.locator("iframe")).to_have_count(len(addresses))
        for number, address in enumerate(addresses):
            frame = page.locator("iframe").nth(number)
            awaited(page, frame)
            column = frame.evaluate("frame => frame.parentNode.getBoundingClientRect().width")
            expected = min(max(true_height(address, round(column)), LEAST), MOST)
            expect(frame).to_have_js_property("clientHeight", expected)
            box = frame.bounding_box()
            assert box, address
            assert box["width"] == pytest.approx(column, abs=1), address
            root = page.frame_locator(f"iframe >> nth={number}").locator(":root")
            until(partial(root.evaluate, FITS), 5, address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("blockquote.wp-embedded-content").evaluate_all(
            "quotes => quotes.every(quote => !quote.clientHeight)"
        )
        assert errors == []


@pytest.mark.parametrize("width", [360, 1300])
@pytest.mark.parametrize("theme", THEMES)
def test_widgets_fit_where_an_editor_puts_them(stage: Stage, width: int, theme: str) -> None:
    weather, news = f"{stage.url}/widgets/weather/dong-ha", f"{stage.url}/widgets/articles?limit=2"
    aligned = [block(weather, align) for align in ("left", "right", "center", "wide", "full")]
    among = columns(block(weather), block(news), block(news))
    with stage.page(width) as page:
        page.goto(
            stage.site.put("\n\n".join([*aligned, among, f"[embed width=300]{weather}[/embed]"]), theme)
        )
        expect(page.locator("iframe")).to_have_count(len(aligned) + 4)
        for number, frame in enumerate(page.locator("iframe").all()):
            awaited(page, frame)
            root = page.frame_locator(f"iframe >> nth={number}").locator(":root")
            until(partial(root.evaluate, FITS), 5, (number, frame.get_attribute("src")))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("path", "link", "to"),
    [
        ("/widgets/articles", "a.title >> nth=0", "/articles/0000000000000000"),
        ("/widgets/articles?layout=cards", "a.title >> nth=1", ONE),
        ("/widgets/articles?lang=en", "text=See all", "/widgets/articles?lang=en&limit=20"),
        ("/widgets/portal?lang=en", "a.title >> nth=1", f"{ONE}?lang=en"),
        ("/widgets/weather/hue", "text=Xem 7 ngày", "/widgets/weather/hue?layout=full"),
        (ONE, "text=Quay lại", "/widgets/articles"),
    ],
)
def test_a_link_leads_the_whole_window_to_our_page(stage: Stage, path: str, link: str, to: str) -> None:
    for press in ("pointer", "key", "finger"):
        with stage.page(has_touch=True) as page:
            found = opened(page, stage.post(path)).locator(link)
            if press == "key":
                found.press("Enter")
            else:
                (found.tap if press == "finger" else found.click)()
            page.wait_for_url(stage.url + to)
            assert page.locator("iframe").count() == 0


@pytest.mark.parametrize(
    ("path", "link", "to"),
    [
        ("/widgets/weather/dong-ha", "text=Open-Meteo", OPEN_METEO),
        ("/widgets/weather/dong-ha?layout=strip", "text=Open-Meteo", OPEN_METEO),
        ("/widgets/weather/dong-ha?layout=full&lang=en", "text=Open-Meteo", OPEN_METEO),
        ("/widgets/portal", "text=Open-Meteo", OPEN_METEO),
        (ONE, "text=Xem bài gốc", "https://tinh.example/bai/1"),
        (SNIPPET, "main a[href*='/go/'] >> nth=0", "https://tinh.example/bai/99"),
    ],
)
def test_a_link_to_others_goes_by_our_host_and_leads_the_whole_window_there(
    stage: Stage, path: str, link: str, to: str
) -> None:
    with stage.page() as page:
        found = opened(page, stage.post(path)).locator(link)
        with page.expect_request(to) as asked:
            found.click()
        assert asked.value.is_navigation_request()
        assert asked.value.frame == page.main_frame
        assert asked.value.redirected_from
        assert asked.value.redirected_from.url.startswith(stage.url)


@pytest.mark.parametrize("path", ["/widgets/weather/dong-ha?layout=full", "/widgets/portal", ONE])
def test_another_place_is_chosen_and_everything_works_there(stage: Stage, path: str) -> None:
    with stage.page() as page:
        inside = opened(page, stage.post(path))
        before = page.evaluate("[history.length, document.querySelector('iframe').clientHeight]")
        inside.locator("select").click()
        inside.locator("select").select_option("hue")
        expect(inside.locator("option:checked")).to_have_text("Huế")
        inside.locator("select").press("h")  # Hà Giang, of which nothing is known yet
        inside.locator("select").select_option("ha-noi")
        inside.locator("form button").click()
        expect(inside.locator("option:checked")).to_have_text("Hà Nội")
        expect(inside.locator("body")).to_contain_text("27")
        page.wait_for_function(
            "height => document.querySelector('iframe').clientHeight === height", arg=before[1]
        )
        assert page.evaluate("history.length") == before[0]
        with page.expect_request(OPEN_METEO):
            inside.locator("text=Open-Meteo").click()


def test_what_is_higher_than_wordpress_allows_is_reached_by_scrolling(stage: Stage) -> None:
    for way in ("wheel", "key"):
        with stage.page() as page:
            address = stage.post("/widgets/articles?limit=20&layout=list")
            inside = opened(page, address)
            expect(page.locator("iframe")).to_have_js_property("clientHeight", MOST)
            last = inside.locator("a.title").last
            seen = "link => link.getBoundingClientRect().bottom <= innerHeight"
            assert not last.evaluate(seen)
            if way == "wheel":
                inside.locator("a.title").first.hover()
                page.mouse.wheel(0, 5000)
            else:
                inside.locator("a.title").first.focus()
                page.keyboard.press("End")
            until(partial(last.evaluate, seen), 5)
            last.click()
            page.wait_for_url(f"{stage.url}/articles/*")


def test_without_script_readers_have_the_link(stage: Stage) -> None:
    with stage.page(java_script_enabled=False) as page:
        page.goto(stage.post("/widgets/weather/dong-ha"))
        page.locator("text=Thời tiết Đông Hà").click()
        page.wait_for_url(f"{stage.url}/widgets/weather/dong-ha")


@pytest.mark.parametrize("kept", ["block", "classic"])
@pytest.mark.parametrize(
    ("role", "code", "shown"),
    [
        ("editor", "iframe", 1),
        ("author", "iframe", 0),
        ("editor", "script", 1),
        ("author", "oembed", 1),
        ("contributor", "oembed", 1),
    ],
)
def test_codes_of_the_start_page_stay_where_it_says(
    stage: Stage, kept: str, role: str, code: str, shown: int
) -> None:
    with stage.page() as page:
        page.goto(f"{stage.url}/?city=dong-ha")
        written = page.locator(f"#code-{code}").input_value()
        content = f"<!-- wp:html -->\n{written}\n<!-- /wp:html -->" if kept == "block" else written
        if code == "oembed" and kept == "block":
            content = block(written)
        page.goto(stage.site.put(content, role=role))
        expect(page.locator("iframe")).to_have_count(shown)
        if shown:
            expect(page.frame_locator("iframe").locator("main")).to_contain_text("Đông Hà")
            root = page.frame_locator("iframe").locator(":root")
            until(partial(root.evaluate, FITS), 5)


@contextmanager
def editor(stage: Stage, screen: str) -> Iterator[Page]:
    """A screen of the administration, whose clipboard has the address of a widget."""
    with stage.page(1400, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"{stage.site.url}/wp-login.php")
        page.fill("#user_login", USER)
        page.fill("#user_pass", PASSWORD)
        page.click("#wp-submit")
        page.wait_for_url("**/wp-admin/**")
        page.goto(f"{stage.site.url}/wp-admin/{screen}")
        page.evaluate("text => navigator.clipboard.writeText(text)", f"{stage.url}/widgets/weather/dong-ha")
        yield page


def seen_by_the_editor(frame: Page | FrameLocator) -> None:
    """Wait for the weather at its height in this frame's only embed."""
    expect(frame.frame_locator(EMBED).locator("main")).to_contain_text("27")
    width = frame.locator(EMBED).evaluate("frame => frame.clientWidth")
    expect(frame.locator(EMBED)).to_have_js_property("clientHeight", WEATHER[Layout.COMPACT].at(width))


def test_an_editor_pastes_an_address_sees_the_widget_and_publishes_it(stage: Stage) -> None:
    with editor(stage, "post-new.php") as page:
        page.locator(".components-guide").wait_for()
        page.keyboard.press("Escape")
        page.locator(".wp-block-post-title").click()
        page.keyboard.type("Thời tiết hôm nay")
        page.keyboard.press("Enter")
        page.keyboard.press("Control+V")
        seen_by_the_editor(page)
        page.locator(".editor-post-publish-button__button").click()
        page.locator(".editor-post-publish-panel .editor-post-publish-button").click()
        page.locator("text=View Post").last.click()
        page.wait_for_url(f"{stage.site.url}/?p=*")
        awaited(page, page.locator("iframe"))
        expect(page.frame_locator("iframe").locator("main")).to_contain_text("Đông Hà")


def test_an_editor_sees_the_widget_in_the_classic_editor_too(stage: Stage) -> None:
    with editor(stage, "post-new.php?classic=1") as page:
        page.click("#content-tmce")
        page.frame_locator("#content_ifr").locator("body").click()
        page.keyboard.press("Control+V")
        seen_by_the_editor(page.frame_locator("#content_ifr").frame_locator(".wpview-sandbox"))

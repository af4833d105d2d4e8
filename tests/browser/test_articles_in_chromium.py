"""Articles as a reader meets them: in a real browser, in every layout, theme and language."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from local_upstream import LocalUpstream
from newsroom import HOSTILE, Newsroom
from playwright.sync_api import Browser, Page

from service.web.widget_options import ArticleLayout

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own sockets at its end

HEIGHT = "document.documentElement.getBoundingClientRect().height"


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
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.goto(url)
    yield page, requests, complaints
    assert opened.cookies() == []
    opened.close()


def pictures(page: Page) -> list[int]:
    """The widths of the pictures, once all have come; one that cannot be shown is an error."""
    widths = "Promise.all([...document.images].map(image=>image.decode().then(()=>image.naturalWidth)))"
    return list(page.evaluate(widths))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        *(f"/widgets/articles?layout={layout}" for layout in ArticleLayout),
        "/widgets/portal",
        f"/articles/{0:016x}",
        f"/articles/{99:016x}",
    ],
)
def test_a_page_asks_nobody_else_breaks_no_policy_and_keeps_nothing(
    browser: Browser, newsroom: Newsroom, path: str, scheme: str
) -> None:
    view = {"width": 600, "height": 3000}
    with visit(browser, newsroom.url + path, color_scheme=scheme, viewport=view) as (page, requests, heard):
        assert all(pictures(page))
        foreign = [url for url in requests if not url.startswith(newsroom.url)]
        assert foreign == []
        assert [line for line in heard if "favicon" not in line and "404" not in line] == []
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


@pytest.mark.parametrize("path", ["/widgets/articles?layout=list", "/widgets/articles?layout=cards"])
def test_nothing_moves_when_the_pictures_come(browser: Browser, newsroom: Newsroom, path: str) -> None:
    heights = []
    for blocked in (True, False):
        with visit(browser, f"{newsroom.url}/healthz", viewport={"width": 280, "height": 3000}) as (
            page,
            _,
            _,
        ):
            if blocked:
                page.route("**/images/**", lambda route: route.abort())
            page.goto(newsroom.url + path)
            if not blocked:
                assert pictures(page)
            heights.append(page.evaluate(HEIGHT))
    assert heights[0] == heights[1]


@pytest.mark.parametrize("width", [160, 200])
@pytest.mark.parametrize(
    "path",
    [
        "/widgets/articles?layout=list",
        "/widgets/articles?layout=cards",
        "/widgets/portal",
        f"/articles/{0:016x}",
    ],
)
def test_nothing_is_cut_off_in_a_narrow_box(
    browser: Browser, newsroom: Newsroom, path: str, width: int
) -> None:
    with visit(browser, newsroom.url + path, viewport={"width": width, "height": 300}) as (page, _, _):
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@contextmanager
def framed(browser: Browser, site: LocalUpstream, url: str, sandbox: str | None) -> Iterator[Page]:
    """A page of another site that has the widget in a frame, and notes what it is told."""
    attribute = "" if sandbox is None else f'sandbox="{sandbox}"'
    markup = (
        "<script>told=[];onmessage=event=>told.push([event.data,event.source===frames[0]])</script>"
        f'<iframe {attribute} src="{url}" width="400" height="800"></iframe>'
    )
    site.answer("/", body=markup.encode(), headers={"content-type": "text/html"})
    with visit(browser, site.url("/")) as (page, _, _):
        page.frame_locator("iframe").locator("a.title").first.wait_for()
        yield page


def test_inside_wordpress_a_link_is_handed_to_its_page(
    browser: Browser, newsroom: Newsroom, upstream: LocalUpstream
) -> None:
    widget = f"{newsroom.url}/widgets/articles#?secret=a1B2c3D4e5"
    with framed(browser, upstream, widget, "allow-scripts") as page:
        page.frame_locator("iframe").locator("a.title").first.click()
        page.wait_for_function("told.some(([data])=>data.message==='link')")
        url = f"{newsroom.url}/articles/{0:016x}"
        assert page.evaluate("told.filter(([data])=>data.message==='link')") == [
            [{"message": "link", "value": url, "secret": "a1B2c3D4e5"}, True]
        ]
        assert page.url == upstream.url("/")


def test_elsewhere_a_link_opens_in_the_top_window_and_back_leads_to_the_portal(
    browser: Browser, newsroom: Newsroom, upstream: LocalUpstream
) -> None:
    with framed(browser, upstream, f"{newsroom.url}/widgets/articles", None) as page:
        page.frame_locator("iframe").locator("a.title").first.click()
        page.wait_for_url(f"{newsroom.url}/articles/{0:016x}")
        page.click(".back")
        page.wait_for_url(upstream.url("/"))


@pytest.mark.parametrize("sandbox", ["allow-scripts", ""])
def test_articles_and_their_pictures_show_inside_a_sandbox(
    browser: Browser, newsroom: Newsroom, upstream: LocalUpstream, sandbox: str
) -> None:
    widget = f"{newsroom.url}/widgets/articles?layout=cards"
    with framed(browser, upstream, widget, sandbox) as page:
        shown = page.frame_locator("iframe").locator("img").first
        shown.scroll_into_view_if_needed()
        size = shown.evaluate("image=>image.decode().then(()=>image.naturalWidth)")
        assert size > 0


def test_back_leads_where_the_reader_came_from_also_after_another_city(
    browser: Browser, newsroom: Newsroom, upstream: LocalUpstream
) -> None:
    upstream.answer("/news", body=b"news", headers={"content-type": "text/html"})
    with visit(browser, upstream.url("/news")) as (page, _, _):
        page.goto(f"{newsroom.url}/articles/{0:016x}")
        page.click("select")
        page.select_option("select", "hue")
        page.wait_for_url("**/articles/*?**city=hue**")
        assert page.text_content("aside h2") == "Thời tiết Huế"
        page.click(".back")
        page.wait_for_url(upstream.url("/news"))


def test_back_leads_to_the_list_for_who_came_from_nowhere(browser: Browser, newsroom: Newsroom) -> None:
    with visit(browser, f"{newsroom.url}/articles/{0:016x}?lang=en") as (page, _, _):
        with page.expect_popup() as opened:
            page.evaluate("url=>{open(url)}", page.url)
        fresh = opened.value
        fresh.wait_for_load_state()
        assert fresh.evaluate("history.length") == 1
        fresh.click(".back")
        fresh.wait_for_url(f"{newsroom.url}/widgets/articles?lang=en")


def test_a_framed_article_leaves_its_frame_for_the_original_and_goes_back_within_it(
    browser: Browser, newsroom: Newsroom, upstream: LocalUpstream
) -> None:
    article = f"{newsroom.url}/articles/{0:016x}"
    upstream.answer("/news", body=b"news", headers={"content-type": "text/html"})
    markup = f'<iframe src="{article}" width="400" height="800"></iframe>'.encode()
    upstream.answer("/", body=markup, headers={"content-type": "text/html"})
    with visit(browser, upstream.url("/news")) as (page, _, _):
        page.goto(upstream.url("/"))
        frame = page.frame_locator("iframe")
        assert frame.get_by_role("link", name="Xem bài gốc").get_attribute("target") == "_top"
        frame.locator(".back").click()
        frame.locator("a.title").first.wait_for()
        assert page.url == upstream.url("/")


def test_a_framed_article_keeps_what_its_parent_knows_it_by_when_the_city_is_changed(
    browser: Browser, newsroom: Newsroom, upstream: LocalUpstream
) -> None:
    article = f"{newsroom.url}/articles/{0:016x}?childId=c1#?secret=a1B2c3D4e5"
    markup = f'<iframe sandbox="allow-scripts" src="{article}" width="400" height="800"></iframe>'.encode()
    upstream.answer("/", body=markup, headers={"content-type": "text/html"})
    with visit(browser, upstream.url("/")) as (page, _, _):
        frame = page.frame_locator("iframe")
        frame.locator("select").click()
        frame.locator("select").select_option("hue")
        frame.get_by_text("Thời tiết Huế").wait_for(state="attached")
        address = page.frames[1].url
        assert "childId=c1" in address
        assert address.endswith("#?secret=a1B2c3D4e5")


def test_the_article_page_works_without_script(browser: Browser, newsroom: Newsroom) -> None:
    url = f"{newsroom.url}/articles/{0:016x}"
    with visit(browser, url, java_script_enabled=False) as (page, _, _):
        page.select_option("select", "hue")
        page.click("aside button")
        page.wait_for_url("**city=hue**")
        assert page.get_by_role("link", name="Quay lại").get_attribute("href") == "/widgets/articles"


def test_nothing_that_a_source_says_runs(browser: Browser, newsroom: Newsroom) -> None:
    for path in (f"/articles/{99:016x}", "/widgets/articles?limit=20", "/widgets/portal"):
        with visit(browser, newsroom.url + path) as (page, _, complaints):
            assert {"1", "2"}.isdisjoint(complaints)
    with visit(browser, f"{newsroom.url}/articles/{99:016x}") as (page, _, _):
        structured = page.evaluate("JSON.parse(document.querySelector('[type*=ld]').textContent)")
        assert structured["headline"] == HOSTILE


def test_on_paper_there_is_the_article_and_its_address_alone(browser: Browser, newsroom: Newsroom) -> None:
    with visit(browser, f"{newsroom.url}/articles/{0:016x}") as (page, _, _):
        page.emulate_media(media="print")
        assert not page.is_visible("aside")
        assert not page.is_visible(".ways")
        assert page.inner_text(".address") == "https://tinh.example/bai/0"


def test_sample_news_are_called_so_on_paper_too(browser: Browser, sample: Newsroom) -> None:
    with visit(browser, f"{sample.url}/articles/{0:016x}") as (page, _, _):
        page.emulate_media(media="print")
        assert page.is_visible("main .note")

"""Takes the pictures of WordPress that the pages on embedding show, of Debian's own in a real Chromium.

Run it by hand: `.venv/bin/python docs/wordpress_pictures.py`. It needs Chromium, and the packages that
`tests/real_wordpress.py` names; it says which are missing.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, FloatRect, Page, sync_playwright
from real_browser import EXECUTABLE, MISSING, launched
from screenshots import save

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import real_wordpress
from newsroom import Newsroom, served
from real_wordpress import PASSWORD, USER, WordPress, certificate, is_there, wordpress
from running_service import a_free_port

PATH = "/widgets/weather/dong-ha?theme=light"
WIDTH, HEIGHT = 1040, 600
TITLE, LEAD = "Thời tiết hôm nay", "Nhiệt độ và khả năng mưa ở Đông Hà:"
EMBED = "iframe.wp-embedded-content"
NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"


@contextmanager
def editor(browser: Browser, site: WordPress) -> Iterator[Page]:
    """The block editor of a new post, with its title and a line written, and the cursor below."""
    context = browser.new_context(
        ignore_https_errors=True,
        viewport={"width": WIDTH, "height": HEIGHT},
        permissions=["clipboard-read", "clipboard-write"],
        device_scale_factor=1.5,
    )
    page = context.new_page()
    page.goto(f"{site.url}/wp-login.php")
    page.fill("#user_login", USER)
    page.fill("#user_pass", PASSWORD)
    page.click("#wp-submit")
    page.wait_for_url("**/wp-admin/**")
    page.goto(f"{site.url}/wp-admin/post-new.php")
    guide = page.locator(".components-guide")
    guide.or_(page.locator(".wp-block-post-title")).first.wait_for()
    if guide.count():
        page.keyboard.press("Escape")
    page.locator(".wp-block-post-title").click()
    for line in (TITLE, LEAD):
        page.keyboard.type(line)
        page.keyboard.press("Enter")
    yield page
    context.close()


def paste(page: Page, text: str) -> None:
    """Put this where the cursor is, as an editor does."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def pasted_link(page: Page, url: str) -> bytes:
    """A pasted address, which has become the widget."""
    paste(page, url + PATH)
    page.frame_locator(EMBED).locator("main").wait_for()
    page.wait_for_function("embed => document.querySelector(embed).clientHeight > 200", arg=EMBED)
    return page.screenshot()


def custom_html(page: Page, code: str) -> bytes:
    """The block “Custom HTML” with the code of the start page."""
    page.keyboard.type("/html")
    page.locator(".components-autocomplete__result").first.wait_for()
    page.keyboard.press("Enter")
    page.locator(".wp-block-html textarea").click()
    paste(page, code)
    for x in (500, 520):  # shows the block's toolbar, which is away while somebody writes
        page.mouse.move(x, 500)
    page.locator(".block-editor-block-toolbar").wait_for()
    return page.screenshot()


def published(page: Page) -> bytes:
    """Publish the post that is being written, and show it as its readers see it."""
    page.locator(".editor-post-publish-button__button").click()
    page.locator(".editor-post-publish-panel .editor-post-publish-button").click()
    page.locator("text=View Post").last.click()
    page.wait_for_url("**/?p=*")
    page.context.clear_cookies()
    page.reload()
    frame = page.locator("iframe").first
    frame.scroll_into_view_if_needed()
    page.wait_for_function("frame => !frame.style.clip && frame.clientHeight", arg=frame.element_handle())
    page.frame_locator("iframe").locator("main").wait_for()
    page.evaluate("scrollTo(0, 0)")
    return page.screenshot(clip=around(page))


def around(page: Page) -> FloatRect:
    """The part of the page from its top to below the widget."""
    box = page.locator("iframe").first.bounding_box()
    assert box is not None
    return {"x": 0, "y": 0, "width": WIDTH, "height": box["y"] + box["height"] + 40}


def main() -> None:
    """Take all three."""
    if not is_there() or EXECUTABLE is None:
        sys.exit(MISSING if is_there() else real_wordpress.MISSING)
    with TemporaryDirectory(prefix="portal-widgets-wordpress-") as name, sync_playwright() as playwright:
        folder, port = Path(name), a_free_port()
        room = Newsroom.in_folder(folder, site__public_url=f"https://127.0.0.1:{port}")
        with served(room, certificate(folder), port), wordpress(folder, port) as site:
            browser = launched(playwright, NOWHERE)
            context = browser.new_context(ignore_https_errors=True)
            start = context.new_page()
            start.goto(f"{room.url}/?city=dong-ha&theme=light")
            code = start.locator("#code-iframe").input_value()
            code = code.replace(room.url, "https://widgets.example.gov.vn")
            context.close()
            with editor(browser, site) as page:
                save(custom_html(page, code), "wordpress-html")
            with editor(browser, site) as page:
                save(pasted_link(page, room.url), "wordpress-link")
                save(published(page), "wordpress-published")
            browser.close()


if __name__ == "__main__":
    main()

"""Pages of other sites that embed our widgets, in a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local_upstream import LocalUpstream
from playwright.sync_api import Browser, Page

HTML = {"content-type": "text/html; charset=utf-8"}


@contextmanager
def page_with(
    browser: Browser, site: LocalUpstream, body: str, headers: dict[str, str] | None = None, **context: Any
) -> Iterator[tuple[Page, list[str]]]:
    """Yield a page of another site with this body, and the messages of the browser's console."""
    site.answer("/", body=f"<!doctype html><title>Portal</title>{body}", headers={**HTML, **(headers or {})})
    site.answer("/favicon.ico", status=204)
    opened = browser.new_context(**{"viewport": {"width": 600, "height": 900}, **context})
    page = opened.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site.url("/"), wait_until="domcontentloaded")
    yield page, complaints
    assert opened.cookies() == []
    opened.close()

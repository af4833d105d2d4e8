"""The article sources of the demo, with the keys of one `[[articles.source]]` of the configuration."""

from typing import Any

from service.demo.articles import CITY, NEWSPAPER, WARD, Outlet

RSS_PATH = "/demo/rss.xml"
ATOM_PATH = "/demo/atom.xml"

_UNSAID = dict.fromkeys(("charset", "links", "title", "date", "lead", "author", "image", "body"), "")
_SELECTORS = {
    "links": "div.news-list a.title",
    "title": "h1.title",
    "lead": ".lead",
    "image": "table.picture img",
    "body": ".content",
}


def demo_sources(url: str) -> tuple[dict[str, Any], ...]:
    """Two feeds and a feedless portal of the bundled upstream; `url`: its own, without a slash at the end."""
    return (
        _source(CITY, "feed", url + RSS_PATH, full_text=True),
        _source(NEWSPAPER, "feed", url + ATOM_PATH),
        _source(WARD, "page", url + WARD.folder, full_text=True, **_SELECTORS),
    )


def _source(
    outlet: Outlet, kind: str, url: str, *, full_text: bool = False, **selectors: str
) -> dict[str, Any]:
    told = {"id": f"{outlet.id}-mau", "kind": kind, "name": outlet.name, "url": url, "full_text": full_text}
    ways = {"language": "vi", "timezone": "Asia/Ho_Chi_Minh", "date_order": "dmy"}
    return {**_UNSAID, **ways, **told, **selectors}

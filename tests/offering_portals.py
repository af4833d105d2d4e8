"""Ten portals on a local upstream, each with its own way to its articles, and what is right for each.

Eight are those of `portal_systems`; WordPress and Drupal are told in their own formats.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from local_upstream import LocalUpstream, ReceivedRequest, Reply
from portal_systems import pages
from portal_systems.pages import Truth
from portal_systems.systems import SYSTEMS, System

HTML = {"Content-Type": "text/html; charset=utf-8"}
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_GUID = "0F5B2C7E-93A4-4C1D-8E6F-2B7A9D1C3E50"
_BY_NAME = {system.name: system for system in SYSTEMS}
Site = dict[str, bytes]  # answers by request target


@dataclass(frozen=True)
class Portal:
    """A portal, and which source is right for it.

    Attributes:
        kind: of the right source.
        path: its address.
        pages: everything that the portal answers, given the address it lies at.
        finds_all: it answers unknown addresses too, with its front page.
    """

    name: str
    kind: str
    path: str
    pages: Callable[[str], Site]
    finds_all: bool = False

    def play(self, upstream: LocalUpstream) -> None:
        """Let the upstream be this portal."""
        site = self.pages(upstream.url("").rstrip("/"))

        def answer(request: ReceivedRequest) -> Reply:
            body = site.get(request.target, site.get(request.path))
            if body is None and self.finds_all:
                body = site["/"]
            if body is None:
                return Reply(404, b"<html><h1>404</h1></html>", HTML)
            is_markup = body.lstrip().lower().startswith((b"<!doctype html", b"<html"))
            return Reply(200, body, HTML if is_markup else _JSON if body[:1] in b"[{" else {})

        upstream.handle_all(answer)

    @property
    def truths(self) -> tuple[Truth, ...]:
        """What is true of its articles."""
        return pages.truths(_system(self.name))


def _system(name: str) -> System:
    return _BY_NAME[{"wordpress": "city", "drupal": "modern"}.get(name, name)]


def _pages_of(name: str) -> Callable[[str], Site]:
    """A portal's front page, listing and articles, without any feed."""

    def site(url: str) -> Site:
        system = _system(name)
        listing = pages.listing_page(system)
        documents = {"/tin-tuc": listing}
        for number, truth in enumerate(pages.truths(system)):
            documents[truth.url.partition(".gov.vn")[2]] = pages.article_page(system, number)
        documents["/"] = _front_page(listing)
        own = f"https://{system.name}.example.gov.vn"
        return {path: text.replace(own, url).encode() for path, text in documents.items()}

    return site


def _front_page(listing: str) -> str:
    """The listing's head and a menu."""
    head = listing.partition("<body")[0]
    menu = '<ul><li><a href="/">Trang chủ</a></li><li><a href="/tin-tuc">Tin tức - Sự kiện</a></li></ul>'
    return f"{head}<body>{menu}<h1>Chào mừng đến với trang thông tin</h1></body></html>"


def _with(name: str, add: Callable[[str, Site], Mapping[str, str]]) -> Callable[[str], Site]:
    """The same with more pages, or others in their place."""

    def site(url: str) -> Site:
        documents = _pages_of(name)(url)
        return documents | {path: text.encode() for path, text in add(url, documents).items()}

    return site


def _in_head(page: bytes, markup: str) -> str:
    return page.decode().replace("</head>", f"{markup}</head>", 1)


def rss(name: str, url: str, *, years_ago: int = 0, titles: str = "{}", last: int = pages.ARTICLES) -> str:
    """A feed of the portal's articles."""
    items = []
    for truth in pages.truths(_system(name))[:last]:
        at = truth.published.replace(year=truth.published.year - years_ago)
        path = truth.url.partition(".gov.vn")[2]
        items.append(
            f"<item><title>{escape(titles.format(truth.title))}</title><link>{escape(url + path)}</link>"
            f"<guid>{escape(path)}</guid><pubDate>{format_datetime(at)}</pubDate>"
            f"<description>{escape(escape(truth.lead))}</description></item>"
        )
    channel = f"<title>Tin tức</title><link>{url}</link><description/>{''.join(items)}"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{channel}</channel></rss>'


def _liferay(url: str, _: Site) -> Mapping[str, str]:
    return {"/web/guest/tin-tuc/-/asset_publisher/tB4k/rss": rss("liferay", url)}


def _sharepoint(url: str, site: Site) -> Mapping[str, str]:
    context = f'webServerRelativeUrl: "/", pageListId: "{{{_GUID.lower()}}}"'
    script = f"<script>var _spPageContextInfo = {{{context}}};</script>"
    return {
        "/tin-tuc": _in_head(site["/tin-tuc"], script),
        f"/_layouts/15/listfeed.aspx?List=%7B{_GUID}%7D": rss("sharepoint", url),
    }


def _nukeviet(url: str, _: Site) -> Mapping[str, str]:
    listed = "<html><body><h1>Kênh RSS</h1><ul><li><a href='/news/rss/'>Tin tức</a></li></ul></body></html>"
    return {"/rss/": listed, "/news/rss/": rss("nukeviet", url)}


def _joomla(url: str, _: Site) -> Mapping[str, str]:
    return {"/tin-tuc?format=feed&type=rss": rss("joomla", url)}


def _city(url: str, site: Site) -> Mapping[str, str]:
    """Its feed was forgotten six years ago."""
    link = '<link rel="alternate" type="application/rss+xml" title="RSS" href="/rss.xml">'
    return {"/": _in_head(site["/"], link), "/rss.xml": rss("city", url, years_ago=6)}


def _modern(url: str, site: Site) -> Mapping[str, str]:
    """It names feeds of comments, of a category and of all, and one on another host."""
    alternate = '<link rel="alternate" type="application/{}" title="{}" href="{}">'
    links = "".join(
        (
            alternate.format("rss+xml", "Phường » Dòng bình luận", "/comments/feed"),
            alternate.format("rss+xml", "Phường » Giáo dục", "/category/giao-duc/feed"),
            alternate.format("rss+xml", "Phường", "https://feeds.example.com/phuong"),
            alternate.format("feed+json", "Phường", "/feed.json"),
        )
    )
    items = [
        {
            "id": truth.url, "url": url + truth.url.partition(".gov.vn")[2], "title": truth.title,
            "summary": truth.lead, "date_published": truth.published.isoformat(),
        }
        for truth in pages.truths(_system("modern"))
    ]  # fmt: skip
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Phường", "items": items}
    return {
        "/": _in_head(site["/"], links),
        "/tin-tuc": _in_head(site["/tin-tuc"], links),
        "/comments/feed": rss("modern", url, titles="Bình luận về {}"),
        "/category/giao-duc/feed": rss("modern", url, last=3),
        "/feed.json": json.dumps(feed),
    }


def _wordpress(url: str, site: Site) -> Mapping[str, str]:
    posts = [
        {
            "id": number, "date": f"{truth.published:%Y-%m-%dT%H:%M:%S}", "status": "publish",
            "link": url + truth.url.partition(".gov.vn")[2], "title": {"rendered": escape(truth.title)},
            "excerpt": {"rendered": f"<p>{escape(truth.lead)}</p>"},
            "content": {"rendered": "".join(f"<p>{escape(text)}</p>" for text in truth.paragraphs)},
        }
        for number, truth in enumerate(pages.truths(_system("wordpress")))
    ]  # fmt: skip
    alternate = '<link rel="alternate" type="application/{}" title="{}" href="{}">'
    links = "".join(
        (
            '<link rel="https://api.w.org/" href="/wp-json/">',
            alternate.format("rss+xml", "Xã &raquo; Nguồn cấp dữ liệu", "/feed/"),
            alternate.format("rss+xml", "Xã &raquo; Bình luận", "/comments/feed/"),
            alternate.format("json", "JSON", "/wp-json/wp/v2/pages/2"),
        )
    )
    return {
        "/": _in_head(site["/"], links),
        "/tin-tuc": _in_head(site["/tin-tuc"], links),
        "/wp-json/wp/v2/posts": json.dumps(posts),
        "/wp-json/wp/v2/pages/2": "{}",
        "/feed/": rss("wordpress", url),
        "/comments/feed/": rss("wordpress", url, titles="Bình luận về {}"),
    }


def _drupal(url: str, site: Site) -> Mapping[str, str]:
    sign = '<meta name="Generator" content="Drupal 9 (https://www.drupal.org)" />'
    pages_with_sign = {path: _in_head(site[path], sign) for path in ("/", "/tin-tuc")}
    return {**pages_with_sign, "/rss.xml": rss("drupal", url)}


PORTALS = (
    Portal("liferay", "feed", "/web/guest/tin-tuc/-/asset_publisher/tB4k/rss", _with("liferay", _liferay)),
    Portal(
        "sharepoint",
        "feed",
        f"/_layouts/15/listfeed.aspx?List=%7B{_GUID}%7D",
        _with("sharepoint", _sharepoint),
    ),
    Portal("nukeviet", "feed", "/news/rss/", _with("nukeviet", _nukeviet)),
    Portal("joomla", "feed", "/tin-tuc?format=feed&type=rss", _with("joomla", _joomla)),
    Portal("vnpt", "page", "/tin-tuc", _pages_of("vnpt")),
    Portal("tables", "page", "/tin-tuc", _pages_of("tables"), finds_all=True),
    Portal("city", "page", "/tin-tuc", _with("city", _city)),
    Portal("modern", "feed", "/feed.json", _with("modern", _modern)),
    Portal("wordpress", "wordpress", "/", _with("wordpress", _wordpress)),
    Portal("drupal", "feed", "/rss.xml", _with("drupal", _drupal)),
)


def path_of(url: str) -> str:
    """The path and the query of an address."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")

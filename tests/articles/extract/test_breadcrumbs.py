"""The sections of an article, as the breadcrumbs of portals name them."""

import json

import pytest
from source_answers import NOW, PORTAL, an_entry, answer, source_of

from service.articles.model import ParsedEntry
from service.articles.sources.html_listing import HtmlListing

TITLE = "Khánh thành cầu mới bắc qua sông Hiếu"
URL = f"{PORTAL}/tin-tuc/cau-moi-12.html"
TEXT = "<p>" + "Cầu dài hai trăm mét nối hai phường ở hai bên bờ sông. " * 8 + "</p>"


def read(body: str, head: str = "", **entry: object) -> ParsedEntry:
    markup = (
        f"<html><head><title>{TITLE}</title>{head}</head><body>{body}<h1>{TITLE}</h1>{TEXT}</body></html>"
    )
    listed = ParsedEntry(**{"key": "12", "title": TITLE, "url": URL, **entry})  # type: ignore[arg-type]
    return HtmlListing(source_of("page")).read_page(answer(markup, "text/html", URL), listed, NOW)


TRAILS = {
    "marked": '<ul class="breadcrumb"><li><a href="/">Trang chủ</a></li><li><a href="/t">Tin tức</a></li>'
    '<li><a href="/tin-tuc/giao-thong">Giao thông</a></li></ul>',
    "NukeViet": '<ol class="breadcrumb" itemscope itemtype="http://schema.org/BreadcrumbList"><li itemprop='
    '"itemListElement"><a itemprop="item" href="/index.php"><span itemprop="name">Trang nhất</span></a></li>'
    '<li><a itemprop="item" href="/tin-tuc/"><span itemprop="name">Tin tức</span></a></li>'
    '<li><a href="/giao-thong/"><span itemprop="name">Giao thông</span></a></li></ol>',
    "Joomla": '<div aria-label="Breadcrumbs" role="navigation"><ul><li>Bạn đang ở: </li>'
    '<li><a href="/index.php">Trang chủ</a></li><li><a href="/tin-tuc">Tin tức</a></li>'
    f'<li><a href="/giao-thong">Giao thông</a></li><li><span>{TITLE}</span></li></ul></div>',
    "SharePoint": '<span id="ctl00_SiteMapPath1"><a href="/Pages/default.aspx">Cổng</a> &gt;'
    ' <a href="/tin-tuc/Pages">Tin tức</a> &gt; <a href="/giao-thong">Giao thông</a></span>',
    "linked to itself": '<div class="breadcrumbs"><a href="/">Trang chủ</a> <a href="/t">Tin tức</a>'
    f' <a href="/g">Giao thông</a> <a href="{URL}">Bài viết</a> <a href="/x">Khánh thành cầu mới</a></div>',
    "without links": "<div class='bread-crumbs'>Trang chủ » Tin tức » Giao thông</div>",
    "unmarked": '<div class="mb-4"><a href="/">Trang chủ</a> / <a href="/t">Tin tức</a>'
    ' / <a href="/g">Giao thông</a></div>',
    "in a table": '<table><tr><td><a href="/default.aspx">TRANG CHỦ</a> &raquo; <a href="/t">Tin tức</a>'
    ' &raquo; <a href="/g">Giao thông</a></td></tr></table>',
}


@pytest.mark.parametrize("trail", TRAILS.values(), ids=TRAILS)
def test_a_breadcrumb_names_the_sections(trail: str) -> None:
    assert read(trail).categories == ("Tin tức", "Giao thông")


def test_json_ld_comes_before_the_markup_and_is_ordered_by_position() -> None:
    items = [
        {"@type": "ListItem", "position": 3, "item": {"@id": "/giao-thong", "name": "Giao thông"}},
        {"@type": "ListItem", "position": 1, "name": "Cổng TTĐT", "item": PORTAL},
        {"@type": "ListItem", "position": 2, "name": "Tin tức", "item": f"{PORTAL}/tin-tuc"},
        {"@type": "ListItem", "position": 4, "name": TITLE},
    ]
    block = json.dumps({"@type": "BreadcrumbList", "itemListElement": items})
    trail = '<ul class="breadcrumb"><li><a href="/khac">Khác hẳn</a></li></ul>'
    head = f'<script type="application/ld+json">{block}</script>'
    assert read(trail, head).categories == ("Tin tức", "Giao thông")


@pytest.mark.parametrize(
    "menu",
    [
        '<ul class="menu"><li><a href="/">Trang chủ</a></li><li><a href="/g">Giới thiệu</a></li></ul>',
        '<p><a href="/">Trang chủ</a> | <a href="/lien-he">Liên hệ</a> | <a href="/rss">RSS</a></p>',
        '<div class="breadcrumb">' + "".join(f'<a href="/{n}">Mục {n}</a>' for n in range(30)) + "</div>",
        '<div class="has-breadcrumb"><a href="/t">Tin tức</a>' + TEXT + "</div>",
        '<ul class="breadcrumb"><li><a href="/">Trang chủ</a></li></ul>',
        "",
    ],
)
def test_a_menu_is_no_breadcrumb(menu: str) -> None:
    assert read(menu).categories == ()


def test_the_section_of_the_head_comes_first_and_the_listings_before_it() -> None:
    trail = '<ul class="breadcrumb"><li><a href="/t">Tin tức</a></li></ul>'
    head = '<meta property="article:section" content="Đời sống">'
    assert read(trail, head).categories == ("Đời sống",)
    assert read(trail, head, categories=("Cầu đường",)).categories == ("Cầu đường",)
    block = '{"@type": "NewsArticle", "articleSection": ["Thời sự", 3]}'
    head += f'<script type="application/ld+json">{block}</script>'
    assert read(trail, head).categories == ("Thời sự",)


def test_the_sections_of_a_page_are_kept_where_nothing_is_listed() -> None:
    page = answer(
        f'<ul class="breadcrumb"><li><a href="/t">Tin tức</a></li></ul><h1>{TITLE}</h1>{TEXT}',
        "text/html",
        URL,
    )
    assert HtmlListing(source_of("page")).read_page(page, an_entry(TITLE, URL), NOW).categories == (
        "Tin tức",
    )

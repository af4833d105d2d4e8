"""What is read from a portal's page about its feeds, its system and its name."""

import pytest
from source_answers import PORTAL, answer

from service.articles.discover.page_offers import (
    Link,
    PageOffers,
    guessed_feeds,
    portal_name,
    read_offers,
    usual_feeds,
)

ALTERNATE = '<link rel="alternate" type="application/{}" title="{}" href="{}">'
GUID = "0F5B2C7E-93A4-4C1D-8E6F-2B7A9D1C3E50"


def offers(body: str = "", head: str = "", *, url: str = f"{PORTAL}/tin-tuc", link: str = "") -> PageOffers:
    page = answer(f"<html lang='vi-VN'><head>{head}</head><body>{body}</body></html>", "text/html", url)
    if link:
        page = type(page)(page.status, {**page.headers, "link": link}, page.body, page.url)
    return read_offers(page)


def test_feeds_of_the_head_are_told_each_once_without_those_of_comments() -> None:
    head = "".join(
        ALTERNATE.format(*one)
        for one in (
            ("rss+xml", "Tin tức", "/rss.xml"),
            ("atom+xml", "", "https://feeds.example.com/tin"),
            ("rss+xml", "Tin tức (2)", "/rss.xml"),
            ("rss+xml", "Xã » Bình luận", "/feed2"),
            ("rss+xml", "Comments", "/comments/feed/"),
            ("feed+json", "", "feed.json"),
            ("json+oembed", "", "/oembed"),
            ("json", "", "/wp-json/wp/v2/pages/2"),
        )
    )
    assert offers(head=head).alternates == (
        Link(f"{PORTAL}/rss.xml", "Tin tức"),
        Link("https://feeds.example.com/tin"),
        Link(f"{PORTAL}/feed.json"),
    )


@pytest.mark.parametrize(
    ("anchor", "is_feed"),
    [
        ('<a href="/rss/">Kênh</a>', True),
        ('<a href="/tin.rss">Kênh</a>', True),
        ('<a href="/index.php?option=com_content&format=feed&type=rss">Kênh</a>', True),
        ('<a href="/_layouts/15/listfeed.aspx?List=1">Kênh</a>', True),
        ('<a href="/kenh-tin" title="RSS"><img src="rss.png"></a>', True),
        ('<a href="/kenh-tin">RSS</a>', True),
        ('<a href="/feedback">Góp ý</a>', False),
        ('<a href="/press/1.html">Báo chí</a>', False),
        ('<a href="/images/rss.png">x</a>', False),
        ('<a href="/comments/feed/">RSS bình luận</a>', False),
        ('<a href="javascript:rss()">RSS</a>', False),
    ],
)
def test_a_link_that_looks_like_a_feed_is_told(anchor: str, is_feed: bool) -> None:
    assert bool(offers(anchor).feeds) is is_feed


def test_sections_with_news_are_told_the_most_telling_first() -> None:
    menu = "".join(
        f'<a href="{path}">{text}</a>'
        for path, text in (
            ("/gioi-thieu", "Giới thiệu"),
            ("/thong-bao", "Thông báo"),
            ("/hoat-dong", "Hoạt động của xã"),
            ("/chuyen-muc/5", "Tin tức"),
            ("/bai/12.html", "Thông báo số 12 về việc tuyển dụng"),
            ("/van-ban", "Văn bản"),
        )
    )
    assert [link.text for link in offers(menu).sections] == ["Tin tức", "Hoạt động của xã", "Thông báo"]


@pytest.mark.parametrize(
    ("sign", "system"),
    [
        ('<meta name="generator" content="NukeViet v4.5">', "nukeviet"),
        ('<meta name="generator" content="Joomla! - Open Source">', "joomla"),
        ("<script>var Liferay = {};</script>", "liferay"),
        ('<meta name="GENERATOR" content="Microsoft SharePoint" />', "sharepoint"),
        ('<meta name="Generator" content="Drupal 9" />', "drupal"),
        ('<link rel="stylesheet" href="/wp-content/themes/x.css">', "wordpress"),
    ],
)
def test_a_system_is_known_by_its_signs(sign: str, system: str) -> None:
    assert offers(head=sign).systems == {system}
    # SharePoint's feeds are those of lists, which have ids.
    assert bool(list(usual_feeds(offers(head=sign), f"{PORTAL}/", ""))) is (system != "sharepoint")


def test_a_page_without_signs_is_of_no_system() -> None:
    assert offers("<p>Chào mừng</p>").systems == frozenset()
    assert list(usual_feeds(offers(), f"{PORTAL}/", "")) == []
    assert f"{PORTAL}/xa/rss.xml" in guessed_feeds(f"{PORTAL}/xa/")


@pytest.mark.parametrize(
    ("head", "link", "interface"),
    [
        ('<link rel="https://api.w.org/" href="/blog/wp-json/">', "", f"{PORTAL}/blog/wp-json/"),
        ('<link rel="https://api.w.org/" href="/?rest_route=/">', "", f"{PORTAL}/?rest_route=/"),
        (
            '<img src="/wp-content/x.png">',
            f'<{PORTAL}/wp-json/>; rel="https://api.w.org/"',
            f"{PORTAL}/wp-json/",
        ),
        (f'<link href="{PORTAL}/blog/wp-content/x.css">', "", f"{PORTAL}/blog/wp-json/"),
        ('<link href="/wp-includes/x.css">', "", f"{PORTAL}/wp-json/"),
        ("", "", None),
    ],
)
def test_the_interface_of_wordpress_is_told_or_follows_from_its_files(
    head: str, link: str, interface: str | None
) -> None:
    assert offers(head=head, link=link).wordpress == interface


def test_the_usual_feeds_of_a_system_follow_from_its_page() -> None:
    liferay = offers(
        '<a href="/web/xa/tin/-/asset_publisher/aB3x/content/bai-viet">x</a>', "<script>Liferay</script>"
    )
    assert next(usual_feeds(liferay, f"{PORTAL}/", "")) == f"{PORTAL}/web/xa/tin/-/asset_publisher/aB3x/rss"
    here = offers('<div id="p_p_id_101_INSTANCE_k2Lm_">Tin</div>', "<script>Liferay</script>")
    assert next(usual_feeds(here, f"{PORTAL}/", "")) == f"{PORTAL}/tin-tuc/-/asset_publisher/k2Lm/rss"
    context = f'webServerRelativeUrl: "/tin-tuc", pageListId: "{{{GUID.lower()}}}"'
    sharepoint = offers(head=f"<script>var _spPageContextInfo = {{{context}}}</script>")
    feeds = list(usual_feeds(sharepoint, f"{PORTAL}/", ""))
    assert feeds[0] == f"{PORTAL}/tin-tuc/_layouts/15/listfeed.aspx?List=%7B{GUID}%7D"
    nukeviet = offers(head='<meta name="generator" content="NukeViet">')
    assert next(usual_feeds(nukeviet, f"{PORTAL}/", "tin-bai")) == f"{PORTAL}/tin-bai/rss/"
    joomla = offers(head='<meta name="generator" content="Joomla!">', url=f"{PORTAL}/index.php?Itemid=5")
    assert next(usual_feeds(joomla, f"{PORTAL}/", "")) == f"{PORTAL}/index.php?Itemid=5&format=feed&type=rss"


@pytest.mark.parametrize(
    ("heads", "name"),
    [
        (['<meta property="og:site_name" content="Cổng TTĐT xã"><title>Tin tức</title>'], "Cổng TTĐT xã"),
        (
            ["<title>Tin tức - Cổng thông tin điện tử huyện An Bình</title>"],
            "Cổng thông tin điện tử huyện An Bình",
        ),
        (["<title>Trang chủ | UBND xã</title>"], "UBND xã"),
        (["<title>Một bài viết rất dài - UBND xã</title>", "<title>UBND xã</title>"], "UBND xã"),
        (["<title>Tin tức</title>"], ""),
        ([""], ""),
        ([], ""),
    ],
)
def test_a_portals_name_is_in_the_head_or_the_titles_of_its_pages(heads: list[str], name: str) -> None:
    assert portal_name([offers(head=head) for head in heads]) == name

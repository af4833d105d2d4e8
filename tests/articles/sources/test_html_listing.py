"""Listing pages of sources without a feed: which links are articles, and what is beside them."""

from datetime import datetime

import pytest
from source_answers import NOW, PORTAL, VIETNAM, answer, page, source_of

from service.articles.model import ParsedEntry, Published
from service.articles.sources.html_listing import HtmlListing
from service.core.errors import UpstreamError
from service.settings.model import Selectors


def entries_of(markup: str, links: str = "") -> tuple[ParsedEntry, ...]:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc", selectors=Selectors(links=links)))
    return source.read_listing(answer(markup, "text/html", f"{PORTAL}/tin-tuc"), NOW).entries


def payload(name: str, links: str = "") -> tuple[ParsedEntry, ...]:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc", selectors=Selectors(links=links)))
    return source.read_listing(page(name), NOW).entries


def a_day(year: int, month: int, day: int) -> Published:
    return Published(datetime(year, month, day, tzinfo=VIETNAM), date_only=True)


@pytest.mark.parametrize("links", ["", "a.title"])
def test_a_portal_laid_out_in_tables_gives_titles_days_leads_and_images(links: str) -> None:
    first, second, third = payload("dong_ha_listing.html", links)
    assert first.title == "Thành phố khởi công tuyến đường ven sông Hiếu"
    assert first.url == f"{PORTAL}/Default.aspx?TabId=9&ItemId=1205"
    assert first.published == a_day(2020, 3, 7)
    assert first.lead.startswith("Sáng 7/3, UBND thành phố tổ chức lễ khởi công")
    assert [image.url for image in first.images] == [f"{PORTAL}/Upload/2020/3/a_thumb.jpg"]
    assert second.title == "Kết luận phiên họp ngày 05/03/2020 của Ủy ban nhân dân"
    assert second.published == a_day(2020, 3, 6)
    assert (third.title, third.images) == ("Lịch tiếp công dân của lãnh đạo thành phố", ())


def test_the_featured_article_menus_and_footers_are_told_apart() -> None:
    entries = payload("portal_listing.html")
    assert [entry.title for entry in entries] == [
        "Mở rộng cảng cá Cửa Việt trong quý tới",
        "Lễ hội dòng sông thu hút hàng nghìn người",
        "Khánh thành trường mới ở xã vùng cao",
        "Tiêm vắc xin cho gia súc trước mùa rét",
    ]
    assert entries[0].published == Published(datetime(2026, 11, 21, 8, 15, tzinfo=VIETNAM))
    assert [entry.published for entry in entries[1:]] == [a_day(2026, 11, day) for day in (20, 19, 18)]
    assert entries[0].images[0].url == f"{PORTAL}/uploads/cang-ca.jpg"
    assert (entries[3].lead, entries[3].images) == ("", ())


def test_the_configured_selector_may_name_the_card_the_link_or_what_is_in_it() -> None:
    for links in ("div.news-item", "div.news-item h3 a", "div.news-item h3.title"):
        assert len(payload("portal_listing.html", links)) == 3


def test_the_pages_own_list_in_json_ld_is_used() -> None:
    markup = """<html><script type="application/ld+json">{"@type": "ItemList", "itemListElement": [
      {"@type": "ListItem", "position": 1, "url": "/a.html", "name": "Bài thứ nhất của danh sách"},
      {"@type": "ListItem", "position": 2, "item": {"@type": "NewsArticle", "url": "/b.html",
       "headline": "Bài thứ hai của danh sách", "datePublished": "2026-11-20T08:00:00+07:00"}}]}</script>
      <script type="application/ld+json">{"@type": "BreadcrumbList", "itemListElement": [
      {"@type": "ListItem", "item": "/", "name": "Trang chủ của cổng thông tin"}]}</script></html>"""
    entries = entries_of(markup)
    assert [entry.url for entry in entries] == [f"{PORTAL}/a.html", f"{PORTAL}/b.html"]
    assert entries[1].published == Published(datetime(2026, 11, 20, 8, tzinfo=VIETNAM))


def test_titles_dates_and_leads_in_rows_of_their_own_belong_together() -> None:
    rows = "".join(
        f"<tr><td><a href='/tin-{n}.html'>Tin thứ {n} của thành phố hôm nay</a></td></tr>"
        f"<tr><td>0{n}/11/2026</td></tr><tr><td>Đoạn tóm tắt thứ {n} cho biết thêm về việc này.</td></tr>"
        for n in (3, 2, 1)
    )
    entries = entries_of(f"<html><body><table>{rows}</table></body></html>")
    assert [entry.published for entry in entries] == [a_day(2026, 11, day) for day in (3, 2, 1)]
    assert [entry.lead[:18] for entry in entries] == [
        "Đoạn tóm tắt thứ 3",
        "Đoạn tóm tắt thứ 2",
        "Đoạn tóm tắt thứ 1",
    ]


def test_an_article_that_is_linked_twice_is_listed_once() -> None:
    cards = "".join(
        f"<div class='c'><a href='/{n}.html'><img src='/{n}.jpg'></a>"
        f"<a href='/{n}.html?utm_source=x'>Tin thứ {n} của thành phố hôm nay</a></div>"
        for n in (1, 2)
    )
    entries = entries_of(cards, "div.c a")
    assert [entry.title[:9] for entry in entries] == ["Tin thứ 1", "Tin thứ 2"]
    assert [entry.images[0].url for entry in entries] == [f"{PORTAL}/1.jpg", f"{PORTAL}/2.jpg"]


def test_a_link_by_script_is_no_article() -> None:
    markup = "<a class='t' href='javascript:mo(1)'>Tin một</a><a class='t' href='/2'>Tin hai</a>"
    assert [entry.title for entry in entries_of(markup, "a.t")] == ["Tin hai"]


@pytest.mark.parametrize(
    ("markup", "links", "said"),
    [
        (
            "<html><title>Trang trống</title><body><p>Chưa có tin.</p></body></html>",
            "",
            "this is an HTML page.",
        ),
        ("<html><body><a href='/1'>Tin</a></body></html>", "div.khong-co a", "“div.khong-co a”"),
        ("<html><body></body></html>", "div[", "“div[” is not valid CSS"),
        ('{"code": 1}', "", "JSON"),
        ("", "", "an empty answer"),
        ("<div>" * 100_000, "", "nests thousands of elements"),
        ("<li><a href='/1'>Tin</a>" * 15_000, "", "tens of thousands of elements"),
    ],
)
def test_an_editor_is_told_why_nothing_was_found(markup: str, links: str, said: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        entries_of(markup, links)
    assert said in caught.value.detail


def test_a_page_source_always_wants_the_articles_own_page() -> None:
    source = HtmlListing(source_of("page", PORTAL))
    entry = payload("portal_listing.html")[0]
    assert source.wants_page(entry)
    request = source.page_request(entry)
    assert request is not None
    assert request.url == entry.url
    assert not source.wants_page(ParsedEntry(key="1", title="Không có liên kết"))
    assert source.page_request(ParsedEntry(key="1", title="Không có liên kết")) is None


def test_a_day_that_a_lead_tells_of_is_not_the_articles() -> None:
    leads = {
        "Ngày 10/11/2026, đoàn công tác kiểm tra tiến độ thi công cầu Bến Ngự.": None,
        "Từ 10/11/2026 đến 12/11/2026, phường tạm ngừng cấp nước, mời bà con theo dõi.": None,
        "20/11/2026 - Đoàn công tác kiểm tra tiến độ thi công cầu Bến Ngự của thành phố.": 20,
        "Đoàn công tác kiểm tra tiến độ thi công cầu Bến Ngự của thành phố (20/11/2026)": 20,
        "Đăng ngày 20/11/2026 bởi Quản trị": 20,
        "(20/11/2026)": 20,
    }
    for lead, day in leads.items():
        cards = "".join(
            f"<li><a href='/tin/bai-so-{n}.html'>Bài viết thứ {n} của thành phố</a><p>{lead}</p></li>"
            for n in range(3)
        )
        source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
        listing = source.read_listing(answer(f"<ul>{cards}</ul>", "text/html", f"{PORTAL}/tin-tuc"), NOW)
        assert [one.published and one.published.at.day for one in listing.entries] == [day] * 3


def test_a_picture_and_a_lead_that_json_ld_gives_to_every_article_are_the_sites() -> None:
    items = ",".join(
        f'{{"@type": "ListItem", "url": "{PORTAL}/tin/{n}.html", "name": "Bài viết thứ {n} của thành phố",'
        ' "image": "/logo.png", "description": "Cổng thông tin điện tử"}'
        for n in range(3)
    )
    listed = (
        f'<script type="application/ld+json">{{"@type": "ItemList", "itemListElement": [{items}]}}</script>'
    )
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    entries = source.read_listing(answer(listed, "text/html", f"{PORTAL}/tin-tuc"), NOW).entries
    assert [(entry.images, entry.lead) for entry in entries] == [((), "")] * 3


def test_the_image_of_a_card_may_be_its_background_or_wait_for_a_script() -> None:
    images = (
        '<div class=thumb style="background-image:url(/1.jpg)"></div>',
        "<img src='data:image/gif;base64,R0lGOD' data-src=/2.jpg>",
        "<picture><source srcset='/3-s.jpg 300w, /3.jpg 900w'><img src=/3-s.jpg></picture>",
        "<img class=lazy src=/blank.gif><noscript><img src=/4.jpg></noscript>",
        "<img src=/icons/new.gif><i style='background:url(/5.jpg)'></i>",
    )
    cards = "".join(
        f"<div>{image}<h3><a href=/tin-tuc/bai-{n}.html>Bài thứ {n} của cổng thông tin</a></h3></div>"
        for n, image in enumerate(images, 1)
    )
    entries = entries_of(f"<html><body><div>{cards}</div></body></html>")
    assert [[image.url for image in entry.images] for entry in entries] == [
        [f"{PORTAL}/{n}.jpg"] for n in range(1, 6)
    ]


def test_one_day_beyond_twelve_tells_the_order_of_all_days_of_a_listing() -> None:
    cards = "".join(
        f"<p><a href=/tin-tuc/bai-{n}.html>Bài thứ {n} của cổng thông tin</a> <span>{day}</span></p>"
        for n, day in enumerate(("11/12/2020", "11/27/2020", "11/3/2020"), 1)
    )
    entries = entries_of(f"<html><body><div>{cards}</div></body></html>")
    assert [entry.published for entry in entries] == [a_day(2020, 11, day) for day in (12, 27, 3)]

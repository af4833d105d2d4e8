"""Listing pages without selectors: news are distinguished from menus, whichever is longer."""

from datetime import datetime

import pytest
from source_answers import NOW, PORTAL, VIETNAM, answer, source_of

from service.articles.model import ParsedEntry, Published
from service.articles.sources.html_listing import HtmlListing

_TITLES = (
    "Thành phố ra quân trồng cây đầu xuân năm 2026",
    "Khai mạc hội nghị Ban Chấp hành lần thứ hai",
    "Phường tổ chức ngày hội đại đoàn kết toàn dân",
)
_LEAD = "Sáng nay, hơn 300 đoàn viên đã tham gia lễ ra quân tại công viên trung tâm."
_MENU = "".join(
    f"<tr><td><a href='/muc/{n}'>Thủ tục hành chính công trực tuyến thứ {n}</a></td></tr>" for n in range(30)
)


def entries_of(markup: str) -> tuple[ParsedEntry, ...]:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    return source.read_listing(answer(markup, "text/html", f"{PORTAL}/tin-tuc"), NOW).entries


def a_day(year: int, month: int, day: int) -> Published:
    return Published(datetime(year, month, day, tzinfo=VIETNAM), date_only=True)


def titles_in(markup: str) -> list[str]:
    return [entry.title for entry in entries_of(f"<html><body>{markup}</body></html>")]


def test_a_menu_of_many_long_names_is_no_list_of_news() -> None:
    rows = "".join(
        f"<tr><td><a href='/?id={n}'>{title}</a> <font>(0{n + 1}/11/2026)</font><br>{_LEAD}</td></tr>"
        for n, title in enumerate(_TITLES)
    )
    entries = entries_of(f"<html><body><table>{_MENU}</table><table>{rows}</table></body></html>")
    assert [entry.title for entry in entries] == list(_TITLES)
    assert [entry.published for entry in entries] == [a_day(2026, 11, day) for day in (1, 2, 3)]


def test_news_and_menus_in_like_cells_are_told_by_what_stands_beside_them() -> None:
    news = "".join(
        f"<p><a href='./tin{n}.htm'>{title}</a></p><i>Đăng lúc 8h15 ngày {n + 1}/11/2026</i>"
        for n, title in enumerate(_TITLES)
    )
    menu = "".join(f"<p><a href='./muc/{n}.htm'>Giới thiệu chung về thành phố {n}</a></p>" for n in range(9))
    assert titles_in(menu + news) == list(_TITLES)


def test_featured_news_in_another_place_belong_to_the_list() -> None:
    featured = (
        f"<div class='hot'><a href='/tin/a-b-c-d'><img src='/a.jpg'></a><h2>"
        f"<a href='/tin/a-b-c-d'>{_TITLES[0]}</a></h2><p>{_LEAD}</p></div>"
    )
    others = "".join(
        f"<li><a href='/tin/a-b-c-nam-202{n}'>{title}</a> <span>[0{n}/11/2026]</span></li>"
        for n, title in enumerate(_TITLES[1:], 1)
    )
    documents = "".join(
        f"<li><a href='/van-ban/chi-tiet/{n}'>Quyết định số {n} về việc phê duyệt kế hoạch đấu thầu</a></li>"
        for n in range(10, 20)
    )
    assert titles_in(f"{featured}<ul class='more'>{others}</ul><ul class='vb'>{documents}</ul>") == list(
        _TITLES
    )


def test_a_link_to_read_on_is_no_title_and_neither_is_a_lead() -> None:
    cards = "".join(
        f"<div class='c'><a href='/{n}.html'>{title}</a><a href='/{n}.html'><p>{_LEAD}</p></a>"
        f"<a href='/{n}.html'>Đọc tiếp <span>{title}</span></a></div>"
        for n, title in enumerate(_TITLES)
    )
    assert titles_in(cards) == list(_TITLES)


def test_a_link_around_a_card_without_names_has_its_title_first_then_day_and_lead() -> None:
    cards = "".join(
        f"<a href='/bai-viet/80{n}'><div><img src='/{n}.png'></div><div><div>{title}</div>"
        f"<div><span>Tin</span><span>0{n + 1}.11.2026</span></div><div>{_LEAD} {_LEAD} {_LEAD} {_LEAD}</div>"
        "</div></a>"
        for n, title in enumerate(_TITLES)
    )
    entries = entries_of(f"<html><body><div>{cards}</div></body></html>")
    assert [entry.title for entry in entries] == list(_TITLES)
    assert [entry.published for entry in entries] == [a_day(2026, 11, day) for day in (1, 2, 3)]
    assert all(entry.lead.startswith(_LEAD) and entry.images for entry in entries)


def test_a_title_that_was_cut_is_read_in_full_from_its_tooltip() -> None:
    cards = "".join(
        f"<h3><a href='/{n}.html' title='{title}'>{title[:24]}...</a></h3><p>0{n + 1}/11/2026</p>"
        for n, title in enumerate(_TITLES)
    )
    assert titles_in(cards) == list(_TITLES)


@pytest.mark.parametrize(
    "row",
    [
        """<tr><td><img src='/a{n}.jpg'></td><td><a href='{url}'><b>{title}</b></a><br><i>0{n}/11/2026</i><br>
        {lead} <a href='{url}'>Xem tiếp</a></td></tr>""",
        "<tr><td><a href='{url}' title='{title}'>{cut}...</a> (0{n}/11/2026)<p>{lead}</p></td></tr>",
        """<tr><td><a href='/muc/van-hoa'>Văn hóa</a><h3><a href='{url}'>{title}</a></h3><div>
        <a href='/tac-gia/lan'>lan</a> | 0{n}/11/2026 | <a href='{url}#c'>0 bình luận</a></div>
        <p>{lead} <a href='{url}'>[...]</a></p></td></tr>""",
    ],
)
def test_short_and_cut_titles_and_links_to_read_on_make_no_menu_of_a_list(row: str) -> None:
    titles = (*_TITLES[1:], "Hội nghị tổng kết")
    rows = "".join(
        row.format(n=n, url=f"/?id={n}", title=title, cut=title[:12], lead=_LEAD)
        for n, title in enumerate(titles, 1)
    )
    entries = entries_of(
        f"<html><body><table>{_MENU}</table><h1>Tin tức</h1><table>{rows}</table></body></html>"
    )
    assert [entry.title for entry in entries] == list(titles)
    assert [entry.published for entry in entries] == [a_day(2026, 11, day) for day in (1, 2, 3)]
    assert {entry.lead for entry in entries} == {_LEAD}


def test_days_without_a_year_tell_news_from_a_menu() -> None:
    news = "".join(
        f"<dl><dt><a href='/tin/{n}.htm'>{title}</a></dt><dd>0{n}/11</dd></dl>"
        for n, title in enumerate(_TITLES, 1)
    )
    menu = "".join(
        f"<li><a href='/muc/{n}'>Giới thiệu chung về thành phố và {n} phường</a></li>" for n in range(5)
    )
    assert titles_in(f"<ul>{menu}</ul>{news}") == list(_TITLES)

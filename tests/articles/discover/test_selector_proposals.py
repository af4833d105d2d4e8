"""Selectors proposed for pages that are not read right without."""

import pytest
from source_answers import NOW, PORTAL, answer, source_of

from service.articles.discover import selector_proposals
from service.articles.model import ParsedEntry
from service.articles.sources.html_listing import HtmlListing
from service.core.ports import Response
from service.settings.model import Selectors

SOURCE = source_of("page", f"{PORTAL}/tin")
TITLES = [f"Tiêu đề bài viết số {number} về việc làng" for number in range(6)]


def listing(body: str) -> Response:
    return answer(f"<html><body>{body}</body></html>", "text/html", f"{PORTAL}/tin")


def proposed_links(body: str) -> list[str]:
    """The first selector's entries, by the parser itself."""
    selector, *_ = selector_proposals.for_links(listing(body), SOURCE)
    source = source_of("page", SOURCE.url, selectors=Selectors(links=selector))
    return [entry.title for entry in HtmlListing(source).read_listing(listing(body), NOW).entries]


MENU = '<div class="menu"><ul>' + "".join(f'<li><a href="/m{n}">Mục {n} của cổng</a></li>' for n in range(9))


@pytest.mark.parametrize(
    "card",
    [
        '<div class="tin"><a class="ten" href="/bai/{n}">{title}</a></div>',
        '<tr><td><font><a href="/bai/{n}">{title}</a></font></td><td>2{n}/11/2026</td></tr>',
        '<li class="item-{n}"><span><a href="/bai/{n}">{title}</a></span></li>',
        '<div><h3><a href="?bai={n}">{title}</a></h3><p>Mở đầu</p></div>',
        '<a class="the" href="/bai/{n}" title="{title}"><img src="/{n}.jpg"></a>',
    ],
)
def test_the_links_of_a_list_get_one_selector(card: str) -> None:
    cards = "".join(card.format(n=n, title=title) for n, title in enumerate(TITLES))
    table = (
        f"<table id='ds'>{cards}</table>" if card.startswith("<tr") else f"<section id='ds'>{cards}</section>"
    )
    assert proposed_links(f"{MENU}</ul></div>{table}") == TITLES


def test_titles_too_short_for_any_other_way_are_found() -> None:
    rows = "".join(f'<tr><td class="o"><a href="/bai/{n}">Thông báo {n}</a></td></tr>' for n in range(6))
    assert proposed_links(f"<table>{rows}</table>") == [f"Thông báo {n}" for n in range(6)]


@pytest.mark.parametrize(
    "body",
    ["", "<p>Chào</p>", '<a href="/1">Một bài viết dài</a>', "<nav><a href='#x'>Mục lục dài</a></nav>"],
)
def test_where_there_is_no_list_nothing_is_proposed(body: str) -> None:
    assert selector_proposals.for_links(listing(body), SOURCE) == []


def article(number: int, *, date: str, text: str, title: str = "") -> tuple[Response, ParsedEntry]:
    title = title or TITLES[number]
    head, foot = "<div class='dau'>Hôm nay, 22/11/2026</div>", "<div class='chan'>UBND xã</div>"
    body = f"{head}<h2 class='ten'>{title}</h2>{date}{text}{foot}"
    url = f"{PORTAL}/bai/{number}"
    page = answer(f"<html><body>{body}</body></html>", "text/html", url)
    return page, ParsedEntry(key=url, title=TITLES[number], url=url)


def text(number: int) -> str:
    lines = "".join(f"<p>Đoạn {part} của bài {number} về việc dọn vệ sinh trong xã.</p>" for part in range(4))
    others = "<ul><li><a href='/x'>Bài khác trong xã</a></li></ul>"
    return f"<div class='trai'><div class='noi-dung'>{lines}</div>{others}</div>"


def test_title_date_and_text_get_selectors_that_hold_for_all_pages() -> None:
    pages = [
        article(
            n, date=f"<div class='tt'>Đăng lúc 08:1{n} ngày 1{n}/11/2026 bởi ban biên tập</div>", text=text(n)
        )
        for n in range(3)
    ]
    assert selector_proposals.for_articles(pages, SOURCE, NOW) == Selectors(
        title="h2.ten", date="div.tt", body="div.noi-dung"
    )


def test_the_date_of_the_listing_says_which_of_several_is_the_articles() -> None:
    pages = []
    for number in range(3):
        date = (
            f"<p class='su-kien'>Ngày hội 0{number + 1}/10/2026</p><p class='dang'>Đăng 1{number}/11/2026</p>"
        )
        page, entry = article(number, date=date, text=text(number))
        listed = (
            HtmlListing(SOURCE)
            .read_listing(
                listing(
                    "".join(
                        f"<div><a href='/bai/{n}'>{title} năm nay</a> 1{n}/11/2026</div>"
                        for n, title in enumerate(TITLES)
                    )
                ),
                NOW,
            )
            .entries[number]
        )
        assert listed.published is not None
        pages.append((page, ParsedEntry(entry.key, entry.title, entry.url, listed.published)))
    assert selector_proposals.for_articles(pages, SOURCE, NOW).date == "p.dang"


def test_what_differs_from_page_to_page_gets_none() -> None:
    pages = [
        article(0, date="<p class='ngay'>20/11/2026</p>", text=text(0)),
        article(
            1,
            date="<b class='khac'>19/11/2026</b>",
            text="<div class='khac'>Ngắn.</div>",
            title="Tên khác hẳn",
        ),
    ]
    proposed = selector_proposals.for_articles(pages, SOURCE, NOW)
    assert (proposed.title, proposed.body) == ("", "")
    assert selector_proposals.for_articles([], SOURCE, NOW) == Selectors()


def test_generated_names_are_not_used() -> None:
    def at(number: int) -> tuple[Response, ParsedEntry]:
        date = f"<p id='ctl00_m_g_8f2a{number}' class='css-1a2b3c'>1{number}/11/2026</p>"
        return article(number, date=f"<div class='ngay'>{date}</div>", text=text(number))

    assert selector_proposals.for_articles([at(0), at(1)], SOURCE, NOW).date == "div.ngay p"

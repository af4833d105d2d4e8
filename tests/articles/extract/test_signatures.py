"""Who has written an article is found however its text is signed, and nobody where it is not.

`signed_endings.tsv` has author, organisation and markup of an ending, `unsigned_endings.txt` endings that
name others: signers of documents, prize winners, contacts, photographers of captions, places, teams.
`unsigned_lines.txt` has last lines that are nobody's name however they are set.
`author_places.tsv` has pages whose system names the author in a place of its own, or others beside the text.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from service.articles.model import ParsedEntry
from service.articles.sources.html_listing import HtmlListing
from service.articles.text.plain_text import to_nfc
from service.core.ports import Response
from service.settings.model import ArticleSource, Selectors

T = TypeVar("T")

FOLDER = Path(__file__).parent
SETTINGS = [
    "<p>{}</p>", "<div>{}</div>", "<p><b>{}</b></p>", "<p><em>{}</em></p>",
    "<p><strong><em>{}</em></strong></p>",
    "<p style='text-align: right;'>{}</p>", "<div align=right><b>{}</b></div>", "<p class='text-end'>{}</p>",
    "<p align=center><b>{}</b></p>", "<p><span style='font-size:14pt'><span>{}</span></span></p>",
    "<table width=100%><tr><td>{}</td></tr></table>", "<table><tr><td>&nbsp;</td><td>{}</td></tr></table>",
    "<h5>{}</h5>",
    "<p>Hội nghị kết thúc vào buổi trưa cùng ngày.<br>{}</p>",
    "<p><font size=2><i>{}</i></font></p>",
    f"<p>{'&nbsp;' * 30}{{}}</p>",
]  # fmt: skip
PERSONS = [
    "Nguyễn Đức Hải", "Lê Thị Bích Ngọc", "HỒ THỊ KĂN", "Y Moan Êban", "Lò Văn Ơn", "Hải Yến", "Minh Tuấn",
    "H'Hen Niê", "Đào Thị Ngà", "Cù Huy", "Vừ A Dính", "Thạch Sa Rươn",
]  # fmt: skip
UNITS = [
    "Văn phòng HĐND và UBND", "Phòng Lao động - Thương binh và Xã hội", "Ban Quản lý dự án huyện",
    "UBND xã Tân Lập", "Hội Chữ thập đỏ thị xã", "Công an phường", "Báo Quảng Trị", "Đài Truyền thanh",
    "Thường trực HĐND", "Sở Giao thông vận tải", "Trung tâm Văn hóa - Thể thao", "Đoàn Thanh niên phường",
]  # fmt: skip
BETWEEN = [
    " - ",
    " \u2013 ",
    " \u2014 ",
    "&nbsp;-&nbsp;",
    " · ",
    " | ",
    ", ",
    "<br>",
    " / ",
    "- ",
    "; ",
    " • ",
]
LABELS = [
    "Tác giả: ",
    "Tin, ảnh: ",
    "Bài, ảnh: ",
    "Tin bài: ",
    "Thực hiện: ",
    "Người viết: ",
    "Ảnh: ",
    "Tin: ",
]
NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
URL = "https://portal.example.gov.vn/tin-tuc/1"
TITLE = "Hội nghị tổng kết công tác năm của thành phố"
PARAGRAPHS = (
    "Sáng 14/11, thành phố tổ chức hội nghị tổng kết công tác năm, có hơn hai trăm đại biểu tham dự.",
    "Theo báo cáo, trong năm qua các chỉ tiêu chủ yếu đều đạt kế hoạch, đời sống người dân được nâng lên.",
    "Trong thời gian tới, các đơn vị tiếp tục vận động người dân giữ gìn vệ sinh, xây dựng nếp sống mới.",
)
PAGES = {  # of an old portal, one laid out by tables, a modern one, and one within a form
    "plain": "<div><h1>{title}</h1><span>(15/11/2026)</span><div class='content'>{text}</div>"
    "<p><a href='javascript:history.back()'>Quay lại</a></p></div>"
    "<div id='footer'>Trưởng ban biên tập: Ông Lê Văn Hợp</div>",
    "tables": "<table><tr><td><a href='/'>Trang chủ</a></td><td><table><tr><td><b>{title}</b></td></tr>"
    "<tr><td align='right'><i>15/11/2026</i></td></tr><tr><td>{text}</td></tr></table></td></tr>"
    "<tr><td>Bản quyền UBND thành phố. Thiết kế: Cù Văn Đoàn</td></tr></table>",
    "article": "<main><article><h1>{title}</h1><time datetime='2026-11-15'>15/11/2026</time>"
    "<div class='entry-content'>{text}</div><div class='share'><a href='#'>Facebook</a></div></article>"
    "<section class='related'><h2>Tin khác</h2><ul><li><a href='/2'>Khởi công cầu mới qua sông</a></li></ul>"
    "</section></main>",
    "form": "<form id='aspnetForm'><div class='wrapper'><div class='detail'><h2>{title}</h2>"
    "<div class='date'>15/11/2026</div><div class='body-text'>{text}<div class='clear'></div></div>"
    "<div class='tool'>Lượt xem: 12 | <a href='#'>In trang</a></div></div></div></form>",
}
BODY = {
    "plain": ".content",
    "tables": "table table tr:last-child td",
    "article": "article > div",
    "form": ".body-text",
}

KINDS = ["plain", *(pytest.param(kind, marks=pytest.mark.uncounted) for kind in PAGES if kind != "plain")]


def half_for(kind: str, endings: list[T]) -> list[T]:
    """Every other ending: each of them stands in two kinds of pages."""
    return endings[list(PAGES).index(kind) % 2 :: 2]


def signed() -> list[tuple[str | None, str | None, str]]:
    rows = (line.split("\t") for line in (FOLDER / "signed_endings.tsv").read_text().splitlines())
    return [(author or None, organisation or None, markup) for author, organisation, markup in rows]


def unsigned() -> list[str]:
    return (FOLDER / "unsigned_endings.txt").read_text().splitlines()


def places() -> list[tuple[str, str | None, str | None, str]]:
    rows = (line.split("\t") for line in (FOLDER / "author_places.tsv").read_text().splitlines())
    return [
        (name, author or None, organisation or None, markup) for name, author, organisation, markup in rows
    ]


def read(kind: str, ending: str, *, body: bool = False) -> ParsedEntry:
    return read_page(PAGES[kind], ending, Selectors(body=BODY[kind]) if body else Selectors())


def read_page(template: str, ending: str = "", selectors: Selectors = Selectors()) -> ParsedEntry:  # noqa: B008  # frozen
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS) + ending
    markup = f"<html><body>{template.format(title=TITLE, text=text, lead=PARAGRAPHS[0])}</body></html>"
    source = ArticleSource("portal", "Portal", URL, "page", full_text=True, selectors=selectors)
    answer = Response(200, {"content-type": "text/html; charset=utf-8"}, markup.encode(), URL)
    return HtmlListing(source).read_page(answer, ParsedEntry(key="1", title=TITLE, url=URL), NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_author_and_organisation_are_found_however_the_signature_is_set(kind: str) -> None:
    for author, organisation, ending in half_for(kind, signed()):
        entry = read(kind, ending)
        assert (entry.author, entry.organisation) == (author, organisation), ending
        in_brackets = ending.startswith("<p>Các đơn vị")
        signature = f"{author} - "
        assert in_brackets or author is None or signature not in to_nfc(entry.body_html or ""), ending


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_that_nobody_has_signed_has_no_author(kind: str) -> None:
    for ending in half_for(kind, unsigned()):
        entry = read(kind, ending)
        assert (entry.author, entry.organisation) == (None, None), ending
        assert all(paragraph in (entry.body_html or "") for paragraph in PARAGRAPHS), ending


@pytest.mark.parametrize(("name", "author", "organisation", "markup"), places())
def test_author_and_organisation_are_found_where_a_system_shows_them(
    name: str, author: str | None, organisation: str | None, markup: str
) -> None:
    entry = read_page(markup + "<div id='footer'>Trưởng ban biên tập: Ông Lê Văn Hợp</div>")
    assert (entry.author, entry.organisation) == (author, organisation), name


@pytest.mark.parametrize("kind", PAGES)
def test_a_signature_is_found_in_a_text_that_a_selector_names(kind: str) -> None:
    entry = read(kind, "<p>Doãn Văn Tề | Văn phòng HĐND và UBND</p>", body=True)
    assert (entry.author, entry.organisation) == ("Doãn Văn Tề", "Văn phòng HĐND và UBND")


@pytest.mark.uncounted
@pytest.mark.parametrize("setting", SETTINGS)
def test_any_name_and_unit_are_found_in_any_type(setting: str) -> None:
    """Each name in each type, with one unit and one mark between them; all pairs of both in all types."""
    shift = SETTINGS.index(setting)
    for number, person in enumerate(PERSONS):
        unit = UNITS[(number + shift) % len(UNITS)]
        between = BETWEEN[(2 * number + shift) % len(BETWEEN)]
        entry = read("plain", setting.format(f"{person}{between}{unit}"))
        assert (entry.author, entry.organisation) == (person, unit), between
        label = LABELS[(number + shift) % len(LABELS)]
        assert read("article", setting.format(label + person)).author == person, label
    for number, label in enumerate(["Nguồn: ", "Theo "]):
        unit = UNITS[(shift + 5 * number) % len(UNITS)]
        entry = read("form", setting.format(label + unit))
        assert (entry.author, entry.organisation) == (None, unit), label


@pytest.mark.uncounted
@pytest.mark.parametrize("setting", SETTINGS)
def test_no_last_line_becomes_a_name_by_its_type(setting: str) -> None:
    lines = (FOLDER / "unsigned_lines.txt").read_text().splitlines()
    for line in lines[SETTINGS.index(setting) % 4 :: 4]:
        entry = read("plain", setting.format(line))
        assert (entry.author, entry.organisation) == (None, None), line

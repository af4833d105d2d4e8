"""Nothing of an article is lost and nothing foreign is in it, on pages with little text or much around it."""

import re
from dataclasses import replace

import pytest
from source_answers import NOW, PORTAL, an_entry, answer, source_of

from service.articles.model import ParsedEntry
from service.articles.sources.feed import Feed
from service.articles.sources.html_listing import HtmlListing
from service.articles.text import plain_text
from service.articles.text.sanitise import SanitisedHtml, sanitise_html
from service.settings.model import Selectors

URL = f"{PORTAL}/tin-tuc/thong-bao-1009.html"
TITLE = "Thông báo lịch cấp nước tuần này"
SENTENCES = tuple(
    f"Câu thứ {n} kể về công việc của phường, có sự tham gia của các phòng, ban và bà con." for n in range(4)
)
FOOTER = (
    "Bản quyền thuộc UBND phường Sông Thu. Trưởng ban biên tập: Ông Tiêu Văn Hợp, Phó Chủ tịch UBND."
    " Địa chỉ: số 1, đường Trần Phú. Điện thoại: 0253 000 444. Ghi rõ nguồn khi phát hành lại thông tin."
)
COMMENT = (
    "Rất mong phường tiếp tục duy trì hoạt động bổ ích này trong thời gian tới, vì bà con ở xa, ít khi"
    " được tham gia, mà con em thì rất thích, xin cảm ơn các đồng chí đã quan tâm đến bà con."
)


def portal(inner: str, head: str = "") -> str:
    """Return a page with a menu, a sidebar, comments, other news and a footer, none of them named so."""
    return f"""<html><head><title>Trang tin phường</title>{head}</head><body><form id="aspnetForm">
<div class="c1"><a href="/">Trang chủ</a> <a href="/gioi-thieu">Giới thiệu phường Sông Thu</a></div>
<div class="c2"><div class="c3">{inner}
<div class="c4"><p><b>Các tin khác</b></p>
<ul><li><a href="/t/1">Lễ ra quân huấn luyện dân quân năm mới</a></li>
<li><a href="/t/2">Hội trại kỹ năng cho học sinh các trường</a> (08/11/2026)</li></ul></div>
<div class="c5"><h3>Ý kiến bạn đọc</h3><p>Kiều Văn Tám</p><p>{COMMENT}</p></div></div>
<div class="c6"><h3>Thông tin cần biết</h3><p>Trực ban công an phường: 0252 000 333, cả ngày lẫn đêm</p>
<img src="/quang-cao.jpg"></div></div><div class="c7"><p>{FOOTER}</p></div></form></body></html>"""


def read(inner: str, selectors: Selectors | None = None, head: str = "") -> ParsedEntry:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc", selectors=selectors))
    return source.read_page(answer(portal(inner, head), "text/html", URL), an_entry(TITLE, URL), NOW)


def shown(entry: ParsedEntry) -> SanitisedHtml:
    return sanitise_html(entry.body_html or "", URL)


def text_of(entry: ParsedEntry) -> str:
    return plain_text.from_markup(shown(entry).html)


HEADED = f"<h1>{TITLE}</h1><div class='d'>21/11/2026 08:00 | Lượt xem: 12</div>"


@pytest.mark.parametrize(
    "document",
    [
        '<p><a href="/files/lich.pdf">lich.pdf</a></p>',
        '<div>Tệp đính kèm: <a href="/files/lich.pdf">Tải về</a></div>',
        '<a href="/files/lich.pdf"><img src="/images/icons/pdf.png"></a>',
        '<iframe src="/files/lich.pdf" width="100%"></iframe>',
        '<iframe src="https://docs.google.com/viewer?url=https%3A%2F%2Fcong.example.gov.vn%2Ffiles%2Flich.pdf"></iframe>',
        '<iframe src="/pdfjs/web/viewer.html?file=%2Ffiles%2Flich.pdf#zoom=100"></iframe>',
        '<iframe src="/ViewerJS/#../files/lich.pdf"></iframe>',
        '<iframe data-src="/files/lich.pdf" src="about:blank"></iframe>',
        '<embed type="application/pdf" src="/files/lich.pdf">',
        '<object data="/files/lich.pdf"><p>Không xem được. <a href="/files/lich.pdf">Tải</a></p></object>',
        '<object><param name="src" value="/files/lich.pdf"><embed src="/files/lich.pdf"></object>',
        '<div class="viewer" data-pdf="/files/lich.pdf"></div>',
    ],
)
def test_a_page_that_holds_just_a_document_shows_its_link(document: str) -> None:
    entry = read(f"{HEADED}<div class='e'>{document}</div>")
    html = shown(entry).html
    assert html.count(f'href="{PORTAL}/files/lich.pdf"') == 1
    assert re.fullmatch(r"(?:Tệp đính kèm: )?(?:lich\.pdf|Tải về)", text_of(entry))
    assert not entry.images


def test_a_document_in_tables_without_any_name_is_all_that_is_shown() -> None:
    inner = f"""<table><tr><td><font size=4>{TITLE}</font></td></tr><tr><td>19/11/2026</td></tr>
<tr><td><a href="/files/lich.pdf">Tải về</a></td></tr>
<tr><td>Các tin khác:<br><a href="/1">Hội thi nấu ăn mừng ngày phụ nữ</a></td></tr></table>"""
    entry = read(inner)
    assert text_of(entry) == "Tải về"
    assert entry.published is not None


def test_a_page_that_holds_just_a_list_of_pictures_shows_them() -> None:
    pictures = "".join(
        f"<li><a href='/anh/{n}-lon.jpg'><img src='/anh/{n}.jpg'></a><p class='caption'>Ảnh số {n}</p></li>"
        for n in range(3)
    )
    sanitised = shown(read(f"{HEADED}<ul>{pictures}</ul>"))
    assert [image.caption for image in sanitised.images] == [f"Ảnh số {n}" for n in range(3)]
    assert plain_text.from_markup(sanitised.html) == ""


def test_a_page_that_holds_just_a_gallery_shows_the_pictures_with_their_captions() -> None:
    pictures = "".join(
        f"<div><a href='/anh/{n}-lon.jpg'><img src='/anh/{n}.jpg'></a><p><i>Chú thích {n}</i></p></div>"
        for n in range(3)
    )
    sanitised = shown(entry := read(f"{HEADED}<div class='e'>{pictures}</div>"))
    assert [(image.url, image.caption) for image in sanitised.images] == [
        (f"{PORTAL}/anh/{n}.jpg", f"Chú thích {n}") for n in range(3)
    ]
    assert [image.url for image in entry.images] == [f"{PORTAL}/anh/{n}.jpg" for n in range(3)]
    assert sanitised.html == ""


@pytest.mark.parametrize(
    "text",
    [
        "<p>Ngày 24/11, phường tạm ngừng cấp nước từ 8 giờ.</p>",
        "<div>Ngày 24/11, phường tạm ngừng cấp nước từ 8 giờ.</div>",
        "<span>Ngày 24/11, phường tạm ngừng cấp nước từ 8 giờ.</span>",
        "<table><tr><td><font>Ngày 24/11, phường tạm ngừng cấp nước từ 8 giờ.</font></td></tr></table>",
        "Ngày 24/11, phường tạm ngừng cấp nước từ 8 giờ.",
    ],
)
@pytest.mark.parametrize(
    "frame", ["{}{}", "<div>{}</div><div class='e'>{}</div>", "<div>{}<div>{}</div></div>"]
)
def test_a_short_notice_is_the_whole_text(text: str, frame: str) -> None:
    entry = read(frame.format(HEADED, text))
    assert text_of(entry) == "Ngày 24/11, phường tạm ngừng cấp nước từ 8 giờ."


def test_a_short_text_keeps_the_document_and_the_picture_beside_it() -> None:
    inner = f"""{HEADED}<div><p>Phường mời bà con xem lịch cấp nước.</p></div>
<div><img src="/anh/lich.jpg"></div>
<div><a href="/files/lich.pdf">Lịch cấp nước</a></div>"""
    entry = read(inner)
    assert text_of(entry) == "Phường mời bà con xem lịch cấp nước. Lịch cấp nước"
    assert [image.url for image in shown(entry).images] == [f"{PORTAL}/anh/lich.jpg"]


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 9, 30])
@pytest.mark.parametrize("tag", ["div", "section", "span", "font"])
def test_a_text_within_any_depth_of_wrappers_keeps_its_paragraphs(depth: int, tag: str) -> None:
    paragraphs = "".join(
        f"<div>{f'<{tag}>' * depth}{sentence}{f'</{tag}>' * depth}</div>" for sentence in SENTENCES
    )
    entry = read(f"{HEADED}<div class='e'>{paragraphs}</div>")
    assert re.findall(r"<p>(.*?)</p>", shown(entry).html) == list(SENTENCES)


def test_lines_of_a_preformatted_text_stay_lines() -> None:
    lines = "\n".join(SENTENCES)
    for markup in (f"<pre>{lines}</pre>", f"<div style='white-space: pre-line'>{lines}</div>"):
        assert shown(read(f"{HEADED}<div class='e'>{markup}</div>")).html.count("<br>") == len(SENTENCES) - 1


def test_a_picture_between_headline_and_text_stands_above_the_text_with_its_caption() -> None:
    figure = "<figure><img src='/anh/cau.jpg'><figcaption>Cầu mới</figcaption></figure>"
    text = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES * 2)
    entry = read(f"{HEADED}<div>{figure}</div><div class='e'>{text}</div>")
    assert entry.images[0].caption == "Cầu mới"
    sanitised = shown(entry)
    assert [image.caption for image in sanitised.images] == ["Cầu mới"]
    assert plain_text.from_markup(sanitised.html) == " ".join(SENTENCES * 2)


@pytest.mark.parametrize(
    ("label", "expires"),
    [("Body:", "Expires:"), ("Nội dung:", "Hết hạn:"), ("Nội dung:", "Ngày hết hạn:")],
)
def test_sharepoints_names_of_fields_are_no_text(label: str, expires: str) -> None:
    field = f"""<div><b>{label}</b> <div class="ExternalClass1"><p>{SENTENCES[0]}</p></div></div>
<div><b>{expires}</b> 31/12/2026</div>"""
    entry = read(f"{HEADED}<div class='e'>{field}</div>")
    assert (text_of(entry), entry.lead) == (SENTENCES[0], SENTENCES[0])
    feed = f"""<rss version="2.0"><channel><item><title>{TITLE}</title><link>{URL}</link>
<description><![CDATA[{field}]]></description></item></channel></rss>"""
    (listed,) = Feed(source_of()).read_listing(answer(feed), NOW).entries
    assert listed.lead == SENTENCES[0]


LONG = " ".join(SENTENCES) + " " + " ".join(SENTENCES) + " Đây là câu cuối của sapo."


@pytest.mark.parametrize(
    "lead",
    [
        f"<div class='sapo'>{LONG}</div>",
        f"<h2 class='sapo'><b>{LONG}</b></h2>",
        f"<div class='hometext'><p>{LONG}</p></div>",
    ],
)
def test_a_lead_longer_than_a_snippet_is_kept_whole(lead: str) -> None:
    text = f"<div class='e'><p>{' '.join(SENTENCES)}</p><p>{' '.join(SENTENCES[::-1])}</p></div>"
    for selectors in (None, Selectors(title="h1", lead=".sapo, .hometext", body=".e")):
        entry = read(f"{HEADED}{lead}{text}", selectors)
        assert entry.whole_lead == LONG
        assert len(entry.lead) <= 300
        assert LONG.startswith(entry.lead.rstrip("…"))
        assert "câu cuối của sapo" not in (entry.body_html or "")


def test_a_lead_within_the_text_is_left_out_of_it() -> None:
    inner = (
        f"{HEADED}<div class='e'><div class='sapo'>{SENTENCES[0]}</div><p>{' '.join(SENTENCES[1:])}</p></div>"
    )
    for selectors in (None, Selectors(lead=".sapo", body=".e")):
        entry = read(inner, selectors)
        assert (entry.lead, text_of(entry)) == (SENTENCES[0], " ".join(SENTENCES[1:]))


def test_the_first_paragraph_that_stands_for_a_lead_stays_in_the_text() -> None:
    entry = read(f"{HEADED}<div class='e'>{''.join(f'<p>{sentence}</p>' for sentence in SENTENCES)}</div>")
    assert (entry.lead, entry.whole_lead) == (SENTENCES[0], "")
    assert text_of(entry) == " ".join(SENTENCES)


def test_a_lead_that_was_cut_anywhere_is_taken_whole() -> None:
    inner = (
        f"{HEADED}<div class='sapo'>{SENTENCES[0]}</div><div class='e'><p>{' '.join(SENTENCES[1:])}</p></div>"
    )
    cut = SENTENCES[0][:50].rstrip()
    for description in (
        f"{cut}...",
        f"{cut}…",
        f"{cut}... - Tin tức",
        f"{SENTENCES[0]} - Cổng thông tin",
        cut,
    ):
        head = f'<meta property="og:description" content="{description}">'
        assert read(inner, head=head).lead == SENTENCES[0]
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    listed = replace(an_entry(TITLE, URL), lead=f"{cut}…")
    assert source.read_page(answer(portal(inner), "text/html", URL), listed, NOW).lead == SENTENCES[0]


TEXT = f"<div class='e'>{''.join(f'<p>{sentence}</p>' for sentence in SENTENCES * 2)}</div>"


def test_documents_in_a_list_of_their_own_behind_the_text_are_not_lost() -> None:
    inner = f"""{HEADED}{TEXT}<div><h4>Tệp đính kèm</h4><ul><li><a href="/files/a.pdf">Kế hoạch</a></li>
<li><a href="/files/b.docx">Danh sách</a></li></ul></div>"""
    assert text_of(read(inner)) == f"{' '.join(SENTENCES * 2)} Kế hoạch Danh sách"
    assert "Kế hoạch" not in text_of(read(inner, Selectors(body=".e")))


def test_the_day_of_other_news_is_not_the_articles() -> None:
    assert read(f"<h1>{TITLE}</h1>{TEXT}").published is None


@pytest.mark.parametrize(
    "teaser",
    [
        "<p>&gt;&gt; <a href='/t/8'>Phường đạt chuẩn đô thị văn minh</a></p>",
        "<div><a href='/t/8'><img src='/thumb/8.jpg'><span>Phường đạt chuẩn đô thị văn minh</span></a></div>",
        "<article><h4><a href='/t/8'>Phường đạt chuẩn</a></h4><span>Lê Văn An, 20/11/2026</span></article>",
        "<p>Xem thêm: <a href='/t/8'>Phường đạt chuẩn đô thị văn minh</a></p>",
    ],
)
def test_a_link_to_other_news_amid_the_text_is_no_part_of_it(teaser: str) -> None:
    text = TEXT.replace("</p><p>", f"</p>{teaser}<p>", 1)
    assert text_of(read(f"{HEADED}{text}")) == " ".join(SENTENCES * 2)


@pytest.mark.parametrize("name", ["node node--type-tin node--promoted", "relative flex", "print:hidden"])
@pytest.mark.parametrize(
    "content", ['<p><a href="/files/lich.pdf">Tải về</a></p>', "<div><img src='/anh/1.jpg'></div>"]
)
def test_a_name_that_only_begins_as_that_of_an_aside_hides_no_short_article(name: str, content: str) -> None:
    sanitised = shown(read(f"<div><h1>{TITLE}</h1></div><div class='{name}'>{content}</div>"))
    found = (plain_text.from_markup(sanitised.html), len(sanitised.images))
    assert found == (("Tải về", 0) if "href" in content else ("", 1))


@pytest.mark.parametrize(
    "tools",
    [
        "<div ng-if='v'>08:00 - 20/11/2026 | Lượt xem: {{ v }} <a ng-click='p()'>In bài viết</a></div>",
        "<div v-if='n'>Bình luận ({{ items.length }})</div>",
        "<div><img src='/i/in.gif'><a href='#'>In tin</a> | <a href='#t'>Gửi email</a> | Số lần đọc: 7</div>",
        "<div><div>Từ khóa</div><div><a href='/t/1'>cấp nước</a></div><a href='/t/2'>lịch</a></div>",
    ],
)
def test_what_scripts_fill_in_and_tools_with_icons_are_no_part_of_a_text(tools: str) -> None:
    sentences = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    for text in (f"<div>{tools}{sentences}</div>", f"<div>{sentences}{tools}</div>"):
        entry = read(f"{HEADED}{text}")
        assert (text_of(entry), shown(entry).images) == (" ".join(SENTENCES), ())


def test_the_icon_before_a_documents_name_is_no_picture() -> None:
    entry = read(f"{HEADED}<p><a href='/files/lich.pdf'><img src='/theme/tep.png'> lich.pdf</a></p>")
    assert (text_of(entry), entry.images) == ("lich.pdf", ())


def test_the_lead_of_a_short_article_within_the_tables_of_a_page_is_its_first_paragraph() -> None:
    entry = read(f"""<table><tr><td><img src="/anh/bia.jpg"></td></tr><tr><td>Trang chủ</td><td>Mới</td></tr>
<tr><td>Chuyên mục</td><td><p><b>{TITLE}</b></p><p><b>{SENTENCES[0]}</b></p>
<p><a href="/files/lich.pdf">Tải nội dung thông báo</a></p></td></tr></table>""")
    assert entry.lead == SENTENCES[0]


def test_a_description_that_repeats_the_title_is_no_lead() -> None:
    head = f'<meta name="description" content="{TITLE}">'
    assert (
        read(f"{HEADED}<div><p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p></div>", head=head).lead == SENTENCES[0]
    )


def test_a_text_in_an_article_element_with_a_link_to_its_large_picture_is_no_teaser() -> None:
    picture = "<a href='/anh/1-lon.jpg'><img src='/anh/1.jpg'></a>"
    inner = f"{HEADED}<p><b>{SENTENCES[0]}</b></p><article>{SENTENCES[1]}<br>{picture}</article>"
    entry = read(inner)
    assert SENTENCES[1] in text_of(entry)
    assert [image.url for image in entry.images] == [f"{PORTAL}/anh/1.jpg"]


def test_the_lead_of_a_text_that_only_breaks_divide_is_its_first_line() -> None:
    text = "<br><br>".join(SENTENCES)
    assert read(f"{HEADED}<div>{text}</div>").lead == SENTENCES[0]
    head = f'<meta property="og:description" content="{SENTENCES[0][:40]}…">'
    inner = f"{HEADED}<span class='trichdan'>{SENTENCES[0]}</span><div>{text}</div>"
    assert read(inner, head=head).lead == SENTENCES[0]

"""Articles' own pages: which parts of an entry they complete, and from where."""

import re
from dataclasses import replace
from datetime import datetime

import pytest
from source_answers import NOW, PORTAL, VIETNAM, an_entry, answer, page, source_of

from service.articles.model import ImageCandidate, ParsedEntry, Published
from service.articles.sources.feed import Feed
from service.articles.sources.html_listing import HtmlListing
from service.articles.text import plain_text
from service.articles.text.sanitise import sanitise_html
from service.core.errors import UpstreamError
from service.settings.model import Selectors

URL = f"{PORTAL}/tin-tuc/le-hoi-dong-song-1009.html"


def completed(
    markup: str, entry: ParsedEntry | None = None, selectors: Selectors | None = None
) -> ParsedEntry:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc", selectors=selectors))
    return source.read_page(answer(markup, "text/html", URL), entry or an_entry(), NOW)


def article(inner: str, head: str = "") -> str:
    paragraphs = "".join(
        f"<p>Đoạn thứ {n} của bài viết, kể thêm về công việc của thành phố.</p>" for n in range(4)
    )
    return f"<html><head>{head}</head><body><div class='content'>{inner}{paragraphs}</div></body></html>"


def test_the_organisation_of_another_author_is_not_lent_to_the_listings_one() -> None:
    page = article("<h1>Lễ hội đông sông</h1>").replace(
        "</div>", "<p style='text-align:right'>Nguyễn Đức Hải - Văn phòng HĐND và UBND</p></div>"
    )
    assert completed(page).organisation == "Văn phòng HĐND và UBND"
    same = completed(page, replace(an_entry(), author="Nguyễn đức Hải"))
    assert same.organisation == "Văn phòng HĐND và UBND"
    other = completed(page, replace(an_entry(), author="Trần Thị Hoa"))
    assert (other.author, other.organisation) == ("Trần Thị Hoa", None)


SIGNED = "<p style='text-align:right'>Nguyễn Đức Hải - Văn phòng HĐND và UBND</p>"


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ("Super User", ("Nguyễn Đức Hải", "Văn phòng HĐND và UBND")),
        ("Quản trị viên", ("Nguyễn Đức Hải", "Văn phòng HĐND và UBND")),
        ("Trần Thị Hoa", ("Trần Thị Hoa", None)),
        ("Nguyễn Đức Hải", ("Nguyễn Đức Hải", "Văn phòng HĐND và UBND")),
        ("NGUYỄN ĐỨC HẢI", ("NGUYỄN ĐỨC HẢI", "Văn phòng HĐND và UBND")),
        ("Trần Thị Hoa - Phòng Y tế", ("Trần Thị Hoa", "Phòng Y tế")),
        ("UBND thành phố", ("Nguyễn Đức Hải", "Văn phòng HĐND và UBND")),
    ],
)
def test_author_and_organisation_come_from_one_place(author: str, byline: tuple[str, str | None]) -> None:
    page = article("<h1>Lễ hội đông sông</h1>", f'<meta name="author" content="{author}">')
    entry = completed(page.replace("</div></body>", f"{SIGNED}</div></body>"))
    assert (entry.author, entry.organisation) == byline
    selected = article(f"<h1>Lễ hội đông sông</h1><b class='tg'>{author}</b>").replace(
        "</div></body>", f"{SIGNED}</div></body>"
    )
    entry = completed(selected, selectors=Selectors(author=".tg"))
    is_organisation = author == "UBND thành phố"
    assert (entry.author, entry.organisation) == ((None, author) if is_organisation else byline)


@pytest.mark.parametrize(
    "cut", ["Thành phố khởi công tuyến đường…", "Thành phố khởi công tuyến đư...", "Thành phố khởi […]"]
)
@pytest.mark.parametrize(
    ("head", "inner", "listed"),
    [
        ("", "<h1>{}</h1>", ""),
        ("", "<div class='tieu-de'>{}</div>", ""),
        ("", "<div>Không có tiêu đề</div>", "{}"),
        ("<title>{} - Cổng thông tin điện tử</title>", "", ""),
        ("<title>{}</title>", "", ""),
    ],
)
def test_a_title_that_was_cut_loses_to_the_whole_one(cut: str, head: str, inner: str, listed: str) -> None:
    whole = "Thành phố khởi công tuyến đường ven sông Hiếu - giai đoạn hai"
    head = f'<meta property="og:title" content="{cut}">{head.format(whole)}'
    assert completed(article(inner.format(whole), head), an_entry(listed.format(whole))).title == whole


def test_a_title_that_ends_with_an_ellipsis_everywhere_keeps_it() -> None:
    title = "Chuyện của mẹ và những ngày mưa…"
    head = f'<meta property="og:title" content="{title}"><title>{title} - Cổng</title>'
    assert completed(article(f"<h1>{title}</h1>", head), an_entry(title)).title == title


def test_an_old_portal_without_any_meta_tags_is_read_from_its_layout() -> None:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    listed = an_entry(
        "Thành phố khởi công tuyến đường ven sông Hiếu", f"{PORTAL}/x/Default.aspx?TabId=9&ItemId=1205"
    )
    entry = source.read_page(
        page("dong_ha_article.html", f"{PORTAL}/x/Default.aspx?TabId=9&ItemId=1205"), listed, NOW
    )
    assert entry.title == "Thành phố khởi công tuyến đường ven sông Hiếu"
    assert entry.published == Published(datetime(2020, 3, 7, tzinfo=VIETNAM), date_only=True)
    assert entry.lead.startswith("Sáng 7/3, UBND thành phố tổ chức lễ khởi công")
    assert (entry.author, entry.organisation) == ("Nguyễn Đức Hải", "Văn phòng HĐND và UBND")
    assert entry.images == (
        ImageCandidate(
            f"{PORTAL}/Upload/2020/3/duong-song-hieu.jpg",
            400,
            266,
            caption="Các đại biểu thực hiện nghi thức khởi công",
        ),
    )
    assert entry.body_html is not None
    for kept in ("tổng mức đầu tư", "bảo đảm tiến độ", "năm 2021"):
        assert kept in entry.body_html
    for left_out in (
        "Quay lại",
        "tin khác",
        "Hội nghị tổng kết",
        "Nguyễn Đức Hải",
        "(07/03/2020)",
        "Giới thiệu",
    ):
        assert left_out not in entry.body_html


def test_an_old_portals_title_is_found_without_the_listing_by_the_date_beside_it() -> None:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    entry = source.read_page(page("dong_ha_article.html", URL), an_entry(), NOW)
    assert entry.title == "Thành phố khởi công tuyến đường ven sông Hiếu"


def test_a_modern_page_is_read_from_its_structured_data() -> None:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    entry = source.read_page(page("news_article.html", URL), an_entry("Lễ hội dòng sông thu hút…"), NOW)
    assert entry.title == "Lễ hội dòng sông thu hút hàng nghìn người"
    assert entry.published == Published(datetime(2026, 11, 20, 7, 30, tzinfo=VIETNAM))
    assert entry.lead == "Đua thuyền, thả hoa đăng và hội chợ ẩm thực kéo dài ba ngày bên bờ sông."
    assert entry.author == "Trần Thị Hoa"
    assert entry.images[0] == ImageCandidate(
        f"{PORTAL}/uploads/le-hoi-dong-song-lon.jpg", 1200, 800, caption="Đội đua của phường Một về nhất"
    )
    assert entry.body_html is not None
    assert "thi thả diều" in entry.body_html
    assert "xã vùng cao" not in entry.body_html


def test_what_the_listing_said_stays() -> None:
    listed = replace(
        an_entry("Lễ hội dòng sông thu hút hàng nghìn người"), lead="Từ danh sách.", author="Lê Văn An",
        published=Published(datetime(2026, 11, 19, tzinfo=VIETNAM), date_only=True),
    )  # fmt: skip
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    entry = source.read_page(page("news_article.html", URL), listed, NOW)
    assert (entry.lead, entry.author, entry.published) == ("Từ danh sách.", "Lê Văn An", listed.published)


def test_the_page_adds_the_time_to_the_listings_day() -> None:
    day = Published(datetime(2026, 11, 20, tzinfo=VIETNAM), date_only=True)
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    entry = source.read_page(page("news_article.html", URL), replace(an_entry("Lễ hội"), published=day), NOW)
    assert entry.published == Published(datetime(2026, 11, 20, 7, 30, tzinfo=VIETNAM))


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("<h1>Họp báo <span class='ngay'>07/03/2020</span></h1>", "Họp báo"),
        ("<h1>Họp báo thường kỳ tháng ba (07/03/2020)</h1>", "Họp báo thường kỳ tháng ba"),
        (
            "<h1>Họp báo thường kỳ tháng ba <small>(Cập nhật: 07/03/2020 08:15)</small></h1>",
            "Họp báo thường kỳ tháng ba",
        ),
        ("<h1>07/03/2020 - Họp báo thường kỳ tháng ba</h1>", "Họp báo thường kỳ tháng ba"),
    ],
)
def test_a_date_in_the_titles_element_is_the_date_and_not_the_title(heading: str, title: str) -> None:
    entry = completed(article(heading))
    assert entry.title == title
    assert entry.published is not None
    assert entry.published.at.date() == datetime(2020, 3, 7).date()


def test_a_date_that_the_title_tells_of_stays_in_it() -> None:
    entry = completed(
        article("<h1>Kết luận phiên họp ngày 07/03/2020 của UBND</h1><p class='date'>09/03/2020</p>")
    )
    assert entry.title == "Kết luận phiên họp ngày 07/03/2020 của UBND"
    assert entry.published == Published(datetime(2020, 3, 9, tzinfo=VIETNAM), date_only=True)


def test_todays_date_in_the_head_of_the_portal_is_not_the_articles() -> None:
    top = (
        "<div class='date-now'>Chủ nhật, 22/11/2026</div><h1>Khánh thành cầu mới</h1><div>(07/03/2020)</div>"
    )
    entry = completed(article("").replace("<body>", f"<body>{top}"))
    assert entry.published == Published(datetime(2020, 3, 7, tzinfo=VIETNAM), date_only=True)


def test_a_day_that_a_sentence_tells_of_is_not_the_articles() -> None:
    sentence = "<p>Trước đó, vào ngày 01/02/2020, thành phố đã có kế hoạch cho việc xây cây cầu mới này.</p>"
    assert completed(article(f"<h1>Khánh thành cầu mới qua sông</h1>{sentence}")).published is None


_BEHIND = Selectors(title=".t", date=".d", lead=".l", author=".a", image=".p img", body=".b")
_HEAD = """<meta name="author" content="Trần Thị Hoa">
<meta property="og:title" content="Tiêu đề cho việc chia sẻ"><meta property="og:image" content="/chia-se.jpg">
<meta property="og:description" content="Văn bản kể về cây cầu."><meta name="date" content="2020-01-01">"""
_LD = """<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Tiêu đề trong JSON-LD",
"description": "Câu trong JSON-LD.", "datePublished": "2019-05-05T08:00:00+07:00",
"image": "/ld.jpg", "author": {"@type": "Person", "name": "Trần Thị Hoa - Phòng Y tế"}}</script>"""
_SELECTED = """<div class="t">Tiêu đề do bộ chọn tìm thấy</div><i class="d">01/11/2026 08:00</i>
<div class="l">Tóm tắt do bộ chọn tìm thấy, dài hơn một dòng.</div><div class="p"><img src="/p.jpg"></div>
<div class="b"><p>Văn bản kể về cây cầu do bộ chọn tìm thấy.</p></div>
<p class="a">Lê Văn An - Phòng Văn hóa</p>"""


@pytest.mark.parametrize("head", [_HEAD, _LD, _LD + _HEAD])
def test_what_the_selectors_find_beats_the_head_of_the_page_the_listing_and_the_layout(head: str) -> None:
    listed = replace(
        an_entry("Tiêu đề khác trong danh sách"), lead="Câu trong danh sách.",
        published=Published(datetime(2020, 1, 2, tzinfo=VIETNAM), date_only=True),
        images=(ImageCandidate(f"{PORTAL}/danh-sach.jpg"),),
    )  # fmt: skip
    entry = completed(article(_SELECTED, head), listed, _BEHIND)
    assert entry.title == "Tiêu đề do bộ chọn tìm thấy"
    assert entry.published == Published(datetime(2026, 11, 1, 8, tzinfo=VIETNAM))
    assert entry.lead == "Tóm tắt do bộ chọn tìm thấy, dài hơn một dòng."
    assert (entry.author, entry.organisation) == ("Lê Văn An", "Phòng Văn hóa")
    assert entry.images[0].url == f"{PORTAL}/p.jpg"
    assert entry.body_html is not None
    assert "Văn bản kể về cây cầu do bộ chọn tìm thấy." in entry.body_html
    assert "Đoạn thứ" not in entry.body_html


@pytest.mark.parametrize("name", ["title", "date", "lead", "author", "image", "body"])
def test_where_one_selector_finds_nothing_the_other_ways_are_used_for_it_alone(name: str) -> None:
    entry = completed(article(_SELECTED, _HEAD), selectors=replace(_BEHIND, **{name: ".khong-co"}))
    found = {
        "title": entry.title,
        "date": entry.published and entry.published.at.date().isoformat(),
        "lead": entry.lead,
        "author": entry.author or entry.organisation,
        "image": entry.images[0].url,
        "body": "Đoạn thứ 3" in (entry.body_html or ""),
    }
    other = {
        "title": "Tiêu đề cho việc chia sẻ", "date": "2020-01-01", "lead": "Văn bản kể về cây cầu.",
        "author": "Trần Thị Hoa", "image": f"{PORTAL}/chia-se.jpg", "body": True,
    }  # fmt: skip
    selected = {
        "title": "Tiêu đề do bộ chọn tìm thấy", "date": "2026-11-01", "author": "Lê Văn An",
        "lead": "Tóm tắt do bộ chọn tìm thấy, dài hơn một dòng.", "image": f"{PORTAL}/p.jpg", "body": False,
    }  # fmt: skip
    assert found == selected | {name: other[name]}


@pytest.mark.parametrize(
    ("ending", "author"),
    [
        ("<p>Nguyễn Văn Bình - Phòng Nội vụ</p>", "Nguyễn Văn Bình"),
        ("<p>Tin, ảnh: Hoàng Lan</p>", "Hoàng Lan"),
        ("<p>Hoàng Lan<br>Phòng Nội vụ</p>", "Hoàng Lan"),
        ("<p>“Cả đêm không ai ngủ”.</p><p>Ông Hồ Văn Thiên, thôn Xi Phính</p>", None),
        ("<p>Liên hệ: Ông Bùi Văn Hợi - Hội Nông dân, điện thoại 0233 385 1234.</p>", None),
        ("<p>Trần Thị Hoa - Phòng Tư pháp</p><p>Đoàn Văn Tới - Phòng Kinh tế</p>", None),
        ("<p>Giải Nhất:</p><p>Đoàn Văn Tới - Phòng Kinh tế</p>", None),
        ("<p>(Đã ký)</p><p>Hồ Sỹ Thông</p>", None),
    ],
)
def test_a_selected_paragraph_that_ends_the_text_is_an_author_only_if_it_signs(
    ending: str, author: str | None
) -> None:
    markup = article(
        f"<h1>Tiêu đề của bài</h1><div class='b'><p>{'Câu của bài viết này. ' * 5}</p>{ending}</div>"
    )
    entry = completed(markup, selectors=Selectors(author=".b p:last-child", body=".b"))
    assert entry.author == author
    assert entry.organisation in (None, "Phòng Nội vụ")


def test_who_signs_the_text_beats_an_organisation_in_the_head_of_the_page() -> None:
    markup = article("<h1>Tiêu đề của bài</h1>", '<meta name="author" content="UBND thị xã">')
    assert completed(markup).organisation == "UBND thị xã"
    signed = markup.replace("</div></body>", "<p align='right'>Nguồn: Sở Y tế</p></div></body>")
    assert completed(signed).organisation == "Sở Y tế"


def test_a_selector_that_finds_an_empty_element_finds_nothing() -> None:
    markup = article(
        "<h1>Khánh thành cầu mới</h1><p class='t'> </p><b class='a'></b><div class='b'><br></div>"
    )
    entry = completed(markup, selectors=Selectors(title=".t", author=".a", body=".b"))
    assert entry.title == "Khánh thành cầu mới"
    assert "Đoạn thứ 3" in (entry.body_html or "")


def test_a_text_of_several_selected_elements_keeps_each_once() -> None:
    first = "<div class='b'><p>Một đoạn văn.</p><div class='b'>Đoạn trong.</div></div>"
    inner = f"<h1>Khánh thành cầu mới</h1>{first}<p>Ở giữa.</p><p class='b'>Đoạn sau.</p>"
    body = completed(article(inner), selectors=Selectors(body=".b")).body_html or ""
    assert [body.count(one) for one in ("Một đoạn văn.", "Đoạn trong.", "Đoạn sau.")] == [1, 1, 1]


@pytest.mark.parametrize(
    "foreign",
    [
        "<h1>Khánh thành cầu mới qua sông</h1>",
        "<div>(07/03/2020)</div>",
        "<div><a href='#'>In trang</a> | <a href='#'>Gửi email</a> <span>Lượt xem: 1.042</span></div>",
        "<p>Đã xem: 356 lượt</p>",
        "<div><a href='/1'>« Bài trước</a> <a href='/2'>Bài tiếp theo »</a></div>",
        "<ul><li><a href='https://www.facebook.com/sharer.php?u=x'>Facebook</a></li></ul>",
        "<p><a href='javascript:history.back()'>« Quay lại</a></p>",
        "<div><b>Tin liên quan</b><ul><li><a href='/1'>Lễ ra quân</a></li><li>Hội trại</li></ul></div>",
        "<p><strong>Các tin khác:</strong></p><p><a href='/1'>Lễ ra quân</a> (09/11/2026)</p>",
        "<p>Xem thêm: <a href='/1'>Lễ ra quân huấn luyện dân quân năm mới</a></p>",
        "<p>Tags: <a href='/t'>cầu</a>, <a href='/t2'>đường</a></p>",
        "<div><h3>Có thể bạn quan tâm</h3><a href='/1'>Lễ ra quân</a><p>Sáng nay, dân quân.</p></div>",
        "Bài cùng chuyên mục<br><a href='/1'>Lễ ra quân</a> (09/11)<br><a href='/2'>Hội trại</a> (08/11)<br>",
    ],
)
@pytest.mark.parametrize("selectors", [Selectors(), Selectors(title="h1", body=".content")])
def test_what_a_portal_lays_around_a_text_is_not_in_it(foreign: str, selectors: Selectors) -> None:
    first, rest = article("<h1>Khánh thành cầu mới qua sông</h1>").split("</p>", 1)
    for markup in (
        f"{first}</p>{rest}".replace("</div></body>", f"{foreign}</div></body>"),
        f"{first}</p>{foreign}{rest}",
    ):
        body = completed(markup, selectors=selectors).body_html or ""
        assert " ".join(re.sub(r"<[^>]*>", " ", body).split()) == " ".join(
            f"Đoạn thứ {n} của bài viết, kể thêm về công việc của thành phố." for n in range(4)
        )


@pytest.mark.parametrize(
    "own",
    [
        "<p>Ông Hải <b>chia sẻ</b>: bà con phấn khởi.</p>",
        "<p>Thời gian: 8 giờ ngày 07/03/2020</p>",
        "<p>Nội dung: bàn về lịch cấp nước.</p>",
        "<p>An Bình, ngày 14/11/2026</p>",
        "<ul><li><a href='/1.pdf'>Quyết định số 12</a></li><li><a href='/2.docx'>Phụ lục</a></li></ul>",
        "<p>Xem toàn văn dự thảo <a href='/du-thao'>tại đây</a>.</p>",
        "<p>Khánh thành cầu mới qua sông là niềm vui của cả thành phố.</p>",
        "<h3>Thông tin khác</h3><p>Học viên mang theo căn cước công dân khi đến nhận lớp học.</p>",
        "<table><tr><th>Ngày</th><th>Điểm</th></tr><tr><td>24/11/2026</td><td>Hội trường</td></tr></table>",
    ],
)
def test_what_only_looks_like_a_portals_words_stays_in_the_text(own: str) -> None:
    markup = article("<h1>Khánh thành cầu mới qua sông</h1>").replace("</div></body>", f"{own}</div></body>")
    shown = sanitise_html(completed(markup).body_html or "", URL).html
    assert plain_text.from_markup(own) in plain_text.from_markup(shown)


def test_a_selector_that_is_no_css_is_named() -> None:
    with pytest.raises(UpstreamError, match="valid CSS"):
        completed(article("<h1>Tiêu đề của bài</h1>"), selectors=Selectors(date="div["))


@pytest.mark.parametrize(
    "line",
    [
        '<p style="text-align:right"><strong>Nguyễn Đức Hải - Văn phòng HĐND và UBND</strong></p>',
        '<div align="right">Nguyễn Đức Hải - Văn phòng HĐND và UBND</div>',
        "<p><b>Nguyễn Đức Hải - Văn phòng HĐND và UBND</b></p>",
        "<p>Tác giả: Nguyễn Đức Hải - Văn phòng HĐND và UBND</p>",
        '<p class="author">Nguyễn Đức Hải - Văn phòng HĐND và UBND</p>',
    ],
)
def test_the_authors_line_is_found_at_the_end(line: str) -> None:
    markup = article("<h1>Khánh thành cầu mới qua sông</h1>").replace("</div></body>", f"{line}</div></body>")
    entry = completed(markup)
    assert (entry.author, entry.organisation) == ("Nguyễn Đức Hải", "Văn phòng HĐND và UBND")


def test_a_paragraph_that_ends_a_text_is_no_author() -> None:
    assert completed(article("<h1>Khánh thành cầu mới qua sông</h1>")).author is None


def test_what_the_site_says_of_itself_is_no_lead() -> None:
    own = '<meta name="description" content="Trang thông tin chính thức: thủ tục, văn bản, dịch vụ công">'
    entry = completed(article("<h1>Khánh thành cầu mới qua sông</h1>", own))
    assert entry.lead == "Đoạn thứ 0 của bài viết, kể thêm về công việc của thành phố."


def test_a_whole_portal_within_one_form_is_read() -> None:
    markup = article("<h1>Khánh thành cầu mới qua sông</h1>").replace(
        "<body>", "<body><form id='aspnetForm'>"
    )
    assert "Đoạn thứ 3" in (completed(markup).body_html or "")


def test_a_source_without_leave_for_the_whole_text_gets_none() -> None:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc", full_text=False))
    assert source.read_page(page("news_article.html", URL), an_entry("Lễ hội"), NOW).body_html is None


def test_a_feed_keeps_its_own_title_and_its_large_image() -> None:
    listed = replace(an_entry("Tiêu đề của kênh"), images=(ImageCandidate(f"{PORTAL}/kenh.jpg", 800, 600),))
    entry = Feed(source_of()).read_page(page("news_article.html", URL), listed, NOW)
    assert entry.title == "Tiêu đề của kênh"
    assert entry.images[0].url == f"{PORTAL}/kenh.jpg"


def test_a_feeds_thumbnail_gives_way_to_the_pages_image() -> None:
    listed = replace(an_entry("Tiêu đề của kênh"), images=(ImageCandidate(f"{PORTAL}/kenh.jpg", 130, 100),))
    entry = Feed(source_of()).read_page(page("news_article.html", URL), listed, NOW)
    assert entry.images[0].url == f"{PORTAL}/uploads/le-hoi-dong-song-lon.jpg"


@pytest.mark.parametrize(
    ("changes", "full_text", "wanted"),
    [
        ({}, False, True),
        ({"lead": "Có."}, False, True),
        ({"lead": "Có.", "images": (ImageCandidate("https://x.vn/a.jpg"),)}, False, False),
        ({"lead": "Có.", "images": (ImageCandidate("https://x.vn/a.jpg"),)}, True, True),
        (
            {"lead": "Có.", "images": (ImageCandidate("https://x.vn/a.jpg"),), "body_html": "<p>Có.</p>"},
            True,
            False,
        ),
        ({"url": None}, True, False),
    ],
)
def test_a_feed_asks_for_the_page_only_for_what_is_missing(
    changes: dict[str, object], full_text: bool, wanted: bool
) -> None:
    entry = replace(an_entry("Tin"), **changes)  # type: ignore[arg-type]  # the cases name real fields
    assert Feed(source_of(full_text=full_text)).wants_page(entry) is wanted


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "Not found",
        "<html><title>404 Not Found</title><body><h1>404 Not Found</h1></body></html>",
        "<html><title>Không tìm thấy trang</title><body><h1>Không tìm thấy trang</h1></body></html>",
        "<html><title>Just a moment...</title><body><div>Checking your browser</div></body></html>",
        "<html><body><div></div></body></html>",
        '{"error": "x"}',
    ],
)
def test_an_error_never_becomes_an_article(markup: str) -> None:
    with pytest.raises(UpstreamError, match="not the page of an article"):
        completed(markup, an_entry("Lễ hội dòng sông"))


def test_an_article_that_leads_to_the_front_page_is_gone() -> None:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    with pytest.raises(UpstreamError, match="front page"):
        source.read_page(page("news_article.html", f"{PORTAL}/"), an_entry("Lễ hội"), NOW)


def test_a_lead_that_the_listing_cut_is_taken_whole_from_the_page() -> None:
    listed = replace(an_entry("Lễ hội"), lead="Đua thuyền, thả hoa đăng và hội chợ…")
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    entry = source.read_page(page("news_article.html", URL), listed, NOW)
    assert entry.lead == "Đua thuyền, thả hoa đăng và hội chợ ẩm thực kéo dài ba ngày bên bờ sông."


@pytest.mark.parametrize(
    "maze",
    [
        "<div>" * 100_000,
        "<div " + " ".join(f"a{n}" for n in range(20_000)) + ">",
        "<p>" + "".join(f"<b a{n}>" for n in range(400)) + "<p>x" * 20_000,
    ],
)
def test_a_page_made_to_take_for_ever_is_refused(maze: str) -> None:
    with pytest.raises(UpstreamError, match="thousands"):
        completed(maze)


def test_a_page_of_millions_of_letters_is_refused() -> None:
    with pytest.raises(UpstreamError, match="characters of HTML"):
        completed("<p>" + "x" * 20_100_000)


def test_a_page_of_ten_megabytes_most_of_which_are_scripts_is_read() -> None:
    script = f"<script>var a = '{'x' * 10_000_000}'</script>"
    assert (
        completed(article(f"{script}<h1>Khánh thành cầu mới qua sông</h1>")).title
        == "Khánh thành cầu mới qua sông"
    )


def test_links_and_images_of_the_text_start_from_the_pages_base() -> None:
    page = article(
        "<h1>Khánh thành cầu mới</h1><div class='content'><p>"
        + "Một câu dài của bài viết. " * 20
        + "<img src=a.jpg>"
    )
    based = page.replace("<head>", "<head><base href='https://anh.example.vn/kho/'>", 1)
    assert "<base" in based
    assert completed(based).body_base == "https://anh.example.vn/kho/"
    assert "https://anh.example.vn/kho/a.jpg" in [image.url for image in completed(based).images]


def test_an_image_written_into_the_page_does_not_count_against_it() -> None:
    image = f"<img src='data:image/png;base64,{'A' * 4_000_000}'>"
    assert completed(article(f"<h1>Khánh thành cầu mới qua sông</h1>{image}")).title


_SENTENCE = "Sáng nay, hơn 300 đoàn viên đã tham gia lễ ra quân tại công viên trung tâm thành phố."


def test_a_lead_between_headline_and_text_needs_no_name() -> None:
    markup = article("").replace(
        "<div class='content'>", f"<h1>Lễ hội dòng sông</h1><div>{_SENTENCE}</div><div>"
    )
    assert completed(markup).lead == _SENTENCE


def test_a_heading_that_is_a_sentence_is_the_lead() -> None:
    assert completed(article(f"<h2>{_SENTENCE}</h2>", "<title>Lễ hội dòng sông</title>")).lead == _SENTENCE


def test_the_author_named_by_a_label_beside_the_date_is_found() -> None:
    said = "<div>T7, 07/03/2020, 08:15 | Tác giả: <a href='/tac-gia/1'>Võ Thị Hồng Nhung</a></div>"
    markup = article(f"<h1>Lễ hội dòng sông thu hút khách</h1>{said}", '<meta name="author" content="admin">')
    assert completed(markup).author == "Võ Thị Hồng Nhung"


def test_the_author_in_a_row_below_the_text_is_found() -> None:
    rows = f"<table><tr><td>{article('')}</td></tr><tr><td align=right><b>Trần Văn Ơn</b></td></tr></table>"
    markup = rows.replace("<html>", "").replace("</html>", "")
    assert completed(f"<h1>Lễ hội dòng sông</h1>{markup}").author == "Trần Văn Ơn"


def test_the_banner_of_a_page_without_an_element_for_its_article_is_no_image_of_it() -> None:
    paragraphs = f"<p>{_SENTENCE}</p>" * 4
    above = "<img src='/banner.jpg'><h4>Lễ hội dòng sông</h4>"
    markup = f"<html><body>{above}<img src='/le.jpg'>{paragraphs}</body></html>"
    entry = completed(markup, an_entry("Lễ hội dòng sông"))
    assert [image.url for image in entry.images] == [f"{PORTAL}/le.jpg"]


def test_the_heading_over_other_news_is_no_author() -> None:
    inner = "<h1>Lễ hội dòng sông thu hút khách</h1>"
    markup = article(inner).replace("</div></body>", "<h4>Bài viết khác</h4><p>Lượt xem: 45</p></div></body>")
    entry = completed(markup)
    assert entry.author is None
    assert "khác" not in (entry.body_html or "")

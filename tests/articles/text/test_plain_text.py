"""Plain text, titles and leads from the markup of sources."""

import os
import unicodedata
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.articles.text import plain_text

PAYLOADS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;img src=x onerror=alert(1)&gt;",
    "<svg/onload=alert(1)>",
    "\u202e<b onclick=alert(1)>x</b>\x00",
]
CORPUS = os.environ.get("PORTAL_WIDGETS_CORPUS")


def payloads() -> list[str]:
    files = sorted(Path(CORPUS, "hostile", "xss").glob("*")) if CORPUS else []
    return PAYLOADS + [line for file in files for line in file.read_text("utf-8", "replace").splitlines()]


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("Đông Hà", "Đông Hà"),
        ("  Đông\n\tHà\xa0 và\u3000phụ cận ", "Đông Hà và phụ cận"),
        ("C&ocirc;ng b&#7889; Ch&#xED;nh &amp; ph&#7909;", "Công bố Chính & phụ"),
        ("C&amp;ocirc;ng b&amp;#7889;", "Công bố"),
        ("<![CDATA[C&ocirc;ng <b>bố</b>]]>", "Công bố"),
        ("<p>Một</p><p>Hai</p>Ba<br>Bốn<li>Năm</li>", "Một Hai Ba Bốn Năm"),
        ("Đ<b>ô</b>ng <i>H</i>à", "Đông Hà"),
        ("&lt;p&gt;Xin chào&lt;/p&gt;", "Xin chào"),
        ("Dùng thẻ &lt;blink&gt; thế nào", "Dùng thẻ <blink> thế nào"),
        ("5 < 6 và 7 > 3", "5 < 6 và 7 > 3"),
        ("nhiệt độ <b", "nhiệt độ <b"),
        ("Lead <img src='http://a/b.jp", "Lead"),
        ("<img alt='a > b' src=x>Sau", "Sau"),
        ("a<!-- b <p> -->c<!-- d", "a c"),
        ("x<script>if (a < b) {}</script><style>p{}</style>y", "x y"),
        ("<svg><title>z</title></svg><noscript>q</noscript>Chữ", "Chữ"),
        ("<svg><p>không đóng", "không đóng"),
        ("a[b[0]]>1", "a[b[0]]>1"),
        ("don\x92t &#146;", "don\u2019t \u2019"),
        ("a\u200bb\u00adc\u202ed\ufeffe\u2066f", "abcdef"),
        ("Đo\u0302ng Ha\u0300", "Đông Hà"),
        ("\ud800x", "x"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("&#" + "9" * 5_000 + ";", "\ufffd"),
        ("", ""),
    ],
)
def test_plain_text_is_what_a_reader_sees(markup: str, plain: str) -> None:
    assert plain_text.from_markup(markup) == plain


def test_nesting_without_end_is_no_trouble() -> None:
    assert plain_text.from_markup("<![CDATA[" * 20_000 + "<div>" * 20_000 + "chữ") == "chữ"


def test_a_title_that_is_none_by_its_length_is_cut_at_a_word() -> None:
    title = plain_text.title("<b>từ</b> " * 1_000)
    assert len(title) <= 300
    assert title.endswith(" từ…")


@pytest.mark.parametrize(
    ("markup", "lead"),
    [
        (
            "<p>Cầu mới bắc qua sông&hellip; <a class='more-link'>Continue reading <span>Tin</span></a></p>",
            "sông…",
        ),
        ("<p>Cầu mới bắc qua sông <a class='more-link' href='x'>(xem tiếp...)</a></p>", "sông"),
        ("<p>Cầu mới bắc qua sông... <span class='read-more'><a href='x'>Đọc thêm</a></span></p>", "sông..."),
        ("<p>Cầu mới bắc qua sông&hellip; <a href='x'>Đọc tiếp Tin mới »</a></p>", "sông…"),
        ("Cầu mới bắc qua sông [...] Đọc tiếp", "sông…"),
        ("Cầu mới bắc qua sông [&hellip;]", "sông…"),
        ("Cầu mới bắc qua sông. [&hellip;]", "sông."),
        ("Cầu mới bắc qua sông. Continue reading “Tin mới”", "sông."),
        ("Cầu mới bắc qua sông… Tiếp tục đọc Tin mới", "sông…"),
        ("<p>Cầu mới bắc qua sông.</p><p>Bài viết Tin mới đã xuất hiện đầu tiên vào ngày Cổng.</p>", "sông."),
        (
            "<p>Cầu mới bắc qua sông, xem thêm tại <a href='x'>trang của sở</a>.</p>",
            "sông, xem thêm tại trang của sở.",
        ),
    ],
)
def test_what_leads_on_to_the_text_is_no_part_of_the_lead(markup: str, lead: str) -> None:
    assert plain_text.lead(markup) == f"Cầu mới bắc qua {lead}"


@pytest.mark.parametrize(
    "markup",
    [
        "<p><a href='x' class='more-link'>Continue reading <span>Tin mới</span></a></p>",
        "Continue reading → Tin mới", "Xem tiếp", "[...]", "[…] Đọc tiếp »", "…", "Read more",
    ],
)  # fmt: skip
def test_what_only_leads_on_to_the_text_is_no_lead(markup: str) -> None:
    assert plain_text.lead(markup) == ""


@pytest.mark.parametrize(
    "markup",
    [
        "<div><b>Body:</b> <div><p>Cầu mới.</p></div></div><div><b>Expires:</b> 31/12/2026</div>",
        "<div><b>Nội dung:</b> <div>Cầu mới.</div></div><div><b>Hết hạn:</b> 31/12/2026 12:00 SA</div>",
        "<div><b>Title:</b> Tin</div><div><b>Body:</b> <p>Cầu mới.</p></div><div><b>Category:</b> Tin</div>",
        "<div><b>Body:</b> Cầu mới.</div><div><b>Expires:</b> 12/31/2026 11:00 PM</div>",
        "Body: Cầu mới. Expires: 31/12/2026",
        "Nội dung: Cầu mới. Hết hạn: 31/12/2026",
    ],
)
def test_the_names_of_sharepoints_fields_are_no_part_of_the_lead(markup: str) -> None:
    assert plain_text.lead(markup) == "Cầu mới."


def test_what_a_notice_is_about_stays_in_its_lead() -> None:
    notice = "Nội dung: bàn về lịch cấp nước. Thời gian: 8 giờ. Địa điểm: hội trường."
    assert plain_text.lead(notice) == notice


def test_a_whole_lead_is_cut_only_where_it_is_none() -> None:
    assert plain_text.whole_lead(f"<p>{LONG * 4}</p>") == (LONG * 4).strip()
    assert len(plain_text.whole_lead(LONG * 100)) <= 3_000
    assert plain_text.snippet(LONG, 100) == plain_text.lead(LONG, 100)


LONG = (
    "Sáng 7/3, UBND TP. Đông Hà họp phiên thường kỳ. Phiên họp bàn về lễ hội mùa xuân. "
    "Các phòng ban báo cáo tiến độ của từng việc và những khó khăn còn lại trong quý một năm nay."
)


def test_a_lead_ends_with_a_sentence_where_one_ends_in_time() -> None:
    assert (
        plain_text.lead(LONG, 100)
        == "Sáng 7/3, UBND TP. Đông Hà họp phiên thường kỳ. Phiên họp bàn về lễ hội mùa xuân."
    )


def test_an_abbreviation_ends_no_sentence() -> None:
    assert plain_text.lead(LONG, 30) == "Sáng 7/3, UBND TP. Đông Hà…"
    assert (
        plain_text.lead("Ông ThS. Nguyễn Văn Anh phát biểu tại hội nghị hôm nay", 24)
        == "Ông ThS. Nguyễn Văn Anh…"
    )


def test_a_lead_without_a_sentence_is_cut_at_a_word_and_says_so() -> None:
    assert plain_text.lead("Thành phố đón xuân, mừng Đảng và các hoạt động", 21) == "Thành phố đón xuân…"


def test_a_short_lead_is_left_as_it_is() -> None:
    assert plain_text.lead("Thành phố đón xuân") == "Thành phố đón xuân"


@pytest.mark.parametrize("letter", ["x\u0331", "👨\u200d👩\u200d👧", "🇻🇳", "👍🏽", "❤\ufe0f"])
def test_a_cut_never_falls_within_a_letter(letter: str) -> None:
    for limit in range(len(letter) + 1, 40):
        cut = plain_text.lead(letter * 50, limit)
        assert len(cut) <= limit
        assert cut == letter * (len(cut) // len(letter)) + "…"


@pytest.mark.parametrize(
    "markup",
    [
        "<a href='x'><img width=130 height=100 src='y'></a></br>Thành phố đón xuân.",
        "<figure><img><figcaption>Chợ Đông Hà</figcaption></figure><p>Thành phố đón xuân.</p>",
        "<img src=x><p class='Image Caption'>Chợ Đông Hà</p><p>Thành phố đón xuân.</p>",
        "<p>Thành phố đón xuân.</p><p>Ảnh: N.V.A</p>",
        "<p>Chợ Đông Hà (Ảnh: Văn Bình)</p><p>Thành phố đón xuân.</p>",
        "<p>Thành phố đón xuân. <a href='x'>Xem thêm »</a></p>",
        "<p>Thành phố đón xuân.</p><a href='javascript:history.back()'>Quay lại</a>",
        "<div>« Quay lại</div><p>Thành phố đón xuân.</p>",
        "Thành phố đón xuân. (Ảnh: TTXVN)",
        "(Ảnh minh họa) Thành phố đón xuân.",
        "Thành phố đón xuân. Xem thêm...",
        "(QTO) - Thành phố đón xuân.",
        "(Chinhphu.vn) \u2013 Thành phố đón xuân.",
        "<p>Thành phố đón xuân.</p><p>The post Xuân appeared first on Đông Hà.</p>",
        "&lt;p&gt;Thành phố đón xuân.&lt;/p&gt;",
        "Thành phố\u200b đón xuân.",
        "<img src='data:image/png;base64," + "A" * 300_000 + "'>Thành phố đón xuân.",
    ],
)
def test_what_stands_around_the_text_is_no_part_of_the_lead(markup: str) -> None:
    assert plain_text.lead(markup) == "Thành phố đón xuân."


@pytest.mark.parametrize(
    "words",
    [
        "Quay lại trường sau Tết, học sinh vui.",
        "Những người không muốn quay lại",
        "Ảnh: niềm đam mê của ông. Ông chụp từ năm 1990.",
        "(07/03) - Ngày hội bắt đầu.",
        "Nguồn nước sạch về với xã vùng cao",
        "Video về thành phố",
        "WHO - tổ chức y tế",
    ],
)
def test_text_that_only_looks_like_it_is_kept(words: str) -> None:
    assert plain_text.lead(words) == words


def test_a_link_within_a_sentence_stays_in_its_place() -> None:
    assert plain_text.lead("<p>Hôm nay <a href=x>Đông Hà</a>, ngày hội</p>") == "Hôm nay Đông Hà, ngày hội"


@pytest.mark.parametrize("read", [plain_text.from_markup, plain_text.title, plain_text.lead])
def test_no_payload_leaves_a_hidden_sign(read: Callable[[str], str]) -> None:
    for payload in payloads():
        shown = read(payload)
        assert shown == unicodedata.normalize("NFC", " ".join(shown.split()))
        assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in shown)
        assert not any("\u202a" <= letter <= "\u202e" for letter in shown)


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        ("Tin<script>alert(1)</script>", "Tin"),
        ("Tin<SCRIPT src=//x></SCRIPT\n>", "Tin"),
        ("Tin<img src=x onerror=alert(1)>", "Tin"),
        ("Tin&lt;img src=x onerror=alert(1)&gt;", "Tin"),
        ("Tin<svg/onload=alert(1)>", "Tin"),
        ("Tin<x onclick='a>b'>", "Tin"),
    ],
)
def test_nothing_active_is_left_of_a_title(payload: str, shown: str) -> None:
    assert plain_text.title(payload) == shown


@settings(deadline=None, max_examples=100)
@given(st.text(st.sampled_from("<>/!-[]CDAT&;#x1amp ltpbr='\"\n\u0301Đ.…"), max_size=80))
def test_any_markup_becomes_one_line_within_its_limit(markup: str) -> None:
    assert "\n" not in plain_text.from_markup(markup)
    assert len(plain_text.lead(markup, 20)) <= 20
    assert len(plain_text.title(markup)) <= 300


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text("aăâđêôơưáàảãạ0123456789,.", min_size=1, max_size=9), max_size=40).map(" ".join))
def test_plain_words_come_through_untouched(words: str) -> None:
    assert plain_text.from_markup(escape(words)) == unicodedata.normalize("NFC", words)

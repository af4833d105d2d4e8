"""Persons and organisations in bylines."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.articles.text import bylines


@pytest.mark.parametrize(
    ("line", "author", "organisation"),
    [
        ("Nguyễn Đức Hải - Văn phòng HĐND và UBND", "Nguyễn Đức Hải", "Văn phòng HĐND và UBND"),
        ("Nguyễn Đức Hải \u2013 Văn phòng HĐND và UBND", "Nguyễn Đức Hải", "Văn phòng HĐND và UBND"),
        ("Nguyễn Đức Hải- Văn phòng HĐND và UBND", "Nguyễn Đức Hải", "Văn phòng HĐND và UBND"),
        ("Nguyễn Đức Hải (Văn phòng HĐND và UBND)", "Nguyễn Đức Hải", "Văn phòng HĐND và UBND"),
        ("Văn phòng HĐND và UBND - Nguyễn Đức Hải", "Nguyễn Đức Hải", "Văn phòng HĐND và UBND"),
        ("NGUYỄN ĐỨC HẢI - VĂN PHÒNG UBND", "NGUYỄN ĐỨC HẢI", "VĂN PHÒNG UBND"),
        ("Lê An, Sở Y tế", "Lê An", "Sở Y tế"),
        ("Thảo Nguyên/Báo Quảng Trị", "Thảo Nguyên", "Báo Quảng Trị"),
        (
            "Lê An - Phòng Lao động - Thương binh và Xã hội",
            "Lê An",
            "Phòng Lao động - Thương binh và Xã hội",
        ),
        ("John Smith, BBC News", "John Smith", "BBC News"),
        ("Theo Nguyễn Văn A - VnExpress", "Nguyễn Văn A", "VnExpress"),
        ("Lê An · Sở Y tế", "Lê An", "Sở Y tế"),
        ("Lê An \u2212 Sở Y tế", "Lê An", "Sở Y tế"),
        ("Lê An-Văn phòng UBND", "Lê An", "Văn phòng UBND"),
        ("Nguyễn Đức Hải Văn phòng HĐND và UBND", "Nguyễn Đức Hải", "Văn phòng HĐND và UBND"),
        ("Trung tá Lê Văn Hùng - Công an thành phố", "Trung tá Lê Văn Hùng", "Công an thành phố"),
        ("Lê An - Phòng Giáo Dục - Đào Tạo", "Lê An", "Phòng Giáo Dục - Đào Tạo"),
    ],
)
def test_a_person_and_an_organisation_are_told_apart(line: str, author: str, organisation: str) -> None:
    assert bylines.parse(line) == (author, organisation)


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Nguyễn Đức Hải", "Nguyễn Đức Hải"),
        ("NGUYỄN ĐỨC HẢI", "NGUYỄN ĐỨC HẢI"),
        ("Hoài", "Hoài"),
        ("N.Đ.H", "N.Đ.H"),
        ("Trần Tuyền - Bích Liên", "Trần Tuyền - Bích Liên"),
        ("Thu Trang, Minh Đức", "Thu Trang, Minh Đức"),
        ("Jean-Paul Sartre", "Jean-Paul Sartre"),
        ("Mary O'Neil & Bob Ray", "Mary O'Neil & Bob Ray"),
        ("ThS. Nguyễn Văn A", "ThS. Nguyễn Văn A"),
        ("Nguyễn Đức Hải, Phó Chủ tịch UBND", "Nguyễn Đức Hải, Phó Chủ tịch UBND"),
        ("Tác giả: Nguyễn Đức Hải", "Nguyễn Đức Hải"),
        ("Tác giả bài viết: Nguyễn Đức Hải", "Nguyễn Đức Hải"),
        ("By John Smith", "John Smith"),
        ("Bởi Lê An", "Lê An"),
        ("Được viết bởi: Lê An", "Lê An"),
        ("Tin ảnh: Lê An", "Lê An"),
        ("Tin \u2013 ảnh\uff1a Lê An", "Lê An"),
        ("Bài, ảnh: Trần Tuyền", "Trần Tuyền"),
        ("Bài và ảnh: TRẦN TUYỀN", "TRẦN TUYỀN"),
        ("Tin: Lê An; ảnh: Văn Bình", "Lê An, Văn Bình"),
        ("Bài: Lê An - Ảnh: Văn Bình", "Lê An, Văn Bình"),
        ("Tin: Lê An; ảnh: Lê An", "Lê An"),
        ("a.le@portal.example.vn (Lê An)", "Lê An"),
        ("Lê An <a.le@portal.example.vn>", "Lê An"),
        ("Lê An (tổng hợp)", "Lê An"),
        ("Lê An | Lượt xem: 1.234", "Lê An"),
        ("Lê An - 07/03/2020 08:15", "Lê An"),
        ("By John Smith March 7, 2020", "John Smith"),
        ("Theo Lê Thị An", "Lê Thị An"),
        ("Theo Jansen", "Theo Jansen"),
        ("Theo van Gogh", "Theo van Gogh"),
        ("Lê  <b>An</b>", "Lê An"),
    ],
)
def test_a_name_is_kept_as_it_is_written(line: str, author: str) -> None:
    assert bylines.parse(line) == (author, None)


@pytest.mark.parametrize(
    "name", ["Đoàn Văn Hậu", "Ban Mai", "Trường Giang", "Bộ Hành", "Đài Trang", "Phương An"]
)
def test_names_that_begin_like_an_organisation_are_names(name: str) -> None:
    assert bylines.parse(name) == (name, None)


@pytest.mark.parametrize(
    "name",
    [
        "Văn phòng HĐND và UBND",
        "Sở Văn hóa, Thể thao và Du lịch",
        "Phòng Lao động - Thương binh và Xã hội",
        "Đài Phát thanh - Truyền hình Quảng Trị",
        "Ban Tuyên giáo Thành ủy",
        "Đoàn Thanh niên phường 1",
        "Trường THPT Đông Hà",
        "Cổng TTĐT thành phố",
        "UBND PHƯỜNG 1",
        "PV",
        "BBT",
        "PV - CTV",
        "TTXVN/Vietnam+",
        "quangtri.gov.vn",
    ],
)
def test_a_department_alone_is_an_organisation(name: str) -> None:
    assert bylines.parse(name) == (None, name)


@pytest.mark.parametrize(
    ("line", "organisation"),
    [
        ("Theo TTXVN", "TTXVN"),
        ("(Theo VGP)", "VGP"),
        ("Theo Báo Quảng Trị", "Báo Quảng Trị"),
        ("Theo Kinh tế Đô thị", "Kinh tế Đô thị"),
        ("Theo Reuters", "Reuters"),
        ("Nguồn: Báo Quảng Trị", "Báo Quảng Trị"),
        ("Nguồn: Người Đưa Tin", "Người Đưa Tin"),
        ("Nguồn tin: quangtri.gov.vn", "quangtri.gov.vn"),
    ],
)
def test_what_a_text_was_taken_from_is_an_organisation(line: str, organisation: str) -> None:
    assert bylines.parse(line) == (None, organisation)


@pytest.mark.parametrize(
    "line",
    [
        "",
        " - ",
        "admin",
        "Tác giả: Administrator",
        *("Super User", "superuser", "Super Admin", "Admin2", "admin_sở", "Site Administrator", "webmaster"),
        *("Quản trị", "Quản trị viên", "quan tri", "Quản Trị Website", "Ban Quản trị cổng", "Người quản trị"),
        *("System Account", "PORTAL\\administrator", "Viết bởi Super User", "Tài khoản quản trị 2"),
        "N/A",
        "Super User",
        "Viết bởi Super User",
        "Administrator",
        "Quản trị",
        "Bởi Quản trị viên",
        "admin_vpub",
        "Admin Portal",
        "System Account",
        "Đang cập nhật",
        "In trang",
        "An Bình, ngày 14/11/2026",
        "Đông Hà, ngày 14 tháng 11 năm 2026",
        "Tệp đính kèm: van-ban-3.pdf",
        "Tiếp tục thi đua",
        "12345",
        "a.le@portal.example.vn",
        "http://portal.example.vn/",
        "www.facebook.com",
        "Theo đó, thành phố tổ chức lễ hội",
        "Bài viết hay nhất trong năm nay được nhiều người đọc trên cổng",
        "Nguyễn " * 60,
        "<script>alert(1)</script>",
    ],
)
def test_what_is_no_line_of_authors_names_nobody(line: str) -> None:
    assert bylines.parse(line) == (None, None)


@pytest.mark.parametrize("name", ["Nguyễn Quản Trị", "Phạm Quang Trị", "Trị An", "Quân Trì"])
def test_a_name_that_is_only_like_an_accounts_is_a_name(name: str) -> None:
    assert bylines.parse(name) == (name, None)


NAMES = st.sampled_from(["Nguyễn Đức Hải", "Lê An", "Hoài", "TRẦN TUYỀN", "Bích Liên", "N.V.A"])
UNITS = st.sampled_from(
    ["Văn phòng HĐND và UBND", "Sở Y tế", "Trung tâm Văn hóa - Thể thao", "Báo Quảng Trị"]
)


@settings(deadline=None, max_examples=100)
@given(
    NAMES,
    UNITS,
    st.sampled_from([" - ", " \u2013 ", ", ", " | "]),
    st.sampled_from(["", "Tác giả: ", "Bài, ảnh: "]),
)
def test_whatever_stands_between_them_name_and_department_come_out_whole(
    name: str, unit: str, between: str, label: str
) -> None:
    assert bylines.parse(label + name + between + unit) == (name, unit)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60) | st.text(st.sampled_from("LêAn -,;:()/@.<>\tTheobàiảnh|"), max_size=40))
def test_any_line_gives_names_in_one_line_of_nfc_or_none(line: str) -> None:
    for name in bylines.parse(line):
        assert name is None or name == unicodedata.normalize("NFC", " ".join(name.split()))
        assert name is None or any(letter.isalpha() for letter in name)


def test_a_byline_of_several_lines_is_read_as_one() -> None:
    assert bylines.parse_lines(["Nguyễn Đức Hải", "Văn phòng UBND"]) == ("Nguyễn Đức Hải", "Văn phòng UBND")
    assert bylines.parse_lines(["Tác giả: Lê An", "Đơn vị: Sở Y tế"]) == ("Lê An", "Sở Y tế")
    assert bylines.parse_lines(["Bài: Lê An", "Ảnh: Văn Bình", "Lượt xem: 5"]) == ("Lê An, Văn Bình", None)


@pytest.mark.parametrize(
    ("line", "is_signature"),
    [
        ("Nguyễn Đức Hải - Văn phòng HĐND và UBND", True),
        ("Tin, ảnh: Hải Yến", True),
        ("Ảnh: Hải Yến", False),
        ("Nguyễn Đức Hải", False),
        ("Ông Nguyễn Đức Hải - Văn phòng HĐND và UBND", False),
        ("Nguyễn Đức Hải - Chánh Văn phòng UBND", False),
        ("Nguyễn Đức Hải - Văn phòng UBND: 0912 345 678", False),
        ("- Nguyễn Đức Hải - Văn phòng UBND", False),
    ],
)
def test_a_line_signs_a_text_wherever_it_stands_if_it_names_person_and_organisation(
    line: str, is_signature: bool
) -> None:
    assert bylines.signs(line) is is_signature

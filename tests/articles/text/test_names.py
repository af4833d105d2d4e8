"""Persons, organisations, and what looks like them."""

import pytest

from service.articles.text import names


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Đức Hải", "NGUYỄN ĐỨC HẢI", "Lê An", "Hồ Thị Kăn", "Y Moan Êban", "H'Hen Niê", "K\u2019Brèo",
        "Giàng A Páo", "Lò Văn Ơn", "Kpă Thị Hoa", "Điểu Thị Hương", "ThS. Bùi Văn Lợi", "BS.CKII Trần An",
        "Trung tá Lê Văn Hùng", "Nguyễn Văn A", "Tôn Nữ Thị Ninh",
    ],
)  # fmt: skip
def test_full_names_are_known(name: str) -> None:
    assert names.is_full_name(name)


@pytest.mark.parametrize("name", ["Hải Yến", "Thu Hà", "Hoài", "H.A.", "N.Đ.H", "Bảo Trân"])
def test_pen_names_are_known(name: str) -> None:
    assert names.is_pen_name(name)
    assert not names.is_full_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "Hà Nội", "ĐÔNG HÀ", "Quảng Trị", "Văn Hóa", "VĂN MINH", "Nông nghiệp", "NÔNG NGHIỆP",
        "Đào Tạo", "Thể Thao",
        "Nguyễn", "nguyễn đức hải", "Tin tức", "2026", "", "Hồ Chí Minh",
        "Mùa Xuân Về", "Uống Nước Nhớ Nguồn",
    ],
)  # fmt: skip
def test_places_and_slogans_are_no_persons(text: str) -> None:
    assert not names.is_full_name(text)
    assert not names.is_pen_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hội nghị tổng kết năm", "Phòng chống dịch bệnh", "Khoa học - Công nghệ", "xã Tân Lập",
        "Công an tỉnh khuyến cáo người dân cảnh giác", "Báo cáo kết quả năm",
        "Sở hữu trí tuệ", "Phó Giám đốc Sở Y tế",
    ],
)  # fmt: skip
def test_a_sentence_that_begins_like_an_organisation_is_none(text: str) -> None:
    assert not names.is_only_organisation(text)

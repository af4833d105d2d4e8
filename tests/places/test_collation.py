"""The order of names."""

import random
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from service.places.collation import latin_order, vietnamese_order

SEATS_IN_ORDER = (  # noqa: SIM905 - a list of 63 lines would be harder to compare with its source
    "Bà Rịa, Bạc Liêu, Bắc Giang, Bắc Kạn, Bắc Ninh, Bến Tre, Biên Hòa, Buôn Ma Thuột, Cà Mau, Cao Bằng, "
    "Cao Lãnh, Cần Thơ, Đà Lạt, Đà Nẵng, Điện Biên Phủ, Đông Hà, Đồng Hới, Đồng Xoài, Gia Nghĩa, Hà Giang, "
    "Hạ Long, Hà Nội, Hà Tĩnh, Hải Dương, Hải Phòng, Hòa Bình, Hồ Chí Minh, Huế, Hưng Yên, Kon Tum, "
    "Lai Châu, Lạng Sơn, Lào Cai, Long Xuyên, Mỹ Tho, Nam Định, Nha Trang, Ninh Bình, "
    "Phan Rang - Tháp Chàm, Phan Thiết, Phủ Lý, Pleiku, Quảng Ngãi, Quy Nhơn, Rạch Giá, Sóc Trăng, Sơn La, "
    "Tam Kỳ, Tân An, Tây Ninh, Thái Bình, Thái Nguyên, Thanh Hóa, Thủ Dầu Một, Trà Vinh, Tuy Hòa, "
    "Tuyên Quang, Vị Thanh, Việt Trì, Vinh, Vĩnh Long, Vĩnh Yên, Yên Bái"
).split(", ")


def test_the_63_seats_stand_in_the_order_of_a_vietnamese_dictionary() -> None:
    shuffled = random.Random(5).sample(SEATS_IN_ORDER, len(SEATS_IN_ORDER))
    assert sorted(shuffled, key=vietnamese_order) == SEATS_IN_ORDER


def test_letters_with_hats_and_horns_are_letters_of_their_own() -> None:
    letters = reversed("aăâbcdđeêghiklmnoôơpqrstuưvxy")
    assert "".join(sorted([*letters], key=vietnamese_order)) == "aăâbcdđeêghiklmnoôơpqrstuưvxy"


def test_tones_go_ngang_huyen_hoi_nga_sac_nang() -> None:
    assert sorted("ạáãảàa", key=vietnamese_order) == list("aàảãáạ")


def test_a_tone_decides_only_between_equal_letters() -> None:
    assert sorted(["Bắc Giang", "Bạc Liêu"], key=vietnamese_order) == ["Bạc Liêu", "Bắc Giang"]
    assert sorted(["má b", "ma c"], key=vietnamese_order) == ["má b", "ma c"]


def test_lower_case_comes_before_upper_case_of_the_same_word() -> None:
    assert sorted(["Huế", "huế"], key=vietnamese_order) == ["huế", "Huế"]


def test_space_comes_before_punctuation_digits_and_letters() -> None:
    names = ["Sa Pa", "Sa-Pa", "Sa1", "Sapa", "Saລາວ"]
    assert sorted(set(names), key=vietnamese_order) == names


def test_digits_are_ordered_by_value_and_foreign_marks_after_the_tones() -> None:
    assert sorted(["2", "٣", "1"], key=vietnamese_order) == ["1", "2", "٣"]
    assert sorted(["ö", "ọ", "o"], key=vietnamese_order) == ["o", "ọ", "ö"]


def test_look_alikes_of_the_vietnamese_d_sort_with_it() -> None:
    assert vietnamese_order("Ðông Hà") == vietnamese_order("Đông Hà")


def test_latin_order_files_d_with_a_bar_under_d_and_accents_under_their_letter() -> None:
    assert sorted(["Dz", "Đa", "Éb", "Ea"], key=latin_order) == ["Đa", "Dz", "Ea", "Éb"]


@given(st.text())
@settings(deadline=None, max_examples=100)
def test_any_text_has_a_key_that_does_not_depend_on_normalisation(text: str) -> None:
    nfd = unicodedata.normalize("NFD", text)
    assert vietnamese_order(nfd) == vietnamese_order(unicodedata.normalize("NFC", text))
    latin_order(text)

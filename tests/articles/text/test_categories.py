"""What becomes of the names that sources give as categories."""

import pytest

from service.articles.text import categories


def test_names_are_plain_text_each_once_in_their_order() -> None:
    written = ["Giáo dục", " Xã   hội\n", "GIÁO DỤC", "Văn hóa &amp; thể thao", "<b>Y tế</b>", "giao duc"]
    assert categories.clean(written) == ("Giáo dục", "Xã hội", "Văn hóa & thể thao", "Y tế")


def test_letters_are_composed() -> None:
    assert categories.clean(["Gia\u0301o du\u0323c"]) == ("Giáo dục",)


@pytest.mark.parametrize(
    "name",
    ["", " ", "—", "Uncategorized", "Chưa phân loại", "http://schemas.google.com/blogger/2008/kind#post",
     None, 7, {"name": "Y tế"}, ["Y tế"], "dài " * 40, "&#xD800;", "\u200b"],
)  # fmt: skip
def test_what_names_no_category_is_left_out(name: object) -> None:
    assert categories.clean([name, "Y tế"]) == ("Y tế",)


def test_thousands_of_names_are_cut() -> None:
    assert len(categories.clean(f"Mục {number}" for number in range(10**9))) == 20

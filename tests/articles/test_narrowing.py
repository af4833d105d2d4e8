"""What `include` and `exclude` of a source match, and how quickly a list is narrowed."""

from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import PROVINCE, article

from service.articles.narrowing import Narrowing
from service.core.folding import words


def is_shown(
    title: str = "",
    *,
    include: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    lead: str = "",
    categories: tuple[str, ...] = (),
) -> bool:
    narrowing = Narrowing([replace(PROVINCE, include=include, exclude=exclude)])
    return narrowing.shows(article(0, title=title, lead=lead, categories=categories))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("cầu", "Thông xe cầu An Đông"),
        ("cầu", "CẦU AN ĐÔNG THÔNG XE"),
        ("cầu", "Thông xe ca\u0302\u0300u An Đông"),
        ("Cầu", "sửa chữa cầu, cống"),
        ("cầu", "Cầu"),
        ("đường", "Mở đường liên thôn"),
        ("đường", "Mở Ðường liên thôn"),
        ("hoà bình", "Tỉnh Hòa Bình"),
        ("hòa bình", "Tỉnh Hoà Bình"),
        ("thuỷ sản", "Ngành thủy sản"),
        ("khoẻ", "Sức khỏe"),
        ("kỹ sư", "Hai kĩ sư trẻ"),
        ("bác sĩ", "Bác sỹ về xã"),
        ("phòng chống thiên tai", "Luật phòng, chống thiên tai"),
        ("cầu, đường", "Bảo trì cầu đường"),
        ("cấp 5", "Gió cấp 5"),
        ("xe buýt", "Tuyến xe buýt số 8"),
        # Without diacritics, folded
        ("cau", "Thông xe cầu An Đông"),
        ("cau", "Theo yêu cầu của dân"),
        ("CAU DUONG", "Bảo trì cầu đường"),
        ("duong", "Tỉnh Bình Dương"),
        ("covid", "Dịch COVID-19"),
        ("Covid-19", "Dịch covid 19"),
        ("qui nhon", "Thành phố Quy Nhơn"),
    ],
)
def test_a_pattern_matches(pattern: str, text: str) -> None:
    assert is_shown(text, include=(pattern,))
    assert is_shown(lead=text, include=(pattern,))
    assert is_shown(categories=("Khác", text), include=(pattern,))
    assert not is_shown(text, exclude=(pattern,))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("đường", "Tỉnh Bình Dương"),
        ("đường", "Duong lien thon"),
        ("cầu", "Câu cá"),
        ("cầu", "Cau vườn"),
        ("cầu", "Bốn cậu bé"),
        ("cầu đường", "Đường lên cầu"),
        ("cầu đường", "Cầu và đường"),
        ("tay", "Tết"),
        ("tày", "Tài liệu"),
        ("thúy", "Thúi"),
        ("đông hà", "Đông"),
        ("ca", "cao"),
        ("xe buýt", "xé buýt"),
        ("phòng", "phong trào"),
        ("hà", "Thành"),
    ],
)
def test_a_pattern_does_not_match(pattern: str, text: str) -> None:
    assert not is_shown(text, include=(pattern,))
    assert is_shown(text, exclude=(pattern,))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("cầu", "Yêu cầu các đơn vị báo cáo"),
        ("cầu", "YÊU CẦU CÁC ĐƠN VỊ BÁO CÁO"),
        ("cầu", "Yêu Cầu Các Đơn Vị Báo Cáo"),
        ("cầu", "Nhu cầu vốn tăng"),
        ("cầu", "Cầu thủ trẻ của tỉnh"),
        ("cầu thủ", "Theo yêu cầu thủ trưởng các đơn vị"),
        ("đường", "Học đường an toàn"),
        ("đường", "Ngừa bệnh tiểu đường"),
        ("nước", "Quản lý nhà nước"),
        ("trường", "Bảo vệ môi trường"),
        ("phố", "Công an thành phố"),
        ("điện", "Cổng thông tin điện tử"),
        ("hồ", "Học tập Chủ tịch Hồ Chí Minh"),
    ],
)
def test_a_syllable_that_says_something_else_in_a_word_is_not_meant(pattern: str, text: str) -> None:
    assert not is_shown(text, include=(pattern,))
    assert is_shown(f"{text}: {pattern}", include=(pattern,))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yêu cầu", "Theo yêu cầu của dân"),
        ("cầu thủ", "Cầu thủ trẻ của tỉnh"),
        ("yêu", "Yêu cầu của dân"),  # only cầu says something else there
        ("cầu", "Thông xe cầu Thủ Thiêm 2"),  # a name
        ("cầu", "THÔNG XE CẦU THỦ THIÊM 2"),
        ("cầu", "Công an quận Cầu Giấy"),
        ("cầu", "Toàn quận Cầu Giấy ra quân"),
        ("cầu", "Những cây cầu thủ đô"),  # the word is thủ đô
        ("nhà", "Khánh thành nhà văn hóa"),
        ("trường", "Nhà trường và phụ huynh"),
        ("hồ", "Dọn rác quanh hồ Hoàn Kiếm"),
        ("cầu", "Yêu cầu sửa cầu"),  # once is enough
    ],
)
def test_in_doubt_a_syllable_is_meant(pattern: str, text: str) -> None:
    assert is_shown(text, include=(pattern,))


def test_one_pattern_of_several_is_enough_and_exclude_comes_last() -> None:
    assert is_shown("Sửa cầu", include=("đường", "cầu"))
    assert not is_shown("Sửa chợ", include=("đường", "cầu"))
    assert not is_shown("Sửa cầu", include=("cầu",), exclude=("sửa",))
    assert is_shown("Sửa cầu")


def test_a_pattern_does_not_reach_from_one_text_into_the_next() -> None:
    assert not is_shown("Sửa cầu", lead="Đường mới", categories=("Giao", "Thông"), include=("cầu đường",))
    assert not is_shown(categories=("Giao", "Thông"), include=("giao thông",))


def test_other_sources_are_shown_whole() -> None:
    narrowing = Narrowing([replace(PROVINCE, include=("cầu",))])
    assert narrowing.shows(article(0, source="thanh-pho"))
    assert not narrowing.shows(article(0))
    assert not narrowing.narrows("thanh-pho")


def test_a_verdict_is_remembered_for_one_version_of_an_article() -> None:
    narrowing = Narrowing([replace(PROVINCE, include=("cầu",))])
    assert not narrowing.is_known_hidden("tinh", "v1")
    assert not narrowing.shows(article(0, title="Chợ"), "v1")
    assert narrowing.is_known_hidden("tinh", "v1")
    assert narrowing.shows(article(0, title="Cầu"), "v2")
    assert not narrowing.is_known_hidden("tinh", "v2")


def test_why_an_article_is_hidden_is_told() -> None:
    narrowing = Narrowing([replace(PROVINCE, include=("cầu",), exclude=("Chợ",))])
    assert narrowing.reason(article(0, title="Cầu")) is None
    assert (
        narrowing.reason(article(0, title="Đò")) == "no pattern of `include` is in title, lead or categories"
    )
    told = "`exclude` has “Chợ”, which is in title, lead or categories"
    assert narrowing.reason(article(0, title="Cầu chợ")) == told


def test_every_word_of_the_list_has_the_syllable_it_stands_under() -> None:
    lines = files("service.articles").joinpath("compounds.txt").read_text("utf-8").splitlines()
    for line in lines:
        syllable, _, listed = line.partition(":")
        if line and not line.startswith("#"):
            for word in filter(None, map(str.strip, listed.split(","))):
                assert not syllable or syllable in word.lower().split(), line
                assert len(word.split()) > 1, word


_SYLLABLES = st.lists(st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạ", min_size=1, max_size=6), max_size=4)


@given(_SYLLABLES, _SYLLABLES.filter(bool), _SYLLABLES)
@settings(deadline=None, max_examples=100)
def test_whole_adjacent_syllables_are_found_wherever_they_stand(
    before: list[str], syllables: list[str], after: list[str]
) -> None:
    text = " ".join((*before, *syllables, *after)).upper()
    assert is_shown(text, include=(", ".join(syllables),))


@given(st.text(max_size=60), st.text(max_size=20))
@settings(deadline=None, max_examples=100)
def test_any_text_and_any_pattern_with_a_word_may_be_compared(text: str, pattern: str) -> None:
    if words(pattern):
        assert is_shown(text, include=(pattern,)) is not is_shown(text, exclude=(pattern,))

"""Finding places by what people type."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.folding import fold
from service.places.catalogue import Catalogue, built_in_places
from service.places.model import Place

PLACES = built_in_places()
CATALOGUE = Catalogue(PLACES)

OLD_PROVINCES = sorted({place.provinces[0] for place in PLACES} | {"Thừa Thiên Huế"})
NEW_PROVINCES = sorted({place.provinces[1] for place in PLACES})


def found(query: str, limit: int = 500) -> list[str]:
    return [place.id for place in CATALOGUE.search(query, limit)]


def town(place_id: str, name: str, *aliases: str) -> Place:
    return Place(place_id, {"vi": name, "en": name}, "VN", 16, 107, "Asia/Ho_Chi_Minh", aliases=aliases)


@pytest.mark.parametrize(
    "query",
    ["dong ha", "Đông Hà", "ĐÔNG HÀ", "Ðông Hà", "Ɖông Hà", "dongha", "  đông   hà ", "Đông-Hà",
     "TP. Đông Hà", "tp đông hà", "Thành phố Đông Hà", "TX Đông Hà", "tpdongha", "Dong Ha city",
     "Đông Hà, Việt Nam", unicodedata.normalize("NFD", "Đông Hà"), "Đông Hà, Quảng Trị",
     "Đông Hà, tỉnh Quảng Trị"],
)  # fmt: skip
def test_every_way_to_type_dong_ha_finds_it_first(query: str) -> None:
    assert found(query)[0] == "dong-ha"


@pytest.mark.parametrize(
    ("query", "place_id"),
    [
        *((spelling, "buon-ma-thuot") for spelling in ("Đắk Lắk", "Đăk Lăk", "Đắc Lắc", "Dak Lak", "DakLak")),
        *((spelling, "buon-ma-thuot") for spelling in ("Buôn Mê Thuột", "Ban Mê Thuột", "ban me", "BMT")),
        *((spelling, "bac-kan") for spelling in ("Bắc Kạn", "Bắc Cạn", "bac can")),
        *((spelling, "kon-tum") for spelling in ("Kon Tum", "Kontum", "Công Tum")),
        *((spelling, "pleiku") for spelling in ("Plei Ku", "PLEIKU", "Plây Cu")),
        *((name, "ho-chi-minh") for name in ("Sài Gòn", "TPHCM", "TP.HCM", "TP. HCM", "TP HCM", "Saigon")),
        *((name, "ho-chi-minh") for name in ("TP. Hồ Chí Minh", "Ho Chi Minh City", "HCM", "quận 1")),
        *((name, "phan-rang-thap-cham") for name in ("Phan Rang \u2013 Tháp Chàm", "Phan Rang-Tháp Chàm")),
        *((name, "quy-nhon") for name in ("Quy Nhơn", "Qui Nhơn", "qui nhon")),
        *((name, "hoa-binh") for name in ("Hoà Bình", "Hòa Bình", "HÒA BÌNH")),
        ("Mĩ Tho", "my-tho"),
        ("Lí Sơn", "ly-son"),
        ("Sapa", "sa-pa"),
        ("Đăk Rông", "dakrong"),
        ("Đắc Nông", "gia-nghia"),
        ("Thừa Thiên - Huế", "hue"),
        ("quan ba", "quan-ba"),
        ("tinh bien", "tinh-bien"),
        ("Đà Nẵ", "da-nang"),
        ("Hạ Long, VN", "ha-long"),
        ("xã Lao Bảo, tỉnh Quảng Trị", "lao-bao"),
    ],
)  # fmt: skip
def test_other_spellings_find_the_place_first(query: str, place_id: str) -> None:
    assert found(query)[0] == place_id


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Quảng Trị", ["thi-xa-quang-tri", "dong-ha", "dong-hoi"]),
        ("quang tri", ["thi-xa-quang-tri", "dong-ha", "dong-hoi"]),
        ("tỉnh Quảng Trị", ["thi-xa-quang-tri", "dong-ha", "dong-hoi"]),
        ("Phú Thọ", ["thi-xa-phu-tho", "viet-tri"]),
        ("Gia Lai", ["pleiku", "quy-nhon", "an-khe"]),
        ("Tây Ninh", ["tay-ninh", "tan-an", "ben-cau"]),
        ("An Giang", ["long-xuyen", "rach-gia", "chau-doc"]),
        ("Đồng Tháp", ["cao-lanh", "my-tho", "go-cong"]),
        ("Lào Cai", ["lao-cai", "yen-bai", "bac-ha"]),
        ("Bắc Ninh", ["bac-ninh", "bac-giang"]),
        ("Cà Mau", ["ca-mau", "bac-lieu"]),
        ("Lâm Đồng", ["da-lat", "gia-nghia", "phan-thiet"]),
    ],
)
def test_a_province_lists_its_own_name_then_the_old_seat_then_the_seat_of_today(
    query: str, first: list[str]
) -> None:
    assert found(query)[: len(first)] == first


def test_a_province_lists_all_its_places_old_and_new() -> None:
    expected = {place.id for place in PLACES if "Quảng Trị" in place.provinces}
    assert set(found("Quảng Trị")) == expected
    assert set(found("Đắc Lắc")) == {place.id for place in PLACES if "Đắk Lắk" in place.provinces}


def test_places_of_a_province_that_are_no_seats_follow_in_vietnamese_order() -> None:
    assert found("Quảng Trị")[3:7] == ["ba-don", "cam-lo", "con-co", "cua-tung"]


@pytest.mark.parametrize("province", OLD_PROVINCES)
def test_every_old_province_finds_its_seat_before_other_seats(province: str) -> None:
    seat = next(place.id for place in PLACES if place.provinces[0] == province.removeprefix("Thừa Thiên "))
    for query in (province, f"tỉnh {province}", fold(province)):
        seats = [place_id for place_id in found(query) if place_id in {place.id for place in PLACES[:63]}]
        assert seats[0] == seat


@pytest.mark.parametrize("province", NEW_PROVINCES)
def test_every_province_of_today_finds_all_its_seats(province: str) -> None:
    assert {place.id for place in PLACES[:63] if place.provinces[1] == province} <= set(found(province))


def test_an_exact_accent_match_comes_first() -> None:
    assert found("Nậm Cắn")[:2] == ["muong-xen", "nam-can"]
    assert found("Năm Căn")[:2] == ["nam-can", "muong-xen"]
    twins = Catalogue([town("thanh-hoa", "Thanh Hóa"), town("thanh-hoa-2", "Thạnh Hóa")])
    assert [place.id for place in twins.search("Thạnh Hóa", 9)] == ["thanh-hoa-2", "thanh-hoa"]
    assert [place.id for place in twins.search("thạnh hoá", 9)] == ["thanh-hoa-2", "thanh-hoa"]
    assert [place.id for place in twins.search("Thanh Hoá", 9)] == ["thanh-hoa", "thanh-hoa-2"]


def test_of_two_places_with_one_name_both_are_listed() -> None:
    twins = Catalogue([town("b", "Đồng Văn"), town("a", "Đồng Văn")])
    assert [place.id for place in twins.search("dong van", 9)] == ["a", "b"]


def test_a_name_comes_before_an_alias_and_an_alias_before_a_beginning() -> None:
    places = Catalogue([town("begins", "Minh Tân"), town("alias", "Xa", "Minh"), town("name", "Mính")])
    assert [place.id for place in places.search("minh", 9)] == ["alias", "name", "begins"]
    assert [place.id for place in places.search("mình", 9)] == ["name", "alias", "begins"]


def test_names_that_begin_like_the_query_come_centre_then_seats_then_others() -> None:
    assert found("hai")[:3] == ["hai-phong", "hai-duong", "hai-lang"]
    assert found("Đồng")[:3] == ["dong-hoi", "dong-xoai", "dong-dang"]


def test_a_word_inside_a_name_finds_it_too() -> None:
    assert {"lai-chau", "moc-chau", "mai-chau", "vinh-chau", "chau-doc"} <= set(found("châu"))
    assert found("châu")[0] == "chau-doc"
    assert "ho-chi-minh" not in found("hau")


def test_a_unit_that_is_part_of_the_name_means_exactly_that_place() -> None:
    assert found("thị xã Quảng Trị") == ["thi-xa-quang-tri"]


def test_the_limit_cuts_the_list_and_a_blank_query_lists_all_in_order() -> None:
    assert len(found("a", 3)) == 3
    assert found("a", 0) == []
    assert found("a", -1) == []
    assert found(" \t") == [place.id for place in CATALOGUE]
    assert len(found("", 5)) == 5


@pytest.mark.parametrize(
    "query", ["...", "🙂", "\x00", "Reykjavík", "tphcmm", "đông hà hà nội", "\udcff", "-"]
)
def test_what_fits_no_name_finds_nothing(query: str) -> None:
    assert found(query) == []


def test_a_query_is_read_up_to_a_hundred_characters() -> None:
    assert found("Huế" + " " * 97 + "nothing") == found("Huế")
    assert found("ha noi" * 100_000) == []


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.id)
def test_every_place_is_found_first_by_its_names_in_any_form(place: Place) -> None:
    for name in place.names.values():
        for query in (name, name.upper(), unicodedata.normalize("NFD", name), f"  {name}  "):
            assert found(query)[0] == place.id
        assert place.id in found(fold(name))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.id)
def test_every_alias_finds_its_place(place: Place) -> None:
    for alias in place.aliases:
        assert place.id in found(alias)
        assert place.id in found(fold(alias))
        assert place.id in found(unicodedata.normalize("NFD", alias.swapcase()))


@given(st.text(max_size=150))
@settings(deadline=None, max_examples=80)
def test_any_query_is_answered_with_places_that_differ(query: str) -> None:
    answer = found(query, 20)
    assert len(answer) == len(set(answer)) <= 20


@given(
    st.lists(
        st.sampled_from(
            [*"aăâđêôơưywzỳạ .-,1", "tp", "tỉnh ", "thị xã ", "Quảng Trị ", "huế ", "\u0301", "\u0323"]
        )
    )
)
@settings(deadline=None, max_examples=80)
def test_a_query_finds_the_same_in_every_normal_form_and_case(pieces: list[str]) -> None:
    query = "".join(pieces)[:40]
    composed = unicodedata.normalize("NFC", query)
    assert found(unicodedata.normalize("NFD", query)) == found(composed) == found(composed.upper())


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=8))
@settings(deadline=None, max_examples=100)
def test_configured_names_of_any_script_can_be_indexed_and_found(names: list[str]) -> None:
    places = [town(f"x-{number}", name) for number, name in enumerate(names)]
    catalogue = Catalogue(places)
    for place in places:
        if fold(place.name("vi")):
            assert place in catalogue.search(place.name("vi"), len(places))

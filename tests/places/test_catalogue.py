"""The catalogue: ids, orders, and what a select offers."""

from dataclasses import replace

import pytest

from service.places.catalogue import Catalogue, built_in_places, great_circle
from service.places.model import Place

PLACES = built_in_places()
CATALOGUE = Catalogue(PLACES)
BY_ID = {place.id: place for place in PLACES}
VIENTIANE = Place("vientiane", {"vi": "Viêng Chăn", "en": "Vientiane"}, "LA", 17.97, 102.63, "Asia/Vientiane")


def row_of_towns(count: int) -> list[Place]:
    """Built-in towns along one meridian, a tenth of a degree apart, none of them named in that order."""
    return [
        replace(
            BY_ID["dong-ha"],
            id=f"row-{number}",
            names={"vi": f"Làng {number % 7} {number}", "en": f"Village {number}"},
            latitude=number / 10,
            longitude=107.0,
        )
        for number in range(count)
    ]


def test_a_place_is_got_by_exactly_its_id() -> None:
    assert CATALOGUE.get("dong-ha") == BY_ID["dong-ha"]
    assert CATALOGUE.get("Dong-Ha") is None
    assert CATALOGUE.get("") is None
    assert len(CATALOGUE) == len(CATALOGUE.ids) == len(PLACES)
    assert [place.id for place in CATALOGUE] == list(CATALOGUE.ids)


@pytest.mark.parametrize("name", ["TP.HCM", "tp hcm", "TPHCM", "Sài Gòn", "Thành phố Hồ Chí Minh", "Saigon"])
def test_a_city_that_is_a_province_is_found_by_its_other_names(name: str) -> None:
    province = CATALOGUE.province(name)
    assert province is not None
    assert province.name == "Hồ Chí Minh"
    assert CATALOGUE.province("quận 1") is None  # a part of it is not the whole


def test_two_places_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="one id"):
        Catalogue([VIENTIANE, VIENTIANE])


def test_each_language_has_its_own_order() -> None:
    vietnamese = [place.id for place in CATALOGUE.in_order("vi")]
    english = [place.id for place in CATALOGUE.in_order("en")]
    assert vietnamese.index("cu-chi") < vietnamese.index("da-lat") < vietnamese.index("do-son")
    assert vietnamese.index("di-linh") < vietnamese.index("da-lat")
    assert english.index("da-lat") < english.index("di-linh") < english.index("do-son")
    assert english.index("ha-tinh") < english.index("ha-noi")  # "Ha Tinh" before "Hanoi"
    assert sorted(vietnamese) == sorted(english)


def test_a_language_without_names_is_listed_as_vietnamese() -> None:
    assert CATALOGUE.in_order("fr") == CATALOGUE.in_order("vi")
    assert CATALOGUE.choices(BY_ID["hue"], "fr") == CATALOGUE.choices(BY_ID["hue"], "vi")


def test_a_select_offers_the_places_of_the_country_in_order() -> None:
    for language in PLACES[0].names:
        choices = CATALOGUE.choices(BY_ID["dong-ha"], language)
        assert choices.places == CATALOGUE.in_order(language)
        assert choices.complete


def test_a_select_lists_configured_places_of_any_country() -> None:
    catalogue = Catalogue([*PLACES, VIENTIANE])
    assert VIENTIANE in catalogue.choices(BY_ID["dong-ha"], "vi").places
    assert catalogue.choices(VIENTIANE, "vi").places == (VIENTIANE,)


def test_a_select_leaves_out_built_in_places_of_other_countries() -> None:
    savannakhet = replace(VIENTIANE, id="savannakhet", built_in=True)
    catalogue = Catalogue([*PLACES, savannakhet])
    assert savannakhet not in catalogue.choices(BY_ID["dong-ha"], "vi").places
    assert catalogue.choices(savannakhet, "vi").places == (savannakhet,)


def test_200_places_are_all_offered_in_one_select() -> None:
    towns = row_of_towns(160)
    configured = [replace(VIENTIANE, id=f"c-{number}") for number in range(40)]
    choices = Catalogue([*towns, *configured]).choices(towns[0], "vi")
    assert len(choices.places) == 200
    assert choices.complete


def test_of_more_the_nearest_30_and_the_configured_ones_are_offered() -> None:
    towns = row_of_towns(200)
    catalogue = Catalogue([*towns, VIENTIANE])
    choices = catalogue.choices(towns[0], "vi")
    assert {place.id for place in choices.places} == {*(f"row-{number}" for number in range(30)), "vientiane"}
    assert not choices.complete
    assert list(choices.places) == [place for place in catalogue if place in choices.places]


def test_of_too_many_configured_ones_the_nearest_30_are_offered() -> None:
    towns = [replace(town, built_in=False) for town in row_of_towns(300)]
    catalogue = Catalogue([*towns, VIENTIANE])
    assert {place.id for place in catalogue.choices(towns[0], "vi").places} == {
        f"row-{number}" for number in range(30)
    }
    assert catalogue.choices(None, "vi").places == ()


def test_the_nearest_places_of_a_configured_place_are_counted_from_it() -> None:
    towns = row_of_towns(210)
    here = replace(VIENTIANE, country="VN", latitude=20.9, longitude=107.0)
    choices = Catalogue([*towns, here]).choices(here, "vi")
    assert {place.id for place in choices.places} == {
        *(f"row-{number}" for number in range(180, 210)),
        "vientiane",
    }


def test_without_a_place_all_are_offered_or_only_the_configured_ones_where_they_are_too_many() -> None:
    assert CATALOGUE.choices(None, "vi").places == CATALOGUE.in_order("vi")
    many = Catalogue([*row_of_towns(200), VIENTIANE]).choices(None, "vi")
    assert many.places == (VIENTIANE,)
    assert not many.complete


def test_an_empty_catalogue_answers_too() -> None:
    empty = Catalogue([])
    assert empty.search("Huế", 5) == empty.search("", 5) == []
    assert empty.choices(None, "vi").places == empty.in_order("en") == ()


def test_the_great_circle_from_hanoi_to_ho_chi_minh_city_is_some_1140_km() -> None:
    assert 6371 * great_circle(BY_ID["ha-noi"], BY_ID["ho-chi-minh"]) == pytest.approx(1143, abs=5)
    assert great_circle(BY_ID["hue"], BY_ID["hue"]) == 0
    east, west = replace(VIENTIANE, longitude=179.5), replace(VIENTIANE, longitude=-179.5)
    assert great_circle(east, west) < 0.02

"""Built-in and configured places together."""

from dataclasses import replace

import pytest

from service.core.errors import SettingsError
from service.places.catalogue import built_in_places, merge, no_such_place
from service.places.model import Place

PLACES = built_in_places()
VIENTIANE = Place("vientiane", {"vi": "Viêng Chăn", "en": "Vientiane"}, "LA", 17.97, 102.63, "Asia/Vientiane")
OUR_DONG_HA = replace(VIENTIANE, id="dong-ha", names={"vi": "Đông Hà của ta", "en": "Our Dong Ha"})


def test_without_configured_places_the_built_in_ones_are_served() -> None:
    assert set(merge(PLACES, [], None).ids) == {place.id for place in PLACES}


def test_a_configured_place_is_added_and_can_be_found() -> None:
    catalogue = merge(PLACES, [VIENTIANE], None)
    assert len(catalogue) == len(PLACES) + 1
    assert catalogue.search("vieng chan", 1) == [VIENTIANE]


def test_a_configured_place_replaces_the_built_in_one_with_its_id() -> None:
    catalogue = merge(PLACES, [OUR_DONG_HA], None)
    assert len(catalogue) == len(PLACES)
    assert catalogue.get("dong-ha") is OUR_DONG_HA


def test_only_the_named_built_in_places_are_kept_and_all_configured_ones() -> None:
    assert set(merge(PLACES, [VIENTIANE], ["hue", "da-nang"]).ids) == {"hue", "da-nang", "vientiane"}
    assert set(merge(PLACES, [VIENTIANE, OUR_DONG_HA], []).ids) == {"dong-ha", "vientiane"}
    assert set(merge(PLACES, [VIENTIANE], ["vientiane", "hue", "hue"]).ids) == {"hue", "vientiane"}


def test_all_faults_are_told_at_once_with_the_nearest_id() -> None:
    with pytest.raises(SettingsError) as caught:
        merge(PLACES, [VIENTIANE, VIENTIANE, VIENTIANE], ["hue", "dong-haa", "????"])
    assert caught.value.faults == [
        'weather.cities: no place has the id "dong-haa" (nearest: "dong-ha")',
        'weather.cities: no place has the id "????"',
        'weather.city: two places have the id "vientiane"',
    ]


def test_another_setting_that_names_a_place_is_told_likewise() -> None:
    assert no_such_place("site.default_city", "dong_ha", ["hue", "dong-ha"]) == (
        'site.default_city: no place has the id "dong_ha" (nearest: "dong-ha")'
    )

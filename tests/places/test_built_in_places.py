"""The places that come with the service."""

import re
import unicodedata
from collections import Counter
from zoneinfo import ZoneInfo

from service.places.catalogue import built_in_places
from service.places.model import PLACE_ID, PlaceKind

PLACES = built_in_places()
BY_ID = {place.id: place for place in PLACES}


def test_the_63_seats_come_first() -> None:
    seats = {PlaceKind.CITY_CENTRAL, PlaceKind.SEAT_NOW, PlaceKind.SEAT_BEFORE}
    assert all(place.kind in seats for place in PLACES[:63])
    assert not any(place.kind in seats for place in PLACES[63:])


def test_the_seats_cover_63_old_and_34_new_provinces() -> None:
    assert len({place.provinces[0] for place in PLACES[:63]}) == 63
    assert len({place.provinces[1] for place in PLACES}) == 34
    now = Counter(
        place.provinces[1] for place in PLACES if place.kind in {PlaceKind.CITY_CENTRAL, PlaceKind.SEAT_NOW}
    )
    assert set(now.values()) == {1}
    assert len(now) == 34


def test_ids_are_well_formed_and_differ() -> None:
    assert len(BY_ID) == len(PLACES)
    assert all(PLACE_ID.fullmatch(place.id) for place in PLACES)


def test_dong_ha_stands_where_it_lies() -> None:
    place = BY_ID["dong-ha"]
    assert (place.name("vi"), place.name("en"), place.country) == ("Đông Hà", "Dong Ha", "VN")
    assert (place.latitude, place.longitude, place.altitude) == (16.8163, 107.1003, 21)
    assert place.provinces == ("Quảng Trị", "Quảng Trị")
    assert place.kind is PlaceKind.SEAT_BEFORE


def test_every_place_lies_in_vietnam_or_its_seas_and_keeps_its_time() -> None:
    for place in PLACES:
        assert 8 < place.latitude < 23.5
        assert 102 < place.longitude < 115
        assert ZoneInfo(place.timezone).key == "Asia/Ho_Chi_Minh"
        assert place.built_in


def test_altitudes_from_memory_are_left_out_and_sourced_ones_are_kept() -> None:
    assert BY_ID["moc-chau"].altitude is None
    assert BY_ID["lai-chau"].altitude is None
    assert BY_ID["da-lat"].altitude == 1483
    assert BY_ID["go-cong"].altitude == 0
    sourced = [place for place in PLACES if place.altitude is not None]
    assert len(PLACES) / 2 < len(sourced) < len(PLACES)


def test_three_island_groups_are_sea_areas() -> None:
    assert {place.id for place in PLACES if place.sea} == {"hoang-sa", "truong-sa", "song-tu-tay"}


def test_all_text_is_nfc_and_uses_the_vietnamese_d_only() -> None:
    for place in PLACES:
        for text in (*place.names.values(), *place.aliases, *place.provinces):
            assert text == unicodedata.normalize("NFC", text).strip()
            assert text
            assert not re.search("[ÐðƉɖ]", text)

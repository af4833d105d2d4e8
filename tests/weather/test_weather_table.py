"""The table of several places: which rows it has, what they tell, and what is wrongly asked for."""

import re
from dataclasses import replace
from html import unescape
from urllib.parse import urlencode

import pytest
from web_site import CURRENT, HOUR, MINUTE, NOW, Site, an_hourly_forecast

from service.places.collation import vietnamese_order
from service.web.parameters import MAX_ROWS


def rows_of(site: Site, status: int = 200, /, **asked: str) -> list[str]:
    """The texts of the rows, without what only a screen reader tells and with plain spaces."""
    answer = site.get(f"/widgets/weather?{urlencode(asked)}")
    assert answer.status_code == status, answer.text
    rows = re.findall(r"<li\b[^>]*>(.*?)</li>", answer.text, flags=re.DOTALL)
    unheard = [re.sub(r'<span class="sr">.*?</span>|<svg.*?</svg>', "", row) for row in rows]
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", row)).split()) for row in unheard]


def said(site: Site, status: int, **asked: str) -> str:
    answer = site.get(f"/widgets/weather?{urlencode(asked)}")
    assert answer.status_code == status
    (sentence,) = re.findall(r'class="says">([^<]*)', answer.text)
    return sentence


def test_every_place_has_a_row_in_the_order_that_was_asked_for(site: Site) -> None:
    told = "27° Nhiều mây, âm u 30° 22° 80 % 30 km/h"
    assert rows_of(site, cities="hue,dong-ha,hue, ") == [f"Huế {told}", f"Đông Hà {told}"]


def test_one_wrong_id_takes_no_other_row_away(site: Site) -> None:
    rows = rows_of(site, cities="hue,atlantis,<b>hue</b>,ha-noi")
    assert rows[0].startswith("Huế 27°")
    assert rows[1:3] == [f"{name} Không có địa điểm này trong danh sách" for name in ("atlantis", "\u2013")]
    assert rows[3] == "Hà Nội Chưa có số liệu"


def test_an_old_row_tells_its_own_time(site: Site) -> None:
    site.keep("hue", hourly=an_hourly_forecast(), fetched_at=NOW - 3 * HOUR)
    answer = site.get("/widgets/weather?cities=dong-ha,hue").text
    assert rows_of(site, cities="hue") == [
        "Huế 27° Nhiều mây, âm u 30° 22° 80 % 30 km/h Số liệu cũ, lúc 07:20 22/11"
    ]
    assert answer.count("Số liệu cũ") == answer.count("Cập nhật lúc 10:15 ngày 22/11/2026") == 1
    assert "Cập nhật" not in site.get("/widgets/weather?cities=hue").text


def test_a_row_of_a_place_without_new_data_tells_since_when(site: Site) -> None:
    site.keep("hue", hourly=an_hourly_forecast(), fetched_at=NOW - 24 * HOUR)
    assert rows_of(site, cities="hue,ha-noi") == [
        "Huế Chưa có số liệu mới từ 10:20 21/11",
        "Hà Nội Chưa có số liệu",
    ]
    assert "No new data since 10:20 21 Nov" in rows_of(site, cities="hue", lang="en")[0]


def test_an_alert_leaves_the_sky_to_screen_readers(site: Site) -> None:
    site.keep("hue", current=replace(CURRENT, wind_speed=22.0))
    page = site.get("/widgets/weather?cities=hue").text
    assert '<span class="sr">Nhiều mây, âm u. </span><strong>Gió mạnh' in page


def test_the_oldest_time_stands_for_all(site: Site) -> None:
    site.keep("hue", current=replace(CURRENT, time=NOW - 45 * MINUTE))
    assert "Cập nhật lúc 09:35" in site.get("/widgets/weather?cities=dong-ha,hue").text


@pytest.mark.parametrize(
    "province", ["Quảng Trị", "quang tri", "QUANGTRI", "tỉnh Quảng Trị", "Quảng Bình", "quang binh"]
)
def test_a_province_is_found_by_any_spelling_of_its_name_of_today_or_before(
    site: Site, province: str
) -> None:
    names = [row.removesuffix(" Chưa có số liệu") for row in rows_of(site, province=province)]
    assert 1 < len(names) <= MAX_ROWS
    assert "Đồng Hới" in names
    assert any(name.startswith("Đông Hà 27°") for name in names) == ("b" not in province.lower())
    names = [name.partition(" 27°")[0] for name in names]
    assert names == sorted(names, key=vietnamese_order)


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ({"cities": "atlantis,eldorado"}, 404, "Không có địa điểm nào trong số này"),
        ({"province": "Atlantis"}, 404, "Không có tỉnh hay thành phố này"),
        ({"cities": ",".join(map(str, range(MAX_ROWS + 1)))}, 400, "“cities” phải là từ 1 đến 20 mã"),
        ({"cities": " , "}, 400, "“cities” phải là từ 1 đến 20 mã"),
        ({"cities": "hue", "province": "Huế"}, 400, "một trong hai tham số “cities” và “province”"),
        ({"cities": "hue", "layout": "full"}, 400, "“layout” không hợp lệ. Giá trị hợp lệ: table."),
        ({"city": "hue", "layout": "table"}, 400, "Giá trị hợp lệ: compact, strip, full."),
        ({"cities": "hue", "units": "kelvin"}, 400, "“units” không hợp lệ"),
    ],
)
def test_what_cannot_be_shown_is_a_sentence(
    site: Site, asked: dict[str, str], status: int, says: str
) -> None:
    assert says in said(site, status, **asked)


def test_a_table_in_another_look_leads_to_places_in_that_look(site: Site) -> None:
    page = site.get("/widgets/weather?cities=hue&lang=en&units=imperial&theme=dark&layout=table").text
    assert "81°" in page
    assert "/widgets/weather/hue?layout=full&amp;lang=en&amp;units=imperial&amp;theme=dark" in page

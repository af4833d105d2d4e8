from itertools import product

import pytest

from service.locales import Catalog, Speech, available
from service.weather.model import UNKNOWN_SKY, Condition, Intensity, Sky

SKIES = [Sky(condition, detail) for condition, detail in product(Condition, Intensity)]
TIMES = [True, False, None]

# What public software printed, and what never belongs in a Vietnamese forecast.
WRONG = [
    "ẩm ướt", "mưa lạnh", "mưa tắm", "rào rào", "tắm tuyết", "bão", "giông", "sấm", "sương muối", "gió lốc",
    "gần lốc", "cuồng phong", "mây vỡ", "trong lành", "bình thường", "mưa nhẹ", "nặng hạt", "cường độ",
    "vòi rồng",
]  # fmt: skip


@pytest.mark.parametrize("language", available())
@pytest.mark.parametrize("is_day", TIMES)
def test_every_sky_has_words_by_day_and_by_night(language: str, is_day: bool | None) -> None:
    formatter = Speech(language)
    for sky in SKIES:
        for temperature in (None, 15.0, 30.0):
            said = formatter.condition(sky, is_day, temperature)
            inline = formatter.condition_inline(sky, is_day, temperature)
            assert said[0].isupper()
            assert inline[0].islower()


@pytest.mark.parametrize("language", available())
def test_every_condition_in_the_catalog_is_one_that_can_be(language: str) -> None:
    known = {f"condition.{sky.condition}.{sky.detail}" for sky in SKIES}
    written = [key for key in Catalog.load(language) if key.startswith("condition.")]
    stems = {key.removesuffix(".night").removesuffix(".warm").removesuffix(".inline") for key in written}
    assert stems <= known
    assert {f"condition.{condition}.plain" for condition in Condition} <= stems


@pytest.mark.parametrize(
    ("sky", "day", "night"),
    [
        (Sky(Condition.CLEAR), "Trời nắng", "Trời quang"),
        (Sky(Condition.MOSTLY_CLEAR), "Ít mây, trời nắng", "Ít mây"),
        (Sky(Condition.PARTLY_CLOUDY), "Có mây", "Có mây"),
        (Sky(Condition.OVERCAST), "Nhiều mây, âm u", "Nhiều mây"),
        (Sky(Condition.FOG), "Sương mù", "Sương mù"),
        (Sky(Condition.FOG, Intensity.MIST), "Sương mù nhẹ", "Sương mù nhẹ"),
        (Sky(Condition.HAZE), "Mù khô", "Mù khô"),
        (Sky(Condition.HAZE, Intensity.SMOKE), "Khói mù", "Khói mù"),
        (Sky(Condition.RAIN, Intensity.LIGHT), "Mưa nhỏ", "Mưa nhỏ"),
        (Sky(Condition.RAIN, Intensity.HEAVY), "Mưa to", "Mưa to"),
        (Sky(Condition.SHOWERS), "Mưa rào", "Mưa rào"),
        (Sky(Condition.SHOWERS, Intensity.HEAVY), "Mưa rào to", "Mưa rào to"),
        (Sky(Condition.FREEZING_RAIN), "Mưa đóng băng", "Mưa đóng băng"),
        (Sky(Condition.SLEET), "Mưa lẫn tuyết", "Mưa lẫn tuyết"),
        (Sky(Condition.SNOW, Intensity.SHOWERS), "Tuyết rơi từng đợt", "Tuyết rơi từng đợt"),
        (Sky(Condition.THUNDER), "Mưa dông", "Mưa dông"),
        (Sky(Condition.THUNDER, Intensity.DRY), "Có dông", "Có dông"),
        (Sky(Condition.THUNDER, Intensity.HEAVY_HAIL), "Mưa dông mạnh, mưa đá", "Mưa dông mạnh, mưa đá"),
        (Sky(Condition.SQUALL), "Tố, gió giật mạnh", "Tố, gió giật mạnh"),
        (UNKNOWN_SKY, "Chưa có mô tả", "Chưa có mô tả"),
    ],
)
def test_the_glossary(vi: Speech, sky: Sky, day: str, night: str) -> None:
    assert [vi.condition(sky, True), vi.condition(sky, False)] == [day, night]


def test_the_sun_is_not_spoken_of_when_nobody_knows_whether_it_shines(vi: Speech, en: Speech) -> None:
    for sky in SKIES:
        assert "nắng" not in vi.condition(sky, None)
        assert "nắng" not in vi.condition(sky, False)
        assert "Sunny" not in (en.condition(sky, None), en.condition(sky, False))
    assert en.condition(Sky(Condition.CLEAR), True) == "Sunny"


def test_wrong_terms_of_public_software_are_never_said(vi: Speech) -> None:
    for sky, is_day, temperature in product(SKIES, TIMES, (None, 15.0, 30.0)):
        said = vi.condition(sky, is_day, temperature).lower()
        assert [term for term in WRONG if term in said] == []


def test_hail_is_said_of_hail_alone(vi: Speech) -> None:
    hail = {sky for sky in SKIES if "mưa đá" in vi.condition(sky, True).lower()}
    assert hail == {
        Sky(Condition.THUNDER, Intensity.LIGHT_HAIL),
        Sky(Condition.THUNDER, Intensity.HEAVY_HAIL),
    }


def test_fog_is_said_of_fog_alone(vi: Speech) -> None:
    assert {sky.condition for sky in SKIES if "Sương mù" in vi.condition(sky, True)} == {Condition.FOG}


def test_warm_drizzle_is_light_rain_in_vietnamese_and_drizzle_in_english(vi: Speech, en: Speech) -> None:
    drizzle = Sky(Condition.DRIZZLE, Intensity.LIGHT)
    assert [vi.condition(drizzle, True, warmth) for warmth in (None, 24.9, 25.0)] == [
        "Mưa phùn nhẹ",
        "Mưa phùn nhẹ",
        "Mưa nhỏ",
    ]
    assert vi.condition(Sky(Condition.DRIZZLE), True, 30) == "Mưa nhỏ"
    assert vi.condition_inline(drizzle, True, 25.0) == "mưa nhỏ"
    assert en.condition(drizzle, True, 30) == "Light drizzle"


def test_no_degree_of_warm_drizzle_is_called_mua_phun(vi: Speech) -> None:
    warm = {vi.condition(Sky(Condition.DRIZZLE, detail), True, 28) for detail in Intensity}
    assert warm == {"Mưa nhỏ"}


def test_a_detail_without_words_is_said_plainly(vi: Speech) -> None:
    assert vi.condition(Sky(Condition.TORNADO, Intensity.MIST), True) == "Lốc xoáy"
    assert vi.condition(Sky(Condition.CLEAR, Intensity.HEAVY), False) == "Trời quang"


def test_inside_a_sentence_the_first_letter_is_small_and_the_form_short(vi: Speech, en: Speech) -> None:
    assert vi.condition_inline(Sky(Condition.OVERCAST), True) == "nhiều mây"
    assert vi.condition_inline(Sky(Condition.SHOWERS, Intensity.LIGHT), True) == "mưa rào nhẹ"
    assert vi.condition_inline(Sky(Condition.CLEAR), False) == "trời quang"
    assert en.condition_inline(Sky(Condition.RAIN, Intensity.HEAVY), True) == "heavy rain"

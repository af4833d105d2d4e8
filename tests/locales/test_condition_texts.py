import re
from itertools import product

import pytest

from service.locales.catalog import Catalog, available
from service.locales.formatter import Formatter
from service.weather.model import UNKNOWN_CONDITION, Condition, DetailedCondition, Intensity

CONDITIONS = [DetailedCondition(kind, intensity) for kind, intensity in product(Condition, Intensity)]
TIMES = [True, False, None]

# What public software printed, and what never belongs in a Vietnamese forecast.
WRONG = [
    "ẩm ướt", "mưa lạnh", "mưa tắm", "rào rào", "tắm tuyết", "bão", "giông", "sấm", "sương muối", "gió lốc",
    "gần lốc", "cuồng phong", "mây vỡ", "trong lành", "bình thường", "mưa nhẹ", "mưa nặng hạt", "cường độ",
    "vòi rồng",
]  # fmt: skip


def words(
    formatter: Formatter, condition: DetailedCondition, is_day: bool | None, temperature: float | None = None
) -> str:
    return formatter.condition(condition.kind, condition.intensity, is_day, temperature)


def inline(
    formatter: Formatter, condition: DetailedCondition, is_day: bool | None, temperature: float | None = None
) -> str:
    return formatter.condition_inline(condition.kind, condition.intensity, is_day, temperature)


@pytest.mark.parametrize("language", available())
@pytest.mark.parametrize("is_day", TIMES)
def test_every_sky_has_words_by_day_and_by_night(language: str, is_day: bool | None) -> None:
    formatter = Formatter(language)
    for condition in CONDITIONS:
        for temperature in (None, 15.0, 30.0):
            first = words(formatter, condition, is_day, temperature)[0]
            inner = inline(formatter, condition, is_day, temperature)[0]
            assert first.isalpha()
            assert inner.isalpha()
            assert (first, inner) == (first.upper(), inner.lower())  # most scripts have no capitals


@pytest.mark.parametrize("language", available())
def test_every_condition_in_the_catalog_is_one_that_can_be(language: str) -> None:
    known = {f"condition.{condition.kind}.{condition.intensity}" for condition in CONDITIONS}
    written = [key for key in Catalog.load(language) if key.startswith("condition.")]
    stems = {re.sub(r"\.(night|warm|warm_day|inline)$", "", key) for key in written}
    assert stems <= known
    assert {f"condition.{condition}.plain" for condition in Condition} <= stems


@pytest.mark.parametrize(
    ("condition", "day", "night"),
    [
        (DetailedCondition(Condition.CLEAR), "Trời nắng", "Trời quang"),
        (DetailedCondition(Condition.MOSTLY_CLEAR), "Ít mây, trời nắng", "Ít mây"),
        (DetailedCondition(Condition.PARTLY_CLOUDY), "Có mây", "Có mây"),
        (DetailedCondition(Condition.OVERCAST), "Nhiều mây, âm u", "Nhiều mây"),
        (DetailedCondition(Condition.FOG), "Sương mù", "Sương mù"),
        (DetailedCondition(Condition.FOG, Intensity.MIST), "Sương mù nhẹ", "Sương mù nhẹ"),
        (DetailedCondition(Condition.HAZE), "Mù khô", "Mù khô"),
        (DetailedCondition(Condition.HAZE, Intensity.SMOKE), "Khói mù", "Khói mù"),
        (DetailedCondition(Condition.RAIN, Intensity.LIGHT), "Mưa nhỏ", "Mưa nhỏ"),
        (DetailedCondition(Condition.RAIN, Intensity.HEAVY), "Mưa to", "Mưa to"),
        (DetailedCondition(Condition.SHOWERS), "Mưa rào", "Mưa rào"),
        (DetailedCondition(Condition.SHOWERS, Intensity.HEAVY), "Mưa rào to", "Mưa rào to"),
        (DetailedCondition(Condition.FREEZING_RAIN), "Mưa đóng băng", "Mưa đóng băng"),
        (DetailedCondition(Condition.SLEET), "Mưa lẫn tuyết", "Mưa lẫn tuyết"),
        (DetailedCondition(Condition.SNOW, Intensity.SHOWERS), "Tuyết rơi từng đợt", "Tuyết rơi từng đợt"),
        (DetailedCondition(Condition.THUNDER), "Mưa dông", "Mưa dông"),
        (DetailedCondition(Condition.THUNDER, Intensity.DRY), "Có dông", "Có dông"),
        (
            DetailedCondition(Condition.THUNDER, Intensity.HEAVY_HAIL),
            "Mưa dông mạnh, mưa đá",
            "Mưa dông mạnh, mưa đá",
        ),
        (DetailedCondition(Condition.SQUALL), "Tố, gió giật mạnh", "Tố, gió giật mạnh"),
        (UNKNOWN_CONDITION, "Chưa có mô tả", "Chưa có mô tả"),
    ],
)
def test_the_glossary(vi: Formatter, condition: DetailedCondition, day: str, night: str) -> None:
    assert [words(vi, condition, True), words(vi, condition, False)] == [day, night]


def test_the_sun_is_not_spoken_of_when_nobody_knows_whether_it_shines(vi: Formatter, en: Formatter) -> None:
    for condition in CONDITIONS:
        assert "nắng" not in words(vi, condition, None)
        assert "nắng" not in words(vi, condition, False)
        assert "Sunny" not in (words(en, condition, None), words(en, condition, False))
    assert words(en, DetailedCondition(Condition.CLEAR), True) == "Sunny"


def test_wrong_terms_of_public_software_are_never_said(vi: Formatter) -> None:
    for condition, is_day, temperature in product(CONDITIONS, TIMES, (None, 15.0, 30.0)):
        said = words(vi, condition, is_day, temperature).lower()
        assert [term for term in WRONG if term in said] == []


def test_hail_is_said_of_hail_alone(vi: Formatter) -> None:
    hail = {condition for condition in CONDITIONS if "mưa đá" in words(vi, condition, True).lower()}
    assert hail == {
        DetailedCondition(Condition.THUNDER, Intensity.LIGHT_HAIL),
        DetailedCondition(Condition.THUNDER, Intensity.HEAVY_HAIL),
    }


def test_fog_is_said_of_fog_alone(vi: Formatter) -> None:
    assert {condition.kind for condition in CONDITIONS if "Sương mù" in words(vi, condition, True)} == {
        Condition.FOG
    }


def test_warm_drizzle_is_light_rain_in_vietnamese_and_drizzle_in_english(
    vi: Formatter, en: Formatter
) -> None:
    drizzle = DetailedCondition(Condition.DRIZZLE, Intensity.LIGHT)
    assert [words(vi, drizzle, True, warmth) for warmth in (None, 24.9, 25.0)] == [
        "Mưa phùn nhẹ",
        "Mưa phùn nhẹ",
        "Mưa nhỏ",
    ]
    assert words(vi, DetailedCondition(Condition.DRIZZLE), True, 30) == "Mưa nhỏ"
    assert inline(vi, drizzle, True, 25.0) == "mưa nhỏ"
    assert words(en, drizzle, True, 30) == "Light drizzle"


def test_no_degree_of_warm_drizzle_is_called_mua_phun(vi: Formatter) -> None:
    warm = {words(vi, DetailedCondition(Condition.DRIZZLE, intensity), True, 28) for intensity in Intensity}
    assert warm == {"Mưa nhỏ"}


def test_a_detail_without_words_is_said_plainly(vi: Formatter) -> None:
    assert words(vi, DetailedCondition(Condition.TORNADO, Intensity.MIST), True) == "Lốc xoáy"
    assert words(vi, DetailedCondition(Condition.CLEAR, Intensity.HEAVY), False) == "Trời quang"


def test_inside_a_sentence_the_first_letter_is_small_and_the_form_short(vi: Formatter, en: Formatter) -> None:
    assert inline(vi, DetailedCondition(Condition.OVERCAST), True) == "nhiều mây"
    assert inline(vi, DetailedCondition(Condition.SHOWERS, Intensity.LIGHT), True) == "mưa rào nhẹ"
    assert inline(vi, DetailedCondition(Condition.CLEAR), False) == "trời quang"
    assert inline(en, DetailedCondition(Condition.RAIN, Intensity.HEAVY), True) == "heavy rain"

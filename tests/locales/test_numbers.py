import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.locales.formatter import Formatter
from service.locales.numbers import Units

S = "\u00a0"  # between a number and its unit
MINUS = "\u2212"


def test_decimals_and_thousands_are_the_languages(vi: Formatter, en: Formatter) -> None:
    assert [vi.number(4.2, 1), vi.number(1234.5, 1), vi.number(10000)] == ["4,2", "1.234,5", "10.000"]
    assert [en.number(4.2, 1), en.number(1234.5, 1), en.number(10000)] == ["4.2", "1,234.5", "10,000"]
    assert vi.number(999.96, 1) == "1.000,0"


def test_halves_are_rounded_away_from_zero(vi: Formatter) -> None:
    assert [vi.temperature(value) for value in (26.5, 27.5)] == [f"27{S}°C", f"28{S}°C"]
    assert vi.temperature(-3.5) == f"{MINUS}4{S}°C"


def test_below_zero_has_a_true_minus_sign(vi: Formatter) -> None:
    assert vi.temperature(-3) == f"{MINUS}3{S}°C"
    assert vi.number(-1234.5, 1) == f"{MINUS}1.234,5"


def test_there_is_no_minus_before_zero(vi: Formatter, vi_imperial: Formatter) -> None:
    assert [vi.temperature(-0.4), vi.degrees(-0.4), vi.number(-0.04, 1)] == [f"0{S}°C", "0°", "0,0"]
    assert vi_imperial.temperature(-17.9) == f"0{S}°F"


def test_temperature_is_in_whole_degrees_of_the_asked_system(vi: Formatter, en_imperial: Formatter) -> None:
    assert vi.temperature(27.1) == f"27{S}°C"
    assert en_imperial.temperature(27.1) == f"81{S}°F"
    assert vi.degrees(27.1) == "27°"
    assert en_imperial.degrees(27.1) == "81°"


def test_a_range_has_a_dash_and_with_a_negative_end_words(
    vi: Formatter, en: Formatter, en_imperial: Formatter
) -> None:
    assert vi.temperature_range(22.1, 29.8) == f"22\u201330{S}°C"
    assert vi.temperature_range(-3, 2) == f"từ {MINUS}3 đến 2{S}°C"
    assert en.temperature_range(-3, 2) == f"from {MINUS}3 to 2{S}°C"
    assert en_imperial.temperature_range(-3, 2) == f"27\u201336{S}°F"
    assert vi.temperature_range(22, 30, in_words=True) == f"từ 22 đến 30{S}°C"


def test_a_range_follows_what_is_shown_and_not_what_is_hidden(vi: Formatter) -> None:
    assert vi.temperature_range(-0.4, 2) == f"0\u20132{S}°C"
    assert vi.temperature_range(21.6, 22.4) == f"22{S}°C"


def test_a_range_with_one_end_is_a_temperature(vi: Formatter) -> None:
    assert vi.temperature_range(None, 30) == f"30{S}°C"
    assert vi.temperature_range(22, None) == f"22{S}°C"
    assert vi.temperature_range(None, None) == "Chưa có số liệu"


def test_percent_has_its_space_in_every_language(vi: Formatter, en: Formatter) -> None:
    assert [vi.percent(79), en.percent(78.5)] == [f"79{S}%", f"79{S}%"]


def test_speed_is_in_whole_kmh_or_mph(vi: Formatter, en_imperial: Formatter) -> None:
    assert vi.speed(30.2 / 3.6) == f"30{S}km/h"
    assert en_imperial.speed(30.2 / 3.6) == f"19{S}mph"


@pytest.mark.parametrize(
    ("millimetres", "written"),
    [
        (0, f"0{S}mm"),
        (0.04, f"dưới 0,1{S}mm"),
        (0.05, f"0,1{S}mm"),
        (0.1, f"0,1{S}mm"),
        (4.2, f"4,2{S}mm"),
        (4.0, f"4,0{S}mm"),
        (1234.56, f"1.234,6{S}mm"),
    ],
)
def test_rain_is_none_or_a_trace_or_an_amount(vi: Formatter, millimetres: float, written: str) -> None:
    assert vi.rain(millimetres) == written


def test_rain_in_inches_has_two_decimals(en_imperial: Formatter) -> None:
    assert [en_imperial.rain(value) for value in (0, 0.1, 4.2)] == [
        f"0{S}in",
        f"under 0.01{S}in",
        f"0.17{S}in",
    ]


@given(st.floats(0, 500))
@settings(deadline=None, max_examples=100)
def test_rain_is_never_written_as_nought_point_nought(millimetres: float) -> None:
    for units in Units:
        assert not re.match(r"0[.,]0+\D", Formatter("vi", units).rain(millimetres))


def test_pressure_is_not_grouped(vi: Formatter, en: Formatter, vi_imperial: Formatter) -> None:
    assert [vi.pressure(1009.4), en.pressure(1009.4)] == [f"1009{S}hPa", f"1009{S}hPa"]
    assert vi_imperial.pressure(1009.4) == f"29,81{S}inHg"


def test_what_is_not_known_is_said_to_be_so(vi: Formatter, en: Formatter) -> None:
    said = [vi.number(None), vi.temperature(None), vi.percent(None), vi.speed(None), vi.rain(None)]
    assert {*said, vi.pressure(None), vi.force_text(None), vi.time(None)} == {"Chưa có số liệu"}
    assert en.temperature(None) == "No data"
    assert vi.degrees(None) == "\u2013"

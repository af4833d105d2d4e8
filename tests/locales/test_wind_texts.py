import pytest

from service.locales.formatter import Formatter
from service.locales.numbers import Units

# Force and its range in whole km/h, as the Vietnamese table prints them.
GRADES = [
    (1, 1, 5),
    (2, 6, 11),
    (3, 12, 19),
    (4, 20, 28),
    (5, 29, 38),
    (6, 39, 49),
    (7, 50, 61),
    (8, 62, 74),
    (9, 75, 88),
    (10, 89, 102),
    (11, 103, 117),
    (12, 118, 133),
    (13, 134, 149),
    (14, 150, 166),
    (15, 167, 183),
    (16, 184, 201),
    (17, 202, 220),
]


def _kmh(speed: float) -> float:
    return speed / 3.6


def _plain(said: str | None) -> str:
    return (said or "").replace("\u00a0", " ")


@pytest.mark.parametrize(("force", "first", "last"), GRADES)
def test_the_force_is_the_tables(vi: Formatter, force: int, first: int, last: int) -> None:
    assert [vi.force(_kmh(first)), vi.force(_kmh(last))] == [force, force]


def test_calm_is_nought_and_above_the_scale_is_eighteen(vi: Formatter) -> None:
    assert [vi.force(0), vi.force(_kmh(0.4)), vi.force(_kmh(221)), vi.force(_kmh(400))] == [0, 0, 18, 18]


@pytest.mark.parametrize(("force", "first", "last"), GRADES)
def test_the_force_agrees_with_the_speed_that_is_shown(
    vi: Formatter, force: int, first: int, last: int
) -> None:
    assert [vi.force(_kmh(first - 0.5)), vi.force(_kmh(last + 0.4))] == [force, force]
    assert _plain(vi.speed(_kmh(first - 0.5))) == f"{first} km/h"


def test_force_in_words_is_cap_and_ends_at_seventeen(vi: Formatter, en: Formatter) -> None:
    assert vi.force_text(_kmh(30)) == "cấp\u00a05"
    assert vi.force_text(_kmh(300)) == "trên cấp\u00a017"
    assert en.force_text(_kmh(30)) == "force\u00a05"


def test_directions_are_eight_and_say_where_the_wind_comes_from(vi: Formatter, en: Formatter) -> None:
    points = [vi.direction(degrees) for degrees in range(0, 361, 45)]
    assert points == ["bắc", "đông bắc", "đông", "đông nam", "nam", "tây nam", "tây", "tây bắc", "bắc"]
    assert [vi.direction(22.4), vi.direction(22.5), vi.direction(337.5)] == ["bắc", "đông bắc", "bắc"]
    assert en.direction(315) == "northwest"
    assert vi.direction(None) is None


def test_the_whole_sentence(vi: Formatter, en: Formatter, en_imperial: Formatter) -> None:
    values = (_kmh(30.2), 315, _kmh(48.6))
    assert _plain(vi.wind_sentence(*values)) == "Gió tây bắc 30 km/h (cấp 5), giật 49 km/h (cấp 6)"
    assert _plain(en.wind_sentence(*values)) == "Northwest wind 30 km/h (force 5), gusts 49 km/h (force 6)"
    assert (
        _plain(en_imperial.wind_sentence(*values))
        == "Northwest wind 19 mph (force 5), gusts 30 mph (force 6)"
    )


def test_a_gust_of_the_same_force_is_not_named(vi: Formatter) -> None:
    assert _plain(vi.wind_sentence(_kmh(30), 315, _kmh(38))) == "Gió tây bắc 30 km/h (cấp 5)"
    assert _plain(vi.wind_sentence(_kmh(230), 0, _kmh(300))) == "Gió bắc 230 km/h (trên cấp 17)"


def test_without_a_direction_none_is_said(vi: Formatter, en: Formatter) -> None:
    assert _plain(vi.wind_sentence(_kmh(30), None, None)) == "Gió 30 km/h (cấp 5)"
    assert _plain(en.wind_sentence(_kmh(30))) == "Wind 30 km/h (force 5)"


def test_no_wind_is_calm_and_has_neither_direction_nor_number(vi: Formatter, en: Formatter) -> None:
    assert vi.wind_sentence(0, 315, 0) == "Lặng gió"
    assert vi.wind_sentence(_kmh(0.4), 315, _kmh(4)) == "Lặng gió"
    assert en.wind_sentence(0, None, None) == "Calm"
    assert _plain(vi.wind_sentence(0, 315, _kmh(15))) == "Lặng gió, giật 15 km/h (cấp 3)"


def test_a_wind_that_is_shown_as_nought_miles_is_calm_too(en_imperial: Formatter) -> None:
    assert en_imperial.wind_sentence(_kmh(0.7), 90, None) == "Calm"


def test_an_unknown_speed_makes_no_sentence(vi: Formatter) -> None:
    assert vi.wind_sentence(None, 315, 12) is None


def test_the_force_does_not_depend_on_the_units() -> None:
    for kmh in range(300):
        assert Formatter("vi", Units.METRIC).force(_kmh(kmh)) == Formatter("vi", Units.IMPERIAL).force(
            _kmh(kmh)
        )

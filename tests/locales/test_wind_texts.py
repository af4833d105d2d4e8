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


def test_a_wind_that_is_shown_as_nought_is_calm(vi: Formatter, en_imperial: Formatter) -> None:
    assert vi.is_calm(_kmh(0.4))
    assert not vi.is_calm(_kmh(0.7))
    assert en_imperial.is_calm(_kmh(0.7))


def test_a_wind_is_strong_from_force_eight(vi: Formatter) -> None:
    assert [vi.is_strong(_kmh(speed)) for speed in (61, 62, 200)] == [False, True, True]
    assert not vi.is_strong(None)


def test_the_force_does_not_depend_on_the_units() -> None:
    for kmh in range(300):
        assert Formatter("vi", Units.METRIC).force(_kmh(kmh)) == Formatter("vi", Units.IMPERIAL).force(
            _kmh(kmh)
        )

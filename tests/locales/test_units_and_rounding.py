import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.locales.numbers import (
    UNITS,
    Units,
    fahrenheit,
    inches,
    inches_of_mercury,
    kilometres_per_hour,
    miles_per_hour,
    round_half_up,
)


def test_conversions_meet_known_points() -> None:
    assert [fahrenheit(value) for value in (-40.0, 0.0, 100.0)] == [-40.0, 32.0, 212.0]
    assert kilometres_per_hour(10) == pytest.approx(36)
    assert miles_per_hour(44.704) == pytest.approx(100)
    assert inches(25.4) == pytest.approx(1)
    assert inches_of_mercury(1013.25) == pytest.approx(29.9213, abs=1e-4)


def test_both_systems_label_the_same_quantities() -> None:
    metric, imperial = UNITS[Units.METRIC], UNITS[Units.IMPERIAL]
    assert imperial.keys() == metric.keys()
    same = {name for name in metric if metric[name] == imperial[name]}
    assert same == {"humidity", "cloud_cover", "precipitation_probability", "wind_direction"}


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [
        (26.5, 0, 27.0),
        (27.5, 0, 28.0),
        (-26.5, 0, -27.0),
        (0.15, 1, 0.2),
        (2.675, 2, 2.68),
        (1234.44, 1, 1234.4),
    ],
)
def test_halves_go_away_from_zero_as_the_number_is_written(
    value: float, decimals: int, rounded: float
) -> None:
    assert round_half_up(value, decimals) == rounded


def test_zero_has_no_sign() -> None:
    assert math.copysign(1, round_half_up(-0.4)) == 1.0


@given(st.integers(0, 4000))
@settings(deadline=None, max_examples=100)
def test_a_speed_given_in_tenths_of_kmh_survives_the_way_through_metres_per_second(tenths: int) -> None:
    kmh = tenths / 10
    assert round_half_up(kilometres_per_hour(kmh / 3.6), 1) == kmh
    assert round_half_up(kilometres_per_hour(kmh / 3.6)) == (tenths + 5) // 10


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
@settings(deadline=None, max_examples=100)
def test_rounding_moves_by_half_a_step_at_most_and_is_the_same_on_both_sides(
    value: float, decimals: int
) -> None:
    rounded = round_half_up(value, decimals)
    assert abs(rounded - value) <= 0.5 * 10**-decimals + 1e-8
    assert round_half_up(-value, decimals) == -rounded
    assert round_half_up(rounded, decimals) == rounded

"""A cost that is not linear is seen from two short inputs, also where most of theirs is linear."""

import pytest
from growth import expected

LENGTH, ALLOWED = 1_000_000, 5.0
LINEAR = 0.3  # seconds for that length, as our parsers take


def cost_of(power: float, whole: float) -> float:
    """Return the seconds expected for a million characters, which take `whole` beside what is linear."""
    return expected(
        lambda length: (LINEAR + whole * (length / LENGTH) ** (power - 1)) * length / LENGTH, LENGTH
    )


@pytest.mark.parametrize(("power", "whole"), [(1.5, 10), (2, 30), (3, 1_000), (8, 1e12)])
def test_what_takes_too_long_is_seen(power: float, whole: float) -> None:
    assert cost_of(power, whole) > ALLOWED


@pytest.mark.parametrize(("power", "whole"), [(1, 0), (1, 4), (1.5, 3), (2, 4), (3, 4)])
def test_what_does_not_is_left_alone(power: float, whole: float) -> None:
    assert cost_of(power, whole) < ALLOWED

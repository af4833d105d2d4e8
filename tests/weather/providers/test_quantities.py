import pytest

from service.weather.providers import readings
from service.weather.providers.readings import Quantity

# The extremes that are still believed, in our units.
BOUNDS = {
    "TEMPERATURE": (-95, 65),
    "APPARENT_TEMPERATURE": (-120, 80),
    "HUMIDITY": (0, 100),
    "WIND_SPEED": (0, 120),
    "WIND_DIRECTION": (0, 360),
    "PRESSURE": (850, 1100),
    "CLOUD_COVER": (0, 100),
    "PRECIPITATION": (0, 500),
    "PROBABILITY": (0, 100),
    "LATITUDE": (-90, 90),
    "LONGITUDE": (-180, 180),
}


def test_every_quantity_has_its_bounds_here() -> None:
    assert BOUNDS.keys() == {name for name, value in vars(readings).items() if isinstance(value, Quantity)}


@pytest.mark.parametrize("name", BOUNDS)
def test_what_lies_beyond_the_bounds_is_none(name: str) -> None:
    quantity: Quantity = getattr(readings, name)
    low, high = BOUNDS[name]
    assert (quantity.read(low), quantity.read(high)) == (low, high)
    assert (quantity.read(low - 0.01), quantity.read(high + quantity.excess + 0.01)) == (None, None)


def test_a_humidity_just_above_a_hundred_is_a_hundred() -> None:
    assert [readings.HUMIDITY.read(value) for value in (99.9, 100.4, 101, 105)] == [99.9, 100, 100, 100]
    assert [readings.HUMIDITY.read(value) for value in (105.1, 110, -0.1)] == [None, None, None]
    assert readings.HUMIDITY.given_in(0.01).read(1.04) == 100
    exceeding = {name for name in BOUNDS if getattr(readings, name).excess}
    assert exceeding == {"HUMIDITY"}


def test_a_value_in_a_smaller_unit_is_converted() -> None:
    assert readings.WIND_SPEED.given_in(readings.KMH).read(36) == 10
    assert readings.WIND_SPEED.given_in(readings.KMH).read(432.1) is None
    assert readings.PRECIPITATION.summed_over(6).read(3000) == 3000

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


_SENT = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just([1])


@given(st.lists(_SENT | st.floats(-200, 500) | st.integers(-2, 110), max_size=8))
def test_a_list_is_read_as_each_of_its_values(values: list[object]) -> None:
    for quantity in (readings.HUMIDITY, readings.WIND_SPEED.given_in(readings.KMH), readings.TEMPERATURE):
        assert repr(quantity.read_list(values)) == repr([quantity.read(value) for value in values])


@given(st.lists(st.none() | st.floats() | st.floats(-5, 110), max_size=8))
def test_a_list_of_numbers_and_gaps_is_read_as_each_of_them(values: list[object]) -> None:
    assert repr(readings.HUMIDITY.read_list(values)) == repr([readings.HUMIDITY.read(v) for v in values])

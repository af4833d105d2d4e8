import pytest

from service.locales.formatter import Formatter
from service.locales.numbers import Units


@pytest.fixture(scope="session")
def vi() -> Formatter:
    return Formatter("vi", Units.METRIC)


@pytest.fixture(scope="session")
def en() -> Formatter:
    return Formatter("en", Units.METRIC)


@pytest.fixture(scope="session")
def vi_imperial() -> Formatter:
    return Formatter("vi", Units.IMPERIAL)


@pytest.fixture(scope="session")
def en_imperial() -> Formatter:
    return Formatter("en", Units.IMPERIAL)

import pytest

from service.locales import Speech, Units


@pytest.fixture(scope="session")
def vi() -> Speech:
    return Speech("vi", Units.METRIC)


@pytest.fixture(scope="session")
def en() -> Speech:
    return Speech("en", Units.METRIC)


@pytest.fixture(scope="session")
def vi_imperial() -> Speech:
    return Speech("vi", Units.IMPERIAL)


@pytest.fixture(scope="session")
def en_imperial() -> Speech:
    return Speech("en", Units.IMPERIAL)

"""Places and payloads that the tests of the providers share."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.places.model import Place

PAYLOADS = Path(__file__).parent / "payloads"

# Recordings stay outside the project: without them there is nothing to collect.
collect_ignore = [] if os.environ.get("PORTAL_WIDGETS_CORPUS") else ["test_provider_corpus.py"]


def a_place(identifier: str, latitude: float, longitude: float) -> Place:
    names = {"vi": identifier, "en": identifier}
    return Place(identifier, names, "VN", latitude, longitude, "Asia/Ho_Chi_Minh")


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 11, 22, 3, 20, tzinfo=UTC)


@pytest.fixture(scope="session")
def dong_ha() -> Place:
    return a_place("dong-ha", 16.8163, 107.1003)


@pytest.fixture(scope="session")
def melbourne() -> Place:
    return a_place("melbourne", -37.8136, 144.9631)


@pytest.fixture
def om_current() -> list[dict[str, Any]]:
    """Open-Meteo's answer for Đông Hà and Melbourne."""
    payload: list[dict[str, Any]] = json.loads((PAYLOADS / "open_meteo_current.json").read_bytes())
    return payload


@pytest.fixture
def om_hourly() -> dict[str, Any]:
    """Open-Meteo's answer for Đông Hà."""
    payload: dict[str, Any] = json.loads((PAYLOADS / "open_meteo_hourly.json").read_bytes())
    return payload


@pytest.fixture
def met() -> dict[str, Any]:
    """MET Norway's answer for Đông Hà."""
    payload: dict[str, Any] = json.loads((PAYLOADS / "met_norway.json").read_bytes())
    return payload


@pytest.fixture
def owm_current() -> dict[str, Any]:
    """OpenWeather's answer of /weather for Đông Hà."""
    payload: dict[str, Any] = json.loads((PAYLOADS / "openweather_current.json").read_bytes())
    return payload


@pytest.fixture
def owm_forecast() -> dict[str, Any]:
    """OpenWeather's answer of /forecast for Đông Hà."""
    payload: dict[str, Any] = json.loads((PAYLOADS / "openweather_forecast.json").read_bytes())
    return payload


@pytest.fixture
def owm_one_call() -> dict[str, Any]:
    """OpenWeather's answer of One Call for Đông Hà."""
    payload: dict[str, Any] = json.loads((PAYLOADS / "openweather_one_call.json").read_bytes())
    return payload

"""A raw payload, and beside it the domain object it must become."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from service.core.errors import UpstreamError
from service.places.model import Place
from service.weather.provider import Provider, ProviderForecast
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo
from service.weather.providers.openweather.provider import OpenWeather

PAYLOADS = Path(__file__).parent / "payloads"
PAIRS = [
    ("open_meteo_current", OpenMeteo(), ["dong-ha", "melbourne"]),
    ("open_meteo_hourly", OpenMeteo(), ["dong-ha"]),
    ("met_norway", MetNorway(), ["dong-ha"]),
    ("openweather_current", OpenWeather(), ["dong-ha"]),
    ("openweather_forecast", OpenWeather(), ["dong-ha"]),
    ("openweather_one_call", OpenWeather(), ["dong-ha"]),
]


def as_plain(said: ProviderForecast | UpstreamError) -> dict[str, Any] | None:
    """The forecast in plain types; a step of one hour is left out."""
    if isinstance(said, UpstreamError):
        return None
    fields = asdict(said) | {"place": said.place.id}
    if said.temperature_every == 1:
        del fields["temperature_every"]
    if said.hourly is not None:
        fields["hourly"]["points"] = [point._asdict() for point in fields["hourly"]["points"]]
    plain: dict[str, Any] = json.loads(json.dumps(fields, default=_iso))
    return plain


def _iso(value: object) -> str:
    assert isinstance(value, date | datetime)
    return value.isoformat()


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0])
def test_a_payload_becomes_the_domain_object_beside_it(
    pair: tuple[str, Provider, Sequence[str]], now: datetime, dong_ha: Place, melbourne: Place
) -> None:
    name, provider, ids = pair
    places = [place for place in (dong_ha, melbourne) if place.id in ids]
    said = provider.parse((PAYLOADS / f"{name}.json").read_bytes(), places, now)
    assert [as_plain(one) for one in said] == json.loads((PAYLOADS / f"{name}.expected.json").read_bytes())

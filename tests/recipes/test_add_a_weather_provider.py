"""A provider whose format has two numbers."""

import json

from changed_tree import PLACE, ChangedTree
from local_upstream import LocalUpstream

RECIPE = "To add a weather provider"
FOLDER = "service/weather/providers/balloon"
SETTINGS = '''
"""The table `[weather.balloon]` of the configuration."""

from service.settings.fields import Text
from service.settings.fields import ProviderSection

URL = "https://balloon.example/now"


class Table(ProviderSection):
    default_url = URL
    needs_key = True

    api_key = Text(load_default="")
'''
PROVIDER = '''
"""Balloon: the temperature and the wind of one place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Self

from service.core.errors import Cause, UpstreamError
from service.core.ports import Request
from service.places.model import Place
from service.settings.model import ProviderSettings
from service.weather.model import Current, Dataset
from service.weather.provider import Attribution, Provider, ProviderForecast, ProviderLimits
from service.weather.providers.balloon.settings import URL
from service.weather.providers.readings import (
    KMH,
    TEMPERATURE,
    WIND_SPEED,
    format_coordinate,
    parse_json,
)


@dataclass(frozen=True, slots=True)
class Balloon:
    attribution: ClassVar = Attribution(
        "balloon", "Weather Balloon", url="https://balloon.example/", licence="CC BY 4.0"
    )
    id: ClassVar = attribution.id

    base_url: str = field(default=URL, repr=False)
    api_key: str = field(default="", repr=False)

    @classmethod
    def from_settings(cls, settings: ProviderSettings) -> Self:
        return cls(settings.base_url, settings.api_key)

    @property
    def limits(self) -> ProviderLimits:
        return ProviderLimits(max_places=1)

    def notes(self, *, has_contact: bool) -> list[str]:
        return ["Balloons are for fair weather."]

    def cost(self, dataset: Dataset) -> float:
        return 1.0

    def request(self, dataset: Dataset, places: Sequence[Place]) -> Request:
        (place,) = places
        at = f"{format_coordinate(place.latitude)},{format_coordinate(place.longitude)}"
        return Request(self.base_url, {"at": at}, {"x-key": self.api_key})

    def parse(
        self, body: bytes, places: Sequence[Place], now: datetime
    ) -> list[ProviderForecast | UpstreamError]:
        (place,) = places
        values = parse_json(body)
        temperature = TEMPERATURE.read(values.get("t")) if isinstance(values, dict) else None
        if not isinstance(values, dict) or temperature is None:
            raise UpstreamError(Cause.UNREADABLE, "The response has no temperature.")
        wind_speed = WIND_SPEED.given_in(KMH).read(values.get("kmh"))
        current = Current(time=now, temperature=temperature, wind_speed=wind_speed)
        return [ProviderForecast(place, current)]


PROVIDER: type[Provider] = Balloon
'''


def the_provider(tree: ChangedTree) -> None:
    tree.write(f"{FOLDER}/__init__.py", '"""Balloon (https://balloon.example/)."""\n')
    tree.write(f"{FOLDER}/settings.py", SETTINGS)
    tree.write(f"{FOLDER}/provider.py", PROVIDER)


def served_by(upstream: LocalUpstream) -> dict[str, str]:
    upstream.answer("/balloon", body=json.dumps({"t": 31.4, "kmh": 18}))
    return {
        "weather__providers": "balloon",
        "weather__cities": PLACE,
        "weather__balloon__base_url": upstream.url("/balloon"),
        "weather__balloon__api_key": "s3cr3t",
        "upstream__allow_private": "127.0.0.1",
    }


def test_a_folder_is_a_provider_that_is_collected_shown_and_credited(
    tree: ChangedTree, upstream: LocalUpstream
) -> None:
    the_provider(tree)
    weather, widget = tree.get(
        f"/api/v1/weather/{PLACE}",
        f"/widgets/weather/{PLACE}?lang=en",
        collect=True,
        **served_by(upstream),
    )
    told = json.loads(weather.text)
    assert (told["current"]["temperature"], told["current"]["wind_speed"]) == (31.4, 18.0)
    assert told["source"] == {
        "id": "balloon",
        "name": "Weather Balloon",
        "url": "https://balloon.example/",
        "licence": "CC BY 4.0",
    }
    assert "31<small>&nbsp;°C" in widget.text
    assert '<a href="/credit/balloon"' in widget.text
    assert {asked.headers["x-key"] for asked in upstream.requests} == {"s3cr3t"}


def test_the_check_names_it_with_its_notes_and_a_wrong_name_is_answered_with_it(
    tree: ChangedTree, upstream: LocalUpstream
) -> None:
    the_provider(tree)
    settings = served_by(upstream)
    checked = tree.command("check", **settings)
    assert checked.returncode == 0, checked.stderr
    assert f"ok: {PLACE} at " in checked.stdout
    assert "weather.balloon " in checked.stdout
    assert "Balloons are for fair weather." in checked.stdout
    without_key = {name: value for name, value in settings.items() if not name.endswith("api_key")}
    refused = tree.command("check", **without_key)
    assert refused.returncode == 2
    assert "weather.balloon.api_key: is missing" in refused.stderr
    refused = tree.command("check", **settings | {"weather__providers": "baloon"})
    assert refused.returncode == 2
    assert "no such provider" in refused.stderr
    assert refused.stderr.rstrip().endswith(", balloon")

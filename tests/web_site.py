"""The serving half over a real store in a folder of its own, with a clock that tests set."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.app import create_app
from service.core.ports import Store
from service.locales.catalog import available
from service.settings.load import load
from service.settings.model import Settings
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import (
    Condition,
    Current,
    Dataset,
    DetailedCondition,
    HourlyForecast,
    HourlyPoint,
    Intensity,
    StoredWeather,
    SunTimes,
)
from service.weather.quota import ProviderQuota

NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)  # 10:20 in Việt Nam
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SETTINGS = {  # those that numbers in tests are about, so that another default changes no test
    "site__language": "vi",
    "weather__providers": "open-meteo,met-norway",
    "weather__refresh": "15m",
    "weather__stale_after": "90m",
    "weather__hide_after": "6h",
    "articles__refresh": "15m",
    "articles__stale_after": "3h",
    "edge__memory": "0B",
}
LANGUAGES = tuple(dict.fromkeys([SETTINGS["site__language"], *available()]))  # the site's own first

CURRENT = Current(
    time=NOW - 5 * MINUTE,
    condition=DetailedCondition(Condition.OVERCAST),
    temperature=27.1,
    apparent_temperature=31.0,
    humidity=79.0,
    wind_speed=8.4,
    wind_direction=315.0,
    wind_gust=13.5,
    pressure=1009.4,
    cloud_cover=92.0,
    precipitation_rate=0.0,
    is_day=True,
)


def an_hourly_forecast(days: int = 9) -> HourlyForecast:
    """Hours from midnight in Việt Nam on: 22.1 °C at five, 29.8 °C at one, rain at two and three."""
    midnight = datetime(2026, 11, 21, 17, tzinfo=UTC)
    return HourlyForecast(
        tuple(_step(midnight + hour * HOUR, hour % 24) for hour in range(days * 24)),
        tuple(_sun(date(2026, 11, 22) + timedelta(days=day)) for day in range(days)),
    )


def _step(at: datetime, hour: int) -> HourlyPoint:
    wet = hour in {14, 15}
    return HourlyPoint(
        time=at,
        condition=DetailedCondition(Condition.RAIN, Intensity.LIGHT)
        if wet
        else DetailedCondition(Condition.PARTLY_CLOUDY),
        temperature={5: 22.1, 13: 29.8}.get(hour, 25.3),
        precipitation=0.1 if wet else 0.0,
        precipitation_probability=80.0 if wet else 20.0,
        wind_speed=10 / 3,
        is_day=6 <= hour < 18,
    )


def _sun(day: date) -> SunTimes:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - 7 * HOUR
    return SunTimes(day, midnight + 5 * HOUR + 50 * MINUTE, midnight + 17 * HOUR + 15 * MINUTE)


def settings_of(folder: Path, **written: str) -> Settings:
    """The settings of the tests, but for these: `site__public_url="…"`.

    No answer is kept unless `edge__memory` is written: most tests ask the views themselves.
    """
    return load(environment_of(store__url=f"sqlite://{folder}/store.sqlite3", **written))


def environment_of(**written: str) -> dict[str, str]:
    """The variables for the settings of the tests, and for these."""
    return {f"PORTAL_WIDGETS_{key.upper()}": value for key, value in (SETTINGS | written).items()}


@dataclass
class Site:
    """What a test asks, fills and lets grow old."""

    settings: Settings
    store: Store
    now: datetime = NOW
    fault: Exception | None = None  # what looking at the clock ends in
    app: Flask = field(init=False)
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_app(self.settings, store=self.store, clock=self.clock, background=False)
        self.client = self.app.test_client(use_cookies=False)

    def clock(self) -> datetime:
        if self.fault is not None:
            raise self.fault
        return self.now

    @classmethod
    def in_folder(cls, folder: Path, **written: str) -> "Site":
        """A site with this configuration and an empty store."""
        settings = settings_of(folder, **written)
        return cls(settings, SqliteStore(settings.store.path))

    def keep(
        self,
        *places: str,
        current: Current | None = CURRENT,
        hourly: HourlyForecast | None = None,
        fetched_at: datetime = NOW - 2 * MINUTE,
        source: str = "open-meteo",
    ) -> None:
        """Put this into the store, as the collector would."""
        for place in places:
            kept: dict[str, bytes] = {}
            if current is not None:
                moment = StoredWeather(current, source, current.time, fetched_at)
                kept[records.weather_key(Dataset.CURRENT, place)] = records.current_to_bytes(moment)
            if hourly is not None:
                ahead = StoredWeather(hourly, source, None, fetched_at)
                kept[records.weather_key(Dataset.HOURLY, place)] = records.hourly_to_bytes(ahead)
            self.store.write(kept)

    def keep_ledger(self, provider: str, quota: ProviderQuota) -> None:
        self.store.write({records.quota_key(provider): records.quota_to_bytes(quota)})

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        return self.client.get(path, headers=dict(headers or {}))

    def json(self, path: str) -> Any:
        """The JSON of an answer 200, read strictly: no NaN, no field twice."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data, parse_constant=_refuse, object_pairs_hook=_once)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({name for name, _ in pairs}) == len(pairs), pairs
    return dict(pairs)


def max_age(answer: TestResponse) -> int:
    """Seconds; the header must have it."""
    return directives(answer)["max-age"]


def directives(answer: TestResponse) -> dict[str, int]:
    """The directives of Cache-Control; those without a number are -1."""
    parts = answer.headers["Cache-Control"].split(", ")
    pairs = [part.partition("=") for part in parts]
    return {name: int(value) if value else -1 for name, _, value in pairs}

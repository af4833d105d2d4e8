"""The providers, played by the local upstream at the tests' own clock, and a collector that asks them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from local_upstream import LocalUpstream, ReceivedRequest, Reply

from service.core.decisions import NO_DECISIONS, DecisionLog
from service.core.freshness import AgeLimits
from service.core.ports import Request, Response, Store
from service.demo import met_norway, open_meteo
from service.http_client.client import ClientLimits, HttpClient
from service.places.model import Place
from service.weather import records
from service.weather.collect.collector import WeatherCollector
from service.weather.collect.intervals import RefreshGoals
from service.weather.forecast import Forecast, assemble
from service.weather.model import Dataset
from service.weather.provider import Provider
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo

OM_PATH, MET_PATH = "/v1/forecast", "/locationforecast/2.0/complete"
OWM_PATHS = ("/data/2.5/weather", "/data/2.5/forecast", "/data/3.0/onecall")
START = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
GOALS = RefreshGoals(timedelta(minutes=15), timedelta(minutes=90), timedelta(hours=6))
DEADLINE = timedelta(seconds=20)

DONG_HA = Place("dong-ha", {"vi": "Đông Hà", "en": "Dong Ha"}, "VN", 16.8163, 107.1003, "Asia/Ho_Chi_Minh")
HUE = Place("hue", {"vi": "Huế", "en": "Hue"}, "VN", 16.4637, 107.5909, "Asia/Ho_Chi_Minh")
HA_NOI = Place("ha-noi", {"vi": "Hà Nội", "en": "Hanoi"}, "VN", 21.0245, 105.8412, "Asia/Ho_Chi_Minh")
PLACES = (DONG_HA, HUE, HA_NOI)


@dataclass
class Clock:
    """Stands still until it is told."""

    now: datetime = START
    waited: list[timedelta] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, length: timedelta) -> None:
        self.now += length

    def wait(self, length: timedelta) -> bool:
        """What the collector waits between requests: the clock goes on, nobody stops it."""
        self.waited.append(length)
        self.now += length
        return False


def play_open_meteo(
    upstream: LocalUpstream, clock: Clock, change: Callable[[Any], Any] = lambda answer: answer
) -> None:
    """Sample weather in Open-Meteo's form; `change` may spoil the decoded answer."""

    def play(asked: ReceivedRequest) -> Reply:
        status, body = _sample(tuple(asked.query.items()), clock.now)
        changed = json.dumps(change(json.loads(body)), ensure_ascii=False).encode()
        return Reply(status, changed, {"Content-Type": "application/json", "Date": http_date(clock.now)})

    upstream.handle(OM_PATH, play)


@lru_cache(maxsize=64)  # the tests' clocks start alike, and inventing weather is the dearest thing they do
def _sample(query: tuple[tuple[str, str], ...], now: datetime) -> tuple[int, bytes]:
    return open_meteo.forecast(dict(query), now)


def play_met_norway(
    upstream: LocalUpstream, clock: Clock, change: Callable[[Any], Any] = lambda answer: answer
) -> None:
    """Sample weather in MET Norway's form, with its Expires and its 304."""

    def play(asked: ReceivedRequest) -> Reply:
        status, headers, body = met_norway.locationforecast(asked.query, asked.headers, clock.now)
        dated = {**headers, "Date": http_date(clock.now)}
        if status != 200:
            return Reply(status, body, dated)
        return Reply(status, json.dumps(change(json.loads(body)), ensure_ascii=False).encode(), dated)

    upstream.handle(MET_PATH, play)


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def both(upstream: LocalUpstream) -> list[Provider]:
    return [OpenMeteo(upstream.url(OM_PATH)), MetNorway(upstream.url(MET_PATH))]


def a_collector(  # noqa: PLR0913 - a test names what it varies
    store: Store,
    upstream: LocalUpstream,
    clock: Clock,
    *,
    places: Sequence[Place] = PLACES,
    providers: Sequence[Provider] | None = None,
    deadline: timedelta = DEADLINE,
    deadlines: Mapping[str, timedelta] | None = None,
    decisions: DecisionLog = NO_DECISIONS,
    provider_settings: Mapping[str, str] = MappingProxyType({}),
) -> WeatherCollector:
    """A real collector behind a real client; of the default providers Open-Meteo is the preferred one.

    `deadlines` are those of single paths, so that one may be short while the others have time.
    """
    clients = {path: a_client(clock, of_path) for path, of_path in (deadlines or {}).items()}
    return WeatherCollector(
        store=store,
        upstream=ClientsByPath(a_client(clock, deadline), clients),
        providers=providers if providers is not None else both(upstream),
        places=places,
        always_in_use=[places[0].id],
        goals=GOALS,
        clock=clock,
        wait=clock.wait,
        decisions=decisions,
        provider_settings=provider_settings,
    )


@dataclass(frozen=True)
class ClientsByPath:
    """Fetches each path with a client of its own, where it has one."""

    usual: HttpClient
    by_path: Mapping[str, HttpClient]

    def fetch(self, request: Request) -> Response:
        return self.by_path.get(urlsplit(request.url).path, self.usual).fetch(request)


def a_client(clock: Clock, deadline: timedelta) -> HttpClient:
    rules = ClientLimits(deadline=deadline, allow_private=["127.0.0.1"])
    return HttpClient("portal-widgets/test (ops@example.gov.vn)", clock, rules)


def shown(store: Store, place: Place, now: datetime) -> Forecast:
    """What a reader is shown."""
    wanted = {dataset: records.weather_key(dataset, place.id) for dataset in Dataset}
    found = store.read(list(wanted.values()))
    return assemble(
        place,
        records.current_from_bytes(found.get(wanted[Dataset.CURRENT])),
        records.hourly_from_bytes(found.get(wanted[Dataset.HOURLY])),
        now,
        AgeLimits(GOALS.stale_after, GOALS.hide_after),
    )


def play_openweather(upstream: LocalUpstream, clock: Clock, code: int | str = 200) -> None:
    """OpenWeather's three responses, whose values follow from the hour; `code` is that of the bodies."""

    def values(time: datetime) -> dict[str, Any]:
        weather, rain = [{"id": 500, "icon": "10d"}], {"1h": 0.4, "3h": 1.2}
        return {"dt": int(time.timestamp()), "weather": weather, "pop": 0.5, "rain": rain}

    def nested(time: datetime) -> dict[str, Any]:
        main = {"temp": 20.0 + time.hour / 2, "humidity": 80, "pressure": 1010}
        return values(time) | {"main": main, "wind": {"speed": 3.0, "deg": 90}, "clouds": {"all": 90}}

    def flat(time: datetime) -> dict[str, Any]:
        return values(time) | {"temp": 20.0 + time.hour / 2, "humidity": 80, "wind_speed": 3.0}

    def play(asked: ReceivedRequest) -> Reply:
        hour = clock.now.replace(minute=0, second=0, microsecond=0)
        position = {"lat": float(asked.query["lat"]), "lon": float(asked.query["lon"])}
        kind = asked.path.rpartition("/")[2]
        if kind == "onecall":
            hours = [flat(hour + n * timedelta(hours=1)) for n in range(48)]
            body: dict[str, Any] = position | {"current": flat(clock.now), "hourly": hours}
        elif kind == "forecast":
            step = hour.replace(hour=hour.hour // 3 * 3) + timedelta(hours=3)
            steps = [nested(step + n * timedelta(hours=3)) for n in range(40)]
            body = {"cod": str(code), "list": steps, "city": {"coord": position}}
        else:
            body = nested(clock.now) | {"cod": code, "coord": position}
        if str(code) != "200":
            body = {"cod": code, "message": f"{asked.query['appid']} is refused"}
        validators = {"ETag": f'"{kind}"'}
        if asked.headers.get("if-none-match") in validators.values():
            return Reply(304, headers=validators)
        return Reply(200, json.dumps(body).encode(), validators)

    for path in OWM_PATHS:
        upstream.handle(path, play)

"""A store that commit 27ebb81 made and filled is opened with the code of the day: everything in it is found.

`kept_by_27ebb81/make.py` made the file, with that commit's own code, and wrote down what it held. What it
wrote must be there; what has come to a record or an answer since may stand beside it.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from direct_runner import DirectRunner
from flask.testing import FlaskClient

from service.app import create_app
from service.articles.collect.collector import ArticleCollector
from service.articles.model import Article
from service.articles.sources.registry import parser_for
from service.articles.store import records as article_records
from service.articles.store.sqlite import SqliteArticleRepository
from service.bootstrap import load_catalogue
from service.core.errors import Cause, UpstreamError
from service.core.ports import Request, Response
from service.locales.numbers import round_half_up
from service.settings.environment import CONFIG
from service.settings.load import load
from service.settings.model import Settings
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.collect.stored_state import forget_moved_places, last_fetches, places_in_use
from service.weather.model import Dataset, HourlyPoint
from service.weather.providers.registry import providers_of

FOLDER = Path(__file__).parent / "kept_by_27ebb81"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text("utf-8"))
NOW = datetime.fromisoformat(EXPECTED["now"])
HOUR = timedelta(hours=1)
NAMES_THEN = {
    "sort_key": "order",
    "canonical_url": "identity",
    "content_hash": "revision",
    "image": "illustration",
}


def lost(found: Any, expected: Any, where: str = "") -> list[str]:
    """What is expected and not found, with where it should stand; more than expected may be found."""
    if isinstance(expected, dict):
        absent = [f"{where}/{name}" for name in expected if not isinstance(found, dict) or name not in found]
        there = [name for name in expected if isinstance(found, dict) and name in found]
        return absent + [
            line for name in there for line in lost(found[name], expected[name], f"{where}/{name}")
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        pairs = enumerate(zip(found, expected, strict=True))
        return [line for index, (one, other) in pairs for line in lost(one, other, f"{where}/{index}")]
    return [] if found == expected else [f"{where}: {found!r} and not {expected!r}"]


def whole(thing: Any) -> Any:
    """A dataclass as JSON has it."""
    return json.loads(json.dumps(asdict(thing), default=str, ensure_ascii=False))


RENAMED = {  # fields of the dataclasses, as they were called then
    "source": "provider_id",
    "sky": "condition",
    "condition": "kind",
    "detail": "intensity",
    "steps": "points",
    "suns": "sun_times",
    "rest_until": "backoff_until",
    "refused": "skipped_places",
}


def renamed(expected: Any) -> Any:
    """What is expected, with today's names of the fields."""
    if isinstance(expected, dict):
        return {RENAMED.get(name, name): renamed(value) for name, value in expected.items()}
    return [renamed(value) for value in expected] if isinstance(expected, list) else expected


def whole_article(article: Article) -> Any:
    """An article as JSON has it, its attributes by the names that they had then."""
    fields = whole(article)
    for name, then in NAMES_THEN.items():
        fields[then] = fields.pop(name)
    if fields["illustration"]:
        fields["illustration"]["pictures"] = fields["illustration"].pop("variants")
    return fields


# Precipitation was the sum of a quarter of an hour, of the hour before, or of the hours that begin. All of it
# means one thing now: docs/decisions/0019.

OF_HOUR = ("condition", "precipitation", "precipitation_probability")
AT_TIME = ("temperature", "wind_speed", "is_day")


def with_rate(expected: Any) -> Any:
    value = dict(expected["value"])
    fallen = value.pop("precipitation")
    rate = None if expected["provider_id"] == "open-meteo" and fallen else fallen
    return expected | {"value": value | {"precipitation_rate": rate}}


def hours_of(expected: Any) -> dict[str, dict[str, Any]]:
    """The hours that commit 27ebb81 kept, each with what falls in it, by the time at which it begins."""
    hours: dict[str, dict[str, Any]] = {}
    columns = expected["value"]["points"]
    for row in zip(*columns.values(), strict=True):
        told = dict(zip(columns, row, strict=True))
        time, length = datetime.fromisoformat(told["time"]), told["hours"]
        hours.setdefault(str(time), {}).update({name: told[name] for name in AT_TIME if length == 1})
        for n in range(length) if expected["provider_id"] != "open-meteo" else (-1,):
            fallen = None if told["precipitation"] is None else told["precipitation"] / length
            of_hour = {name: told[name] for name in OF_HOUR} | {"precipitation": fallen}
            hours.setdefault(str(time + n * HOUR), {}).update(of_hour)
    return hours


def copied(folder: Path) -> Path:
    """As a service leaves it that was stopped in good order."""
    return Path(shutil.copy(FOLDER / "store.sqlite3", folder / "store.sqlite3"))


def killed(folder: Path) -> Path:
    """As a service leaves it that was killed: its write-ahead log holds what the file does not yet."""
    alive, dead = folder / "alive", folder / "dead"
    alive.mkdir()
    dead.mkdir()
    path = copied(alive)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA wal_autocheckpoint = 0")
        raw.execute("CREATE TEMP TABLE moved AS SELECT * FROM records")
        raw.execute("BEGIN")
        raw.execute("DELETE FROM records")
        raw.execute("INSERT INTO records SELECT * FROM moved")
        raw.execute("COMMIT")
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(f"{path}{suffix}", dead)
    return dead / path.name


def vacuumed(folder: Path) -> Path:
    """As somebody's own backup leaves it: in another journal mode."""
    path = folder / "backup.sqlite3"
    with closing(sqlite3.connect(copied(folder), isolation_level=None)) as raw:
        raw.execute("VACUUM INTO ?", (str(path),))
    return path


@pytest.fixture(params=[copied, killed, vacuumed], ids=lambda how: how.__name__)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(request.param(tmp_path))


@pytest.fixture
def store(path: Path) -> SqliteStore:
    return SqliteStore(path)


@pytest.fixture
def settings(path: Path, tmp_path: Path) -> Settings:
    configuration = tmp_path / "configuration.toml"
    configuration.write_text(EXPECTED["configuration"], encoding="utf-8")
    return load({CONFIG: str(configuration), "PORTAL_WIDGETS_STORE__URL": f"sqlite://{path}"})


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    """The whole service over that file, at the hour at which it was left."""
    return create_app(settings, clock=lambda: NOW, background=False).test_client(use_cookies=False)


def test_every_record_is_there_and_the_writes_go_on_from_where_they_were(store: SqliteStore) -> None:
    assert set(EXPECTED["keys"]) <= set(store.read(store.keys("")))
    assert store.origin() == EXPECTED["origin"]
    assert store.last_write() == EXPECTED["last_write"]
    store.write({"asked/hue": b"{}"})
    assert store.last_write() == EXPECTED["last_write"] + 1


def test_the_weather_of_every_place_is_found_value_by_value(store: SqliteStore) -> None:
    for place, expected in renamed(EXPECTED["current"]).items():
        key = records.weather_key(Dataset.CURRENT, place)
        found = whole(records.current_from_bytes(store.read([key])[key]))
        assert lost(found, with_rate(expected), key) == []
    for place, expected in renamed(EXPECTED["outlook"]).items():
        key = records.weather_key(Dataset.HOURLY, place)
        found = whole(records.hourly_from_bytes(store.read([key])[key]))
        points = (dict(zip(HourlyPoint._fields, row, strict=True)) for row in found["value"]["points"])
        found["value"]["points"] = {point["time"]: point for point in points}
        value = expected["value"] | {"points": hours_of(expected)}
        assert lost(found, expected | {"value": value}, key) == []


def by_cause(expected: dict[str, Any]) -> dict[str, Any]:
    """With a cause instead of the sentence: what an upstream may have written is told to nobody."""
    trouble = expected["trouble"]
    rest = {name: value for name, value in expected.items() if name != "trouble"}
    return rest | {"cause": None if trouble is None else Cause.UNKNOWN.value}


def test_answers_accounts_and_who_was_asked_for_are_found(store: SqliteStore) -> None:
    kept_records = store.read(store.keys(""))
    for key, expected in EXPECTED["answer"].items():
        answer = records.response_from_bytes(kept_records[key])
        assert answer is not None
        assert {"validators": dict(answer.validators), "body": sha256(answer.body).hexdigest()} == expected
    for key, expected in EXPECTED["ledger"].items():
        assert (
            lost(whole(records.quota_from_bytes(kept_records[key])), by_cause(renamed(expected)), key) == []
        )
    for key, expected in EXPECTED["asked"].items():
        assert str(records.instant_from_bytes(kept_records[key])) == expected
    assert whole_spots(kept_records[records.LOCATIONS_KEY]) == EXPECTED["spots"]


def whole_spots(record: bytes) -> dict[str, list[float]]:
    return {place: list(spot) for place, spot in records.locations_from_bytes(record).items()}


def test_how_it_stood_with_every_source_is_found(store: SqliteStore) -> None:
    found = store.read(list(EXPECTED["source"]))
    for key, expected in EXPECTED["source"].items():
        assert lost(whole(article_records.state_from_bytes(found[key])), by_cause(expected), key) == []


def test_the_articles_are_found_in_their_order_and_with_their_pictures(store: SqliteStore) -> None:
    repository = SqliteArticleRepository(store)
    assert (
        lost([whole_article(one) for one in repository.page(limit=100).articles], EXPECTED["articles"]) == []
    )
    for name, digest in EXPECTED["pictures"].items():
        assert sha256(repository.image(name) or b"").hexdigest() == digest


def test_what_was_seen_or_taken_down_is_still_known(store: SqliteStore) -> None:
    articles = {name for name in EXPECTED["taken_down"] if " " not in name}
    told = articles | set(EXPECTED["sightings"])
    assert SqliteArticleRepository(store).seen(sorted(told)) == told


def test_json_tells_the_same_weather_and_the_same_articles_page_by_page(client: FlaskClient) -> None:
    told = EXPECTED["api"]
    for place, expected in told["weather"].items():
        found = client.get(f"/api/v1/weather/{place}").json
        assert lost(found, _told_today(expected, place), place) == []
        assert all(day["condition_text"] for day in found["daily"])
    for path, pages in told["pages"].items():
        cursors = [None, *(page["next_cursor"] for page in pages)]
        for cursor, expected in zip(cursors, pages, strict=False):
            found = client.get(path + (f"&cursor={cursor}" if cursor else "")).json
            assert lost(_wordless(found), _wordless(expected), path) == []
    for name, expected in told["articles"].items():
        assert lost(client.get(f"/api/v1/articles/{name}").json, expected, name) == []


def _told_today(told: Any, place: str) -> Any:
    """The weather as it is told today; what days are called follows the rule of the version that reads them.

    Of Open-Meteo precipitation has moved to the beginning of its hour. Of MET Norway the days have lost the
    extremes of six hours, which were not kept then.
    """
    if told["source"] is None:
        return told
    is_moved = told["source"]["id"] == "open-meteo"
    hours = hours_of(renamed(EXPECTED["outlook"][place]))
    rains = is_moved and told["current"]["precipitation"]
    current = told["current"] | ({"precipitation": None} if rains else {})
    unnamed = {"condition", "condition_text", *(OF_HOUR[1:] if is_moved else ())}
    hourly = [{key: value for key, value in hour.items() if key not in unnamed} for hour in told["hourly"]]
    for hour in hourly:
        kept = hours[str(datetime.fromisoformat(hour["time"]).astimezone(UTC))]
        hour["precipitation"] = round_half_up(kept["precipitation"], 1)
        hour["precipitation_probability"] = kept["precipitation_probability"]
    unnamed |= set() if is_moved else {*OF_HOUR, "temperature_min", "temperature_max"}
    daily = [{key: value for key, value in day.items() if key not in unnamed} for day in told["daily"]]
    for day in daily if is_moved else ():
        own = [
            hour
            for time, hour in hours.items()
            if str(datetime.fromisoformat(time).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date())
            == day["date"]
        ]
        fallen = sum(Decimal(str(hour["precipitation"])) for hour in own)
        day["precipitation"] = float(fallen.quantize(Decimal("0.1"), ROUND_HALF_UP))
        day["precipitation_probability"] = max(hour["precipitation_probability"] for hour in own)
    return told | {"current": current, "hourly": hourly, "daily": daily}


def _wordless(page: Any) -> Any:
    """The page without the words of its sources' failures, which may change: only whether there are any."""
    return page | {"sources": [one | {"error": one["error"] is not None} for one in page["sources"]]}


def test_every_page_of_the_service_answers(client: FlaskClient) -> None:
    paths = [
        "/",
        "/status",
        "/readyz",
        "/widgets/weather/dong-ha?layout=full",
        "/widgets/weather/da-nang.svg",
        "/widgets/articles?layout=cards&q=cầu",
        "/widgets/portal",
        "/feeds/articles.rss",
        "/feeds/articles.atom",
        "/feeds/articles.json",
    ]
    paths += [f"/articles/{one['id']}" for one in EXPECTED["articles"]]
    paths += [f"/images/{name}.webp" for name in EXPECTED["pictures"]]
    assert {path: answer.text for path in paths if (answer := client.get(path)).status_code != 200} == {}
    shown = client.get("/widgets/articles").text
    assert all(one["title"] in shown for one in EXPECTED["articles"][:5])
    gone = {name for name in EXPECTED["taken_down"] if " " not in name}
    assert {client.get(f"/articles/{name}").status_code for name in gone} == {404}


class _Portals:
    """Tells the two feeds that stand in the expectations; nothing else can be reached."""

    def fetch(self, request: Request) -> Response:
        for name in ("tinh.xml", "hop-tac.xml"):
            if request.url.endswith(f"/{name}"):
                kind = {"content-type": "application/rss+xml"}
                return Response(200, kind, EXPECTED[name].encode(), request.url)
        raise UpstreamError(Cause.UNREACHABLE, "out of reach")


def test_what_was_taken_down_stays_down_when_its_source_and_another_tell_it_again(
    store: SqliteStore, settings: Settings
) -> None:
    repository, before = SqliteArticleRepository(store), [one["id"] for one in EXPECTED["articles"]]
    collector = ArticleCollector(
        store=store,
        repository=repository,
        upstream=_Portals(),
        runner=DirectRunner(),
        parsers=[parser_for(source) for source in settings.articles.source],
        refresh=settings.articles.refresh,
        keep=settings.articles.keep,
        clock=lambda: NOW + timedelta(hours=3),
        wait=lambda _: False,
    )
    collector.run(forced=True)
    assert [one.id for one in repository.page(limit=100).articles] == before


def test_the_collecting_half_goes_on_from_what_is_kept(store: SqliteStore, settings: Settings) -> None:
    places, providers = list(load_catalogue(settings)), providers_of(settings.weather)
    forget_moved_places(store, places, providers)
    told = {
        (dataset, place): (str(last.fetched_at), last.provider_id)
        for (dataset, place), last in last_fetches(store, places).items()
    }
    assert told == {
        (dataset, place): (one["fetched_at"], one["source"])
        for dataset in Dataset
        for place, one in EXPECTED[dataset.value].items()
    }
    asked = {key.removeprefix("asked/") for key in EXPECTED["asked"]}
    assert places_in_use(store, NOW) == asked
    moved = [replace(place, latitude=place.latitude + 1) for place in places if place.id == "hue"]
    forget_moved_places(store, moved, providers)
    assert not store.read(["current/hue", "outlook/hue"])

"""Whatever field the kept records lack or hold wrongly, every page answers and both collectors go on.

The store is the one that commit 27ebb81 made; of each of its records one field is taken away.
"""

import json
import shutil
import sqlite3
import tomllib
from collections.abc import Callable, Collection
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from direct_runner import DirectRunner
from flask.testing import FlaskClient

from service.app import create_app
from service.articles.collect.collector import ArticleCollector
from service.articles.sources.registry import parser_for
from service.articles.store.sqlite import SqliteArticleRepository
from service.bootstrap import load_catalogue
from service.core.errors import Cause, UpstreamError
from service.core.ports import Request, Response
from service.settings.load import load_tables
from service.settings.model import Settings
from service.storage.store import SqliteStore, checksum
from service.weather.collect.collector import WeatherCollector
from service.weather.collect.intervals import RefreshGoals
from service.weather.providers.registry import providers_of

FOLDER = Path(__file__).parents[1] / "storage" / "kept_by_27ebb81"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text("utf-8"))
NOW = datetime.fromisoformat(EXPECTED["now"])
NEEDED = {"fetched_at", "times", "at"}
PLACES = ("dong-ha", "da-nang", "vinh")
NEWEST = EXPECTED["articles"][4]["id"]  # with a picture, a caption and a text
PAGES = (
    "/",
    "/status",
    "/readyz",
    "/api/v1/articles?limit=50",
    f"/api/v1/articles/{NEWEST}",
    f"/articles/{NEWEST}",
    f"/oembed?url=https%3A%2F%2Fwidgets.example.invalid%2Farticles%2F{NEWEST}&maxwidth=600",
    "/widgets/articles?layout=cards",
    "/widgets/articles?layout=headlines&q=cầu",
    "/widgets/portal",
    "/feeds/articles.rss",
    "/feeds/articles.atom",
    "/feeds/articles.json",
    *(f"/api/v1/weather/{place}?lang=en&units=imperial" for place in PLACES),
    *(
        f"/widgets/weather/{place}?layout={layout}"
        for place in PLACES
        for layout in ("compact", "strip", "full")
    ),
    *(f"/widgets/weather/{place}.svg" for place in PLACES),
)
AFTER_A_PASS = (*PAGES[:5], "/widgets/portal", "/api/v1/weather/vinh", "/widgets/weather/dong-ha?layout=full")

Change = Callable[[dict[str, Any]], dict[str, Any]]


def parts_of(record: bytes) -> tuple[dict[str, Any], bytes]:
    head, newline, body = record.partition(b"\n")
    return json.loads(head), newline + body


def fields_of_all_records() -> list[str]:
    """The names of all fields of all kinds of records."""
    names: set[str] = set()
    with closing(sqlite3.connect(f"{(FOLDER / 'store.sqlite3').as_uri()}?immutable=1", uri=True)) as raw:
        for table, column in (("records", "value"), ("articles", "record")):
            for (record,) in raw.execute(f"SELECT {column} FROM {table} WHERE {column} NOT NULL"):
                names |= parts_of(record)[0].keys()
    return sorted(names)


def changed(store: SqliteStore, change: Change) -> None:
    """Change the fields of every record and every article; their checksums fit."""

    def anew(record: bytes) -> bytes:
        fields, body = parts_of(record)
        return json.dumps(change(fields)).encode() + body

    with store.writing() as write:
        rows = write.connection.execute("SELECT key, value FROM records WHERE value NOT NULL").fetchall()
        write.put([(key, (record := anew(value)), checksum(key, record)) for key, value in rows])
        rows = write.connection.execute("SELECT id, record FROM articles").fetchall()
        write.connection.executemany(
            "UPDATE articles SET record = ?2, checksum = ?3 WHERE id = ?1",
            [(name, (record := anew(value)), checksum(f"article/{name}", record)) for name, value in rows],
        )


class _OutOfReach:
    def fetch(self, request: Request) -> Response:
        raise UpstreamError(Cause.UNREACHABLE, f"{request.url} is out of reach")


def both_halves_go_on(store: SqliteStore, settings: Settings) -> FlaskClient:
    """Every page answers, then both collectors make their passes, then one page of each kind again."""
    now = NOW
    client = create_app(settings, clock=lambda: now, background=False).test_client(use_cookies=False)
    assert failing(client) == {}
    now += timedelta(hours=2)
    WeatherCollector(
        store=store,
        upstream=_OutOfReach(),
        providers=providers_of(settings.weather),
        places=list(load_catalogue(settings)),
        always_in_use=["dong-ha"],
        goals=RefreshGoals.from_settings(settings.weather),
        clock=lambda: now,
        wait=lambda _: False,
    ).run(forced=True)
    ArticleCollector(
        store=store,
        repository=SqliteArticleRepository(store),
        upstream=_OutOfReach(),
        runner=DirectRunner(),
        parsers=[parser_for(source) for source in settings.articles.source],
        refresh=settings.articles.refresh,
        keep=settings.articles.keep,
        clock=lambda: now,
        wait=lambda _: False,
    ).run(forced=True)
    assert failing(client, AFTER_A_PASS) == {}
    return create_app(settings, clock=lambda: NOW, background=False).test_client(use_cookies=False)


def failing(client: FlaskClient, pages: Collection[str] = PAGES) -> dict[str, str]:
    return {path: answer.text for path in pages if (answer := client.get(path)).status_code != 200}


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(Path(shutil.copy(FOLDER / "store.sqlite3", tmp_path)))


@pytest.fixture
def settings(store: SqliteStore) -> Settings:
    return load_tables(
        tomllib.loads(EXPECTED["configuration"]), {"PORTAL_WIDGETS_STORE__URL": f"sqlite://{store.path}"}
    )


@pytest.mark.uncounted
@pytest.mark.parametrize("name", fields_of_all_records())
def test_a_field_that_all_records_lack_hides_nothing_else(
    store: SqliteStore, settings: Settings, name: str
) -> None:
    changed(store, lambda fields: {key: value for key, value in fields.items() if key != name})
    client = both_halves_go_on(store, settings)
    told = client.get("/api/v1/weather/dong-ha").json
    expected = EXPECTED["api"]["weather"]["dong-ha"]
    assert told is not None
    if name in NEEDED:
        return
    assert len(told["hourly"]) == len(expected["hourly"])
    assert len(told["daily"]) == len(expected["daily"])
    current = expected["current"]
    own = {name, "condition", "condition_text"} if name == "sky" else {name}
    assert {key: told["current"][key] for key in current.keys() - own - {"condition_text"}} == {
        key: value for key, value in current.items() if key not in own | {"condition_text"}
    }
    if name in current.keys() - {"apparent_temperature_derived"}:
        assert told["current"][name] is None
    articles = client.get("/api/v1/articles?limit=50").json
    assert articles is not None
    listed = {one["id"] for one in EXPECTED["articles"]}
    assert {one["id"] for one in articles["articles"]} == listed


@pytest.mark.parametrize("value", [None, 7, "nonsense", [], {}], ids=str)
def test_a_value_of_another_kind_in_every_field_fails_no_page_and_no_collector(
    store: SqliteStore, settings: Settings, value: object
) -> None:
    changed(
        store,
        lambda fields: {
            key: kept if key in NEEDED | {"first_seen"} else value for key, kept in fields.items()
        },
    )
    both_halves_go_on(store, settings)


def test_records_of_a_later_form_with_more_fields_are_shown_as_they_are(
    store: SqliteStore, settings: Settings
) -> None:
    changed(store, lambda fields: fields | {"v": 99, "uv_index": 7, "air": {"pm10": [1, 2]}})
    client = both_halves_go_on(store, settings)
    for place in ("dong-ha", "da-nang"):
        told = client.get(f"/api/v1/weather/{place}").json
        assert told is not None
        assert told["current"] == EXPECTED["api"]["weather"][place]["current"]

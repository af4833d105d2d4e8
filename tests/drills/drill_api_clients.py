"""Programs of others read the API by its description: `python -m pytest tests/drills/drill_api_clients.py`.

A demo runs; clients that are generated for Python and TypeScript read it, and Schemathesis asks some 20,000
questions. The tools come from PyPI and npm into a folder of their own.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_service import demo, read

from service.app import create_app
from service.settings.load import load

PYTHON_TOOLS = ("openapi-python-client", "schemathesis>=4,<5")
NODE_TOOLS = ("openapi-typescript", "openapi-fetch", "typescript@5", "@types/node@20")
CASES = 1500  # of each operation, each in a test of its own: none may take longer than the suite allows
VIEWS = create_app(load({}), background=False).extensions["views"]
OPERATIONS = [f"get_{view.name.removeprefix('api.')}" for view in VIEWS if view.description]
IN_PYTHON = """
import sys
from client import Client
from client.api.default import get_article, get_articles, get_cities, get_city, get_index, get_weather
from client.api.default import get_weather_batch
from client.models import GetWeatherBatchPartial, GetWeatherUnits, Problem

reader = Client(base_url=sys.argv[1])
weather = get_weather.sync("dong-ha", client=reader)
assert len(weather.hourly) == 48 and weather.units["temperature"] == "°C", weather
other = get_weather.sync("dong-ha", client=reader, units=GetWeatherUnits.IMPERIAL, fields="current")
assert not other.hourly and abs(other.current.temperature - weather.current.temperature * 9 / 5 - 32) < 0.1
assert isinstance(get_weather.sync("atlantis", client=reader), Problem)
some = get_weather_batch.sync(client=reader, cities="hue,atlantis", partial=GetWeatherBatchPartial.YES)
assert (some.unknown, [one.city.id for one in some.weather]) == (["atlantis"], ["hue"])
assert "limit" in get_cities.sync(client=reader, limit=0).errors.additional_properties
near = get_cities.sync(client=reader, latitude=16.8, longitude=107.1).cities
assert near[0].distance_km < near[1].distance_km
assert get_city.sync("hue", client=reader).names["en"] == "Hue"
articles = get_articles.sync(client=reader, limit=2)
assert articles.total > 2 and articles.next_cursor
assert get_article.sync(articles.articles[0].id, client=reader).title == articles.articles[0].title
assert len(get_index.sync(client=reader).resources) > 5
"""
IN_TYPESCRIPT = """
import { deepStrictEqual as same, ok } from "node:assert";
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const { GET } = createClient<paths>({ baseUrl: process.argv[2] });
const query = { units: "imperial", fields: "current" } as const;
const weather = await GET("/api/v1/weather/{city}", { params: { path: { city: "dong-ha" }, query } });
ok(typeof weather.data!.current!.temperature === "number");
same([weather.data!.units.temperature, weather.data!.hourly], ["°F", undefined]);
const none = await GET("/api/v1/weather/{city}", { params: { path: { city: "atlantis" } } });
same([none.error!.status, none.data], [404, undefined]);
const several = { cities: "hue,atlantis", partial: "yes" } as const;
const some = await GET("/api/v1/weather", { params: { query: several } });
same([some.data!.unknown, some.data!.weather.map(one => one.city.id)], [["atlantis"], ["hue"]]);
const near = await GET("/api/v1/cities", { params: { query: { latitude: 16.8, longitude: 107.1 } } });
ok(near.data!.cities[0].distance_km! < near.data!.cities[1].distance_km!);
const news = await GET("/api/v1/articles", { params: { query: { limit: 2, after: "2020-01-01" } } });
ok(news.data!.total > 2 && news.response.headers.get("link")!.includes('rel="next"'));
"""
# What the document cannot say: that one parameter needs another, and which cursors there are. A format that
# is not there is a 501 by oEmbed 1.0.
SCHEMATHESIS = """
[checks]
ignored_auth.enabled = false
use_after_free.enabled = false
object_level_authorization.enabled = false

[[operations]]
include-operation-id = "get_cities"
checks.positive_data_acceptance.enabled = false

[[operations]]
include-operation-id = "get_articles"
checks.positive_data_acceptance.enabled = false

[[operations]]
include-operation-id = "get_oembed"
checks.not_a_server_error.enabled = false
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clients")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with demo() as url:
        (folder / "openapi.json").write_text(json.dumps(read(f"{url}/api/v1/openapi.json")), "utf-8")
        yield url


@pytest.fixture(scope="module")
def tools(folder: Path) -> Path:
    """The folder of the tools that are written in Python."""
    run(folder, sys.executable, "-m", "venv", "venv")
    run(folder, "venv/bin/pip", "install", "--quiet", *PYTHON_TOOLS)
    return folder / "venv" / "bin"


def run(folder: Path, *command: str | Path) -> str:
    done = subprocess.run(
        command, cwd=folder, env={"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-5000:]}\n{done.stderr[-5000:]}"
    return done.stdout + done.stderr


def test_a_generated_client_in_python_reads_the_service(folder: Path, url: str, tools: Path) -> None:
    command = ("generate", "--path", "openapi.json", "--output-path", "client", "--meta", "none")
    assert "WARNING" not in run(folder, tools / "openapi-python-client", *command)
    (folder / "read.py").write_text(IN_PYTHON, "utf-8")
    run(folder, tools / "python", "read.py", url)


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm and node 20 or newer")
def test_a_generated_client_in_typescript_compiles_and_reads_the_service(folder: Path, url: str) -> None:
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    run(folder, "npm", "install", "--silent", "--no-audit", "--no-fund", *NODE_TOOLS)
    run(folder, "npx", "openapi-typescript", "openapi.json", "-o", "api.d.ts")
    (folder / "read.ts").write_text(IN_TYPESCRIPT, "utf-8")
    run(folder, "npx", "tsc", "--strict", "--module", "nodenext", "--target", "es2022", "read.ts")
    run(folder, "node", "read.js", url)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_question_finds_an_answer_that_is_not_as_described(
    folder: Path, url: str, tools: Path, operation: str
) -> None:
    (folder / "schemathesis.toml").write_text(SCHEMATHESIS)
    command = ("run", "openapi.json", "--url", url, "--continue-on-failure")
    command += ("--include-operation-id", operation)
    run(folder, tools / "schemathesis", *command, "--max-examples", str(CASES))

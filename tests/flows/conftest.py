"""What the flows share: a store in a folder of its own, a clock, both providers playing."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from local_upstream import LocalUpstream
from PIL import Image
from press import Press
from weather_upstreams import Clock, play_met_norway, play_open_meteo

from service.storage.store import SqliteStore

# Recordings stay outside the project: without them there is nothing to collect.
collect_ignore = [] if os.environ.get("PORTAL_WIDGETS_CORPUS") else ["test_weather_recordings.py"]


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "store.sqlite3")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def playing(upstream: LocalUpstream, clock: Clock) -> LocalUpstream:
    """The local upstream with both providers in good health."""
    play_open_meteo(upstream, clock)
    play_met_norway(upstream, clock)
    return upstream


@pytest.fixture
def press(upstream: LocalUpstream, tmp_path: Path) -> Iterator[Press]:
    made = Press(upstream, tmp_path)
    picture = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(picture, "PNG")
    upstream.answer("/anh.png", body=picture.getvalue(), headers={"content-type": "image/png"})
    for number in range(12):
        upstream.answer(f"/bai/{number}.html", body=b"<html><h1>x</h1></html>")
    made.publish("tinh")
    made.publish("bao")
    yield made
    made.store.close()

import sqlite3
import struct
import zlib
from contextlib import closing
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from web_site import HOUR, NOW, Site

from service.core.counters import Counters
from service.storage.counter_files import SharedCounters
from service.storage.failure_log import FailureLog
from service.storage.fallback import StaleOnErrorStore
from service.storage.store import SqliteStore


def test_the_service_says_that_it_lives(site: Site) -> None:
    assert site.json("/healthz") == {"status": "ok", "version": version("portal-widgets")}


def test_the_service_says_what_it_can_tell(site: Site) -> None:
    places = len(site.json("/api/v1/cities?limit=500")["cities"])
    seen(site, NOW)
    assert site.json("/readyz") == {
        "status": "ready",
        "problems": [],
        "store": {"state": "ok"},
        "collector": {"state": "ok", "last_seen": "2026-11-22T03:20:00Z"},
        "weather": {"fresh": 2, "stale": 0, "unavailable": places - 2},
        "articles": {"fresh": 0, "stale": 0, "unavailable": 0},
    }
    assert site.get("/readyz?strict=yes").status_code == 200


def seen(site: Site, at: datetime) -> None:
    """Let a collector show that it goes on."""
    others = SharedCounters(site.settings.store.path, Counters())
    others.counters.collector_seen.set(at.timestamp())
    others.close()


def test_a_service_with_old_data_is_ready(site: Site) -> None:
    site.now = NOW + 2 * HOUR
    assert site.json("/readyz")["weather"]["stale"] == 2


class TestImpaired:
    """What is wrong is told, and only whoever asks strictly gets a 503 for it."""

    @pytest.fixture
    def alone(self, tmp_path: Path) -> Site:
        made = Site.in_folder(tmp_path, weather__cities="hue,vinh")
        made.keep("hue")
        return made

    def problems(self, site: Site) -> list[str]:
        told, strictly = site.get("/readyz"), site.get("/readyz?strict=yes")
        assert told.status_code == 200
        assert told.json
        assert told.json["status"] == "ready"
        assert strictly.status_code == (503 if told.json["problems"] else 200)
        assert strictly.json == told.json | ({"status": "impaired"} if told.json["problems"] else {})
        assert strictly.headers["Cache-Control"] == "no-store"
        return list(told.json["problems"])

    def test_a_minute_after_the_start_somebody_must_collect(self, alone: Site) -> None:
        assert self.problems(alone) == []
        assert alone.json("/readyz")["collector"] == {"state": "starting", "last_seen": None}
        alone.now += timedelta(seconds=61)
        assert self.problems(alone) == ["no-collector"]
        seen(alone, alone.now)
        assert self.problems(alone) == []
        alone.now += timedelta(seconds=61)
        assert self.problems(alone) == ["no-collector"]

    def test_nothing_is_there_to_show(self, alone: Site) -> None:
        alone.now += 7 * HOUR
        seen(alone, alone.now)
        assert self.problems(alone) == ["all-unavailable"]
        alone.keep("vinh", fetched_at=alone.now)
        assert self.problems(alone) == []

    def test_a_store_that_can_only_be_read_is_told_within_seconds(self, alone: Site) -> None:
        assert self.problems(alone) == []
        with closing(sqlite3.connect(alone.settings.store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # as one that is locked, the disk full, the folder read-only
            alone.now += timedelta(seconds=6)
            assert self.problems(alone) == ["store-not-writable"]
            assert alone.json("/readyz")["store"] == {"state": "read-only"}
        alone.now += timedelta(seconds=6)
        assert self.problems(alone) == []

    def test_a_store_that_fails_is_both(self, alone: Site) -> None:
        alone.json("/readyz")
        alone.store.close()  # type: ignore[attr-defined] # it is a SqliteStore
        break_store(alone)
        assert self.problems(alone) == ["store-not-readable", "store-not-writable"]


def test_another_value_of_strict_is_told(site: Site) -> None:
    answer = site.get("/readyz?strict=maybe")
    assert answer.status_code == 400
    assert "strict" in answer.text


def test_robots_stay_out_of_the_api(site: Site) -> None:
    assert (
        site.get("/robots.txt").text == "User-agent: *\nDisallow: /api/\nDisallow: /go/\nDisallow: /credit/\n"
    )


def test_the_icon_is_an_ico_with_a_picture_in_it(site: Site) -> None:
    answer = site.get("/favicon.ico")
    assert answer.mimetype == "image/x-icon"
    reserved, kind, pictures = struct.unpack_from("<HHH", answer.data)
    assert (reserved, kind, pictures) == (0, 1, 1)
    width, height, *_, size, offset = struct.unpack_from("<BBBBHHII", answer.data, 6)
    png = answer.data[offset:]
    assert (width, height, size) == (32, 32, len(png))
    assert png.startswith(b"\x89PNG")
    pixels = zlib.decompress(png[png.index(b"IDAT") + 4 : png.index(b"IEND") - 8])
    assert len(pixels) == 32 * (1 + 4 * 32)
    assert (
        len({pixels[at : at + 3] for row in range(32) for at in range(row * 129 + 1, row * 129 + 129, 4)})
        == 3
    )


class TestFailingStore:
    """The store's file becomes something that SQLite cannot open."""

    @pytest.fixture
    def remembering(self, tmp_path: Path) -> Site:
        made = Site.in_folder(tmp_path)
        made.keep("dong-ha", "hue")
        assert isinstance(made.store, SqliteStore)
        made.store.failure_log = FailureLog(made.store.path, over_after=0.0)
        return Site(made.settings, StaleOnErrorStore(made.store))

    def test_it_is_ready_and_says_that_the_store_failed(self, remembering: Site) -> None:
        break_store(remembering)
        ready = remembering.json("/readyz")
        assert ready["store"] == {"state": "failed"}
        assert ready["weather"] is None

    def test_what_was_read_before_is_still_served(self, remembering: Site) -> None:
        before = remembering.json("/api/v1/weather/dong-ha")
        remembering.json("/readyz")
        break_store(remembering)
        assert remembering.json("/api/v1/weather/dong-ha") == before
        ready = remembering.json("/readyz")
        assert ready["store"] == {"state": "failed"}
        assert ready["weather"]["fresh"] == 2

    def test_one_place_that_nobody_read_before_hides_no_other(self, remembering: Site) -> None:
        remembering.json("/api/v1/weather/dong-ha")
        break_store(remembering)
        told = remembering.json("/api/v1/weather?cities=ha-noi,dong-ha")["weather"]
        assert [one["state"] for one in told] == ["unavailable", "fresh"]

    def test_readers_are_answered_on_every_page(self, remembering: Site) -> None:
        break_store(remembering)
        for path in ("/", "/status", "/widgets/weather/hue", "/widgets/weather/hue.svg", "/healthz"):
            assert remembering.get(path).status_code == 200

    def test_its_failing_and_its_recovery_are_logged_once(
        self, remembering: Site, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = break_store(remembering)
        for _ in range(3):
            remembering.json("/api/v1/weather/hue")
        assert [record.levelname for record in caplog.records].count("WARNING") == 1
        path.rmdir()
        remembering.json("/api/v1/weather/hue")
        assert "again" in caplog.messages[-1]

    def test_nothing_of_it_is_told_to_strangers(self, remembering: Site) -> None:
        path = break_store(remembering)
        for url in ("/readyz", "/status", "/widgets/weather/hue", "/api/v1/weather/hue"):
            assert str(path) not in remembering.get(url, {"X-Forwarded-For": "127.0.0.1"}).text


def break_store(site: Site) -> Path:
    """Put a folder in the place of the file."""
    path = site.settings.store.path
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    path.mkdir()
    return path

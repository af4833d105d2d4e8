"""A running service whose store fails: readers are answered, and the log says it in one line."""

import os
from pathlib import Path

import pytest
from local_upstream import LocalUpstream
from running_service import PACKAGED, Running, running, until

FEED = b"""<rss version="2.0"><channel><title>C</title><link>https://portal.example/</link><description>d</description>
<item><title>Khanh thanh cau moi</title><link>https://portal.example/1</link></item></channel></rss>"""
PATHS = (
    "/api/v1/weather/dong-ha",
    "/widgets/weather/dong-ha",
    "/widgets/weather/dong-ha.svg",
    "/api/v1/articles",
    "/widgets/articles",
    "/readyz",
    "/status",
)


def of_the_store(service: Running, begun: int) -> list[str]:
    """What a worker has said of the store since then, without the time and the process."""
    lines = service.log[begun:].splitlines()
    return [line.partition(" WARNING ")[2] for line in lines if " serve[" in line and " WARNING " in line]


def ask_everything(service: Running, times: int = 5) -> None:
    for _ in range(times):
        for path in PATHS:
            assert service.get(path)


@pytest.fixture
def told(telling_upstream: LocalUpstream, tmp_path: Path) -> dict[str, str]:
    """Settings that bring weather and an article; every reader asks the store, as no answer is kept."""
    telling_upstream.answer("/rss", body=FEED, headers={"content-type": "application/rss+xml"})
    file = tmp_path / "settings.toml"
    file.write_text(
        f'[[articles.source]]\nid = "tinh"\nkind = "feed"\nurl = "{telling_upstream.url("/rss")}"\n'
    )
    return {"config": str(file), "edge__memory": "0B"}


def test_a_store_that_is_cut_short_is_told_once_set_aside_and_filled_again(
    tmp_path: Path, telling_upstream: LocalUpstream, told: dict[str, str]
) -> None:
    store = tmp_path / "store.sqlite3"
    with running((*PACKAGED, "--workers", "1"), tmp_path, telling_upstream, **told) as service:
        until(service.has_weather, 30, lambda: service.log)
        until(lambda: service.json("/api/v1/articles")["articles"], 30, lambda: service.log)
        ask_everything(service, 1)
        begun = len(service.log)
        os.truncate(store, 0)
        ask_everything(service)
        assert f"{store} cannot be used: it was cut short" in of_the_store(service, begun)[0]
        until(lambda: list(tmp_path.glob("store.sqlite3.damaged-*")), 60, lambda: service.log)
        until(service.has_weather, 60, lambda: service.log)
        until(lambda: service.json("/api/v1/articles")["articles"], 60, lambda: service.log)
        ask_everything(service)
        lines = of_the_store(service, begun)
        assert len(lines) == 2, service.log[begun:]
        assert "is another file than before" in lines[1]
        assert "Traceback" not in service.log


def test_a_store_that_is_no_database_is_told_once_while_readers_get_what_was_read_before(
    tmp_path: Path, telling_upstream: LocalUpstream, told: dict[str, str]
) -> None:
    """Without a collector nobody sets it aside."""
    store = tmp_path / "store.sqlite3"
    with running((*PACKAGED, "--workers", "1"), tmp_path, telling_upstream, **told) as service:
        until(service.has_weather, 30, lambda: service.log)
        until(lambda: service.json("/api/v1/articles")["articles"], 30, lambda: service.log)
    with running(
        (*PACKAGED, "--workers", "1"), tmp_path, telling_upstream, collector__mode="external", **told
    ) as service:
        until(lambda: service.log.count("Listening at") == 2 and service.answers(), 30, lambda: service.log)
        ask_everything(service, 1)
        before = service.json("/api/v1/weather/dong-ha")
        begun = len(service.log)
        for part in ("-wal", "-shm"):
            store.with_name(store.name + part).unlink()
        other = tmp_path / "other"
        other.write_bytes(b"no database " * 1000)
        other.replace(store)
        ask_everything(service)
        lines = of_the_store(service, begun)
        assert service.json("/api/v1/weather/dong-ha") == before
        assert service.json("/readyz")["store"] == {"state": "failed"}
        assert len(lines) == 1, lines
        assert f"{store} cannot be used: it is damaged" in lines[0]
        assert "Traceback" not in service.log

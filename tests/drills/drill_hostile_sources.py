"""Hostile sources beside healthy ones: `python -m pytest tests/drills/drill_hostile_sources.py -s`.

The weather and every healthy source have to be asked within 1.2 times their refresh, and nothing may be left
when the service is killed. DRILL_SECONDS says how long it takes.
"""

import io
import json
import os
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from local_upstream import LocalUpstream, Raw, ReceivedRequest, Reply
from PIL import Image
from running_service import FORECAST, PACKAGED, Running, running, telling, until

SECONDS = int(os.environ.get("DRILL_SECONDS", "60"))
REFRESH = 5.0
HEALTHY = ("lanh-1", "lanh-2", "lanh-3", "lanh-4")
XML = {"content-type": "application/rss+xml; charset=utf-8"}


def rss(items: str, attributes: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {attributes}><channel><title>T</title>'
        f"<link>http://127.0.0.1/</link><description>d</description>{items}</channel></rss>"
    ).encode()


def item(name: str, number: int, more: str = "", link: str = "") -> str:
    return (
        f"<item><title>Tin thứ {number} của {name} trong cổng</title><link>{link}</link>"
        f"<guid isPermaLink='false'>{name}-{number}</guid>{more}</item>"
    )


def json_feed(*items: dict[str, object]) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": items}).encode()


def bomb() -> bytes:
    """A picture of 20 million pixels in some 20 kB."""
    written = io.BytesIO()
    Image.new("RGB", (4_400, 4_500)).save(written, "PNG")
    return written.getvalue()


def enclosure(url: str) -> str:
    return f"<enclosure url='{url}' type='image/png' length='1'/>"


HOSTILE: dict[str, Callable[[LocalUpstream], bytes]] = {
    "regex": lambda _: rss(item("regex", 1, f"<description>a{' ' * 400_000}b</description>")),
    "surrogate": lambda _: json_feed({"id": "bad\ud800", "title": "Tin \ud800 xấu của cổng này", "url": "x"}),
    "commas": lambda _: rss(
        "".join(item("commas", n, f"<author>{'Nguyễn Văn A, ' * 2_000}</author>") for n in range(100))
    ),
    "attributes": lambda _: rss(item("attributes", 1), " ".join(f'a{n}="x"' for n in range(60_000))),
    "anchors": lambda _: rss(item("anchors", 1, f"<description>{'&lt;a&gt;' * 60_000}</description>")),
    "deep": lambda _: b"[" * 3_000_000,
    "nested": lambda _: rss(item("nested", 1, f"<description>{'&lt;div&gt;' * 250_000}</description>")),
    "entities": lambda _: rss(item("entities", 1, f"<description>{'&amp;#1;' * 300_000}</description>")),
    "spaces": lambda _: b" " * 7_900_000,
    "tags": lambda _: rss(
        item("tags", 1, f"<description>{'<i>' * 3_300_000}{'</i>' * 2_400_000}</description>")
    ),
    "pages": lambda up: rss("".join(item("pages", n, link=up.url(f"/pages/{n}")) for n in range(20))),
    "pictures": lambda up: rss(
        "".join(
            item(
                "pictures",
                n,
                f"<enclosure url='{up.url(f'/pictures/{n}.png')}' type='image/png' length='1'/>",
            )
            for n in range(20)
        )
    ),
    "bombs": lambda up: rss(
        "".join(item("bombs", n, enclosure(up.url(f"/bomb.png?{n}"))) for n in range(20))
    ),
}


ANSWERS: dict[str, Callable[[LocalUpstream, str], None]] = {  # of listings, by their paths
    "drips": lambda up, path: up.drip_headers(path, pause=0.05),
    "body-drips": lambda up, path: up.drip_body(
        path, rss(item("body-drips", 1)) + b" " * 100_000, pause=0.05
    ),
    "endless": lambda up, path: up.endless_body(path),
    "silent": lambda up, path: up.hang(path),
    "loop": lambda up, path: up.redirect(path, path),
    "gzip-bomb": lambda up, path: up.gzip_bomb(path, megabytes=1_000),
    "garbage": lambda up, path: up.garbage(path),
    "truncated": lambda up, path: up.truncate(path),
}


class Clocked(LocalUpstream):
    """Notes when each path was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[str, list[float]] = {}

    def serve(self, path: str, body: bytes) -> None:
        def play(_: ReceivedRequest) -> Reply | Raw:
            self.times.setdefault(path, []).append(time.monotonic())
            return Reply(200, body, XML)

        self.handle(path, play)


def play(upstream: Clocked) -> None:
    for name, made in HOSTILE.items():
        upstream.serve(f"/{name}.xml", made(upstream))
    for name in HEALTHY:
        links = [upstream.url(f"/{name}/{n}") for n in range(5)]
        for link in links:
            upstream.answer(link.removeprefix(upstream.url("").rstrip("/")), body="<h1>Tin của cổng</h1>")
        upstream.serve(f"/{name}.xml", rss("".join(item(name, n, link=link) for n, link in enumerate(links))))
    for number in range(20):
        upstream.drip_body(f"/pages/{number}", b"x" * 100_000, pause=0.05)
        upstream.drip_body(f"/pictures/{number}.png", b"x" * 100_000, pause=0.05)
    upstream.answer("/bomb.png", body=bomb(), headers={"content-type": "image/png"})
    for name, answer in ANSWERS.items():
        answer(upstream, f"/{name}.xml")


def configuration(upstream: LocalUpstream, folder: Path) -> Path:
    sources = [*HOSTILE, *ANSWERS, *HEALTHY]
    lines = [f'[articles]\nrefresh = "{REFRESH:.0f}s"\n']
    for name in sources:
        url = upstream.url(f"/{name}.xml")
        lines += [
            "[[articles.source]]",
            f'id = "{name}"',
            'kind = "feed"',
            f'name = "{name}"',
            f'url = "{url}"',
        ]
    file = folder / "portal.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def longest(times: list[float], began: float, ended: float) -> float:
    return max(later - earlier for earlier, later in pairwise([began, *times, ended]))


def test_healthy_sources_and_the_weather_are_asked_in_time_whatever_the_others_send(tmp_path: Path) -> None:
    with Clocked() as upstream:
        telling(upstream)
        play(upstream)
        weather: list[float] = []
        forecast = upstream._plays[FORECAST]  # noqa: SLF001 - to note the time of what is told already

        def noted(asked: ReceivedRequest) -> Reply | Raw:
            if "current" in asked.query:
                weather.append(time.monotonic())
            return forecast(asked)

        upstream.handle(FORECAST, noted)
        with running(
            (*PACKAGED, "--workers", "2"), tmp_path, upstream,
            config=str(configuration(upstream, tmp_path)), weather__refresh=f"{REFRESH:.0f}s",
            weather__open_meteo__daily_budget="10000000",
        ) as service:  # fmt: skip
            until(lambda: weather and all(f"/{name}.xml" in upstream.times for name in HEALTHY), 30)
            began = time.monotonic()
            while time.monotonic() < began + SECONDS:
                time.sleep(1)
                assert service.answers("/api/v1/weather/hue")
            ended = time.monotonic()
            asked = {name: upstream.times[f"/{name}.xml"] for name in HEALTHY} | {"weather": weather}
            waits = {
                name: longest([t for t in times if t > began], began, ended) for name, times in asked.items()
            }
            told = {one["id"]: one["error"] for one in service.json("/api/v1/articles")["sources"]}
            print("\nlongest waits:", {name: f"{wait:.2f} s" for name, wait in waits.items()})  # noqa: T201 - a drill's
            print("errors:", json.dumps(told, ensure_ascii=False, indent=1))  # noqa: T201 - likewise
            assert [told[name] for name in HEALTHY] == [None] * len(HEALTHY)
            end_without_warning(service)
        assert max(waits.values()) <= 1.2 * REFRESH, waits


def end_without_warning(service: Running) -> None:
    """Kill the master; nothing may be left within seconds."""
    service.process.kill()
    service.process.wait(5)
    until(lambda: not service.processes(), 10, service.processes)

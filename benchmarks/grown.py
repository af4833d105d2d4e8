"""A service of any size for the benchmarks: its configuration, its upstream, its processes."""

import http.client
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_UPSTREAM = Path(__file__).with_name("peers") / "upstream.py"
_SERVE = ("gunicorn", "-c", "python:service.gunicorn", "--bind", "127.0.0.1:0", "service.asgi:app")


@dataclass(frozen=True)
class Service:
    """Its folder, its environment, and what it asks."""

    folder: Path
    environment: dict[str, str]
    upstream: int

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", *arguments]

    def collect(self) -> None:
        """All that is due or not, once."""
        subprocess.run(
            self.command("service", "collect", "--once", "--force"),
            env=self.environment,
            check=True,
            stderr=(self.folder / "log").open("ab"),
        )

    @contextmanager
    def serving(self, workers: int = 1, **more: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
        """Its port, and gunicorn's process."""
        log = self.folder / f"serve-{len(list(self.folder.glob('serve-*')))}"
        with log.open("wb") as file:
            process = subprocess.Popen(
                self.command(*_SERVE, "--workers", str(workers)),
                env=self.environment | more,
                stdout=file,
                stderr=file,
            )
        try:
            yield _port(log), process
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def grown(folder: Path, places: int, articles: int, sources: int, **more: str) -> Iterator[Service]:
    """A service of so many places, and of so many articles from so many feeds; nothing is collected yet."""
    upstream = subprocess.Popen([sys.executable, str(_UPSTREAM)], stdout=subprocess.PIPE, text=True)
    assert upstream.stdout is not None
    port = int(upstream.stdout.readline())
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PORTAL_WIDGETS_CONFIG": str(folder / "settings.toml"),
        "PORTAL_WIDGETS_STORE__URL": f"sqlite://{folder}/store.sqlite3",
        "PORTAL_WIDGETS_WEATHER__OPEN_METEO__BASE_URL": f"http://127.0.0.1:{port}/v1/forecast",
        "PORTAL_WIDGETS_WEATHER__OPEN_METEO__DAILY_BUDGET": "1000000",
        "PORTAL_WIDGETS_WEATHER__PROVIDERS": "open-meteo",
        "PORTAL_WIDGETS_UPSTREAM__ALLOW_PRIVATE": "127.0.0.1",
        "PORTAL_WIDGETS_ARTICLES__KEEP": str(max(articles // max(sources, 1), 1)),
        "PORTAL_WIDGETS_COLLECTOR__MODE": "external",
        **more,
    }
    (folder / "settings.toml").write_text(_settings(places, articles, sources, port))
    try:
        yield Service(folder, environment, port)
    finally:
        upstream.terminate()
        upstream.wait()


def _settings(places: int, articles: int, sources: int, port: int) -> str:
    built_in = [f"cho-{number}" for number in range(places)]
    cities = "".join(
        f'[[weather.city]]\nid = "{name}"\nname = {{ vi = "Chợ {number}", en = "Cho {number}" }}\n'
        'country = "VN"\n'
        f"latitude = {8.5 + number % 140 / 10:.4f}\nlongitude = {102.5 + number // 140 / 12:.4f}\n"
        'timezone = "Asia/Ho_Chi_Minh"\n'
        for number, name in enumerate(built_in)
    )
    each = articles // max(sources, 1)
    feeds = "".join(
        f'[[articles.source]]\nid = "nguon-{number}"\nkind = "feed"\n'
        f'url = "http://127.0.0.1:{port}/rss/nguon-{number}?articles={each}"\n'
        for number in range(sources)
    )
    return f'[site]\ndefault_city = "cho-0"\n[weather]\ncities = ["cho-0"]\n{cities}{feeds}'


def asked(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def told(port: int, path: str) -> Any:
    """JSON."""
    return json.loads(asked(port, path)[2])


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(child) for child in children]


def memory_of(pid: int) -> float:
    """Its resident set in MB."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) / 1024


def _port(log: Path) -> int:
    pause = threading.Event()
    for _ in range(3_000):
        if found := re.findall(r"Listening at: http://127\.0\.0\.1:(\d+)", log.read_text()):
            return int(found[-1])
        pause.wait(0.02)
    raise SystemExit(f"it does not start: {log.read_text()}")

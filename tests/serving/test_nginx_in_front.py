"""A real nginx with deploy/nginx.conf, but for ports, certificates and folders, in front of the service."""

import gzip
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from pathlib import Path

import brotli
import pytest
from random_requests import WriteLog, Writer, settings_of
from running_service import PACKAGED, Running, running, until
from web_site import an_hourly_forecast

from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import Dataset, HourlyForecast, StoredWeather

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx.conf"
WIDGET = "/widgets/weather/hue"
UNPACKED = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
REFRESH = 8  # seconds: so long an answer is true, for its weather is overdue


@dataclass(frozen=True)
class Told:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def from_nginx(self) -> str:
        return self.headers["x-cache-status"]


def get(port: int, path: str, method: str = "GET", **headers: str) -> Told:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=named)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return Told(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def nginx_before(service: Running, folder: Path) -> Iterator[int]:
    """Its port."""
    if not (nginx := shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")):
        pytest.skip("no nginx on this machine: apt-get install nginx-light")
    port, unencrypted = free_port(), free_port()
    text = CONFIGURATION.read_text(encoding="utf-8")
    text = re.sub(r"listen \[::\].*|ssl_\w+ .*", "", text)
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{unencrypted};")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{service.port}").replace("/var/cache", str(folder))
    (folder / "nginx").mkdir()
    folder.chmod(0o755)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = folder / "nginx.conf"
    file.write_text(
        f"user root; worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/nginx.log;"
        f"events {{}} http {{ access_log off; {temporary} {text} }}"
    )
    process = subprocess.Popen([nginx, "-e", f"{folder}/nginx.log", "-p", str(folder), "-c", str(file)])
    try:
        until(lambda: _listens(port) or process.poll() is not None, 20)
        assert process.poll() is None, (folder / "nginx.log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with suppress(OSError):
        return get(port, "/robots.txt").status == 200
    return False


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Running]:
    """A service that has weather, and no collector."""
    store = SqliteStore(tmp_path / "store.sqlite3")
    Writer(store, WriteLog()).begin()
    # A widget that awaits its hours ends sooner.
    now = datetime.now(UTC)  # noqa: TID251 - the service has the real clock
    forecast = an_hourly_forecast()
    shift = now.replace(minute=0, second=0, microsecond=0) - forecast.points[0].time
    points = tuple(point._replace(time=point.time + shift) for point in forecast.points)
    hours = StoredWeather(HourlyForecast(points, ()), "open-meteo", None, now)
    store.write({records.weather_key(Dataset.HOURLY, "hue"): records.hourly_to_bytes(hours)})
    told = settings_of(tmp_path, PORTAL_WIDGETS_WEATHER__REFRESH=f"{REFRESH}s")
    written = {name.removeprefix("PORTAL_WIDGETS_").lower(): value for name, value in told.items()}
    with running((*PACKAGED, "--workers", "1"), tmp_path, weather__cities="all", **written) as service:
        until(service.answers, 60, lambda: service.log)
        yield service


def test_a_second_reader_is_answered_by_nginx_in_the_coding_he_takes(behind: Running, tmp_path: Path) -> None:
    with nginx_before(behind, tmp_path) as port:
        for accepted, coding in {
            "gzip, deflate, br, zstd": "br",
            "br;q=1.0, gzip;q=0.8, *;q=0.1": "br",
            "gzip": "gzip",
            "": None,
            "identity": None,
            "br;q=0": None,
        }.items():
            path = f"/api/v1/cities?q=h&made-up={accepted.count('b')}{coding}"
            first, second = (get(port, path, Accept_Encoding=accepted) for _ in range(2))
            assert second.from_nginx == "HIT"
            assert (second.headers.get("content-encoding"), second.body) == (coding, first.body)
            assert UNPACKED[coding](second.body).startswith(b'{"cities"')
            tag = second.headers["etag"]
            known = get(port, path, Accept_Encoding=accepted, If_None_Match=tag)
            assert (known.status, known.body, known.from_nginx) == (304, b"", "HIT")
            head = get(port, path, "HEAD", Accept_Encoding=accepted)
            assert (head.body, head.headers["content-length"]) == (b"", str(len(second.body)))


def test_what_is_for_nobody_to_keep_is_asked_for_each_time(behind: Running, tmp_path: Path) -> None:
    with nginx_before(behind, tmp_path) as port:
        for path in ("/widgets/weather/yen-bai", "/readyz"):
            answers = [get(port, path) for _ in range(2)]
            assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
            assert {answer.headers.get("x-cache-status") for answer in answers} <= {"MISS", None}


def test_nginx_keeps_no_answer_longer_than_it_is_true(behind: Running, tmp_path: Path) -> None:
    """It does not count by `Age`: what it is given late in its life it would keep for a whole life."""

    def aged() -> bool:
        return int(get(behind.port, WIDGET).headers["age"]) >= REFRESH - 3

    with nginx_before(behind, tmp_path) as port:
        until(aged, 20)
        first = get(port, WIDGET)
        seen = [first]

        def renewed() -> bool:
            seen.append(get(port, WIDGET))
            return seen[-1].headers["expires"] != first.headers["expires"]

        until(renewed, 30)
    for answer in seen:
        assert "max-age" not in answer.headers["cache-control"]
        told, ends = (parsedate_to_datetime(answer.headers[name]) for name in ("date", "expires"))
        assert answer.from_nginx != "HIT" or told <= ends + timedelta(seconds=1), answer.headers

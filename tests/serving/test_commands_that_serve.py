import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from local_upstream import LocalUpstream
from raw_connections import exchange, statuses
from running_service import PACKAGED, PLAIN, a_free_port, running, until

from service.locales.formatter import Formatter
from service.locales.numbers import Units

FEED = """<rss version="2.0"><channel><title>Cổng</title><link>https://portal.example/</link><description>d</description>
<item><title>Khánh thành cầu mới</title><link>https://portal.example/1</link></item></channel></rss>"""
FAULTS = {
    "weather__refresh": "15 mins",
    "site__language": "fr",
    "weather__open_meteo__daily_budget": "lots",
}


@pytest.mark.parametrize(
    "command",
    [(*PLAIN, "--preload"), (*PACKAGED, "--workers", "3")],
    ids=["preloaded", "packaged"],
)
def test_a_bad_configuration_ends_gunicorn_with_a_line_for_every_fault(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    with running(command, tmp_path, **FAULTS) as service:
        assert service.process.wait(20) == 4
        until(lambda: not service.processes(), 10, service.processes)
        log = service.log
    for line in (
        'weather.refresh: not a duration ("15 mins"); write for example 90s, 15m, 6h or 7d',
        'site.language: must be one of en, vi ("fr")',
        'weather.open-meteo.daily_budget: not a number ("lots")',
    ):
        assert log.splitlines().count(line) == 1, log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    "command",
    [
        (*PLAIN, "-k", "asgi", "--workers", "2"),
        (*PLAIN, "-k", "uvicorn_worker.UvicornWorker", "--workers", "2"),
        ("gunicorn", "-c", "python:service.gunicorn", "service:create_app()"),
    ],
    ids=["asgi", "uvicorn", "ours"],
)
def test_the_wsgi_application_under_an_asgi_worker_ends_with_a_line_that_names_the_other(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    with running(command, tmp_path) as service:
        assert service.process.wait(40) == 4
        until(lambda: not service.processes(), 10, service.processes)
        (told,) = [line for line in service.log.splitlines() if "ASGI worker" in line]
        assert told.endswith("service:create_app(), which is WSGI; name service.asgi:app")
        assert "Traceback" not in service.log


def test_serve_with_a_bad_configuration_says_so_and_exits_with_2(tmp_path: Path) -> None:
    with running(("service", "serve"), tmp_path, **FAULTS) as service:
        assert service.process.wait(20) == 2
        assert len(service.log.splitlines()) == len(FAULTS)


def test_the_demo_prints_its_address_and_serves_sample_data(tmp_path: Path) -> None:
    port = a_free_port()
    command = ("service", "serve", "--demo", "--bind", f"127.0.0.1:{port}", "--workers", "1")
    left_over = tmp_path / f"demo-{port}.sqlite3"
    left_over.write_text("what an earlier start has left")
    with running(command, tmp_path) as service:
        until(service.has_weather, 25, lambda: service.log)
        assert left_over.read_bytes().startswith(b"SQLite format 3")
        assert not (tmp_path / "store.sqlite3").exists()
        assert f"Open http://127.0.0.1:{port}/" in service.log.splitlines()
        told = service.json("/api/v1/weather/dong-ha")
        assert (told["sample"], told["state"], told["source"]["id"]) == (True, "fresh", "sample")
        pages = [service.get(path) for path in ("/", "/widgets/weather/dong-ha?layout=full", "/status")]
        for page in pages:
            assert "Dữ liệu mẫu, không phải thời tiết thực tế." in page
            assert not re.search("open-?meteo|met\\.?norway|api\\.met", page, re.IGNORECASE)
        assert f"http://127.0.0.1:{port}/widgets/weather/dong-ha" in pages[0]


def test_the_demo_can_be_told_to_play_a_storm(tmp_path: Path) -> None:
    bound = ("--bind", f"127.0.0.1:{a_free_port()}", "--workers", "1")
    with running(("service", "serve", "--demo", "--storm", *bound), tmp_path) as service:
        until(service.has_weather, 25, lambda: service.log)
        told = service.json("/api/v1/weather/dong-ha")
        assert told["sample"] is True
        assert told["current"]["precipitation"] > 0
        assert all(hour["precipitation"] > 0 for hour in told["hourly"])
        assert "Dữ liệu mẫu, không phải thời tiết thực tế." in service.get("/widgets/weather/dong-ha")


def test_a_feed_on_the_command_line_is_served_without_a_file(tmp_path: Path, upstream: LocalUpstream) -> None:
    upstream.answer("/rss.xml", body=FEED.encode(), headers={"content-type": "application/rss+xml"})
    feeds = ("--feed", upstream.url("/rss.xml"), "--feed", upstream.url("/none"))
    bound = ("--bind", f"127.0.0.1:{a_free_port()}", "--workers", "1")
    gone = Formatter("vi", Units.METRIC).text("cause.gone")
    with running(("service", "serve", *feeds, *bound), tmp_path, upstream) as service:
        until(lambda: "Listening at" in service.log and service.answers(), 25, lambda: service.log)
        until(lambda: service.json("/api/v1/articles")["articles"], 25, lambda: service.log)
        told = service.json("/api/v1/articles")
        assert [article["title"] for article in told["articles"]] == ["Khánh thành cầu mới"]
        assert next(source["id"] for source in told["sources"]) == "127-0-0-1"
        # On a busy machine a reader does not wait for the store for long, and is told so once.
        until(lambda: "Khánh thành cầu mới" in service.get("/widgets/articles"), 25, lambda: service.log)
        until(lambda: gone in service.get("/status"), 25, lambda: service.get("/status"))


def test_an_address_in_use_ends_the_service(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(("service", "serve", "--demo", "--bind", f"127.0.0.1:{port}"), tmp_path) as service:
            assert service.process.wait(20) == 1
            (line,) = service.log.splitlines()
            assert "in use" in line


def test_an_address_of_another_machine_ends_the_service_in_one_line(tmp_path: Path) -> None:
    with running(("service", "serve", "--bind", "192.0.2.1:8000"), tmp_path) as service:
        assert service.process.wait(20) == 1
        assert service.log == (
            "--bind 192.0.2.1:8000: this machine has no such address; 0.0.0.0 means all that it has\n"
        )


@pytest.mark.parametrize("module", ["service.app", "service.asgi"])
def test_a_web_worker_never_loads_what_only_collecting_needs(module: str, tmp_path: Path) -> None:
    program = (
        f"import sys, {module}; from service.app import create_app; create_app(background=False)\n"
        "print(*sorted(sys.modules))"
    )
    environment = {
        "PORTAL_WIDGETS_STORE__URL": f"sqlite://{tmp_path}/store.sqlite3",
        "PORTAL_WIDGETS_COLLECTOR__MODE": "external",
    }
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    loaded = set(ran.stdout.split())
    assert "service.weather.api" in loaded
    assert loaded.isdisjoint(
        {"requests", "urllib3", "lxml", "PIL", "feedparser", "service.http_client.client"}
    )
    assert "resvg_py" not in loaded, "before a PNG is asked for"
    assert "prometheus_client" not in loaded, "before the metrics are asked for"


def test_plain_gunicorn_believes_no_header_of_a_stranger_and_says_what_belongs_in_front(
    tmp_path: Path,
) -> None:
    with running((*PLAIN, "-k", "gthread", "--workers", "2"), tmp_path) as service:
        until(service.answers, 20, lambda: service.log)
        for header in (
            b"SCRIPT_NAME: /nowhere",
            b"script_name: /healthz",
            b"Script-Name: /x",
            b"PATH_INFO: /metrics",
            b"X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off",
            b"Connection: Upgrade, close\r\nUpgrade: h2c",
        ):
            request = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + header + b"\r\n\r\n"
            received = exchange(service, request)
            assert statuses(received) == [200], header
            assert b'"status":"ok"' in received
        told = [line for line in service.log.splitlines() if "a proxy that buffers" in line]
    assert len(told) == 1
    assert "WARNING gthread: " in told[0]

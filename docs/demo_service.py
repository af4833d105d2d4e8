"""The demo at one fixed moment, for what is measured and pictured in these pages.

Its sample weather changes with the hour and the season. So the clock of the sample data and of the service
stands still, the store is filled before the server starts, and the ports are the same each time, as the
articles' ids and the pages' links depend on them. What is read here is the same on any day, to the byte.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from flask import Flask

from service.app import create_app
from service.articles.collect.collector import ArticleCollector
from service.articles.sources.registry import parser_for
from service.articles.store.sqlite import SqliteArticleRepository
from service.bootstrap_collect import make_http_client, make_weather_collector, with_demo
from service.collector.sandbox import Sandbox
from service.demo.server import DemoUpstream
from service.settings.load import load
from service.settings.model import Settings
from service.storage.store import SqliteStore

NOW = datetime(2026, 7, 15, 3, 2, tzinfo=UTC)  # a summer morning in Vietnam
UPSTREAM_PORT, PORT = 8611, 8612  # where they are taken, any others do: some bytes then differ
PATIENCE = 60  # seconds until the server answers
_LOOKS = 10  # a second
_ATTEMPTS = 100  # for a port

_read = build_opener(ProxyHandler({})).open


def now() -> datetime:
    """The moment at which this demo stands still."""
    return NOW


def application() -> Flask:
    """The WSGI application for the server that `demo` starts."""
    return create_app(load(os.environ), clock=now, background=False)


@contextmanager
def demo() -> Iterator[str]:
    """The address of a service that has all the sample data."""
    port = _free_port(PORT)
    with TemporaryDirectory(prefix="portal-widgets-demo-") as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PORTAL_WIDGETS_")},
            "PORTAL_WIDGETS_DEMO": "1",
            "PORTAL_WIDGETS_STORE__URL": f"sqlite://{folder}/store.sqlite3",
        }
        _fill(load(environment))
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
        command += ["--threads", "4"]  # a browser keeps several connections
        command += ["--pythonpath", str(Path(__file__).parent), "demo_service:application()"]
        log = Path(folder, "log")
        with (
            log.open("wb") as file,
            subprocess.Popen(command, stdout=file, stderr=file, env=environment) as process,
        ):
            try:
                url = f"http://127.0.0.1:{port}"
                _await_answers(url, process, log)
                yield url
            finally:
                process.terminate()


def read(url: str) -> Any:
    """What is in the JSON there."""
    with _read(url) as answer:
        return json.load(answer)


def _fill(settings: Settings) -> None:
    """Collect weather and articles once.

    Source by source: which of two tells an article first decides whose it is.
    """
    store = SqliteStore(settings.store.path)
    with ExitStack() as resources:
        settings = with_demo(settings, resources, DemoUpstream(now, _free_port(UPSTREAM_PORT)))
        sandbox = resources.enter_context(Sandbox())
        failed = make_weather_collector(settings, _never_wait, clock=now, store=store).run().failed
        for told in settings.articles.source:
            one = ArticleCollector(
                store=store,
                repository=SqliteArticleRepository(store),
                upstream=make_http_client(settings),
                runner=sandbox,
                parsers=[parser_for(told)],
                refresh=settings.articles.refresh,
                keep=settings.articles.keep,
                clock=now,
                wait=_never_wait,
            )
            failed += one.run().failed
    store.close()
    if failed:
        sys.exit(f"the demo could not read its own sample data: {failed} requests failed")


def _never_wait(_: timedelta) -> bool:
    return False


def _free_port(wanted: int) -> int:
    """This port, as soon as the demo before has left it; if it stays taken, any other."""
    for attempt in range(_ATTEMPTS + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted if attempt < _ATTEMPTS else 0))
            except OSError:
                time.sleep(1 / _LOOKS)
                continue
            return int(probe.getsockname()[1])
    sys.exit("no free port on 127.0.0.1")


def _await_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(PATIENCE * _LOOKS):
        try:
            read(f"{url}/healthz")
        except URLError:
            if process.poll() is not None:
                break
            time.sleep(1 / _LOOKS)
        else:
            return
    sys.exit(f"the demo does not answer:\n{log.read_text()}")

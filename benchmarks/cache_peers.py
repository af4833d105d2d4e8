"""The peers of `cache.py`: the service as it is and was, bare applications, Flask-Caching, nginx, granian."""

import json
import os
import socket
import subprocess
import sys
import threading
import venv
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import (
    Condition,
    Current,
    Dataset,
    DetailedCondition,
    HourlyForecast,
    HourlyPoint,
    StoredWeather,
)

BEFORE = "before"
PATHS = ("/widgets/weather/dong-ha", "/api/v1/weather/dong-ha")
_CODE = Path(__file__).with_name("peers")
_OWN = {"content-type", "content-length", "last-modified", "date", "server", "connection"}
_SERVICE = ("-c", "python:service.gunicorn", "service.asgi:app")
_PLAIN = ("service:create_app()", "--no-control-socket")
_PACKAGED = ("-c", "python:service.gunicorn")
_SINGLE = ("--workers", "1")


@dataclass(frozen=True)
class Peer:
    """A server under way."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    store: Path

    def cpu_seconds(self) -> float:
        """What its worker has spent so far."""
        master = self.process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return sum(_spent(int(child)) for child in children)


Record = Callable[[int, str], tuple[dict[str, str], bytes]]


def peers_in(folder: Path, running: ExitStack, record: Record, before: Path | None) -> list[Peer]:
    """All of them, the service under its own worker first; what it sends is recorded for the others.

    `before` is the checkout of an earlier commit.
    """
    store = folder / "store.sqlite3"
    folder.chmod(0o755)  # nginx's worker may be another user
    _fill(store)
    ours, theirs = Path(sys.executable), _environment(folder / "venv")
    start = _Starter(folder, store, running)
    first = start.gunicorn("cache", ours, *_SERVICE)
    responses = {path: record(first.port, path) for path in PATHS}
    _write(folder, responses)
    return [
        first,
        *([start.as_it_was(before.absolute())] if before else []),
        start.gunicorn("bare", ours, *_PACKAGED, "bare_asgi:app"),
        start.gunicorn("Flask-Caching, gevent", theirs, "-k", "gevent", "flask_caching_peer:app"),
        start.gunicorn(
            "Flask-Caching, gthread", theirs, "-k", "gthread", "--threads", "4", "flask_caching_peer:app"
        ),
        start.gunicorn("Flask-Caching, sync", theirs, "-k", "sync", "flask_caching_peer:app"),
        start.nginx("nginx, file", responses),
        start.granian("bare, granian", theirs, "bare_asgi:app"),
        start.gunicorn("cache, gthread", ours, "-k", "gthread", "--threads", "4", *_PLAIN),
        start.gunicorn("bare, gthread", ours, "-k", "gthread", "--threads", "4", "bare_wsgi:app"),
        start.gunicorn("cache, sync", ours, "-k", "sync", *_PLAIN),
        start.gunicorn("bare, sync", ours, "-k", "sync", "bare_wsgi:app"),
    ]


def store_in(path: Path) -> SqliteStore:
    """The store that the service reads."""
    return SqliteStore(path)


class _Starter:
    def __init__(self, folder: Path, store: Path, running: ExitStack) -> None:
        self._folder, self._store, self._running = folder, store, running

    def gunicorn(self, name: str, python: Path, *arguments: str, store: Path | None = None) -> Peer:
        port = _free_port()
        bound = ("--bind", f"127.0.0.1:{port}", "--no-control-socket")
        environment = {
            **self._environment(),
            "PORTAL_WIDGETS_STORE__URL": f"sqlite://{store or self._store}",
            "PORTAL_WIDGETS_COLLECTOR__MODE": "external",
            "PORTAL_WIDGETS_SITE__PUBLIC_URL": "https://widgets.example.gov.vn",
        }
        return self._started(
            name, port, [str(python), "-m", "gunicorn", *arguments, *_SINGLE, *bound], environment
        )

    def as_it_was(self, checkout: Path) -> Peer:
        """The service of another commit, over a store that it fills itself."""
        python, store = checkout / ".venv" / "bin" / "python", self._folder / "before.sqlite3"
        # Commits before the response cache had its name call this module after the edge.
        module = "cache_peers" if (checkout / "benchmarks" / "cache_peers.py").exists() else "edge_peers"
        fill = f"import sys, pathlib, {module}; {module}._fill(pathlib.Path(sys.argv[1]))"
        subprocess.run(
            [python, "-c", fill, store],
            check=True,
            cwd=checkout,  # python -c looks for modules there first
            env={"PYTHONPATH": str(checkout / "benchmarks")},
        )
        return self.gunicorn(BEFORE, python, *_SERVICE, store=store)

    def granian(self, name: str, python: Path, application: str) -> Peer:
        port = _free_port()
        command = [str(python), "-m", "granian", "--interface", "asgi", "--loop", "uvloop", application]
        return self._started(name, port, [*command, "--port", str(port), *_SINGLE], self._environment())

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "PYTHONPATH": str(_CODE),
            "RECORDED": str(self._folder),
        }

    def nginx(self, name: str, responses: dict[str, tuple[dict[str, str], bytes]]) -> Peer:
        port, file = _free_port(), self._folder / "nginx.conf"
        places = "".join(
            _location(path, headers, self._folder / str(number))
            for number, (path, (headers, _)) in enumerate(responses.items())
        )
        file.write_text(
            f"worker_processes 1; daemon off; pid {self._folder}/nginx.pid; error_log stderr;\n"
            "events { worker_connections 256; }\n"
            "http { access_log off; sendfile on; keepalive_requests 1000000000; etag off; max_ranges 0;\n"
            f"server {{ listen 127.0.0.1:{port};\n{places}}}}}\n"
        )
        return self._started(
            name, port, ["nginx", "-p", str(self._folder), "-c", str(file)], dict(os.environ)
        )

    def _started(self, name: str, port: int, command: list[str], environment: dict[str, str]) -> Peer:
        log = (self._folder / "log").open("ab")
        # Not in a checkout: gunicorn looks there first for what it is to serve.
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=self._folder)
        self._running.callback(process.wait, 30)
        self._running.callback(process.terminate)
        _wait_for(port, process, self._folder / "log")
        return Peer(name, port, process, self._store)


def _location(path: str, headers: dict[str, str], file: Path) -> str:
    more = "".join(
        f"add_header {name} '{_escaped(value)}';\n" for name, value in headers.items() if name not in _OWN
    )
    return f"location = {path} {{ alias {file}; default_type '{headers['content-type']}';\n{more}}}\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _write(folder: Path, responses: dict[str, tuple[dict[str, str], bytes]]) -> None:
    """For the peers: bodies as files, headers as JSON; what the servers write themselves is left to them."""
    for number, (headers, body) in enumerate(responses.values()):
        file = folder / str(number)
        file.write_bytes(body)
        modified = headers.get("last-modified")
        if modified:
            at = datetime.strptime(modified, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC).timestamp()
            os.utime(file, (at, at))
    (folder / "bodies").write_text(json.dumps({path: str(number) for number, path in enumerate(responses)}))
    headers_by_path = {
        path: [[n, v] for n, v in headers.items() if n not in {"date", "server", "connection"}]
        for path, (headers, _) in responses.items()
    }
    (folder / "headers").write_text(json.dumps(headers_by_path))


def _environment(folder: Path) -> Path:
    """An environment with what most would use."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    wanted = [
        f"gunicorn=={version('gunicorn')}",
        f"flask=={version('flask')}",
        f"uvloop=={version('uvloop')}",
        "flask-caching",
        "gevent",
        "granian",
        "packaging",
    ]
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *wanted], check=True, stderr=subprocess.DEVNULL
    )
    return python


def _fill(path: Path) -> None:
    """Weather of Đông Hà, fetched just now."""
    now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the service's clock is the real one
    hour = now.replace(minute=0, second=0)
    sky = DetailedCondition(Condition.OVERCAST)
    current = Current(time=now, condition=sky, temperature=27.1, humidity=79.0, wind_speed=8.4, is_day=True)
    steps = tuple(
        HourlyPoint(
            time=datetime.fromtimestamp(hour.timestamp() + 3600 * n, UTC),
            condition=sky,
            temperature=25.0 + n % 9,
        )
        for n in range(100)
    )
    SqliteStore(path).write(
        {
            records.weather_key(Dataset.CURRENT, "dong-ha"): records.current_to_bytes(
                StoredWeather(current, "open-meteo", now, now)
            ),
            records.weather_key(Dataset.HOURLY, "dong-ha"): records.hourly_to_bytes(
                StoredWeather(HourlyForecast(steps, ()), "open-meteo", None, now)
            ),
        }
    )


def _spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    pause = threading.Event()
    for _ in range(300):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        pause.wait(0.1)
    raise SystemExit(f"a peer did not start: {log.read_text()[-2000:]}")

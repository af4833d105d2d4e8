"""The service as people run it: gunicorn as a child process, on a free port, over a store of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, TypeVar
from urllib.request import ProxyHandler, build_opener

import forked_python
from forked_python import ForkedProcess
from local_upstream import LocalUpstream, ReceivedRequest, Reply

from service.demo import open_meteo

T = TypeVar("T")

PLAIN = ("gunicorn", "service:create_app()", "--no-control-socket")
OWN_PYTHON = (
    sys.executable,
    "-m",
)  # for what is about the start, or patches modules before others import them
PACKAGED = ("gunicorn", "-c", "python:service.gunicorn", "service.asgi:app")
FORECAST = "/v1/forecast"
PLACES = ("dong-ha", "hue", "vinh")
_PAUSE = 0.05  # seconds between two looks
_open = build_opener(ProxyHandler({})).open


def until(look: Callable[[], T], seconds: float, what: object = "") -> T:
    """What `look` gives as soon as it is true.

    Raises:
        AssertionError: when it is not within so many seconds.
    """
    pause = Event()
    for _ in range(int(seconds / _PAUSE) + 1):
        if found := look():
            return found
        pause.wait(_PAUSE)
    told = what() if callable(what) else what
    raise AssertionError(f"not seen within {seconds} s: {told}")


def a_free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def telling(upstream: LocalUpstream) -> None:
    """Let the upstream tell sample weather in Open-Meteo's format."""

    def play(asked: ReceivedRequest) -> Reply:
        status, body = open_meteo.forecast(asked.query, datetime.now(UTC))  # noqa: TID251 - the service's clock is the real one
        return Reply(status, body, {"Content-Type": "application/json"})

    upstream.handle(FORECAST, play)


class Running:
    """A service under way, and every process that belongs to it: those that write to its log."""

    def __init__(self, process: subprocess.Popen[bytes] | ForkedProcess, folder: Path, log: Path) -> None:
        self.process, self.folder, self._log = process, folder, log

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8", errors="replace")

    @property
    def port(self) -> int:
        """Known once gunicorn listens."""
        found = until(
            lambda: re.findall(r"Listening at: http://127\.0\.0\.1:(\d+)", self.log), 20, lambda: self.log
        )
        return int(found[-1])

    def processes(self) -> dict[int, str]:
        """Command lines by process id, the dead ones left out."""
        return dict(_processes_of(self._log))

    def collectors(self) -> list[int]:
        """The supervisors of collecting processes."""
        return [
            pid for pid, line in self.processes().items() if " collect " in line and " --only " not in line
        ]

    def workers(self) -> set[int]:
        """Gunicorn's workers: what is neither its master nor collects."""
        ours = self.processes().items()
        return {pid for pid, line in ours if pid != self.process.pid and not _collects(line)}

    def read(self, path: str) -> bytes:
        with _open(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            body: bytes = answer.read()
        return body

    def get(self, path: str) -> str:
        return self.read(path).decode()

    def json(self, path: str) -> Any:
        return json.loads(self.get(path))

    def answers(self, path: str = "/healthz") -> bool:
        with suppress(OSError):
            return bool(self.get(path))
        return False

    def has_weather(self, place: str = "dong-ha") -> bool:
        """Whether it tells current values and hours of the place."""
        with suppress(OSError):
            told = self.json(f"/api/v1/weather/{place}")
            return told["current"] is not None and bool(told["hourly"])
        return False

    def one_collector(self, seconds: float = 15) -> int:
        """The id of the only collector, once there is one."""
        (pid,) = until(self.collectors, seconds, lambda: (self.processes(), self.log))
        return pid

    def end(self) -> None:
        """Ask it to end, and see to it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(25)
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(5)


def _collects(command: str) -> bool:
    return " collect " in f"{command} " or "sandbox_process" in command


def _processes_of(log: Path) -> Iterator[tuple[int, str]]:
    """Those whose standard error is this file, also when it was deleted since."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str((entry / "fd" / "2").readlink()).removesuffix(" (deleted)") == str(log):
                yield int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()


@contextmanager
def running(
    command: Sequence[str],
    folder: Path,
    upstream: LocalUpstream | None = None,
    *,
    program: Sequence[str] = (),
    cwd: Path | None = None,
    **written: str,
) -> Iterator[Running]:
    """The service while the block runs; `written` as in `weather__refresh="1s"`.

    Without a `program` to start the command with, it is forked from a Python that has imported the service;
    `cwd` is the directory it starts in.
    """
    folder.mkdir(exist_ok=True)
    log = folder / "log"
    bound = [*command, "--bind", "127.0.0.1:0"] if command[0] == "gunicorn" else command
    environment = _environment(folder, upstream, written)
    with log.open("ab") as file:
        process = (
            subprocess.Popen([*program, *bound], stdout=file, stderr=file, cwd=cwd, env=environment)
            if program
            else forked_python.start(bound, cwd=cwd, env=environment, output=file, errors=file)
        )
    service = Running(process, folder, log)
    try:
        yield service
    finally:
        service.end()


def _environment(folder: Path, upstream: LocalUpstream | None, written: Mapping[str, str]) -> dict[str, str]:
    inherited = {
        name: os.environ[name] for name in ("PATH", "LANG", "COVERAGE_PROCESS_START") if name in os.environ
    }
    keys = {"store__url": f"sqlite://{folder}/store.sqlite3", "weather__cities": ",".join(PLACES)}
    if upstream is not None:
        keys |= {
            "weather__providers": "open-meteo,met-norway",
            "weather__open_meteo__base_url": upstream.url(FORECAST),
            "weather__met_norway__base_url": upstream.url("/met"),
            "upstream__allow_private": "127.0.0.1",
        }
    settings = {f"PORTAL_WIDGETS_{key.upper()}": value for key, value in (keys | written).items()}
    return {**inherited, **settings, "HOME": str(folder), "PYTHONUNBUFFERED": "1"}

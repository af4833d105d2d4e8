"""Reload and stop under full load, seen by wrk: `python -m pytest tests/drills/drill_reload.py -s`.

wrk honours `Connection: close`, and counts every request that ends otherwise than with a whole answer.
"""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from running_service import PACKAGED, Running, running, until

AT_MOST = 300  # seconds
HUPS, CONNECTIONS = 7, 32

pytestmark = pytest.mark.skipif(not shutil.which("wrk"), reason="needs wrk")


@contextmanager
def wrk(service: Running, path: str) -> Iterator[list[str]]:
    """It asks while the block runs; then what it said."""
    url = f"http://127.0.0.1:{service.port}{path}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{AT_MOST}s", url]
    said = list[str]()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield said
        process.send_signal(signal.SIGINT)  # at which it tells what it has seen so far
        said.append(process.communicate()[0])


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/cities/hue", "/widgets/weather/hue"])
def test_no_request_fails_while_workers_are_renewed(path: str, tmp_path: Path) -> None:
    with running((*PACKAGED, "--workers", "2"), tmp_path) as service:
        until(service.answers, 30, lambda: service.log)
        with wrk(service, path) as said:
            for _ in range(HUPS):
                before = service.workers()
                service.process.send_signal(signal.SIGHUP)
                until(lambda gone=before: service.workers() and not service.workers() & gone, 60)
        (told,) = said
        print(path, re.findall(r"\d+ requests in", told)[0], f"over {HUPS} HUPs")  # noqa: T201 - how much was asked
        assert "Socket errors" not in told, told
        assert "Non-2xx" not in told, told
        assert "Traceback" not in service.log

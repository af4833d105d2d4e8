"""Reload and stop under full load, seen by wrk: `python -m pytest tests/drills/drill_reload.py -s`.

wrk honours `Connection: close`, and counts every request that ends otherwise than with a whole answer.
"""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from running_service import PACKAGED, Running, running, until

SECONDS, HUPS, CONNECTIONS = 24, 7, 32

pytestmark = pytest.mark.skipif(not shutil.which("wrk"), reason="needs wrk")


@contextmanager
def wrk(service: Running, path: str) -> Iterator[list[str]]:
    """What it said, once the block has ended and its time is over."""
    url = f"http://127.0.0.1:{service.port}{path}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", url]
    said = list[str]()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield said
        said.append(process.communicate()[0])


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/cities/hue", "/widgets/weather/hue"])
def test_no_request_fails_while_workers_are_renewed(path: str, tmp_path: Path) -> None:
    with running((*PACKAGED, "--workers", "2"), tmp_path) as service:
        until(service.answers, 30, lambda: service.log)
        with wrk(service, path) as said:
            ends = time.monotonic() + SECONDS * 0.9
            for _ in range(HUPS):
                before = service.workers()
                service.process.send_signal(signal.SIGHUP)
                until(lambda gone=before: service.workers() and not service.workers() & gone, 60)
            assert time.monotonic() < ends, "the load was over first"
        (told,) = said
        print(path, re.findall(r"\d+ requests in", told)[0], f"over {HUPS} HUPs")  # noqa: T201 - how much was asked
        assert "Socket errors" not in told, told
        assert "Non-2xx" not in told, told
        assert "Traceback" not in service.log

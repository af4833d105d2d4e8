"""`serve --demo` for what is measured and pictured in these pages."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

PATIENCE = 180  # seconds until the sample data is there
_LOOKS = 5  # a second


@contextmanager
def demo() -> Iterator[str]:
    """The address of a demo that has its sample data."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "service", "serve", "--demo", "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _await_data(url)
            yield url
        finally:
            process.terminate()


def read(url: str) -> Any:
    """What is in the JSON there."""
    with urlopen(url) as answer:
        return json.load(answer)


def _await_data(url: str) -> None:
    for _ in range(PATIENCE * _LOOKS):
        with suppress(URLError):
            weather, articles = read(f"{url}/api/v1/weather/dong-ha"), read(f"{url}/api/v1/articles")
            if weather["hourly"] and all(source["fetched_at"] for source in articles["sources"]):
                return
        time.sleep(1 / _LOOKS)
    sys.exit("the demo has no data after minutes")

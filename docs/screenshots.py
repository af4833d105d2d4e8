"""Takes the pictures that README and docs show, of `serve --demo` in a real Chromium.

Run it by hand: `.venv/bin/python docs/screenshots.py`. It needs Chromium on the PATH.
"""

import io
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent / "screenshots"
PATIENCE = 60  # seconds until the sample data is there
CITY = "city=dong-ha"
# Name, address, width, colour scheme, and the height where the page is not to be shown whole.
SHOTS: list[tuple[str, str, int, str, int | None]] = [
    ("weather-compact", f"/widgets/weather?{CITY}", 300, "light", None),
    ("weather-full", f"/widgets/weather?{CITY}&layout=full", 340, "dark", None),
    ("articles-cards", "/widgets/articles?layout=cards&limit=3", 640, "light", None),
    ("portal", f"/widgets/portal?{CITY}&limit=5", 300, "light", None),
    ("article", f"/articles/{{article}}?{CITY}", 1100, "light", 760),
    ("start", f"/?{CITY}", 1100, "light", 900),
]


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


def _await_data(url: str) -> None:
    for _ in range(PATIENCE):
        with suppress(URLError):
            weather, articles = _read(f"{url}/api/v1/weather/dong-ha"), _read(f"{url}/api/v1/articles")
            if weather["hourly"] and all(source["fetched_at"] for source in articles["sources"]):
                return
        time.sleep(1)
    sys.exit("the demo has no data after a minute")


def _illustrated(url: str) -> str:
    """The id of the newest article that is there as a whole, with a picture."""
    listed = _read(f"{url}/api/v1/articles?limit=50")["articles"]
    whole = (_read(f"{url}/api/v1/articles/{one['id']}") for one in listed if one["image"])
    return str(next(one["id"] for one in whole if one["body_html"]))


def _read(url: str) -> Any:
    with urlopen(url) as answer:
        return json.load(answer)


def _taken(browser: Browser, url: str, width: int, scheme: str, height: int | None) -> bytes:
    page = browser.new_page(
        viewport={"width": width, "height": height or 100},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=1.5,
    )
    page.goto(url, wait_until="networkidle")
    shot = page.screenshot(full_page=height is None)
    page.close()
    return shot


def main() -> None:
    """Take all of them."""
    FOLDER.mkdir(exist_ok=True)
    with demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        article = _illustrated(url)
        for name, path, width, scheme, height in SHOTS:
            shot = _taken(browser, url + path.format(article=article), width, scheme, height)
            # 128 colours are enough for a page, and a third of the bytes.
            picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(128)
            picture.save(FOLDER / f"{name}.png", optimize=True)
            print(f"{name}.png", (FOLDER / f"{name}.png").stat().st_size, "bytes")
        browser.close()


if __name__ == "__main__":
    main()

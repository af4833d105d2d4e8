"""Takes the pictures that README and docs show, of `serve --demo` in a real Chromium.

Run it by hand: `.venv/bin/python docs/screenshots.py`. It needs Chromium on the PATH.
"""

import io
from pathlib import Path

from demo_service import demo, read
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from real_browser import launched

FOLDER = Path(__file__).parent / "screenshots"
CITY = "city=dong-ha"
# Beside each other on one page: what a portal gets, at a glance. Address, width and height of each.
OVERVIEW = [
    (f"/widgets/portal?{CITY}&limit=2&theme=light", 300, 448),
    (f"/widgets/weather?{CITY}&layout=full&theme=dark", 960, 455),
]
GAP = 16
# Name, address, width, colour scheme, and the height where the page is not to be shown whole.
SHOTS: list[tuple[str, str, int, str, int | None]] = [
    ("weather-compact", f"/widgets/weather?{CITY}", 300, "light", None),
    ("weather-full", f"/widgets/weather?{CITY}&layout=full", 340, "dark", None),
    ("articles-cards", "/widgets/articles?layout=cards&limit=3", 640, "light", None),
    ("portal", f"/widgets/portal?{CITY}&limit=5", 300, "light", None),
    ("article", f"/articles/{{article}}?{CITY}", 1100, "light", 760),
    ("start", f"/?{CITY}", 1200, "light", 980),
]


def _illustrated(url: str) -> str:
    """The id of the newest article that is there as a whole, with a picture."""
    listed = read(f"{url}/api/v1/articles?limit=50")["articles"]
    whole = (read(f"{url}/api/v1/articles/{one['id']}") for one in listed if one["image"])
    return str(next(one["id"] for one in whole if one["body_html"]))


def _taken(browser: Browser, url: str, width: int, scheme: str, height: int | None) -> bytes:
    page = _page(browser, width, height or 100, scheme)
    page.goto(url, wait_until="networkidle")
    shot = page.screenshot(full_page=height is None)
    page.close()
    return shot


def _page(browser: Browser, width: int, height: int, scheme: str = "light") -> Page:
    return browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=1.5,
    )


def _overview(browser: Browser, url: str) -> bytes:
    frames = "".join(
        f'<iframe src="{url}{path}" width="{width}" height="{height}"></iframe>'
        for path, width, height in OVERVIEW
    )
    width = sum(width for _, width, _ in OVERVIEW) + GAP * (len(OVERVIEW) - 1)
    page = _page(browser, width, max(height for *_, height in OVERVIEW))
    style = f"body{{margin:0;display:flex;gap:{GAP}px}}iframe{{border:0;color-scheme:light}}"
    page.set_content(f"<style>{style}</style>{frames}", wait_until="networkidle")
    shot = page.screenshot()
    page.close()
    return shot


def save(shot: bytes, name: str) -> None:
    """Write this picture with 256 colours, which are enough, and a third of the bytes."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    # An octree keeps the rare colours of an icon.
    picture.quantize(256, Image.Quantize.FASTOCTREE).save(FOLDER / f"{name}.png", optimize=True)
    print(f"{name}.png", (FOLDER / f"{name}.png").stat().st_size, "bytes")


def main() -> None:
    """Take all of them."""
    FOLDER.mkdir(exist_ok=True)
    with demo() as url, sync_playwright() as playwright:
        browser = launched(playwright)
        article = _illustrated(url)
        for name, path, width, scheme, height in SHOTS:
            save(_taken(browser, url + path.format(article=article), width, scheme, height), name)
        save(_overview(browser, url), "overview")
        browser.close()


if __name__ == "__main__":
    main()

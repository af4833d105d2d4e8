"""Writes into docs/embedding.md what travels to a reader, as Chromium counts it over a demo at a fixed time.

Run it by hand: `.venv/bin/python docs/weights.py`. It needs Chromium on the PATH. With `--check` it writes
nothing; it says what is over its limit or no longer as that page has it, and then exits 1.
"""

import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

from demo_service import demo
from playwright.sync_api import Browser, sync_playwright
from real_browser import launched

from service.places.catalogue import built_in_places

PAGE = Path(__file__).with_name("embedding.md")
MARKS = "<!-- weights -->\n", "<!-- /weights -->\n"
PATIENCE = 60  # looks until the best compression is there, which is made after the first answer
LEEWAY = 0.005  # where the usual ports are taken, some digits differ
# What, its path, and the most bytes that its body may have. The mark of sample data is some 80 of them:
# tests/web/test_weights.py has what is to be kept to without it.
TWENTY = [place.id for place in built_in_places()[:20]]
ROWS = [
    ("weather, `compact`, with the select", "/widgets/weather/dong-ha", 4400),
    ("weather, `strip`", "/widgets/weather/dong-ha?layout=strip", 2500),
    ("weather, `full`", "/widgets/weather/dong-ha?layout=full", 8000),
    ("weather, `table` of 20 places", "/widgets/weather?cities=" + ",".join(TWENTY), 5000),
    ("weather as a picture (SVG)", "/widgets/weather/dong-ha.svg", 2000),
    ("the same, `strip`", "/widgets/weather/dong-ha.svg?layout=strip", 2000),
    ("the same, `compact`, as PNG, which no coding makes smaller", "/widgets/weather/dong-ha.png", 40_000),
    ("articles, `list`, without the pictures", "/widgets/articles", 5000),
    ("articles, `cards`, without the pictures", "/widgets/articles?layout=cards", 5000),
    ("articles, `headlines`", "/widgets/articles?layout=headlines", 5000),
    ("both in one frame, without the pictures", "/widgets/portal", 6500),
    ("`embed.js`", "/embed.js", 2000),
]

_read = build_opener(ProxyHandler({})).open


@dataclass
class Visit:
    """What a browser noticed while it showed a page."""

    sizes: dict[str, int] = field(default_factory=dict)  # of whole answers, header and body, by URL
    body: int = 0  # as it was sent
    coding: str = ""
    cookies: int = 0
    stored: float = 0


def visit(browser: Browser, url: str) -> Visit:
    """Show the page to a browser that has never been there."""
    context = browser.new_context(viewport={"width": 300, "height": 900})
    page = context.new_page()
    noticed, urls = Visit(), dict[str, str]()
    log = context.new_cdp_session(page)
    log.on("Network.requestWillBeSent", lambda sent: urls.update({sent["requestId"]: sent["request"]["url"]}))
    log.on(
        "Network.loadingFinished",
        lambda done: noticed.sizes.update({urls[done["requestId"]]: int(done["encodedDataLength"])}),
    )
    log.send("Network.enable")
    answer = page.goto(url, wait_until="networkidle")
    noticed.coding = answer.headers.get("content-encoding", "")
    noticed.body = int(answer.headers["content-length"])
    noticed.cookies = len(context.cookies())
    noticed.stored = log.send("Storage.getUsageAndQuota", {"origin": url})["usage"]
    context.close()
    return noticed


def visits(browser: Browser, url: str) -> dict[str, Visit]:
    """Every row's page, once it comes at its lightest."""
    for _ in range(PATIENCE):
        ready = [is_lightest(url + path) for _, path, _ in ROWS]  # all are packed at the same time
        if all(ready):
            break
        time.sleep(0.2)
    return {path: visit(browser, url + path) for _, path, _ in ROWS}


def is_lightest(url: str) -> bool:
    """Whether the answer has the best compression, which is made after the first one."""
    if is_png(url):
        return True
    with _read(Request(url, headers={"Accept-Encoding": "br"})) as answer:
        return str(answer.headers["ETag"]).endswith('-b11"')


def is_png(url: str) -> bool:
    """Whether this is compressed in itself, and comes in no coding."""
    return url.endswith(".png")


def faults(told: dict[str, Visit], url: str) -> list[str]:
    """What breaks a promise: the limits, one request, no cookie, nothing stored, nobody else asked."""
    found = []
    for what, path, most in ROWS:
        seen = told[path]
        # A browser asks for the icon of what it shows alone; in a frame it does not.
        others = [other for other in seen.sizes if other not in {url + path, f"{url}/favicon.ico"}]
        promises = {
            f"weighs {seen.body} bytes, more than {most}": seen.body <= most,
            f"came in {seen.coding or 'no coding'}": seen.coding == ("" if is_png(path) else "br"),
            f"asked for {others}": not others or "pictures" in what,
            f"asked others for {others}": all(other.startswith(f"{url}/images/") for other in others),
            f"set {seen.cookies} cookies": not seen.cookies,
            f"stored {seen.stored} bytes": not seen.stored,
        }
        found += [f"{what} {fault}" for fault, kept in promises.items() if not kept]
    return found


def table(told: dict[str, Visit], url: str) -> str:
    """The page's table."""
    rows = [
        f"| {what} | {told[path].body:,} | {most:,} | {told[path].sizes[url + path]:,} |"
        for what, path, most in ROWS
    ]
    return "\n".join(["| what | body | at most | with headers |", "|---|---|---|---|", *rows, ""])


def untrue(written: str, told: dict[str, Visit], url: str) -> list[str]:
    """The rows of the page's table that are no longer so."""
    form = re.compile(r"^\| (.+?) \| ([\d,]+) \| [\d,]+ \| ([\d,]+) \|", flags=re.MULTILINE)
    found = {what: [int(n.replace(",", "")) for n in numbers] for what, *numbers in form.findall(written)}
    here = {what: [told[path].body, told[path].sizes[url + path]] for what, path, _ in ROWS}
    return [
        f"{what} weighs {new} bytes, and docs/embedding.md says {found.get(what)}: run docs/weights.py"
        for what, new in here.items()
        if not all(abs(a - b) <= LEEWAY * a for a, b in zip(new, found.get(what, [0, 0]), strict=True))
    ]


def main(arguments: list[str]) -> int:
    """Measure, and write or check."""
    with demo() as url, sync_playwright() as playwright:
        browser = launched(playwright)
        told = visits(browser, url)
        browser.close()
    found = faults(told, url)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARKS[0])
    written, _, after = rest.partition(MARKS[1])
    if "--check" in arguments:
        found += untrue(written, told, url)
    else:
        PAGE.write_text(before + MARKS[0] + table(told, url) + MARKS[1] + after, encoding="utf-8")
        print(table(told, url))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

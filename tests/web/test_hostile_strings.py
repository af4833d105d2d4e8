"""Collected only where PORTAL_WIDGETS_CORPUS names the folder of hostile samples."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from page_tags import Tags
from web_site import Site

pytestmark = pytest.mark.uncounted

CORPUS = Path(os.environ["PORTAL_WIDGETS_CORPUS"]) / "hostile"
NAUGHTY: list[str] = json.loads((CORPUS / "strings" / "blns.json").read_bytes())
EVERY = 9  # of the thousands of lines, of which most differ in a letter


def payloads() -> Iterator[str]:
    for file in sorted((CORPUS / "xss").glob("*.txt")):
        lines = [line for line in file.read_text("utf-8", errors="replace").splitlines() if line.strip()]
        yield from lines[::EVERY]


def structure(page: str) -> tuple[set[str], set[str]]:
    seen = Tags(page)
    return set(seen.tags), {name for name, _ in seen.attributes}


@pytest.mark.parametrize("strings", [NAUGHTY, list(payloads())], ids=["naughty strings", "xss payloads"])
def test_no_string_of_the_corpus_changes_a_page(site: Site, strings: list[str]) -> None:
    tags, attributes = structure(site.get("/?q=hue").text + site.get("/?q=zzzzzz").text)
    assert len(strings) > 100
    for string in strings:
        hostile = quote(string.encode("utf-8", "surrogatepass"), safe="")
        page = site.get(f"/?q={hostile}")
        assert page.status_code == 200
        found = structure(page.text)
        assert (found[0] - tags, found[1] - attributes) == (set(), set()), string


def test_no_string_of_the_corpus_breaks_the_api_or_a_widget(site: Site) -> None:
    usual = structure(site.get("/widgets/weather/hue?theme=x").text + site.get("/widgets/weather/hue").text)
    for string in NAUGHTY:
        hostile = quote(string.encode("utf-8", "surrogatepass"), safe="")
        json.loads(site.get(f"/api/v1/cities?q={hostile}").data)
        assert site.get(f"/api/v1/weather?cities={hostile}").status_code in {400, 404}
        widget = site.get(f"/widgets/weather/hue?theme={hostile}&accent={hostile}")
        assert widget.status_code in {200, 400}
        found = structure(widget.text)
        assert (found[0] - usual[0], found[1] - usual[1]) == (set(), set()), string

"""Recorded news pages against what their corpus states; run only with the corpus."""

import gzip
import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from service.articles.model import ParsedEntry
from service.articles.sources.html_listing import HtmlListing
from service.articles.text import plain_text
from service.core.folding import fold, words
from service.core.ports import Response
from service.settings.model import ArticleSource

pytestmark = pytest.mark.uncounted

PAGES = Path(os.environ["PORTAL_WIDGETS_CORPUS"]) / "pages"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
ADDRESS = "https://news.example/2026/article.html"
SOURCE = HtmlListing(
    ArticleSource("pages", "Pages", ADDRESS, "page", language="", timezone="UTC", full_text=True)
)
LIKE_ENOUGH = 0.8  # of the words of two texts


@dataclass(frozen=True)
class Stated:
    """What is known of a page; empty where its collector does not say."""

    name: str
    body: bytes
    title: str
    people: tuple[str, ...] = ()
    day: str = ""
    lead: str = ""
    text: str = ""


def readability(path: Path) -> Stated:
    stated = json.loads(path.read_bytes())
    return Stated(
        path.parent.name,
        (path.parent / "source.html").read_bytes(),
        stated["title"],
        people=tuple(filter(None, [stated.get("byline")])),
        day=(stated.get("publishedTime") or "")[:10],
        lead=stated.get("excerpt") or "",
    )


def newspaper(path: Path) -> Stated:
    stated = json.loads(path.read_bytes())
    page = path.with_name(path.name.replace(".expected.json", ".html"))
    return Stated(
        path.name,
        page.read_bytes(),
        stated["title"],
        people=tuple(stated.get("authors") or ()),
        day=(stated.get("publish_date") or "")[:10],
        lead=stated.get("meta_description") or "",
        text=stated.get("text") or "",
    )


def fundus(path: Path) -> Stated:
    """A page is kept for one of the stated versions only: the one of its own day."""
    page = next(path.parent.glob(path.name.replace(".expected.json", "_20*.html.gz")))
    recorded = date.fromisoformat("-".join(page.name.removesuffix(".html.gz").split("_")[-3:]))
    versions = [one for one in json.loads(path.read_bytes()).values() if "publishing_date" in one]
    stated = min(versions, key=lambda one: abs(date.fromisoformat(one["publishing_date"][:10]) - recorded))
    body = stated.get("body", {})
    return Stated(
        path.name,
        gzip.decompress(page.read_bytes()),
        stated["title"],
        people=tuple(stated.get("authors") or ()),
        day=stated["publishing_date"][:10],
        lead=" ".join(body.get("summary", [])),
        text="\n".join(part for section in body.get("sections", []) for part in section["paragraphs"]),
    )


READERS: dict[str, Callable[[Path], Stated]] = {
    "readability/*/expected-metadata.json": readability,
    "newspaper4k/*.expected.json": newspaper,
    "fundus/*.expected.json": fundus,
}


@pytest.fixture(scope="module")
def read() -> list[tuple[Stated, ParsedEntry]]:
    """Every page as stated and as read, with nothing known of it from a listing."""
    stated = [reader(path) for where, reader in READERS.items() for path in sorted(PAGES.glob(where))]
    return [(one, read_page(one)) for one in stated]


def read_page(stated: Stated) -> ParsedEntry:
    answer = Response(200, {"content-type": "text/html"}, stated.body, ADDRESS)
    return SOURCE.read_page(answer, ParsedEntry(key="1", title="", url=ADDRESS), NOW)


def share(right: list[bool]) -> float:
    assert len(right) >= 5, "the corpus states too little to judge"
    return sum(right) / len(right)


def test_nine_titles_of_ten_are_right(read: list[tuple[Stated, ParsedEntry]]) -> None:
    assert share([fold(stated.title) == fold(entry.title) for stated, entry in read]) >= 0.9


def test_nineteen_days_of_twenty_are_right(read: list[tuple[Stated, ParsedEntry]]) -> None:
    assert share([is_of_day(entry, stated.day) for stated, entry in read if stated.day]) >= 0.95


def is_of_day(entry: ParsedEntry, day: str) -> bool:
    at = entry.published.at if entry.published else None
    return at is not None and day in (at.date().isoformat(), at.astimezone(UTC).date().isoformat())


def test_four_authors_of_five_are_right(read: list[tuple[Stated, ParsedEntry]]) -> None:
    assert share([names(entry, stated.people) for stated, entry in read if stated.people]) >= 0.8


def names(entry: ParsedEntry, people: tuple[str, ...]) -> bool:
    said = fold(f"{entry.author} {entry.organisation}")
    return all(fold(name.removeprefix("By ")) in said for name in people)


def test_four_leads_of_five_begin_as_stated(read: list[tuple[Stated, ParsedEntry]]) -> None:
    beginnings = [
        (fold(stated.lead)[:60], fold(entry.lead.rstrip("…"))[:60]) for stated, entry in read if stated.lead
    ]
    assert share([stated == told for stated, told in beginnings]) >= 0.8


def test_most_texts_are_found_whole_and_without_much_else(read: list[tuple[Stated, ParsedEntry]]) -> None:
    likeness = [like(entry.body_html or "", stated.text) for stated, entry in read if stated.text]
    assert share([one >= LIKE_ENOUGH for one in likeness]) >= 0.85


def like(markup: str, stated: str) -> float:
    """The F1 measure over words."""
    told, expected = Counter(words(plain_text.from_markup(markup))), Counter(words(stated))
    both = sum((told & expected).values())
    return 2 * both / (told.total() + expected.total())


def test_nothing_active_stands_in_any_text(read: list[tuple[Stated, ParsedEntry]]) -> None:
    for _, entry in read:
        said: list[Any] = [entry.title, entry.lead, entry.author, entry.organisation]
        assert not any("<script" in (one or "").lower() for one in said)
        assert all(image.url.startswith(("http://", "https://")) for image in entry.images)

"""Recorded and hostile feeds: the stated result or a refusal; run only with the corpus."""

import ast
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.articles.model import ParsedEntry
from service.articles.sources.feed import Feed
from service.articles.text import sanitise
from service.core.errors import UpstreamError
from service.core.ports import Response
from service.settings.model import ArticleSource

CORPUS = Path(os.environ["PORTAL_WIDGETS_CORPUS"])
FEEDS = [
    path
    for path in sorted((CORPUS / "feeds").glob("*/*"))
    if path.suffix != ".tsv" and not path.name.endswith(".expected.json")
]
EXPECTED = {path: path.with_name(f"{path.stem}.expected.json") for path in FEEDS}
VIETNAMESE = sorted((CORPUS / "feeds" / "vietnamese").glob("*.xml"))
HOSTILE = sorted((CORPUS / "hostile" / "feeds").glob("*.xml"))
BOMBS = sorted((CORPUS / "hostile" / "xml").glob("*.xml*"))
NOW = datetime(2026, 11, 22, tzinfo=UTC)
ADDRESS = "https://news.example/feed.xml"
ACTIVE = re.compile(
    r"<\s*(?:script|style|iframe|object|embed|form|meta|img|svg)|\bon\w+\s*=|javascript:", re.IGNORECASE
)
TITLE = re.compile(rb"entries\[0\]\['title'\] == u?('(?:[^'\\]|\\.)*')")


def read(path: Path) -> tuple[ParsedEntry, ...]:
    source = Feed(ArticleSource("feed", "Feed", ADDRESS, language="", full_text=True))
    return source.read_listing(Response(200, {}, path.read_bytes(), ADDRESS), NOW).entries


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.name)
def test_every_feed_is_read_or_refused_in_a_sentence(path: Path) -> None:
    try:
        entries = read(path)
    except UpstreamError as refusal:
        assert refusal.detail.endswith(".")  # noqa: PT017 - either outcome is right
        return
    assert all(entry.title and entry.key for entry in entries)


def stated_of(path: Path) -> list[dict[str, str]]:
    """The items that the corpus states a title in plain text for."""
    items = json.loads(EXPECTED[path].read_bytes()).get("items") if EXPECTED[path].exists() else None
    return [item for item in items or [] if item.get("title") and not {"<", "&"} & set(item["title"])]


@pytest.mark.parametrize("path", [path for path in FEEDS if stated_of(path)], ids=lambda path: path.name)
def test_titles_and_links_are_those_that_the_corpus_states(path: Path) -> None:
    entries = {entry.title: entry for entry in read(path)}
    for one in stated_of(path):
        entry = entries[" ".join(one["title"].split())]
        assert entry.url == one.get("link", entry.url)


@pytest.mark.parametrize(
    "path", [path for path in FEEDS if TITLE.search(path.read_bytes())], ids=lambda path: path.name
)
def test_a_title_that_a_feeds_first_comment_states_is_read(path: Path) -> None:
    match = TITLE.search(path.read_bytes())
    assert match is not None
    stated = ast.literal_eval(match[1].decode())
    expected = re.sub(r"<[^>]*>", "", stated).replace("  ", " ").strip()
    assert read(path)[0].title == expected


@pytest.mark.parametrize("path", VIETNAMESE, ids=lambda path: path.name)
def test_vnexpress_is_read_whole_in_every_encoding(path: Path) -> None:
    entries = read(path)
    assert [entry.title for entry in entries] == [entry.title for entry in read(VIETNAMESE[0])]
    assert entries[0].title == "Bể bơi dát vàng trong biệt thự nơi tổng thống Putin nghỉ dưỡng"
    assert entries[0].published is not None
    assert entries[0].published.at.isoformat() == "2017-08-30T20:03:00+07:00"
    for entry in entries:
        assert entry.lead
        assert not entry.lead.startswith(entry.title)
        assert (entry.url or "").startswith("http")
        assert entry.images


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.name)
def test_nothing_active_is_left_of_a_hostile_feed(path: Path) -> None:
    try:
        entries = read(path)
    except UpstreamError:
        return
    for entry in entries:
        for said in (entry.title, entry.lead, entry.author or "", entry.organisation or ""):
            assert not ACTIVE.search(said)
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        assert not ACTIVE.search(sanitise.sanitise_html(entry.body_html or "", ADDRESS).html)


@pytest.mark.parametrize("path", BOMBS, ids=lambda path: path.name)
def test_a_bomb_is_refused(path: Path) -> None:
    with pytest.raises(UpstreamError):
        read(path)

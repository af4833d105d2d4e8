"""Recorded and hostile feeds: the stated result or a refusal. Collected only where they are."""

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
from service.core.ports import Answer
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
    return source.read_listing(Answer(200, {}, path.read_bytes(), ADDRESS), NOW).entries


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.name)
def test_every_feed_is_read_or_refused_in_a_sentence(path: Path) -> None:
    try:
        drafts = read(path)
    except UpstreamError as refusal:
        assert refusal.detail.endswith(".")  # noqa: PT017 - either outcome is right
        return
    assert all(draft.title and draft.key for draft in drafts)


def stated_of(path: Path) -> list[dict[str, str]]:
    """The items that the corpus states a title in plain text for."""
    items = json.loads(EXPECTED[path].read_bytes()).get("items") if EXPECTED[path].exists() else None
    return [item for item in items or [] if item.get("title") and not {"<", "&"} & set(item["title"])]


@pytest.mark.parametrize("path", [path for path in FEEDS if stated_of(path)], ids=lambda path: path.name)
def test_titles_and_links_are_those_that_the_corpus_states(path: Path) -> None:
    drafts = {draft.title: draft for draft in read(path)}
    for one in stated_of(path):
        draft = drafts[" ".join(one["title"].split())]
        assert draft.url == one.get("link", draft.url)


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
    drafts = read(path)
    assert [draft.title for draft in drafts] == [draft.title for draft in read(VIETNAMESE[0])]
    assert drafts[0].title == "Bể bơi dát vàng trong biệt thự nơi tổng thống Putin nghỉ dưỡng"
    assert drafts[0].published is not None
    assert drafts[0].published.at.isoformat() == "2017-08-30T20:03:00+07:00"
    for draft in drafts:
        assert draft.lead
        assert not draft.lead.startswith(draft.title)
        assert (draft.url or "").startswith("http")
        assert draft.images


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.name)
def test_nothing_active_is_left_of_a_hostile_feed(path: Path) -> None:
    try:
        drafts = read(path)
    except UpstreamError:
        return
    for draft in drafts:
        for said in (draft.title, draft.lead, draft.author or "", draft.organisation or ""):
            assert not ACTIVE.search(said)
        assert draft.url is None or draft.url.startswith(("http://", "https://"))
        assert not ACTIVE.search(sanitise.sanitise_html(draft.body_html or "", ADDRESS).html)


@pytest.mark.parametrize("path", BOMBS, ids=lambda path: path.name)
def test_a_bomb_is_refused(path: Path) -> None:
    with pytest.raises(UpstreamError):
        read(path)

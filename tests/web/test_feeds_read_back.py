import calendar
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from article_samples import ALL, HANOI, PUBLIC_URL, WHOLE, ArticleSite
from hypothesis import given, settings
from hypothesis import strategies as st

from service.articles import json as article_json
from service.articles.feed_formats import Channel, Image, Images, Item, atom, json_feed, rss
from service.articles.model import Article

FORMS = ("rss", "atom", "json")
XML_FORMS = ("rss", "atom")
MEDIA = "{http://search.yahoo.com/mrss/}"
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


@pytest.fixture
def site(tmp_path: Path) -> ArticleSite:
    """Every source was heard two minutes ago; the goal is a quarter of an hour."""
    return ArticleSite(tmp_path).hear_all()


def read_back(site: ArticleSite, path: str) -> Any:
    """What feedparser makes of a feed, with the headers it came with; it may find nothing amiss."""
    answer = site.get(path)
    assert answer.status_code == 200, answer.text
    read = feedparser.parse(
        io.BytesIO(answer.data), response_headers={"content-type": answer.headers["Content-Type"]}
    )
    assert not read.bozo, read.get("bozo_exception")
    return read


def tree(site: ArticleSite, path: str) -> ET.Element:
    return ET.fromstring(site.get(path).data)


def moment(parsed: Any) -> float:
    return calendar.timegm(parsed)


def link_of(article: Article) -> str:
    return article.url or f"{PUBLIC_URL}/articles/{article.id}"


@pytest.mark.parametrize("form", XML_FORMS)
def test_feedparser_reads_back_what_was_written(site: ArticleSite, form: str) -> None:
    read = read_back(site, f"/feeds/articles.{form}")
    assert read.version == {"rss": "rss20", "atom": "atom10"}[form]
    assert len(read.entries) == len(ALL)
    for entry, article in zip(read.entries[:4], ALL[:4], strict=True):
        assert entry.title == article.title
        assert entry.link == link_of(article)
        assert entry.id == f"tag:widgets.example.gov.vn,2020:article/{article.id}"
        assert entry.get("summary", "") == article.lead
        if article.published is None:
            assert "published" not in entry
        else:
            assert moment(entry.published_parsed) == article.published.at.timestamp()


@pytest.mark.parametrize("form", XML_FORMS)
def test_feedparser_finds_the_categories(site: ArticleSite, form: str) -> None:
    entry, without, *_ = read_back(site, f"/feeds/articles.{form}").entries
    assert tuple(tag.term for tag in entry.tags) == WHOLE.categories
    assert "tags" not in without


@pytest.mark.parametrize("form", XML_FORMS)
def test_feedparser_finds_the_picture_in_both_widths(site: ArticleSite, form: str) -> None:
    entry = read_back(site, f"/feeds/articles.{form}").entries[0]
    wide, narrow = f"{PUBLIC_URL}/images/facade.webp", f"{PUBLIC_URL}/images/c0ffee.webp"
    (content,) = entry.media_content
    assert (content["url"], content["type"], content["medium"]) == (wide, "image/webp", "image")
    assert (content["width"], content["height"]) == ("960", "640")
    assert entry.media_thumbnail == [{"url": narrow, "width": "480", "height": "320"}]
    (enclosure,) = entry.enclosures
    assert (enclosure["href"], enclosure["length"], enclosure["type"]) == (wide, "4804", "image/webp")


@pytest.mark.parametrize("form", XML_FORMS)
def test_an_article_without_a_picture_has_none(site: ArticleSite, form: str) -> None:
    entry = read_back(site, f"/feeds/articles.{form}").entries[1]
    assert "media_content" not in entry
    assert not entry.enclosures


@pytest.mark.parametrize("form", XML_FORMS)
def test_a_feed_of_nothing_is_still_a_feed(tmp_path: Path, form: str) -> None:
    site = ArticleSite(tmp_path).hear_all()
    site.repository.articles.clear()
    read = read_back(site, f"/feeds/articles.{form}")
    assert read.entries == []
    assert read.feed.title == "Tin mới"


@pytest.mark.parametrize("form", FORMS)
def test_nothing_hostile_becomes_markup(site: ArticleSite, form: str) -> None:
    text = site.get(f"/feeds/articles.{form}?source=bao").text
    if form == "json":
        item = json.loads(text)["items"][1]
        assert item["title"].startswith("<script>")  # plain by the format's own words
        return
    assert "<script" not in text
    assert "<img" not in text
    assert "<svg" not in text


def test_a_lead_that_looks_like_markup_is_text_to_readers_that_take_rss_for_html(site: ArticleSite) -> None:
    text = tree(site, "/feeds/articles.rss?source=bao").findall("channel/item")[1].findtext("description")
    assert text == '&lt;img src=x onerror="alert(2)"&gt; a &lt; b &amp;amp; c'


def channel(article: Article) -> Channel:
    source = ArticleSite.sources[0]
    image = Image(f"{PUBLIC_URL}/images/c0ffee.webp", 480, 320, 7)
    item = Item(
        id="tag:x,2020:article/1",
        title=article.title,
        link=link_of(article),
        published=article_json.published_at(article, source),
        date_only=False,
        updated=article.changed_at,
        lead=article.lead,
        author=article.author,
        organisation=article.organisation,
        language=article.language,
        categories=article.categories,
        source=source,
        images=Images(image, image, "Sân lễ"),
        body_html=article_json.body_html(article, source, PUBLIC_URL),
    )
    return Channel(
        id="tag:x,2020:articles",
        title=article.title,
        description=article.lead,
        link=PUBLIC_URL,
        self_url=PUBLIC_URL,
        language="vi",
        refresh=timedelta(minutes=15),
        items=(item,),
        updated=datetime(2020, 3, 7, tzinfo=HANOI),
        sample=False,
    )


@given(st.text(), st.text(), st.text(), st.text())
@settings(deadline=None, max_examples=100)
def test_any_text_makes_a_well_formed_feed(title: str, lead: str, author: str, body: str) -> None:
    article = replace(
        WHOLE, title=title, lead=lead, author=author, body_html=body, url=f"https://x.example/{title}"
    )
    told = channel(article)
    item = ET.fromstring(rss(told)).find("channel/item")
    entry = ET.fromstring(atom(told)).find(f"{ATOM}entry")
    assert item is not None
    assert entry is not None
    kept = carried(title)
    assert (item.findtext("title") or "") == (entry.findtext(f"{ATOM}title") or "") == kept
    assert json.loads(json_feed(told))["items"][0]["title"] == title


def carried(text: str) -> str:
    """As XML tells it: without what XML 1.0 knows no way to write, and with its own line ends."""
    without = "".join(
        letter
        for letter in text
        if letter in "\t\n\r" or (letter >= " " and letter not in ("\ufffe", "\uffff"))
    )
    return without.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("write", [rss, atom])
def test_half_a_letter_costs_that_letter(write: Callable[[Channel], bytes]) -> None:
    assert b"<title>ab</title>" in write(channel(replace(WHOLE, title="a\ud800b")))

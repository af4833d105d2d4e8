"""The sample articles, their pictures and their feeds, as clients over real sockets get them."""

import io
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import demo_pictures
import feedparser
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from service.bootstrap import demo_sources
from service.demo import feeds
from service.demo.feeds import Publication, articles, publications, source_tables, sources
from service.demo.server import DemoUpstream
from service.settings.schema import SourceSection

NOW = datetime(2026, 11, 22, 3, 7, tzinfo=UTC)
CITY, NEWSPAPER, WARD = sources()
RSS_PATH, ATOM_PATH = CITY.table["url"], NEWSPAPER.table["url"]
PICTURES = "/demo/pictures/"
FOLDER = Path(feeds.__file__).parent / "samples/pictures"
HOUR, ROUND = timedelta(hours=1), timedelta(days=15)
ATOM = "{http://www.w3.org/2005/Atom}"
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoUpstream]:
    with DemoUpstream(lambda: NOW) as upstream:
        yield upstream


def out(began: datetime, now: datetime) -> list[Publication]:
    return [publication for source in sources() for publication in publications(source, began, now)]


def lowered(answer: requests.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def test_every_article_is_whole() -> None:
    for article in articles():
        assert article.title.strip()
        assert article.lead.endswith(".")
        assert article.section
        assert 2 <= len(article.paragraphs) <= 4
        assert bool(article.picture) == bool(article.caption)
        assert set(article.sources) <= {source.id for source in sources()}


def test_texts_are_composed_unicode_without_markup() -> None:
    for article in articles():
        for text in (article.title, article.lead, article.byline, article.caption, *article.paragraphs):
            assert unicodedata.is_normalized("NFC", text)
            assert not set("<>&]") & set(text)


def test_slugs_differ_and_one_article_is_in_two_sources() -> None:
    assert len({article.slug for article in articles()}) == len(articles()) >= 20
    assert [article.sources for article in articles() if len(article.sources) > 1] == [["phuong", "cong"]]


def test_the_newest_came_out_about_an_hour_before_the_demo_and_the_oldest_within_fifteen_days() -> None:
    times = sorted(publication.at for publication in out(NOW, NOW))
    assert HOUR <= NOW - times[-1] < HOUR + timedelta(minutes=15)
    assert timedelta(days=13) < NOW - times[0] < ROUND


@given(moments, st.timedeltas(-timedelta(days=2), timedelta(days=400)))
@settings(deadline=None, max_examples=50)
def test_nothing_lies_in_the_future_or_further_back_than_a_period(began: datetime, later: timedelta) -> None:
    now = began + later
    for source in sources():
        times = [publication.at for publication in publications(source, began, now)]
        assert all(timedelta(0) <= now - at < ROUND for at in times)
        assert all(newer >= older for newer, older in pairwise(times))


@given(moments, st.timedeltas(timedelta(0), timedelta(days=40)))
@settings(deadline=None, max_examples=50)
def test_a_publication_stays_as_it_was_until_its_article_comes_out_again(
    began: datetime, later: timedelta
) -> None:
    now = began + later
    before, after = out(began, now), out(began, now + HOUR)
    for old, new in zip(sorted(before, key=_key), sorted(after, key=_key), strict=True):
        assert new == old or (new.at == old.at + ROUND and new.name != old.name)


def _key(publication: Publication) -> str:
    return publication.article.slug


def test_something_new_comes_out_soon_after_the_demo_began() -> None:
    newest = max(publication.at for publication in out(NOW, NOW))
    assert max(publication.at for publication in out(NOW, NOW + timedelta(minutes=30))) > newest


def test_one_that_begins_again_in_the_same_quarter_of_an_hour_says_the_same() -> None:
    assert out(NOW, NOW) == out(NOW + timedelta(minutes=7), NOW)


def test_every_picture_is_a_file_of_its_own_and_light_enough() -> None:
    drawn = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert drawn.keys() == {article.picture for article in articles() if article.picture}
    assert len(set(drawn.values())) == len(drawn)
    assert max(map(len, drawn.values())) < 15_000
    for body in drawn.values():
        image = Image.open(io.BytesIO(body))
        image.load()
        assert (image.format, image.size, image.mode) == ("WEBP", (960, 640), "RGB")
        assert len(image.getcolors(1 << 20) or ()) > 50


def test_every_picture_can_be_drawn_again() -> None:
    assert {f"{slug}.webp" for slug in demo_pictures.PICTURES} == {path.name for path in FOLDER.iterdir()}
    slug, words = next(iter(demo_pictures.PICTURES.items()))
    first = demo_pictures.picture(words, slug)
    assert demo_pictures.picture(words, slug) == first != demo_pictures.picture(words, "another")


def test_what_cannot_be_drawn_is_an_error() -> None:
    with pytest.raises(KeyError):
        demo_pictures.picture(("noon", "unicorn"), "seed")


def test_pictures_come_over_the_wire_and_only_those_there_are(demo: DemoUpstream) -> None:
    picture = articles()[0].picture
    answer = requests.get(f"{demo.url}{PICTURES}{picture}", timeout=10)
    assert (answer.headers["Content-Type"], answer.content) == (
        "image/webp",
        FOLDER.joinpath(picture).read_bytes(),
    )
    for missing in ("", "nothing.webp", f"{picture}.png", f"more/{picture}", "../fair.json"):
        request = requests.Request("GET", demo.url).prepare()
        request.url = f"{demo.url}{PICTURES}{missing}"  # as it is: requests itself would resolve the dots
        with requests.Session() as session:
            assert session.send(request, timeout=10).status_code == 404


def test_the_rss_feed_is_well_formed_and_tells_everything(demo: DemoUpstream) -> None:
    answer = requests.get(demo.url + RSS_PATH, timeout=10)
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    read = feedparser.parse(io.BytesIO(answer.content), response_headers=lowered(answer))
    assert (read.bozo, read.version, read.feed.ttl, read.feed.language) == (False, "rss20", "15", "vi")
    told = publications(CITY, NOW, NOW)
    assert [entry.title for entry in read.entries] == [publication.article.title for publication in told]
    assert [parsedate_to_datetime(entry.published) for entry in read.entries] == [
        publication.at for publication in told
    ]
    assert all(entry.published.endswith("+0700") for entry in read.entries)
    for entry, publication in zip(read.entries, told, strict=True):
        assert publication.article.lead in entry.summary
        assert publication.article.paragraphs[-1] in entry.content[0].value
        assert entry.id == publication.name
        assert [tag.term for tag in entry.tags] == [publication.article.section]


def test_the_atom_feed_is_well_formed_and_has_thumbnails(demo: DemoUpstream) -> None:
    answer = requests.get(demo.url + ATOM_PATH, timeout=10)
    read = feedparser.parse(io.BytesIO(answer.content), response_headers=lowered(answer))
    assert (read.bozo, read.version) == (False, "atom10")
    told = publications(NEWSPAPER, NOW, NOW)
    for entry, publication in zip(read.entries, told, strict=True):
        assert (entry.title, entry.summary) == (publication.article.title, publication.article.lead)
        assert datetime.fromisoformat(entry.published) == publication.at
        assert [tag.term for tag in entry.tags] == [publication.article.section]
        assert entry.media_thumbnail[0]["url"] == f"{demo.url}{PICTURES}{publication.article.picture}"


def test_english_entries_say_that_they_are_english(demo: DemoUpstream) -> None:
    feed = ET.fromstring(requests.get(demo.url + ATOM_PATH, timeout=10).content)
    languages = [
        entry.get("{http://www.w3.org/XML/1998/namespace}lang") for entry in feed.iter(f"{ATOM}entry")
    ]
    assert {languages.count("en"), languages.count("vi")} == {3, 5}


def test_links_and_pictures_of_the_feeds_lead_somewhere(demo: DemoUpstream) -> None:
    for path in (RSS_PATH, ATOM_PATH):
        read = feedparser.parse(io.BytesIO(requests.get(demo.url + path, timeout=10).content))
        for link in [read.feed.link, *(entry.link for entry in read.entries)]:
            assert requests.get(link, timeout=10).status_code == 200


def test_the_article_of_two_sources_has_one_page_whoever_tells_of_it(demo: DemoUpstream) -> None:
    read = feedparser.parse(io.BytesIO(requests.get(demo.url + RSS_PATH, timeout=10).content))
    links = [entry.link for entry in read.entries if WARD.folder in entry.link]
    publication = next(
        publication for publication in publications(WARD, NOW, NOW) if len(publication.article.sources) > 1
    )
    assert links == [f"{demo.url}{publication.path}?utm_source=rss&utm_medium=cong"]


@pytest.mark.parametrize("path", [RSS_PATH, ATOM_PATH])
def test_a_client_that_has_the_feed_is_told_so(demo: DemoUpstream, path: str) -> None:
    first = requests.get(demo.url + path, timeout=10)
    tag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": changed},
    ):
        again = requests.get(demo.url + path, headers=headers, timeout=10)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": '"other"'},
        {"If-Modified-Since": "Sun, 01 Nov 2026 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
        {"If-None-Match": '"other"', "If-Modified-Since": "Mon, 23 Nov 2026 00:00:00 GMT"},
    ],
)
def test_another_tag_or_an_older_date_brings_the_feed(demo: DemoUpstream, headers: dict[str, str]) -> None:
    assert requests.get(demo.url + RSS_PATH, headers=headers, timeout=10).status_code == 200


def test_the_tag_changes_when_something_comes_out_and_not_before() -> None:
    times = iter([NOW, NOW, NOW + timedelta(minutes=5), NOW + 8 * HOUR, NOW + 12 * timedelta(days=1)])
    with DemoUpstream(lambda: next(times)) as upstream:
        tags = [requests.get(upstream.url + RSS_PATH, timeout=10).headers["ETag"] for _ in range(4)]
    assert tags[0] == tags[1]
    assert tags[2] == tags[1]
    assert tags[3] != tags[2]


def test_the_sources_are_what_a_configuration_file_might_say(demo: DemoUpstream) -> None:
    told = list(demo_sources(demo.url))
    assert [source.name for source in told] == ["Cổng thông tin mẫu", "Báo mẫu", "UBND phường mẫu"]
    assert [source.kind for source in told] == ["feed", "feed", "page"]
    assert [SourceSection().load(source) for source in source_tables(demo.url)] == told
    assert all(requests.get(source.url, timeout=10).status_code == 200 for source in told)

"""JSON Feed 1.0 and 1.1."""

import json
from datetime import datetime
from typing import Any

import pytest
from source_answers import NOW, PORTAL, VIETNAM, answer, source_of

from service.articles.model import ParsedEntry, Published
from service.articles.sources.feed import Feed
from service.core.errors import UpstreamError

ITEM = {"id": "1", "url": f"{PORTAL}/1.html", "title": "Tin mới", "content_text": "Một đoạn văn ngắn."}


def entries_of(*items: object, **feed: Any) -> tuple[ParsedEntry, ...]:
    whole = {"version": "https://jsonfeed.org/version/1.1", "title": "Kênh", "items": items, **feed}
    body = json.dumps(whole, ensure_ascii=False)
    return Feed(source_of()).read_listing(answer(body, "application/feed+json"), NOW).entries


def test_an_item_is_title_text_link_date_author_and_images() -> None:
    item = {
        "id": "urn:1",
        "url": f"{PORTAL}/1.html",
        "title": "Lễ hội <b>sông Hiếu</b>",
        "content_html": '<p>Ba ngày hội bên sông.</p><img src="/b.jpg">',
        "summary": "Ba ngày hội.",
        "image": "/a.jpg",
        "date_published": "2026-11-21T08:15:00+07:00",
        "authors": [{"name": "Trần Thị Hoa"}, {"name": "Lê Văn An"}],
        "attachments": [
            {"url": "/c.png", "mime_type": "image/png"},
            {"url": "/d.mp3", "mime_type": "audio/mpeg"},
        ],
    }
    entry = entries_of(item)[0]
    assert (entry.key, entry.url, entry.title) == ("urn:1", f"{PORTAL}/1.html", "Lễ hội sông Hiếu")
    assert (entry.lead, entry.author) == ("Ba ngày hội.", "Trần Thị Hoa, Lê Văn An")
    assert entry.published == Published(datetime(2026, 11, 21, 8, 15, tzinfo=VIETNAM))
    assert [image.url[-6:] for image in entry.images] == ["/a.jpg", "/c.png", "/b.jpg"]
    assert entry.body_html == item["content_html"]


def test_an_item_without_an_id_is_discarded_and_a_number_is_one() -> None:
    assert [entry.key for entry in entries_of({"title": "x"}, {**ITEM, "id": 7}, {**ITEM, "id": ""})] == ["7"]


def test_plain_text_keeps_its_angle_brackets() -> None:
    assert entries_of({**ITEM, "content_text": "Mức nước < 2 mét & giảm dần."})[0].lead == (
        "Mức nước < 2 mét & giảm dần."
    )


def test_version_1_0_names_one_author_and_the_feeds_author_stands_in() -> None:
    assert entries_of({**ITEM, "author": {"name": "Lê Văn An"}})[0].author == "Lê Văn An"
    assert entries_of(ITEM, author={"name": "Trần Thị Hoa"})[0].author == "Trần Thị Hoa"


@pytest.mark.parametrize("written", ["/Date(1795223700000)/", "202611210815", 1795223700, 1795223700000.0])
def test_a_date_that_is_none_of_the_standards_is_read_as_well(written: object) -> None:
    published = entries_of({**ITEM, "date_published": written})[0].published
    assert published == Published(datetime(2026, 11, 21, 8, 15, tzinfo=VIETNAM))


@pytest.mark.parametrize("broken", [None, 3, "x", [], {}, [{}], {"name": 1}])
@pytest.mark.parametrize("field", ["title", "authors", "attachments", "image", "date_published", "summary"])
def test_a_field_of_another_type_is_as_if_it_were_not_there(field: str, broken: object) -> None:
    assert entries_of({**ITEM, field: broken})[0].url == ITEM["url"]


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"version": "https://jsonfeed.org/version/1.1"}',
        '{"version": "https://jsonfeed.org/version/1.1", "items": {}}',
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"title": "Không có id"}]}',
        '{"version": "https://jsonfeed.org/version/1.1", "items": [',
        '{"a":' * 100_000,
        "[" * 100_000,
    ],
)
def test_anything_else_in_json_is_refused(body: str) -> None:
    with pytest.raises(UpstreamError):
        Feed(source_of()).read_listing(answer(body, "application/json"), NOW)


def test_tags_are_categories() -> None:
    (entry,) = entries_of({**ITEM, "tags": ["Giáo dục", 7, None, "giáo dục", "Y tế"]})
    assert entry.categories == ("Giáo dục", "Y tế")
    assert entries_of({**ITEM, "tags": "Giáo dục"})[0].categories == ()


def test_of_a_feed_with_more_than_are_read_the_newest_are() -> None:
    days = [f"{2020 + n // 336}-{1 + n // 28 % 12:02d}-{1 + n % 28:02d}" for n in range(1200)]
    read = entries_of(*({**ITEM, "id": day, "date_published": f"{day}T08:00:00+07:00"} for day in days))
    assert [entry.key for entry in read] == days[200:]

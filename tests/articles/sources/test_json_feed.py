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


def test_a_text_without_authors_may_be_signed() -> None:
    item = {**ITEM, "content_html": "<p>Ba ngày hội bên sông.</p><p align='right'>Lê An</p>"}
    assert entries_of(item)[0].author == "Lê An"


def test_version_1_0_names_one_author_and_the_feeds_author_stands_in() -> None:
    assert entries_of({**ITEM, "author": {"name": "Lê Văn An"}})[0].author == "Lê Văn An"
    assert entries_of(ITEM, author={"name": "Trần Thị Hoa"})[0].author == "Trần Thị Hoa"


@pytest.mark.parametrize("field", ["authors", "author"])
@pytest.mark.parametrize(
    "authors",
    [
        {"name": "Lê Văn An"},
        "Lê Văn An",
        ["Lê Văn An"],
        [{"name": "Lê Văn An"}],
        [None, 3, {"name": ""}, {"url": "/x"}, "", "Lê Văn An"],
        " <b>Lê</b> Văn An ",
    ],
)
def test_authors_may_be_an_object_a_text_or_a_list_of_either(field: str, authors: object) -> None:
    assert entries_of({**ITEM, field: authors})[0].author == "Lê Văn An"
    assert entries_of(ITEM, **{field: authors})[0].author == "Lê Văn An"


def test_authors_of_two_kinds_are_told_together() -> None:
    assert entries_of({**ITEM, "authors": ["Lê Văn An", {"name": "Trần Thị Hoa"}]})[0].author == (
        "Lê Văn An, Trần Thị Hoa"
    )
    assert entries_of({**ITEM, "authors": [], "author": "Lê Văn An"})[0].author == "Lê Văn An"


def test_an_attachment_without_a_type_is_an_image_by_its_name() -> None:
    attachments = [
        {"url": "/a.pdf"},
        {"url": "/b.jpg"},
        {"url": "/c.png", "mime_type": "application/octet-stream"},
    ]
    images = entries_of({**ITEM, "attachments": attachments})[0].images
    assert [image.url for image in images] == [f"{PORTAL}/b.jpg", f"{PORTAL}/c.png"]


def test_a_relative_image_starts_from_the_item() -> None:
    entry = entries_of(
        {**ITEM, "url": f"{PORTAL}/tin/1.html", "image": "a.jpg", "content_html": "<img src=b.jpg>"}
    )[0]
    assert [image.url for image in entry.images] == [f"{PORTAL}/tin/a.jpg", f"{PORTAL}/tin/b.jpg"]
    assert entry.body_base == f"{PORTAL}/tin/1.html"
    without_link = entries_of({"id": "1", "title": "Tin", "content_html": "<img src=b.jpg>"})[0]
    assert (without_link.images[0].url, without_link.body_base) == (f"{PORTAL}/b.jpg", f"{PORTAL}/rss.xml")


NOTICES = [
    "",
    "\ufeff\ufeff \n",
    "<br />\n<b>Notice</b>:  Undefined variable: x in <b>/var/www/a.php</b> on line <b>12</b><br />\n",
    "\nWarning: Undefined array key [0] in /var/www/rss[1].php on line 3\n",
    "PHP Warning:  array {0} in x\n",
    "[27-Nov-2020 10:00:00 UTC] PHP Notice:  x\n",
    "<font size='1'><table class='xdebug-error' dir='ltr'><tr><th>( ! ) Notice: x</th></tr></table></font>\n",
    "Array\n(\n    [0] => a\n)\n",
    "<!-- debug -->",
    "callback(",
]


@pytest.mark.parametrize("before", NOTICES)
@pytest.mark.parametrize(
    "behind", ["", "\n", "\n<br />\n<b>Warning</b>: x", "<!-- 0.1 s -->", "\nPHP Notice: z", ");"]
)
def test_what_php_printed_around_a_feed_is_passed_over(before: str, behind: str) -> None:
    feed = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [ITEM]}, ensure_ascii=False)
    entries = Feed(source_of()).read_listing(answer(f"{before}{feed}{behind}", "text/html"), NOW).entries
    assert [entry.title for entry in entries] == ["Tin mới"]


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
        '{"version": "https://jsonfeed.org/version/1.1", "items": []}{"items": []}',
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "x"}',
        '<!doctype html><script>{"version": "https://jsonfeed.org/version/1.1", "items": []}</script>',
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

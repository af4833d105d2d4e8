"""WordPress's REST interface, as core answers `/wp-json/wp/v2/posts?_embed`."""

import json
from datetime import datetime
from typing import Any

import pytest
from source_answers import NOW, PORTAL, VIETNAM, answer, source_of

from service.articles.model import Declared, ImageCandidate, ParsedEntry, Published
from service.articles.sources.wordpress import WordPress
from service.core.errors import UpstreamError

POST: dict[str, Any] = {
    "id": 1009,
    "date": "2026-11-20T14:30:00",
    "date_gmt": "2026-11-20T07:30:00",
    "status": "publish",
    "link": f"{PORTAL}/le-hoi/",
    "title": {"rendered": "Lễ hội &#8220;Dòng sông&#8221;"},
    "excerpt": {"rendered": "<p>Ba ngày hội bên bờ sông Hiếu. [&hellip;]</p>\n", "protected": False},
    "content": {"rendered": "<p>Cả bài viết dài.</p>", "protected": False},
    "_embedded": {
        "author": [{"id": 2, "name": "Trần Thị Hoa"}],
        "wp:featuredmedia": [
            {
                "media_type": "image",
                "alt_text": "Đua thuyền",
                "caption": {"rendered": "<p>Đội phường Một</p>\n"},
                "source_url": f"{PORTAL}/wp-content/uploads/thuyen.jpg",
                "media_details": {
                    "width": 4000,
                    "height": 3000,
                    "sizes": {
                        "thumbnail": {
                            "width": 150,
                            "height": 150,
                            "source_url": "/wp-content/uploads/thuyen-150x150.jpg",
                        },
                        "large": {
                            "width": 1024,
                            "height": 768,
                            "source_url": "/wp-content/uploads/thuyen-1024x768.jpg",
                        },
                    },
                },
            }
        ],
    },
}


def entries_of(*posts: object) -> tuple[ParsedEntry, ...]:
    body = json.dumps(posts, ensure_ascii=False)
    return (
        WordPress(source_of("wordpress", PORTAL)).read_listing(answer(body, "application/json"), NOW).entries
    )


def entry_of(**changes: object) -> ParsedEntry:
    return entries_of({**POST, **changes})[0]


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://x.vn", "https://x.vn/wp-json/wp/v2/posts"),
        ("https://x.vn/tin/", "https://x.vn/tin/wp-json/wp/v2/posts"),
        ("https://x.vn/wp-json/wp/v2/posts?categories=5", "https://x.vn/wp-json/wp/v2/posts?categories=5"),
        ("https://x.vn/?rest_route=/wp/v2/posts", "https://x.vn/?rest_route=/wp/v2/posts"),
    ],
)
def test_the_list_of_posts_is_found_from_the_address_of_the_site(url: str, asked: str) -> None:
    request = WordPress(source_of("wordpress", url)).listing_request()
    assert request.url == asked
    assert request.params["_embed"]
    assert 1 <= int(request.params["per_page"]) <= 100


def test_a_post_is_title_lead_link_author_and_text() -> None:
    entry = entry_of()
    assert (entry.key, entry.url, entry.title) == ("1009", f"{PORTAL}/le-hoi/", "Lễ hội “Dòng sông”")
    assert (entry.lead, entry.author) == ("Ba ngày hội bên bờ sông Hiếu.", "Trần Thị Hoa")
    assert entry.body_html == "<p>Cả bài viết dài.</p>"


@pytest.mark.parametrize(
    "before",
    [
        "<br />\n<b>Deprecated</b>:  Hook x in <b>/wp-includes/functions.php</b> on line <b>6031</b><br />\n",
        "\nWarning: Undefined array key [0] in /wp-content/a[1].php on line 3\n\ufeff",
    ],
)
def test_what_php_printed_around_the_posts_is_passed_over(before: str) -> None:
    body = f"{before}{json.dumps([POST])}\n<!-- 0.1 s -->"
    source = WordPress(source_of("wordpress", PORTAL))
    assert len(source.read_listing(answer(body, "application/json"), NOW).entries) == 1


def test_posts_in_another_charset_than_declared_are_read() -> None:
    body = json.dumps([{**POST, "title": "TIEU-DE"}]).replace(
        "TIEU-DE", "Th\xf4ng b\xe1o v\xea\xcc Thi\xf2 xa\xde"
    )
    answered = answer(body.encode("cp1252"), "application/json; charset=utf-8")
    entries = WordPress(source_of("wordpress", PORTAL)).read_listing(answered, NOW).entries
    assert entries[0].title == "Thông báo về Thị xã"


def test_the_exact_date_counts_and_is_told_in_the_zone_of_the_site() -> None:
    published = entry_of(date="2026-11-20T00:00:00").published
    assert published == Published(datetime(2026, 11, 20, 14, 30, tzinfo=VIETNAM))
    assert published is not None
    assert published.at.utcoffset() == VIETNAM.utcoffset(published.at.replace(tzinfo=None))


@pytest.mark.parametrize("exact", ["", "0000-00-00T00:00:00", None])
def test_without_an_exact_date_the_sites_clock_counts(exact: object) -> None:
    assert entry_of(date_gmt=exact).published == Published(datetime(2026, 11, 20, 14, 30, tzinfo=VIETNAM))


def test_the_widest_sensible_size_of_the_featured_image_comes_first() -> None:
    assert entry_of().images == (
        ImageCandidate(
            f"{PORTAL}/wp-content/uploads/thuyen-1024x768.jpg", 1024, 768, "Đua thuyền", "Đội phường Một"
        ),
        ImageCandidate(f"{PORTAL}/wp-content/uploads/thuyen.jpg", 4000, 3000, "Đua thuyền", "Đội phường Một"),
    )


def test_a_featured_image_that_may_not_be_seen_is_none() -> None:
    hidden = {"wp:featuredmedia": [{"code": "rest_forbidden", "message": "Sorry", "data": {"status": 401}}]}
    assert entry_of(_embedded=hidden).images == ()


def test_the_image_for_sharing_and_those_of_the_text_stand_in() -> None:
    entry = entry_of(
        _embedded={},
        yoast_head_json={"og_image": [{"url": f"{PORTAL}/chia-se.jpg", "width": 1200, "height": 630}]},
        content={"rendered": '<p><img src="/trong-bai.jpg"></p>'},
    )
    assert [image.url for image in entry.images] == [f"{PORTAL}/chia-se.jpg", f"{PORTAL}/trong-bai.jpg"]


def test_the_image_for_sharing_is_told_apart_from_the_posts_own() -> None:
    shared = {"og_image": [{"url": f"{PORTAL}/nen.png"}]}
    entry = entry_of(_embedded={}, yoast_head_json=shared, content={"rendered": "<img src='/1.jpg'>"})
    assert entry.declared == Declared(image=f"{PORTAL}/nen.png", image_is_alone=True)
    assert entry.undeclared is not None
    assert [image.url for image in entry.undeclared.images] == [f"{PORTAL}/1.jpg"]


def test_a_post_of_the_one_who_installed_the_site_is_signed_in_its_text() -> None:
    content = {"rendered": "<p>Ba ngày hội.</p>\n<p><strong>Lê An &#8211; Phòng Văn hóa</strong></p>\n"}
    entry = entry_of(content=content, _embedded={"author": [{"name": "admin"}]})
    assert (entry.author, entry.organisation) == ("Lê An", "Phòng Văn hóa")
    other = entry_of(content=content)
    assert (other.author, other.organisation) == ("Trần Thị Hoa", None)


def test_the_one_who_installed_the_site_is_no_author() -> None:
    assert entry_of(_embedded={"author": [{"name": "admin"}]}).author is None


def test_a_post_without_an_excerpt_begins_with_its_text() -> None:
    assert entry_of(excerpt={"rendered": ""}).lead == "Cả bài viết dài."


def test_a_post_that_is_not_published_or_says_nothing_is_left_out() -> None:
    empty = {**POST, "title": {"rendered": ""}, "excerpt": {}, "content": {}}
    assert [entry.key for entry in entries_of({**POST, "status": "draft"}, empty, POST, 3, None)] == ["1009"]


@pytest.mark.parametrize(
    "field", ["id", "date", "title", "excerpt", "content", "_embedded", "link", "yoast_head_json"]
)
@pytest.mark.parametrize(
    "broken", [None, 3, "x", [], {}, {"rendered": 3}, {"author": 3, "wp:featuredmedia": [3]}]
)
def test_a_field_of_another_type_does_no_harm(field: str, broken: object) -> None:
    assert len(entries_of(POST, {**POST, field: broken})) >= 1


def test_a_list_without_posts_is_an_empty_listing() -> None:
    assert entries_of() == ()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            '{"code":"rest_no_route","message":"Không tìm thấy tuyến đường","data":{"status":404}}',
            "an error instead of its posts: it has no list of posts at this address.",
        ),
        ('[{"id": 1}]', "None of the site's posts has a title or a text."),
        ("{}", "not WordPress's list of posts"),
        ("<!DOCTYPE html><html><title>Cổng</title></html>", "This is an HTML page, not WordPress's"),
        ("", "an empty answer"),
        ("null", "not WordPress's list of posts"),
    ],
)
def test_an_editor_is_told_what_came_instead_of_posts(body: str, said: str) -> None:
    source = WordPress(source_of("wordpress", PORTAL))
    with pytest.raises(UpstreamError) as caught:
        source.read_listing(answer(body, "application/json"), NOW)
    assert said in caught.value.detail


@pytest.mark.parametrize(
    "more",
    [
        " [&hellip;]</p>\n",
        " […]",
        ' <a class="more-link" href="/1">Continue reading <span>“Lễ hội”</span></a></p>',
        " [&#8230;] <a href='/1' class='more-link'>Đọc</a>",
    ],
)
def test_what_leads_on_to_the_text_is_no_part_of_the_lead(more: str) -> None:
    excerpt = {"rendered": f"<p>Thành phố đón xuân.{more}"}
    (entry,) = entries_of({"id": 1, "title": {"rendered": "Lễ hội"}, "excerpt": excerpt})
    assert entry.lead == "Thành phố đón xuân."


def test_terms_are_categories_those_so_called_first() -> None:
    terms = [
        [{"taxonomy": "post_tag", "name": "cầu"}, {"taxonomy": "post_format", "name": "Gallery"}],
        [
            {"taxonomy": "category", "name": "X&atilde; hội"},
            {"taxonomy": "category", "name": "Uncategorized"},
        ],
        [{"code": "rest_forbidden"}],
        None,
    ]
    embedded = {**POST["_embedded"], "wp:term": terms}
    assert entry_of(_embedded=embedded).categories == ("Xã hội", "cầu")
    assert entry_of(_embedded={"wp:term": {"x": 1}}).categories == ()

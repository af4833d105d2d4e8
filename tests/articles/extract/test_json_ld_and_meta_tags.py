"""JSON-LD and OpenGraph, as they are and as they are broken."""

from datetime import datetime

import pytest
from source_answers import NOW, PORTAL, VIETNAM, source_of

from service.articles.extract import json_ld, meta_tags
from service.articles.extract.context import Extracted, ParseContext
from service.articles.model import ImageCandidate, Published
from service.articles.text.html_tree import parse_html

AT = ParseContext(source_of("page"), NOW, f"{PORTAL}/tin/1.html")


def from_json_ld(*blocks: str) -> Extracted:
    scripts = "".join(f'<script type="application/ld+json">{block}</script>' for block in blocks)
    return json_ld.extract(parse_html(f"<html><head>{scripts}</head></html>"), AT)


def from_head(head: str) -> Extracted:
    return meta_tags.extract(parse_html(f"<html><head>{head}</head></html>"), AT)


ARTICLE = '"@type": "NewsArticle", "headline": "Khánh thành cầu mới"'


@pytest.mark.parametrize(
    "block",
    [
        f"{{{ARTICLE}}}",
        f"[{{{ARTICLE}}}]",
        f'{{"@graph": [{{"@type": "WebPage"}}, {{{ARTICLE}}}]}}',
        f'{{"@type": "WebPage", "mainEntity": {{{ARTICLE}}}}}',
        f"<!-- {{{ARTICLE}}} -->",
        f"//<![CDATA[\n{{{ARTICLE}}}\n//]]>",
        f"{{{ARTICLE},}}",
        f"{{{ARTICLE}}};",
        f'{{{ARTICLE}, "description": "hai\ndòng"}}',
        '{"@type": ["Thing", "BlogPosting"], "headline": "Khánh thành cầu mới"}',
        '{"@type": "http://schema.org/Article", "name": "Khánh thành cầu mới"}',
        '{"@type": "NewsArticle", "headline": ["Khánh thành &quot;cầu&quot; mới"]}',
    ],
)
def test_an_article_is_found_in_every_shape_of_block(block: str) -> None:
    assert from_json_ld(block).title.replace('"', "") == "Khánh thành cầu mới"


def test_a_broken_block_costs_only_itself() -> None:
    assert (
        from_json_ld('{"@type": "NewsArticle", ', "[" * 50_000, f"{{{ARTICLE}}}").title
        == "Khánh thành cầu mới"
    )


@pytest.mark.parametrize("block", ["{}", "null", "3", '"x"', '{"@type": "Organization", "name": "Cổng"}', ""])
def test_what_is_no_article_is_none(block: str) -> None:
    assert from_json_ld(block) == Extracted()


@pytest.mark.parametrize(
    ("author", "people"),
    [
        ('{"@type": "Person", "name": "Trần Thị Hoa"}', ("Trần Thị Hoa", None)),
        ('[{"name": "Trần Thị Hoa"}, {"name": "Lê Văn An"}]', ("Trần Thị Hoa, Lê Văn An", None)),
        ('"Trần Thị Hoa"', ("Trần Thị Hoa", None)),
        ('{"@type": "Organization", "name": "Cổng TTĐT"}', (None, "Cổng TTĐT")),
        ('"Báo Mới"', (None, "Báo Mới")),
        ('{"@id": "#hoa"}', ("Trần Thị Hoa", None)),
        ('{"name": "Lê An", "affiliation": {"name": "Sở Y tế"}}', ("Lê An", "Sở Y tế")),
        ('{"name": "Lê An", "worksFor": [{"name": "Sở Y tế"}]}', ("Lê An", "Sở Y tế")),
        ('{"name": "Super User", "worksFor": {"name": "Joomla"}}', (None, None)),
        ("3", (None, None)),
        ("[null, {}]", (None, None)),
    ],
)
def test_a_person_is_the_author_and_a_house_the_organisation(
    author: str, people: tuple[str | None, ...]
) -> None:
    found = from_json_ld(
        f'{{"@graph": [{{{ARTICLE}, "author": {author}, "publisher": {{"name": "Báo Mới"}}}},'
        ' {"@type": "Person", "@id": "#hoa", "name": "Trần Thị Hoa"}]}'
    )
    assert (found.author, found.organisation) == people


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ('"/a.jpg"', ImageCandidate(f"{PORTAL}/a.jpg")),
        ('["/a.jpg", "/b.jpg"]', ImageCandidate(f"{PORTAL}/a.jpg")),
        ('{"url": "/a.jpg", "width": 800, "height": "600"}', ImageCandidate(f"{PORTAL}/a.jpg", 800, 600)),
        (
            '{"contentUrl": "/a.jpg", "caption": "Cầu mới"}',
            ImageCandidate(f"{PORTAL}/a.jpg", caption="Cầu mới"),
        ),
        ('{"url": "/a.jpg", "width": {"value": 800}}', ImageCandidate(f"{PORTAL}/a.jpg", 800)),
        ('{"url": ["/a.jpg"], "width": "800px"}', ImageCandidate(f"{PORTAL}/a.jpg", 800)),
    ],
)
def test_an_image_is_found_in_every_shape(image: str, expected: ImageCandidate) -> None:
    assert from_json_ld(f'{{{ARTICLE}, "image": {image}}}').images[0] == expected


@pytest.mark.parametrize(
    "image", ['"javascript:alert(1)"', '{"url": "data:image/png;base64,AA"}', "3", "{}", "[[]]"]
)
def test_an_odd_address_is_no_image(image: str) -> None:
    assert from_json_ld(f'{{{ARTICLE}, "image": {image}}}').images == ()


def test_markup_within_structured_data_is_not_shown() -> None:
    found = from_json_ld(
        '{"@type": "Article", "headline": "Cầu <b onclick=x>mới</b>", "description": "<i>Ba</i> nhịp"}'
    )
    assert (found.title, found.lead) == ("Cầu mới", "Ba nhịp")


def test_the_head_of_the_page_gives_title_lead_date_author_and_image() -> None:
    found = from_head(
        '<meta property="og:title" content="Khánh thành cầu mới - Cổng TTĐT">'
        '<meta property="og:site_name" content="Cổng TTĐT">'
        '<meta property="og:description" content="Cầu dài ba trăm mét.">'
        '<meta name="author" content="Trần Thị Hoa">'
        '<meta property="article:published_time" content="2026-11-20T08:00:00+07:00">'
        '<meta property="og:image" content="/cau.jpg"><meta property="og:image:width" content="1200">'
        '<meta property="og:image:height" content="630"><meta property="og:image:alt" content="Cây cầu">'
    )
    assert (found.title, found.lead, found.author) == (
        "Khánh thành cầu mới",
        "Cầu dài ba trăm mét.",
        "Trần Thị Hoa",
    )
    assert found.published == Published(datetime(2026, 11, 20, 8, tzinfo=VIETNAM))
    assert found.images == (ImageCandidate(f"{PORTAL}/cau.jpg", 1200, 630, "Cây cầu"),)


@pytest.mark.parametrize("author", ["https://www.facebook.com/cong", "Cổng TTĐT", "@congttdt", ""])
def test_an_address_or_the_site_itself_is_no_author(author: str) -> None:
    head = f'<meta property="og:site_name" content="Cổng TTĐT"><meta name="author" content="{author}">'
    assert from_head(head).author is None


@pytest.mark.parametrize("author", ["VNPT", "VNPT Quảng Trị", "VINADES.,JSC", "DotNetNuke", "Portal CMS"])
def test_who_made_the_portal_is_no_author(author: str) -> None:
    head = f'<meta name="generator" content="Portal CMS 4.2"><meta name="author" content="{author}">'
    assert from_head(head).byline == (None, None)


def test_a_property_may_hold_several_names() -> None:
    assert (
        from_head('<meta property="x:title og:title" content="Khánh thành cầu mới">').title
        == "Khánh thành cầu mới"
    )


def test_a_page_that_says_nothing_gives_nothing() -> None:
    assert from_head("<title>Cổng</title><meta charset='utf-8'><meta content=''>") == Extracted()

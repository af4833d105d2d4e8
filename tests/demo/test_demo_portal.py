"""The feedless portal of the demo, and that the service reads out of all three sources what was put in."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from selectolax.lexbor import LexborHTMLParser

from service.articles.model import ParsedEntry, SourceParser
from service.articles.sources.registry import parser_for
from service.articles.text import sanitise, urls
from service.core.ports import Request, Response
from service.demo.feeds import Publication, Source, page, publications, source_tables, sources
from service.demo.server import DemoUpstream
from service.settings.schema import SourceSection

NOW = datetime(2026, 11, 22, 3, 7, tzinfo=UTC)
CITY, NEWSPAPER, WARD = sources()
PICTURES = "/demo/pictures/"
SELECTORS = ("links", "title", "date", "lead", "author", "image", "body")


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoUpstream]:
    with DemoUpstream(lambda: NOW) as upstream:
        yield upstream


def configured(demo: DemoUpstream, place: int, **changed: str) -> SourceParser:
    return parser_for(SourceSection().load({**source_tables(demo.url)[place], **changed}))


def fetched(request: Request) -> Response:
    answer = requests.get(request.url, headers=dict(request.headers), timeout=10)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(answer.status_code, headers, answer.content, answer.url)


def read(asked: SourceParser) -> list[ParsedEntry]:
    listing = asked.read_listing(fetched(asked.listing_request()), NOW)
    return [whole(asked, draft) for draft in listing.entries]


def whole(asked: SourceParser, draft: ParsedEntry) -> ParsedEntry:
    request = asked.page_request(draft) if asked.wants_page(draft) else None
    return asked.read_page(fetched(request), draft, NOW) if request else draft


def tree_of(demo: DemoUpstream, path: str) -> LexborHTMLParser:
    answer = requests.get(demo.url + path, timeout=10)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return LexborHTMLParser(answer.content.decode())


def out(source: Source) -> list[Publication]:
    return publications(source, NOW, NOW)


def test_the_front_page_lists_titles_with_the_day_behind_them(demo: DemoUpstream) -> None:
    tree = tree_of(demo, WARD.folder)
    titles = tree.css("div.news-list a.title")
    assert [title.text() for title in titles] == [publication.article.title for publication in out(WARD)]
    assert [title.attributes["href"] for title in titles] == [publication.path for publication in out(WARD)]
    assert [day.text() for day in tree.css("div.news-list .date")] == [
        f"({one.at:%d/%m/%Y})" for one in out(WARD)
    ]


def test_a_page_has_title_and_day_lead_picture_text_signature_and_a_way_back(demo: DemoUpstream) -> None:
    publication = out(WARD)[0]
    tree = tree_of(demo, publication.path)

    def shown(selector: str) -> str:
        return " ".join(node.text().strip() for node in tree.css(selector))

    assert shown("h1.title") == f"{publication.article.title} ({publication.at:%d/%m/%Y})"
    assert shown(".lead") == publication.article.lead
    assert shown("table.picture .caption") == publication.article.caption
    assert shown(".content p") == " ".join(publication.article.paragraphs)
    assert shown('p[style="text-align:right"] b') == "Lê Thu Hà - Văn phòng HĐND và UBND"
    assert shown('a[href^="javascript:"]') == "Quay lại"


def test_an_article_with_a_table_shows_it(demo: DemoUpstream) -> None:
    publication = next(publication for publication in out(CITY) if publication.article.rows)
    rows = tree_of(demo, publication.path).css(".content tr")
    assert [[cell.text() for cell in row.css("td, th")] for row in rows] == publication.article.rows


def test_every_page_that_is_listed_is_there_with_its_picture(demo: DemoUpstream) -> None:
    for source in sources():
        for link in tree_of(demo, source.folder).css("div.news-list a.title"):
            tree = tree_of(demo, link.attributes["href"] or "")
            for image in tree.css("img"):
                address = demo.url + (image.attributes["src"] or "")
                assert requests.get(address, timeout=10).headers["Content-Type"] == "image/webp"


@pytest.mark.parametrize("path", ["nothing.html", "phuong-mau-ra-quan-trong-cay-dau-nam.html", "x/y.html"])
def test_a_page_that_is_not_there_is_a_404(demo: DemoUpstream, path: str) -> None:
    assert requests.get(demo.url + WARD.folder + path, timeout=10).status_code == 404


def test_a_source_has_the_pages_of_its_own_articles_only() -> None:
    publication = next(publication for publication in out(CITY) if publication.article.sources[0] == WARD.id)
    path = f"{CITY.folder}{publication.name}.html"
    assert page(path, CITY, out(CITY))[0] == 404
    assert page(publication.path, CITY, out(CITY))[0] == 404
    assert page(publication.path, WARD, out(WARD))[0] == 200


def test_what_means_something_in_html_is_escaped() -> None:
    odd = Source("x", "<Cổng & báo>", "/x/", {})
    assert b"&lt;C\xe1\xbb\x95ng &amp; b\xc3\xa1o&gt;" in page("/x/", odd, ())[2]


@pytest.mark.parametrize("selectors", ["as configured", "none"])
def test_the_service_reads_out_of_the_portal_what_was_put_in(demo: DemoUpstream, selectors: str) -> None:
    none = dict.fromkeys(SELECTORS, "") if selectors == "none" else {}
    drafts = read(configured(demo, 2, **none))
    for draft, publication in zip(drafts, out(WARD), strict=True):
        article = publication.article
        assert (draft.title, draft.lead, draft.url) == (
            article.title,
            article.lead,
            demo.url + publication.path,
        )
        assert draft.published is not None
        assert (draft.published.at.date(), draft.published.date_only) == (publication.at.date(), True)
        assert (draft.author or "", draft.organisation or "") == (article.author, article.organisation)
        assert draft.categories == (article.section,)
        assert draft.images[0].url == f"{demo.url}{PICTURES}{article.picture}"
        assert draft.images[0].caption == article.caption
        text = sanitise.sanitise_html(draft.body_html or "", draft.url or "").html
        assert all(paragraph in text for paragraph in article.paragraphs)
        assert "Quay lại" not in text


@pytest.mark.parametrize(("place", "source"), [(0, CITY), (1, NEWSPAPER)])
def test_the_service_reads_out_of_the_feeds_what_was_put_in(
    demo: DemoUpstream, place: int, source: Source
) -> None:
    for draft, publication in zip(read(configured(demo, place)), out(source), strict=True):
        article = publication.article
        assert (draft.title, draft.lead) == (article.title, article.lead)
        assert draft.published is not None
        assert (draft.published.at, draft.published.date_only) == (publication.at, False)
        assert (draft.author or "", draft.organisation or "") == (article.author, article.organisation)
        assert draft.categories == (article.section,)
        found = [hint.url for hint in draft.images]
        assert found == ([f"{demo.url}{PICTURES}{article.picture}"] if article.picture else [])
        assert bool(draft.body_html) == (source is CITY)


def test_the_article_of_two_sources_is_known_to_be_one(demo: DemoUpstream) -> None:
    told = [
        {urls.canonical_url(draft.url or "") for draft in read(configured(demo, place))} for place in (0, 2)
    ]
    assert len(told[0] & told[1]) == 1

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from article_samples import (
    ALL,
    BAO,
    HOSTILE,
    HOUR,
    MINUTE,
    NOW,
    OF_A_DAY,
    OF_GREENWICH,
    PUBLIC_URL,
    TINH,
    UNDATED,
    WHOLE,
    XA,
    ArticleSite,
)
from web_site import LANGUAGES, Site

from service.articles.model import Article, Published
from service.articles.store.sqlite import SqliteArticleRepository
from service.core.errors import Cause
from service.locales.formatter import Formatter
from service.web.cache_policy import SHORT


@pytest.fixture
def site(tmp_path: Path) -> ArticleSite:
    """Every source was heard two minutes ago; the goal is a quarter of an hour."""
    return ArticleSite(tmp_path).hear_all()


def an_article(number: int, order: datetime | None = None) -> Article:
    at = order or NOW - 40 * HOUR + number * MINUTE
    return replace(
        WHOLE, id=f"n{number:04}", sort_key=at, published=Published(at), first_seen=at, changed_at=at
    )


def ids(answer: Any) -> list[str]:
    return [article["id"] for article in answer["articles"]]


def test_an_article_is_told_field_for_field(site: ArticleSite) -> None:
    told = site.json("/api/v1/articles?limit=1")["articles"][0]
    assert told == {
        "id": "a1b2c3",
        "title": "Khai mạc lễ hội & chợ phiên",
        "url": "https://tinh.example.vn/khai-mac.html?id=1&p=2",
        "published_at": "2020-03-07T08:00:00+07:00",
        "date_only": False,
        "lead": "Sáng nay, lễ hội đã khai mạc.",
        "author": "Nguyễn Đức Hải",
        "organisation": "Văn phòng HĐND và UBND",
        "language": "vi",
        "categories": ["Văn hóa", "Lễ hội & chợ"],
        "image": {
            "url": f"{PUBLIC_URL}/images/c0ffee.webp",
            "width": 480,
            "height": 320,
            "alt": "Sân lễ",
        },
        "source": {"id": "tinh", "name": "Cổng TTĐT", "url": "https://tinh.example.vn/rss.xml"},
    }


def test_the_list_has_the_contracts_fields_and_no_others(site: ArticleSite) -> None:
    answer = site.json("/api/v1/articles")
    assert list(answer) == ["articles", "next_cursor", "total", "sources"]
    assert (answer["next_cursor"], answer["total"]) == (None, len(ALL))
    assert ids(answer) == [article.id for article in ALL]


def test_what_nobody_told_is_null_and_never_left_out(site: ArticleSite) -> None:
    told = site.json("/api/v1/articles/u5")
    for name in ("url", "published_at", "author", "organisation", "image", "body_html"):
        assert told[name] is None
    assert told["date_only"] is False
    assert told["lead"] == ""


def test_a_day_without_a_time_stays_that_day(site: ArticleSite) -> None:
    told = site.json(f"/api/v1/articles/{OF_A_DAY.id}")
    assert (told["published_at"], told["date_only"]) == ("2020-03-06T00:00:00+07:00", True)


def test_a_day_written_in_another_zone_does_not_become_the_day_before(site: ArticleSite) -> None:
    day = Published(datetime(2020, 3, 6, tzinfo=UTC), date_only=True)
    site.repository.save([replace(OF_A_DAY, published=day)])
    assert site.json("/api/v1/articles/d4")["published_at"] == "2020-03-06T00:00:00+00:00"


def test_a_moment_is_told_by_the_portals_own_clock(site: ArticleSite) -> None:
    assert site.json("/api/v1/articles/g6")["published_at"] == "2020-03-04T03:15:00+07:00"


def test_one_article_is_the_lists_object_and_its_text(site: ArticleSite) -> None:
    told = site.json("/api/v1/articles/a1b2c3")
    body = told.pop("body_html")
    assert told == site.json("/api/v1/articles?limit=1")["articles"][0]
    assert body == (
        f'<p>Sáng nay.</p><img src="{PUBLIC_URL}/images/c0ffee.webp"><a href="https://x.example/">x</a>'
    )


def test_a_long_lead_is_whole_with_the_text_and_cut_in_lists_and_feeds(site: ArticleSite) -> None:
    whole = "Sáng nay, lễ hội đã khai mạc. " * 20 + "Đây là câu cuối."
    site.repository.save([replace(WHOLE, lead="Sáng nay, lễ hội đã khai mạc.", whole_lead=whole)])
    assert site.json("/api/v1/articles/a1b2c3")["lead"] == whole
    page = site.get("/articles/a1b2c3").text
    assert page.count("Đây là câu cuối.") == 1
    for path in ("/api/v1/articles", "/feeds/articles.rss", "/feeds/articles.json", "/widgets/articles"):
        assert "Đây là câu cuối." not in site.get(path).text
    site.repository.save([replace(OF_A_DAY, whole_lead=whole)])  # whose owner allows no whole texts
    assert site.json("/api/v1/articles/d4")["lead"] == "Tháng ba."
    assert "Đây là câu cuối." not in site.get("/articles/d4").text


def test_text_that_only_speaks_of_an_address_is_left_alone(site: ArticleSite) -> None:
    text = '<p>write src="/images/x" or <a href="//x.example/y">so</a> or <a href="/tin">here</a></p>'
    site.repository.save([replace(WHOLE, body_html=text)])
    assert site.json("/api/v1/articles/a1b2c3")["body_html"] == text.replace(
        'href="/tin"', f'href="{PUBLIC_URL}/tin"'
    )


def test_no_text_is_shown_of_a_portal_whose_owner_did_not_allow_it(site: ArticleSite) -> None:
    assert site.json("/api/v1/articles/d4")["body_html"] is None


def test_the_local_address_stands_in_while_no_public_url_is_configured(tmp_path: Path) -> None:
    site = ArticleSite(tmp_path, written={}).hear_all()
    image = site.get("/api/v1/articles?limit=1", {"Host": "evil.example"}).get_json()["articles"][0]["image"]
    assert image["url"] == "http://127.0.0.1:80/images/c0ffee.webp"


@pytest.mark.parametrize("name", ["nothing", "a1b2c3x", "%00", "<script>", "😀", "x" * 500])
def test_an_unknown_article_is_a_problem_404(site: ArticleSite, name: str) -> None:
    answer = site.get(f"/api/v1/articles/{name}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["detail"] == "No article has this id."
    assert answer.headers["Cache-Control"] == SHORT.cache_control()


def test_an_article_of_a_portal_that_is_configured_no_more_is_unknown(tmp_path: Path) -> None:
    site = ArticleSite(tmp_path, sources=ArticleSite.sources[1:]).hear_all()
    assert site.get("/api/v1/articles/a1b2c3").status_code == 404
    assert "a1b2c3" not in ids(site.json("/api/v1/articles"))


def test_where_no_source_is_configured_the_list_is_empty(tmp_path: Path) -> None:
    answer = ArticleSite(tmp_path, sources=()).json("/api/v1/articles")
    assert answer == {"articles": [], "next_cursor": None, "total": 0, "sources": []}


def test_only_the_sources_asked_for_are_told_of_in_the_order_asked(site: ArticleSite) -> None:
    answer = site.json("/api/v1/articles?source=bao,xa")
    assert ids(answer) == ["d4", "u5", "g6", "h7"]
    assert [source["id"] for source in answer["sources"]] == ["bao", "xa"]


@pytest.mark.parametrize("query", ["khai mac", "KHAI MẠC", "Lễ hội", "le%20hoi%20sang"])
def test_search_ignores_diacritics_and_case(site: ArticleSite, query: str) -> None:
    assert ids(site.json(f"/api/v1/articles?q={query}")) == ["a1b2c3"]


@pytest.mark.parametrize("category", ["Văn hóa", "van-hoa", "Lễ hội %26 chợ", "LE HOI CHO"])
def test_a_category_is_meant_whole_however_it_is_spelled(site: ArticleSite, category: str) -> None:
    assert ids(site.json(f"/api/v1/articles?category={category}")) == ["a1b2c3"]
    assert ids(site.json(f"/api/v1/articles?category={category}&q=tuyết")) == []
    assert ids(site.json(f"/api/v1/articles?category={category}&source=xa")) == []
    assert ids(site.json("/api/v1/articles?category=van")) == []


def test_a_search_that_finds_nothing_is_an_empty_list(site: ArticleSite) -> None:
    assert ids(site.json("/api/v1/articles?q=tuyết")) == []


def test_paging_neither_skips_nor_repeats_while_articles_arrive(site: ArticleSite) -> None:
    site.repository.articles = [an_article(number) for number in range(50)]
    read: list[str] = []
    cursor = ""
    for turn in range(20):
        answer = site.json(f"/api/v1/articles?limit=7&cursor={cursor}")
        read += ids(answer)
        site.repository.save([an_article(1000 + turn, NOW + turn * MINUTE)])
        if answer["next_cursor"] is None:
            break
        cursor = answer["next_cursor"].replace("+", "%2B")
    assert read == [f"n{number:04}" for number in reversed(range(50))]


@pytest.mark.parametrize(
    ("period", "found"),
    [
        ("after=2020-03-06", [WHOLE, OF_A_DAY]),  # a day begins at midnight where the readers are
        ("after=2020-03-06T00:00:01%2B07:00", [WHOLE]),
        ("after=2020-03-06T00:00:01+07:00", [WHOLE]),
        ("before=2020-03-06", [OF_GREENWICH, HOSTILE]),
        ("before=2020-03-05T17:00:01Z", [OF_A_DAY, OF_GREENWICH, HOSTILE]),
        ("after=2020-03-03T20:15Z&before=2020-03-03T20:15:00.001Z", [OF_GREENWICH]),
        ("after=2020-03-03T20:15Z&before=2020-03-03T20:15Z", []),
        ("after=2020-03-07T01:00:00Z", [WHOLE]),
        ("after=2020-03-08&source=tinh", []),
        ("after=0002-01-01", [WHOLE, OF_A_DAY, OF_GREENWICH, HOSTILE]),
        ("before=9999-12-31T23:59:59Z", [WHOLE, OF_A_DAY, OF_GREENWICH, HOSTILE]),
        ("after=0001-01-01&before=9999-12-31T23:59:59-14:00", [WHOLE, OF_A_DAY, OF_GREENWICH, HOSTILE]),
        ("after=2020-03-07t01:00:00.000000000z", [WHOLE]),
        ("after=2020-03-01&source=xa", [OF_A_DAY]),
    ],
)
def test_articles_of_a_period_are_told_and_counted(
    site: ArticleSite, period: str, found: list[Article]
) -> None:
    answer = site.json(f"/api/v1/articles?{period}")
    assert ids(answer) == [article.id for article in found]
    assert answer["total"] == len(found)


@pytest.mark.parametrize(
    "moment",
    ["2020", "2020-13-01", "yesterday", "2020-03-07T25:00", "2020-3-7", "1583542800", "\uff12020-01-01"],
)
def test_what_is_no_moment_is_refused(site: ArticleSite, moment: str) -> None:
    answer = site.get(f"/api/v1/articles?after={moment}&before={moment}")
    assert answer.status_code == 400
    told = "Must be a day or a time, such as 2026-11-22 or 2026-11-22T10:00:00+07:00."
    assert answer.get_json()["errors"] == {"after": [told], "before": [told]}


def test_the_next_page_is_linked_with_everything_that_was_asked(site: ArticleSite) -> None:
    path, read = "/api/v1/articles?limit=2&source=xa,bao&q=&before=2020-03-07&lang=en", []
    for _ in range(10):
        answer = site.get(path)
        read += ids(answer.get_json())
        assert answer.get_json()["total"] == 3
        if "Link" not in answer.headers:
            break
        url, _, relation = answer.headers["Link"].partition(">; ")
        assert relation == 'rel="next"'
        assert url.startswith(f"<{PUBLIC_URL}/api/v1/articles?source=xa%2Cbao&")
        path = url.removeprefix(f"<{PUBLIC_URL}")
    assert read == [OF_A_DAY.id, OF_GREENWICH.id, HOSTILE.id]


VIETNAMESE = Formatter("vi")


@pytest.mark.parametrize("cause", Cause)
def test_the_error_of_a_source_is_its_cause_in_the_language_asked_for(
    site: ArticleSite, cause: Cause
) -> None:
    site.hear("xa", NOW, cause)
    for language in LANGUAGES:
        (told,) = site.json(f"/api/v1/articles?source=xa&lang={language}")["sources"]
        assert told["error"] == Formatter(language).cause(cause)


def test_each_source_tells_how_it_stands_with_it(site: ArticleSite) -> None:
    site.hear("xa", NOW - 3 * HOUR, Cause.UNREADABLE)
    site.hear("bao", None, Cause.GONE)
    assert site.json("/api/v1/articles")["sources"] == [
        {"id": "tinh", "state": "fresh", "fetched_at": "2020-03-08T03:18:00Z", "error": None},
        {
            "id": "xa",
            "state": "stale",
            "fetched_at": "2020-03-08T00:20:00Z",
            "error": VIETNAMESE.cause(Cause.UNREADABLE),
        },
        {"id": "bao", "state": "unavailable", "fetched_at": None, "error": VIETNAMESE.cause(Cause.GONE)},
    ]


def test_a_source_that_fails_keeps_its_articles(site: ArticleSite) -> None:
    site.hear("xa", NOW - 30 * HOUR, Cause.FORBIDDEN)
    assert [article.id for article in (OF_A_DAY, UNDATED)] == ids(site.json("/api/v1/articles?source=xa"))


def test_an_article_taken_down_is_gone(site: ArticleSite) -> None:
    assert site.get("/api/v1/articles/a1b2c3").status_code == 200
    site.repository.take_down(["a1b2c3"])
    assert site.get("/api/v1/articles/a1b2c3").status_code == 404
    assert "a1b2c3" not in site.get("/api/v1/articles").text


def test_what_was_read_once_is_still_told_while_the_repository_fails(site: ArticleSite) -> None:
    before = site.json("/api/v1/articles")
    site.repository.broken = True
    assert site.json("/api/v1/articles") == before


def test_any_page_may_read_it_and_it_may_do_nothing(site: ArticleSite) -> None:
    answer = site.get("/api/v1/articles")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert answer.content_type == "application/json"


def test_hostile_text_is_told_as_text(site: ArticleSite) -> None:
    told = site.json("/api/v1/articles/h7")
    assert (told["title"], told["lead"]) == (HOSTILE.title, HOSTILE.lead)


@pytest.mark.parametrize("path", ["/api/v1/articles", "/api/v1/articles/a1b2c3", "/feeds/articles.json"])
def test_sample_data_is_marked(tmp_path: Path, path: str) -> None:
    demo = ArticleSite(tmp_path / "demo", demo=True).hear_all()
    real = ArticleSite(tmp_path / "real").hear_all()
    assert demo.json(path)["sample"] is True
    assert "sample" not in real.json(path)


def test_failures_are_marked_as_of_a_sample_site_too(tmp_path: Path) -> None:
    demo = ArticleSite(tmp_path, demo=True).hear_all()
    for path in ("/api/v1/articles/none", "/api/v1/articles?limit=0"):
        assert json.loads(demo.get(path).data)["sample"] is True


def test_the_languages_of_articles_are_their_own(site: ArticleSite) -> None:
    assert site.json(f"/api/v1/articles/{OF_GREENWICH.id}?lang=vi")["language"] == "en"


@pytest.mark.parametrize(
    "path", ["/api/v1/articles", "/api/v1/articles/a1b2c3", "/feeds/articles.rss", "/feeds/articles.json"]
)
def test_a_repository_that_fails_at_first_is_no_empty_list_and_no_gone_article(
    site: ArticleSite, path: str
) -> None:
    site.repository.broken = True
    answer = site.get(path)
    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Retry-After"] == "30"


def test_a_correction_is_the_last_modification_of_an_article(site: ArticleSite) -> None:
    corrected = NOW - 5 * MINUTE
    site.repository.save([replace(WHOLE, title="Tin đã sửa", changed_at=corrected)])
    answer = site.get("/api/v1/articles/a1b2c3")
    assert answer.last_modified == corrected.replace(microsecond=0)


def test_the_source_of_a_sample_has_no_address_for_its_port_changes(tmp_path: Path) -> None:
    site = Site.in_folder(tmp_path, demo="1")
    SqliteArticleRepository(site.store).save([replace(WHOLE, source="cong-mau")])
    (told,) = site.json("/api/v1/articles")["articles"]
    assert told["source"] == {"id": "cong-mau", "name": "Cổng thông tin mẫu", "url": None}
    assert "127.0.0.1/demo" not in site.get("/feeds/articles.json").text
    feed = ET.fromstring(site.get("/feeds/articles.rss").data)
    assert feed.find("channel/item/title") is not None
    assert feed.find("channel/item/source") is None


def test_a_source_is_narrowed_in_lists_by_id_and_in_feeds_and_back_again(tmp_path: Path) -> None:
    narrowed = (replace(TINH, include=("chợ phiên",)), replace(XA, exclude=("tiếp công dân",)), BAO)
    site = ArticleSite(tmp_path, sources=narrowed).hear_all()
    assert ids(site.json("/api/v1/articles")) == ["a1b2c3", "u5", "g6", "h7"]
    assert [item["id"].rpartition("/")[2] for item in site.json("/feeds/articles.json")["items"]] == [
        "a1b2c3", "u5", "g6", "h7",
    ]  # fmt: skip
    for path in ("/api/v1/articles/d4", "/articles/d4", "/go/d4"):
        assert site.get(path).status_code == 404
    site = ArticleSite(tmp_path, sources=(replace(TINH, exclude=("chợ phiên",)), XA, BAO)).hear_all()
    assert ids(site.json("/api/v1/articles")) == ["d4", "u5", "g6", "h7"]
    assert site.get("/api/v1/articles/d4").status_code == 200

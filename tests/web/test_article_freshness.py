from datetime import timedelta
from pathlib import Path

import pytest
from article_samples import (
    HOUR,
    MINUTE,
    NOW,
    ArticleSite,
)
from web_site import directives, max_age


@pytest.fixture
def site(tmp_path: Path) -> ArticleSite:
    """Every source was heard two minutes ago; the goal is a quarter of an hour."""
    return ArticleSite(tmp_path).hear_all()


def test_an_answer_may_be_kept_until_the_next_refresh(site: ArticleSite) -> None:
    answer = site.get("/api/v1/articles?source=tinh")
    assert directives(answer) == {
        "public": -1,
        "max-age": 13 * 60,
        "stale-while-revalidate": 60,
        "stale-if-error": 3 * 3600,
    }
    assert answer.headers["Last-Modified"] == "Sun, 08 Mar 2020 03:18:00 GMT"


def test_the_source_that_is_asked_first_decides_how_long(site: ArticleSite) -> None:
    site.hear("xa", NOW - 10 * MINUTE)
    assert max_age(site.get("/api/v1/articles")) == 5 * 60
    assert max_age(site.get("/api/v1/articles?source=tinh,bao")) == 13 * 60


@pytest.mark.parametrize("silent", [15 * MINUTE, 20 * MINUTE, 5 * HOUR])
def test_while_news_are_overdue_it_is_a_minute(site: ArticleSite, silent: timedelta) -> None:
    site.hear("tinh", NOW - silent)
    assert max_age(site.get("/api/v1/articles?source=tinh")) == 60


def test_no_answer_is_kept_past_a_change_of_state(site: ArticleSite) -> None:
    site.hear("tinh", NOW - 3 * HOUR + timedelta(seconds=7))
    assert max_age(site.get("/api/v1/articles?source=tinh")) == 7


def test_a_clock_set_back_keeps_no_answer_longer_than_a_refresh(site: ArticleSite) -> None:
    site.hear("tinh", NOW + 9 * HOUR)
    assert max_age(site.get("/api/v1/articles?source=tinh")) == 15 * 60


def test_a_source_never_heard_of_among_others_makes_it_a_minute(site: ArticleSite) -> None:
    site.hear("bao", None)
    assert max_age(site.get("/api/v1/articles")) == 60


@pytest.mark.parametrize("path", ["/api/v1/articles", "/feeds/articles.rss", "/feeds/articles.atom"])
def test_before_the_first_answer_of_any_source_nothing_is_kept(tmp_path: Path, path: str) -> None:
    answer = ArticleSite(tmp_path).get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Retry-After"] == "30"


def test_one_article_is_kept_as_long_as_its_source_rests(site: ArticleSite) -> None:
    answer = site.get("/api/v1/articles/a1b2c3")
    assert max_age(answer) == 13 * 60
    assert answer.headers["Last-Modified"] == "Sat, 07 Mar 2020 01:04:00 GMT"


@pytest.mark.parametrize("path", ["/api/v1/articles", "/api/v1/articles/a1b2c3"])
def test_whoever_has_it_already_gets_304(site: ArticleSite, path: str) -> None:
    first = site.get(path)
    again = site.get(path, {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_head_has_the_headers_of_the_get(site: ArticleSite) -> None:
    head = site.client.head("/api/v1/articles")
    assert head.data == b""
    assert head.headers["ETag"] == site.get("/api/v1/articles").headers["ETag"]

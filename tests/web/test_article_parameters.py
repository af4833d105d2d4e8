from typing import Any

import pytest
from article_samples import ArticleSite
from hypothesis import given, settings
from hypothesis import strategies as st
from web_site import LANGUAGES
from werkzeug.datastructures import MultiDict

from service.web.cache_policy import SHORT
from service.web.parameters import Parameters, Query, SourceIds, Text, WholeNumber, language

SOURCES = ("tinh", "xa", "bao")
FEED = Parameters(
    source=SourceIds(SOURCES),
    q=Text(),
    category=Text(),
    limit=WholeNumber(1, 100, 20),
    lang=language(LANGUAGES),
)
LIST = Parameters(**FEED.fields, cursor=Text(None))


def read(parameters: Parameters, written: dict[str, str]) -> Query:
    return parameters.read(MultiDict(written))


@pytest.fixture
def site(tmp_path: Any) -> ArticleSite:
    return ArticleSite(tmp_path).hear_all()


def errors(site: ArticleSite, path: str) -> Any:
    answer = site.get(path)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == SHORT.cache_control()
    return answer.get_json()["errors"]


def test_without_parameters_the_defaults_hold() -> None:
    usual = {"source": [], "q": "", "category": "", "limit": 20, "lang": "vi"}
    assert read(FEED, {}).values == usual
    assert read(LIST, {}).values == usual | {"cursor": None}


def test_sources_are_a_list_with_commas_each_once_in_the_order_asked() -> None:
    assert read(FEED, {"source": "bao,tinh,bao"})["source"] == ["bao", "tinh"]


def test_one_written_without_a_value_counts_as_not_written() -> None:
    assert read(LIST, {"source": "", "limit": "", "cursor": ""})["source"] == []


@pytest.mark.parametrize("path", ["/api/v1/articles", "/feeds/articles.rss", "/feeds/articles.json"])
@pytest.mark.parametrize("source", ["nowhere", "tinh,nowhere", "tinh,", ",", "TINH", "tinh%00", "tinh xa"])
def test_an_unknown_source_is_refused_and_the_known_are_listed(
    site: ArticleSite, path: str, source: str
) -> None:
    assert errors(site, f"{path}?source={source}") == {"source": ["Must be one of: tinh, xa, bao."]}


@pytest.mark.parametrize("path", ["/api/v1/articles", "/feeds/articles.atom"])
@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "ten", "1_0", "%EF%BC%91", "9" * 5000])
def test_a_limit_out_of_its_range_is_refused_with_the_range(site: ArticleSite, path: str, limit: str) -> None:
    told = errors(site, f"{path}?limit={limit}")
    assert told == {"limit": ["Must be a whole number from 1 to 100."]}


def test_an_unknown_language_is_refused_with_the_known(site: ArticleSite) -> None:
    assert errors(site, "/feeds/articles.rss?lang=fr") == {
        "lang": [f"Must be one of: {', '.join(LANGUAGES)}."]
    }


def test_all_faults_are_told_at_once(site: ArticleSite) -> None:
    assert set(errors(site, "/api/v1/articles?source=x&limit=x&lang=x")) == {"source", "limit", "lang"}


@pytest.mark.parametrize("cursor", ["x", "%00", "1", "../..", "9" * 4000, "%F0%9F%98%80"])
def test_a_cursor_that_is_none_of_ours_is_refused(site: ArticleSite, cursor: str) -> None:
    told = errors(site, f"/api/v1/articles?cursor={cursor}")
    assert told == {"cursor": ["Must be the next_cursor of an earlier answer."]}


@pytest.mark.parametrize("path", ["/api/v1/articles", "/feeds/articles.rss", "/feeds/articles.json"])
def test_an_unknown_parameter_is_ignored(site: ArticleSite, path: str) -> None:
    assert site.get(f"{path}?utm_source=x&theme=plaid").data == site.get(path).data


def test_a_cursor_means_nothing_to_a_feed(site: ArticleSite) -> None:
    assert site.get("/feeds/articles.rss?cursor=x").status_code == 200


def test_where_no_source_is_configured_that_is_what_is_told(tmp_path: Any) -> None:
    told = errors(ArticleSite(tmp_path, sources=()), "/api/v1/articles?source=tinh")
    assert told == {"source": ["Must be one of: (no source is configured)."]}


@given(
    st.dictionaries(
        st.sampled_from(["source", "limit", "lang", "q", "category", "cursor", "x"]),
        st.text(max_size=12),
        max_size=6,
    )
)
@settings(deadline=None, max_examples=80)
def test_whatever_is_written_is_read_or_refused_by_name(written: dict[str, str]) -> None:
    query = read(LIST, written)
    refused = {fault.name for fault in query.faults}
    assert refused <= {"source", "limit", "lang"} & written.keys()
    assert set(query["source"]) <= set(SOURCES)
    assert 1 <= query["limit"] <= 100
    assert query["lang"] in LANGUAGES

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from stored_articles import repository_in
from unrecorded import unrecorded

from service.articles.collect.dedupe import (
    Candidate,
    NewArticles,
    article_id,
    content_hash_of,
    make_article,
)
from service.articles.model import Article, ImageCandidate, ParsedEntry, Published
from service.articles.store.sqlite import SqliteArticleRepository
from service.core.secrets import NO_SECRETS
from service.settings.model import ArticleSource

NOW = datetime(2020, 3, 8, 3, 0, tzinfo=UTC)
VIETNAM = timezone(timedelta(hours=7))
TITLE = "Khánh thành cầu mới qua sông Hiếu"
SOURCE = ArticleSource("tinh", "Cổng tỉnh", "https://a.example/rss")
OTHER = ArticleSource("bao", "Báo", "https://b.example/rss")
ENTRY = ParsedEntry(
    key="1009",
    title="Lễ hội",
    url="https://a.example/1",
    published=Published(datetime(2020, 3, 7, 1, 15, tzinfo=UTC)),
    lead="Tối 7/3",
    images=(ImageCandidate("https://a.example/1.jpg", 640, None, "Cầu", "Chú"),),
)


@pytest.fixture
def repository(tmp_path: Path) -> SqliteArticleRepository:
    return repository_in(tmp_path)


def article_of(entry: ParsedEntry, source: ArticleSource = SOURCE, rank: int = 0) -> Article:
    candidate = Candidate(
        article_id(source.id, entry.key), entry, content_hash_of(entry), rank, shares_link=False
    )
    return make_article(
        candidate, entry, source, stored=None, image=None, body_html=None, secrets=NO_SECRETS, now=NOW
    )


def taken_of(repository: SqliteArticleRepository, *entries: ParsedEntry) -> list[str]:
    return [
        candidate.entry.key
        for candidate in NewArticles(SOURCE.id, repository).candidates(entries, unrecorded())
    ]


def test_a_new_and_a_changed_entry_are_taken_and_one_that_is_the_same_is_not(
    repository: SqliteArticleRepository,
) -> None:
    changed = replace(ENTRY, key="2", url="https://a.example/2")
    repository.save([article_of(ENTRY), article_of(changed)])
    new = replace(ENTRY, key="3", url="https://a.example/3", title="Khác")
    assert taken_of(repository, new, replace(changed, lead="Sửa"), ENTRY) == ["3", "2"]


def test_what_was_taken_down_or_dropped_is_not_taken_again(repository: SqliteArticleRepository) -> None:
    dropped = replace(ENTRY, key="2", url="https://a.example/2")
    repository.save([article_of(ENTRY), article_of(dropped)])
    repository.take_down([article_id(SOURCE.id, ENTRY.key)])
    repository.trim(SOURCE.id, 0)
    assert taken_of(repository, ENTRY, dropped) == []


def test_what_another_source_has_is_left_to_it_by_its_link_or_its_title_and_day(
    repository: SqliteArticleRepository,
) -> None:
    titled = replace(ENTRY, key="2", url="https://a.example/2", title=TITLE)
    repository.save([article_of(ENTRY, OTHER), article_of(replace(titled, url="https://b.example/2"), OTHER)])
    assert taken_of(repository, replace(ENTRY, title="Khác"), titled) == []


def test_what_a_source_publishes_again_under_another_key_is_taken_once_the_first_is_no_longer_listed(
    repository: SqliteArticleRepository,
) -> None:
    again = replace(ENTRY, key="1010")
    repository.save([article_of(ENTRY)])
    assert taken_of(repository, again) == ["1010"]
    stored = NewArticles(SOURCE.id, repository).stored_version(
        NewArticles(SOURCE.id, repository).candidates([again], unrecorded())[0], again
    )
    assert stored == article_of(ENTRY)  # which it replaces


def test_a_link_that_several_entries_share_identifies_none_of_them(
    repository: SqliteArticleRepository,
) -> None:
    repository.save([article_of(ENTRY, OTHER)])
    others = [replace(ENTRY, key=key, title=f"Tin {key}") for key in ("2", "3")]
    assert taken_of(repository, *others) == ["2", "3"]


def test_an_article_stands_where_it_was_published_but_never_in_the_future() -> None:
    assert article_of(ENTRY, rank=3).sort_key == datetime(2020, 3, 7, 1, 15, 0, 3, tzinfo=UTC)
    ahead = replace(ENTRY, published=Published(NOW + timedelta(hours=1)))
    assert article_of(ahead).sort_key == NOW
    assert article_of(replace(ENTRY, published=None)).sort_key == NOW


def test_a_day_without_a_time_counts_as_its_last_second_and_today_as_now() -> None:
    day = Published(datetime(2020, 3, 7, tzinfo=VIETNAM), date_only=True)
    assert article_of(replace(ENTRY, published=day)).sort_key == datetime(
        2020, 3, 7, 23, 59, 59, tzinfo=VIETNAM
    )
    today = Published(datetime(2020, 3, 8, tzinfo=VIETNAM), date_only=True)
    assert article_of(replace(ENTRY, published=today)).sort_key == NOW


def test_a_hash_that_was_stored_by_an_earlier_version_is_still_that_of_the_same_entry() -> None:
    assert content_hash_of(ENTRY) == "42c36c7d061cb6e2"


def test_another_image_is_another_hash() -> None:
    assert content_hash_of(replace(ENTRY, images=())) != content_hash_of(ENTRY)

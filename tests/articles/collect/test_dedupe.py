from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from stored_articles import repository_in
from unrecorded import unrecorded

from service.articles.collect.assemble import (
    Candidate,
    article_id,
    content_digest,
    content_hash_of,
    make_article,
)
from service.articles.collect.dedupe import Comparison, NewArticles
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
        id=article_id(source.id, entry.key),
        key="",
        entry=entry,
        content_hash=content_hash_of(entry),
        rank=rank,
        shares_link=False,
    )
    return make_article(
        candidate, entry, source, stored=None, image=None, body_html=None, secrets=NO_SECRETS, now=NOW
    )


class Turns:
    """A source whose listing is read again and again, and the articles that come of it."""

    def __init__(self, repository: SqliteArticleRepository) -> None:
        self.repository, self.listed = repository, None
        self.new = NewArticles(SOURCE.id, repository, NO_SECRETS)

    def compare(self, *entries: ParsedEntry, keep: int = 50) -> Comparison:
        stored = self.repository.page(sources=[SOURCE.id]).articles
        compared = self.new.compare(entries, self.listed, stored, keep=keep, decisions=unrecorded(), now=NOW)
        self.listed = compared.listed
        self.repository.save(compared.moved)
        return compared

    def read(self, *entries: ParsedEntry) -> list[str]:
        """Read a listing, save its candidates, and return their keys."""
        candidates = self.compare(*entries).candidates
        for one in candidates:
            stored = self.new.stored_version(one, one.entry)
            if stored is None or stored.source == SOURCE.id:
                article = make_article(
                    one,
                    one.entry,
                    SOURCE,
                    stored=stored,
                    image=None,
                    body_html=None,
                    secrets=NO_SECRETS,
                    now=NOW,
                )
                self.repository.save([article])
        return [candidate.entry.key for candidate in candidates]

    def ids(self) -> set[str]:
        return {article.id for article in self.repository.page(sources=[SOURCE.id]).articles}


@pytest.fixture
def turns(repository: SqliteArticleRepository) -> Turns:
    return Turns(repository)


def test_a_new_and_a_changed_entry_are_taken_and_one_that_is_the_same_is_not(turns: Turns) -> None:
    changed = replace(ENTRY, key="2", url="https://a.example/2")
    turns.repository.save([article_of(ENTRY), article_of(changed)])
    new = replace(ENTRY, key="3", url="https://a.example/3", title="Khác")
    assert turns.read(new, replace(changed, lead="Sửa"), ENTRY) == ["3", "2"]


def test_what_was_taken_down_or_dropped_is_not_taken_again(turns: Turns) -> None:
    dropped = replace(ENTRY, key="2", url="https://a.example/2")
    turns.repository.save([article_of(ENTRY), article_of(dropped)])
    turns.repository.take_down([article_id(SOURCE.id, ENTRY.key)])
    turns.repository.trim(SOURCE.id, 0)
    assert turns.read(ENTRY, dropped) == []


def test_what_another_source_has_is_left_to_it_by_its_link_or_its_title_and_day(turns: Turns) -> None:
    titled = replace(ENTRY, key="2", url="https://a.example/2", title=TITLE)
    turns.repository.save([article_of(ENTRY, OTHER)])
    turns.repository.save([article_of(replace(titled, url="https://b.example/2"), OTHER)])
    for _ in range(2):
        assert turns.read(replace(ENTRY, title="Khác"), titled) == []


def test_of_two_with_one_title_in_a_listing_another_sources_article_is_one(turns: Turns) -> None:
    one, two, three = (
        replace(ENTRY, key=key, title=TITLE, url=f"https://a.example/{key}") for key in ("1", "2", "3")
    )
    theirs = article_of(replace(one, url="https://b.example/1"), OTHER)
    turns.repository.save([theirs])
    assert turns.read(one, two) == ["2"]
    assert turns.read(three, one, two) == ["3"]
    assert turns.read(three, two, one) == []  # and stays that one
    turns.repository.take_down([theirs.id])
    assert turns.read(three, two, one) == ["1"]


def test_what_a_source_publishes_again_under_another_key_is_the_same_article(turns: Turns) -> None:
    turns.read(ENTRY)
    ids = turns.ids()
    assert turns.read(replace(ENTRY, key="1010")) == []  # its content is the same
    assert turns.read(replace(ENTRY, key="1011", url="https://a.example/moi")) == ["1011"]
    (article,) = turns.repository.page().articles
    assert {article.id} == ids == turns.ids()
    assert article.url == "https://a.example/moi"


def test_an_identifier_that_is_another_each_time_is_none(turns: Turns) -> None:
    entries = [replace(ENTRY, key=key, url=f"https://a.example/{key}", title=f"Tin {key}") for key in "abc"]
    turns.read(*entries)
    ids = turns.ids()
    for number in range(5):
        assert turns.read(*(replace(one, key=f"{one.key}{number}") for one in entries)) == []
        assert turns.ids() == ids


def test_a_session_that_is_another_each_time_changes_nothing(turns: Turns) -> None:
    def listed(session: str) -> list[ParsedEntry]:
        urls = [f"https://a.example/tin-{n}.html;jsessionid={session}" for n in range(3)]
        return [replace(ENTRY, key=url, url=url, title=f"Tin {url[20:25]}") for url in urls]

    assert len(turns.read(*listed("S1"))) == 3
    stored = turns.repository.page().articles
    for session in ("S2", "S3"):
        assert turns.read(*listed(session)) == []
    assert turns.repository.page().articles == stored
    assert {one.url for one in stored} == {f"https://a.example/tin-{n}.html" for n in range(3)}


def test_a_token_that_is_another_each_time_is_followed_and_changes_nothing_else(turns: Turns) -> None:
    def listed(token: str) -> list[ParsedEntry]:
        urls = [f"https://a.example/tin?id={n}&t={token}{n}" for n in range(3)]
        return [replace(ENTRY, key=url, url=url, title=f"Tin {n}") for n, url in enumerate(urls)]

    assert len(turns.read(*listed("a"))) == 3
    before = {one.id: one for one in turns.repository.page().articles}
    for token in ("b", "c"):
        assert turns.read(*listed(token)) == []
        after = {one.id: one for one in turns.repository.page().articles}
        assert {one.url for one in after.values()} == {one.url for one in listed(token)}
        assert {i: (one.changed_at, one.title) for i, one in after.items()} == {
            i: (one.changed_at, one.title) for i, one in before.items()
        }


def test_a_site_that_moves_to_https_keeps_its_articles_under_new_links(turns: Turns) -> None:
    turns.read(replace(ENTRY, url="http://www.a.example/1"))
    stored = turns.repository.page().articles
    assert turns.read(ENTRY) == []
    (article,) = turns.repository.page().articles
    assert (article.id, article.url) == (stored[0].id, "https://a.example/1")
    assert article.changed_at == stored[0].changed_at


def test_repetitions_that_an_earlier_version_made_of_sessions_are_dropped(turns: Turns) -> None:
    def told(session: str) -> ParsedEntry:
        url = f"https://a.example/tin.html;jsessionid={session}"
        return replace(ENTRY, key=f"a.example/tin.html;jsessionid={session}", url=url, published=None)

    former = [
        replace(
            article_of(told(name)),
            id=name,
            url=told(name).url,
            canonical_url=told(name).key,
            first_seen=NOW + timedelta(minutes=n),
        )
        for n, name in enumerate(("s1", "s2", "s3"))
    ]
    turns.repository.save(former)
    compared = turns.compare(replace(told("s9"), key="a.example/tin.html"))
    assert [one.id for one in compared.candidates] == ["s1"]
    assert set(compared.repeated) == {"s2", "s3"}


def test_a_link_that_several_entries_share_identifies_none_of_them(turns: Turns) -> None:
    turns.repository.save([article_of(ENTRY, OTHER)])
    others = [replace(ENTRY, key=key, title=f"Tin {key}") for key in ("2", "3")]
    assert turns.read(*others) == ["2", "3"]


def test_an_identifier_that_several_entries_share_identifies_none_of_them(turns: Turns) -> None:
    same = [replace(ENTRY, title=f"Tin {n}", url="https://a.example/") for n in range(3)]
    turns.read(*same)
    assert len(turns.ids()) == 3
    assert turns.read(*same[1:]) == []
    assert turns.read(*same, same[0]) == []


def test_one_that_takes_its_former_identifier_back_while_its_successor_stands_is_another(
    turns: Turns,
) -> None:
    turns.read(ENTRY)
    renewed = replace(ENTRY, key="new", url="https://a.example/new")
    turns.read(renewed)
    turns.read(replace(ENTRY, title="Hoàn toàn khác"), renewed)
    assert len(turns.ids()) == 2


def test_of_more_than_are_kept_the_newest_by_their_dates_are_taken_first(turns: Turns) -> None:
    listed = [
        replace(
            ENTRY,
            key=str(day),
            url=f"https://a.example/{day}",
            title=f"Tin {day}",
            published=Published(datetime(2020, 3, day, tzinfo=UTC)),
        )
        for day in (1, 7, 3, 5, 2)
    ]
    assert [one.entry.key for one in turns.compare(*listed, keep=3).candidates] == ["7", "5", "3"]


def test_what_left_a_listing_is_told_with_what_fell_off_its_end_last(turns: Turns) -> None:
    entries = [replace(ENTRY, key=key, url=f"https://a.example/{key}", title=f"Tin {key}") for key in "abcd"]
    turns.read(*entries)
    new = replace(ENTRY, key="e", url="https://a.example/e", title="Tin e")
    left = turns.compare(new, entries[0], entries[2]).left
    assert left == [article_id(SOURCE.id, "b"), article_id(SOURCE.id, "d")]


def test_an_article_stands_where_it_was_published_but_never_in_the_future() -> None:
    assert article_of(ENTRY, rank=3).sort_key == datetime(2020, 3, 7, 1, 15, 0, 3, tzinfo=UTC)
    ahead = replace(ENTRY, published=Published(NOW + timedelta(hours=1)))
    assert article_of(ahead).sort_key == NOW
    assert article_of(replace(ENTRY, published=None)).sort_key == NOW
    assert article_of(replace(ENTRY, published=None), rank=3).sort_key == NOW + timedelta(microseconds=3)


def test_a_day_without_a_time_counts_as_its_last_second_and_today_as_now() -> None:
    day = Published(datetime(2020, 3, 7, tzinfo=VIETNAM), date_only=True)
    assert article_of(replace(ENTRY, published=day)).sort_key == datetime(
        2020, 3, 7, 23, 59, 59, tzinfo=VIETNAM
    )
    today = Published(datetime(2020, 3, 8, tzinfo=VIETNAM), date_only=True)
    assert article_of(replace(ENTRY, published=today)).sort_key == NOW


def test_a_hash_that_was_stored_by_an_earlier_version_is_still_that_of_the_same_entry() -> None:
    assert content_hash_of(ENTRY) == "42c36c7d061cb6e2"


def test_another_image_is_another_hash_but_another_session_is_not() -> None:
    assert content_hash_of(replace(ENTRY, images=())) != content_hash_of(ENTRY)
    hashes = {
        content_hash_of(
            replace(
                ENTRY,
                key=f"https://a.example/1;jsessionid={session}",
                url=f"https://a.example/1?PHPSESSID={session}",
                images=(ImageCandidate(f"https://a.example/(S({session}))/1.jpg"),),
                body_html=f'<a href="/2;jsessionid={session}?a=1">x</a><a href="/3?sid={session}">y</a>',
            )
        )
        for session in ("a1", "b2")
    }
    assert len(hashes) == 1


def test_the_digest_of_what_an_entry_says_has_neither_its_identifier_nor_its_link() -> None:
    assert content_digest(ENTRY) == content_digest(replace(ENTRY, key="2", url="https://a.example/2"))
    assert content_digest(ENTRY) != content_digest(replace(ENTRY, lead="Sửa"))

"""How SQLite goes about a list: always along an index, never by sorting, whatever is asked."""

from pathlib import Path

import pytest
from stored_articles import article, repository_in

from service.articles.model import Article
from service.articles.store.records import article_from_bytes
from service.articles.store.search import list_statement
from service.articles.store.sqlite import SqliteArticleRepository
from service.storage.store import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    many = [article(f"a{n}", source=f"s{n % 50}", minutes=n, title=f"Bản tin {n}") for n in range(300)]
    repository_in(tmp_path).save(many)
    return SqliteStore(tmp_path / "store.sqlite3")


def plan(store: SqliteStore, statement: str, *values: object) -> list[str]:
    with store.reading() as connection:
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]


@pytest.mark.parametrize("sources", [[], ["s1"], ["s1", "s2"], [f"s{n}" for n in range(50)]])
@pytest.mark.parametrize("query", ["", "ban tin", "t"])
def test_no_list_is_sorted_and_none_is_read_from_end_to_end(
    store: SqliteStore, sources: list[str], query: str
) -> None:
    asked = list_statement(sources, query, 2**62)
    assert asked is not None
    steps = plan(store, asked[0], *asked[1])
    assert not [step for step in steps if "TEMP B-TREE" in step]
    scans = [step for step in steps if step.startswith("SCAN")]
    assert all("article_search VIRTUAL TABLE INDEX" in step and "M" in step.split(":")[1] for step in scans)
    assert any("place" in step or "rowid" in step or "PRIMARY KEY" in step for step in steps)


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("identity = ? AND identity <> ''", "articles_by_identity"),
        ("headline = ? AND headline <> ''", "articles_by_headline"),
        ("id = ?", "sqlite_autoindex_articles_1"),
    ],
)
def test_one_article_is_found_through_an_index(store: SqliteStore, condition: str, index: str) -> None:
    assert index in plan(store, f"SELECT record FROM articles WHERE {condition}", "a")[0]


@pytest.mark.parametrize("sources", [[], ["s1"], [f"s{n}" for n in range(50)]])
def test_a_page_reads_no_more_records_than_it_shows_and_one(
    store: SqliteStore, sources: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []

    def watched(record: bytes) -> Article | None:
        read.append(record)
        return article_from_bytes(record)

    monkeypatch.setattr("service.articles.store.sqlite.article_from_bytes", watched)
    page = SqliteArticleRepository(store).page(sources=sources, limit=5)
    assert len(page.articles) == 5
    assert len(read) == 6

"""The repository in the store's file: write numbers, old files, damage, threads, processes."""

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from stored_articles import article, illustrated, repository_in

from service.articles.store import sqlite
from service.articles.store.sqlite import SqliteArticleRepository
from service.core.errors import StoreError
from service.storage.store import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "store.sqlite3")


@pytest.fixture
def repository(store: SqliteStore) -> SqliteArticleRepository:
    return SqliteArticleRepository(store)


def raw(store: SqliteStore, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
        return connection.execute(statement, values).fetchall()


def test_a_write_names_the_articles_and_the_lists_that_it_changed(
    store: SqliteStore, repository: SqliteArticleRepository
) -> None:
    store.write({"current/hue": b"warm"})
    before = store.last_write()
    repository.save([article("a", source="x"), article("b", source="y")])
    assert store.last_write() == before + 1
    assert store.written_since(before) == ["article/a", "article/b", "articles/x", "articles/y"]


def test_an_article_that_went_over_to_another_source_changes_both_lists(
    store: SqliteStore, repository: SqliteArticleRepository
) -> None:
    repository.save([article("a", source="x")])
    before = store.last_write()
    repository.save([article("a", source="y")])
    assert store.written_since(before) == ["article/a", "articles/x", "articles/y"]


def test_putting_what_is_there_already_is_no_write(
    store: SqliteStore, repository: SqliteArticleRepository
) -> None:
    repository.save([article("a"), article("b")])
    before = store.last_write()
    repository.save([article("a"), article("b")])
    repository.save([])
    assert store.last_write() == before


def test_only_what_changed_of_a_batch_is_written(
    store: SqliteStore, repository: SqliteArticleRepository
) -> None:
    repository.save([article("a"), article("b", source="x")])
    before = store.last_write()
    repository.save([article("a"), article("b", source="x", title="Sửa lại")])
    assert store.written_since(before) == ["article/b", "articles/x"]


def test_taking_down_and_trimming_are_writes_that_name_what_went(
    store: SqliteStore, repository: SqliteArticleRepository
) -> None:
    repository.save([article(name, minutes=-n) for n, name in enumerate("abc")])
    before = store.last_write()
    repository.take_down(["a"])
    assert store.written_since(before) == ["article/a", "articles/tinh"]
    before = store.last_write()
    repository.trim("tinh", 1)
    assert store.written_since(before) == ["article/c", "articles/tinh"]


def test_what_removes_nothing_is_no_write(store: SqliteStore, repository: SqliteArticleRepository) -> None:
    repository.save([article("a")])
    before = store.last_write()
    repository.trim("tinh", 1)
    repository.trim("nobody", 0)
    repository.take_down(["never-seen"])
    repository.take_down([])
    repository.save([article("never-seen")])
    repository.save_image("aa", b"picture")
    assert store.last_write() == before


def test_the_notes_of_articles_are_no_records(
    store: SqliteStore, repository: SqliteArticleRepository
) -> None:
    repository.save([article("a")])
    assert store.keys("article") == []
    assert store.read(["article/a", "articles/tinh"]) == {}


def test_records_and_articles_keep_out_of_each_others_way(
    store: SqliteStore, repository: SqliteArticleRepository
) -> None:
    store.write({"current/hue": b"warm", "source/tinh": b"state"})
    repository.save([article("a")])
    store.delete(["current/hue"])
    assert repository.get(["a"]) == [article("a")]
    assert store.read(["source/tinh", "current/hue"]) == {"source/tinh": b"state"}


def test_a_file_from_before_the_repository_gets_its_tables_and_loses_nothing(store: SqliteStore) -> None:
    store.write({"current/hue": b"warm"})
    store.close()
    repository = SqliteArticleRepository(SqliteStore(store.path))
    assert repository.page().articles == ()
    repository.save([article("a")])
    assert repository.get(["a"]) == [article("a")]
    assert store.read(["current/hue"]) == {"current/hue": b"warm"}


def test_articles_outlive_the_process_that_put_them(tmp_path: Path) -> None:
    repository_in(tmp_path).save([article("a")])
    assert repository_in(tmp_path).get(["a"]) == [article("a")]


def test_a_batch_of_which_one_cannot_be_kept_is_not_kept_at_all(
    store: SqliteStore, repository: SqliteArticleRepository
) -> None:
    before = store.last_write()
    with pytest.raises(UnicodeEncodeError):
        repository.save([article("half \ud800"), article("b")])
    assert repository.page().articles == ()
    assert store.last_write() == before
    repository.save([article("b")])
    assert [one.id for one in repository.page().articles] == ["b"]


@pytest.mark.parametrize("column", ["record", "checksum"])
def test_a_damaged_article_is_as_if_it_were_not_there_until_it_comes_again(
    store: SqliteStore, repository: SqliteArticleRepository, column: str
) -> None:
    repository.save([article(name, minutes=-n) for n, name in enumerate("abc")])
    [(blob,)] = raw(store, f"SELECT {column} FROM articles WHERE id = 'b'")
    assert isinstance(blob, bytes)
    raw(store, f"UPDATE articles SET {column} = ? WHERE id = 'b'", blob[:-1] + bytes([blob[-1] ^ 1]))
    assert [one.id for one in repository.page(limit=2).articles] == ["a", "c"]
    assert repository.page(limit=2).cursor is None
    assert repository.get(["b"]) == []
    assert repository.seen(["a", "b"]) == {"a"}
    assert repository.find_duplicates("", article("b").title, article("b").published) == []
    repository.save([article("b", minutes=-1)])
    assert [one.id for one in repository.page().articles] == ["a", "b", "c"]


def test_a_record_that_lies_under_another_article_is_not_taken_for_it(
    store: SqliteStore, repository: SqliteArticleRepository
) -> None:
    repository.save([article("a"), article("b")])
    raw(
        store,
        "UPDATE articles SET (record, checksum) = (SELECT record, checksum FROM articles WHERE id = 'a')"
        " WHERE id = 'b'",
    )
    assert repository.get(["a", "b"]) == [article("a")]


def test_a_search_index_that_turns_out_damaged_is_made_anew(
    store: SqliteStore, repository: SqliteArticleRepository
) -> None:
    repository.save([article(f"a{n}", minutes=n, title=f"Bản tin {n}") for n in range(50)])
    raw(store, "UPDATE article_search_data SET block = x'ffffffffffff' WHERE id > 10")
    store.close()
    with pytest.raises(StoreError):
        repository.page(query="ban tin")
    assert len(repository.page(query="ban tin", limit=50).articles) == 50
    repository.save([article("b", title="Bản tin mới")])
    assert len(repository.page(query="ban tin", limit=100).articles) == 51


def test_a_file_that_is_set_aside_leaves_an_empty_repository_that_works(
    store: SqliteStore, repository: SqliteArticleRepository
) -> None:
    repository.save([article("a")])
    store.close()
    store.path.write_bytes(b"not a database" * 100)
    for suffix in ("-wal", "-shm"):
        store.path.with_name(store.path.name + suffix).unlink(missing_ok=True)
    with pytest.raises(StoreError):
        repository.page()
    assert store.set_aside_if_damaged() is not None
    assert repository.page().articles == ()
    repository.save([article("b")])
    assert [one.id for one in repository.page().articles] == ["b"]


def test_a_store_that_cannot_be_used_is_said_to_be_so_by_every_method(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite3").mkdir()
    repository = repository_in(tmp_path)
    calls = [
        lambda: repository.save([article("a")]),
        lambda: repository.get(["a"]),
        repository.page,
        lambda: repository.page(query="tin", sources=["x"]),
        lambda: repository.find_duplicates("a", "", None),
        lambda: repository.seen(["a"]),
        lambda: repository.take_down(["a"]),
        lambda: repository.trim("x", 1),
        lambda: repository.save_image("aa", b""),
        lambda: repository.image("aa"),
    ]
    for call in calls:
        with pytest.raises(StoreError):
            call()


def test_sources_that_are_taken_in_side_by_side_lose_nothing(repository: SqliteArticleRepository) -> None:
    def take_in(source: str) -> None:
        for n in range(15):
            repository.save_image(f"{source}{n}", source.encode())
            repository.save(
                [article(f"{source}{n}", source=source, minutes=n, image=illustrated(f"{source}{n}"))]
            )
            repository.trim(source, 10)

    threads = [threading.Thread(target=take_in, args=(source,)) for source in "uvxy"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for source in "uvxy":
        kept = [one.id for one in repository.page(sources=[source]).articles]
        assert kept == [f"{source}{n}" for n in range(14, 4, -1)]
        assert all(repository.image(name) == source.encode() for name in kept)
        assert repository.image(f"{source}0") is None


def test_readers_of_one_moment_make_the_tables_together(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "store.sqlite3").write({"current/hue": b"warm"})
    failures: list[BaseException] = []
    start = threading.Barrier(8)

    def read() -> None:
        repository = repository_in(tmp_path)
        start.wait()
        try:
            repository.page()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_child_reads_and_writes_what_its_parent_opened(repository: SqliteArticleRepository) -> None:
    repository.save([article("a")])
    if (child := os.fork()) == 0:
        ok = False
        try:
            repository.save([article("b", minutes=1)])
            ok = [one.id for one in repository.page().articles] == ["b", "a"]
        finally:
            os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [one.id for one in repository.page().articles] == ["b", "a"]


def test_long_gone_articles_leave_nothing_behind(
    store: SqliteStore, repository: SqliteArticleRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_MAX_DROPPED", 5)
    for n in range(30):
        repository.save([article(f"a{n}", minutes=n)])
        repository.trim("tinh", 1)
    assert raw(store, "SELECT count(*) FROM sightings")[0][0] in range(5, 8)
    assert raw(store, "SELECT count(*) FROM records WHERE key LIKE 'article/%'")[0][0] in range(5, 8)
    assert repository.seen(["a28", "a0"]) == {"a28"}


def test_what_was_taken_down_stays_known_however_many_came_after(
    repository: SqliteArticleRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_MAX_DROPPED", 2)
    repository.save([article("down")])
    repository.take_down(["down"])
    for n in range(20):
        repository.save([article(f"a{n}", minutes=n)])
        repository.trim("tinh", 1)
    repository.save([article("down")])
    assert repository.get(["down"]) == []
    assert repository.seen(["down"]) == {"down"}

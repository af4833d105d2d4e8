"""Pictures on the repository: they go with the last article that shows them, and never weigh too much."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from stored_articles import article, illustrated, repository_in

from service.articles.store import images
from service.articles.store.sqlite import SqliteArticleRepository
from service.storage.store import SqliteStore


@pytest.fixture
def repository(tmp_path: Path) -> SqliteArticleRepository:
    return repository_in(tmp_path)


def put(
    repository: SqliteArticleRepository, name: str, *hashes: str, minutes: int = 0, body: bytes = b"webp"
) -> None:
    """An article with pictures, in the collector's order: pictures first."""
    for one in hashes:
        repository.save_image(one, body)
    repository.save([article(name, minutes=minutes, image=illustrated(*hashes))])


def test_a_picture_is_given_back_as_it_was_put(repository: SqliteArticleRepository) -> None:
    repository.save_image("aa", b"\0webp\xff")
    repository.save_image("aa", b"\0webp\xff")
    assert repository.image("aa") == b"\0webp\xff"
    assert repository.image("bb") is None


def test_a_damaged_picture_is_as_if_it_were_not_there(
    repository: SqliteArticleRepository, tmp_path: Path
) -> None:
    repository.save_image("aa", b"webp")
    with closing(sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)) as raw:
        raw.execute("UPDATE pictures SET body = x'00010203'")
    assert repository.image("aa") is None
    repository.save_image("aa", b"webp")
    assert repository.image("aa") == b"webp"


def test_pictures_go_with_the_last_article_that_shows_them(repository: SqliteArticleRepository) -> None:
    put(repository, "a", "own-a", "shared", minutes=1)
    put(repository, "b", "own-b", "shared", minutes=2)
    repository.take_down(["a"])
    assert repository.image("own-a") is None
    assert repository.image("shared") == repository.image("own-b") == b"webp"
    repository.trim("tinh", 0)
    assert repository.image("shared") is repository.image("own-b") is None


def test_a_new_picture_of_an_article_replaces_its_old_one(repository: SqliteArticleRepository) -> None:
    put(repository, "a", "old", "same")
    put(repository, "a", "new", "same")
    assert repository.image("old") is None
    assert repository.image("new") == repository.image("same") == b"webp"


def test_a_correction_of_the_words_leaves_the_picture(repository: SqliteArticleRepository) -> None:
    put(repository, "a", "aa")
    repository.save([article("a", title="Sửa lại", image=illustrated("aa"))])
    assert repository.image("aa") == b"webp"


def test_a_picture_inside_the_text_counts_as_shown(
    repository: SqliteArticleRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "_MAX_PENDING", 0)
    name = "0123456789abcdef0123456789abcdef"
    repository.save_image(name, b"webp")
    repository.save([article("a", body_html=f'<p><img src="https://x.vn/images/{name}.webp" alt=""></p>')])
    repository.trim("tinh", 5)
    assert repository.image(name) == b"webp"
    repository.trim("tinh", 0)
    assert repository.image(name) is None


def test_trimming_one_source_leaves_the_pictures_that_another_is_just_about_to_show(
    repository: SqliteArticleRepository,
) -> None:
    repository.save_image("coming", b"webp")
    put(repository, "a", "aa")
    repository.trim("tinh", 0)
    assert repository.image("coming") == b"webp"


def test_pictures_whose_article_never_came_are_dropped_in_the_end(
    repository: SqliteArticleRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "_MAX_PENDING", 3)
    repository.save_image("abandoned", b"webp")
    for n in range(3):
        put(repository, f"a{n}", f"p{n}")
    repository.trim("tinh", 10)
    assert repository.image("abandoned") is None
    assert all(repository.image(f"p{n}") == b"webp" for n in range(3))


def test_when_pictures_weigh_too_much_the_oldest_articles_lose_theirs(tmp_path: Path) -> None:
    repository = repository_in(tmp_path, max_image_bytes=250)
    store = SqliteStore(tmp_path / "store.sqlite3")
    for n in range(4):
        put(repository, f"a{n}", f"p{n}", minutes=n, body=bytes(100))
    assert [one.image is not None for one in repository.page().articles] == [True, True, False, False]
    assert [repository.image(f"p{n}") is not None for n in range(4)] == [False, False, True, True]
    before = store.last_write()
    put(repository, "a4", "p4", minutes=4, body=bytes(100))
    assert store.written_since(before) == ["article/a2", "article/a4", "articles/tinh"]
    before = store.last_write()
    repository.trim("tinh", 10)
    assert store.last_write() == before


def test_the_room_is_kept_to_with_every_article_and_not_only_when_a_turn_ends(tmp_path: Path) -> None:
    repository = repository_in(tmp_path, max_image_bytes=250)
    for n in range(6):
        put(repository, f"a{n}", f"p{n}", minutes=n, body=bytes(100))
        assert sum(repository.image(f"p{m}") is not None for m in range(6)) <= 2
    assert [one.image is not None for one in repository.page().articles][:2] == [True, True]


def test_a_shared_picture_goes_only_when_all_who_show_it_have_lost_theirs(tmp_path: Path) -> None:
    repository = repository_in(tmp_path, max_image_bytes=250)
    put(repository, "a0", "shared", minutes=0, body=bytes(100))
    put(repository, "a1", "p1", minutes=1, body=bytes(100))
    put(repository, "a2", "shared", minutes=2, body=bytes(100))
    put(repository, "a3", "p3", minutes=3, body=bytes(100))
    repository.trim("tinh", 10)
    assert [one.image is not None for one in repository.page().articles] == [True, True, False, False]
    assert repository.image("shared") is not None
    assert repository.image("p1") is None

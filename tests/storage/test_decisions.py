"""The last decision about each subject is in the store's file, within the bounds, whatever is written."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.decisions import Decision
from service.storage.decisions import MAX_AGE, MAX_BYTES, MAX_PER_GROUP, SqliteDecisions
from service.storage.store import SqliteStore

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DECISION = Decision(
    "article/tinh",
    "a1b2",
    NOW,
    "merged",
    "with c3d4 of bao",
    "Khai mạc lễ hội",
    "tinh.vn/bai-1",
    NOW + timedelta(minutes=15),
)


@pytest.fixture
def decisions(tmp_path: Path) -> SqliteDecisions:
    return SqliteDecisions(SqliteStore(tmp_path / "store.sqlite3"))


def test_a_decision_is_found_by_its_subject_and_by_its_address(decisions: SqliteDecisions) -> None:
    decisions.record([DECISION, replace(DECISION, subject="other", address="tinh.vn/bai-2")])
    assert decisions.about("a1b2") == [DECISION]
    assert decisions.about("tinh.vn/bai-1") == [DECISION]
    assert decisions.about("tinh.vn/bai") == []
    assert decisions.about("") == []


def test_all_datasets_of_a_place_are_found_by_the_place_alone(decisions: SqliteDecisions) -> None:
    hue = [replace(DECISION, group="weather/x", subject=f"hue/{name}", address="") for name in ("a", "b")]
    decisions.record([*hue, replace(hue[0], subject="hue-2/a"), replace(hue[0], subject="*/a")])
    assert {one.subject for one in decisions.about("hue")} == {"hue/a", "hue/b"}
    assert [one.subject for one in decisions.about("*")] == ["*/a"]


def test_the_last_decision_replaces_the_one_before(decisions: SqliteDecisions) -> None:
    later = replace(DECISION, at=NOW + timedelta(minutes=1), outcome="same", detail="", next_at=None)
    decisions.record([DECISION])
    decisions.record([later])
    assert decisions.about("a1b2") == [later]


def test_what_is_older_than_a_week_is_dropped(decisions: SqliteDecisions) -> None:
    old = replace(DECISION, subject="old", at=NOW - MAX_AGE - timedelta(seconds=1))
    decisions.record([old])
    assert decisions.about("old") == [old]
    decisions.record([DECISION])
    assert decisions.about("old") == []


def test_a_source_has_so_many_and_not_one_more(decisions: SqliteDecisions) -> None:
    second = timedelta(seconds=1)
    of_another = replace(DECISION, group="article/bao", subject="b", at=NOW - second)
    decisions.record([of_another])
    many = [replace(DECISION, subject=f"{n}", at=NOW + n * second) for n in range(MAX_PER_GROUP + 2)]
    decisions.record(many)
    assert decisions.about("0") == decisions.about("1") == []
    assert decisions.about("2") == [many[2]]
    assert decisions.about("b") == [of_another]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200), st.text(max_size=400), st.text(max_size=400))
def test_a_decision_takes_so_many_bytes_at_most(
    tmp_path_factory: pytest.TempPathFactory, detail: str, title: str, address: str
) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in (detail, title, address)]
    store = SqliteStore(tmp_path_factory.mktemp("store") / "store.sqlite3")
    decisions = SqliteDecisions(store)
    decisions.record([Decision("article/tinh", "a1b2c3d4e5f60718", NOW, "unreadable", *texts)])
    with store.reading() as connection:
        (row,) = connection.execute("SELECT owner, subject, address, text FROM decisions").fetchall()
    assert sum(len(part.encode()) for part in row) <= MAX_BYTES
    assert decisions.about("a1b2c3d4e5f60718")[0].outcome == "unreadable"
    store.close()


def test_a_file_of_the_version_before_gets_the_table(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    store = SqliteStore(path)
    store.write({"current/hue": b"kept"})
    store.close()
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TABLE decisions")
        raw.execute("PRAGMA user_version = 2")
    raw.close()
    SqliteDecisions(store).record([DECISION])
    assert SqliteDecisions(store).about("a1b2") == [DECISION]
    assert store.read(["current/hue"]) == {"current/hue": b"kept"}

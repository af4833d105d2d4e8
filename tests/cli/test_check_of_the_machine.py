"""What `check` says of store, disk and clock, and of the dates of a source."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.articles.model import ParsedEntry, Published
from service.articles.sources.registry import parser_for
from service.check import check_clock, check_store, dates_remark
from service.settings.model import ArticleSource
from service.storage.store import SqliteStore

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_the_store_is_named_with_its_size_and_room_and_nothing_is_made(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "not" / "there" / "store.sqlite3")
    result = check_store(store)
    assert result.ok
    assert result.message.startswith(f"ok: {store.path}, not there yet; ")
    assert result.message.endswith(" GB free")
    assert list(tmp_path.iterdir()) == []


def test_a_store_in_use_is_counted(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    store.write({"a": b"1", "b": b"2"})
    result = check_store(store)
    assert (result.ok, result.items) == (True, 2)


def test_a_damaged_store_and_one_that_cannot_be_made_are_failures(tmp_path: Path) -> None:
    damaged = tmp_path / "store.sqlite3"
    damaged.write_bytes(b"SQLite format 3\0" + os.urandom(5_000))
    result = check_store(SqliteStore(damaged))
    assert not result.ok
    assert result.message.startswith(f"{damaged}: ")
    (tmp_path / "file").touch()
    assert not check_store(SqliteStore(tmp_path / "file" / "store.sqlite3")).ok


@pytest.mark.parametrize(
    ("minutes", "is_right", "told"),
    [
        ([], True, "not compared"),
        ([0], True, "ok: within 1 s of host0's"),
        ([0, 0, 90], True, "ok: within 1 s"),
        ([12, 12, 0], False, "it is 12 min ahead of"),
        ([-180], False, "it is 180 min behind host0's; set it"),
    ],
)
def test_our_clock_is_compared_with_the_middle_one_of_the_upstreams(
    minutes: list[int], is_right: bool, told: str
) -> None:
    result = check_clock({f"host{number}": MINUTE * one for number, one in enumerate(minutes)})
    assert result.ok is is_right
    assert result.message.startswith(told)


def listing(dates: list[datetime | None]) -> list[ParsedEntry]:
    return [
        ParsedEntry(key=str(number), title="Tin", published=Published(at) if at else None)
        for number, at in enumerate(dates)
    ]


@pytest.mark.parametrize(
    ("dates", "kind", "told"),
    [
        ([None] * 6, "feed", "none of the 6 articles has a date that can be read"),
        ([None] * 6, "page", ""),
        ([NOW] * 6, "feed", "all 6 articles have the same date, 2026-11-22 03:00 UTC"),
        ([NOW] * 6, "page", "all 6 articles have the same date"),
        ([NOW] * 5 + [None], "feed", ""),
        ([NOW - MINUTE * n for n in range(6)], "feed", ""),
        ([None, None], "feed", ""),
    ],
)
def test_dates_that_cannot_be_right_are_told(dates: list[datetime | None], kind: str, told: str) -> None:
    parser = parser_for(ArticleSource("a", "A", "https://a.vn/", kind=kind))
    remark = dates_remark(parser, listing(dates))
    assert (told in remark) if told else (remark == "")

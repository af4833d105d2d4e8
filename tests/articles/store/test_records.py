"""Articles and states of sources as bytes."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_articles import MORNING, article, repository_in

from service.articles.model import Article, ArticleImage, Published, SourceState, StoredImage
from service.articles.store.records import (
    article_from_bytes,
    article_to_bytes,
    state_from_bytes,
    state_to_bytes,
)
from service.core.errors import Cause
from service.storage.store import SqliteStore, checksum

_ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=_ZONES)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_MAYBE_TEXT = st.none() | _TEXT
_ARTICLES = st.builds(
    Article,
    id=_TEXT,
    source=_TEXT,
    title=_TEXT,
    url=_MAYBE_TEXT,
    published=st.none() | st.builds(Published, _INSTANTS, st.booleans()),
    first_seen=_INSTANTS,
    changed_at=_INSTANTS,
    sort_key=_INSTANTS,
    lead=_TEXT,
    whole_lead=_TEXT,
    author=_MAYBE_TEXT,
    organisation=_MAYBE_TEXT,
    language=_TEXT,
    image=st.none()
    | st.builds(
        ArticleImage,
        st.lists(st.builds(StoredImage, _TEXT, st.integers(1, 960), st.integers(1, 4800)), min_size=1).map(
            tuple
        ),
        _TEXT,
        _TEXT,
        _TEXT,
    ),
    body_html=_MAYBE_TEXT,
    canonical_url=_TEXT,
    content_hash=_TEXT,
)


@settings(deadline=None, max_examples=80)
@given(_ARTICLES)
def test_every_article_reads_back_as_it_was(one: Article) -> None:
    assert article_from_bytes(article_to_bytes(one)) == one


def test_a_date_keeps_the_offset_it_was_written_with() -> None:
    written = datetime(2020, 3, 7, 0, 0, tzinfo=timezone(timedelta(hours=7)))
    kept = article_from_bytes(article_to_bytes(article("a", published=Published(written, date_only=True))))
    assert kept is not None
    assert kept.published is not None
    assert (kept.published.at.isoformat(), kept.published.date_only) == ("2020-03-07T00:00:00+07:00", True)


def test_no_text_and_an_empty_text_are_two_things() -> None:
    texts = [article_from_bytes(article_to_bytes(article("a", body_html=body))) for body in (None, "")]
    assert [one and one.body_html for one in texts] == [None, ""]


def test_half_a_letter_costs_that_letter_only() -> None:
    kept = article_from_bytes(
        article_to_bytes(article("a", title="Cầu \ud800 mới", body_html="<p>\udc00</p>"))
    )
    assert kept is not None
    assert (kept.title, kept.body_html) == ("Cầu ? mới", "<p>?</p>")


def test_a_state_reads_back_as_it_was() -> None:
    full = SourceState(
        MORNING, Cause.BROKEN, 3, MORNING, {"if-none-match": 'W/"a"'}, 7, MORNING, 1, Cause.GONE, ("a",), "5f"
    )
    assert state_from_bytes(state_to_bytes(full)) == full
    assert state_from_bytes(state_to_bytes(SourceState())) == SourceState()


def test_a_sentence_that_an_earlier_version_kept_is_a_failure_of_unknown_cause() -> None:
    fields = json.loads(state_to_bytes(SourceState(MORNING, failures=1)))
    del fields["cause"]
    state = state_from_bytes(json.dumps(fields | {"trouble": "It answered: sig=a1b2c3"}).encode())
    assert state == SourceState(MORNING, Cause.UNKNOWN, 1)
    assert state_from_bytes(json.dumps(fields | {"trouble": None}).encode()) == SourceState(MORNING, None, 1)


def test_a_cause_that_this_version_does_not_know_is_an_unknown_one() -> None:
    record = state_to_bytes(SourceState(MORNING, Cause.GONE)).replace(b'"gone"', b'"moon-phase"')
    state = state_from_bytes(record)
    assert state is not None
    assert state.cause is Cause.UNKNOWN


def test_the_address_that_only_the_collector_knows_reads_back_and_may_be_missing() -> None:
    kept = article("a", fetch_url="https://a.example/1?token=a1b2c3")
    assert article_from_bytes(article_to_bytes(kept)) == kept
    head, _, body = article_to_bytes(kept).partition(b"\n")
    before = {name: value for name, value in json.loads(head).items() if name != "fetch_url"}
    read = article_from_bytes(json.dumps(before).encode() + b"\n" + body)
    assert read is not None
    assert read.fetch_url is None


@pytest.mark.parametrize("read", [article_from_bytes, state_from_bytes])
@pytest.mark.parametrize(
    "record", [None, b"", b"\n", b"[]", b"null", b"\xff\xfe", b"1" * 9999, b"[" * 100_000]
)
def test_what_is_no_record_is_as_if_it_were_not_there(read: object, record: bytes) -> None:
    assert callable(read)
    assert read(record) is None


def test_an_article_takes_from_its_row_what_its_record_lacks(tmp_path: Path) -> None:
    repository = repository_in(tmp_path)
    whole = article("a", title="Cầu gỗ Bến Sắn mở lại", canonical_url="portal.example/a")
    repository.save([whole])
    store = SqliteStore(tmp_path / "store.sqlite3")
    with store.writing() as write:
        head, _, body = article_to_bytes(whole).partition(b"\n")
        fields = {
            name: value for name, value in json.loads(head).items() if name not in {"id", "source", "v"}
        }
        record = json.dumps(fields).encode() + b"\n" + body
        write.connection.execute(
            "UPDATE articles SET record = ?, checksum = ?", (record, checksum("article/a", record))
        )
    assert repository.get(["a"]) == [whole]
    assert repository.page(sources=["tinh"]).articles == (whole,)
    assert repository.page(query="cau go", sources=["tinh"]).articles == (whole,)
    assert repository.find_duplicates("portal.example/a", "", None)[0] == whole

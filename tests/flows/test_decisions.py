"""Every decision about an article, or about a place and a provider, is recorded when it is made."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from local_upstream import LocalUpstream
from press import Press
from weather_upstreams import OM_PATH, PLACES, Clock, a_collector, both, play_open_meteo

from service.core.decisions import Decision, DecisionRecorder
from service.core.errors import StoreError
from service.storage.decisions import SqliteDecisions
from service.storage.store import SqliteStore


class Told:
    """What is recorded about the articles of a press, by title."""

    def __init__(self, press: Press) -> None:
        self.press, self.decisions = press, SqliteDecisions(press.store)
        press.decisions = self.decisions

    def outcomes(self, source: str = "tinh") -> dict[str, str]:
        return {title: one.outcome for title, one in self.all(source).items()}

    def all(self, source: str = "tinh") -> dict[str, Decision]:
        with self.press.store.reading() as connection:
            owner = f"article/{source}"
            rows = connection.execute("SELECT subject FROM decisions WHERE owner = ?", (owner,)).fetchall()
        found = [one for (subject,) in rows for one in self.decisions.about(subject)]
        return {one.title: one for one in found if one.group == owner}


@pytest.fixture
def told(press: Press) -> Told:
    return Told(press)


def test_articles_are_new_then_the_same_then_changed(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told.press.publish("tinh", told.press.item(1, title="Một"), told.press.item(2, title="Hai"))
    collector = told.press.collector()
    collector.run()
    assert told.outcomes() == {"Một": "new", "Hai": "new"}
    told.press.publish(
        "tinh", told.press.item(1, title="Một"), told.press.item(2, title="Hai", whole="<p>x</p>")
    )
    told.press.now += timedelta(hours=2)
    collector.run()
    assert told.outcomes() == {"Một": "same", "Hai": "changed"}
    assert any(record.message == "article/tinh: 1 same" for record in caplog.records)
    assert any(
        record.levelno == logging.DEBUG and record.message.endswith(": same") for record in caplog.records
    )


def test_a_duplicate_names_the_article_that_it_was_merged_with(told: Told) -> None:
    shared = told.press.upstream.url("/bai/1.html")
    told.press.publish("tinh", told.press.item(1, link=shared, title="Tin đã có trước ở đây"))
    told.press.collector().run()
    told.press.publish("bao", told.press.item(7, link=shared, title="Tin đăng lại"))
    told.press.now += timedelta(hours=2)
    told.press.collector().run()
    merged = told.all("bao")["Tin đăng lại"]
    (first,) = told.press.articles()
    assert (merged.outcome, merged.detail) == ("merged", f"with {first.id} of tinh, which had it first")


def test_what_was_taken_down_is_barred(told: Told) -> None:
    told.press.publish("tinh", told.press.item(1, title="Bị gỡ"))
    collector = told.press.collector()
    collector.run()
    told.press.repository.take_down([article.id for article in told.press.articles()])
    told.press.now += timedelta(hours=2)
    collector.run()
    assert told.outcomes() == {"Bị gỡ": "barred"}


def test_what_is_beyond_those_that_are_kept_is_too_old(told: Told) -> None:
    told.press.keep = 1
    told.press.publish("tinh", told.press.item(2, title="Mới"), told.press.item(1, title="Cũ"))
    told.press.collector().run()
    assert told.outcomes() == {"Mới": "new", "Cũ": "too old"}
    assert told.all()["Cũ"].detail == "beyond the newest 1"


def test_what_fails_us_is_unreadable_and_says_when_it_is_tried_again(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.press.publish("tinh", told.press.item(1, title="Hỏng"))

    def broken(_articles: object, **_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(told.press.repository, "save", broken)
    told.press.collector().run()
    decision = told.all()["Hỏng"]
    assert decision.outcome == "unreadable"
    assert decision.detail.endswith("RuntimeError")
    assert decision.next_at is not None
    assert decision.next_at > told.press.now


def test_what_its_source_withdraws_says_by_which_status(told: Told) -> None:
    told.press.publish("tinh", told.press.item(1, title="Rút lại"))
    collector = told.press.collector()
    collector.run()
    (article,) = told.press.articles()
    told.press.upstream.answer("/bai/1.html", 410)
    told.press.now += timedelta(hours=2)
    collector.run()
    (decision,) = told.decisions.about(article.id)
    assert (decision.outcome, decision.detail) == ("withdrawn", "its page answers 410; taken down")
    assert (decision.title, decision.address) == ("Rút lại", article.canonical_url)


def test_a_place_is_stored_or_refused_with_the_reason_and_the_clock_and_when_it_is_asked_again(
    store: SqliteStore, playing: LocalUpstream, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def one_of_yesterday(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if "current" in elements[1]:
            elements[1]["current"]["time"] = "2026-11-20T10:15"
        return elements

    play_open_meteo(playing, clock, one_of_yesterday)
    decisions = SqliteDecisions(store)
    a_collector(store, playing, clock, providers=both(playing)[:1], decisions=decisions).run()
    first, second = (place.id for place in PLACES[:2])
    stored = {one.subject: one for one in decisions.about(first)}[f"{first}/current"]
    refused = {one.subject: one for one in decisions.about(second)}[f"{second}/current"]
    assert stored.outcome == "stored"
    assert stored.next_at is not None
    assert refused.outcome == "refused"
    assert "UTC" in refused.detail
    assert refused.next_at is not None
    assert refused.next_at > clock()
    assert any("refused for" in record.message and "UTC" in record.message for record in caplog.records)


def test_a_provider_that_fails_says_so_of_every_place_it_was_asked_for(
    store: SqliteStore, playing: LocalUpstream, clock: Clock
) -> None:
    playing.answer(OM_PATH, 503)
    decisions = SqliteDecisions(store)
    a_collector(store, playing, clock, providers=both(playing)[:1], decisions=decisions).run()
    (failed,) = decisions.about(PLACES[0].id)
    assert failed.outcome == "failed"
    assert "503" in failed.detail
    assert failed.next_at is not None


def test_the_recorder_keeps_what_a_failing_store_did_not_take() -> None:
    class Failing:
        def __init__(self) -> None:
            self.taken: list[Decision] = []
            self.fails = True

        def record(self, decisions: Sequence[Decision]) -> None:
            if self.fails:
                raise StoreError("full")
            self.taken += decisions

    log = Failing()
    recorder = DecisionRecorder(
        log, "article/x", Clock(), logging.getLogger("x"), lambda text: text.replace("s3", "…")
    )
    recorder.decide("1", "new", "the key is s3")
    with pytest.raises(StoreError):
        recorder.flush()
    recorder.decide("2", "new")
    log.fails = False
    recorder.flush()
    assert [one.subject for one in log.taken] == ["1", "2"]
    assert log.taken[0].detail == "the key is …"

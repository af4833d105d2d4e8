"""What one source does costs that source alone: a real network door, and a clock that is moved by hand."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numbered_source
import pytest
from commands import until
from direct_runner import DirectRunner
from local_upstream import LocalUpstream, Reply
from numbered_source import Crooked, HalfCrooked, NumberedSource, burn, devour, fail

from service.articles.collect.collector import ArticleCollector
from service.articles.model import SourceState
from service.articles.store import records
from service.articles.store.sqlite import SqliteArticleRepository
from service.collector.sandbox import Limits, Runner, Sandbox
from service.core.errors import Cause
from service.http_client.client import ClientLimits, HttpClient
from service.storage.store import SqliteStore

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
REFRESH = timedelta(minutes=15)


class House:
    """Portals, one collector of them, and a clock."""

    def __init__(self, upstream: LocalUpstream, folder: Path) -> None:
        self.upstream, self.now = upstream, START
        self.url = upstream.url("").rstrip("/")
        self.store = SqliteStore(folder / "store.sqlite3")
        self.repository = SqliteArticleRepository(self.store)

    def source(self, name: str, *numbers: int, **more: object) -> NumberedSource:
        self.upstream.answer(f"/{name}", body=" ".join(map(str, numbers)))
        for number in numbers:
            self.upstream.answer(f"/{name}/{number}", body="an article")
        return NumberedSource(name, self.url, **more)  # type: ignore[arg-type] # the dataclass checks nothing

    def collector(self, *sources: NumberedSource, runner: Runner | None = None) -> ArticleCollector:
        rules = ClientLimits(deadline=timedelta(seconds=30), allow_private=["127.0.0.1"])
        return ArticleCollector(
            store=self.store,
            repository=self.repository,
            upstream=HttpClient("tests (ops@example.invalid)", lambda: self.now, rules),
            runner=runner or DirectRunner(),
            parsers=sources,
            refresh=REFRESH,
            keep=50,
            clock=lambda: self.now,
            wait=lambda _: False,
        )

    def drive(self, collector: ArticleCollector, seen: Callable[[], object]) -> None:
        """Let the collector start what is due until this is seen."""

        def step() -> object:
            collector.start_due()
            return seen()

        until(step, seconds=60)

    def titles(self, source: str) -> list[str]:
        return sorted(one.title for one in self.repository.page(sources=[source], limit=100).articles)

    def cause(self, source: str) -> Cause | None:
        state = self.state(source)
        return state.cause if state else None

    def fetched_at(self, source: str) -> datetime | None:
        state = self.state(source)
        return state.fetched_at if state else None

    def state(self, source: str) -> SourceState | None:
        key = records.source_key(source)
        return records.state_from_bytes(self.store.read([key]).get(key))


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """One that gives up soon, and whose process finds the sources of these tests."""
    monkeypatch.setenv("PYTHONPATH", str(Path(numbered_source.__file__).parent), prepend=os.pathsep)
    with Sandbox(Limits(cpu_seconds=1)) as made:
        yield made


@pytest.fixture
def context(upstream: LocalUpstream, tmp_path: Path) -> Iterator[House]:
    made = House(upstream, tmp_path)
    yield made
    made.store.close()


def test_a_page_that_does_not_answer_holds_up_neither_another_source_nor_the_listing_of_its_own(
    context: House,
) -> None:
    slow, quick = context.source("cham", 1, 2, pages=True), context.source("nhanh", 1, pages=True)
    context.upstream.hang("/cham/2")  # the oldest, which comes first
    collector = context.collector(slow, quick)
    context.drive(collector, lambda: context.upstream.requests_for("/cham/2") and context.titles("nhanh"))
    for _ in range(2):
        context.now += 2 * REFRESH
        context.drive(
            collector,
            lambda: context.fetched_at("cham") == context.fetched_at("nhanh") == context.now,
        )
    assert len(context.upstream.requests_for("/cham/2")) == 1
    assert context.titles("cham") == []
    context.upstream.release("/cham/2")
    context.drive(collector, lambda: len(context.titles("cham")) == 2)


def test_a_listing_that_does_not_answer_holds_up_nobody_else(context: House) -> None:
    silent = [context.source(f"im-{number}") for number in range(12)]
    for source in silent:
        context.upstream.hang(f"/{source.id}")
    collector = context.collector(*silent, context.source("nhanh", 1))
    context.drive(collector, lambda: all(context.upstream.requests_for(f"/{source.id}") for source in silent))
    context.drive(collector, lambda: context.titles("nhanh"))
    for source in silent:
        context.upstream.release(f"/{source.id}")


def test_pages_that_are_silent_are_left_for_the_next_listing_after_a_few(context: House) -> None:
    source = context.source("im", *range(10), pages=True)
    for number in range(10):
        context.upstream.close_without_answer(f"/im/{number}")
    collector = context.collector(source)
    collector.run()
    assert sum(len(context.upstream.requests_for(f"/im/{number}")) for number in range(10)) == 3
    for number in range(10):
        context.upstream.answer(f"/im/{number}", body="an article")
    for _ in range(2):
        context.now += 2 * REFRESH
        collector.run()
    assert len(context.titles("im")) == 10


@pytest.mark.parametrize("where", ["misbehave", "misbehave_in_listing"])
def test_a_mistake_in_reading_a_source_costs_that_source_alone(context: House, where: str) -> None:
    bad = context.source("hong", 1, pages=True, **{where: fail})
    collector = context.collector(bad, context.source("lanh", 1, pages=True))
    context.drive(collector, lambda: context.titles("lanh") and context.upstream.requests_for("/hong"))
    context.now += 2 * REFRESH
    context.source("lanh", 1, 2)
    context.drive(collector, lambda: len(context.titles("lanh")) == 2)
    collector.run(forced=True)
    assert context.cause("lanh") is None
    assert where == "misbehave" or context.cause("hong") is Cause.UNREADABLE


def test_any_other_exception_is_the_sources_failure_too_and_ends_no_thread(
    context: House, caplog: pytest.LogCaptureFixture
) -> None:
    context.source("hong", 1)
    collector = context.collector(Crooked("hong", context.url), context.source("lanh", 1))
    context.drive(collector, lambda: context.titles("lanh") and context.cause("hong"))
    assert context.cause("hong") is Cause.UNREADABLE
    assert "source hong: a fault of portal-widgets: KeyError" in caplog.text
    context.source("lanh", 1, 2)
    context.now += 20 * REFRESH
    context.drive(
        collector,
        lambda: len(context.titles("lanh")) == 2 and len(context.upstream.requests_for("/hong")) == 2,
    )


def test_an_exception_over_one_article_costs_that_article_alone(context: House) -> None:
    context.source("hong", 1, 2, 3)
    collector = context.collector(HalfCrooked("hong", context.url, pages=True))
    collector.run()
    assert context.titles("hong") == ["Tin số 1 của hong", "Tin số 3 của hong"]
    assert context.cause("hong") is Cause.UNREADABLE


def test_pages_that_are_gone_do_not_keep_out_what_is_listed_below_them(context: House) -> None:
    numbers = range(30)
    source = context.source("mat", *numbers, pages=True)
    for number in numbers[:25]:
        context.upstream.answer(f"/mat/{number}", status=404)
    collector = context.collector(source)
    for _ in range(2):
        collector.run()
        context.now += 1.5 * REFRESH
    assert context.titles("mat") == [f"Tin số {number} của mat" for number in numbers[25:]]
    context.upstream.answer("/mat/0", body="an article")  # it was listed before it could be read
    context.now += 2 * REFRESH
    collector.run()
    assert "Tin số 0 của mat" in context.titles("mat")


def test_a_store_that_is_lost_while_a_listing_is_under_way_is_filled_again(context: House) -> None:
    source = context.source("tinh", 1, 2)
    context.upstream.answer("/tinh", body="1 2", headers={"etag": '"a"'})
    collector = context.collector(source)
    collector.run()
    context.now += 2 * REFRESH
    context.upstream.hang("/tinh", Reply(304))
    context.drive(collector, lambda: len(context.upstream.requests_for("/tinh")) == 2)
    context.store.path.unlink()
    context.now += timedelta(seconds=10)
    context.drive(collector, lambda: not context.store.keys(records.source_key("")))
    context.upstream.answer("/tinh", body="1 2", headers={"etag": '"a"'})
    context.upstream.release("/tinh")
    context.drive(collector, lambda: len(context.titles("tinh")) == 2)


@pytest.mark.parametrize("misbehave", [burn, devour], ids=["time", "memory"])
def test_a_listing_that_costs_too_much_is_given_up_and_the_source_says_so(
    context: House, sandbox: Sandbox, misbehave: Callable[[], object], caplog: pytest.LogCaptureFixture
) -> None:
    bad = context.source("nang", 1, misbehave_in_listing=misbehave)
    context.collector(bad, context.source("lanh", 1), runner=sandbox).run()
    assert context.cause("nang") is Cause.TOO_COSTLY
    assert "source nang: its listing was given up: it took more than" in caplog.text
    assert (context.cause("lanh"), len(context.titles("lanh"))) == (None, 1)


def test_a_page_that_costs_too_much_costs_its_article_the_page_and_the_source_says_so(
    context: House, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    collector = context.collector(context.source("nang", 1, 2, pages=True, misbehave=burn), runner=sandbox)
    collector.run()
    assert len(context.titles("nang")) == 2
    assert context.cause("nang") is Cause.TOO_COSTLY
    assert "was given up: it took more than 1 s of CPU time" in caplog.text
    context.now += 2 * REFRESH
    collector.run()
    assert context.cause("nang") is None

"""What one source does costs that source alone: a real network door, and a clock that is moved by hand."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numbered_portal
import pytest
from commands import until
from direct_runner import DirectRunner
from local_upstream import LocalUpstream, Reply
from numbered_portal import Crooked, HalfCrooked, Portal, burn, devour, fail

from service.articles.collect.collector import ArticleCollector
from service.articles.collect.source_collector import Subscription
from service.articles.store import records
from service.articles.store.sqlite import SqliteShelf
from service.collector.sandbox import Limits, Runner, Sandbox
from service.core.errors import Cause
from service.http_client.client import Door, Rules
from service.storage import keys
from service.storage.store import SqliteStore

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
REFRESH = timedelta(minutes=15)


class House:
    """Portals, one collector of them, and a clock."""

    def __init__(self, upstream: LocalUpstream, folder: Path) -> None:
        self.upstream, self.now = upstream, START
        self.url = upstream.url("").rstrip("/")
        self.store = SqliteStore(folder / "store.sqlite3")
        self.shelf = SqliteShelf(self.store)

    def portal(self, name: str, *numbers: int, **more: object) -> Portal:
        self.upstream.answer(f"/{name}", body=" ".join(map(str, numbers)))
        for number in numbers:
            self.upstream.answer(f"/{name}/{number}", body="an article")
        return Portal(name, self.url, **more)  # type: ignore[arg-type] # the dataclass checks nothing

    def collector(self, *portals: Portal, runner: Runner | None = None) -> ArticleCollector:
        rules = Rules(deadline=timedelta(seconds=30), allow_private=["127.0.0.1"])
        return ArticleCollector(
            store=self.store,
            shelf=self.shelf,
            upstream=Door("tests (ops@example.invalid)", lambda: self.now, rules),
            runner=runner or DirectRunner(),
            subscriptions=[Subscription(portal, "vi", full_text=False) for portal in portals],
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
        return sorted(one.title for one in self.shelf.page(sources=[source], limit=100).articles)

    def cause(self, source: str) -> Cause | None:
        key = keys.source(source)
        state = records.state_from_bytes(self.store.read([key]).get(key))
        return state.cause if state else None


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """One that gives up soon, and whose process finds the portals of these tests."""
    monkeypatch.setenv("PYTHONPATH", str(Path(numbered_portal.__file__).parent))
    with Sandbox(Limits(cpu_seconds=1)) as made:
        yield made


@pytest.fixture
def house(upstream: LocalUpstream, tmp_path: Path) -> Iterator[House]:
    made = House(upstream, tmp_path)
    yield made
    made.store.close()


def test_a_page_that_does_not_answer_holds_up_neither_another_source_nor_the_listing_of_its_own(
    house: House,
) -> None:
    slow, quick = house.portal("cham", 1, 2, pages=True), house.portal("nhanh", 1, pages=True)
    house.upstream.hang("/cham/2")  # the oldest, which comes first
    collector = house.collector(slow, quick)
    house.drive(collector, lambda: house.upstream.asked("/cham/2") and house.titles("nhanh"))
    for turn in (2, 3):
        house.now += 2 * REFRESH
        house.drive(
            collector,
            lambda turn=turn: (
                len(house.upstream.asked("/cham")) == turn and len(house.upstream.asked("/nhanh")) == turn
            ),
        )
    assert len(house.upstream.asked("/cham/2")) == 1
    assert house.titles("cham") == []
    house.upstream.release("/cham/2")
    house.drive(collector, lambda: len(house.titles("cham")) == 2)


def test_a_listing_that_does_not_answer_holds_up_nobody_else(house: House) -> None:
    silent = [house.portal(f"im-{number}") for number in range(12)]
    for portal in silent:
        house.upstream.hang(f"/{portal.id}")
    collector = house.collector(*silent, house.portal("nhanh", 1))
    house.drive(collector, lambda: all(house.upstream.asked(f"/{portal.id}") for portal in silent))
    house.drive(collector, lambda: house.titles("nhanh"))
    for portal in silent:
        house.upstream.release(f"/{portal.id}")


def test_pages_that_are_silent_are_left_for_the_next_listing_after_a_few(house: House) -> None:
    portal = house.portal("im", *range(10), pages=True)
    for number in range(10):
        house.upstream.close_without_answer(f"/im/{number}")
    collector = house.collector(portal)
    collector.run()
    assert sum(len(house.upstream.asked(f"/im/{number}")) for number in range(10)) == 3
    for number in range(10):
        house.upstream.answer(f"/im/{number}", body="an article")
    for _ in range(2):
        house.now += 2 * REFRESH
        collector.run()
    assert len(house.titles("im")) == 10


@pytest.mark.parametrize("where", ["misbehave", "misbehave_in_listing"])
def test_a_mistake_in_reading_a_source_costs_that_source_alone(house: House, where: str) -> None:
    bad = house.portal("hong", 1, pages=True, **{where: fail})
    collector = house.collector(bad, house.portal("lanh", 1, pages=True))
    house.drive(collector, lambda: house.titles("lanh") and house.upstream.asked("/hong"))
    house.now += 2 * REFRESH
    house.portal("lanh", 1, 2)
    house.drive(collector, lambda: len(house.titles("lanh")) == 2)
    collector.run(forced=True)
    assert house.cause("lanh") is None
    assert where == "misbehave" or house.cause("hong") is Cause.UNREADABLE


def test_any_other_exception_is_the_sources_failure_too_and_ends_no_thread(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.portal("hong", 1)
    collector = house.collector(Crooked("hong", house.url), house.portal("lanh", 1))
    house.drive(collector, lambda: house.titles("lanh") and house.cause("hong"))
    assert house.cause("hong") is Cause.UNREADABLE
    assert "source hong: a fault of portal-widgets: KeyError" in caplog.text
    house.portal("lanh", 1, 2)
    house.now += 20 * REFRESH
    house.drive(collector, lambda: len(house.titles("lanh")) == 2 and len(house.upstream.asked("/hong")) == 2)


def test_an_exception_over_one_article_costs_that_article_alone(house: House) -> None:
    house.portal("hong", 1, 2, 3)
    collector = house.collector(HalfCrooked("hong", house.url, pages=True))
    collector.run()
    assert house.titles("hong") == ["Tin số 1 của hong", "Tin số 3 của hong"]
    assert house.cause("hong") is Cause.UNREADABLE


def test_pages_that_are_gone_do_not_keep_out_what_is_listed_below_them(house: House) -> None:
    numbers = range(30)
    portal = house.portal("mat", *numbers, pages=True)
    for number in numbers[:25]:
        house.upstream.answer(f"/mat/{number}", status=404)
    collector = house.collector(portal)
    for _ in range(2):
        collector.run()
        house.now += 1.5 * REFRESH
    assert house.titles("mat") == [f"Tin số {number} của mat" for number in numbers[25:]]
    house.upstream.answer("/mat/0", body="an article")  # it was listed before it could be read
    house.now += 2 * REFRESH
    collector.run()
    assert "Tin số 0 của mat" in house.titles("mat")


def test_a_store_that_is_lost_while_a_listing_is_under_way_is_filled_again(house: House) -> None:
    portal = house.portal("tinh", 1, 2)
    house.upstream.answer("/tinh", body="1 2", headers={"etag": '"a"'})
    collector = house.collector(portal)
    collector.run()
    house.now += 2 * REFRESH
    house.upstream.hang("/tinh", Reply(304))
    house.drive(collector, lambda: len(house.upstream.asked("/tinh")) == 2)
    house.store.path.unlink()
    house.now += timedelta(seconds=10)
    house.drive(collector, lambda: not house.store.keys(keys.source("")))
    house.upstream.answer("/tinh", body="1 2", headers={"etag": '"a"'})
    house.upstream.release("/tinh")
    house.drive(collector, lambda: len(house.titles("tinh")) == 2)


@pytest.mark.parametrize("misbehave", [burn, devour], ids=["time", "memory"])
def test_a_listing_that_costs_too_much_is_given_up_and_the_source_says_so(
    house: House, sandbox: Sandbox, misbehave: Callable[[], object], caplog: pytest.LogCaptureFixture
) -> None:
    bad = house.portal("nang", 1, misbehave_in_listing=misbehave)
    house.collector(bad, house.portal("lanh", 1), runner=sandbox).run()
    assert house.cause("nang") is Cause.TOO_COSTLY
    assert "source nang: its listing was given up: it took more than" in caplog.text
    assert (house.cause("lanh"), len(house.titles("lanh"))) == (None, 1)


def test_a_page_that_costs_too_much_costs_its_article_the_page_and_the_source_says_so(
    house: House, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    collector = house.collector(house.portal("nang", 1, 2, pages=True, misbehave=burn), runner=sandbox)
    collector.run()
    assert len(house.titles("nang")) == 2
    assert house.cause("nang") is Cause.TOO_COSTLY
    assert "was given up: it took more than 1 s of CPU time" in caplog.text
    house.now += 2 * REFRESH
    collector.run()
    assert house.cause("nang") is None

"""Sources with `include` and `exclude`, from their listings to what readers get."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from press import Press
from web_site import settings_of

from service.articles.service import ArticleService
from service.bootstrap import load_catalogue
from service.storage.decisions import SqliteDecisions
from service.why import Why


@pytest.fixture
def narrowed(press: Press) -> Press:
    """One source that lists a bridge and a market, and shows the bridge."""
    press.decisions = SqliteDecisions(press.store)
    press.sources = [replace(press.feed("tinh"), include=("cầu",))]
    press.publish("tinh", press.item(1, title="Cầu mới"), press.item(2, title="Chợ mới"))
    press.collector().run()
    return press


def shown(press: Press) -> list[str]:
    """The titles that readers get of the press's sources as they are configured now."""
    settings = settings_of(press.store.path.parent).articles
    service = ArticleService(press.repository, press.store, press.sources, settings, lambda: press.now)
    return [article.title for article in service.page(limit=100).articles]


def test_another_configuration_shows_what_is_kept_without_reading_it_again(narrowed: Press) -> None:
    assert shown(narrowed) == ["Cầu mới"]
    before = len(narrowed.upstream.requests)
    narrowed.sources = [narrowed.feed("tinh")]
    assert shown(narrowed) == ["Chợ mới", "Cầu mới"]
    narrowed.sources = [replace(narrowed.feed("tinh"), exclude=("cầu",))]
    assert shown(narrowed) == ["Chợ mới"]
    assert len(narrowed.upstream.requests) == before


def test_why_says_that_an_article_is_kept_and_not_shown(narrowed: Press, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    settings = replace(settings, articles=replace(settings.articles, source=tuple(narrowed.sources)))
    why = Why(settings, load_catalogue(settings), narrowed.store, narrowed.now)
    market, bridge = narrowed.repository.page().articles
    lines, known = why.about(market.id)
    assert known
    assert lines[-1] == ("    kept, but not shown: no pattern of `include` is in title, lead or categories")
    assert not any("not shown" in line for line in why.about(bridge.id)[0])


def publish_bridges(press: Press, source: str, first: int, last: int, what: str = "Cầu") -> None:
    press.publish(source, *(press.item(n, title=f"{what} số {n} ở thôn") for n in range(first, last)))


def test_the_hidden_do_not_drive_out_the_shown(press: Press) -> None:
    press.keep = 2
    press.sources = [replace(press.feed("tinh"), include=("cầu",))]
    for first, what in ((1, "Cầu"), (3, "Chợ"), (5, "Chợ")):
        publish_bridges(press, "tinh", first, first + 2, what)
        press.now += timedelta(hours=1)
        press.collector().run()
    assert shown(press) == ["Cầu số 2 ở thôn", "Cầu số 1 ở thôn"]
    assert len(press.articles()) == 4


def test_what_one_source_hides_another_one_shows(press: Press) -> None:
    press.sources = [replace(press.feed("tinh"), exclude=("cầu",)), press.feed("bao")]
    publish_bridges(press, "tinh", 1, 2)
    publish_bridges(press, "bao", 1, 2)
    press.collector().run()
    press.now += timedelta(hours=1)
    press.collector().run()
    assert shown(press) == ["Cầu số 1 ở thôn"]


def test_an_article_that_was_merged_with_one_now_hidden_comes_by_its_other_source(press: Press) -> None:
    press.sources = [press.feed("tinh"), press.feed("bao")]
    publish_bridges(press, "tinh", 1, 2)
    press.collector().run()
    press.publish("bao", press.item(1, title="Cầu số 1 ở thôn"), etag='"x"')
    press.now += timedelta(hours=1)
    press.collector().run()
    assert {article.source for article in press.articles()} == {"tinh"}
    press.sources[0] = replace(press.sources[0], exclude=("cầu",))
    asked = len(press.upstream.requests_for("/bao.xml"))
    press.collector().run()
    again = press.upstream.requests_for("/bao.xml")[asked:]
    assert [request.headers.get("if-none-match") for request in again] == [None]
    assert shown(press) == ["Cầu số 1 ở thôn"]


def test_an_article_that_comes_back_gives_way_to_its_twin_of_another_source(press: Press) -> None:
    press.sources = [replace(press.feed("tinh"), exclude=("cầu",)), press.feed("bao")]
    publish_bridges(press, "tinh", 1, 2)
    press.collector().run()
    publish_bridges(press, "bao", 1, 2)
    press.now += timedelta(hours=1)
    press.collector().run()
    assert len(press.articles()) == 2
    press.sources[0] = press.feed("tinh")
    press.now += timedelta(hours=1)
    press.collector().run()
    assert shown(press) == ["Cầu số 1 ở thôn"]
    assert [article.source for article in press.articles()] == ["bao"]


def test_the_pages_of_hidden_articles_are_not_asked_whether_they_are_still_there(press: Press) -> None:
    press.sources = [replace(press.feed("tinh"), include=("cầu",))]
    press.publish("tinh", press.item(1, title="Cầu mới"), press.item(2, title="Chợ mới"))
    press.collector().run()
    press.now += timedelta(days=2)
    press.collector().run(forced=True)
    heads = {request.path for request in press.upstream.requests if request.method == "HEAD"}
    assert heads == {"/bai/1.html"}


def test_a_source_that_is_not_narrowed_anew_keeps_its_conditions(press: Press) -> None:
    press.sources = [replace(press.feed("tinh"), include=("cầu",))]
    press.publish("tinh", press.item(1, title="Cầu mới"), etag='"x"')
    press.collector().run()
    press.now += timedelta(hours=1)
    press.collector().run()
    assert press.upstream.requests_for("/tinh.xml")[-1].headers.get("if-none-match") == '"x"'


@pytest.mark.parametrize(
    "record", [b"", b"nonsense", b'{"patterns": [1]}', b'{"patterns": {"tinh": 3, "bao": [[1], "x"]}}']
)
def test_a_damaged_record_of_the_last_patterns_counts_as_none(press: Press, record: bytes) -> None:
    press.store.write({"narrowing": record})
    press.sources = [replace(press.feed("tinh"), include=("cầu",))]
    press.publish("tinh", press.item(1, title="Cầu mới"))
    press.collector().run()
    assert shown(press) == ["Cầu mới"]

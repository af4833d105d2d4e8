"""Sources with `include` and `exclude`, from their listings to what readers get."""

from dataclasses import replace
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

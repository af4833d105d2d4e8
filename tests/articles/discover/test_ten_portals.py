"""`discover` on ten portals: the right source, and what is collected from it."""

from datetime import timedelta
from pathlib import Path

import pytest
from direct_runner import DirectRunner
from discovering import NOW, client, discovered, pasted
from local_upstream import LocalUpstream
from offering_portals import PORTALS, Portal, path_of

from service.articles.collect.collector import ArticleCollector
from service.articles.model import Article
from service.articles.sources.registry import parser_for
from service.articles.store.sqlite import SqliteArticleRepository
from service.settings.model import ArticleSource
from service.storage.store import SqliteStore

pytestmark = pytest.mark.uncounted


def collected(source: ArticleSource, folder: Path) -> list[Article]:
    store = SqliteStore(folder / "store.sqlite3")
    repository = SqliteArticleRepository(store)
    with client() as fetching:
        ArticleCollector(
            store=store,
            repository=repository,
            upstream=fetching,
            runner=DirectRunner(),
            parsers=[parser_for(source)],
            refresh=timedelta(minutes=15),
            keep=50,
            clock=lambda: NOW,
            wait=lambda _: False,
        ).run()
    articles = repository.page(limit=50).articles
    store.close()
    return list(articles)


@pytest.mark.parametrize("start", ["/", "/tin-tuc"])
@pytest.mark.parametrize("portal", PORTALS, ids=lambda portal: portal.name)
def test_the_right_source_is_found_and_brings_the_articles(
    portal: Portal, start: str, upstream: LocalUpstream, tmp_path: Path
) -> None:
    portal.play(upstream)
    _, lines = discovered(upstream, start)
    source = pasted(lines)
    assert (source.kind, path_of(source.url)) == (portal.kind, portal.path), "\n".join(lines)
    by_title = {article.title: article for article in collected(source, tmp_path)}
    assert by_title.keys() == {truth.title for truth in portal.truths}
    for truth in portal.truths:
        published = by_title[truth.title].published
        assert published is not None
        assert published.at.date() == truth.published.date()
        assert by_title[truth.title].lead

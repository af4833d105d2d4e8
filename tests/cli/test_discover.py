"""`portal-widgets discover` as people call it: what is printed can be pasted, and is then collected."""

import tomllib
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from commands import portal_widgets
from discovering import play
from local_upstream import LocalUpstream

from service.articles.store.sqlite import SqliteArticleRepository
from service.bootstrap import utc_now
from service.storage.store import SqliteStore

TITLES = [f"Tin số {number} của cổng thông tin thành phố" for number in range(6)]
FRONT = (
    '<html lang="vi"><head><title>Trang chủ - Cổng thông tin “Thành phố”</title>'
    '<link rel="alternate" type="application/rss+xml" href="/rss.xml"></head><body>Chào mừng</body></html>'
)
BASE = '[weather]\ncities = []\n[upstream]\nallow_private = ["127.0.0.1"]\n'


def a_feed() -> str:
    items = "".join(
        f"<item><title>{title}</title><link>/bai/{n}.html</link><description>Mở đầu tin {n}.</description>"
        f"<pubDate>{format_datetime(utc_now() - timedelta(days=n + 1))}</pubDate></item>"
        for n, title in enumerate(TITLES)
    )
    return f'<rss version="2.0"><channel><title>Tin</title>{items}</channel></rss>'


@pytest.fixture
def portal(upstream: LocalUpstream) -> LocalUpstream:
    pages = {
        f"/bai/{n}.html": f"<html><body><h1>{title}</h1></body></html>" for n, title in enumerate(TITLES)
    }
    play(upstream, {"/": FRONT, "/rss.xml": a_feed(), **pages})
    return upstream


def test_the_output_ends_a_configuration_whose_articles_are_then_collected(
    portal: LocalUpstream, tmp_path: Path
) -> None:
    found = portal_widgets("discover", portal.url("/"), home=tmp_path)
    assert found.returncode == 0, found.stderr
    config = tmp_path / "config.toml"
    config.write_text(BASE + found.stdout, encoding="utf-8")
    (source,) = tomllib.loads(found.stdout)["articles"]["source"]
    assert source == {
        "id": "127-0-0-1",
        "kind": "feed",
        "name": "Cổng thông tin “Thành phố”",
        "url": portal.url("/rss.xml"),
        "language": "vi",
        "timezone": "Asia/Ho_Chi_Minh",
    }
    for title in TITLES[:5]:
        assert f"  {title}\n" in found.stdout
    assert "author: none; picture: no" in found.stdout
    assert "# Missing: author in 5 of 5, picture in 5 of 5." in found.stdout
    assert 'with [upstream] allow_private = ["127.0.0.1"]' in found.stdout
    collected = portal_widgets("collect", "--once", "--config", str(config), home=tmp_path)
    assert collected.returncode == 0, collected.stderr
    store = SqliteStore(tmp_path / "data" / "portal-widgets" / "store.sqlite3")
    articles = SqliteArticleRepository(store).page().articles
    assert [article.title for article in articles] == TITLES
    assert all(article.published and article.lead for article in articles)
    store.close()


def test_the_id_is_one_that_is_still_free(portal: LocalUpstream, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'{BASE}[[articles.source]]\nid = "127-0-0-1"\nurl = "{portal.url("/x")}"\n')
    found = portal_widgets("discover", portal.url("/"), "--config", str(config), home=tmp_path)
    (source,) = tomllib.loads(found.stdout)["articles"]["source"]
    assert source["id"].startswith("127-0-0-1-")
    assert "allow_private" not in found.stdout


def test_an_address_may_lack_its_scheme(portal: LocalUpstream, tmp_path: Path) -> None:
    found = portal_widgets("discover", portal.url("/").removeprefix("http://"), home=tmp_path)
    assert found.returncode == 0, found.stdout
    assert tomllib.loads(found.stdout)["articles"]["source"][0]["url"] == portal.url("/rss.xml")


@pytest.mark.parametrize("front", ["<html><body><h1>Đang xây dựng</h1></body></html>", ""])
def test_where_nothing_is_found_it_ends_with_1(upstream: LocalUpstream, front: str, tmp_path: Path) -> None:
    play(upstream, {"/": front})
    found = portal_widgets("discover", upstream.url("/"), home=tmp_path)
    assert found.returncode == 1
    assert "# Nothing was found that can be read as articles." in found.stdout
    assert tomllib.loads(found.stdout) == {}
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(
    "address",
    [
        "ftp://portal.example/",
        "file:///etc/passwd",
        "http://",
        "",
        "không phải",
        "https://a:b@portal.example",
    ],
)
def test_what_is_no_address_ends_with_2(address: str, tmp_path: Path) -> None:
    done = portal_widgets("discover", address, home=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_bad_configuration_ends_with_2(portal: LocalUpstream, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[articles]\nkeep = 0\n")
    done = portal_widgets("discover", portal.url("/"), "--config", str(config), home=tmp_path)
    assert (done.returncode, portal.requests) == (2, [])
    assert done.stderr.startswith("articles.keep: ")

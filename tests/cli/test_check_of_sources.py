"""What `portal-widgets check` tells an editor of article sources."""

from pathlib import Path

from commands import portal_widgets
from local_upstream import LocalUpstream

HTML = {"Content-Type": "text/html; charset=utf-8"}
LISTING = "".join(
    f'<div class="news"><a href="/bai/{n}.html">Tin số {n} của cổng thông tin thành phố</a></div>'
    for n in range(1, 5)
)
ARTICLE = (
    "<html><body><h1>Tin số 1 của cổng thông tin thành phố</h1><div class='content'><p>"
    f"{'Nội dung của bài viết nói về thành phố. ' * 8}</p></div></body></html>"
)
WEATHERLESS = '[weather]\ncities = []\n[upstream]\nallow_private = ["127.0.0.1"]\n'


def checked(home: Path, upstream: LocalUpstream, kind: str, **selectors: str) -> tuple[int, str]:
    """The exit code, and the row of a single source."""
    source = {"id": "tinh", "kind": kind, "url": upstream.url("/tin"), **selectors}
    table = "\n".join(f'{key} = "{value}"' for key, value in source.items())
    config = home / "config.toml"
    config.write_text(f"{WEATHERLESS}[[articles.source]]\n{table}\n", encoding="utf-8")
    done = portal_widgets("check", "--config", str(config), home=home)
    return done.returncode, next(line for line in done.stdout.splitlines() if "articles.tinh" in line)


def test_selectors_that_find_nothing_on_the_newest_article_are_named(
    upstream: LocalUpstream, tmp_path: Path
) -> None:
    upstream.answer("/tin", body=LISTING, headers=HTML)
    upstream.answer("/bai/1.html", body=ARTICLE, headers=HTML)
    found = {"title": "h1", "body": ".content"}
    code, row = checked(tmp_path, upstream, "page", **found, date="b.ngay", author=".tac-gia")
    assert code == 0
    assert row.endswith("; on its page nothing is found by date “b.ngay”, author “.tac-gia”")
    assert checked(tmp_path, upstream, "page", **found)[1].endswith("thành phố”")


def test_a_listing_whose_newest_article_cannot_be_read_has_failed(
    upstream: LocalUpstream, tmp_path: Path
) -> None:
    upstream.answer("/tin", body=LISTING, headers=HTML)
    code, row = checked(tmp_path, upstream, "page")
    assert code == 1
    assert "the newest article “Tin số 1 của cổng thông tin thành phố” cannot be read: 127.0.0.1" in row
    assert "answered 404 Not Found for /bai/1.html" in row


def test_a_listing_one_of_whose_articles_can_be_read_names_the_newest_that_cannot(
    upstream: LocalUpstream, tmp_path: Path
) -> None:
    upstream.answer("/tin", body=LISTING, headers=HTML)
    upstream.answer("/bai/1.html", status=503)
    upstream.answer("/bai/2.html", body=ARTICLE.replace("số 1", "số 2"), headers=HTML)
    code, row = checked(tmp_path, upstream, "page")
    assert code == 0
    assert "the article “Tin số 1 của cổng thông tin thành phố” cannot be read: 127.0.0.1 answered 503" in row


def test_a_feed_none_of_whose_articles_can_be_read_has_failed_where_their_pages_are_wanted(
    upstream: LocalUpstream, tmp_path: Path
) -> None:
    items = "".join(
        f"<item><title>Tin {n}</title><link>{upstream.url(f'/bai/{n}.html')}</link></item>"
        for n in range(1, 6)
    )
    upstream.answer("/tin", body=f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>')
    code, row = checked(tmp_path, upstream, "feed")
    assert code == 1
    assert "the newest article “Tin 1” cannot be read" in row
    assert row.endswith("(nor can 2 others)")
    upstream.answer("/bai/2.html", body=ARTICLE, headers=HTML)
    assert checked(tmp_path, upstream, "feed")[0] == 0


def test_a_feed_whose_articles_lack_a_picture_alone_is_in_order_without_their_pages(
    upstream: LocalUpstream, tmp_path: Path
) -> None:
    item = (
        f"<item><title>Tin</title><link>{upstream.url('/bai/1.html')}</link><description>Mở đầu</description>"
        "</item>"
    )
    upstream.answer("/tin", body=f'<rss version="2.0"><channel><title>T</title>{item}</channel></rss>')
    code, row = checked(tmp_path, upstream, "feed")
    assert code == 0
    assert "ok: newest “Tin”; without pictures, for the newest article “Tin” cannot be read" in row


def test_a_feed_where_a_page_is_expected_says_which_kind_it_is(
    upstream: LocalUpstream, tmp_path: Path
) -> None:
    upstream.answer("/tin", body='<?xml version="1.0"?>\n<!-- x -->\n<rss version="2.0"><channel/></rss>')
    code, row = checked(tmp_path, upstream, "page", links=".tin a")
    assert code == 1
    assert row.endswith('This is a feed; read it with kind = "feed".')


def test_five_articles_of_each_source_are_shown_on_demand(upstream: LocalUpstream, tmp_path: Path) -> None:
    upstream.answer("/tin", body=LISTING, headers=HTML)
    for number in range(1, 5):
        page = ARTICLE.replace("số 1", f"số {number}").replace("<div", "<p>20/11/2025</p><div", 1)
        upstream.answer(f"/bai/{number}.html", body=page, headers=HTML)
    config = tmp_path / "config.toml"
    source = '[[articles.source]]\nid = "{}"\nkind = "page"\nurl = "{}"\n{}\n'
    config.write_text(
        WEATHERLESS
        + source.format("tinh", upstream.url("/tin"), 'exclude = ["tin số 2"]')
        + source.format("hong", upstream.url("/nothing"), ""),
        encoding="utf-8",
    )
    done = portal_widgets("check", "--articles", "--config", str(config), home=tmp_path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    shown = lines[lines.index("articles.tinh: the first 4 of 4 articles") + 1 :]
    assert shown[:2] == [
        "  2025-11-20        Tin số 1 của cổng thông tin thành phố",
        "                    author: none; picture: no",
    ]
    assert shown[4].strip() == "not shown: `exclude` has “tin số 2”, which is in title, lead or categories"
    assert shown[9] == "  Missing: author in 4 of 4, picture in 4 of 4."
    failed = lines[lines.index("articles.hong: the first 0 of 0 articles") + 1]
    assert "answered 404 Not Found" in failed
    plain = portal_widgets("check", "--config", str(config), home=tmp_path)
    assert "the first" not in plain.stdout

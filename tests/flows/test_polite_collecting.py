"""How often a portal is asked for what, and what is said of one whose pages cannot be read."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from local_upstream import LocalUpstream, Reply
from press import REFRESH, Press

from service.app import create_app
from service.core.errors import Cause, UpstreamError
from service.core.ports import Request, Response
from service.settings.load import load_tables
from service.settings.model import ArticleSource

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
KEPT, LISTED = 200, 20


class Counting:
    """A portal with a listing of two hundred articles, which counts what it is asked for."""

    def __init__(self, press: Press) -> None:
        self.press, self.newest = press, KEPT
        self.asked: Counter[str] = Counter()
        self.refuses_head = False

    def fetch(self, request: Request) -> Response:
        kind = "listing" if request.url.endswith("/tinh.xml") else "HEAD" if request.head else "GET"
        self.asked[kind] += 1
        self.asked[request.url] += 1
        if kind == "HEAD" and self.refuses_head:
            raise UpstreamError(Cause.REJECTED, "405", status=405)
        body = self.listing() if kind == "listing" else "<html><h1>Tin</h1></html>"
        return Response(200, {"content-type": "application/rss+xml"}, body.encode(), request.url)

    def listing(self) -> str:
        items = "".join(
            f"<item><title>Tin bài số {n} của cổng</title><link>{self.press.upstream.url(f'/{n}')}</link>"
            f"<description>&lt;img src='{self.press.upstream.url('/anh.png')}'&gt;Mở đầu</description>"
            f"<guid>{n}</guid></item>"
            for n in range(self.newest, self.newest - LISTED, -1)
        )
        return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'


@pytest.fixture
def portal(press: Press) -> Counting:
    press.keep = KEPT
    press.sources = [ArticleSource("tinh", "Tỉnh", press.upstream.url("/tinh.xml"))]
    counting = Counting(press)
    press.client = lambda: counting  # type: ignore[method-assign, assignment] # the network of this source
    for counting.newest in range(LISTED, KEPT + 1, LISTED):  # fill what is kept
        press.collector().run()  # reads twenty pages at a time
        press.now += REFRESH * 1.2
    assert len(press.repository.page(sources=["tinh"], limit=300).articles) == KEPT
    return counting


def pass_time(press: Press, length: timedelta) -> None:
    ends, collector = press.now + length, press.collector()
    while press.now < ends:
        press.now = min(max(collector.wake_at(), press.now + timedelta(seconds=0.1)), ends)
        collector.run()


@pytest.mark.uncounted
def test_a_source_of_two_hundred_articles_is_asked_less_than_seven_hundred_times_a_day(
    press: Press, portal: Counting
) -> None:
    pass_time(press, HOUR)
    portal.asked.clear()
    for _ in range(24):  # a portal with a new article every hour
        portal.newest += 1
        pass_time(press, HOUR)
    asked = portal.asked
    assert asked["listing"] >= 86
    assert asked["listing"] + asked["HEAD"] + asked["GET"] < 700
    stored = press.repository.page(sources=["tinh"], limit=300).articles
    links = [one.url or "" for one in stored]
    assert all(asked[link] for link in links)
    # Those that left the listing or the ten newest in this day were asked then too.
    assert Counter(asked[link] for link in links[80:])[1] >= len(links[80:]) - 30


@pytest.mark.uncounted
def test_restarts_and_a_portal_without_head_make_it_no_more(press: Press, portal: Counting) -> None:
    pass_time(press, HOUR)
    portal.asked.clear()
    portal.refuses_head = True
    for _ in range(24):
        pass_time(press, timedelta(minutes=5))  # with another collector each time
    assert portal.asked["HEAD"] == 1
    assert portal.asked["GET"] < (240 + 190) / 24 * 2 + 15


# A source whose pages cannot be read


ARTICLE = (
    "<html><body><article><h1>{title}</h1><p>Nội dung của bài viết nói về thành phố và các phường.</p>"
    f"<p>{'Chữ trong bài. ' * 40}</p></article></body></html>"
)


class Site:
    """A portal with a listing page, whose articles' pages answer or not."""

    def __init__(self, press: Press) -> None:
        self.press, self.upstream = press, press.upstream
        self.names: list[int] = []
        press.sources = [
            ArticleSource("tinh", "Tỉnh", press.upstream.url("/tin"), kind="page", full_text=True)
        ]

    def publish(self, *names: int, status: int = 200) -> None:
        self.names = [*names, *self.names]
        self.answer(*names, status=status)
        cards = "".join(f'<li><a href="/bai/{n}.html">{self.title(n)}</a></li>' for n in self.names)
        self.upstream.answer("/tin", body=f"<html><body><ul>{cards}</ul></body></html>")

    def title(self, number: int) -> str:
        return f"Thông báo tuyển dụng viên chức đợt {number} năm nay"

    def answer(self, *names: int, status: int) -> None:
        for n in names:
            body = ARTICLE.format(title=self.title(n)) if status < 300 else "x"
            self.upstream.answer(f"/bai/{n}.html", status=status, body=body)

    def turn(self, after: timedelta = 2 * REFRESH) -> None:
        self.press.now += after
        self.press.collector().run()

    def status(self) -> tuple[str, bool]:
        """What the JSON says: the state, and whether there is an error."""
        source = {"id": "tinh", "kind": "page", "name": "Tỉnh", "url": self.upstream.url("/tin")}
        settings = load_tables(
            {"articles": {"source": [source]}},
            {"PORTAL_WIDGETS_STORE__URL": f"sqlite://{self.press.store.path}"},
        )
        client = create_app(settings, clock=lambda: self.press.now, background=False).test_client()
        answer = client.get("/api/v1/articles").json
        assert answer is not None
        (source,) = answer["sources"]
        return source["state"], source["error"] is not None


@pytest.fixture
def site(press: Press) -> Site:
    return Site(press)


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_a_source_whose_pages_all_fail_says_so_until_one_can_be_read(site: Site, status: int) -> None:
    site.publish(1, 2, 3, 4, 5, status=status)
    for _ in range(3):
        site.turn()
        assert site.status() == ("stale", True)
    site.answer(1, 2, 3, 4, 5, status=200)
    site.turn(after=DAY)
    assert site.status() == ("fresh", False)
    site.turn()
    assert len(site.press.articles()) == 5
    assert all(article.body_html for article in site.press.articles())


def test_a_source_one_of_whose_pages_fails_says_nothing_of_it(site: Site) -> None:
    site.publish(2, 3, 4)
    site.publish(1, status=500)
    for _ in range(5):
        site.turn(after=HOUR)
        assert site.status() == ("fresh", False)
    assert len(site.press.articles()) == 4


def test_a_feed_whose_articles_lack_a_picture_alone_has_no_trouble(press: Press) -> None:
    press.sources = [ArticleSource("tinh", "Tỉnh", press.upstream.url("/tinh.xml"))]
    bare = [press.item(n).replace("&lt;img src=", "&lt;i title=") for n in range(5)]
    for n in range(5):
        press.upstream.answer(f"/bai/{n}.html", status=403)
    press.publish("tinh", *bare)
    press.collector().run()
    assert len(press.articles()) == 5
    assert (press.state("tinh").cause, press.state("tinh").page_cause) == (None, None)


def test_the_only_page_of_a_source_is_all_of_them(site: Site) -> None:
    site.answer(1, status=500)
    site.upstream.answer(
        "/tin", body=f'<html><body><h2><a href="/bai/1.html">{site.title(1)}</a></h2></body></html>'
    )
    (source,) = site.press.sources
    site.press.sources = [replace(source, selectors=replace(source.selectors, links="h2 a"))]
    site.turn()
    assert site.status() == ("stale", True)


def test_pages_that_fail_one_after_the_other_are_all_in_the_end(site: Site) -> None:
    site.publish(8, 9)
    site.turn()
    for number in (3, 2, 1):
        assert site.status() == ("fresh", False)
        site.publish(number, status=403)
        site.turn()
    assert site.status() == ("stale", True)
    site.publish(0)
    site.turn()
    assert site.status() == ("fresh", False)


@pytest.mark.uncounted
def test_a_source_in_such_trouble_is_asked_for_few_pages_and_its_news_are_shown_as_it_lists_them(
    site: Site,
) -> None:
    site.publish(*range(20, 50), status=403)
    collector = site.press.collector()
    for _ in range(16):
        collector.run()
        site.press.now += 1.2 * REFRESH
        assert len(site.press.articles()) in {20, 30}
    paths = {f"/bai/{n}.html" for n in site.names}
    asked = [one for one in site.upstream.requests if one.path in paths and one.method == "GET"]
    assert len([one for one in asked if "range" not in one.headers]) <= 20 + 16


@pytest.mark.uncounted
def test_a_counter_in_a_listing_does_not_bring_every_page_every_time(site: Site) -> None:
    site.publish(*range(10))
    for turn in range(48):
        counter = f"<p>Tin này đã có {turn} lượt xem trên cổng thông tin của tỉnh.</p>"
        cards = "".join(f'<li><a href="/bai/{n}.html">{site.title(n)}</a>{counter}</li>' for n in site.names)
        site.upstream.answer("/tin", body=f"<html><body><ul>{cards}</ul></body></html>")
        site.turn(after=1.2 * REFRESH)
    pages = [
        one for one in site.upstream.requests if one.path.startswith("/bai/") and "range" not in one.headers
    ]
    assert len([one for one in pages if one.method == "GET"]) <= 10 * (1 + 3 + 6)


@pytest.mark.uncounted
def test_a_page_that_is_gone_is_asked_for_ever_more_rarely_whoever_collects(site: Site) -> None:
    site.publish(2, 3)
    site.publish(1, status=404)
    for _ in range(48):
        site.turn(after=1.2 * REFRESH)  # with another collector each time
    assert len(site.upstream.requests_for("/bai/1.html")) <= 6
    site.answer(1, status=200)
    site.turn(after=DAY)
    assert len(site.press.articles()) == 3


def test_a_page_that_fails_when_an_article_is_corrected_takes_nothing_of_it(site: Site) -> None:
    site.publish(1, 2)
    site.turn()
    (before,) = (one for one in site.press.articles() if "đợt 1" in one.title)
    site.answer(1, status=500)
    site.upstream.answer(
        "/tin",
        body="<html><body><ul>"
        + "".join(f'<li><a href="/bai/{n}.html">{site.title(n)} (đã sửa)</a></li>' for n in (1, 2))
        + "</ul></body></html>",
    )
    site.turn()
    (after,) = site.press.repository.get([before.id])
    assert after.title.endswith("(đã sửa)")
    assert after.body_html == before.body_html


def test_a_304_does_not_keep_an_article_without_its_page(press: Press, upstream: LocalUpstream) -> None:
    press.sources = press.sources[:1]
    upstream.answer("/bai/1.html", status=500)
    bare = press.item(1).replace("&lt;img src=", "&lt;i title=")
    press.publish("tinh", bare, etag='"a"')
    body = upstream.url("/tinh.xml")
    press.collector().run()
    assert press.articles()[0].image is None
    page = f'<html><body><article><h1>x</h1><img src="/anh.png" width="600"><p>{"Chữ. " * 100}</p></article>'
    upstream.answer("/bai/1.html", body=page)
    listing = Reply(200, press.client().fetch(Request(body)).body, {"etag": '"a"'})
    upstream.handle("/tinh.xml", lambda asked: Reply(304) if "if-none-match" in asked.headers else listing)
    collector = press.collector()
    for _ in range(8):
        press.now += REFRESH * 1.2
        collector.run()
    assert press.articles()[0].image is not None
    assert urlsplit(press.articles()[0].url or "").path == "/bai/1.html"

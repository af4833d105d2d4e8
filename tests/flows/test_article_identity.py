"""What is one article and what are two, over several readings of a listing, and in which order they stand."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape

import pytest
from local_upstream import LocalUpstream, Reply
from press import REFRESH, Press

from service.articles.model import Article
from service.core.ports import Request
from service.settings.model import ArticleSource
from service.storage.decisions import SqliteDecisions

pytestmark = pytest.mark.uncounted

TITLE = "Quyết định của UBND tỉnh về bổ nhiệm cán bộ"


def item(name: str, **parts: str | None) -> str:
    """An item of a feed, which wants no page; `pubDate` is as it is written, without one there is none."""
    texts = {
        "title": f"Tin bài số {name} của cổng thông tin",
        "link": f"http://127.0.0.1/{name}",
        "guid": name,
        "description": f"Phần mở đầu của bài {name}.",
        **parts,
    }
    texts["description"] = f"<img src='PICTURE'>{texts['description']}"
    return f"<item>{''.join(f'<{tag}>{escape(text)}</{tag}>' for tag, text in texts.items() if text)}</item>"


def at(minute: int) -> str:
    return f"Mon, 16 Nov 2026 11:{minute:02d}:00 +0700"


class Source:
    """One source, and its collector, which is another one for every reading."""

    def __init__(self, press: Press) -> None:
        self.press = press
        press.sources = [ArticleSource("tinh", "Tỉnh", press.upstream.url("/tinh.xml"))]

    def read(self, *items: str) -> list[str]:
        """Publish these items, read them and everything else that is due, and return the names shown."""
        picture = self.press.upstream.url("/anh.png")
        self.press.publish("tinh", *(one.replace("PICTURE", picture) for one in items))
        return self.turn()

    def turn(self) -> list[str]:
        self.press.now += 2 * REFRESH
        self.press.collector().run()
        return self.names()

    def names(self) -> list[str]:
        return [
            article.title.removeprefix("Tin bài số ").removesuffix(" của cổng thông tin")
            for article in self.articles()
        ]

    def articles(self) -> tuple[Article, ...]:
        return self.press.repository.page(sources=["tinh"], limit=100).articles

    def ids(self) -> dict[str, str]:
        return {article.title: article.id for article in self.articles()}


@pytest.fixture
def source(press: Press) -> Source:
    return Source(press)


# One or two


def test_two_of_one_title_and_day_in_one_listing_are_two_and_stay_two(source: Source) -> None:
    decisions = [
        item(str(n), title=TITLE, pubDate=at(30 - 10 * n), description=f"Quyết định số {n}.")
        for n in range(3)
    ]
    for _ in range(3):
        source.read(*decisions)
        assert [one.lead for one in source.articles()] == [f"Quyết định số {n}." for n in range(3)]
    ids = {one.id for one in source.articles()}
    source.read(item("9", title=TITLE, pubDate=at(40), description="Quyết định số 9."), *decisions[:2])
    assert len(source.articles()) == 4
    assert ids < {one.id for one in source.articles()}


def test_one_that_is_forgotten_takes_no_other_of_its_title_with_it(source: Source) -> None:
    decisions = [item(str(n), title=TITLE, pubDate=at(30 - 10 * n)) for n in range(3)]
    source.read(*decisions)
    source.press.repository.take_down([source.articles()[1].id], everywhere=True)
    corrected = item("2", title=TITLE, pubDate=at(10), description="Phần mở đầu đã được sửa lại.")
    new = item("4", title=TITLE, pubDate=at(50))
    source.read(new, decisions[0], decisions[1], corrected)
    assert [one.lead for one in source.articles()] == [
        "Phần mở đầu của bài 4.",
        "Phần mở đầu của bài 0.",
        "Phần mở đầu đã được sửa lại.",
    ]


CHANGES: dict[str, dict[str, str]] = {
    "slug": {"link": "http://127.0.0.1/2-moi"},
    "guid": {"guid": "khac"},
    "title": {"title": "Một tên đã được sửa lại"},
    "guid and slug": {"guid": "khac", "link": "http://127.0.0.1/2-moi"},
    "guid and title": {"guid": "khac", "title": "Một tên đã được sửa lại"},
    "slug and title": {"link": "http://127.0.0.1/2-moi", "title": "Một tên đã được sửa lại"},
    "date": {"pubDate": at(21), "guid": "khac", "link": "http://127.0.0.1/2-moi"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_renewed_article_keeps_its_id_and_its_link_follows(source: Source, change: dict[str, str]) -> None:
    items = [item(str(n), pubDate=at(30 - n)) for n in range(1, 5)]
    source.read(*items)
    (before,) = (one for one in source.articles() if "số 2" in one.title)
    renewed = item("2", **{"pubDate": at(28), **change})
    source.read(items[0], renewed, *items[2:])
    assert len(source.articles()) == 4
    (after,) = source.press.repository.get([before.id])
    assert after.url == change.get("link", before.url)
    assert after.title == change.get("title", before.title)
    assert after.first_seen == before.first_seen
    assert after.changed_at > before.changed_at or change.keys() == {"guid"}
    source.read(items[0], renewed, *items[2:])
    assert len(source.articles()) == 4


def test_a_renewal_is_told_under_both_links(source: Source) -> None:
    decisions = source.press.decisions = SqliteDecisions(source.press.store)
    items = [item(str(n), pubDate=at(30 - n)) for n in range(1, 4)]
    source.read(*items)
    (before,) = (one for one in source.articles() if "số 2" in one.title)
    source.read(items[0], item("2", guid="x", link="http://127.0.0.1/moi", pubDate=at(28)), items[2])
    (new,) = decisions.about("127.0.0.1/moi")
    assert (new.subject, new.outcome) == (before.id, "renewed")
    (former,) = decisions.about("127.0.0.1/2")
    assert (former.outcome, former.detail) == ("renewed", f"it is {before.id} now, at 127.0.0.1/moi")


def test_a_renewed_article_is_asked_for_under_its_new_link_alone(press: Press) -> None:
    press.sources = press.sources[:1]
    press.publish("tinh", *(press.item(n) for n in (3, 2, 1)))
    press.collector().run()
    press.upstream.answer("/bai/2.html", status=404)
    press.upstream.answer("/bai/2-moi.html", body=b"<html><h1>x</h1></html>")
    moved = press.item(2, guid="x", link=press.upstream.url("/bai/2-moi.html"))
    press.publish("tinh", press.item(3), moved, press.item(1))
    for _ in range(3):
        press.now += 2 * REFRESH
        press.collector().run()
    assert len(press.articles()) == 3


def page_of(links: Sequence[str]) -> str:
    """A listing page, without dates."""
    cards = "".join(
        f'<li><a href="{link}">Thông báo tuyển dụng viên chức đợt {n} năm nay</a></li>'
        for n, link in enumerate(links)
    )
    return f'<html><body><ul class="news">{cards}</ul></body></html>'


SESSIONS: dict[str, Callable[[int, int], str]] = {
    "jsessionid": lambda n, turn: f"/bai/{n}.html;jsessionid=S{turn}",
    "PHPSESSID": lambda n, turn: f"/bai/{n}.html?PHPSESSID=a{turn}b",
    "sid": lambda n, turn: f"/bai/{n}.html?sid=S{turn}",
    "a session in every link": lambda n, turn: f"/bai/{n}.html?sid={turn}0{n}",
    "a token": lambda n, turn: f"/bai/{n}.html?r={turn * 7919 + n}",
    "a time": lambda n, turn: f"/bai/{n}.html?t={1_790_000_000 + turn * 900}",
    "utm": lambda n, turn: f"/bai/{n}.html?utm_campaign=turn{turn}",
    "with an id": lambda n, turn: f"/xem.html?id={n}&v=x{turn}",
    "ASP.NET": lambda n, turn: f"/(S(abc{turn}))/bai/{n}.html",
    "a folder": lambda n, turn: f"/x{turn}/bai/{n}.html",
}


@pytest.mark.parametrize("kind", ["page", "feed"])
@pytest.mark.parametrize("link", SESSIONS.values(), ids=SESSIONS)
def test_what_changes_in_links_between_two_readings_is_no_part_of_an_identity(
    press: Press, link: Callable[[int, int], str], kind: str
) -> None:
    turns = {"number": 0, "first": 0}
    body = f"<html><body><h1>Tin</h1><article><p>{'Nội dung bài viết. ' * 40}</p></article></body></html>"

    def links() -> list[str]:
        turns["number"] += 1
        numbers = range(turns["first"], turns["first"] + 5)
        return [press.upstream.url(link(n, turns["number"])) for n in numbers]

    def listing(_: object) -> Reply:
        current = links()
        for one in current:
            # The link that is listed now works, and so does one without a session.
            path = one.removeprefix(press.upstream.url("").rstrip("/")).partition("?")[0]
            for known in (
                path,
                path.partition(";")[0],
                path[path.find("/bai") :] if "/bai" in path else path,
            ):
                press.upstream.answer(known, body=body, headers={"content-type": "text/html"})
        if kind == "page":
            return Reply(200, page_of(current).encode(), {"content-type": "text/html"})
        items = "".join(
            item(str(n), title=f"Thông báo tuyển dụng viên chức đợt {n}", link=one, guid=None)
            for n, one in enumerate(current)
        )
        return Reply(200, f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode())

    press.upstream.handle("/tin", listing)
    press.sources = [ArticleSource("tinh", "Tỉnh", press.upstream.url("/tin"), kind=kind)]
    press.now += 2 * REFRESH
    press.collector().run()
    ids = {one.id for one in press.articles()}
    assert len(ids) == 5
    requests = len(press.upstream.requests)
    for _ in range(6):
        press.now += 2 * REFRESH
        press.collector().run()
        assert {one.id for one in press.articles()} == ids
        assert all(one.changed_at == one.first_seen for one in press.articles())
    assert len(press.upstream.requests) - requests < 6 + 5 * 6  # the listings, and hourly checks
    for one in press.articles():
        assert one.url is not None
        assert press.client().fetch(Request(one.url)).status == 200


# Order


def test_an_item_without_a_readable_date_stands_between_its_neighbours(source: Source) -> None:
    assert source.read(
        item("a", pubDate=at(30)),
        item("b", pubDate="hôm qua"),
        item("c"),
        item("d", pubDate=at(10)),
        item("e"),
    ) == list("abcde")
    assert source.articles()[1].published is None
    assert source.read(
        item("a", pubDate=at(30)),
        item("f"),
        item("b"),
        item("g"),
        item("d", pubDate=at(10)),
        item("e"),
        item("h"),
    ) == list("afbgcdeh")  # c is listed no more


def test_at_the_very_top_it_takes_the_moment_it_was_first_seen_on_a_later_reading_only(
    source: Source,
) -> None:
    items = [item("a"), item("b", pubDate=at(30)), item("c", pubDate=at(10))]
    assert source.read(*items) == list("abc")
    assert source.articles()[0].sort_key < source.press.now - 10 * REFRESH
    newer = [item("d"), item("e"), *items]
    assert source.read(*newer) == list("deabc")
    assert abs(source.articles()[0].sort_key - source.press.now) < REFRESH
    dated = item("f", pubDate="Sun, 22 Nov 2026 09:00:00 +0700")  # before d and e were seen
    assert source.read(*newer[:2], dated, *items) == list("defabc")
    assert source.read(*newer[:2], dated, *items) == list("defabc")


def test_of_a_listing_without_any_date_the_order_is_that_of_the_listing(source: Source) -> None:
    assert source.read(*map(item, "abcde")) == list("abcde")
    assert source.read(*map(item, "xyabzcde")) == list("xyabzcde")
    assert source.read(*map(item, "wxyabzcdev")) == list("wxyabzcdev")


def test_a_listing_from_its_oldest_on_shows_its_newest(source: Source) -> None:
    source.press.keep = 3
    items = [item(name, pubDate=at(minute)) for minute, name in enumerate("abcdef")]
    assert source.read(*items) == list("fed")
    assert source.read(*items, item("g", pubDate=at(9))) == list("gfe")
    assert source.read(*items, item("g", pubDate=at(9)), item("h")) == list("hgf")  # the newest end is below


def test_a_listing_in_no_order_shows_its_newest(source: Source) -> None:
    source.press.keep = 3
    dates = {"a": 10, "b": 50, "c": 20, "d": 40, "e": 30}
    assert source.read(*(item(name, pubDate=at(minute)) for name, minute in dates.items())) == list("bde")


def test_a_page_gives_a_date_to_what_its_listing_has_without_one(
    press: Press, upstream: LocalUpstream
) -> None:
    names = "abcd"
    for number, name in enumerate(names):
        time = f'<time datetime="2026-11-1{8 - number}T08:00:00+07:00"></time>' if name != "c" else ""
        upstream.answer(
            f"/bai/{name}.html",
            body=f"<html><body><article><h1>Tin bài số {name} của tỉnh</h1>{time}<p>{'Chữ. ' * 100}</p>"
            "</article></body></html>",
            headers={"content-type": "text/html; charset=utf-8"},
        )
    cards = "".join(
        f'<li><a href="/bai/{name}.html">Tin bài số {name} của tỉnh nhà</a></li>' for name in names
    )
    upstream.answer("/tin", body=f"<html><body><ul>{cards}</ul></body></html>")
    press.sources = [ArticleSource("tinh", "Tỉnh", upstream.url("/tin"), kind="page")]
    press.collector().run()
    articles = press.articles()
    assert [one.title.split()[3] for one in articles] == list(names)
    assert [one.published is None for one in articles] == [False, False, True, False]


def test_the_lowest_of_a_listing_stands_below_the_others_though_it_is_read_first(press: Press) -> None:
    upstream = press.upstream
    for number, name in enumerate("abc"):
        time = f'<time datetime="2026-11-1{8 - number}T08:00:00+07:00"></time>' if name != "c" else ""
        upstream.answer(
            f"/bai/{name}.html",
            body=f"<html><body><article><h1>Tin bài số {name} của tỉnh</h1>{time}<p>{'Chữ. ' * 100}</p>"
            "</article></body></html>",
        )
    cards = "".join(
        f'<li><a href="/bai/{name}.html">Tin bài số {name} của tỉnh nhà</a></li>' for name in "abc"
    )
    upstream.answer("/tin", body=f"<html><body><ul>{cards}</ul></body></html>")
    press.sources = [replace(press.sources[0], url=upstream.url("/tin"), kind="page")]
    press.collector().run()
    assert [one.title.split()[3] for one in press.articles()] == list("abc")

"""Portals that `discover` finds hard: slow, closed, misleading ones, and pages that need selectors."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from discovering import HTML, NOW, discovered, pasted, play
from local_upstream import LocalUpstream, ReceivedRequest, Reply

from service.articles.discover.visit import MAX_SECONDS
from service.settings.model import Selectors

TITLES = [f"Tiêu đề bài viết số {number} nói về việc làng xã năm nay" for number in range(8)]
NOTICES = [f"Thông báo {number}" for number in range(8)]


def day(number: int) -> str:
    return f"{20 - number}/11/2026"


def listing(card: str, titles: list[str] = TITLES, head: str = "") -> str:
    cards = "".join(card.format(n=n, title=title, date=day(n)) for n, title in enumerate(titles))
    return f"<html><head><title>Xã Hòa</title>{head}</head><body><div class='ds'>{cards}</div></body></html>"


PLAIN = '<div class="tin"><a class="ten" href="/bai/{n}.html">{title}</a></div>'
DATED = '<div class="tin"><a class="ten" href="/bai/{n}.html">{title}</a> <i>{date}</i><p>Mở đầu.</p></div>'


def articles(date: str = "<p class='ngay'>{date}</p>", titles: list[str] = TITLES) -> dict[str, str]:
    pages = {}
    for number, title in enumerate(titles):
        lines = "".join(
            f"<p>Đoạn {part} của bài {number} kể chuyện làng xã trong tháng.</p>" for part in range(5)
        )
        body = f"<h1>{title}</h1>{date.format(date=day(number))}<div class='noidung'>{lines}</div>"
        pages[f"/bai/{number}.html"] = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return pages


def feed(count: int = 8, *, title: str = "{}", lead: str = "Mở đầu.", days_old: int = 0) -> str:
    items = "".join(
        f"<item><title>{title.format(TITLES[n])}</title><link>/bai/{n}.html</link><description>{lead}</description>"
        f"<pubDate>{format_datetime(NOW - timedelta(days=n + 2 + days_old))}</pubDate></item>"
        for n in range(count)
    )
    return f'<rss version="2.0"><channel><title>Tin</title>{items}</channel></rss>'


def named_feed(url: str, title: str = "") -> str:
    return f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{url}">'


# Selectors


def test_titles_that_are_too_short_get_a_selector_for_their_links(upstream: LocalUpstream) -> None:
    play(upstream, {"/": listing(PLAIN, NOTICES)} | articles(titles=NOTICES))
    found, lines = discovered(upstream)
    assert pasted(lines).selectors.links == "a.ten"
    best = found.best()
    assert best is not None
    assert [article.entry.title for article in best.articles] == NOTICES[:5]


def test_a_date_within_a_sentence_gets_a_selector(upstream: LocalUpstream) -> None:
    sentence = "Bài viết này do ban biên tập của xã đăng trong chuyên mục vào lúc 08:15 ngày {date}"
    play(upstream, {"/": listing(PLAIN)} | articles(f"<div class='tt'>{sentence}</div>"))
    found, lines = discovered(upstream)
    source = pasted(lines)
    assert (source.selectors.date, source.selectors.title, source.selectors.links) == ("div.tt", "", "")
    assert found.best().quality.dated == 1  # type: ignore[union-attr]


def test_pages_that_are_read_right_without_get_no_selector(upstream: LocalUpstream) -> None:
    play(upstream, {"/": listing(DATED)} | articles())
    assert pasted(discovered(upstream)[1]).selectors == Selectors()


# Misleading and closed portals


def test_comments_and_parts_of_the_news_are_not_the_best(upstream: LocalUpstream) -> None:
    head = named_feed("/binh", "Dòng chia sẻ") + named_feed("/category/y-te/feed") + named_feed("/feed")
    site = {"/binh": feed(title="Bình luận về {}"), "/category/y-te/feed": feed(3), "/feed": feed()}
    play(upstream, {"/": listing(DATED, head=head)} | site | articles())
    assert pasted(discovered(upstream)[1]).url == upstream.url("/feed")


@pytest.mark.parametrize("days_old", [40, 400])
def test_a_forgotten_feed_gives_way_to_a_page_with_news(upstream: LocalUpstream, days_old: int) -> None:
    site = {"/": listing(DATED, head=named_feed("/feed")), "/feed": feed(days_old=days_old)}
    play(upstream, site | articles())
    assert pasted(discovered(upstream)[1]).kind == "page"


def test_a_feed_on_another_host_is_named_and_not_asked(upstream: LocalUpstream) -> None:
    with LocalUpstream() as other:
        other.answer("/feed", body=feed())
        head = named_feed(other.url("/feed")) + named_feed("http://localhost:1/feed")
        play(upstream, {"/": listing(DATED, head=head)} | articles())
        _, lines = discovered(upstream)
        assert other.requests == []
    assert pasted(lines).kind == "page"
    (elsewhere,) = [line for line in lines if line.startswith("# On other hosts")]
    assert other.url("/feed") in elsewhere


def test_a_redirect_to_another_host_is_not_followed(upstream: LocalUpstream) -> None:
    with LocalUpstream() as other:
        other.answer("/feed", body=feed())
        play(
            upstream,
            {"/": listing(DATED, head=named_feed("/feed"))} | articles(),
            lambda _: Reply(302, b"", {"Location": other.url("/feed")}),
        )
        assert pasted(discovered(upstream)[1]).kind == "page"
        assert other.requests == []


@pytest.mark.parametrize(
    "other",
    [
        lambda _: Reply(200, listing(DATED).encode(), HTML),
        lambda _: Reply(200, b"<html><h1>Trang kh\xc3\xb4ng t\xe1\xbb\x93n t\xe1\xba\xa1i</h1></html>", HTML),
        lambda _: Reply(302, b"", {"Location": "/"}),
        lambda _: Reply(200, b"", {}),
        lambda _: Reply(500, b"", {}),
        lambda _: Reply(200, b'{"error": "no"}', {"Content-Type": "application/json"}),
        lambda _: Reply(200, b"[]", {"Content-Type": "application/json"}),
        lambda _: Reply(200, b'<rss version="2.0"><channel/></rss>', {}),
    ],
    ids=["front page", "soft 404", "redirect", "nothing", "error", "JSON", "empty list", "empty feed"],
)
def test_a_portal_that_answers_every_address_offers_no_more_than_it_has(
    upstream: LocalUpstream, other: object
) -> None:
    play(upstream, {"/": listing(DATED)} | articles(), other)  # type: ignore[arg-type]
    source = pasted(discovered(upstream)[1])
    assert (source.kind, source.url) == ("page", upstream.url("/"))


def test_wordpress_whose_interface_is_closed_is_read_by_its_feed(upstream: LocalUpstream) -> None:
    head = '<link rel="https://api.w.org/" href="/wp-json/">' + named_feed("/feed/")
    closed = Reply(401, b'{"code": "rest_forbidden"}', {"Content-Type": "application/json"})
    site = {"/": listing(DATED, head=head), "/feed/": feed()} | articles()
    play(upstream, site, lambda request: closed if "wp" in request.target else Reply(404))
    assert pasted(discovered(upstream)[1]).url == upstream.url("/feed/")


def test_wordpress_without_addresses_of_its_own_is_read_by_a_parameter(upstream: LocalUpstream) -> None:
    posts = ",".join(
        f'{{"id": {n}, "date": "2026-11-1{n}T08:00:00", "link": "/bai/{n}.html", "excerpt": "Mở đầu.",'
        f' "title": {{"rendered": "{TITLES[n]}"}}, "content": {{"rendered": "<p>Cả bài.</p>"}}}}'
        for n in range(8)
    )

    def answer(request: ReceivedRequest) -> Reply:
        is_asked = request.query.get("rest_route") == "/wp/v2/posts"
        return Reply(200, f"[{posts}]".encode(), {}) if is_asked else Reply(404)

    front = listing(DATED, head='<link href="/wp-content/themes/x.css">')
    play(
        upstream,
        articles(),
        lambda request: answer(request) if request.query else Reply(200, front.encode(), HTML),
    )
    source = pasted(discovered(upstream)[1])
    assert (source.kind, source.url) == ("wordpress", upstream.url("/?rest_route=/wp/v2/posts"))


def test_days_behind_months_are_noticed(upstream: LocalUpstream) -> None:
    cards = "".join(
        f'<div class="post"><a href="/bai/{n}.html">The council met again about bridge number {n}</a>'
        f" <i>{11 - n // 6}/{20 - 3 * (n % 6)}/2026</i></div>"
        for n in range(8)
    )
    play(upstream, {"/": f"<html lang='en'><body>{cards}</body></html>"} | articles(date=""))
    _, lines = discovered(upstream)
    source = pasted(lines)
    assert source.language == "en"  # the order of the days is read from them
    assert any("2026-11-20" in line for line in lines)


# What is typed


def test_the_address_of_a_feed_is_read_as_one(upstream: LocalUpstream) -> None:
    play(upstream, {"/": listing(DATED), "/tin.xml": feed()} | articles())
    source = pasted(discovered(upstream, "/tin.xml")[1])
    assert (source.kind, source.url, source.name) == ("feed", upstream.url("/tin.xml"), "Xã Hòa")


def test_the_address_of_an_article_leads_to_the_list(upstream: LocalUpstream) -> None:
    play(upstream, {"/": listing(DATED)} | articles())
    assert pasted(discovered(upstream, "/bai/3.html")[1]).url == upstream.url("/")


# The limits


@pytest.mark.parametrize("seconds", [3, 7.9])
def test_a_slow_portal_is_left_within_a_minute_with_what_was_found(
    upstream: LocalUpstream, seconds: float
) -> None:
    play(upstream, {"/": listing(DATED)} | articles())
    _, lines = discovered(upstream, seconds=seconds)
    assert seconds * len(upstream.requests) <= MAX_SECONDS
    assert pasted(lines).url == upstream.url("/")


def test_a_portal_that_asks_for_a_pause_is_asked_no_more(upstream: LocalUpstream) -> None:
    def answer(_: ReceivedRequest) -> Reply:
        return Reply(429, b"", {"Retry-After": "600"}) if len(upstream.requests) > 3 else Reply(404)

    play(upstream, {"/": listing(DATED)}, answer)
    _, lines = discovered(upstream)
    assert len(upstream.requests) == 4
    assert pasted(lines).url == upstream.url("/")
    assert "# The portal asked for a pause (429), and was asked no more." in lines


def test_where_nothing_is_found_it_is_said_what_was_tried(upstream: LocalUpstream) -> None:
    play(upstream, {"/": "<html><body><h1>Đang xây dựng</h1></body></html>"})
    found, lines = discovered(upstream)
    assert found.best() is None
    assert "# Nothing was found that can be read as articles." in lines
    assert any("/rss.xml: 127.0.0.1 answered 404" in line for line in lines)
    assert all(line.startswith("#") for line in lines)


def test_an_address_that_cannot_be_read_is_said_so(upstream: LocalUpstream) -> None:
    play(upstream, {})
    found, lines = discovered(upstream)
    assert found.best() is None
    assert any("answered 404 Not Found" in line for line in lines)


def test_a_feed_whose_articles_are_gone_is_not_the_best(upstream: LocalUpstream) -> None:
    old = feed().replace("/bai/", "/da-xoa/")
    play(upstream, {"/": listing(DATED, head=named_feed("/feed")), "/feed": old} | articles())
    assert pasted(discovered(upstream)[1]).kind == "page"


def test_the_page_of_the_news_comes_before_a_front_page_with_lists_of_all_kinds(
    upstream: LocalUpstream,
) -> None:
    papers = "".join(
        f"<tr><td><a href='/van-ban/{n}'>Quyết định số 1{n}/QĐ-UBND phê duyệt kế hoạch của xã</a></td>"
        f"<td>{day(n)}</td></tr>"
        for n in range(8)
    )
    front = f"<html><body><a href='/tin'>Tin tức - Sự kiện</a><table>{papers}</table></body></html>"
    pages = {f"/van-ban/{n}": f"<html><h1>Quyết định số 1{n}</h1><p>{day(n)}</p></html>" for n in range(8)}
    play(upstream, {"/": front, "/tin": listing(DATED)} | pages | articles())
    assert pasted(discovered(upstream)[1]).url == upstream.url("/tin")


def test_documents_are_read_no_longer_than_the_visit_lasts(upstream: LocalUpstream) -> None:
    play(upstream, {"/": listing(DATED)} | articles())
    found, lines = discovered(upstream, seconds=MAX_SECONDS)
    assert len(upstream.requests) == 1
    assert found.findings == []
    assert "# Nothing was found that can be read as articles." in lines


@pytest.mark.parametrize("order", [1, -1])
def test_a_feed_of_news_comes_before_one_of_documents(upstream: LocalUpstream, order: int) -> None:
    papers = feed(title="Quyết định về: {}").replace("/bai/", "/van-ban/")
    pages = {path.replace("/bai/", "/van-ban/"): page for path, page in articles().items()}
    named = [
        named_feed("/kenh?id=1", "Văn bản"),
        named_feed("/kenh?id=2", "Tin tức"),
        named_feed("/laws/rss/"),
    ]
    feeds = {"/kenh?id=1": papers, "/kenh?id=2": feed(), "/laws/rss/": papers}
    play(upstream, {"/": listing(DATED, head="".join(named[::order]))} | feeds | pages | articles())
    assert pasted(discovered(upstream)[1]).url == upstream.url("/kenh?id=2")


def test_a_page_that_lists_feeds_leads_to_that_of_the_news(upstream: LocalUpstream) -> None:
    links = "<a href='/laws/rss/'>Văn bản</a><a href='/news/rss/'>Tin tức</a>"
    papers = feed(title="Quyết định về: {}")
    site = {"/rss/": f"<html><body>{links}</body></html>", "/laws/rss/": papers, "/news/rss/": feed()}
    play(upstream, {"/": listing(DATED) + "<a href='/rss/'>RSS</a>"} | site | articles())
    assert pasted(discovered(upstream)[1]).url == upstream.url("/news/rss/")


@pytest.mark.parametrize(
    ("address", "title", "items"),
    [
        ("/events/feed", "Sự kiện", 8),
        ("/kenh?id=3", "Văn bản", 8),
        ("/category/y-te/feed", "", 3),
        ("/feed", "", 2),
    ],
)
def test_a_feed_of_less_than_the_news_gives_way_to_their_page(
    upstream: LocalUpstream, address: str, title: str, items: int
) -> None:
    site = {"/": listing(DATED, head=named_feed(address, title)), address: feed(items)}
    play(upstream, site | articles())
    assert pasted(discovered(upstream)[1]).kind == "page"

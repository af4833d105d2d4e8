"""What a source declares alike on its pages is the site's own, also in what is kept already."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from press import REFRESH, Press

from service.articles.model import Article, Published
from service.articles.store import records
from service.settings.model import ArticleSource

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
ABOUT = "Cổng thông tin điện tử của huyện: tin tức, sự kiện, văn bản, dịch vụ công"
HEAD = f"""<meta name="author" content="Super User"><meta property="og:image" content="/nen.png">
<meta property="og:description" content="{ABOUT}"><meta name="date" content="2020-01-01">"""
LD = f"""<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Tin", "image": "/nen.png",
"description": "{ABOUT}", "datePublished": "2020-01-01T00:00:00+07:00"}}</script>"""


class PageSource:
    """A portal without a feed, whose listing tells titles only."""

    def __init__(self, press: Press) -> None:
        self.press = press
        self.source = ArticleSource(
            "huyen", "Huyện", press.upstream.url("/huyen"), kind="page", full_text=True
        )
        press.sources = [self.source]
        for path, colour in (("/nen.png", "navy"), *((f"/anh/{n}.png", "teal") for n in range(9))):
            picture = BytesIO()
            Image.new("RGB", (300, 200), colour).save(picture, "PNG")
            press.upstream.answer(path, body=picture.getvalue(), headers={"content-type": "image/png"})

    def publish(self, *numbers: int, page: Callable[[int], str], dates: bool = False) -> None:
        """Publish these articles, the highest number being the newest."""
        entries = "".join(
            f"<li><a href='/huyen/bai-{n}.html'>{title(n)}</a> {f'<i>{day(n)}</i>' if dates else ''}</li>"
            for n in sorted(numbers, reverse=True)
        )
        listing = f"<html><body><ul class='list'>{entries}</ul></body></html>"
        self._answer("/huyen", listing)
        for n in numbers:
            self._answer(f"/huyen/bai-{n}.html", page(n))

    def _answer(self, path: str, markup: str) -> None:
        kind = {"content-type": "text/html; charset=utf-8"}
        self.press.upstream.answer(path, body=markup.encode(), headers=kind)

    def pages_read(self) -> int:
        requests = self.press.upstream.requests_for("/huyen/bai-1.html")
        return sum(request.method == "GET" for request in requests)

    def collect(self) -> list[Article]:
        """Collect once, a refresh later than before; return the articles, the oldest first."""
        self.press.now += 2 * REFRESH
        self.press.collector().run()
        return sorted(self.press.articles(), key=lambda article: article.title)


def title(n: int) -> str:
    return f"Bài viết thứ {n} về công việc của huyện trong tháng này"


def day(n: int) -> str:
    return f"{n + 10}/11/2026"


def text(n: int) -> str:
    return f"Trong tuần thứ {n}, các xã hoàn thành việc nạo vét kênh mương và tu sửa đường làng ngõ xóm."


def page(n: int, head: str = HEAD, *, at: str = "", picture: bool = True) -> str:
    figure = f"<p><img src='/anh/{n}.png'></p>" if picture else ""
    return f"""<html><head><title>Trang tin</title>{head}</head><body><div><h1>{title(n)}</h1>
<span class="d">{at}</span><div class="content"><p>{text(n)}</p>{figure}<p>{text(n + 50)}</p></div></div>
</body></html>"""


@pytest.fixture
def huyen(press: Press) -> PageSource:
    return PageSource(press)


@pytest.mark.parametrize("head", [HEAD, LD, LD + HEAD])
def test_what_three_pages_declare_alike_is_the_sites(huyen: PageSource, head: str) -> None:
    huyen.publish(1, 2, 3, page=lambda n: page(n, head, at=day(n)))
    for n, article in enumerate(huyen.collect(), start=1):
        assert article.lead == text(n)
        assert article.image is not None
        assert article.image.source_url.endswith(f"/anh/{n}.png")
        assert article.published == Published(datetime(2026, 11, n + 10, tzinfo=VIETNAM), date_only=True)
        assert article.author is None


def test_what_turns_out_to_be_the_sites_is_removed_from_what_is_kept(huyen: PageSource) -> None:
    huyen.publish(1, 2, page=lambda n: page(n, at=day(n), picture=n == 1))
    before = huyen.collect()
    assert all(one.image and one.image.source_url.endswith("/nen.png") for one in before)
    assert all(one.published and one.published.at.year == 2020 for one in before)
    huyen.publish(1, 2, 3, page=lambda n: page(n, at=day(n), picture=n == 1))
    huyen.collect()
    after = huyen.collect()
    assert [one.lead for one in after] == [text(1), text(2), text(3)]
    assert [one.published.at.day for one in after if one.published] == [11, 12, 13]
    assert [bool(one.image) for one in after] == [True, False, False]
    assert after[0].image is not None
    assert after[0].image.source_url.endswith("/anh/1.png")


def test_what_has_left_the_listing_is_corrected_too(huyen: PageSource) -> None:
    huyen.publish(1, 2, page=lambda n: page(n, at=day(n)))
    huyen.collect()
    huyen.publish(3, 4, page=lambda n: page(n, at=day(n)))
    after = huyen.collect()
    assert [one.lead for one in after] == [text(n) for n in (1, 2, 3, 4)]
    assert [one.published.at.day for one in after if one.published] == [11, 12, 13, 14]
    assert not any(one.image and one.image.source_url.endswith("/nen.png") for one in after)
    assert all(one.image for one in after)  # the one in the text


def test_two_pages_may_declare_alike(huyen: PageSource) -> None:
    huyen.publish(1, 2, page=page)
    assert all(one.image and one.image.source_url.endswith("/nen.png") for one in huyen.collect())


def test_notices_of_one_day_keep_theirs(huyen: PageSource) -> None:
    head = '<meta property="article:published_time" content="2026-11-20T08:00:00+07:00">'
    huyen.publish(1, 2, 3, 4, 5, page=lambda n: page(n, head, at="20/11/2026" if n < 3 else ""))
    for article in huyen.collect():
        assert article.published == Published(datetime(2026, 11, 20, 8, tzinfo=VIETNAM))


def test_todays_date_in_the_header_of_every_page_is_not_what_they_show(huyen: PageSource) -> None:
    head = '<meta property="article:published_time" content="2026-11-20T08:00:00+07:00">'
    clock = "<div class='date-now'>Chủ nhật, 22/11/2026</div>"
    huyen.publish(1, 2, 3, 4, page=lambda n: page(n, head).replace("<body>", f"<body>{clock}"))
    assert {one.published and one.published.at.day for one in huyen.collect()} == {20}


def test_a_picture_that_the_texts_show_too_stays(huyen: PageSource) -> None:
    shown = '<meta property="og:image" content="/anh/7.png">'
    huyen.publish(
        1,
        2,
        3,
        page=lambda n: page(n, shown, picture=False).replace("</p><p>", "</p><img src='/anh/7.png'><p>"),
    )
    assert all(one.image and one.image.source_url.endswith("/anh/7.png") for one in huyen.collect())


def test_an_own_picture_and_description_of_every_page_stay(huyen: PageSource) -> None:
    def own(n: int) -> str:
        described = f'<meta property="og:description" content="Tóm tắt: {text(n)}">'
        return page(n, f'{described}<meta property="og:image" content="/anh/{n}.png">')

    huyen.publish(1, 2, 3, 4, page=own)
    assert [one.lead for one in huyen.collect()] == [f"Tóm tắt: {text(n)}" for n in (1, 2, 3, 4)]


def test_the_same_date_in_the_head_gives_way_to_the_listings(huyen: PageSource) -> None:
    huyen.publish(1, 2, 3, page=page, dates=True)
    assert [one.published.at.day for one in huyen.collect() if one.published] == [11, 12, 13]


def test_articles_that_an_earlier_version_kept_are_read_again_once(huyen: PageSource) -> None:
    huyen.publish(1, 2, 3, page=lambda n: page(n, at=day(n)))
    huyen.collect()
    logo = "/nen.png"
    old = [
        replace(
            one, author="Super User", lead=ABOUT, declared=None, reading=0,
            image=one.image and replace(one.image, source_url=huyen.press.upstream.url(logo)),
        )
        for one in huyen.press.articles()
    ]  # fmt: skip
    huyen.press.repository.save(old)
    key = records.source_key("huyen")
    state = huyen.press.state("huyen")
    etag = {"if-none-match": '"a"'}
    kept = records.state_to_bytes(replace(state, reading=0, validators=etag, due=None))
    huyen.press.store.write({key: kept})
    listing = huyen.press.upstream.requests_for("/huyen")
    after = huyen.collect()
    assert "if-none-match" not in huyen.press.upstream.requests_for("/huyen")[len(listing)].headers
    assert [one.author for one in after] == [None] * 3
    assert [one.lead for one in after] == [text(1), text(2), text(3)]
    assert all(one.image and "/anh/" in one.image.source_url for one in after)
    pages = huyen.pages_read()
    huyen.collect()
    assert huyen.pages_read() == pages


def test_what_an_earlier_version_kept_is_corrected_while_the_source_is_down(huyen: PageSource) -> None:
    huyen.publish(1, 2, 3, page=lambda n: page(n, at=day(n)))
    huyen.collect()
    down = huyen.press.upstream.url("/nen.png")
    huyen.press.repository.save(
        [
            replace(
                one, author="Super User", lead=ABOUT, declared=None, reading=0,
                image=one.image and replace(one.image, source_url=down),
            )
            for one in huyen.press.articles()
        ]
    )  # fmt: skip
    huyen.press.upstream.answer("/huyen", status=500)
    after = huyen.collect()
    assert [one.author for one in after] == [None] * 3
    assert [one.lead.startswith(text(n)) for n, one in enumerate(after, start=1)] == [True] * 3
    assert not any(one.image and one.image.source_url == down for one in after)


def test_a_page_that_fails_when_read_again_leaves_the_article_as_it_is(huyen: PageSource) -> None:
    huyen.publish(1, 2, 3, page=lambda n: page(n, at=day(n)))
    before = huyen.collect()
    huyen.press.repository.save([replace(one, reading=0) for one in before])
    for n in (1, 2, 3):
        huyen.press.upstream.answer(f"/huyen/bai-{n}.html", status=503)
    huyen.press.now += timedelta(days=1)
    assert [(one.lead, one.image) for one in huyen.collect()] == [(one.lead, one.image) for one in before]


def test_what_a_wordpress_site_offers_for_sharing_of_every_post_is_the_sites(press: Press) -> None:
    logo = BytesIO()
    Image.new("RGB", (300, 200), "navy").save(logo, "PNG")
    press.upstream.answer("/logo.png", body=logo.getvalue(), headers={"content-type": "image/png"})
    posts = [
        {
            "id": n, "date_gmt": f"2026-11-{n + 10}T01:00:00", "title": {"rendered": title(n)},
            "link": press.upstream.url(f"/bai/{n}.html"), "excerpt": {"rendered": text(n)},
            "content": {"rendered": f"<p>{text(n)}</p>"},
            "yoast_head_json": {"og_image": [{"url": press.upstream.url("/logo.png")}]},
        }
        for n in range(3)
    ]  # fmt: skip
    path = "/wp-json/wp/v2/posts"
    kind = {"content-type": "application/json"}
    press.upstream.answer(path, body=json.dumps(posts).encode(), headers=kind)
    press.sources = [ArticleSource("wp", "WP", press.upstream.url("/"), kind="wordpress")]
    press.collector().run()
    assert [one.image for one in press.articles()] == [None] * 3

"""Articles from real answers over a real network door into a real repository."""

import gc
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from local_upstream import LocalUpstream
from PIL import Image
from press import REFRESH, START, Press

from service.articles.store.sqlite import SqliteArticleRepository
from service.backup import restore
from service.core.errors import Cause
from service.storage.backup import back_up


def test_an_article_comes_with_its_text_and_its_picture_from_our_own_store(press: Press) -> None:
    press.publish("tinh", press.item(1))
    press.collector().run()
    (article,) = press.articles()
    assert article.lead == "Phần mở đầu của bài 1."
    assert article.body_html == "<p>Toàn văn của bài 1.</p>"
    assert article.image is not None
    body = press.repository.image(article.image.variants[0].hash)
    assert body is not None
    assert body[8:12] == b"WEBP"


def test_the_same_article_of_two_sources_appears_once(press: Press) -> None:
    press.publish("tinh", press.item(1))
    press.publish("bao", press.item(1, guid="another", link=press.upstream.url("/bai/1.html?utm_source=bao")))
    press.collector().run()
    assert len(press.articles()) == 1


def test_articles_that_share_one_link_stay_several(press: Press) -> None:
    home = press.upstream.url("/bai/0.html")
    press.publish("tinh", *(press.item(number, link=home) for number in range(3)))
    press.collector().run()
    assert len(press.articles()) == 3


def test_pictures_of_the_text_stand_where_they_stood_and_come_from_our_own_store(press: Press) -> None:
    inset = BytesIO()
    Image.new("RGB", (600, 300), "olive").save(inset, "PNG")
    press.upstream.answer("/trong-bai.png", body=inset.getvalue(), headers={"content-type": "image/png"})
    whole = (
        f"<p>Đầu</p><p><img src='{press.upstream.url('/anh.png')}'></p><p>Giữa</p>"
        f"<p><img alt='Chợ &quot;hoa&quot;' src='{press.upstream.url('/trong-bai.png')}'></p>"
        f"<p><img src='{press.upstream.url('/khong-co.png')}'></p><p>Cuối</p>"
    )
    press.publish("tinh", press.item(1, whole=whole))
    press.collector().run()
    (article,) = press.articles()
    assert article.body_html is not None
    figure = re.fullmatch(
        r'<p>Đầu</p><figure><img src="/images/(\w+)\.webp" width="640" height="480" alt="" loading="lazy">'
        r"</figure>"
        r'<p>Giữa</p><figure><img src="/images/(\w+)\.webp" width="600" height="300"'
        r' alt="Chợ &quot;hoa&quot;" loading="lazy"></figure><p>Cuối</p>',
        article.body_html,
    )
    assert figure, article.body_html
    assert all(press.repository.image(digest) for digest in figure.groups())
    assert article.image is not None
    assert article.image.variants[-1].hash == figure[1]  # which the page then does not show above the text


def test_what_a_feed_lays_around_a_text_is_not_in_it(press: Press) -> None:
    whole = (
        "<p>Văn bản của bài, đủ dài để là một đoạn.</p><div class='sharedaddy'><h3>Chia sẻ</h3></div>"
        "<p><b>Tin liên quan</b></p><ul><li><a href='/1'>Lễ ra quân huấn luyện dân quân</a></li></ul>"
        "<p>The post <a href='/2'>Bài</a> appeared first on <a href='/'>Cổng</a>.</p>"
    )
    press.publish("tinh", press.item(1, whole=whole))
    press.collector().run()
    assert [one.body_html for one in press.articles()] == ["<p>Văn bản của bài, đủ dài để là một đoạn.</p>"]


def test_a_long_lead_that_opens_the_text_is_left_out_of_it(press: Press) -> None:
    lead = "Ngày 06/3, thành phố phát động phong trào thi đua. " * 8 + "Đây là câu cuối."
    item = press.item(1, whole=f"<p><b>{lead}</b></p><p>Văn bản của bài.</p>").replace(
        "Phần mở đầu của bài 1.", lead
    )
    press.publish("tinh", item)
    press.collector().run()
    (article,) = press.articles()
    assert (article.whole_lead, article.body_html) == (lead, "<p>Văn bản của bài.</p>")
    assert len(article.lead) <= 300


def test_an_id_outlives_a_restart_a_correction_and_a_new_address(press: Press) -> None:
    press.publish("tinh", press.item(1))
    press.collector().run()
    (before,) = press.articles()
    press.publish(
        "tinh", press.item(1, title="Bài viết đã được sửa lại", link=press.upstream.url("/bai/2.html"))
    )
    press.now += 2 * REFRESH
    press.collector().run()
    (after,) = press.articles()
    assert (after.id, after.first_seen) == (before.id, before.first_seen)
    assert (after.title, after.url) == ("Bài viết đã được sửa lại", press.upstream.url("/bai/2.html"))


def test_an_unchanged_listing_writes_nothing_of_its_articles(press: Press) -> None:
    press.publish("tinh", press.item(1), press.item(2))
    collector = press.collector()
    collector.run()
    number = press.store.last_write()
    press.now += 2 * REFRESH
    collector.run()
    assert {key for key in press.store.written_since(number) if key.startswith("article/")} == set()


def test_validators_are_sent_as_received_and_a_304_keeps_the_source_fresh(press: Press) -> None:
    press.publish("tinh", press.item(1), etag='W/"abc"', **{"last-modified": "Sat, 21 Nov 2026 01:00:00 GMT"})
    collector = press.collector()
    collector.run()
    press.upstream.answer("/tinh.xml", status=304)
    press.now += 2 * REFRESH
    collector.run()
    asked = press.upstream.requests_for("/tinh.xml")[-1].headers
    assert asked["if-none-match"] == 'W/"abc"'
    assert asked["if-modified-since"] == "Sat, 21 Nov 2026 01:00:00 GMT"
    assert press.state("tinh").fetched_at == press.now
    assert len(press.articles()) == 1


def test_twenty_304_in_a_row_are_believed_and_then_the_listing_is_read_once(press: Press) -> None:
    press.publish("tinh", press.item(1), etag='"a"')
    press.collector().run()
    press.upstream.answer("/tinh.xml", status=304, headers={"etag": '"a"'})
    for _ in range(43):
        press.now += 1.2 * REFRESH
        press.collector().run()  # the count survives a restart
    asked = [one.headers.get("if-none-match") for one in press.upstream.requests_for("/tinh.xml")[1:]]
    assert [number for number, validator in enumerate(asked) if validator is None] == [20, 41]
    assert press.state("tinh").cause is None


def test_a_304_of_something_that_was_never_read_is_a_failure(press: Press) -> None:
    press.upstream.answer("/tinh.xml", status=304)
    press.collector().run()
    assert press.state("tinh").cause is Cause.UNREADABLE
    assert press.state("tinh").fetched_at is None


def test_a_feed_in_order_without_items_is_fresh_and_keeps_the_articles(press: Press) -> None:
    press.publish("tinh", press.item(1))
    collector = press.collector()
    collector.run()
    press.publish("tinh")
    press.now += 2 * REFRESH
    collector.run()
    assert (press.state("tinh").cause, press.state("tinh").fetched_at) == (None, press.now)
    assert len(press.articles()) == 1


CHANGES: dict[str, dict[str, object]] = {
    "address": {"url": "/tinh.xml?key=new"},
    "charset": {"charset": "utf-8"},
    "full text": {"full_text": False},
    "contact": {},
    "nothing": {},
    "name": {"name": "Another"},
    "what is shown": {"include": ("bài",)},
}


@pytest.mark.parametrize("changed", CHANGES)
def test_a_source_whose_configuration_has_changed_begins_anew(
    press: Press, changed: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What the old address refused and how long it rests does not count, also after a restart."""
    press.sources = [press.feed("tinh")]
    press.publish("tinh", press.item(1), ETag='"a"')
    press.collector().run()
    press.now += REFRESH * 2
    press.upstream.answer("/tinh.xml", status=403, headers={"Retry-After": "9000"})
    press.collector().run()
    assert press.state("tinh").failures == 1
    press.publish("tinh", press.item(1), ETag='"b"')
    press.contact = "new@example.invalid" if changed == "contact" else ""
    values = {
        name: press.upstream.url(value) if name == "url" else value
        for name, value in CHANGES[changed].items()
    }
    press.sources = [replace(press.sources[0], **values)]  # type: ignore[arg-type]
    before = len(press.upstream.requests_for("/tinh.xml"))
    press.collector().run()
    requests = press.upstream.requests_for("/tinh.xml")[before:]
    rests = [message for message in caplog.messages if "rests for 150 min more" in message]
    if changed in {"nothing", "name", "what is shown"}:
        assert requests == []
        assert len(rests) == 1
        return
    assert rests == []
    (request,) = requests
    assert "if-none-match" not in request.headers
    assert press.state("tinh").cause is None
    press.collector().run()
    assert len(press.upstream.requests_for("/tinh.xml")) == before + 1


def test_nobody_is_asked_before_it_is_due_and_retry_after_is_obeyed(press: Press) -> None:
    collector = press.collector()
    press.upstream.answer("/tinh.xml", status=429, headers={"retry-after": "7200"})
    collector.run()
    first = len(press.upstream.requests_for("/tinh.xml"))
    press.now += timedelta(minutes=119)
    collector.run()
    assert len(press.upstream.requests_for("/tinh.xml")) == first
    press.now += timedelta(minutes=2)
    collector.run()
    assert len(press.upstream.requests_for("/tinh.xml")) == first + 1


FAULTS: dict[str, tuple[Callable[[LocalUpstream, str], None], str, Cause]] = {
    "broken": (lambda up, path: up.answer(path, status=500, body=b"oops"), "answered 500", Cause.BROKEN),
    "closed": (lambda up, path: up.close_without_answer(path), "closed the connection", Cause.UNREACHABLE),
    "dripping": (lambda up, path: up.drip_body(path, body=b"<" * 100_000), "within the time", Cause.TIMEOUT),
    "endless": (lambda up, path: up.endless_body(path), "has more than 0.2 MB", Cause.TOO_LARGE),
    "bomb": (lambda up, path: up.gzip_bomb(path, 50), "has more than 0.2 MB", Cause.TOO_LARGE),
    "loop": (lambda up, path: up.redirect(path, up.url(path)), "redirects", Cause.REDIRECTS),
    "private": (
        lambda up, path: up.redirect(path, "http://10.0.0.1/rss.xml"),
        "allow_private",
        Cause.ADDRESS_REFUSED,
    ),
    "html": (
        lambda up, path: up.answer(path, body=b"<html><h1>Bao tri</h1></html>"),
        "HTML",
        Cause.UNREADABLE,
    ),
    "entities": (
        lambda up, path: up.answer(path, body=b'<!DOCTYPE r [<!ENTITY a "b">]><rss/>'),
        "ENTITY",
        Cause.UNREADABLE,
    ),
    "too-often": (lambda up, path: up.answer(path, status=429), "429", Cause.RATE_LIMITED),
    "cut-off": (
        lambda up, path: up.answer(path, body=b"<rss version='2.0'><channel><title>T"),
        "damaged before its first article",
        Cause.UNREADABLE,
    ),
}


def test_whatever_half_of_the_sources_do_they_keep_their_articles_and_the_others_go_on(
    press: Press, caplog: pytest.LogCaptureFixture
) -> None:
    press.sources = [press.feed(name) for name in (*FAULTS, "tinh", "bao")]
    for number, source in enumerate(press.sources):
        link = press.upstream.url(f"/rieng/{source.id}.html")
        press.upstream.answer(f"/rieng/{source.id}.html", body=b"<html><h1>x</h1></html>")
        press.publish(
            source.id, press.item(number % 10, title=f"Tin thứ {number} của {source.id}", link=link)
        )
    collector = press.collector()
    collector.run()
    before = {article.title for article in press.articles()}
    assert len(before) == len(press.sources)
    for name, (play, _, _) in FAULTS.items():
        play(press.upstream, f"/{name}.xml")
    for name in ("tinh", "bao"):
        press.publish(name, press.item(11, title=f"Tin mới của {name}", link=press.upstream.url(f"/{name}")))
    press.now += 2 * REFRESH
    collector.run()
    assert {article.title for article in press.articles()} == before | {"Tin mới của tinh", "Tin mới của bao"}
    assert press.state("tinh").cause is None
    for name, (_, said, cause) in FAULTS.items():
        assert press.state(name).cause is cause, name
        assert press.state(name).fetched_at == START
        assert any(f"source {name}: " in line and said in line for line in caplog.messages)


def test_an_article_whose_page_is_gone_is_taken_down_and_does_not_come_back(press: Press) -> None:
    press.publish("tinh", press.item(1), press.item(2))
    collector = press.collector()
    collector.run()
    press.upstream.answer("/bai/1.html", status=410)
    for _ in range(2):
        press.now += 2 * REFRESH
        collector.run()
        assert press.titles() == ["Bài viết số 2 của cổng thông tin"]


def test_an_article_that_leaves_its_listing_as_its_page_is_gone_is_down_in_that_turn(press: Press) -> None:
    for number in range(26):
        press.upstream.answer(f"/bai/{number}.html", body=b"<html><h1>x</h1></html>")
    items = [press.item(number) for number in range(25, -1, -1)]
    press.publish("tinh", *items)
    collector = press.collector()
    collector.run()
    press.upstream.answer("/bai/3.html", status=404)
    press.publish("tinh", *items[:22], *items[23:])
    press.now += 2 * REFRESH
    collector.run()
    assert len(press.articles()) == 25
    assert "Bài viết số 3 của cổng thông tin" not in press.titles()


@pytest.mark.uncounted
def test_an_old_article_that_stays_in_its_listing_is_down_within_a_day(press: Press) -> None:
    for number in range(14):
        press.upstream.answer(f"/bai/{number}.html", body=b"<html><h1>x</h1></html>")
    press.publish("tinh", *(press.item(number) for number in range(14)))
    collector = press.collector()
    collector.run()
    press.upstream.answer("/bai/0.html", status=404)
    ends = press.now + timedelta(hours=25)
    while press.now < ends:
        press.now = max(collector.wake_at(), press.now)
        collector.run()
    assert len(press.articles()) == 13
    assert press.titles()[-1] == "Bài viết số 1 của cổng thông tin"


@pytest.mark.uncounted
def test_a_portal_that_loses_all_its_pages_at_once_keeps_its_articles_for_some_hours(press: Press) -> None:
    press.publish("tinh", *(press.item(number) for number in range(10)))
    collector = press.collector()
    collector.run()
    for number in range(10):
        press.upstream.answer(f"/bai/{number}.html", status=404)
    lost_at = press.now
    while press.now < lost_at + timedelta(hours=4):
        press.now = max(collector.wake_at(), press.now)
        collector.run()
        if press.now < lost_at + timedelta(hours=3):
            assert len(press.articles()) == 10
    assert len(press.articles()) == 0


def test_a_forced_pass_asks_for_every_article_and_believes_what_it_hears(press: Press) -> None:
    press.publish("tinh", *(press.item(number) for number in range(10)))
    press.collector().run()
    for number in range(1, 10):
        press.upstream.answer(f"/bai/{number}.html", status=404)
    press.collector().run(forced=True)
    assert press.titles() == ["Bài viết số 0 của cổng thông tin"]


def test_what_was_forgotten_by_hand_does_not_come_back(press: Press) -> None:
    press.publish("tinh", press.item(1), press.item(2))
    collector = press.collector()
    collector.run()
    press.repository.take_down([press.articles()[0].id])
    press.now += 2 * REFRESH
    collector.run()
    assert len(press.articles()) == 1


def test_another_source_that_tells_what_was_taken_down_is_not_asked_for_it_again_and_again(
    press: Press,
) -> None:
    press.publish("bao")
    press.publish("tinh", press.item(1))
    press.collector().run()
    press.repository.take_down([press.articles()[0].id])
    press.publish("bao", press.item(1))
    collector = press.collector()
    for _ in range(3):
        press.now += 2 * REFRESH
        collector.run()
    assert press.articles() == ()
    assert len(press.upstream.requests_for("/anh.png")) == 2


def test_nothing_from_the_future_heads_the_list(press: Press) -> None:
    press.publish("tinh", press.item(1, day=30))
    collector = press.collector()
    collector.run()
    press.now += 2 * REFRESH
    press.publish("tinh", press.item(2, day=22), press.item(1, day=30))
    collector.run()
    assert press.articles()[0].sort_key <= press.now + timedelta(milliseconds=1)


def test_what_a_removed_source_told_is_trimmed_away(press: Press) -> None:
    press.publish("tinh", press.item(1))
    press.publish("bao", press.item(2))
    press.collector().run()
    press.sources = [replace(press.sources[1])]
    press.collector().run()
    assert [article.source for article in press.articles()] == ["bao"]


def test_a_configuration_that_allows_less_is_obeyed_from_the_start(press: Press) -> None:
    press.publish("tinh", *(press.item(number) for number in (3, 2, 1)))
    press.publish("bao")
    press.collector().run()
    assert all(article.image for article in press.articles())
    press.keep, press.repository = 2, SqliteArticleRepository(press.store, max_image_bytes=0)
    press.collector()
    assert [article.image for article in press.articles()] == [None, None]


def test_a_store_that_was_deleted_is_filled_again_at_once_though_nothing_has_changed(press: Press) -> None:
    press.publish("tinh", press.item(1), press.item(2), etag='"a"')
    press.upstream.answer("/bao.xml", status=500)
    collector = press.collector()
    collector.run()
    for file in press.store.path.parent.glob("store.sqlite3*"):
        file.unlink()
    press.now += timedelta(seconds=20)
    collector.run()
    assert len(press.articles()) == 2
    assert [asked.headers.get("if-none-match") for asked in press.upstream.requests_for("/tinh.xml")] == [
        None,
        None,
    ]
    assert len(press.upstream.requests_for("/bao.xml")) == 1


def test_what_a_restored_backup_lacks_is_read_again_though_nothing_has_changed(
    press: Press, tmp_path: Path
) -> None:
    press.sources = [press.feed("tinh")]
    press.publish("tinh", press.item(1), ETag='"a"')
    collector = press.collector()
    collector.run()
    backup = back_up(press.store, tmp_path / "backup").path
    press.now += REFRESH * 2
    press.publish("tinh", press.item(2), press.item(1), ETag='"b"')
    collector.run()
    assert len(press.articles()) == 2
    restore(press.store, backup)
    assert len(press.articles()) == 1
    collector.run()
    assert len(press.articles()) == 2
    assert "if-none-match" not in press.upstream.requests_for("/tinh.xml")[-1].headers


def test_passes_leave_no_open_files_behind(press: Press) -> None:
    press.publish("tinh", press.item(1))
    press.publish("bao", press.item(2))
    collector = press.collector()
    gc.disable()  # it would close what is left behind, some time
    try:
        collector.run(forced=True)
        after_one = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - the count is all that is wanted
        for _ in range(4):
            collector.run(forced=True)
        assert len(os.listdir("/proc/self/fd")) <= after_one + 8  # noqa: PTH208 - as above
    finally:
        gc.enable()

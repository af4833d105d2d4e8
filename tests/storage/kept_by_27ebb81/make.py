"""Makes the store beside this file, and what must be found in it, with the code of commit 27ebb81 itself.

Run it in a checkout of that commit, with its virtual environment:

    PYTHONPATH=tests .venv/bin/python <this file> <an empty folder>

Both providers and five portals are played on the loopback. The real collectors read them in four passes, the
real serving half notes what was asked for, and `portal-widgets forget` takes an article down. Every name and
text is made up. The folder then holds `store.sqlite3` and `expected.json`, which today's tests read; with any
later code this file is of no use.
"""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from local_upstream import Asked, LocalUpstream, Reply
from PIL import Image, ImageDraw
from service.domain.weather import Aspect, Step
from service.ground import catalogue_of
from service.store import article_records, keys, records
from service.store.shelf import SqliteShelf
from service.store.sqlite import SqliteStore
from service.web.reader import WeatherReader

from service import collecting as wiring
from service.app import create_app
from service.demo import met_norway, open_meteo
from service.settings.load import CONFIG, load
from service.settings.model import Settings

PORT = 41_127  # fixed, for it stands in every address that is kept
HOME = f"http://127.0.0.1:{PORT}"
START = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
PASSES = (timedelta(0), timedelta(minutes=20), timedelta(minutes=50), timedelta(minutes=90))
CITIES = ("dong-ha", "hue", "vinh", "ha-noi", "da-nang")
LEFT_TO_THE_SECOND = ("vinh", "ha-noi", "da-nang")  # the first provider's answer for them cannot be used
OM_PATH, MET_PATH = "/v1/forecast", "/locationforecast/2.0/complete"

CONFIGURATION = f"""
[site]
contact = "ops@example.invalid"
public_url = "https://widgets.example.invalid"

[weather]
cities = {json.dumps(CITIES)}

[weather.open-meteo]
base_url = "{HOME}{OM_PATH}"

[weather.met-norway]
base_url = "{HOME}{MET_PATH}"

[upstream]
allow_private = ["127.0.0.1"]

[articles]
keep = 6

[[articles.source]]
id = "tinh"
name = "Cổng thông tin tỉnh Bình Sơn"
url = "{HOME}/tinh.xml"
full_text = true

[[articles.source]]
id = "thanh-pho"
kind = "page"
name = "Ủy ban thành phố Hải Lộc"
url = "{HOME}/thanh-pho/tin-tuc"
full_text = true
links = "div.ds a.ten"
title = "h1"
date = ".ngay"
lead = ".sapo"
author = ".tac-gia"
body = ".noi-dung"

[[articles.source]]
id = "bao"
kind = "wordpress"
name = "Báo Sông Lam"
url = "{HOME}/bao"
full_text = true

[[articles.source]]
id = "xa"
name = "Xã Vĩnh Thạch"
url = "{HOME}/xa.json"

[[articles.source]]
id = "hop-tac"
name = "Hợp tác xã Cửa Việt"
url = "{HOME}/hop-tac.xml"

[[articles.source]]
id = "chua-ai-nghe"
name = "Chưa ai nghe"
url = "{HOME}/khong-co.xml"
"""


class Clock:
    """Stands still until it is told."""

    now = START

    def __call__(self) -> datetime:
        return self.now


def wait(_: timedelta) -> bool:
    """What the collectors wait by: nobody waits, nobody ends."""
    return False


def drawn(colour: str, width: int = 640, height: int = 400) -> bytes:
    image = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(image).polygon([(0, height), (width // 3, height // 3), (width, height)], fill="#35563a")
    packed = BytesIO()
    image.save(packed, "PNG")
    return packed.getvalue()


def item(  # noqa: PLR0913 - what an item of a feed is made of
    number: int,
    title: str,
    lead: str,
    *,
    at: str = "",
    text: str = "",
    picture: str = "",
    author: str = "",
) -> str:
    """An item of RSS whose page is `/bai/<number>.html`."""
    return (
        f"<item><title>{escape(title)}</title><link>{HOME}/bai/{number}.html</link>"
        f'<guid isPermaLink="false">bai-{number}</guid><description>{escape(lead)}</description>'
        + (f"<pubDate>{at}</pubDate>" if at else "")
        + (f"<dc:creator>{escape(author)}</dc:creator>" if author else "")
        + (f'<enclosure url="{HOME}{picture}" type="image/png" length="2000"/>' if picture else "")
        + (f"<content:encoded>{escape(text)}</content:encoded>" if text else "")
        + "</item>"
    )


def rss(*items: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>T</title><link>{HOME}/</link><description>d</description>{''.join(items)}</channel></rss>"
    ).encode()


BRIDGE = item(
    1,
    "Cầu gỗ Bến Sắn mở lại cho người đi bộ",
    "Sau ba tuần sửa mặt cầu, người dân hai bờ đi lại bình thường.",
    at="Sat, 21 Nov 2026 08:15:00 +0700",
    text=f'<p>Mặt cầu được thay <b>120 tấm ván</b>.</p><p><img src="{HOME}/anh/trong.png" alt="Ván mới"></p>'
    "<ul><li>Xe đạp dắt bộ.</li><li>Xe máy đi cầu dưới.</li></ul><script>alert(1)</script>",
    picture="/anh/cau.png",
    author="Trần Thị Lụa",
)
FORGOTTEN = item(
    2,
    "Danh sách hộ nhận giống lúa vụ đông xuân năm nay",
    "Danh sách dán tại nhà văn hóa thôn.",
    at="Sat, 21 Nov 2026 09:00:00 +0700",
    picture="/anh/lua.png",
)
WITHDRAWN = item(
    3, "Thông báo cắt nước khu Đồng Mít", "Từ 8 giờ đến 11 giờ.", at="Fri, 20 Nov 2026 07:30:00 +0700"
)
DATELESS = item(4, "Số điện thoại trực mùa bão", "Gọi 24 trên 24 giờ.")
DAY_ONLY = item(5, "Lịch tiếp công dân tháng mười hai", "Mỗi sáng thứ năm.", at="2026-11-19")
OLDEST = item(6, "Hội thi gói bánh của phụ nữ xóm Rẫy", "Mười hai đội.", at="Mon, 09 Nov 2026 10:00:00 +0700")
LATER = tuple(
    item(
        number,
        f"Đội thanh niên thôn {number} ra quân dọn kênh mương",
        f"Nhóm thứ {number} bắt đầu từ sáng sớm.",
        at=f"Sun, 22 Nov 2026 09:{number}:00 +0700",
    )
    for number in (21, 22)
)
FIRST = rss(FORGOTTEN, BRIDGE, WITHDRAWN, DAY_ONLY, DATELESS, OLDEST)
SECOND = rss(*reversed(LATER), FORGOTTEN, BRIDGE, WITHDRAWN, DAY_ONLY, DATELESS, OLDEST)
TOLD_BY_ANOTHER = rss(
    item(
        901,
        "Danh sách hộ nhận giống lúa vụ đông xuân năm nay",
        "Hợp tác xã nhắc lại danh sách.",
        at="Sat, 21 Nov 2026 10:00:00 +0700",
    ),
    item(902, "Giá cá nục sáng nay ở cảng", "Ổn định.", at="Sun, 22 Nov 2026 05:00:00 +0700"),
)

LISTING = (
    '<html lang="vi"><body><div class="ds">'
    '<p><a class="ten" href="/thanh-pho/le-hoi.html">Lễ hội đèn ven hồ Hải Lộc</a></p>'
    '<p><a class="ten" href="/thanh-pho/duong.html">Đường Cây Bàng thành phố đi bộ cuối tuần</a></p>'
    "</div></body></html>"
)
FESTIVAL = (
    '<html lang="vi"><body><h1>Lễ hội đèn ven hồ Hải Lộc</h1><span class="ngay">20/11/2026 19:30</span>'
    '<p class="sapo">Hơn hai trăm chiếc đèn giấy được thả trên mặt hồ trong tối khai mạc.</p>'
    '<div class="noi-dung"><p>Học sinh các trường tự làm đèn từ giấy báo cũ và tre vụn.</p>'
    '<p>Ban tổ chức thu lại toàn bộ đèn sau nửa đêm.</p></div><p class="tac-gia">Lê Văn Mộc</p></body></html>'
)
STREET = (
    '<html lang="vi"><body><h1>Đường Cây Bàng thành phố đi bộ cuối tuần</h1>'
    '<span class="ngay">18/11/2026</span><p class="sapo">Xe máy gửi ở hai đầu đường từ 17 giờ thứ sáu.</p>'
    '<div class="noi-dung"><p>Hàng quán xếp bàn trong vạch sơn trắng.</p></div></body></html>'
)


def post(number: int, title: str, lead: str, text: str, **other: Any) -> dict[str, Any]:
    """A post as WordPress's REST interface has it."""
    return {
        "id": number,
        "link": f"{HOME}/bao/bai-{number}/",
        "date": f"2026-11-21T1{number}:20:00",
        "date_gmt": f"2026-11-21T0{number + 3}:20:00",
        "status": "publish",
        "title": {"rendered": title},
        "excerpt": {"rendered": f"<p>{lead}</p>"},
        "content": {"rendered": text},
    } | other


POSTS = [
    post(
        2,
        "Thư viện xã mở cửa buổi tối",
        "Từ tháng này thư viện mở đến 21 giờ các ngày trong tuần.",
        "<p>Bàn đọc có thêm đèn.</p><blockquote><p>Tôi đọc được nhiều hơn.</p></blockquote>",
        _embedded={
            "author": [{"name": "Ngô Bá Thước"}],
            "wp:featuredmedia": [
                {
                    "source_url": f"{HOME}/anh/doc.png",
                    "alt_text": "Phòng đọc",
                    "media_type": "image",
                    "caption": {"rendered": "<p>Bàn đọc mới kê tuần trước.</p>"},
                }
            ],
        },
    ),
    post(
        1,
        "Chợ phiên Cam Sơn dời sang bãi mới",
        "Bãi mới rộng gấp đôi bãi cũ.",
        "<p>Mở từ 5 giờ sáng.</p>",
        _embedded={"author": [{"name": "Phòng Văn hóa huyện Cam Sơn"}]},
    ),
]
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Xã",
    "items": [
        {
            "id": "xa-1",
            "url": f"{HOME}/xa/1",
            "title": "Road to the pier reopened",
            "summary": "Traffic runs again after the repair of the third culvert.",
            "date_published": "2026-11-20T22:10:00Z",
            "language": "en",
            "authors": [{"name": "An Tran"}],
        }
    ],
}


def play_portals(upstream: LocalUpstream) -> None:
    """Everything that is asked for in the first pass."""
    dated = format_datetime(START - timedelta(minutes=3), usegmt=True)
    feed = {"content-type": "application/rss+xml", "etag": 'W/"tinh-1"', "last-modified": dated}
    upstream.answer("/tinh.xml", body=FIRST, headers=feed)
    html = {"content-type": "text/html; charset=utf-8"}
    upstream.answer("/thanh-pho/tin-tuc", body=LISTING, headers=html)
    upstream.answer("/thanh-pho/le-hoi.html", body=FESTIVAL, headers=html)
    upstream.answer("/thanh-pho/duong.html", body=STREET, headers=html)
    upstream.answer(
        "/bao/wp-json/wp/v2/posts", body=json.dumps(POSTS), headers={"content-type": "application/json"}
    )
    upstream.answer(
        "/xa.json",
        body=json.dumps(JSON_FEED),
        headers={"content-type": "application/feed+json", "cache-control": "max-age=1800"},
    )
    upstream.answer("/hop-tac.xml", status=503, body=b"")
    pages = ["/bai/1.html", "/bai/2.html", "/bai/3.html", "/bai/4.html", "/bai/5.html", "/bai/6.html"]
    for page in (
        *pages,
        "/bai/21.html",
        "/bai/22.html",
        "/bai/901.html",
        "/bai/902.html",
        "/bao/bai-1/",
        "/bao/bai-2/",
        "/xa/1",
    ):
        upstream.answer(page, body=b"<html><p>x</p></html>", headers=html)
    for name, colour in {"cau": "#6fa3c7", "trong": "#b98d4f", "lua": "#c9b84a", "doc": "#8a6fa3"}.items():
        upstream.answer(f"/anh/{name}.png", body=drawn(colour), headers={"content-type": "image/png"})


def play_weather(upstream: LocalUpstream, clock: Clock, settings: Settings) -> None:
    """The first provider cannot tell three places; the second does not know one of these."""
    places = {place.id: place for place in catalogue_of(settings)}
    spots = {places[name].latitude for name in LEFT_TO_THE_SECOND}

    def first(asked: Asked) -> Reply:
        status, body = open_meteo.forecast(dict(asked.query), clock.now)
        told = json.loads(body)
        for part in told if isinstance(told, list) else [told]:
            if any(abs(part["latitude"] - latitude) < 0.1 for latitude in spots):
                part["latitude"] += 5
            elif "current" in part and abs(part["latitude"] - places["hue"].latitude) < 0.1:
                part["current"]["wind_gusts_10m"] = part["current"]["apparent_temperature"] = None
        return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json"})

    def second(asked: Asked) -> Reply:
        if abs(float(asked.query["lat"]) - places["vinh"].latitude) < 0.1:
            return Reply(404, b"")
        if clock.now > START + PASSES[2]:
            return Reply(503, b"")
        status, headers, body = met_norway.locationforecast(asked.query, asked.headers, clock.now)
        return Reply(status, body, headers)

    upstream.handle(OM_PATH, first)
    upstream.handle(MET_PATH, second)


def collect(settings: Settings, store: SqliteStore, upstream: LocalUpstream, clock: Clock) -> str:
    """Four passes, what readers asked for, and the takedowns; the id of the article that was forgotten."""
    wiring.utc_now = clock  # for articles it takes no other clock
    weather = wiring.collector_of(settings, wait, clock=clock, store=store)
    news = wiring.article_collector_of(settings, wait, store)
    weather.run()
    news.run()
    reader = WeatherReader(store, settings.weather.ladder, clock)
    asked = [place for place in catalogue_of(settings) if place.id in {"hue", "ha-noi"}]
    reader.forecasts(asked, clock.now)
    reader.write_down()
    (forgotten,) = [one.id for one in SqliteShelf(store).page(query="giống lúa").articles]
    done = subprocess.run(
        [sys.executable, "-m", "service", "forget", forgotten], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for passed in PASSES[1:]:
        clock.now = START + passed
        if passed == PASSES[1]:
            upstream.answer("/tinh.xml", body=SECOND, headers={"etag": 'W/"tinh-2"'})
            upstream.answer("/bai/3.html", status=410)
            upstream.answer("/hop-tac.xml", body=TOLD_BY_ANOTHER, headers={"etag": '"h1"'})
        if passed == PASSES[2]:
            upstream.answer("/tinh.xml", status=304)
        if passed == PASSES[3]:
            upstream.answer("/hop-tac.xml", status=503, body=b"", headers={"retry-after": "7200"})
        weather.run()
        news.run()
        while (at := news.wake_at()) < clock.now + timedelta(minutes=5):  # the articles asked in groups
            clock.now = max(at, clock.now + timedelta(seconds=1))
            news.run()
    return forgotten


def whole(thing: Any) -> Any:
    """A dataclass as JSON has it."""
    return json.loads(json.dumps(asdict(thing), default=str, ensure_ascii=False))


def in_columns(outlook: Any) -> Any:
    """An outlook as JSON has it, its steps as a list for each of their fields: less to keep."""
    told = whole(outlook)
    steps = told["value"]["steps"]
    told["value"]["steps"] = {one.name: [step[one.name] for step in steps] for one in fields(Step)}
    return told


def expected(settings: Settings, store: SqliteStore, now: datetime, forgotten: str) -> dict[str, Any]:
    """Everything that is kept, as the code of that commit reads and serves it."""
    kept = store.read(store.keys(""))
    shelf = SqliteShelf(store)
    listed = shelf.page(limit=100).articles
    client = create_app(settings, store=store, clock=lambda: now, background=False).test_client()

    def get(path: str) -> Any:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json

    def pages(path: str) -> list[Any]:
        found, cursor = [], ""
        while cursor is not None:
            found.append(get(f"{path}&cursor={cursor}" if cursor else path))
            cursor = found[-1]["next_cursor"]
        return found

    hashes = sorted({p.hash for one in listed if one.illustration for p in one.illustration.pictures})
    with closing(sqlite3.connect(store.path)) as raw:
        pictures = {
            name: sha256(body).hexdigest() for name, body in raw.execute("SELECT hash, body FROM pictures")
        }
        barred = sorted(name for (name,) in raw.execute("SELECT id FROM taken_down"))
        sighted = sorted(name for (name,) in raw.execute("SELECT id FROM sightings"))
    assert set(hashes) <= set(pictures)
    paths = [
        "/api/v1/articles?limit=4",
        "/api/v1/articles?q=cau+go&limit=4",
        "/api/v1/articles?source=bao&limit=1",
    ]
    paths += ["/api/v1/articles?q=thanh+pho&source=thanh-pho&source=tinh&limit=4"]
    return {
        "configuration": CONFIGURATION,
        "now": now.isoformat(),
        "tinh.xml": SECOND.decode(),
        "hop-tac.xml": TOLD_BY_ANOTHER.decode(),
        "forgotten": forgotten,
        "keys": store.keys(""),
        "last_write": store.last_write(),
        "origin": store.origin(),
        "current": {
            name: whole(records.current_from_bytes(kept[keys.weather(Aspect.CURRENT, name)]))
            for name in CITIES
            if keys.weather(Aspect.CURRENT, name) in kept
        },
        "outlook": {
            name: in_columns(records.outlook_from_bytes(kept[keys.weather(Aspect.OUTLOOK, name)]))
            for name in CITIES
            if keys.weather(Aspect.OUTLOOK, name) in kept
        },
        "answer": {
            key: {
                "validators": dict(records.answer_from_bytes(record).validators),
                "body": sha256(records.answer_from_bytes(record).body).hexdigest(),
            }
            for key, record in kept.items()
            if key.startswith("answer/")
        },
        "ledger": {
            key: whole(records.ledger_from_bytes(record))
            for key, record in kept.items()
            if key.startswith("ledger/")
        },
        "asked": {
            key: str(records.instant_from_bytes(record))
            for key, record in kept.items()
            if key.startswith("asked/")
        },
        "spots": records.spots_from_bytes(kept[keys.SPOTS]),
        "source": {
            key: whole(article_records.state_from_bytes(record))
            for key, record in kept.items()
            if key.startswith("source/")
        },
        "articles": [whole(one) for one in listed],
        "pictures": pictures,
        "taken_down": barred,
        "sightings": sighted,
        "api": {
            "weather": {name: get(f"/api/v1/weather/{name}") for name in ("dong-ha", "da-nang", "vinh")},
            "pages": {path: pages(path) for path in paths},
            "articles": {one.id: get(f"/api/v1/articles/{one.id}") for one in listed},
        },
    }


def packed(store: SqliteStore, target: Path) -> None:
    """One file, as small as it gets, with the version, the number and the journal mode that it had."""
    store.close()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as raw:
        raw.execute("VACUUM")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    target.write_bytes(store.path.read_bytes())


def main() -> None:
    """Make both files."""
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    (folder / "work").mkdir()
    configuration = folder / "work" / "configuration.toml"
    path = folder / "work" / "store.sqlite3"
    configuration.write_text(CONFIGURATION, encoding="utf-8")
    os.environ[CONFIG] = str(configuration)
    os.environ["PORTAL_WIDGETS_STORE__URL"] = f"sqlite://{path.absolute()}"
    settings, clock, upstream = load(os.environ), Clock(), LocalUpstream(port=PORT)
    store = SqliteStore(settings.store.path)
    try:
        play_portals(upstream)
        play_weather(upstream, clock, settings)
        forgotten = collect(settings, store, upstream, clock)
    finally:
        upstream.close()
    told = expected(settings, store, clock.now, forgotten)
    packed(store, folder / "store.sqlite3")
    lines = [f"{json.dumps(name)}: {json.dumps(told[name], ensure_ascii=False)}" for name in sorted(told)]
    (folder / "expected.json").write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

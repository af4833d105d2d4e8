"""Portals and providers that are asked with keys, and echo them wherever they can.

Every secret is a mark of its own, so that a test can look for all of them in whatever comes out.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from local_upstream import LocalUpstream, ReceivedRequest, Reply
from PIL import Image

from service.demo import open_meteo

TOKEN, API_KEY, SIGNATURE = "tok3n-Marked-1", "ap1key-Marked-2", "s1g-Marked+/3="
WORDPRESS, HEADER, QUERY = "w0rdpress-Marked-4", "h3ader-Marked-5", "qu3ry-Marked-6"
USER, PASSWORD = "us3r-Marked", "pa$$:w0rd/Marked"
PROXY_USER, PROXY_PASSWORD = "pr0xy-Marked", "pr0xy-w0rd-Marked"
IN_PATH, UNNAMED = "Marked7x9q2w8e4r6t1y3", "Marked1a2s3d4f5g6h7j8k9"
ONLY_ONCE = "0nce-Marked"  # what a redirect or a strange header adds: nobody configured it
MARKS = (TOKEN, API_KEY, SIGNATURE, WORDPRESS, HEADER, QUERY, USER, PASSWORD, PROXY_USER, PROXY_PASSWORD,
         IN_PATH, UNNAMED, ONLY_ONCE)  # fmt: skip
WEATHER, ARTICLE, PICTURE = "/v1/forecast", "/bai", "/anh.png"
ASKED_WITH = f"token={TOKEN}&api_key={API_KEY}&z={UNNAMED}"
SIGNED = f"sig={quote(SIGNATURE, safe='')}"


def spellings() -> Iterator[str]:
    """Every mark as it is, percent-encoded, and as basic authentication sends it; in lower case."""
    for mark in MARKS:
        yield from {mark.lower(), quote(mark, safe="").lower(), escape(mark).lower()}
    for user, password in ((USER, PASSWORD), (PROXY_USER, PROXY_PASSWORD)):
        yield b64encode(f"{user}:{password}".encode()).decode().rstrip("=").lower()


def leaked(text: str) -> list[str]:
    """The marks that stand in a text, however they are spelled."""
    return [spelling for spelling in spellings() if spelling in text.lower()]


def configuration(upstream: LocalUpstream, folder: Path) -> Path:
    """A file that names all of them as sources and providers."""
    signed = quote(f"{USER}:{PASSWORD}", safe=":")
    own = upstream.url("").removeprefix("http://")
    sources = {
        "rss": ("feed", f"/feed.xml?{ASKED_WITH}"),
        "json": ("feed", f"/f/{IN_PATH}/feed.json"),
        "page": ("page", f"/tin?id=12&{SIGNED}"),
        "wordpress": ("wordpress", f"/wp-json/wp/v2/posts?key={WORDPRESS}"),
        **{name: ("feed", f"/{name}?{ASKED_WITH}") for name in FAULTS},
    }
    tables = "".join(
        f'[[articles.source]]\nid = "{name}"\nkind = "{kind}"\nname = "Cổng {name}"\nfull_text = true\n'
        f'url = "{upstream.url(path)}"\n'
        for name, (kind, path) in sources.items()
    )
    file = folder / "portal-widgets.toml"
    file.write_text(
        f'[site]\ncontact = "ops@example.gov.vn"\n[store]\nurl = "sqlite://{folder}/store.sqlite3"\n'
        f'[weather]\nproviders = ["open-meteo", "met-norway"]\ncities = ["hue", "vinh"]\n'
        f'[weather.open-meteo]\nbase_url = "{upstream.url(WEATHER)}?apikey={QUERY}"\napi_key = "{HEADER}"\n'
        f'[weather.met-norway]\nbase_url = "http://{signed}@{own}/met"\n'
        f'[edge]\nmemory = "0B"\n[upstream]\nallow_private = ["127.0.0.1"]\n{tables}',
        encoding="utf-8",
    )
    return file


def _echo(asked: ReceivedRequest) -> str:
    """Everything that was asked, in a sentence, as error pages love to tell it."""
    return f"Invalid request {asked.target} ({dict(asked.query)}, {dict(asked.headers)})"


FAULTS = {
    "text": lambda asked: Reply(401, _echo(asked).encode(), {"Content-Type": "text/plain"}),
    "reason": lambda asked: Reply(429, json.dumps({"error": True, "reason": _echo(asked)}).encode()),
    "html": lambda asked: Reply(200, f"<html><title>{_echo(asked)}</title><h1>x</h1></html>".encode()),
    "linked": lambda asked: Reply(
        200,
        f'<html><link rel=alternate type=application/rss+xml href="{escape(asked.target)}"></html>'.encode(),
    ),
    "words": lambda asked: Reply(200, _echo(asked).encode()),
    "element": lambda _: Reply(200, f"<m-{TOKEN}/>".encode()),
    "problem": lambda asked: Reply(200, json.dumps({"code": _echo(asked), "message": _echo(asked)}).encode()),
    "bridge": lambda asked: Reply(
        200,
        "<rss version='2.0'><channel><item><title>Bridge returned error "
        f"{escape(_echo(asked))}</title></item></channel></rss>".encode(),
    ),
    "coding": lambda _: Reply(200, b"x", {"Content-Encoding": ONLY_ONCE}),
    "onward": lambda asked: Reply(302, b"", {"Location": f"/{asked.query['token']}/x?sig={ONLY_ONCE}"}),
    "signed": lambda _: Reply(302, b"", {"Location": f"http://{USER}:{ONLY_ONCE}@127.0.0.1:9/x"}),
    "elsewhere": lambda asked: Reply(302, b"", {"Location": f"http://{asked.query['token']}.invalid/"}),
    "nowhere": lambda _: Reply(302, b"", {"Location": f"http://[{ONLY_ONCE}/"}),
}


def echo(upstream: LocalUpstream, now: datetime) -> None:
    """Let all of them play: four portals with news, the rest with faults, Open-Meteo with weather."""
    upstream.handle(WEATHER, lambda asked: Reply(*open_meteo.forecast({**asked.query, "apikey": ""}, now)))
    picture = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(picture, "PNG")
    upstream.answer(PICTURE, body=picture.getvalue(), headers={"Content-Type": "image/png"})
    for name, fault in FAULTS.items():
        upstream.handle(f"/{name}", fault)
    upstream.handle("/feed.xml", lambda asked: Reply(200, _rss(upstream, asked, now).encode()))
    upstream.handle(f"/f/{IN_PATH}/feed.json", lambda _: Reply(200, _json_feed(upstream, now)))
    upstream.handle("/tin", lambda _: Reply(200, _listing(upstream).encode(), {"Content-Type": "text/html"}))
    upstream.handle("/wp-json/wp/v2/posts", lambda _: Reply(200, _posts(upstream, now)))
    for path in (*(f"{ARTICLE}/{kind}.html" for kind in "rpw"), f"/f/{IN_PATH}/1.html"):
        upstream.handle(
            path,
            lambda asked: Reply(200, _page(upstream, asked).encode(), {"Content-Type": "text/html"}),
        )


def _body(upstream: LocalUpstream, query: str) -> str:
    link, wrapped = upstream.url(f"{ARTICLE}/x.html?id=3&{query}"), quote(upstream.url(f"/?{query}"), safe="")
    return (
        f'<p>Toàn văn, xin từ <a href="{escape(link)}">{escape(link)}</a> và '
        f'<a href="https://a.example/to?u={wrapped}&amp;id=1">một nơi khác</a>.</p>'
        f'<p><img src="{escape(upstream.url(f"{PICTURE}?{query}"))}" alt="Ảnh {escape(query)}"></p>'
        f"<p>Khóa là {escape(TOKEN)}, {escape(API_KEY)} hoặc {escape(SIGNATURE)}.</p>"
    )


def _rss(upstream: LocalUpstream, asked: ReceivedRequest, now: datetime) -> str:
    item = (
        f"<item><title>Tin của cổng có khóa {TOKEN}</title>"
        f"<link>{escape(upstream.url(f'{ARTICLE}/r.html?id=1&{ASKED_WITH}'))}</link>"
        f"<guid>{escape(asked.target)}</guid><author>Nguyễn Văn {API_KEY}</author>"
        f"<description>{escape(escape(_echo(asked)))}</description>"
        f'<enclosure type="image/png" url="{escape(upstream.url(f"{PICTURE}?{ASKED_WITH}"))}"/>'
        f"<pubDate>{format_datetime(now - timedelta(hours=1))}</pubDate>"
        f"<content:encoded>{escape(_body(upstream, ASKED_WITH))}</content:encoded></item>"
    )
    signed = (
        f"<item><title>Tin có mật khẩu trong liên kết</title><link>http://{USER}:x@127.0.0.1/1</link></item>"
    )
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>T</title><link>{escape(upstream.url(asked.target))}</link>{item}{signed}</channel></rss>"
    )


def _json_feed(upstream: LocalUpstream, now: datetime) -> bytes:
    link = upstream.url(f"/f/{IN_PATH}/1.html")
    item = {"id": link, "url": link, "title": "Tin có khóa trong đường dẫn", "content_html": f"<p>{link}</p>"}
    item |= {"date_published": now.isoformat(), "image": upstream.url(f"{PICTURE}?x={IN_PATH}")}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "feed_url": link, "items": [item]}
    return json.dumps(feed).encode()


def _listing(upstream: LocalUpstream) -> str:
    links = [escape(upstream.url(f"{ARTICLE}/p.html?id={number}&{SIGNED}")) for number in range(2, 6)]
    cards = [
        f'<div class="news"><a href="{link}">Tin số {number} của trang danh sách</a></div>'
        for number, link in enumerate(links, 1)
    ]
    return f"<html><body>{''.join(cards)}</body></html>"


def _posts(upstream: LocalUpstream, now: datetime) -> bytes:
    link = upstream.url(f"{ARTICLE}/w.html?key={WORDPRESS}")
    post = {
        "id": 7,
        "date_gmt": f"{now:%Y-%m-%dT%H:%M:%S}",
        "link": link,
        "title": {"rendered": "Tin của WordPress"},
        "excerpt": {"rendered": f"<p>Xem tại {link}</p>"},
        "content": {"rendered": _body(upstream, f"key={WORDPRESS}")},
    }
    return json.dumps([post]).encode()


def _page(upstream: LocalUpstream, asked: ReceivedRequest) -> str:
    here = escape(upstream.url(asked.target))
    return (
        f'<html><head><link rel="canonical" href="{here}"><meta property="og:url" content="{here}">'
        f'<meta property="og:image" content="{escape(upstream.url(f"{PICTURE}?{SIGNED}"))}">'
        f'<meta property="og:description" content="Mở đầu {here}"></head><body>'
        f"<h1>Tin số {asked.query.get('id', '0')} của trang danh sách</h1>"
        f"<div class='content'>{_body(upstream, SIGNED)}"
        f"<p>{'Nội dung của bài viết nói về thành phố. ' * 8}</p></div></body></html>"
    )

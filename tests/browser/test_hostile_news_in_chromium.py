"""News written to harm, on their whole way: from a feed through the collector into a real browser."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest
from direct_runner import DirectRunner
from local_upstream import LocalUpstream
from newsroom import NOW, Newsroom
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from service.articles.collect.collector import ArticleCollector
from service.articles.sources.registry import parser_for
from service.http_client.client import ClientLimits, HttpClient
from service.settings.load import load_tables

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own sockets at its end

MINUTE = timedelta(minutes=1)
OURS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg onload=alert(1)>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<a href='java\tscript:alert(1)'>x</a><a href='data:text/html,<script>alert(1)</script>'>y</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data=x></object><embed src=x>",
    "<form action=//evil.example><input name=q autofocus onfocus=alert(1)><button>go</button></form>",
    "<style>@import '//evil.example/a.css';body{background:url(//evil.example/b)}</style>",
    "<p style=\"background:url('//evil.example/c')\">x</p><base href='//evil.example/'>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<link rel=stylesheet href=//evil.example/d><video poster=//evil.example/e><source src=//evil.example/f>",
    "</title></script></style></textarea><script>alert(1)</script>",
    "{{7*7}}{% raw %}<script>alert(1)</script>",
    "]]><script>alert(1)</script><![CDATA[",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "\ue0000\ue001<img src='/images/x.webp\" onerror=alert(1) x=\"'>",
]


def item(number: int, payload: str, text: str) -> str:
    said, whole = escape(payload), escape(text)
    spelt = escape(said)  # what must come out as text, tags and all
    return (
        f"<item><guid>{number}</guid><title>Tin {number} {spelt}</title><link>javascript:{said}</link>"
        f"<description>{said} {spelt}</description><author>{spelt}</author>"
        f"<content:encoded>&lt;p&gt;Văn bản.&lt;/p&gt;{whole}</content:encoded></item>"
    )


def feed(payloads: list[str]) -> bytes:
    """One item for each of twenty payloads, whose texts hold all of them."""
    printable = ["".join(letter for letter in one if letter.isprintable()) for one in payloads]
    share = -(-len(printable) // 20)
    texts = ["\n".join(printable[at : at + share]) for at in range(0, len(printable), share)]
    items = (item(number, text.split("\n")[0][:300], text) for number, text in enumerate(texts))
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>T</title><link>http://127.0.0.1/</link><description>d</description>{''.join(items)}"
        "</channel></rss>"
    ).encode()


def corpus(kind: str) -> Iterator[Path]:
    folder = os.environ.get("PORTAL_WIDGETS_CORPUS")
    return (Path(folder) / "hostile" / kind).iterdir() if folder else iter(())


def payloads() -> list[str]:
    files = (file.read_text("utf-8", errors="replace") for file in corpus("xss"))
    return OURS + [line for text in files for line in text.splitlines() if line.strip()]


@pytest.fixture
def room(tmp_path: Path, upstream: LocalUpstream) -> Iterator[Newsroom]:
    feeds = {"tinh": feed(payloads())} | {
        f"x{n}": file.read_bytes() for n, file in enumerate(corpus("feeds"))
    }
    for name, body in feeds.items():
        upstream.answer(f"/{name}.xml", body=body, headers={"content-type": "application/rss+xml"})
    sources = [{"id": name, "url": upstream.url(f"/{name}.xml"), "full_text": True} for name in feeds]
    settings = load_tables({"articles": {"source": sources}}, {})
    made = Newsroom.in_folder(tmp_path, sources=settings.articles.source)
    rules = ClientLimits(deadline=timedelta(seconds=5), max_bytes=8_000_000, allow_private=["127.0.0.1"])
    ArticleCollector(
        store=made.store,
        repository=made.repository,
        upstream=HttpClient("tests (ops@example.invalid)", lambda: NOW, rules),
        runner=DirectRunner(),
        parsers=[parser_for(source) for source in settings.articles.source],
        refresh=15 * MINUTE,
        keep=50,
        clock=lambda: NOW,
        wait=lambda _: False,
    ).run()
    server = make_server("127.0.0.1", 0, made.app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
    made.store.close()


def test_nothing_of_it_runs_and_nobody_else_is_asked(browser: Browser, room: Newsroom) -> None:
    articles = room.repository.page(limit=200).articles
    assert len(articles) >= len(OURS)
    paths = [f"/articles/{article.id}" for article in articles]
    paths += [f"/widgets/articles?limit=20&layout={layout}" for layout in ("list", "cards", "headlines")]
    page = browser.new_page()
    heard: list[str] = []
    page.on("dialog", lambda dialog: (heard.append(f"dialog {dialog.message}"), dialog.dismiss())[0])
    page.on("console", lambda message: heard.append(f"console {message.text}"))
    page.on("pageerror", lambda error: heard.append(f"error {error}"))
    page.on("request", lambda request: heard.append(request.url) if room.url not in request.url else None)
    page.on("framenavigated", lambda frame: heard.append(frame.url) if room.url not in frame.url else None)
    for path in paths:
        page.goto(room.url + path)
        assert page.evaluate("[...document.scripts].length") <= 3
        links = page.evaluate("[...document.links].map(link => link.protocol)")
        assert set(links) <= {"http:", "https:"}
    page.close()
    assert [one for one in heard if "favicon" not in one and "404" not in one] == []

"""Articles and pictures written by hand, and a site that shows them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from io import BytesIO
from pathlib import Path
from ssl import SSLContext
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageDraw
from stored_weather import HOUR, NOW, a_store, keep
from web_site import environment_of
from werkzeug.serving import make_server

from service.app import create_app
from service.articles.model import Article, ArticleImage, Published, SourceState, StoredImage
from service.articles.store import records
from service.articles.store.sqlite import SqliteArticleRepository
from service.core.errors import Cause
from service.settings.load import load
from service.settings.model import ArticleSource
from service.storage.store import SqliteStore

ZONE = "Asia/Ho_Chi_Minh"
HANOI = ZoneInfo(ZONE)
PROVINCE = ArticleSource(
    "tinh", "Cổng thông tin điện tử tỉnh", "https://tinh.example/rss", timezone=ZONE, full_text=True
)
CITY = ArticleSource("thanh-pho", "UBND thành phố", "https://tp.example/tin", timezone=ZONE)
SOURCES = (PROVINCE, CITY)
BODY = (
    "<p>Sáng 7/3, đoàn viên các phường cùng ra quân dọn vệ sinh dọc bờ sông và trồng hơn 300 cây xanh.</p>"
    "<h2>Nhiều việc nhỏ</h2><p>Mỗi phường nhận chăm sóc một đoạn. Phần việc gồm:</p>"
    "<ul><li>nhặt rác dọc kè;</li><li>sơn lại ghế đá;</li><li>trồng cây.</li></ul>"
    "<table><tbody><tr><th>Phường</th><th>Số cây</th></tr><tr><td>Phường 1</td><td>120</td></tr>"
    "<tr><td>Phường 5</td><td>184</td></tr></tbody></table>"
    "<blockquote><p>“Làm ít nhưng làm đều”, một đoàn viên nói.</p></blockquote>"
)
HOSTILE = '</script><script>alert(1)</script><img src="x" onerror="alert(2)">'


def picture(width: int, height: int, colour: str = "#7fa8c9") -> bytes:
    """A hill under a sky, as WebP."""
    image = Image.new("RGB", (width, height), colour)
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.65, height * 0.1, width * 0.8, height * 0.1 + width * 0.15), fill="#ffe9a8")
    draw.polygon([(0, height), (width * 0.4, height * 0.4), (width, height)], fill="#4d7a4f")
    drawn = BytesIO()
    image.save(drawn, "WEBP")
    return drawn.getvalue()


ILLUSTRATION = ArticleImage(
    (StoredImage("0" * 31 + "1", 320, 214), StoredImage("0" * 31 + "2", 960, 642)),
    alt="Đoàn viên trồng cây bên bờ sông",
    caption="Đoàn viên trồng cây bên bờ sông sáng 7/3. Ảnh: Văn phòng",
)


def article(number: int, **other: Any) -> Article:
    """The article of this number: a smaller one is newer."""
    at = datetime(2020, 3, 7, 8, 15, tzinfo=HANOI) - timedelta(days=number)
    usual = Article(
        id=f"{number:016x}",
        source="tinh",
        title="Tuổi trẻ thành phố ra quân làm sạch bờ sông",
        url=f"https://tinh.example/bai/{number}",
        published=Published(at),
        first_seen=at,
        changed_at=at,
        sort_key=at,
        lead="Sáng nay, hơn hai trăm đoàn viên cùng dọn vệ sinh và trồng cây dọc kè sông Hiếu.",
    )
    return replace(usual, **other)


@dataclass
class Newsroom:
    """A site with weather for Đông Hà, and a repository for tests to fill; its clock can be moved."""

    store: SqliteStore
    repository: SqliteArticleRepository = field(init=False)
    sources: tuple[ArticleSource, ...] = SOURCES
    hours_later: float = 0.0
    written: dict[str, str] = field(default_factory=dict)
    demo: bool = False
    url: str = ""  # where it is served, when it is

    def __post_init__(self) -> None:
        self.repository = SqliteArticleRepository(self.store)

    @classmethod
    def in_folder(
        cls, folder: Path, sources: tuple[ArticleSource, ...] = SOURCES, **written: str
    ) -> "Newsroom":
        """Weather for Đông Hà and Huế, no article; settings as `site__public_url="…"`."""
        store = a_store(folder)
        for place in ("dong-ha", "hue"):
            keep(store, place)
        return cls(store, sources=sources, written=written)

    def clock(self) -> datetime:
        return NOW + self.hours_later * HOUR

    def answered(self, *sources: str, fetched_at: datetime | None = NOW, cause: Cause | None = None) -> None:
        """These sources have told what they know, then."""
        state = records.state_to_bytes(SourceState(fetched_at, cause))
        self.store.write({records.source_key(source): state for source in sources})

    def put_pictures(self) -> None:
        for kept in ILLUSTRATION.variants:
            self.repository.save_image(kept.hash, picture(kept.width, kept.height))

    @cached_property
    def client(self) -> FlaskClient:
        """Asks the site; settings are read at its first question."""
        return self.app().test_client(use_cookies=False)

    def app(self) -> Flask:
        """The service over these articles."""
        settings = replace(load(environment_of(**self.written)), demo=self.demo)
        return create_app(
            settings,
            store=self.store,
            repository=self.repository,
            sources=self.sources,
            clock=self.clock,
            background=False,
        )


@contextmanager
def served(room: Newsroom, tls: SSLContext | None = None, port: int = 0) -> Iterator[None]:
    """The room's site, answering, by https where there is a context for it."""
    server = make_server("127.0.0.1", port, room.app(), threaded=True)
    if tls:
        # A browser opens connections that it may never use: each is greeted in a thread of its own.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.ssl_context = tls
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    room.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    yield
    server.shutdown()
    server.server_close()
    thread.join()
    room.store.close()

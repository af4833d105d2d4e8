"""A real Chromium, and a real server for it to visit."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import real_browser
import stored_weather
from every_page import SNIPPET
from local_upstream import LocalUpstream
from newsroom import BODY, CITY, HOSTILE, ILLUSTRATION, PROVINCE, Newsroom, article, served
from playwright.sync_api import Browser, sync_playwright
from portal import Portal
from web_site import environment_of
from werkzeug.serving import make_server

from service.app import create_app
from service.settings.load import load

# As long as titles and leads come, and longer than they are shown.
LONG = (
    "Tuổi trẻ thành phố ra quân làm sạch bờ sông, trồng hơn ba trăm cây xanh hưởng ứng Tháng Thanh niên " * 2
)
SOURCES = (replace(PROVINCE, name="Cổng thông tin điện tử thành phố Đông Hà, tỉnh Quảng Trị"), CITY)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if real_browser.EXECUTABLE is None:
        pytest.skip(real_browser.MISSING)
    with sync_playwright() as playwright:
        opened = real_browser.launched(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    store = stored_weather.a_store(Path(tmp_path_factory.mktemp("browser")))
    for place in ("dong-ha", "hue", "ha-noi"):
        stored_weather.keep(store, place)
    settings = load(environment_of(edge__memory="32MB"))
    settings = replace(settings, site=replace(settings.site, public_url="https://widgets.example.gov.vn"))
    later = [0.0]
    app = create_app(
        settings,
        store=store,
        clock=lambda: stored_weather.NOW + later[0] * stored_weather.HOUR,
        background=False,
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Portal(f"http://127.0.0.1:{server.server_port}", store, later)
    server.shutdown()
    server.server_close()
    thread.join()
    store.close()


@pytest.fixture
def site(upstream: LocalUpstream) -> LocalUpstream:
    """The site of somebody else, whose pages carry what we serve."""
    return upstream


@pytest.fixture
def clock(portal: Portal) -> Iterator[Portal]:
    """The portal, for tests that move its clock."""
    yield portal
    portal.hours_later[0] = 0.0


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    room = Newsroom.in_folder(Path(tmp_path_factory.mktemp("articles")), sources=SOURCES)
    room.answered("tinh", "thanh-pho", fetched_at=stored_weather.NOW)
    room.put_pictures()
    room.repository.save(
        [
            article(n, title=LONG, lead=LONG, body_html=BODY, image=None if n % 2 else ILLUSTRATION)
            for n in range(21)
        ]
    )
    room.repository.save([article(SNIPPET, source="thanh-pho")])
    room.repository.save([article(99, title=HOSTILE, lead=HOSTILE, author=HOSTILE, body_html=BODY)])
    with served(room):
        yield room


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Newsroom]:
    """A site that shows sample data."""
    room = Newsroom.in_folder(tmp_path, sources=SOURCES)
    room.demo = True
    room.answered("tinh", "thanh-pho", fetched_at=stored_weather.NOW)
    room.repository.save([article(0)])
    with served(room):
        yield room

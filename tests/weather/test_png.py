"""The picture of the weather as PNG: the same as the SVG, with ink where its texts are."""

import io
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import Event
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from web_site import MINUTE, NOW, Site, an_hourly_forecast

from service.weather.png import PngDrawer, TooManyPictures
from service.web.widget_options import PICTURE_SIZES, Layout

PNG, SVG = "/widgets/weather/hue.png", "/widgets/weather/hue.svg"
TINY = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><desc>{}</desc></svg>'


@pytest.fixture(scope="module")
def site_of_all(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site.in_folder(tmp_path_factory.mktemp("site"))
    site.keep("hue", hourly=an_hourly_forecast())
    return site


@pytest.fixture
def site(site_of_all: Site) -> Site:
    """The site, at the usual time."""
    site_of_all.now = NOW
    return site_of_all


def image(data: bytes) -> Image.Image:
    opened = Image.open(io.BytesIO(data))
    assert opened.format == "PNG"
    return opened.convert("RGBA")


def inks(picture: Image.Image, svg: bytes) -> dict[str, int]:
    """Return how many pixels at each text have another colour than the ground beside it."""
    found = {}
    for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        x, y = (round(2 * float(text.get(name, ""))) for name in ("x", "y"))
        ends = text.get("text-anchor") == "end"
        area = picture.crop((x - 30 if ends else x, y - 16, x if ends else x + 30, y))
        ground = picture.getpixel((x + 4 if ends else x - 3, y - 8))
        found["".join(text.itertext())] = sum(
            count for count, colour in area.getcolors(480) or [] if colour != ground
        )
    return found


@pytest.mark.parametrize("layout", [Layout.COMPACT, Layout.STRIP])
@pytest.mark.parametrize("look", ["theme=light", "theme=dark&lang=en", "transparent=yes&border=no"])
def test_it_is_the_svg_at_twice_its_size(site: Site, layout: Layout, look: str) -> None:
    answer = site.get(f"{PNG}?layout={layout}&{look}")
    picture = image(answer.data)
    assert picture.size == tuple(2 * side for side in PICTURE_SIZES[layout])
    written = inks(picture, site.get(f"{SVG}?layout={layout}&{look}").data)
    assert len(written) > 8
    assert {text: ink for text, ink in written.items() if ink < 60} == {}


def test_its_corners_are_clear_and_its_ground_is_that_of_the_theme(site: Site) -> None:
    grounds = {"": (255, 255, 255, 255), "theme=dark": (23, 28, 34, 255), "transparent=yes": (0, 0, 0, 0)}
    for query, ground in grounds.items():
        picture = image(site.get(f"{PNG}?{query}").data)
        assert picture.getpixel((0, 0)) == (0, 0, 0, 0)
        assert picture.getpixel((300, 8)) == ground


def test_the_theme_of_the_reader_is_light(site: Site) -> None:
    assert site.get(PNG).data == site.get(f"{PNG}?theme=light").data != site.get(f"{PNG}?theme=dark").data


def test_full_has_the_picture_of_compact(site: Site) -> None:
    assert site.get(f"{PNG}?layout=full").data == site.get(PNG).data


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/widgets/weather/hue", 200),
        ("/widgets/weather/vinh", 200),  # nothing was fetched yet
        ("/widgets/weather/atlantis", 404),
        ("/widgets/weather/hue{}?theme=red", 400),
    ],
)
def test_its_status_and_headers_are_those_of_the_svg(site: Site, path: str, status: int) -> None:
    path = path if "{}" in path else path + "{}"
    png, svg = (site.get(path.format(ending)) for ending in (".png", ".svg"))
    assert (png.status_code, png.content_type) == (status, "image/png")
    assert png.headers["Content-Security-Policy"] == "default-src 'none'"
    own = {"Content-Type", "Content-Length", "Content-Security-Policy", "ETag", "Vary", "X-Request-Id"}
    headers = [{name: value for name, value in answer.headers if name not in own} for answer in (png, svg)]
    assert headers[0] == headers[1]
    assert headers[0]["Access-Control-Allow-Origin"] == "*"
    assert ("ETag" in png.headers) == ("ETag" in svg.headers)
    assert image(png.data).size == (600, 368)


def test_it_is_kept_like_every_answer(tmp_path: Path) -> None:
    site = Site.in_folder(tmp_path, edge__memory="1MB")
    site.keep("hue", hourly=an_hourly_forecast())
    first = site.get(PNG, {"Accept-Encoding": "br, gzip"})
    again = site.get(f"{PNG}?utm_source=mail", {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "hit" in again.headers["Cache-Status"]
    assert "Content-Encoding" not in first.headers
    assert "Vary" not in first.headers


def test_a_letter_that_no_font_has_is_a_box() -> None:
    drawer = PngDrawer(lambda: NOW)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text x="2" y="16" '
        'font-size="16" font-family="Noto Sans">{}</text></svg>'
    )
    blank, chinese, emoji, *letters = (
        drawer.draw(svg.format(text)) for text in ("", "字", "🌧", *"Ệ\u2212°Ж₫")
    )
    assert chinese == emoji
    assert len({blank, chinese, *letters}) == 2 + len(letters)


@pytest.mark.parametrize(
    "text",
    [
        "दिल्ली नई दिल्ली",
        "👨\u200d👩\u200d👧🇻🇳 🌧\ufe0f",
        "Z\u0338\u0322a\u0335l\u0334g\u0337o",
        "o\u031b\u0323" * 8,
        "ไทย",
    ],
)
def test_marks_and_joined_letters_keep_to_their_room(text: str) -> None:
    """Resvg does not keep to `textLength` where several letters of the text are one of the font's."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="20"><text x="5" y="16" font-size="16" '
        f'font-family="Noto Sans" textLength="80" lengthAdjust="spacingAndGlyphs">{text}</text></svg>'
    )
    left, _, right, _ = image(PngDrawer(lambda: NOW).draw(svg)).getbbox() or (0, 0, 0, 0)
    assert 8 <= left < 100 < right <= 2 * (5 + 80 + 2)


# Too many


def test_only_so_many_wait_for_one_that_is_drawn() -> None:
    """The clock is looked at while a picture is being drawn: here it takes until the others have come."""
    drawing, go_on = Event(), Event()

    def clock() -> datetime:
        if drawing.is_set():
            assert go_on.wait(10)
        return NOW

    drawer = PngDrawer(clock)
    drawing.set()
    with ThreadPoolExecutor(20) as threads:
        results = [threads.submit(drawer.draw, TINY.format(number)) for number in range(20)]
        refused = list(islice(as_completed(results, timeout=10), 14))
        go_on.set()
    assert [type(result.exception()) for result in refused] == [TooManyPictures] * 14
    assert sum(result.exception() is None for result in results) == 6


def test_a_flood_is_refused_and_over_when_it_has_passed() -> None:
    now = [NOW]
    drawer = PngDrawer(lambda: now[0])

    def drawn(numbers: range) -> int:
        count = 0
        for number in numbers:
            try:
                drawer.draw(TINY.format(number))
            except TooManyPictures:
                continue
            count += 1
        return count

    assert drawn(range(1000)) == 400
    assert drawn(range(399, 400)) == 1  # it is remembered
    now[0] += timedelta(seconds=1)
    assert drawn(range(1000, 2000)) == 8
    now[0] -= timedelta(days=1)
    assert drawn(range(2000, 2010)) == 0
    now[0] += 10 * MINUTE
    assert drawn(range(3000, 4000)) == 400


def test_who_asks_for_too_many_gets_the_svg_and_is_to_ask_again(tmp_path: Path) -> None:
    site = Site.in_folder(tmp_path)
    view = site.app.extensions["views"]["widgets.weather_png"]
    drawer = view.respond.__self__._png  # noqa: SLF001 - so many whole pictures would take seconds
    for number in range(400):
        drawer.draw(TINY.format(number))
    answer = site.get(f"{PNG}?theme=light")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data == site.get(f"{SVG}?theme=light").data
    assert answer.mimetype == "image/svg+xml"
    site.now += MINUTE
    assert site.get(PNG).mimetype == "image/png"

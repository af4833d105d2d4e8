"""The picture of the weather: nothing lies over anything, and every state is in it."""

import re
from dataclasses import replace
from itertools import cycle, product
from pathlib import Path
from unicodedata import category
from xml.etree import ElementTree as ET

import brotli
import pytest
from colours import contrast
from hypothesis import given
from hypothesis import strategies as st
from web_site import HOUR, LANGUAGES, NOW, Site, an_hourly_forecast
from written_pictures import FONTS, WEATHERS, Font, a_picture, needs_fonts, overlaps

from service.core.freshness import State
from service.locales.catalog import CATALOGS
from service.locales.formatter import Formatter
from service.locales.numbers import Units
from service.places.catalogue import built_in_places
from service.weather import text_width
from service.weather.text_width import fit, measure, share, wrap
from service.web.widget_options import PICTURE_SIZES, Layout

WIDTHS = Path(text_width.__file__).parent / "fonts" / "widths.tsv"
PLACES = built_in_places()
LAYOUTS = (Layout.COMPACT, Layout.STRIP)
ONE = PLACES[0]
NAMES = (
    "X",
    "Thị trấn Nông trường Mộc Châu và các xã lân cận của tỉnh Sơn La",
    "LLANFAIRPWLLGWYNGYLLGOGERYCHWYRNDROBWLLLLANTYSILIOGOGOGOCHWW",
    "<b>&amp;\"'</b>]]>",
    "東京都 千代田区 霞が関 一丁目",
    "مدينة الرياض",
    "🌧️🌧️🌧️🌧️🌧️🌧️🌧️🌧️🌧️🌧️🌧️🌧️🌧️🌧️🌧️",
    "o\u031b\u0323" * 60,
    "𒐫" * 20,
)


def formatters() -> list[Formatter]:
    return [Formatter(language, units) for language in LANGUAGES for units in Units]


@needs_fonts
@pytest.mark.uncounted
@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_text_lies_over_another_for_any_place(layout: Layout, font: str) -> None:
    drawn = Font(FONTS[font])
    weathers = cycle(WEATHERS)
    for formatter, place in product(formatters(), PLACES):
        assert overlaps(a_picture(place, next(weathers), layout, formatter), drawn) == [], place.id


@needs_fonts
@pytest.mark.uncounted
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_text_lies_over_another_whatever_the_name_and_the_state(layout: Layout) -> None:
    fonts = [Font(files) for files in FONTS.values()]
    states = [
        {},
        {"sample": True},
        {"state": State.STALE},
        {"state": State.STALE, "providers": ("b", "a")},
        {"providers": ("c", "b")},
    ]
    for name, (state, formatter) in product(NAMES, zip(states, cycle(formatters()), strict=False)):
        place = replace(ONE, names={"vi": name, "en": name})
        for weather in (*WEATHERS[:3], (None, None)):
            picture = a_picture(place, weather, layout, formatter, **state)
            assert [fault for font in fonts for fault in overlaps(picture, font)] == []


@needs_fonts
def test_the_judge_sees_what_overlaps() -> None:
    picture = a_picture(ONE, WEATHERS[0], Layout.COMPACT, Formatter("vi"))
    title, *others = picture.texts
    moved = replace(picture, texts=(replace(title, x=250, y=62), *others))
    assert overlaps(picture, Font(FONTS["DejaVu Sans"])) == []
    assert overlaps(moved, Font(FONTS["DejaVu Sans"])) != []


@needs_fonts
@pytest.mark.parametrize("text", ["Đông Hà 27 °C", "Ưỡn ẹo \u2013 “Ệ”…", "Cập nhật lúc 10:00"])
def test_the_widths_are_those_of_the_fonts(text: str) -> None:
    for bold in (False, True):
        told = measure(text, 100, bold=bold)
        noto, wide = (Font(files).width(text, 100, bold=bold) for files in FONTS.values())
        assert (told.noto, told.wide) == pytest.approx((noto, wide), rel=0.02)


def test_the_fonts_have_every_letter_of_texts_and_places() -> None:
    catalogs = "\n".join(file.read_text(encoding="utf-8") for file in CATALOGS.glob("*/messages.po"))
    texts = re.findall(
        r'^msgid "(?:condition|wind|state|alert|error).*\nmsgstr "(.+)"', catalogs, re.MULTILINE
    )
    assert len(texts) > 100
    texts += [name for place in PLACES for name in place.names.values()]
    for formatter, weather, layout in product(formatters(), WEATHERS, LAYOUTS):
        texts += [f"{text.text}{text.unit}" for text in a_picture(ONE, weather, layout, formatter).texts]
    letters = {line.partition("\t")[0] for line in WIDTHS.read_text(encoding="utf-8").splitlines()}
    assert {letter for letter in "".join(texts) if f"{ord(letter):04x}" not in letters} == set()


# How a text is made to fit

SOME_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=80)


@given(
    text=SOME_TEXT, size=st.sampled_from([11.5, 17.0, 40.0]), room=st.integers(30, 400), bold=st.booleans()
)
def test_a_text_keeps_to_its_room(text: str, size: float, room: int, bold: bool) -> None:
    fitted = fit(text, size, room, bold=bold)
    if fitted.length is None:
        assert measure(fitted.text, size, bold=bold).wide <= room
    else:
        assert fitted.length <= room
    assert category(f"{fitted.text} "[0]) != "Mn" or not text or category(text[0]) == "Mn"


@pytest.mark.parametrize(
    ("text", "room", "expected", "narrowed"),
    [
        ("Huế", 1.3, "Huế", False),
        ("Thành phố Hồ Chí Minh", 1.05, "Thành phố Hồ Chí Minh", True),
        ("Thành phố Hồ Chí Minh", 0.9, "Thành phố Hồ Chí Minh", True),
        ("Thành phố Hồ Chí Minh", 0.85, "Thành phố Hồ Chí…", True),
        ("Gió mạnh cấp 14 (giật 220 km/h)", 0.6, "Gió mạnh cấp 14…", True),
        ("Llanfairpwllgwyngyll", 0.5, "Llanfair…", True),
        ("漢字", 1.0, "漢字", False),
        ("Xã 🌧", 1.3, "Xã 🌧", True),  # an emoji may be wide
    ],
)
def test_a_text_is_narrowed_before_it_is_cut(text: str, room: float, expected: str, narrowed: bool) -> None:
    """`room` in widths of the text in Noto Sans."""
    fitted = fit(text, 15, room * measure(text, 15, bold=True).noto, bold=True)
    assert (fitted.text, fitted.length is not None) == (expected, narrowed)


def test_the_rest_of_a_text_is_in_the_last_line() -> None:
    assert wrap("một hai ba bốn", 14, 40, 2, bold=False) == ["một", "hai ba bốn"]
    assert wrap("Tuyết", 14, 5, 2, bold=False) == ["Tuyết"]


def test_the_widest_give_way_to_the_others() -> None:
    widths = [measure(text, 10, bold=False) for text in ("a", "w" * 30, "w" * 40)]
    assert share(widths, 900) == [width.wide for width in widths]
    narrow = share(widths, 200)
    assert sum(narrow) == pytest.approx(200)
    assert narrow[0] == widths[0].noto
    assert narrow[1] == narrow[2]


# What is in it


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


def words(site: Site, query: str, path: str = "/widgets/weather/hue.svg") -> list[str]:
    root = ET.fromstring(site.get(f"{path}?{query}").data)
    return ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_compact_has_what_the_widget_has(site: Site) -> None:
    assert set(words(site, "")) == {
        "Huế",
        "27\u00a0°C",
        "Nhiều mây, âm u",
        "30°",
        "22°",
        "Khả năng mưa",
        "80\u00a0%",
        "Độ ẩm",
        "79\u00a0%",
        "Gió tây bắc",
        "30\u00a0km/h, cấp\u00a05",
        "Cập nhật lúc 10:15 ngày 22/11/2026",
        "Nguồn: Open-Meteo",
    }


def test_a_strip_is_one_line_without_what_has_no_room(site: Site) -> None:
    root = ET.fromstring(site.get("/widgets/weather/hue.svg?layout=strip&lang=en").data)
    lines = {text.get("y") for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert lines == {"30", "32"}  # the large temperature stands lower, so that it is in the middle
    assert set(words(site, "layout=strip&lang=en")) == {
        "Hue",
        "27\u00a0°C",
        "Overcast",
        "30°",
        "22°",
        "80\u00a0%",
        "30\u00a0km/h, force\u00a05",
        "10:15 22 Nov",
        "Source: Open-Meteo",
    }


def test_full_has_the_picture_of_compact(site: Site) -> None:
    assert site.get("/widgets/weather/hue.svg?layout=full").data == site.get("/widgets/weather/hue.svg").data


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_says_all_to_who_cannot_see_it(site: Site, layout: Layout) -> None:
    root = ET.fromstring(site.get(f"/widgets/weather/hue.svg?layout={layout}").data)
    title, description, *_ = ("".join(element.itertext()) for element in root)
    assert (root.get("role"), root.get("lang"), title) == ("img", "vi", "Thời tiết Huế")
    for value in ("27\u00a0°C", "nhiều mây", "Cao nhất 30°, thấp nhất 22°, khả năng mưa 80\u00a0%", "10:15"):
        assert value in description
    width, height = PICTURE_SIZES[layout]
    assert root.get("viewBox") == f"0 0 {width} {height}"
    assert (root.get("width"), root.get("height")) == (str(width), str(height))


@pytest.mark.parametrize("query", ["", "layout=strip", "lang=en&units=imperial&accent=ff00ff"])
def test_it_is_light(site: Site, query: str) -> None:
    site.now += 2 * HOUR
    assert len(brotli.compress(site.get(f"/widgets/weather/hue.svg?{query}").data)) <= 2_000


def test_it_needs_no_variables_and_loads_nothing(site: Site) -> None:
    for query in ("", "theme=dark", "layout=strip&transparent=yes"):
        text = site.get(f"/widgets/weather/hue.svg?{query}").text
        assert "var(" not in text
        assert "--" not in text
        assert not re.search(r"href|url\(|@import|<image|<script", text)


def colours(css: str) -> dict[str, str]:
    """The colour of each class, the last one that is set."""
    rules = re.findall(r"([^{}]+)\{fill:(#[0-9a-f]+)", css)
    return {name.strip(): colour for names, colour in rules for name in names.split(",")}


@pytest.mark.parametrize("accent", ["", "ffffff", "000000", "ffd500", "7f7f7f", "0000ff"])
@pytest.mark.parametrize("stale", [False, True])
def test_every_text_can_be_read_in_both_themes(site: Site, accent: str, stale: bool) -> None:
    site.now += 2 * HOUR * stale
    page = site.get(f"/widgets/weather/hue.svg?accent={accent}").text
    light, dark = page.partition("<style>")[2].partition("</style>")[0].split("@media")
    for css, ground in ((light, "#ffffff"), (dark, "#171c22")):
        told = colours(css)
        assert {"text", ".label", ".credit", ".old" if stale else ".foot"} <= told.keys()
        assert told.pop(".card") in {ground, "#fff"}
        assert [name for name, colour in told.items() if contrast(colour, ground) < 4.5] == []


def test_its_colours_are_those_of_the_card(site: Site) -> None:
    for query in ("theme=light", "theme=dark"):
        picture = set(
            re.findall(r"(?:fill|stroke):(#[0-9a-f]+)", site.get(f"/widgets/weather/hue.svg?{query}").text)
        )
        page = site.get(f"/widgets/weather/hue?{query}").text
        assert picture <= set(re.findall(r"--\w+:(#[0-9a-f]+)", page))


@pytest.mark.parametrize(
    ("query", "fill", "stroke"),
    [
        ("", True, True),
        ("transparent=yes", False, True),
        ("border=no", True, False),
        ("transparent=yes&border=no", False, False),
    ],
)
def test_the_card_has_a_ground_and_a_line_unless_it_is_to_have_none(
    site: Site, query: str, fill: bool, stroke: bool
) -> None:
    page = site.get(f"/widgets/weather/hue.svg?theme=dark&{query}").text
    rule = page.partition(".card{")[2].partition("}")[0]
    assert ("fill:#171c22" in rule, "stroke:#303b46" in rule) == (fill, stroke)
    assert ('class="card"' in page) == (fill or stroke)

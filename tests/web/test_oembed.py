import json
import re
from html import unescape
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from web_site import Site

from service.web.heights import ARTICLES, DEFAULT_WIDTH, PORTAL
from service.web.heights import WEATHER as HEIGHTS
from service.web.widget_options import ArticleLayout, Layout

HERE = "https://widgets.example.gov.vn/w"
LINK = re.compile('<link rel="alternate" type="([^"]*oembed)" href="([^"]*)">')
WEATHER = f"{HERE}/widgets/weather/dong-ha"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site.in_folder(tmp_path_factory.mktemp("oembed"), site__public_url=HERE)


def path(url: str, more: str = "") -> str:
    return f"/oembed?url={quote(url, safe='')}{more}"


def test_a_widget_is_told_as_a_frame_of_its_documented_height(here: Site) -> None:
    told = here.json(path(f"{WEATHER}?layout=full&lang=en"))
    assert (told["version"], told["type"], told["title"]) == ("1.0", "rich", "Weather in Dong Ha")
    assert (told["width"], told["height"]) == (DEFAULT_WIDTH, HEIGHTS[Layout.FULL].at(DEFAULT_WIDTH))
    address = f"{WEATHER}?layout=full&amp;lang=en"
    link = f'<a href="{address}">Weather in Dong Ha</a>'
    quoted = f'<blockquote class="wp-embedded-content" hidden>{link}</blockquote>'
    assert told["html"].startswith(f'{quoted}<iframe src="{address}" title="Weather" ')
    assert "script" not in told["html"]


def test_a_table_is_called_after_its_province_and_as_high_as_its_rows(here: Site) -> None:
    table = HEIGHTS[Layout.TABLE]
    told = here.json(path(f"{HERE}/widgets/weather?cities=hue,atlantis"))
    assert (told["title"], told["height"]) == ("Thời tiết", table.holding(2).at(DEFAULT_WIDTH))
    assert here.json(path(f"{HERE}/widgets/weather?province=Hue"))["title"] == "Thời tiết Huế"
    for nothing in ("cities=atlantis", "province=atlantis", "cities=hue&province=hue"):
        assert here.get(path(f"{HERE}/widgets/weather?{nothing}")).status_code == 404


@pytest.mark.parametrize(
    ("address", "height"),
    [
        ("/widgets/weather?city=hue&layout=strip", HEIGHTS[Layout.STRIP].at(DEFAULT_WIDTH)),
        ("/widgets/articles?limit=3", ARTICLES[ArticleLayout.LIST].holding(3).at(DEFAULT_WIDTH)),
        (
            "/widgets/articles?layout=cards&limit=2",
            ARTICLES[ArticleLayout.CARDS].holding(2).at(DEFAULT_WIDTH),
        ),
        ("/widgets/portal?city=hue&limit=4", PORTAL.holding(4).at(DEFAULT_WIDTH)),
    ],
)
def test_every_widget_has_its_own_height(here: Site, address: str, height: int) -> None:
    assert here.json(path(HERE + address))["height"] == height


def test_a_list_is_called_after_the_heading_that_it_shows(here: Site) -> None:
    told = here.json(path(f"{HERE}/widgets/articles?title=Tin%20%3Cn%C3%B3ng%3E"))
    assert told["title"] == "Tin <nóng>"
    assert ">Tin &lt;nóng&gt;</a>" in told["html"]
    assert ' title="Tin &lt;nóng&gt;" ' in told["html"]
    assert here.json(path(f"{HERE}/widgets/articles"))["title"] == "Tin mới"


def test_no_size_is_beyond_what_the_reader_allows(here: Site) -> None:
    told = here.json(path(WEATHER, "&maxwidth=200&maxheight=150"))
    assert (told["width"], told["height"]) == (200, 150)
    assert 'width="200" height="150"' in told["html"]


@pytest.mark.parametrize(
    ("more", "width"), [("", DEFAULT_WIDTH), ("&maxwidth=300", 300), ("&maxwidth=500", "100%")]
)
def test_what_is_left_of_a_frame_without_its_style_is_no_wider_than_its_column(
    here: Site, more: str, width: int | str
) -> None:
    """WordPress removes the style, and allows more pixels than a telephone, or its own column, has."""
    told = here.json(path(WEATHER, more))
    assert f' width="{width}" height="{told["height"]}" ' in told["html"]
    assert f"max-width:{'100%' if width == told['width'] else '500px'};" in told["html"]


@pytest.mark.parametrize(("maxwidth", "width"), [(250, 250), (900, 900), (5000, 1200)])
def test_the_frame_is_as_wide_as_the_reader_has_room_and_as_high_as_it_is_there(
    here: Site, maxwidth: int, width: int
) -> None:
    told = here.json(path(f"{WEATHER}?layout=full", f"&maxwidth={maxwidth}"))
    assert (told["width"], told["height"]) == (width, HEIGHTS[Layout.FULL].at(width))


def test_a_slash_at_the_end_of_an_address_is_not_handed_on(here: Site) -> None:
    """The page has none, and a frame of the address with one would be a 404."""
    assert f'src="{WEATHER}"' in here.json(path(f"{WEATHER}/"))["html"]
    assert here.get("/widgets/weather/dong-ha/").status_code == 404


def test_xml_says_the_same_as_json(here: Site) -> None:
    answer = here.get(path(WEATHER, "&format=xml"))
    assert answer.content_type == "text/xml; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    told = {child.tag: child.text for child in ET.fromstring(answer.data)}
    assert told == {name: str(value) for name, value in here.json(path(WEATHER)).items()}


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/w/widgets/weather/dong-ha",
        "https://widgets.example.gov.vn/widgets/weather/dong-ha",
        f"{HERE}/widgets/weather/nowhere",
        f"{HERE}/widgets/weather/dong-ha?layout=round",
        f"{HERE}/widgets/articles?source=nobody&limit=99",
        f"{HERE}/articles/0000",
        f"{HERE}/",
        "javascript:alert(1)",
        "https://[",
        "https://widgets.example.gov.vn:port/w/widgets/portal",
    ],
)
def test_what_is_not_ours_is_not_found(here: Site, url: str) -> None:
    answer = here.get(path(url))
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_the_other_scheme_is_the_same_address(here: Site) -> None:
    assert here.json(path(WEATHER.replace("https:", "http:"))) == here.json(path(WEATHER))


@pytest.mark.parametrize(
    ("query", "code", "named"),
    [
        ("", 400, "url"),
        (f"?url={quote(WEATHER)}&maxwidth=wide", 400, "maxwidth"),
        (f"?url={quote(WEATHER)}&maxheight=0", 400, "maxheight"),
        (f"?url={quote(WEATHER)}&format=yaml", 501, "format"),
    ],
)
def test_a_bad_request_is_told_as_the_specification_has_it(
    here: Site, query: str, code: int, named: str
) -> None:
    answer = here.get(f"/oembed{query}")
    assert answer.status_code == code
    assert named in json.loads(answer.data)["detail"]


@pytest.mark.parametrize(
    "address",
    ["/widgets/weather/dong-ha?lang=en&theme=dark", "/widgets/articles", "/widgets/portal?city=hue"],
)
def test_every_widget_names_the_addresses_of_its_own_oembed(here: Site, address: str) -> None:
    links = LINK.findall(here.get(address).text)
    assert [kind for kind, _ in links] == ["application/json+oembed", "text/xml+oembed"]
    for _, href in links:
        told = here.get(unescape(href).removeprefix(HERE))
        assert told.status_code == 200
        assert quote(address.partition("?")[0], safe="/") in told.text


def test_what_nobody_knows_of_does_not_get_into_the_page(here: Site) -> None:
    assert "made-up" not in here.get("/widgets/weather/dong-ha?made-up=1").text

"""The picture of the weather as Chromium draws it in two fonts: where its texts really are."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from web_site import CURRENT, HOUR, Site, an_hourly_forecast, settings_of
from written_pictures import FONTS, Box, needs_fonts

from service.places.catalogue import built_in_places
from service.places.model import PlaceKind
from service.storage.store import SqliteStore
from service.weather.model import Condition, DetailedCondition, HourlyForecast, Intensity
from service.web.widget_options import PICTURE_SIZES, Layout

_BOXES = """[...document.querySelectorAll('svg text')].map(e => {
    const box = e.getBBox();
    return [box.x, box.y, box.x + box.width, box.y + box.height, e.textContent];
})"""
_FAMILY = 'system-ui,"Noto Sans",sans-serif'
_LONG = "Thị trấn Nông trường Mộc Châu 東京都 🌧️ và các xã lân cận"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Layout, str]]:
    site = _site(tmp_path_factory.mktemp("pictures"))
    storm = DetailedCondition(Condition.THUNDER, Intensity.VERY_HEAVY)
    hot = tuple(hour._replace(temperature=41.0, precipitation=9.0) for hour in an_hourly_forecast().points)
    site.keep("xa", "dong-ha", hourly=an_hourly_forecast())
    site.keep(
        "ha-noi",
        current=replace(CURRENT, temperature=-38.0, wind_speed=70.0, wind_gust=80.0, condition=storm),
        hourly=HourlyForecast(hot),
    )
    places = ("xa", "dong-ha", "ha-noi", "vinh", "atlantis")
    looks = ("", "&lang=en&units=imperial")
    found = _drawn(site, [f"{place}.svg?theme=light{look}" for place in places for look in looks])
    found += _drawn(site, ["xa.svg?accent=a&theme=b&units=c&border=d&lang=e"])
    site.now += 2 * HOUR
    found += _drawn(site, [f"{place}.svg?theme=light" for place in places[:3]])
    site.store.close()
    return found


def _site(folder: Path) -> Site:
    """Return a site with a place whose names are too long."""
    settings = settings_of(folder)
    place = replace(
        built_in_places()[0],
        id="xa",
        names={"vi": _LONG, "en": "M" * 40},
        kind=PlaceKind.CONFIGURED,
        built_in=False,
    )
    settings = replace(settings, weather=replace(settings.weather, city=(place,)))
    return Site(settings, SqliteStore(settings.store.path))


def _drawn(site: Site, paths: list[str]) -> list[tuple[Layout, str]]:
    return [
        (layout, site.get(f"/widgets/weather/{path}&layout={layout}").text)
        for path in paths
        for layout in (Layout.COMPACT, Layout.STRIP)
    ]


@needs_fonts
@pytest.mark.parametrize("font", FONTS)
def test_no_text_lies_over_another(browser: Browser, pictures: list[tuple[Layout, str]], font: str) -> None:
    page = browser.new_page()
    for layout, svg in pictures:
        assert _FAMILY in svg
        page.set_content(svg.replace(_FAMILY, f'"{font}"'))
        boxes = [Box(*box) for box in page.evaluate(_BOXES)]
        assert boxes
        width, height = PICTURE_SIZES[layout]
        assert [pair for pair in combinations(boxes, 2) if pair[0].touches(pair[1])] == []
        assert [box for box in boxes if box.left < 0 or box.right > width or box.bottom > height] == []
    page.close()

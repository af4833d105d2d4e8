import re
from pathlib import Path

import pytest
from web_site import HOUR, LANGUAGES, NOW, Site, an_hourly_forecast

from service.weather.model import HourlyForecast

NUMBERS = ("27", "79", "30 km", "1009")
LAYOUTS = ("compact", "strip", "full")


def notice(site: Site, path: str, status: int = 200) -> str:
    answer = site.get(path)
    assert answer.status_code == status
    return answer.text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_fresh_widget_shows_the_numbers_their_hour_and_their_source(site: Site, layout: str) -> None:
    page = notice(site, f"/widgets/weather/dong-ha?layout={layout}")
    assert "27<small>&nbsp;°C" in page
    assert "79\u00a0%" in page
    assert "30\u00a0km/h" in page
    assert ("10:15 22/11" if layout == "strip" else "10:15 ngày 22/11/2026") in page
    assert 'href="/credit/open-meteo"' in page
    assert "Số liệu cũ" not in page


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("language", "since"),
    [("vi", "10:18 ngày 22/11/2026"), ("en", "10:18")],
)
def test_a_stale_widget_says_since_when_at_an_absolute_time(
    site: Site, layout: str, language: str, since: str
) -> None:
    site.now = NOW + 2 * HOUR
    page = notice(site, f"/widgets/weather/dong-ha?layout={layout}&lang={language}")
    assert (since.replace(" ngày 22/11/2026", " 22/11") if layout == "strip" else since) in page
    assert ("Số liệu cũ, l" in page) == (language == "vi")
    assert "10:15" not in page  # one time, not two that need an explanation
    assert "27<small>&nbsp;°C" in page
    assert "trước" not in page


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_widget_without_usable_data_shows_a_sentence_and_no_number(
    site: Site, layout: str, language: str
) -> None:
    site.now = NOW + 7 * HOUR
    page = notice(site, f"/widgets/weather/dong-ha?layout={layout}&lang={language}&select=no")
    body = page.partition("</style>")[2].partition("<script>")[0]
    assert {"vi": "Chưa có số liệu mới từ 10:18 ngày 22/11/2026", "en": "10:18"}[language] in body
    for unit in ("°", "km/h", "%", "hPa"):
        assert unit not in body


@pytest.mark.parametrize("language", ["vi", "en"])
def test_before_the_first_data_the_widget_says_so_and_asks_again_by_itself(site: Site, language: str) -> None:
    page = notice(site, f"/widgets/weather/ha-noi?lang={language}")
    assert {"vi": "Đang lấy số liệu lần đầu", "en": "first"}[language] in page
    assert "location.reload()" in page
    assert 'http-equiv="refresh"' not in page


def test_another_places_weather_is_never_shown(site: Site) -> None:
    for path in ("/widgets/weather/atlantis", "/widgets/weather?city=atlantis", "/widgets/weather/DONG-HA"):
        page = notice(site, path, 404)
        assert "Địa điểm này không có trong danh sách" in page
        assert "°C" not in page


def test_an_unknown_place_is_said_in_english_too(site: Site) -> None:
    assert "not in the list" in notice(site, "/widgets/weather/atlantis?lang=en", 404)


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("theme=red", "auto, light, dark"),
        ("layout=huge", "compact, strip, full"),
        ("units=kelvin", "metric, imperial"),
        ("lang=xx", ", ".join(LANGUAGES)),
        ("select=maybe", "yes, no"),
        ("accent=red", "0b61a4"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bad_parameter_is_named_with_its_values(site: Site, query: str, values: str, language: str) -> None:
    name = query.partition("=")[0]
    also = "" if name == "lang" else f"&lang={language}"
    for path in ("/widgets/weather/dong-ha", "/widgets/weather/dong-ha.svg", "/widgets/weather"):
        page = notice(site, f"{path}?{query}{also}", 400)
        assert f"“{name}”" in page
        if not path.endswith(".svg"):
            assert values in page
        assert "27\u00a0°C" not in page


def test_every_bad_parameter_is_named_and_the_good_ones_are_kept_to(site: Site) -> None:
    page = notice(site, "/widgets/weather/dong-ha?layout=huge&accent=zzz&lang=en&theme=dark", 400)
    assert "“layout”" in page
    assert "“accent”" in page
    assert '<html lang="en"' in page
    assert 'name="theme" value="dark"' in page
    assert 'name="layout"' not in page


def test_a_bad_parameter_leaves_the_chosen_place_chosen(site: Site) -> None:
    for path in ("/widgets/weather/hue?layout=huge", "/widgets/weather?city=hue&layout=huge"):
        assert '<option value="hue" selected>' in notice(site, path, 400)


def test_the_address_the_select_submits_to_answers_as_the_place_itself(site: Site) -> None:
    for tail in ("", "&lang=en&layout=full"):
        by_select = site.get(f"/widgets/weather?city=hue{tail}")
        assert by_select.data == site.get(f"/widgets/weather/hue?{tail}").data


def test_without_a_city_the_default_one_is_shown(site: Site) -> None:
    for path in ("/widgets/weather", "/widgets/weather?city="):
        assert site.get(path).data == site.get("/widgets/weather/dong-ha").data


def test_the_picture_shows_the_same_states(site: Site) -> None:
    assert "27\u00a0°C" in notice(site, "/widgets/weather/dong-ha.svg")
    assert "Đang lấy" in notice(site, "/widgets/weather/ha-noi.svg")
    assert "Địa điểm" in notice(site, "/widgets/weather/atlantis.svg", 404)
    site.now = NOW + 2 * HOUR
    assert "10:18" in notice(site, "/widgets/weather/dong-ha.svg")
    site.now = NOW + 7 * HOUR
    assert "27\u00a0°C" not in notice(site, "/widgets/weather/dong-ha.svg")


def test_sample_data_is_said_to_be_sample_data_on_every_page(tmp_path: Path) -> None:
    site = Site.in_folder(tmp_path, demo="1")
    site.keep("dong-ha", hourly=an_hourly_forecast())
    layouts = [f"/widgets/weather/dong-ha?layout={layout}" for layout in LAYOUTS]
    for path in (*layouts, "/widgets/weather/dong-ha.svg", "/widgets/weather/hue", "/", "/status"):
        page = notice(site, path)
        assert "Dữ liệu mẫu, không phải thời tiết thực tế." in page, path
        assert "open-meteo" not in page.lower(), path
        assert "met norway" not in page.lower(), path


def test_the_numbers_of_a_day_are_named_for_who_cannot_see_where_they_stand(site: Site) -> None:
    page = notice(site, "/widgets/weather/hue?layout=full")
    for name, value in (("Thấp nhất", "22°"), ("Cao nhất", "30°"), ("Khả năng mưa", "80\u00a0%")):
        assert re.search(f'<span class="sr">{name} </span>(<svg.*?</svg>)?{value}', page)


@pytest.mark.parametrize(("first", "lows", "highs"), [(10, 1, 0), (12, 1, 1), (0, 0, 0)])
def test_of_a_day_whose_ends_are_not_known_none_is_shown_instead_of_dashes(
    first: int, lows: int, highs: int, site: Site
) -> None:
    whole = an_hourly_forecast()
    site.keep("hue", hourly=HourlyForecast(whole.points[first:], whole.sun_times))
    days = notice(site, "/widgets/weather/hue?layout=full").partition("<ol>")[2].partition("</ol>")[0]
    assert "\N{EN DASH}" not in days
    assert days.count("Thấp nhất") == days.count("<li>") - lows
    assert days.count("Cao nhất") == days.count("<li>") - highs

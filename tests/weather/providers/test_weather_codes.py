"""Every code of Open-Meteo, every symbol of MET Norway and every condition id of OpenWeather."""

from dataclasses import replace

import pytest

from service.places.model import Place
from service.weather.derived import plausible_condition
from service.weather.model import UNKNOWN_CONDITION, Condition, DetailedCondition, Intensity
from service.weather.providers.met_norway.symbols import condition_and_daylight
from service.weather.providers.open_meteo.wmo_codes import condition_of
from service.weather.providers.openweather import conditions as openweather

WMO = {
    0: "clear",
    1: "mostly_clear",
    2: "partly_cloudy",
    3: "overcast",
    45: "fog",
    48: "fog",
    51: "drizzle light",
    53: "drizzle",
    55: "drizzle heavy",
    56: "freezing_rain drizzle",
    57: "freezing_rain drizzle",
    61: "rain light",
    63: "rain moderate",
    65: "rain heavy",
    66: "freezing_rain light",
    67: "freezing_rain",
    71: "snow light",
    73: "snow",
    75: "snow heavy",
    77: "snow grains",
    80: "showers light",
    81: "showers",
    82: "showers heavy",
    85: "snow showers",
    86: "snow showers",
    95: "thunder",
    96: "thunder strong",
    99: "thunder strong",
}
VARIED = {
    "clearsky": "clear",
    "fair": "mostly_clear",
    "partlycloudy": "partly_cloudy",
    "lightrainshowers": "showers light",
    "rainshowers": "showers",
    "heavyrainshowers": "showers heavy",
    "lightrainshowersandthunder": "thunder",
    "rainshowersandthunder": "thunder",
    "heavyrainshowersandthunder": "thunder strong",
    "lightsleetshowers": "sleet light",
    "sleetshowers": "sleet",
    "heavysleetshowers": "sleet heavy",
    "lightssleetshowersandthunder": "thunder",
    "sleetshowersandthunder": "thunder",
    "heavysleetshowersandthunder": "thunder",
    "lightsnowshowers": "snow showers",
    "snowshowers": "snow showers",
    "heavysnowshowers": "snow showers",
    "lightssnowshowersandthunder": "thunder",
    "snowshowersandthunder": "thunder",
    "heavysnowshowersandthunder": "thunder",
}
BARE = {
    "cloudy": "overcast",
    "fog": "fog",
    "lightrain": "rain light",
    "rain": "rain moderate",
    "heavyrain": "rain heavy",
    "lightrainandthunder": "thunder",
    "rainandthunder": "thunder",
    "heavyrainandthunder": "thunder strong",
    "lightsleet": "sleet light",
    "sleet": "sleet",
    "heavysleet": "sleet heavy",
    "lightsleetandthunder": "thunder",
    "sleetandthunder": "thunder",
    "heavysleetandthunder": "thunder",
    "lightsnow": "snow light",
    "snow": "snow",
    "heavysnow": "snow heavy",
    "lightsnowandthunder": "thunder",
    "snowandthunder": "thunder",
    "heavysnowandthunder": "thunder",
}

OPENWEATHER = {
    "thunder": (200, 201, 210, 211, 221, 230, 231, 232),
    "thunder strong": (202, 212),
    "drizzle light": (300, 310),
    "drizzle": (301, 311),
    "drizzle heavy": (302, 312, 313, 314, 321),
    "rain light": (500,),
    "rain moderate": (501,),
    "rain heavy": (502, 503, 504),
    "freezing_rain light": (511,),
    "showers light": (520,),
    "showers": (521, 531),
    "showers heavy": (522,),
    "snow light": (600,),
    "snow": (601,),
    "snow heavy": (602,),
    "sleet light": (612, 615),
    "sleet": (611, 613, 616),
    "snow showers": (620, 621, 622),
    "fog mist": (701,),
    "haze smoke": (711,),
    "haze": (721,),
    "haze dust": (731, 751, 761),
    "fog": (741,),
    "haze ash": (762,),
    "squall": (771,),
    "tornado": (781,),
    "clear": (800,),
    "mostly_clear": (801,),
    "partly_cloudy": (802,),
    "overcast": (803, 804),
}


def sky(words: str) -> DetailedCondition:
    condition, _, detail = words.partition(" ")
    return DetailedCondition(Condition(condition), Intensity(detail or "plain"))


@pytest.mark.parametrize("code", range(-1, 101))
def test_a_wmo_code_is_mapped_or_unknown(code: int, dong_ha: Place) -> None:
    assert condition_of(code, dong_ha) == (sky(WMO[code]) if code in WMO else UNKNOWN_CONDITION)
    assert condition_of(code + 0.5, dong_ha) == UNKNOWN_CONDITION


def test_hail_is_said_in_central_europe_alone(dong_ha: Place, melbourne: Place) -> None:
    munich = replace(dong_ha, latitude=48.14, longitude=11.58)
    assert condition_of(96, munich) == sky("thunder light_hail")
    assert condition_of(99, munich) == sky("thunder heavy_hail")
    assert condition_of(95, munich) == sky("thunder")
    assert condition_of(96, melbourne) == sky("thunder strong")


def test_there_are_eighty_three_symbols() -> None:
    assert len(BARE) + 3 * len(VARIED) == 83


@pytest.mark.parametrize("name", VARIED)
def test_a_symbol_with_a_suffix_tells_the_light(name: str) -> None:
    assert condition_and_daylight(f"{name}_day") == (sky(VARIED[name]), True)
    assert condition_and_daylight(f"{name}_night") == (sky(VARIED[name]), False)


@pytest.mark.parametrize("name", VARIED)
def test_in_polar_twilight_the_sun_is_not_up(name: str) -> None:
    assert condition_and_daylight(f"{name}_polartwilight") == (sky(VARIED[name]), False)


@pytest.mark.parametrize("name", BARE | VARIED)
def test_a_bare_symbol_tells_no_light(name: str) -> None:
    assert condition_and_daylight(name) == (sky((BARE | VARIED)[name]), None)


@pytest.mark.parametrize("name", ["lightsleetshowersandthunder", "lightsnowshowersandthunder"])
def test_the_misspelt_symbols_are_known_spelt_rightly_too(name: str) -> None:
    assert condition_and_daylight(f"{name}_night") == (sky("thunder"), False)


@pytest.mark.parametrize("symbol", [None, "", "_day", "hail_day", "rain_noon", "Rain", 3, True, [], {}])
def test_another_symbol_is_unknown(symbol: object) -> None:
    assert condition_and_daylight(symbol) == (UNKNOWN_CONDITION, None)


def test_thunder_without_rain_is_dry() -> None:
    assert plausible_condition(sky("thunder strong"), 33.0, 0.0) == sky("thunder dry")
    assert plausible_condition(sky("thunder"), 33.0, 0.1) == sky("thunder")
    assert plausible_condition(sky("thunder"), 33.0, None) == sky("thunder")
    assert plausible_condition(sky("rain light"), 33.0, 0.0) == sky("rain light")


@pytest.mark.parametrize("words", ["snow", "sleet", "freezing_rain"])
def test_there_is_no_ice_in_warm_air(words: str) -> None:
    assert plausible_condition(sky(words), 27.0, 1.0) == UNKNOWN_CONDITION
    assert plausible_condition(sky(words), -1.0, 1.0) == sky(words)
    assert plausible_condition(sky(words), None, 1.0) == sky(words)


def test_an_id_of_openweather_is_mapped_or_unknown() -> None:
    mapped = {identifier: words for words, ids in OPENWEATHER.items() for identifier in ids}
    assert len(mapped) == 55
    for identifier in range(1000):
        expected = sky(mapped[identifier]) if identifier in mapped else UNKNOWN_CONDITION
        weather = [{"id": identifier, "icon": "50n"}]
        assert openweather.condition_and_daylight(weather) == (expected, False)

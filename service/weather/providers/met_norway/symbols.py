"""MET Norway's symbol codes: 41 names, 21 of them told apart by the light."""

from service.weather.model import UNKNOWN_SKY, Condition, Intensity, Sky

_SKIES = {
    "clearsky": Sky(Condition.CLEAR),
    "fair": Sky(Condition.MOSTLY_CLEAR),
    "partlycloudy": Sky(Condition.PARTLY_CLOUDY),
    "cloudy": Sky(Condition.OVERCAST),
    "fog": Sky(Condition.FOG),
    "lightrain": Sky(Condition.RAIN, Intensity.LIGHT),
    "rain": Sky(Condition.RAIN, Intensity.MODERATE),
    "heavyrain": Sky(Condition.RAIN, Intensity.HEAVY),
    "lightrainshowers": Sky(Condition.SHOWERS, Intensity.LIGHT),
    "rainshowers": Sky(Condition.SHOWERS),
    "heavyrainshowers": Sky(Condition.SHOWERS, Intensity.HEAVY),
    "lightsleet": Sky(Condition.SLEET, Intensity.LIGHT),
    "sleet": Sky(Condition.SLEET),
    "heavysleet": Sky(Condition.SLEET, Intensity.HEAVY),
    "lightsleetshowers": Sky(Condition.SLEET, Intensity.LIGHT),
    "sleetshowers": Sky(Condition.SLEET),
    "heavysleetshowers": Sky(Condition.SLEET, Intensity.HEAVY),
    "lightsnow": Sky(Condition.SNOW, Intensity.LIGHT),
    "snow": Sky(Condition.SNOW),
    "heavysnow": Sky(Condition.SNOW, Intensity.HEAVY),
    "lightsnowshowers": Sky(Condition.SNOW, Intensity.SHOWERS),
    "snowshowers": Sky(Condition.SNOW, Intensity.SHOWERS),
    "heavysnowshowers": Sky(Condition.SNOW, Intensity.SHOWERS),
    "lightrainandthunder": Sky(Condition.THUNDER),
    "rainandthunder": Sky(Condition.THUNDER),
    "heavyrainandthunder": Sky(Condition.THUNDER, Intensity.STRONG),
    "lightrainshowersandthunder": Sky(Condition.THUNDER),
    "rainshowersandthunder": Sky(Condition.THUNDER),
    "heavyrainshowersandthunder": Sky(Condition.THUNDER, Intensity.STRONG),
    "lightsleetandthunder": Sky(Condition.THUNDER),
    "sleetandthunder": Sky(Condition.THUNDER),
    "heavysleetandthunder": Sky(Condition.THUNDER),
    "sleetshowersandthunder": Sky(Condition.THUNDER),
    "heavysleetshowersandthunder": Sky(Condition.THUNDER),
    "lightsnowandthunder": Sky(Condition.THUNDER),
    "snowandthunder": Sky(Condition.THUNDER),
    "heavysnowandthunder": Sky(Condition.THUNDER),
    "snowshowersandthunder": Sky(Condition.THUNDER),
    "heavysnowshowersandthunder": Sky(Condition.THUNDER),
    # Misspelt by MET Norway, for as long as 2.0 lives; the right spelling stands by for its end.
    "lightssleetshowersandthunder": Sky(Condition.THUNDER),
    "lightsleetshowersandthunder": Sky(Condition.THUNDER),
    "lightssnowshowersandthunder": Sky(Condition.THUNDER),
    "lightsnowshowersandthunder": Sky(Condition.THUNDER),
}

# In polar twilight it is light, but the sun stays below the horizon: a picture or a word with a sun in
# it would be false. So it counts as night, as it does where a provider tells day from night by the sun.
_SUN_IS_UP = {"": None, "day": True, "night": False, "polartwilight": False}


def sky_and_light(symbol: object) -> tuple[Sky, bool | None]:
    """The sky that a symbol code means, and whether the sun is up where the code tells it."""
    if not isinstance(symbol, str):
        return UNKNOWN_SKY, None
    name, _, light = symbol.partition("_")
    if name not in _SKIES or light not in _SUN_IS_UP:
        return UNKNOWN_SKY, None
    return _SKIES[name], _SUN_IS_UP[light]

"""MET Norway's symbol codes: 41 names, 21 of them with a suffix for daylight.

https://github.com/metno/weathericons.
"""

from service.weather.model import UNKNOWN_CONDITION, Condition, DetailedCondition, Intensity

_CONDITIONS = {
    "clearsky": DetailedCondition(Condition.CLEAR),
    "fair": DetailedCondition(Condition.MOSTLY_CLEAR),
    "partlycloudy": DetailedCondition(Condition.PARTLY_CLOUDY),
    "cloudy": DetailedCondition(Condition.OVERCAST),
    "fog": DetailedCondition(Condition.FOG),
    "lightrain": DetailedCondition(Condition.RAIN, Intensity.LIGHT),
    "rain": DetailedCondition(Condition.RAIN, Intensity.MODERATE),
    "heavyrain": DetailedCondition(Condition.RAIN, Intensity.HEAVY),
    "lightrainshowers": DetailedCondition(Condition.SHOWERS, Intensity.LIGHT),
    "rainshowers": DetailedCondition(Condition.SHOWERS),
    "heavyrainshowers": DetailedCondition(Condition.SHOWERS, Intensity.HEAVY),
    "lightsleet": DetailedCondition(Condition.SLEET, Intensity.LIGHT),
    "sleet": DetailedCondition(Condition.SLEET),
    "heavysleet": DetailedCondition(Condition.SLEET, Intensity.HEAVY),
    "lightsleetshowers": DetailedCondition(Condition.SLEET, Intensity.LIGHT),
    "sleetshowers": DetailedCondition(Condition.SLEET),
    "heavysleetshowers": DetailedCondition(Condition.SLEET, Intensity.HEAVY),
    "lightsnow": DetailedCondition(Condition.SNOW, Intensity.LIGHT),
    "snow": DetailedCondition(Condition.SNOW),
    "heavysnow": DetailedCondition(Condition.SNOW, Intensity.HEAVY),
    "lightsnowshowers": DetailedCondition(Condition.SNOW, Intensity.SHOWERS),
    "snowshowers": DetailedCondition(Condition.SNOW, Intensity.SHOWERS),
    "heavysnowshowers": DetailedCondition(Condition.SNOW, Intensity.SHOWERS),
    "lightrainandthunder": DetailedCondition(Condition.THUNDER),
    "rainandthunder": DetailedCondition(Condition.THUNDER),
    "heavyrainandthunder": DetailedCondition(Condition.THUNDER, Intensity.STRONG),
    "lightrainshowersandthunder": DetailedCondition(Condition.THUNDER),
    "rainshowersandthunder": DetailedCondition(Condition.THUNDER),
    "heavyrainshowersandthunder": DetailedCondition(Condition.THUNDER, Intensity.STRONG),
    "lightsleetandthunder": DetailedCondition(Condition.THUNDER),
    "sleetandthunder": DetailedCondition(Condition.THUNDER),
    "heavysleetandthunder": DetailedCondition(Condition.THUNDER),
    "sleetshowersandthunder": DetailedCondition(Condition.THUNDER),
    "heavysleetshowersandthunder": DetailedCondition(Condition.THUNDER),
    "lightsnowandthunder": DetailedCondition(Condition.THUNDER),
    "snowandthunder": DetailedCondition(Condition.THUNDER),
    "heavysnowandthunder": DetailedCondition(Condition.THUNDER),
    "snowshowersandthunder": DetailedCondition(Condition.THUNDER),
    "heavysnowshowersandthunder": DetailedCondition(Condition.THUNDER),
    # Misspelt by MET Norway for as long as version 2.0 exists; correctly spelt for the version after it.
    "lightssleetshowersandthunder": DetailedCondition(Condition.THUNDER),
    "lightsleetshowersandthunder": DetailedCondition(Condition.THUNDER),
    "lightssnowshowersandthunder": DetailedCondition(Condition.THUNDER),
    "lightsnowshowersandthunder": DetailedCondition(Condition.THUNDER),
}

# In polar twilight it is light, but the sun stays below the horizon: an icon or a text with the sun would be
# wrong. So it counts as night, as with providers that tell day from night by the sun.
_IS_DAY = {"": None, "day": True, "night": False, "polartwilight": False}


def condition_and_daylight(symbol: object) -> tuple[DetailedCondition, bool | None]:
    """Return the condition of a symbol code, and whether it is day where the code says so."""
    if not isinstance(symbol, str):
        return UNKNOWN_CONDITION, None
    name, _, suffix = symbol.partition("_")
    if name not in _CONDITIONS or suffix not in _IS_DAY:
        return UNKNOWN_CONDITION, None
    return _CONDITIONS[name], _IS_DAY[suffix]

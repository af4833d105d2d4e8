"""The WMO weather codes that Open-Meteo uses: 28 of WMO table 4677, with its own thresholds."""

from service.places.model import Place
from service.weather.model import UNKNOWN_SKY, Condition, Detail, Sky

_SKIES = {
    0: Sky(Condition.CLEAR),
    1: Sky(Condition.MOSTLY_CLEAR),
    2: Sky(Condition.PARTLY_CLOUDY),
    3: Sky(Condition.OVERCAST),
    45: Sky(Condition.FOG),
    48: Sky(Condition.FOG),
    51: Sky(Condition.DRIZZLE, Detail.LIGHT),
    53: Sky(Condition.DRIZZLE),
    55: Sky(Condition.DRIZZLE, Detail.HEAVY),
    56: Sky(Condition.FREEZING_RAIN, Detail.DRIZZLE),
    57: Sky(Condition.FREEZING_RAIN, Detail.DRIZZLE),
    61: Sky(Condition.RAIN, Detail.LIGHT),
    63: Sky(Condition.RAIN, Detail.MODERATE),
    65: Sky(Condition.RAIN, Detail.HEAVY),
    66: Sky(Condition.FREEZING_RAIN, Detail.LIGHT),
    67: Sky(Condition.FREEZING_RAIN),
    71: Sky(Condition.SNOW, Detail.LIGHT),
    73: Sky(Condition.SNOW),
    75: Sky(Condition.SNOW, Detail.HEAVY),
    77: Sky(Condition.SNOW, Detail.GRAINS),
    80: Sky(Condition.SHOWERS, Detail.LIGHT),
    81: Sky(Condition.SHOWERS),
    82: Sky(Condition.SHOWERS, Detail.HEAVY),
    85: Sky(Condition.SNOW, Detail.SHOWERS),
    86: Sky(Condition.SNOW, Detail.SHOWERS),
    95: Sky(Condition.THUNDER),
    96: Sky(Condition.THUNDER, Detail.STRONG),
    99: Sky(Condition.THUNDER, Detail.STRONG),
}

# Hail is forecast in Central Europe alone. Elsewhere the server writes 96 for any strong thunderstorm.
_HAIL = {
    96: Sky(Condition.THUNDER, Detail.LIGHT_HAIL),
    99: Sky(Condition.THUNDER, Detail.HEAVY_HAIL),
}
_CENTRAL_EUROPE = (range(45, 56), range(5, 20))  # whole degrees north and east


def sky_of(code: float | None, place: Place) -> Sky:
    """The sky that the code means at this place; unknown for a code that is not in the table."""
    if code is None:
        return UNKNOWN_SKY
    if code in _HAIL and _in_central_europe(place):
        return _HAIL[int(code)]
    return _SKIES.get(int(code), UNKNOWN_SKY) if code == int(code) else UNKNOWN_SKY


def _in_central_europe(place: Place) -> bool:
    north, east = _CENTRAL_EUROPE
    return int(place.latitude) in north and int(place.longitude) in east

"""The WMO weather codes that Open-Meteo uses: 28 of WMO table 4677, with its own thresholds."""

from service.places.model import Place
from service.weather.model import UNKNOWN_SKY, Condition, Intensity, Sky

_SKIES = {
    0: Sky(Condition.CLEAR),
    1: Sky(Condition.MOSTLY_CLEAR),
    2: Sky(Condition.PARTLY_CLOUDY),
    3: Sky(Condition.OVERCAST),
    45: Sky(Condition.FOG),
    48: Sky(Condition.FOG),
    51: Sky(Condition.DRIZZLE, Intensity.LIGHT),
    53: Sky(Condition.DRIZZLE),
    55: Sky(Condition.DRIZZLE, Intensity.HEAVY),
    56: Sky(Condition.FREEZING_RAIN, Intensity.DRIZZLE),
    57: Sky(Condition.FREEZING_RAIN, Intensity.DRIZZLE),
    61: Sky(Condition.RAIN, Intensity.LIGHT),
    63: Sky(Condition.RAIN, Intensity.MODERATE),
    65: Sky(Condition.RAIN, Intensity.HEAVY),
    66: Sky(Condition.FREEZING_RAIN, Intensity.LIGHT),
    67: Sky(Condition.FREEZING_RAIN),
    71: Sky(Condition.SNOW, Intensity.LIGHT),
    73: Sky(Condition.SNOW),
    75: Sky(Condition.SNOW, Intensity.HEAVY),
    77: Sky(Condition.SNOW, Intensity.GRAINS),
    80: Sky(Condition.SHOWERS, Intensity.LIGHT),
    81: Sky(Condition.SHOWERS),
    82: Sky(Condition.SHOWERS, Intensity.HEAVY),
    85: Sky(Condition.SNOW, Intensity.SHOWERS),
    86: Sky(Condition.SNOW, Intensity.SHOWERS),
    95: Sky(Condition.THUNDER),
    96: Sky(Condition.THUNDER, Intensity.STRONG),
    99: Sky(Condition.THUNDER, Intensity.STRONG),
}

# Hail is forecast in Central Europe alone. Elsewhere the server writes 96 for any strong thunderstorm.
_HAIL = {
    96: Sky(Condition.THUNDER, Intensity.LIGHT_HAIL),
    99: Sky(Condition.THUNDER, Intensity.HEAVY_HAIL),
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

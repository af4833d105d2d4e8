"""The weather codes that Open-Meteo uses: 28 of WMO table 4677, with its own thresholds."""

from collections.abc import Mapping

from service.places.model import Place
from service.weather.model import UNKNOWN_CONDITION, Condition, DetailedCondition, Intensity

_CONDITIONS: Mapping[float | None, DetailedCondition] = {
    0: DetailedCondition(Condition.CLEAR),
    1: DetailedCondition(Condition.MOSTLY_CLEAR),
    2: DetailedCondition(Condition.PARTLY_CLOUDY),
    3: DetailedCondition(Condition.OVERCAST),
    45: DetailedCondition(Condition.FOG),
    48: DetailedCondition(Condition.FOG),
    51: DetailedCondition(Condition.DRIZZLE, Intensity.LIGHT),
    53: DetailedCondition(Condition.DRIZZLE),
    55: DetailedCondition(Condition.DRIZZLE, Intensity.HEAVY),
    56: DetailedCondition(Condition.FREEZING_RAIN, Intensity.DRIZZLE),
    57: DetailedCondition(Condition.FREEZING_RAIN, Intensity.DRIZZLE),
    61: DetailedCondition(Condition.RAIN, Intensity.LIGHT),
    63: DetailedCondition(Condition.RAIN, Intensity.MODERATE),
    65: DetailedCondition(Condition.RAIN, Intensity.HEAVY),
    66: DetailedCondition(Condition.FREEZING_RAIN, Intensity.LIGHT),
    67: DetailedCondition(Condition.FREEZING_RAIN),
    71: DetailedCondition(Condition.SNOW, Intensity.LIGHT),
    73: DetailedCondition(Condition.SNOW),
    75: DetailedCondition(Condition.SNOW, Intensity.HEAVY),
    77: DetailedCondition(Condition.SNOW, Intensity.GRAINS),
    80: DetailedCondition(Condition.SHOWERS, Intensity.LIGHT),
    81: DetailedCondition(Condition.SHOWERS),
    82: DetailedCondition(Condition.SHOWERS, Intensity.HEAVY),
    85: DetailedCondition(Condition.SNOW, Intensity.SHOWERS),
    86: DetailedCondition(Condition.SNOW, Intensity.SHOWERS),
    95: DetailedCondition(Condition.THUNDER),
    96: DetailedCondition(Condition.THUNDER, Intensity.STRONG),
    99: DetailedCondition(Condition.THUNDER, Intensity.STRONG),
}

# Open-Meteo forecasts hail in Central Europe only; elsewhere 96 is any strong thunderstorm.
_WITH_HAIL: Mapping[float | None, DetailedCondition] = {
    **_CONDITIONS,
    96: DetailedCondition(Condition.THUNDER, Intensity.LIGHT_HAIL),
    99: DetailedCondition(Condition.THUNDER, Intensity.HEAVY_HAIL),
}
_CENTRAL_EUROPE = (range(45, 56), range(5, 20))  # whole degrees north and east


def condition_of(code: float | None, place: Place) -> DetailedCondition:
    """Return the condition that the code means at this place; unknown for a code that is not in the table."""
    return conditions_at(place).get(code, UNKNOWN_CONDITION)


def conditions_at(place: Place) -> Mapping[float | None, DetailedCondition]:
    """Return the table of the codes at this place; a code that is not in it is unknown."""
    return _WITH_HAIL if _in_central_europe(place) else _CONDITIONS


def _in_central_europe(place: Place) -> bool:
    north, east = _CENTRAL_EUROPE
    return int(place.latitude) in north and int(place.longitude) in east

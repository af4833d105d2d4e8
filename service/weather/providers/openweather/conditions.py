"""OpenWeather's condition ids, and the icons whose suffix tells day from night.

https://openweathermap.org/weather-conditions.
"""

import re
from collections.abc import Mapping

from service.weather.model import UNKNOWN_CONDITION, Condition, DetailedCondition, Intensity

_CONDITIONS = {
    200: DetailedCondition(Condition.THUNDER),
    201: DetailedCondition(Condition.THUNDER),
    202: DetailedCondition(Condition.THUNDER, Intensity.STRONG),
    210: DetailedCondition(Condition.THUNDER),
    211: DetailedCondition(Condition.THUNDER),
    212: DetailedCondition(Condition.THUNDER, Intensity.STRONG),
    221: DetailedCondition(Condition.THUNDER),
    230: DetailedCondition(Condition.THUNDER),
    231: DetailedCondition(Condition.THUNDER),
    232: DetailedCondition(Condition.THUNDER),
    300: DetailedCondition(Condition.DRIZZLE, Intensity.LIGHT),
    301: DetailedCondition(Condition.DRIZZLE),
    302: DetailedCondition(Condition.DRIZZLE, Intensity.HEAVY),
    310: DetailedCondition(Condition.DRIZZLE, Intensity.LIGHT),
    311: DetailedCondition(Condition.DRIZZLE),
    312: DetailedCondition(Condition.DRIZZLE, Intensity.HEAVY),
    313: DetailedCondition(Condition.DRIZZLE, Intensity.HEAVY),
    314: DetailedCondition(Condition.DRIZZLE, Intensity.HEAVY),
    321: DetailedCondition(Condition.DRIZZLE, Intensity.HEAVY),
    500: DetailedCondition(Condition.RAIN, Intensity.LIGHT),
    501: DetailedCondition(Condition.RAIN, Intensity.MODERATE),
    502: DetailedCondition(Condition.RAIN, Intensity.HEAVY),
    503: DetailedCondition(Condition.RAIN, Intensity.HEAVY),
    504: DetailedCondition(Condition.RAIN, Intensity.HEAVY),
    511: DetailedCondition(Condition.FREEZING_RAIN, Intensity.LIGHT),
    520: DetailedCondition(Condition.SHOWERS, Intensity.LIGHT),
    521: DetailedCondition(Condition.SHOWERS),
    522: DetailedCondition(Condition.SHOWERS, Intensity.HEAVY),
    531: DetailedCondition(Condition.SHOWERS),
    600: DetailedCondition(Condition.SNOW, Intensity.LIGHT),
    601: DetailedCondition(Condition.SNOW),
    602: DetailedCondition(Condition.SNOW, Intensity.HEAVY),
    611: DetailedCondition(Condition.SLEET),
    612: DetailedCondition(Condition.SLEET, Intensity.LIGHT),
    613: DetailedCondition(Condition.SLEET),
    615: DetailedCondition(Condition.SLEET, Intensity.LIGHT),
    616: DetailedCondition(Condition.SLEET),
    620: DetailedCondition(Condition.SNOW, Intensity.SHOWERS),
    621: DetailedCondition(Condition.SNOW, Intensity.SHOWERS),
    622: DetailedCondition(Condition.SNOW, Intensity.SHOWERS),
    701: DetailedCondition(Condition.FOG, Intensity.MIST),
    711: DetailedCondition(Condition.HAZE, Intensity.SMOKE),
    721: DetailedCondition(Condition.HAZE),
    731: DetailedCondition(Condition.HAZE, Intensity.DUST),
    741: DetailedCondition(Condition.FOG),
    751: DetailedCondition(Condition.HAZE, Intensity.DUST),
    761: DetailedCondition(Condition.HAZE, Intensity.DUST),
    762: DetailedCondition(Condition.HAZE, Intensity.ASH),
    771: DetailedCondition(Condition.SQUALL),
    781: DetailedCondition(Condition.TORNADO),
    800: DetailedCondition(Condition.CLEAR),
    801: DetailedCondition(Condition.MOSTLY_CLEAR),
    802: DetailedCondition(Condition.PARTLY_CLOUDY),
    803: DetailedCondition(Condition.OVERCAST),
    804: DetailedCondition(Condition.OVERCAST),
}
_ICON = re.compile(r"[0-9]{2}([dn])")


def condition_and_daylight(weather: object) -> tuple[DetailedCondition, bool | None]:
    """Return the condition of a `weather` list, whose first entry is primary, and whether it is day."""
    entries = weather if isinstance(weather, list) else []
    first = entries[0] if entries and isinstance(entries[0], Mapping) else {}
    identifier, icon = first.get("id"), first.get("icon")
    condition = _CONDITIONS.get(identifier) if isinstance(identifier, int) else None
    suffix = _ICON.fullmatch(icon) if isinstance(icon, str) else None
    return condition or UNKNOWN_CONDITION, None if suffix is None else suffix[1] == "d"

"""Cloud, rain and thunder of the sample weather: a curve of moisture, one of convection, the seasons."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from service.demo import sun
from service.demo.waves import place_seed, wave

FOG = 45
_THUNDER, _STRONG_THUNDER = 95, 96

# The limits at which Open-Meteo's own server changes the code.
_CLOUD_CODES = ((20, 0), (50, 1), (80, 2), (math.inf, 3))  # cloud cover below, in %
_STEADY_CODES = ((0.5, 51), (1.0, 53), (1.3, 55), (2.5, 61), (7.6, 63), (math.inf, 65))  # mm/h, up to
_SHOWER_CODES = ((0.5, 51), (1.0, 53), (1.3, 55), (2.5, 80), (7.6, 81), (math.inf, 82))
_SHOWERY, _THUNDERY, _VERY_THUNDERY = 0.0, 0.3, 0.6  # convection
_LEAST_STRONG = 4.0  # mm/h
_LEAST_THUNDER = 1.0
_MEASURABLE = 0.1  # mm/h; anything less is not called rain
_SATURATION = 0.63  # moisture from which it rains


class _Channel(IntEnum):
    WEATHER = 1
    TREND = 2
    CONVECTION = 3


@dataclass(frozen=True, slots=True)
class Spell:
    """The state of the sky.

    `moisture` is about 0 to 1, `convection` -1 to 1; `cloud_cover` and `probability` in %, `rate` in mm/h.
    """

    moisture: float
    convection: float
    cloud_cover: float
    rate: float
    probability: float


def spell(latitude: float, longitude: float, instant: datetime) -> Spell:
    """The state of the sky over a place at an aware instant."""
    seed, hours = place_seed(latitude, longitude), hours_of(instant)
    changing = 0.64 * wave(seed, _Channel.WEATHER, hours, 12) + 0.36 * wave(seed, _Channel.TREND, hours, 60)
    moisture = 0.5 + 0.5 * changing + _wet_season(latitude, instant)
    afternoon = math.cos(math.tau * (solar_hour(longitude, hours) - 16) / 24)
    convection = 0.8 * wave(seed, _Channel.CONVECTION, hours, 9) + 0.2 * afternoon
    return Spell(
        moisture=moisture,
        convection=convection,
        cloud_cover=max(0.0, min(100.0, (moisture - 0.24) / 0.44 * 100)),
        rate=_rate(moisture, convection),
        probability=100 / (1 + math.exp((_SATURATION - 0.01 - moisture) * 16)),
    )


def weather_code(sky: Spell) -> int:
    """The WMO code of a sky without fog."""
    if sky.rate == 0:
        return next(code for limit, code in _CLOUD_CODES if sky.cloud_cover < limit)
    if sky.convection > _VERY_THUNDERY and sky.rate >= _LEAST_STRONG:
        return _STRONG_THUNDER
    if sky.convection > _THUNDERY and sky.rate >= _LEAST_THUNDER:
        return _THUNDER
    codes = _SHOWER_CODES if sky.convection > _SHOWERY else _STEADY_CODES
    return next(code for limit, code in codes if sky.rate <= limit)


def hours_of(instant: datetime) -> float:
    """Hours since the beginning of 1970, UTC."""
    return instant.timestamp() / 3600


def solar_hour(longitude: float, hours: float) -> float:
    """The hour of the day by the sun, roughly; it may lie outside 0 to 24."""
    return hours % 24 + longitude / 15


def _rate(moisture: float, convection: float) -> float:
    excess = max(0.0, moisture - _SATURATION)
    rate: float = 55 * excess**1.6 * (1 + 1.8 * max(0.0, convection))
    return rate if rate >= _MEASURABLE else 0.0


def _wet_season(latitude: float, instant: datetime) -> float:
    """The north and the south have their rain in summer, the centre (around Huế) in October and November."""
    year = sun.year_angle(instant)
    centre = math.exp(-(((latitude - 15.5) / 2.5) ** 2))
    summer, autumn = math.cos(year - math.tau * 210 / 365), math.cos(year - math.tau * 305 / 365)
    return 0.05 * ((1 - centre) * summer + centre * autumn)

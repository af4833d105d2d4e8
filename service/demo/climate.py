"""Sample weather for Vietnam: invented, but such as could be.

The south is warm all year and the north cool in winter; the monsoon blows from the north-east in winter and
from the south-west in summer; the centre has its rain in autumn. Everything is a smooth function of place and
time.
There is no snow or ice in it, wherever one asks.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from service.demo import rain, sun
from service.demo.rain import Spell
from service.demo.terrain import altitude
from service.demo.waves import place_seed, wave

_HOUR = timedelta(hours=1)
_COLDEST = 4.0  # °C


class _Channel(IntEnum):
    FRONT = 10
    NORTHWARD = 11
    EASTWARD = 12
    GUSTINESS = 13
    PRESSURE = 14
    FOG = 15


@dataclass(frozen=True, slots=True)
class Moment:
    """The air at one instant.

    Temperatures in °C; humidity, cloud cover and fog in %; wind in m/s, from the direction in degrees;
    pressure at sea level in hPa.
    """

    temperature: float
    dew_point: float
    humidity: float
    wind_speed: float
    wind_direction: float
    wind_gust: float
    pressure: float
    cloud_cover: float
    fog: float
    is_day: bool


@dataclass(frozen=True, slots=True)
class Period:
    """What falls within a time: mm, the chance of it in %, and the weather as Open-Meteo's WMO code."""

    precipitation: float
    probability: float
    weather_code: int


def moment(latitude: float, longitude: float, instant: datetime) -> Moment:
    """The air at a place (degrees, WGS 84) at an aware instant."""
    seed, hours = place_seed(latitude, longitude), rain.hours_of(instant)
    spell = rain.spell(latitude, longitude, instant)
    height = sun.elevation(latitude, longitude, instant)
    fog = _mist(seed, hours, spell) * _low(height)
    temperature = _temperature(latitude, longitude, instant, spell)
    humidity = _humidity(longitude, hours, spell, fog)
    speed, direction = _wind(latitude, longitude, instant)
    gustiness = 1.55 + 0.25 * wave(seed, _Channel.GUSTINESS, hours, 6) + 0.5 * max(0.0, spell.convection)
    return Moment(
        temperature=temperature,
        dew_point=_dew_point(temperature, humidity),
        humidity=humidity,
        wind_speed=speed,
        wind_direction=direction,
        wind_gust=speed * gustiness + 0.6,
        pressure=_pressure(latitude, longitude, instant),
        cloud_cover=spell.cloud_cover,
        fog=fog * 100,
        is_day=sun.is_up(height),
    )


def period(latitude: float, longitude: float, start: datetime, length: timedelta = _HOUR) -> Period:
    """What falls from `start` on for an hour or less: it is taken to fall as it does half-way."""
    middle = start + length / 2
    spell = rain.spell(latitude, longitude, middle)
    foggy = spell.rate == 0 and _fog(latitude, longitude, middle, spell) > 0.5  # noqa: PLR2004 - half of it
    return Period(
        precipitation=spell.rate * (length / _HOUR),
        probability=spell.probability,
        weather_code=rain.FOG if foggy else rain.weather_code(spell),
    )


def periods(latitude: float, longitude: float, start: datetime, hours: int) -> Period:
    """What falls within several hours: the sum, the greatest chance, and the weather of its gravest hour."""
    each = [period(latitude, longitude, start + hour * _HOUR) for hour in range(hours)]
    return Period(
        precipitation=sum(one.precipitation for one in each),
        probability=max(one.probability for one in each),
        weather_code=max(one.weather_code for one in each),
    )


def _temperature(latitude: float, longitude: float, instant: datetime, spell: Spell) -> float:
    """Season, time of day, passing fronts, cloud, rain and height above the sea."""
    hours, seed = rain.hours_of(instant), place_seed(latitude, longitude)
    north = max(0.0, abs(latitude) - 8.5)  # degrees from Cà Mau
    swing = min(1.4 + 0.36 * north, 11.0)
    warmest = 115 + 70 * min(
        north / 12.5, 1.0
    )  # day of the year: late April in the south, early July in the north
    season = math.cos(_season(latitude, instant) - math.tau * warmest / 365)
    day = math.cos(math.tau * (rain.solar_hour(longitude, hours) - 14.5) / 24)
    front = wave(seed, _Channel.FRONT, hours, 36) * (1.0 + 0.12 * min(north, 15.0))
    sky = 4.6 - 2.4 * spell.cloud_cover / 100
    shower = 2.0 * min(spell.rate / 6, 1.0)
    level = 28.0 - 0.28 * north - 0.006 * altitude(latitude, longitude)
    return max(_COLDEST, level + swing * season + sky * day + front - shower)


def _humidity(longitude: float, hours: float, spell: Spell, fog: float) -> float:
    """Damp at night and in rain, driest in the early afternoon, near saturation in fog."""
    day = math.cos(math.tau * (rain.solar_hour(longitude, hours) - 14.5) / 24)
    plain = 56 + 34 * spell.moisture - 11 * day * (1 - 0.6 * spell.cloud_cover / 100)
    wet = plain + (93 - plain) * 0.8 * min(spell.rate / 2, 1.0)
    return min(100.0, wet + (98 - wet) * fog)


def _dew_point(temperature: float, humidity: float) -> float:
    """Magnus' formula with the constants of Sonntag (1990)."""
    a = math.log(humidity / 100) + 17.62 * temperature / (243.12 + temperature)
    return 243.12 * a / (17.62 - a)


def _wind(latitude: float, longitude: float, instant: datetime) -> tuple[float, float]:
    """Speed in m/s and the direction it comes from: the monsoon, and eddies of the place's own."""
    seed, hours = place_seed(latitude, longitude), rain.hours_of(instant)
    monsoon = 3.2 * math.cos(_season(latitude, instant) - 0.26)  # from the north-east when positive
    north = 0.75 * monsoon + 2.6 * wave(seed, _Channel.NORTHWARD, hours, 14)
    east = 0.66 * monsoon + 2.6 * wave(seed, _Channel.EASTWARD, hours, 14)
    afternoon = 1 + 0.25 * math.cos(math.tau * (rain.solar_hour(longitude, hours) - 14) / 24)
    return math.hypot(north, east) * afternoon, math.degrees(math.atan2(east, north)) % 360


def _pressure(latitude: float, longitude: float, instant: datetime) -> float:
    """High in the northern winter, with the tropics' two tides a day (highest at ten o'clock)."""
    seed, hours = place_seed(latitude, longitude), rain.hours_of(instant)
    winter = math.cos(_season(latitude, instant) - 0.2) * (1.5 + 0.35 * min(abs(latitude), 25.0))
    tide = 1.3 * math.cos(math.tau * (rain.solar_hour(longitude, hours) - 10) / 12)
    return 1010.0 + 0.7 * winter + tide + 2.2 * wave(seed, _Channel.PRESSURE, hours, 48)


def _fog(latitude: float, longitude: float, instant: datetime, spell: Spell) -> float:
    """From 0 to 1: before the sun is well up, in some nights, in air neither dry nor about to rain."""
    mist = _mist(place_seed(latitude, longitude), rain.hours_of(instant), spell)
    return mist * _low(sun.elevation(latitude, longitude, instant)) if mist else 0.0


def _mist(seed: int, hours: float, spell: Spell) -> float:
    """The fog there would be at night."""
    damp = _ramp(spell.moisture, 0.25, 0.4) * _ramp(-spell.moisture, -0.66, -0.56)
    return damp * _ramp(wave(seed, _Channel.FOG, hours, 11), 0.0, 0.5) if damp else 0.0


def _low(height: float) -> float:
    """How little the sun, at this elevation, does against fog."""
    return _ramp(-height, -20.0, -5.0)


def _season(latitude: float, instant: datetime) -> float:
    """The year's angle as the north counts it; the southern hemisphere is half a year away."""
    return sun.year_angle(instant) + (math.pi if latitude < 0 else 0.0)


def _ramp(value: float, foot: float, top: float) -> float:
    """0 below the foot, 1 above the top, a straight line between."""
    return max(0.0, min(1.0, (value - foot) / (top - foot)))

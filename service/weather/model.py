"""The weather of a place in one set of units: °C, m/s, mm, hPa, %, aware UTC instants.

None stands for every value that the provider did not give, or that is physically impossible.
Wind directions are the degrees that the wind comes from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar


class Condition(StrEnum):
    """The kinds of weather that the public API names."""

    CLEAR = "clear"
    MOSTLY_CLEAR = "mostly_clear"
    PARTLY_CLOUDY = "partly_cloudy"
    OVERCAST = "overcast"
    FOG = "fog"
    HAZE = "haze"
    DRIZZLE = "drizzle"
    RAIN = "rain"
    SHOWERS = "showers"
    FREEZING_RAIN = "freezing_rain"
    SLEET = "sleet"
    SNOW = "snow"
    THUNDER = "thunder"
    SQUALL = "squall"
    TORNADO = "tornado"
    UNKNOWN = "unknown"


class Intensity(StrEnum):
    """The intensity of a condition, or its variety. Only texts show it; the public API does not name it."""

    PLAIN = "plain"
    LIGHT = "light"
    MODERATE = "moderate"
    HEAVY = "heavy"
    VERY_HEAVY = "very_heavy"
    MIST = "mist"
    SMOKE = "smoke"
    DUST = "dust"
    ASH = "ash"
    DRIZZLE = "drizzle"
    GRAINS = "grains"
    SHOWERS = "showers"
    DRY = "dry"
    STRONG = "strong"
    LIGHT_HAIL = "light_hail"
    HEAVY_HAIL = "heavy_hail"


@dataclass(frozen=True, slots=True)
class DetailedCondition:
    """A condition and its intensity: heavy rain."""

    kind: Condition
    intensity: Intensity = Intensity.PLAIN


UNKNOWN_CONDITION = DetailedCondition(Condition.UNKNOWN)

FROZEN = frozenset({Condition.SNOW, Condition.SLEET, Condition.FREEZING_RAIN})
WET = FROZEN | {Condition.DRIZZLE, Condition.RAIN, Condition.SHOWERS, Condition.THUNDER}  # thunder may be dry


class Dataset(StrEnum):
    """The two datasets that are fetched from providers, each at an interval of its own.

    The values are part of the keys in the store, where "outlook" is the hourly forecast.
    """

    CURRENT = "current"
    HOURLY = "outlook"


@dataclass(frozen=True, slots=True)
class Current:
    """The values for one moment.

    `time` is the moment that the provider gives them for, never the time of the request. Every provider gives
    one; it is None only where a stored record lacks it. `precipitation_rate` is in mm/h.
    """

    time: datetime | None
    condition: DetailedCondition = UNKNOWN_CONDITION
    temperature: float | None = None
    apparent_temperature: float | None = None
    apparent_temperature_derived: bool = False
    humidity: float | None = None
    wind_speed: float | None = None
    wind_direction: float | None = None
    wind_gust: float | None = None
    pressure: float | None = None
    cloud_cover: float | None = None
    precipitation_rate: float | None = None
    is_day: bool | None = None


class HourlyPoint(NamedTuple):
    """The forecast of the hour that begins at `time`.

    Condition, precipitation (a sum) and its probability are those of the hour; temperature, wind and daylight
    are those at `time`. A named tuple, since a pass over ten thousand places makes two million of them, and a
    frozen dataclass takes four times as long.
    """

    time: datetime
    condition: DetailedCondition = UNKNOWN_CONDITION
    temperature: float | None = None
    precipitation: float | None = None
    precipitation_probability: float | None = None
    wind_speed: float | None = None
    is_day: bool | None = None


class PolarSun(StrEnum):
    """Where the sun stays on a date on which it neither rises nor sets."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class SunTimes:
    """Sunrise and sunset of one local date, or the polar day or night that it is."""

    date: date
    sunrise: datetime | None
    sunset: datetime | None
    polar: PolarSun | None = None


@dataclass(frozen=True, slots=True)
class Extremes:
    """The provider's own lowest and highest temperature of some hours whose temperatures it does not tell."""

    start: datetime
    hours: int
    lowest: float | None
    highest: float | None


@dataclass(frozen=True, slots=True)
class HourlyForecast:
    """The points of the forecast in order of time, whole hours apart, and what it tells of longer times.

    `sun_times` are of the dates that it covers, in their order; `extremes` in order of their starts.
    """

    points: tuple[HourlyPoint, ...]
    sun_times: tuple[SunTimes, ...] = ()
    extremes: tuple[Extremes, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """The summary of one local date, derived from its hourly points (`days.py`).

    `precipitation` is the unrounded sum of its hours. `has_wet_night` is said of days that are not wet
    themselves. `is_dark`: the sun is down all day, so that words and icon are those of the night.
    `warmest` is the highest temperature that is known of it, where the day's own is not known too: words
    depend on warmth, and numbers are told whole or not at all.
    """

    date: date
    condition: DetailedCondition = UNKNOWN_CONDITION
    temperature_min: float | None = None
    temperature_max: float | None = None
    precipitation: float | None = None
    precipitation_probability: float | None = None
    sunrise: datetime | None = None
    sunset: datetime | None = None
    polar: PolarSun | None = None
    is_dark: bool = False
    has_wet_night: bool = False
    warmest: float | None = None
    derived: bool = True


T = TypeVar("T", Current, HourlyForecast)


@dataclass(frozen=True, slots=True)
class StoredWeather(Generic[T]):
    """A provider's data as the store keeps it.

    Attributes:
        value: the data.
        provider_id: the provider that gave it.
        updated_at: the provider's own time of its data, where it gives one.
        fetched_at: when its last 200 or 304 response came; the age is counted from here.
        not_before: the provider forbids the next request before this time (HTTP `Expires`).
        others_not_before: likewise of the providers whose data this has replaced, by id.
    """

    value: T
    provider_id: str
    updated_at: datetime | None
    fetched_at: datetime
    not_before: datetime | None = None
    others_not_before: Mapping[str, datetime] = field(default_factory=dict)

"""What a provider can say of a place's weather, in our units."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar


class Condition(StrEnum):
    """The classes of sky and weather that the contract names."""

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
    """How strong a condition is, or of which sort; it shows in the words only."""

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
class Sky:
    """A condition and its degree."""

    condition: Condition
    detail: Intensity = Intensity.PLAIN


UNKNOWN_SKY = Sky(Condition.UNKNOWN)


class Dataset(StrEnum):
    """The two things asked of providers, each with a rhythm of its own."""

    CURRENT = "current"
    OUTLOOK = "outlook"


@dataclass(frozen=True, slots=True)
class Current:
    """The values for one moment; None is what the provider did not say or nature does not allow.

    `time` is the moment the numbers are for, by the provider, never the time of our request; every provider
    says it, and it is None only where what is kept does not say it.
    """

    time: datetime | None
    sky: Sky = UNKNOWN_SKY
    temperature: float | None = None
    apparent_temperature: float | None = None
    apparent_temperature_derived: bool = False
    humidity: float | None = None
    wind_speed: float | None = None
    wind_direction: float | None = None
    wind_gust: float | None = None
    pressure: float | None = None
    cloud_cover: float | None = None
    precipitation: float | None = None
    is_day: bool | None = None


@dataclass(frozen=True, slots=True)
class HourlyPoint:
    """One step of the hours ahead.

    `precipitation` is the provider's sum for this step: of the hour that ends here (Open-Meteo), or of
    the `hours` that begin here (MET Norway).
    """

    time: datetime
    hours: int = 1
    sky: Sky = UNKNOWN_SKY
    temperature: float | None = None
    precipitation: float | None = None
    precipitation_probability: float | None = None
    wind_speed: float | None = None
    is_day: bool | None = None


@dataclass(frozen=True, slots=True)
class SunTimes:
    """Sunrise and sunset of one local date."""

    date: date
    sunrise: datetime | None
    sunset: datetime | None


@dataclass(frozen=True, slots=True)
class HourlyForecast:
    """The steps ahead, in order of time, and the sun of the days they cover."""

    steps: tuple[HourlyPoint, ...]
    suns: tuple[SunTimes, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """One local date, summed up from its steps."""

    date: date
    sky: Sky = UNKNOWN_SKY
    temperature_min: float | None = None
    temperature_max: float | None = None
    precipitation: float | None = None
    precipitation_probability: float | None = None
    sunrise: datetime | None = None
    sunset: datetime | None = None
    derived: bool = True


T = TypeVar("T", Current, HourlyForecast)


@dataclass(frozen=True, slots=True)
class StoredWeather(Generic[T]):
    """Something a provider said, as we keep it.

    Attributes:
        source: the provider's id.
        updated_at: the provider's own time of its data, where it gives one.
        fetched_at: our last 200 or 304 for it; age is counted from here.
        not_before: the provider forbids asking again earlier (HTTP `Expires`).
    """

    value: T
    source: str
    updated_at: datetime | None
    fetched_at: datetime
    not_before: datetime | None = None

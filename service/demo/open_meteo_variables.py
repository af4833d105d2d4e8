"""Open-Meteo's names: which value of the sample each one means, and how it is written."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Generic, Protocol, TypeVar

from service.demo.climate import Moment, Period
from service.demo.terrain import altitude

Written = float | int | str | None
S = TypeVar("S")


class Point(Protocol):
    """Where a value is for, in degrees."""

    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Slot:
    """One instant: the air at it, and what fell before it."""

    time: datetime
    air: Moment
    fallen: Period
    point: Point


@dataclass(frozen=True, slots=True)
class Unit:
    """A label, the digits after the point, and how our unit becomes this one."""

    label: str
    digits: int = 0
    factor: float = 1.0
    shift: float = 0.0


class Kind(Enum):
    """The kinds of value whose unit a query may choose."""

    TEMPERATURE = auto()
    WIND = auto()
    RAIN = auto()


TEMPERATURE_UNITS = {"celsius": Unit("°C", 1), "fahrenheit": Unit("°F", 1, 1.8, 32)}
WIND_UNITS = {
    "kmh": Unit("km/h", 1, 3.6),
    "ms": Unit("m/s", 2),
    "mph": Unit("mp/h", 1, 3600 / 1609.344),  # sic
    "kn": Unit("kn", 1, 3600 / 1852),
}
RAIN_UNITS = {"mm": Unit("mm", 2), "inch": Unit("inch", 3, 1 / 25.4)}

_PERCENT, _DEGREES, _HECTOPASCAL = Unit("%"), Unit("°"), Unit("hPa", 1)
_CODE, _YES_OR_NO = Unit("wmo code"), Unit("")


@dataclass(frozen=True, slots=True)
class Variable(Generic[S]):
    """What a name means for a slot, or for a day of slots, in our units."""

    unit: Unit | Kind
    value: Callable[[S], float]


@dataclass(frozen=True, slots=True)
class Units:
    """The units a query chose."""

    temperature: Unit
    wind: Unit
    rain: Unit

    def write(self, unit: Unit | Kind, value: float) -> Written:
        """The value in the chosen unit, with its digits; an integer where there are none."""
        chosen = self._of(unit)
        number = value * chosen.factor + chosen.shift
        return round(number, chosen.digits) if chosen.digits else round(number)

    def label(self, name: str) -> str:
        """The label of a variable's unit."""
        return self._of(HOURLY[name].unit if name in HOURLY else DAILY[name].unit).label

    def _of(self, unit: Unit | Kind) -> Unit:
        if isinstance(unit, Unit):
            return unit
        return {Kind.TEMPERATURE: self.temperature, Kind.WIND: self.wind, Kind.RAIN: self.rain}[unit]


def apparent_temperature(air: Moment) -> float:
    """Steadman's apparent temperature in the shade (1994), in °C."""
    vapour = air.humidity / 100 * 6.105 * math.exp(17.27 * air.temperature / (237.7 + air.temperature))
    return air.temperature + 0.33 * vapour - 0.70 * air.wind_speed - 4.0


def _surface_pressure(slot: Slot) -> float:
    """The pressure at the ground, by the standard atmosphere."""
    ground = altitude(slot.point.latitude, slot.point.longitude)
    pressure: float = slot.air.pressure * (1 - 0.0065 * ground / 288.15) ** 5.2559
    return pressure


def _direction(slot: Slot) -> float:
    """Whole degrees from 0 to 359."""
    return round(slot.air.wind_direction) % 360


def _strongest_wind(slots: Sequence[Slot]) -> Slot:
    return max(slots, key=lambda slot: slot.air.wind_speed)


HOURLY: Mapping[str, Variable[Slot]] = {
    "temperature_2m": Variable(Kind.TEMPERATURE, lambda slot: slot.air.temperature),
    "relative_humidity_2m": Variable(_PERCENT, lambda slot: slot.air.humidity),
    "dew_point_2m": Variable(Kind.TEMPERATURE, lambda slot: slot.air.dew_point),
    "apparent_temperature": Variable(Kind.TEMPERATURE, lambda slot: apparent_temperature(slot.air)),
    "precipitation_probability": Variable(_PERCENT, lambda slot: slot.fallen.probability),
    "precipitation": Variable(Kind.RAIN, lambda slot: slot.fallen.precipitation),
    "rain": Variable(Kind.RAIN, lambda slot: slot.fallen.precipitation),
    "weather_code": Variable(_CODE, lambda slot: slot.fallen.weather_code),
    "pressure_msl": Variable(_HECTOPASCAL, lambda slot: slot.air.pressure),
    "surface_pressure": Variable(_HECTOPASCAL, _surface_pressure),
    "cloud_cover": Variable(_PERCENT, lambda slot: slot.air.cloud_cover),
    "wind_speed_10m": Variable(Kind.WIND, lambda slot: slot.air.wind_speed),
    "wind_direction_10m": Variable(_DEGREES, _direction),
    "wind_gusts_10m": Variable(Kind.WIND, lambda slot: slot.air.wind_gust),
    "is_day": Variable(_YES_OR_NO, lambda slot: slot.air.is_day),
}

DAILY: Mapping[str, Variable[Sequence[Slot]]] = {
    "weather_code": Variable(_CODE, lambda day: max(slot.fallen.weather_code for slot in day)),
    "temperature_2m_max": Variable(Kind.TEMPERATURE, lambda day: max(slot.air.temperature for slot in day)),
    "temperature_2m_min": Variable(Kind.TEMPERATURE, lambda day: min(slot.air.temperature for slot in day)),
    "precipitation_sum": Variable(Kind.RAIN, lambda day: sum(slot.fallen.precipitation for slot in day)),
    "precipitation_probability_max": Variable(
        _PERCENT, lambda day: max(slot.fallen.probability for slot in day)
    ),
    "wind_speed_10m_max": Variable(Kind.WIND, lambda day: _strongest_wind(day).air.wind_speed),
    "wind_gusts_10m_max": Variable(Kind.WIND, lambda day: max(slot.air.wind_gust for slot in day)),
    "wind_direction_10m_dominant": Variable(_DEGREES, lambda day: _direction(_strongest_wind(day))),
}

TIMES = frozenset({"sunrise", "sunset"})  # of `daily`; they are times, not numbers

"""The two systems of units, how to reach them from the domain's (°C, m/s, mm, hPa), and rounding."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType


class Units(StrEnum):
    """What a reader may ask for with `units=`."""

    METRIC = "metric"
    IMPERIAL = "imperial"


UNITS: Mapping[Units, Mapping[str, str]] = MappingProxyType(
    {
        Units.METRIC: MappingProxyType(
            {
                "temperature": "°C",
                "wind_speed": "km/h",
                "precipitation": "mm",
                "pressure": "hPa",
                "humidity": "%",
            }
        ),
        Units.IMPERIAL: MappingProxyType(
            {
                "temperature": "°F",
                "wind_speed": "mph",
                "precipitation": "in",
                "pressure": "inHg",
                "humidity": "%",
            }
        ),
    }
)

_MILE = 1609.344  # metres, by definition
_INCH = 25.4  # millimetres, by definition
_INCH_OF_MERCURY = 33.86389  # hectopascals, at 0 °C
_NUMBERS_KEPT = 4_096
_NOISE = 9  # decimals below which a value is the noise of a conversion, not a measurement


def fahrenheit(celsius: float) -> float:
    """°C in °F."""
    return celsius * 9 / 5 + 32


def kilometres_per_hour(metres_per_second: float) -> float:
    """m/s in km/h."""
    return metres_per_second * 3.6


def miles_per_hour(metres_per_second: float) -> float:
    """m/s in mph."""
    return metres_per_second * 3600 / _MILE


def inches(millimetres: float) -> float:
    """Mm in inches."""
    return millimetres / _INCH


def inches_of_mercury(hectopascals: float) -> float:
    """The pressure in inHg."""
    return hectopascals / _INCH_OF_MERCURY


@lru_cache(_NUMBERS_KEPT)  # a forecast says the same numbers again and again
def away_from_zero(value: float, decimals: int = 0) -> float:
    """A finite value rounded as people round: halves away from zero, and never to -0.0.

    What counts is the number as it is written: 0.15 becomes 0.2, although the float lies a little below, and
    29.5 km/h that came through m/s and back as 29.499999999999996 becomes 30.
    """
    written = Decimal(repr(round(value, _NOISE)))
    return float(written.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)) + 0.0

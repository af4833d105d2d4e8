"""The two systems of units, the conversions from the model's (°C, m/s, mm, hPa), and rounding."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType


class Units(StrEnum):
    """The values of the parameter `units=`."""

    METRIC = "metric"
    IMPERIAL = "imperial"


# The symbols in the public JSON.
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
_CACHED_NUMBERS = 4_096
_NOISE_DECIMALS = 9  # what is beyond them comes from a conversion, not from a measurement


def fahrenheit(celsius: float) -> float:
    return celsius * 9 / 5 + 32


def kilometres_per_hour(metres_per_second: float) -> float:
    return metres_per_second * 3.6


def miles_per_hour(metres_per_second: float) -> float:
    return metres_per_second * 3600 / _MILE


def inches(millimetres: float) -> float:
    return millimetres / _INCH


def inches_of_mercury(hectopascals: float) -> float:
    return hectopascals / _INCH_OF_MERCURY


@lru_cache(_CACHED_NUMBERS)  # a forecast has the same numbers many times
def round_half_up(value: float, decimals: int = 0) -> float:
    """Round a finite value as people do: halves away from zero, and never to -0.0.

    The number counts as it is written: 0.15 becomes 0.2, although the float is a little less, and 29.5 km/h
    that were converted to m/s and back to 29.499999999999996 become 30.
    """
    written = Decimal(repr(round(value, _NOISE_DECIMALS)))
    return float(written.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)) + 0.0

"""Numbers as a language writes them, alone and with their units; the systems of units; rounding."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from babel import Locale
from babel.numbers import get_decimal_symbol

from service.locales.catalog import Catalog


class Units(StrEnum):
    """The values of the parameter `units=`."""

    METRIC = "metric"
    IMPERIAL = "imperial"


_SYMBOLS: Mapping[Units, Mapping[str, str]] = {
    Units.METRIC: {"temperature": "°C", "wind": "km/h", "water": "mm", "rate": "mm/h", "pressure": "hPa"},
    Units.IMPERIAL: {"temperature": "°F", "wind": "mph", "water": "in", "rate": "in/h", "pressure": "inHg"},
}


def _unit_of_each_field(symbols: Mapping[str, str]) -> Mapping[str, str]:
    """Return the symbols in the public JSON; `precipitation_rate` is the unit of `current.precipitation`."""
    fields = {
        symbols["temperature"]: (
            "temperature", "apparent_temperature", "temperature_min", "temperature_max"
        ),
        symbols["wind"]: ("wind_speed", "wind_gust"),
        "°": ("wind_direction",),
        symbols["water"]: ("precipitation",),
        symbols["rate"]: ("precipitation_rate",),
        symbols["pressure"]: ("pressure",),
        "%": ("humidity", "cloud_cover", "precipitation_probability"),
    }  # fmt: skip
    return MappingProxyType({name: symbol for symbol, names in fields.items() for name in names})


UNITS: Mapping[Units, Mapping[str, str]] = MappingProxyType(
    {units: _unit_of_each_field(symbols) for units, symbols in _SYMBOLS.items()}
)

_MILE = 1609.344  # metres, by definition
_INCH = 25.4  # millimetres, by definition
_INCH_OF_MERCURY = 33.86389  # hectopascals, at 0 °C
_CACHED_NUMBERS = 4_096
_NOISE_DECIMALS = 9  # what is beyond them comes from a conversion, not from a measurement


def fahrenheit(celsius: float) -> float:
    return celsius * 9 / 5 + 32


def celsius(fahrenheit: float) -> float:
    """Return °C from °F."""
    return (fahrenheit - 32) / 1.8


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


_MINUS = "\u2212"  # CLDR has the hyphen-minus, which breaks at line ends and is too short
_NBSP = "\u00a0"  # no line break between a number and its unit
_UNGROUPED_DIGITS = 3  # no language groups fewer


class Numbers:
    """Numbers in one language; its decimal sign and grouping are those of CLDR."""

    def __init__(self, locale: Locale) -> None:
        self._locale = locale
        self._decimal_sign = get_decimal_symbol(locale)
        self._grouping = locale.decimal_formats[None]

    def format(self, value: float, decimals: int = 0, *, grouped: bool = True) -> str:
        """Return the value with exactly so many decimals, halves away from zero; there is no "-0"."""
        rounded = round_half_up(value, decimals)
        whole, _, fraction = f"{abs(rounded):.{decimals}f}".partition(".")
        if grouped and len(whole) > _UNGROUPED_DIGITS:
            whole = self._grouping.apply(int(whole), self._locale)
        digits = f"{whole}{self._decimal_sign}{fraction}" if fraction else whole
        return _MINUS + digits if rounded < 0 else digits


class Quantities:
    """Quantities in one language and one system of units; arguments are in °C, m/s, mm, hPa and %."""

    def __init__(self, catalog: Catalog, numbers: Numbers, units: Units) -> None:
        self._catalog = catalog
        self._numbers = numbers
        self._imperial = units is Units.IMPERIAL
        keys = ("fahrenheit", "mph", "inch", "inch_h", "inhg", "percent")
        if not self._imperial:
            keys = ("celsius", "kmh", "mm", "mm_h", "hpa", "percent")
        signs = [_NBSP + catalog.text(f"unit.{key}") for key in keys]
        self._temperature_sign, self._speed_sign, self._rain_sign, self._rain_rate_sign, *rest = signs
        self._pressure_sign, self._percent_sign = rest

    def temperature(self, celsius: float) -> str:
        return self._numbers.format(self._rounded_degrees(celsius)) + self._temperature_sign

    def degrees(self, celsius: float) -> str:
        return self._numbers.format(self._rounded_degrees(celsius)) + "°"

    def temperature_range(self, low: float, high: float, *, in_words: bool) -> str:
        rounded = [self._rounded_degrees(low), self._rounded_degrees(high)]
        if rounded[0] == rounded[1]:
            return self.temperature(low)
        # A dash beside a minus sign is unreadable, so a range with a negative end is always in words.
        key = "range.words" if in_words or min(rounded) < 0 else "range.dash"
        low_text, high_text = (self._numbers.format(end) for end in rounded)
        return self._catalog.text(key, low=low_text, high=high_text) + self._temperature_sign

    def percent(self, value: float) -> str:
        return self._numbers.format(value) + self._percent_sign

    def rounded_speed(self, metres_per_second: float) -> float:
        """Return the whole number that `speed` shows."""
        convert = miles_per_hour if self._imperial else kilometres_per_hour
        return round_half_up(convert(metres_per_second))

    def speed(self, metres_per_second: float) -> str:
        return self._numbers.format(self.rounded_speed(metres_per_second)) + self._speed_sign

    def rain(self, millimetres: float) -> str:
        """Return no rain as a bare 0 and a trace as "under 0.1 mm": "0.0 mm" would be ambiguous."""
        return self._water(millimetres, self._rain_sign)

    def rain_rate(self, millimetres_an_hour: float) -> str:
        """Return the rate as `rain` does the amount."""
        return self._water(millimetres_an_hour, self._rain_rate_sign)

    def _water(self, millimetres: float, sign: str) -> str:
        amount, decimals = (inches(millimetres), 2) if self._imperial else (millimetres, 1)
        least = 10.0**-decimals
        if amount <= 0:
            return "0" + sign
        if round_half_up(amount, decimals) < least:
            trace = self._numbers.format(least, decimals) + sign
            return self._catalog.text("precipitation.under", amount=trace)
        return self._numbers.format(amount, decimals) + sign

    def pressure(self, hectopascals: float) -> str:
        """Return it without grouping: a Vietnamese reader takes "1.009" for one point zero zero nine."""
        value, decimals = (inches_of_mercury(hectopascals), 2) if self._imperial else (hectopascals, 0)
        return self._numbers.format(value, decimals, grouped=False) + self._pressure_sign

    def _rounded_degrees(self, celsius: float) -> float:
        return round_half_up(fahrenheit(celsius) if self._imperial else celsius)

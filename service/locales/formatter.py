"""The formatter: all texts and values of one language, in one system of units. Presenters use only this."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from babel import Locale
from babel.dates import parse_pattern

from service.core.errors import Cause
from service.locales.catalog import CATALOGS, catalog_of
from service.locales.numbers import Numbers, Quantities, Units, kilometres_per_hour, round_half_up

T = TypeVar("T")

_NAMED_DAYS = {0: "day.today", 1: "day.tomorrow"}
_CACHED_DATES = 1024  # a widget has the same hours and days for every place

# The lowest whole km/h of forces 1 to 17, and of winds above the scale (the Vietnamese table of wind grades).
_LOWEST_KMH = (1, 6, 12, 20, 29, 39, 50, 62, 75, 89, 103, 118, 134, 150, 167, 184, 202, 221)
_ABOVE_SCALE = 18
_STRONG = 8  # the force from which wind is a danger
_POINTS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")

_FALLBACK_INTENSITY = "plain"
_UNKNOWN = "unknown"  # the kind of a condition that no provider described
# °C. Mưa phùn falls on cold winter days only; a model's drizzle above this temperature is light rain.
_WARM = 25.0


class Formatter:
    """Formats values in one language and one system of units.

    It is immutable and shared by threads; the application makes one for each pair of language and units.
    Quantities are in the model's units (°C, m/s, mm, hPa, %), datetimes in the place's zone. For None every
    method returns the text `value.none` ("Chưa có số liệu"), unless its docstring says otherwise.
    """

    def __init__(self, language: str, units: Units = Units.METRIC, root: Path = CATALOGS) -> None:
        """Load the language's catalog.

        Raises:
            TextError: when the language has no catalog under `root`.
        """
        self.language = language
        self.units = units
        self._catalog = catalog_of(language, root)
        self._locale = Locale.parse(language, sep="-")
        self._numbers = Numbers(self._locale)
        self._quantities = Quantities(self._catalog, self._numbers, units)
        names = ("time", "date", "date_short")
        self._patterns = {name: parse_pattern(self.text(f"format.{name}")) for name in names}  # CLDR patterns
        self._format_date = lru_cache(_CACHED_DATES)(self._format_date_uncached)

    # Texts

    def text(self, key: str, **values: object) -> str:
        """Return the text under a key (TextError: unknown key, or a value is missing)."""
        return self._catalog.text(key, **values)

    def stamped(self, key: str, time: dt.datetime) -> str:
        """Return the text under a key that has the placeholders {time} and {date}, such as `updated`."""
        return self.text(key, time=self.time(time), date=self.date(time))

    def stamped_briefly(self, key: str, time: dt.datetime) -> str:
        """Return this text with {time} and {date}, which has no year."""
        return self.text(key, time=self.time(time), date=self.short_date(time))

    def updated(self, time: dt.datetime) -> str:
        """Cập nhật lúc 10:00 ngày 27/11/2020."""
        return self.stamped("updated", time)

    def stale_since(self, time: dt.datetime) -> str:
        """Số liệu cũ, lấy lúc 10:02 ngày 27/11/2020."""
        return self.stamped("state.stale", time)

    def stale_briefly(self, time: dt.datetime) -> str:
        """Số liệu cũ, lúc 10:02 27/11."""
        return self.stamped_briefly("state.stale_brief", time)

    def cause(self, cause: Cause) -> str:
        """TIMEOUT → "The server did not answer in time"."""
        return self.text(f"cause.{cause.name.lower()}")

    # Numbers

    def number(self, value: float | None, decimals: int = 0) -> str:
        """-1234.5 → "−1.234,5": halves away from zero, U+2212 as minus."""  # noqa: RUF002 - that very sign
        return self._or_none(value, lambda number: self._numbers.format(number, decimals))

    def percent(self, value: float | None) -> str:
        """79 → "79 %"."""
        return self._or_none(value, self._quantities.percent)

    def temperature(self, celsius: float | None) -> str:
        """27.1 → "27 °C"."""
        return self._or_none(celsius, self._quantities.temperature)

    def degrees(self, celsius: float | None) -> str:
        """27.1 → "27°", for charts and rows; None → "–"."""  # noqa: RUF002 - that very sign
        return self.text("value.dash") if celsius is None else self._quantities.degrees(celsius)

    def temperature_range(self, low: float | None, high: float | None, *, in_words: bool = False) -> str:
        """(22, 30) → "22–30 °C", or "từ 22 đến 30 °C"; with one end alone its temperature."""  # noqa: RUF002 - that very sign
        if low is None or high is None:
            return self.temperature(high if low is None else low)
        return self._quantities.temperature_range(low, high, in_words=in_words)

    def speed(self, metres_per_second: float | None) -> str:
        """8.4 → "30 km/h"."""
        return self._or_none(metres_per_second, self._quantities.speed)

    def rain(self, millimetres: float | None) -> str:
        """4.2 → "4,2 mm", 0 → "0 mm", 0.04 → "dưới 0,1 mm"."""
        return self._or_none(millimetres, self._quantities.rain)

    def rain_rate(self, millimetres_an_hour: float | None) -> str:
        """2 → "2,0 mm/h", 0 → "0 mm/h", 0.04 → "dưới 0,1 mm/h"."""
        return self._or_none(millimetres_an_hour, self._quantities.rain_rate)

    def pressure(self, hectopascals: float | None) -> str:
        """1009.4 → "1009 hPa"."""
        return self._or_none(hectopascals, self._quantities.pressure)

    # Dates and times

    def time(self, time: dt.datetime | None) -> str:
        """10:00."""
        if time is None:
            return self.text("value.none")
        # Without its zone: aware datetimes of two zones can be equal, as keys of the cache too, and yet have
        # different clock times.
        return self._format_date("time", time.replace(tzinfo=None))

    def date(self, day: dt.date) -> str:
        """27/11/2020."""
        return self._format_date("date", _date_only(day))

    def short_date(self, day: dt.date) -> str:
        """27/11."""
        return self._format_date("date_short", _date_only(day))

    def day_name(self, day: dt.date, today: dt.date) -> str:
        """Hôm nay, Ngày mai, then Thứ Hai … Chủ nhật."""
        key = _NAMED_DAYS.get((_date_only(day) - _date_only(today)).days)
        return self.text(key or f"weekday.{day.isoweekday()}")

    def weekday(self, day: dt.date) -> str:
        """Return the name of the day of the week."""
        return self.text(f"weekday.{day.isoweekday()}")

    def weekday_short(self, day: dt.date) -> str:
        """T2 … T7, CN."""
        return self.text(f"weekday.{day.isoweekday()}.short")

    def age(self, age: dt.timedelta) -> str:
        """119 min → "1 giờ": rounded down, never below zero."""
        unit, number = _largest_unit(age)
        return self.text(f"age.{unit}", n=number)

    def _format_date_uncached(self, pattern: str, time: dt.date) -> str:
        return self._patterns[pattern].apply(time, self._locale)

    # Wind

    def direction(self, degrees: float | None) -> str | None:
        """315 → "tây bắc": where the wind comes from; None → None."""
        if degrees is None:
            return None
        return self.text(f"direction.{_POINTS[int((degrees + 22.5) // 45) % 8]}")

    def force(self, metres_per_second: float) -> int:
        """Return the force from 0 to 17, or 18 above the scale: 8.4 → 5.

        It follows from the whole km/h that are shown: the table's own m/s differ at some limits, and a reader
        would notice the contradiction.
        """
        return bisect_right(_LOWEST_KMH, round_half_up(kilometres_per_hour(metres_per_second)))

    def force_text(self, metres_per_second: float | None) -> str:
        """8.4 → "cấp 5"; "trên cấp 17"."""
        if metres_per_second is None:
            return self.text("value.none")
        force = self.force(metres_per_second)
        return self.text("wind.force", n=force) if force < _ABOVE_SCALE else self.text("wind.force_over")

    def wind_inline(self, speed: float, direction: float | None = None) -> str:
        """The wind inside a sentence, without its force: gió tây bắc 30 km/h, or lặng gió."""
        if self.is_calm(speed):
            return self.text("sentence.calm")
        if direction is None:
            return self.text("sentence.wind_alone", speed=self.speed(speed))
        return self.text("sentence.wind", direction=self.direction(direction), speed=self.speed(speed))

    def is_strong(self, metres_per_second: float | None) -> bool:
        """Return whether the wind is of force 8 or more, which counts as strong."""
        return metres_per_second is not None and self.force(metres_per_second) >= _STRONG

    def sentence_of(self, parts: Iterable[str]) -> str:
        """Return these phrases as one, the first of them with its capital letter."""
        first, *others = parts
        return self.text("sentence.separator").join(
            [first, *(part[:1].lower() + part[1:] for part in others)]
        )

    def is_calm(self, speed: float) -> bool:
        """Return whether the speed in m/s is shown as 0."""
        return self._quantities.rounded_speed(speed) == 0

    # Conditions. Keys are `condition.<kind>.<intensity>`, and beside each of them the catalog may have
    # `….night` (also used when it is unknown whether it is day: these texts never mention the sun), `….warm`,
    # `….inline`, the short form inside a sentence, and `….warm_day` for a whole warm day. An intensity
    # without a text of its own is `plain`.

    def condition(
        self,
        kind: str,
        intensity: str,
        is_day: bool | None,  # noqa: FBT001 - three-valued, as in the weather model
        temperature: float | None = None,
    ) -> str:
        """("overcast", "plain") → "Nhiều mây, âm u"; without `is_day` a text that holds day and night."""
        return self.text(self._condition_key(kind, intensity, _variants(is_day, temperature)))

    def condition_inline(
        self,
        kind: str,
        intensity: str,
        is_day: bool | None,  # noqa: FBT001 - three-valued, as in the weather model
        temperature: float | None = None,
    ) -> str:
        """The condition inside a sentence: nhiều mây."""
        variants = ["inline", *_variants(is_day, temperature)]
        text = self.text(self._condition_key(kind, intensity, variants))
        return text[:1].lower() + text[1:]

    def day_condition(
        self,
        kind: str,
        intensity: str,
        temperature: float | None,
        *,
        has_wet_night: bool,
        is_dark: bool = False,
    ) -> str:
        """("clear", "plain") → "Trời nắng", with a wet night "Trời nắng, đêm có mưa".

        A dark day, one of the polar night, has the words of a night: "Trời quang".
        """
        variants = _day_variants(temperature, is_dark=is_dark)
        text = self.text(self._condition_key(kind, intensity, variants))
        return self._with_night(text, kind, has_wet_night=has_wet_night)

    def day_condition_inline(
        self,
        kind: str,
        intensity: str,
        temperature: float | None,
        *,
        has_wet_night: bool,
        is_dark: bool = False,
    ) -> str:
        """The condition of a day inside a sentence: nhiều mây, đêm có mưa."""
        variants = ["inline", *_day_variants(temperature, is_dark=is_dark)]
        text = self.text(self._condition_key(kind, intensity, variants))
        text = self._with_night(text, kind, has_wet_night=has_wet_night)
        return text[:1].lower() + text[1:]

    def _with_night(self, text: str, kind: str, *, has_wet_night: bool) -> str:
        if not has_wet_night:
            return text
        night = self.text("day.wet_night")
        if kind == _UNKNOWN:
            return night[:1].upper() + night[1:]
        return text + self.text("sentence.separator") + night

    def _condition_key(self, kind: str, intensity: str, variants: list[str]) -> str:
        stem = f"condition.{kind}.{intensity}"
        if stem not in self._catalog:
            stem = f"condition.{kind}.{_FALLBACK_INTENSITY}"
        keys = (f"{stem}.{variant}" for variant in variants)
        return next((key for key in keys if key in self._catalog), stem)

    def _or_none(self, value: T | None, to_text: Callable[[T], str]) -> str:
        return self.text("value.none") if value is None else to_text(value)


def _variants(is_day: bool | None, temperature: float | None) -> list[str]:  # noqa: FBT001 - three-valued, as in the model
    is_warm = temperature is not None and temperature >= _WARM
    return ["warm"] * is_warm + ["night"] * (not is_day)


def _day_variants(temperature: float | None, *, is_dark: bool) -> list[str]:
    is_warm = temperature is not None and temperature >= _WARM
    return ["warm_day", "warm"] * is_warm + ["night"] * is_dark


def _date_only(day: dt.date) -> dt.date:
    """Return the date, also of a datetime, which is a date too."""
    return dt.date(day.year, day.month, day.day)


def _largest_unit(age: dt.timedelta) -> tuple[str, int]:
    """Return an age in its largest whole unit, rounded down: 119 minutes are an hour. Never below zero."""
    seconds = max(0, age // dt.timedelta(seconds=1))
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= length:
            return unit, seconds // length
    return "seconds", seconds

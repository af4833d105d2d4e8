"""The formatter: all texts and values of one language, in one system of units. Presenters use only this."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from babel import Locale

from service.core.errors import Cause
from service.locales import condition_text, wind
from service.locales.catalog import CATALOGS, catalog_of
from service.locales.dates import Dates
from service.locales.numbers import Numbers, Quantities
from service.locales.units import Units

T = TypeVar("T")


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
        locale = Locale.parse(language, sep="-")
        self._numbers = Numbers(locale)
        self._quantities = Quantities(self._catalog, self._numbers, units)
        self._dates = Dates(self._catalog, locale)
        self._winds = wind.Winds(self._catalog, self._quantities)

    # Texts

    def text(self, key: str, **values: object) -> str:
        """Return the text under a key (TextError: unknown key, or a value is missing)."""
        return self._catalog.text(key, **values)

    def stamped(self, key: str, time: dt.datetime) -> str:
        """Return the text under a key that has the placeholders {time} and {date}, such as `updated`."""
        return self.text(key, time=self.time(time), date=self.date(time))

    def updated(self, time: dt.datetime) -> str:
        """Cập nhật lúc 10:00 ngày 27/11/2020."""
        return self.stamped("updated", time)

    def stale_since(self, time: dt.datetime) -> str:
        """Số liệu cũ, lấy lúc 10:02 ngày 27/11/2020."""
        return self.stamped("state.stale", time)

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

    def pressure(self, hectopascals: float | None) -> str:
        """1009.4 → "1009 hPa"."""
        return self._or_none(hectopascals, self._quantities.pressure)

    # Dates and times

    def time(self, time: dt.datetime | None) -> str:
        """10:00."""
        return self._or_none(time, self._dates.time)

    def date(self, day: dt.date) -> str:
        """27/11/2020."""
        return self._dates.date(day)

    def short_date(self, day: dt.date) -> str:
        """27/11."""
        return self._dates.short_date(day)

    def long_date(self, day: dt.date) -> str:
        """Thứ Sáu, ngày 27/11/2020."""
        return self._dates.long_date(day)

    def day_name(self, day: dt.date, today: dt.date) -> str:
        """Hôm nay, Ngày mai, then Thứ Hai … Chủ nhật."""
        return self._dates.day_name(day, today)

    def weekday_short(self, day: dt.date) -> str:
        """T2 … T7, CN."""
        return self._dates.weekday_short(day)

    def age(self, age: dt.timedelta) -> str:
        """119 min → "1 giờ": rounded down, never below zero."""
        return self._dates.age(age)

    def ago(self, age: dt.timedelta) -> str:
        """119 min → "1 giờ trước"; less than a minute → "vừa xong"."""
        return self._dates.ago(age)

    # Wind

    def direction(self, degrees: float | None) -> str | None:
        """315 → "tây bắc": where the wind comes from; None → None."""
        return None if degrees is None else self._winds.direction(degrees)

    def force(self, metres_per_second: float) -> int:
        """8.4 → 5, of the whole km/h that are shown; 18 is above the scale."""
        return wind.force(metres_per_second)

    def force_text(self, metres_per_second: float | None) -> str:
        """8.4 → "cấp 5"; "trên cấp 17"."""
        return self._or_none(metres_per_second, self._winds.force_text)

    def wind_sentence(
        self, speed: float | None, direction: float | None = None, gust: float | None = None
    ) -> str | None:
        """Gió tây bắc 30 km/h (cấp 5), giật 49 km/h (cấp 6); None when the speed is unknown.

        A gust is mentioned when its force exceeds that of the mean wind, and 1.
        """
        return None if speed is None else self._winds.sentence(speed, direction, gust)

    def wind_inline(self, speed: float, direction: float | None = None) -> str:
        """The wind inside a sentence, without its force: gió tây bắc 30 km/h, or lặng gió."""
        return self._winds.inline(speed, direction)

    # Conditions

    def condition(
        self,
        kind: str,
        intensity: str,
        is_day: bool | None,  # noqa: FBT001 - three-valued, as in the weather model
        temperature: float | None = None,
    ) -> str:
        """("overcast", "plain") → "Nhiều mây, âm u"; without `is_day` a text that holds day and night."""
        return condition_text.condition(self._catalog, kind, intensity, is_day, temperature)

    def condition_inline(
        self,
        kind: str,
        intensity: str,
        is_day: bool | None,  # noqa: FBT001 - three-valued, as in the weather model
        temperature: float | None = None,
    ) -> str:
        """The condition inside a sentence: nhiều mây."""
        return condition_text.condition_inline(self._catalog, kind, intensity, is_day, temperature)

    def _or_none(self, value: T | None, to_text: Callable[[T], str]) -> str:
        return self.text("value.none") if value is None else to_text(value)

"""The one object that presenters ask for words."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from babel import Locale

from service.core.errors import Cause
from service.locales import condition_text as skies
from service.locales import wind
from service.locales.catalog import CATALOGS, shipped
from service.locales.dates import Dates
from service.locales.numbers import Numbers
from service.locales.quantities import Quantities
from service.locales.units import Units
from service.weather.model import Condition, Current, Day, Sky

T = TypeVar("T")


class Formatter:
    """Everything that is said in one language and one system of units.

    It never changes and may be shared by threads; one for each pair of language and units, made at start-up,
    is the cheapest. Quantities come in the domain's units (°C, m/s, mm, hPa, %). For None each method says
    `value.none` ("Chưa có số liệu"), unless its docstring says otherwise. Datetimes are in the place's zone.
    """

    def __init__(self, language: str, units: Units = Units.METRIC, root: Path = CATALOGS) -> None:
        """Speak this language.

        Raises:
            TextError: when the language has no catalog under `root`.
        """
        self.language = language
        self.units = units
        self._catalog = shipped(language, root)
        locale = Locale.parse(language, sep="-")
        self._numbers = Numbers(locale)
        self._quantities = Quantities(self._catalog, self._numbers, units)
        self._dates = Dates(self._catalog, locale)
        self._winds = wind.Winds(self._catalog, self._quantities)

    def text(self, key: str, **values: object) -> str:
        """The words under a key (TextError: unknown key, or a value is missing)."""
        return self._catalog.text(key, **values)

    def cause(self, cause: Cause) -> str:
        """Why an upstream gave nothing: TIMEOUT → "The server did not answer in time"."""
        return self.text(f"cause.{cause.name.lower()}")

    def number(self, value: float | None, decimals: int = 0) -> str:
        """-1234.5 → "−1.234,5": halves away from zero, U+2212 as minus."""  # noqa: RUF002 - the sign itself is what is told
        return self._none_or(value, lambda known: self._numbers.write(known, decimals))

    def temperature(self, celsius: float | None) -> str:
        """27.1 → "27 °C"."""
        return self._none_or(celsius, self._quantities.temperature)

    def degrees(self, celsius: float | None) -> str:
        """27.1 → "27°", for charts and rows; None → "–"."""  # noqa: RUF002 - the sign itself is what is told
        return self.text("value.dash") if celsius is None else self._quantities.degrees(celsius)

    def temperature_range(self, low: float | None, high: float | None, *, in_words: bool = False) -> str:
        """(22, 30) → "22–30 °C", or "từ 22 đến 30 °C"; one end alone is said as a temperature."""  # noqa: RUF002 - the sign itself is what is told
        if low is None or high is None:
            return self.temperature(high if low is None else low)
        return self._quantities.temperature_range(low, high, in_words=in_words)

    def percent(self, value: float | None) -> str:
        """79 → "79 %"."""
        return self._none_or(value, self._quantities.percent)

    def speed(self, metres_per_second: float | None) -> str:
        """8.4 → "30 km/h"."""
        return self._none_or(metres_per_second, self._quantities.speed)

    def rain(self, millimetres: float | None) -> str:
        """4.2 → "4,2 mm", 0 → "0 mm", 0.04 → "dưới 0,1 mm"."""
        return self._none_or(millimetres, self._quantities.rain)

    def pressure(self, hectopascals: float | None) -> str:
        """1009.4 → "1009 hPa"."""
        return self._none_or(hectopascals, self._quantities.pressure)

    def clock(self, moment: dt.datetime | None) -> str:
        """10:00."""
        return self._none_or(moment, self._dates.clock)

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

    def stamped(self, key: str, moment: dt.datetime) -> str:
        """The text under a key that takes {time} and {date}, such as `updated`."""
        return self.text(key, time=self.clock(moment), date=self.date(moment))

    def updated(self, moment: dt.datetime) -> str:
        """Cập nhật lúc 10:00 ngày 27/11/2020."""
        return self.stamped("updated", moment)

    def since(self, moment: dt.datetime) -> str:
        """The sentence of stale data: Số liệu cũ, lấy lúc 10:02 ngày 27/11/2020."""
        return self.stamped("state.stale", moment)

    def age(self, age: dt.timedelta) -> str:
        """119 min → "1 giờ": rounded down, never below zero."""
        return self._dates.age(age)

    def ago(self, age: dt.timedelta) -> str:
        """119 min → "1 giờ trước"; less than a minute → "vừa xong"."""
        return self._dates.ago(age)

    def direction(self, degrees: float | None) -> str | None:
        """315 → "tây bắc": where the wind comes from; None → None."""
        return None if degrees is None else self._winds.direction(degrees)

    def force(self, metres_per_second: float) -> int:
        """8.4 → 5: the force of the whole km/h that are shown; 18 is above the scale."""
        return wind.force(metres_per_second)

    def force_text(self, metres_per_second: float | None) -> str:
        """8.4 → "cấp 5"; "trên cấp 17"."""
        return self._none_or(metres_per_second, self._winds.force_text)

    def wind_sentence(
        self, speed: float | None, direction: float | None = None, gust: float | None = None
    ) -> str | None:
        """Gió tây bắc 30 km/h (cấp 5), giật 49 km/h (cấp 6); None when the speed is not known.

        A gust is named when its force is above the mean wind's, and above 1.
        """
        return None if speed is None else self._winds.sentence(speed, direction, gust)

    def condition(self, sky: Sky, is_day: bool | None, temperature: float | None = None) -> str:  # noqa: FBT001 - the domain's own three-valued field
        """Nhiều mây, âm u. When nobody knows whether it is day, words that hold by day and by night."""
        return skies.condition(self._catalog, sky, is_day, temperature)

    def condition_inline(self, sky: Sky, is_day: bool | None, temperature: float | None = None) -> str:  # noqa: FBT001 - the domain's own three-valued field
        """The condition inside a sentence: nhiều mây."""
        return skies.condition_inline(self._catalog, sky, is_day, temperature)

    def sentence_now(self, place_name: str, current: Current, local_time: dt.datetime | None) -> str:
        """Đông Hà: 27 °C, nhiều mây, độ ẩm 79 %, gió tây bắc 30 km/h, cập nhật lúc 10:00 ngày 27/11/2020.

        `local_time` is `current.time` in the place's zone. What is not known is left out.
        """
        parts = [
            self._part(current.temperature, self.temperature),
            self._sky_part(current.sky, current.is_day, current.temperature),
            self._part(
                current.humidity, lambda known: self.text("sentence.humidity", humidity=self.percent(known))
            ),
            self._part(current.wind_speed, lambda known: self._winds.inside(known, current.wind_direction)),
            self._part(local_time, lambda known: self.stamped("sentence.updated", known)),
        ]
        said = self._joined(parts) or self.text("sentence.nothing")
        return self.text("sentence.now", place=place_name, parts=said)

    def sentence_day(self, day: Day, today: dt.date) -> str:
        """Ngày mai: mưa rào, từ 22 đến 30 °C, khả năng mưa 80 %. What is not known is left out."""
        span = self.temperature_range(day.temperature_min, day.temperature_max, in_words=True)
        known = day.temperature_min is not None or day.temperature_max is not None
        chance = day.precipitation_probability
        parts = [
            self._sky_part(day.sky, True, day.temperature_max),
            span if known else None,
            self._part(chance, lambda value: self.text("sentence.chance", chance=self.percent(value))),
        ]
        said = self._joined(parts) or self.text("sentence.nothing")
        return self.text("sentence.day", day=self.day_name(day.date, today), parts=said)

    def _sky_part(self, sky: Sky, is_day: bool | None, temperature: float | None) -> str | None:  # noqa: FBT001 - the domain's own three-valued field
        if sky.condition is Condition.UNKNOWN:
            return None
        return self.condition_inline(sky, is_day, temperature)

    def _joined(self, parts: list[str | None]) -> str:
        return self.text("sentence.separator").join(part for part in parts if part)

    def _none_or(self, value: T | None, say: Callable[[T], str]) -> str:
        return self.text("value.none") if value is None else say(value)

    @staticmethod
    def _part(value: T | None, say: Callable[[T], str]) -> str | None:
        return None if value is None else say(value)

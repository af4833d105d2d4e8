"""Dates, times and ages in words; every datetime that comes in is already in the place's zone."""

import datetime as dt
from functools import lru_cache

from babel import Locale
from babel.dates import parse_pattern

from service.locales.catalog import Catalog

_NAMED_DAYS = {0: "day.today", 1: "day.tomorrow"}
_REMEMBERED = 1024  # a widget writes the same hours and days again for every place


class Dates:
    """The calendar of one language; its patterns are CLDR's and stand in the catalog (`format.…`)."""

    def __init__(self, catalog: Catalog, locale: Locale) -> None:
        """Parse the patterns once."""
        self._catalog = catalog
        self._locale = locale
        names = ("time", "date", "date_short", "date_long")
        self._patterns = {name: parse_pattern(catalog.text(f"format.{name}")) for name in names}
        self._write = lru_cache(_REMEMBERED)(self._write_anew)

    def clock(self, moment: dt.datetime) -> str:
        # Without its zone: aware datetimes of two zones can be equal and yet read differently on the clock.
        return self._write("time", moment.replace(tzinfo=None))

    def date(self, day: dt.date) -> str:
        return self._write("date", _bare(day))

    def short_date(self, day: dt.date) -> str:
        return self._write("date_short", _bare(day))

    def long_date(self, day: dt.date) -> str:
        written = self._write("date_long", _bare(day))
        return self._catalog.text("date.long", weekday=self.weekday(day), date=written)

    def weekday(self, day: dt.date) -> str:
        return self._catalog.text(f"weekday.{day.isoweekday()}")

    def weekday_short(self, day: dt.date) -> str:
        return self._catalog.text(f"weekday.{day.isoweekday()}.short")

    def day_name(self, day: dt.date, today: dt.date) -> str:
        key = _NAMED_DAYS.get((_bare(day) - _bare(today)).days)
        return self._catalog.text(key) if key else self.weekday(day)

    def age(self, age: dt.timedelta) -> str:
        unit, number = _largest_unit(age)
        return self._catalog.text(f"age.{unit}", n=number)

    def ago(self, age: dt.timedelta) -> str:
        unit, number = _largest_unit(age)
        return self._catalog.text("ago.now" if unit == "seconds" else f"ago.{unit}", n=number)

    def _write_anew(self, pattern: str, moment: dt.date) -> str:
        return self._patterns[pattern].apply(moment, self._locale)


def _bare(day: dt.date) -> dt.date:
    """The date alone, also of a datetime."""
    return dt.date(day.year, day.month, day.day)


def _largest_unit(age: dt.timedelta) -> tuple[str, int]:
    """The age in its largest whole unit, rounded down: 119 minutes are an hour. Never below zero."""
    seconds = max(0, age // dt.timedelta(seconds=1))
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= length:
            return unit, seconds // length
    return "seconds", seconds

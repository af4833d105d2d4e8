"""Dates, times and ages as a language writes them. Datetimes are in the place's zone."""

import datetime as dt
from functools import lru_cache

from babel import Locale
from babel.dates import parse_pattern

from service.locales.catalog import Catalog

_NAMED_DAYS = {0: "day.today", 1: "day.tomorrow"}
_CACHED = 1024  # a widget has the same hours and days for every place


class Dates:
    """Dates in one language; the catalog has its CLDR patterns (`format.…`)."""

    def __init__(self, catalog: Catalog, locale: Locale) -> None:
        self._catalog = catalog
        self._locale = locale
        names = ("time", "date", "date_short", "date_long")
        self._patterns = {name: parse_pattern(catalog.text(f"format.{name}")) for name in names}
        self._format = lru_cache(_CACHED)(self._format_uncached)

    def time(self, time: dt.datetime) -> str:
        # Without its zone: aware datetimes of two zones can be equal, as keys of the cache too, and yet have
        # different clock times.
        return self._format("time", time.replace(tzinfo=None))

    def date(self, day: dt.date) -> str:
        return self._format("date", _date_only(day))

    def short_date(self, day: dt.date) -> str:
        return self._format("date_short", _date_only(day))

    def long_date(self, day: dt.date) -> str:
        date = self._format("date_long", _date_only(day))
        weekday = self._catalog.text(f"weekday.{day.isoweekday()}")
        return self._catalog.text("date.long", weekday=weekday, date=date)

    def weekday_short(self, day: dt.date) -> str:
        return self._catalog.text(f"weekday.{day.isoweekday()}.short")

    def day_name(self, day: dt.date, today: dt.date) -> str:
        key = _NAMED_DAYS.get((_date_only(day) - _date_only(today)).days)
        return self._catalog.text(key or f"weekday.{day.isoweekday()}")

    def age(self, age: dt.timedelta) -> str:
        unit, number = _largest_unit(age)
        return self._catalog.text(f"age.{unit}", n=number)

    def ago(self, age: dt.timedelta) -> str:
        unit, number = _largest_unit(age)
        return self._catalog.text("ago.now" if unit == "seconds" else f"ago.{unit}", n=number)

    def _format_uncached(self, pattern: str, time: dt.date) -> str:
        return self._patterns[pattern].apply(time, self._locale)


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

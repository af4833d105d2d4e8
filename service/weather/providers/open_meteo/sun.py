"""Sunrise and sunset as Open-Meteo tells them: lists beside a list of local dates."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from service.weather.model import SunTimes
from service.weather.providers.instants import instant

_LONGEST_DAY = timedelta(hours=36)  # far north a sunset comes after midnight


def suns_of(series: Mapping[str, Any] | None, offset: timedelta | None) -> tuple[SunTimes, ...]:
    """The sun of each date, in order; a date with neither sunrise nor sunset is left out.

    Args:
        series: the lists `time`, `sunrise` and `sunset`, as written.
        offset: of the zone that the answer is told in.
    """
    if series is None or offset is None or not isinstance(series["time"], list):
        return ()
    days = series["time"]
    rises, sets = (_column(series[name], len(days)) for name in ("sunrise", "sunset"))
    suns = [_sun(*row, offset) for row in zip(days, rises, sets, strict=True)]
    by_date = {sun.date: sun for sun in suns if sun is not None}
    return tuple(by_date[day] for day in sorted(by_date))


def _column(values: object, length: int) -> list[object]:
    return values if isinstance(values, list) and len(values) == length else [None] * length


def _sun(told: object, rises: object, sets: object, offset: timedelta) -> SunTimes | None:
    day = _local_date(told, offset)
    if day is None:
        return None
    sunrise, sunset = (_on(day, instant(time, offset), offset) for time in (rises, sets))
    return SunTimes(day, sunrise, sunset) if sunrise or sunset else None


def _local_date(value: object, offset: timedelta) -> date | None:
    """An ISO date, or the date of a local midnight in Unix time."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    midnight = instant(value)
    return None if midnight is None else (midnight + offset).date()


def _on(day: date, time: datetime | None, offset: timedelta) -> datetime | None:
    """The time, where it lies in the day that begins at this date's midnight."""
    if time is None:
        return None
    since_midnight = (time + offset).replace(tzinfo=None) - datetime.combine(day, datetime.min.time())
    return time if timedelta(0) <= since_midnight < _LONGEST_DAY else None

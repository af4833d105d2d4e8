"""Parsing one place's element of Open-Meteo's response into a forecast in our units."""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Any

from marshmallow import ValidationError

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.weather.hours import HOUR, KEPT_PAST, hourly_points, moved_to_beginning
from service.weather.model import (
    UNKNOWN_CONDITION,
    Current,
    HourlyForecast,
    HourlyPoint,
    PolarSun,
    SunTimes,
)
from service.weather.provider import ProviderForecast
from service.weather.providers.open_meteo.payload import Element
from service.weather.providers.open_meteo.wmo_codes import condition_of, conditions_at
from service.weather.providers.readings import (
    PRECIPITATION,
    Quantity,
    is_about_now,
    is_near,
    parse_hours,
    parse_instant,
)

_GRID = 0.5  # degrees: the response has the position of the model's grid cell
_AT_TIME = ("temperature", "wind_speed", "is_day")
_BEFORE = ("precipitation", "precipitation_probability", "code")  # of the hour that ends at the time
_INTERVAL = Quantity(1, 86_400)  # s
_LONGEST_DAY = timedelta(hours=36)  # far north a sunset comes after midnight
_DAY = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 1970, 2100  # of instants, too; the midnight of year 1 may lie before the first one
_FLAGS: Mapping[float | None, bool] = {0: False, 1: True}
_ELEMENT = Element()  # one for all: making a schema takes longer than loading an element


def parse_place(element: object, position: int, place: Place, now: datetime) -> ProviderForecast:
    """Return the forecast in the element at this position of the response.

    Raises:
        UpstreamError: for an element that is for another place or another time, or has no values.
    """
    loaded = _load(element, position, place)
    utc_offset = None if loaded["utc_offset"] is None else timedelta(seconds=loaded["utc_offset"])
    current = _current(loaded["current"], utc_offset, place, now)
    points = _points(loaded["hourly"], utc_offset, place)
    if current is None and not points:
        raise UpstreamError(Cause.UNREADABLE, f"The element for {place.id} has no usable values.")
    if not any(is_about_now(point.time, now) for point in points):
        if current is None:
            raise _for_another_time(place, points[0].time)
        return ProviderForecast(place, current, None, current.time)
    recent = points[bisect_left(points, now - KEPT_PAST, key=attrgetter("time")) :]
    hourly = HourlyForecast(tuple(recent), _sun_times(loaded["daily"], utc_offset))
    return ProviderForecast(place, current, hourly, current.time if current else None)


def _load(element: object, position: int, place: Place) -> Mapping[str, Any]:
    try:
        loaded: Mapping[str, Any] = _ELEMENT.load(element)  # type: ignore[arg-type] # load raises for others
    except ValidationError as error:
        raise UpstreamError(Cause.UNREADABLE, f"The element for {place.id} is not an object.") from error
    if loaded["position"] not in (None, position):
        raise UpstreamError(Cause.UNREADABLE, f"The element for {place.id} has another place's number.")
    if not is_near(place, loaded["latitude"], loaded["longitude"], _GRID):
        raise UpstreamError(Cause.UNREADABLE, f"The element for {place.id} is another place's weather.")
    return loaded


def _for_another_time(place: Place, time: datetime) -> UpstreamError:
    return UpstreamError(Cause.CLOCK, f"The values for {place.id} are for {time:%Y-%m-%d %H:%M} UTC.")


def _current(
    values: Mapping[str, Any] | None, utc_offset: timedelta | None, place: Place, now: datetime
) -> Current | None:
    if values is None:
        return None
    time = parse_instant(values["time"], utc_offset)
    if time is None:
        raise UpstreamError(Cause.UNREADABLE, f"The values for {place.id} have no time.")
    if not is_about_now(time, now):
        raise _for_another_time(place, time)
    current = Current(
        time=time,
        condition=condition_of(values["code"], place),
        temperature=values["temperature"],
        apparent_temperature=values["apparent_temperature"],
        humidity=values["humidity"],
        wind_speed=values["wind_speed"],
        wind_direction=values["wind_direction"],
        wind_gust=values["wind_gust"],
        pressure=values["pressure"],
        cloud_cover=values["cloud_cover"],
        precipitation_rate=_rate(values["precipitation"], values["interval"]),
        is_day=_flag(values["is_day"]),
    )
    return None if current == Current(time) else current


def _rate(precipitation: float | None, interval: object) -> float | None:
    """Return mm/h from the sum of an interval of seconds; None where either is unknown."""
    seconds = _INTERVAL.read(interval)
    if precipitation is None or seconds is None:
        return None
    return PRECIPITATION.read(precipitation * HOUR.total_seconds() / seconds)


def _points(
    series: Mapping[str, Any] | None, utc_offset: timedelta | None, place: Place
) -> list[HourlyPoint]:
    """Return the hours; none where their times are not a series of hours, or where all values are missing."""
    if series is None:
        return []
    times = parse_hours(series["time"], utc_offset)
    at_time, before = ([_column(series[name], len(times)) for name in names] for names in (_AT_TIME, _BEFORE))
    if all(value is None for column in at_time + before for value in column):
        return []
    conditions = conditions_at(place)
    starts, *columns = moved_to_beginning(times, at_time, before)
    temperatures, wind_speeds, flags, precipitation, probabilities, codes = columns
    of_codes = [conditions.get(code, UNKNOWN_CONDITION) for code in codes]
    is_day = map(_FLAGS.get, flags)
    rows = zip(starts, of_codes, temperatures, precipitation, probabilities, wind_speeds, is_day, strict=True)
    return hourly_points(rows)


def _column(values: Any, length: int) -> list[Any]:
    """Return a list of the response; only Nones for a list of another length, whose times are unknown."""
    return values if isinstance(values, list) and len(values) == length else [None] * length


def _flag(value: float | None) -> bool | None:
    return _FLAGS.get(value)


def _sun_times(series: Mapping[str, Any] | None, utc_offset: timedelta | None) -> tuple[SunTimes, ...]:
    """Return the sun times in order of the dates; a date without sunrise and sunset is left out."""
    if series is None or utc_offset is None or not isinstance(series["time"], list):
        return ()
    days = series["time"]
    sunrises, sunsets = (_column(series[name], len(days)) for name in ("sunrise", "sunset"))
    by_date: dict[date, SunTimes] = {}
    for day_value, sunrise_value, sunset_value in zip(days, sunrises, sunsets, strict=True):
        day = _local_date(day_value, utc_offset)
        if day is not None:
            midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - utc_offset
            sunrise = _after(midnight, parse_instant(sunrise_value, utc_offset))
            sunset = _after(midnight, parse_instant(sunset_value, utc_offset))
            if sunrise or sunset:
                by_date[day] = _sun_of(day, sunrise, sunset)
    return tuple(by_date[day] for day in sorted(by_date))


def _sun_of(day: date, sunrise: datetime | None, sunset: datetime | None) -> SunTimes:
    """Return the sun of a date; polar where its times are those of a night or a day that does not end.

    Open-Meteo writes a polar night as a sunrise and a sunset at the same instant, the midnight at which the
    date begins, and a polar day as one from midnight to midnight.
    """
    if sunrise is None or sunset is None:
        return SunTimes(day, sunrise, sunset)
    if sunrise == sunset:
        return SunTimes(day, None, None, PolarSun.DOWN)
    if sunset - sunrise >= _DAY:
        return SunTimes(day, None, None, PolarSun.UP)
    return SunTimes(day, sunrise, sunset)


def _local_date(value: object, utc_offset: timedelta) -> date | None:
    """Return an ISO date, or the date of a local midnight in Unix time."""
    if isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return None
        return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None
    midnight = parse_instant(value)
    return None if midnight is None else (midnight + utc_offset).date()


def _after(midnight: datetime, time: datetime | None) -> datetime | None:
    """Return the time, unless it is outside the day that begins at this midnight."""
    return time if time is not None and timedelta(0) <= time - midnight < _LONGEST_DAY else None

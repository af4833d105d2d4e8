"""Parsing OpenWeather's responses into a forecast in our units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.weather.hours import HOUR, KEPT_PAST
from service.weather.model import WET, Current, DetailedCondition, HourlyForecast, HourlyPoint, SunTimes
from service.weather.provider import ProviderForecast
from service.weather.providers.openweather.conditions import condition_and_daylight
from service.weather.providers.openweather.payload import CurrentWeather, Forecast, OneCall
from service.weather.providers.readings import (
    PRECIPITATION,
    is_about_now,
    is_near,
    parse_hours,
    parse_instant,
)

_GRID = 0.5  # degrees: the position of the response is that of the nearest city, or of the model's grid
_STEP = 3  # hours between two elements of /forecast
_NO_SUN = timedelta(days=16)  # in the polar day and night the times of the sun are missing, or 0
_SAME_DAY = timedelta(hours=36)
_Values = Mapping[str, Any]


def parse_response(response: Mapping[str, Any], place: Place, now: datetime) -> ProviderForecast:
    """Return the forecast in a response, whose members tell which of the three it is.

    Raises:
        UpstreamError: for one that is an error, for another place or another time, or has no values.
    """
    if "cod" in response:  # One Call has none, except in errors
        _check_code(response["cod"])
    if "list" in response:
        return _forecast(Forecast().load(response), place, now)
    if "main" in response:
        return _current_weather(CurrentWeather().load(response), place, now)
    return _one_call(OneCall().load(response), place, now)


def _check_code(code: object) -> None:
    """Refuse an error, whatever the status of the response: its code is a number or a string."""
    text = str(code)
    if text == "200":
        return
    is_code = isinstance(code, int | str) and len(text) == 3 and text.isascii() and text.isdigit()  # noqa: PLR2004 - a status
    status = int(text) if is_code else 0
    cause = {401: Cause.FORBIDDEN, 403: Cause.FORBIDDEN, 404: Cause.GONE, 429: Cause.RATE_LIMITED}.get(status)
    if cause is None:
        cause = {4: Cause.REJECTED, 5: Cause.BROKEN}.get(status // 100, Cause.UNREADABLE)
    named = f"error {status}" if status else "an error"
    raise UpstreamError(cause, f"OpenWeather answered with {named} in the place of a forecast.")


# The three responses


def _current_weather(loaded: _Values, place: Place, now: datetime) -> ProviderForecast:
    _check_position(loaded["position"], place)
    current = _current(loaded, place, now)
    if current is None:
        raise _without_values(place)
    return ProviderForecast(place, current, None, current.time)


def _forecast(loaded: _Values, place: Place, now: datetime) -> ProviderForecast:
    city = loaded["city"] or {}
    _check_position(city.get("position"), place)
    hourly = _hourly(_hours_of_steps(loaded["steps"] or ()), [city], place, now)
    if hourly is None:
        raise _without_values(place)
    return ProviderForecast(place, None, hourly, None, temperature_every=_STEP)


def _one_call(loaded: _Values, place: Place, now: datetime) -> ProviderForecast:
    _check_position(loaded, place)
    current = None if loaded["current"] is None else _current(loaded["current"], place, now)
    hourly = _hourly(_hour_points(loaded["hours"] or ()), loaded["days"] or (), place, now)
    if current is None and hourly is None:
        raise _without_values(place)
    return ProviderForecast(place, current, hourly, current.time if current else None)


def _check_position(position: _Values | None, place: Place) -> None:
    at = position or {}
    if not is_near(place, at.get("latitude"), at.get("longitude"), _GRID):
        raise UpstreamError(Cause.UNREADABLE, f"The response for {place.id} is another place's weather.")


def _without_values(place: Place) -> UpstreamError:
    return UpstreamError(Cause.UNREADABLE, f"The response for {place.id} has no usable values.")


def _for_another_time(place: Place, time: datetime) -> UpstreamError:
    return UpstreamError(Cause.CLOCK, f"The values for {place.id} are for {time:%Y-%m-%d %H:%M} UTC.")


# Current values


def _current(values: _Values, place: Place, now: datetime) -> Current | None:
    time = parse_instant(values["time"])
    if time is None:
        raise UpstreamError(Cause.UNREADABLE, f"The values for {place.id} have no time.")
    if not is_about_now(time, now):
        raise _for_another_time(place, time)
    condition, is_day = condition_and_daylight(values["weather"])
    current = Current(
        time=time,
        condition=condition,
        temperature=values["temperature"],
        apparent_temperature=values["apparent_temperature"],
        humidity=values["humidity"],
        wind_speed=values["wind_speed"],
        wind_direction=values["wind_direction"],
        wind_gust=values["wind_gust"],
        # The documentation says that both are at sea level; older responses have the ground's in `pressure`.
        pressure=values["pressure"] if values["sea_level"] is None else values["sea_level"],
        cloud_cover=values["cloud_cover"],
        precipitation_rate=_water(values, condition, 1),
        is_day=is_day,
    )
    return None if replace(current, precipitation_rate=None) == Current(time) else current


# Hours


def _hourly(
    points: Sequence[HourlyPoint], suns: Iterable[_Values], place: Place, now: datetime
) -> HourlyForecast | None:
    """Return the forecast, or None without points.

    Raises:
        UpstreamError: where all points are for another time.
    """
    if not points:
        return None
    if not any(is_about_now(point.time, now) for point in points):
        raise _for_another_time(place, points[0].time)
    recent = tuple(point for point in points if point.time >= now - KEPT_PAST)
    return HourlyForecast(recent, _sun_times(suns, place, now))


def _hour_points(hours: Sequence[_Values]) -> list[HourlyPoint]:
    """Return the hours of One Call: the first one has begun already, and each is told by its beginning.

    The documentation has its precipitation in mm/h.
    """
    times = parse_hours([values["time"] for values in hours])
    points = [_hour_point(time, values) for time, values in zip(times, hours, strict=False)]
    return points if any(point.temperature is not None for point in points) else []


def _hour_point(time: datetime, values: _Values) -> HourlyPoint:
    condition, is_day = condition_and_daylight(values["weather"])
    return HourlyPoint(
        time=time,
        condition=condition,
        temperature=values["temperature"],
        precipitation=_water(values, condition, 1),
        precipitation_probability=values["probability"],
        wind_speed=values["wind_speed"],
        is_day=is_day,
    )


def _hours_of_steps(steps: Sequence[_Values]) -> list[HourlyPoint]:
    """Return the hours of the steps of /forecast.

    The documentation says that `rain.3h` is the volume of the last three hours. So the water of a step is
    shared out over the three hours before its time, each of which has its condition and its chance.
    Temperature, wind and daylight are those at its time, and null in the hours between. `temp_min` and
    `temp_max` are no extremes in time, but those within a large city.
    """
    times = parse_hours([values["time"] for values in steps])
    at_time = dict(zip(times, steps, strict=False))
    if all(values["temperature"] is None for values in at_time.values()):
        return []
    points = {time: HourlyPoint(time) for time in times}
    earlier: datetime | None = None
    for time, values in at_time.items():
        start = time - _STEP * HOUR
        if earlier is None or earlier <= start:  # else the steps are shorter, and its period is unknown
            points |= {hour.time: hour for hour in _hours_before(time, values)}
        earlier = time
    for time, values in at_time.items():
        _, is_day = condition_and_daylight(values["weather"])
        points[time] = points[time]._replace(
            temperature=values["temperature"], wind_speed=values["wind_speed"], is_day=is_day
        )
    return [points[time] for time in sorted(points)]


def _hours_before(time: datetime, values: _Values) -> list[HourlyPoint]:
    """Return the three hours before this time, each with its share of the water."""
    condition, _ = condition_and_daylight(values["weather"])
    water = _water(values, condition, _STEP)
    return [
        HourlyPoint(
            time - hours * HOUR,
            condition=condition,
            precipitation=None if water is None else water / _STEP,
            precipitation_probability=values["probability"],
        )
        for hours in range(_STEP, 0, -1)
    ]


def _water(values: _Values, condition: DetailedCondition, hours: int) -> float | None:
    """Return the rain and the snow of a period in mm.

    The documentation says that what is missing has not happened. Beside a wet condition that cannot be.
    """
    given = [values[name] for name in ("rain", "snow") if values[name] not in (None, {})]
    if not given:
        return None if condition.kind in WET else 0.0
    amounts = [_amount(value, hours) for value in given]
    known = [amount for amount in amounts if amount is not None]
    return PRECIPITATION.summed_over(hours).read(sum(known)) if len(known) == len(amounts) else None


def _amount(value: object, hours: int) -> float | None:
    """Return the mm of a period: of a number, or of the member for so many hours.

    For one hour the third part of three hours' is taken where there is no other.
    """
    if not isinstance(value, Mapping):
        return PRECIPITATION.summed_over(hours).read(value)
    if (own := value.get(f"{hours}h")) is not None:
        return PRECIPITATION.summed_over(hours).read(own)
    longer = PRECIPITATION.summed_over(_STEP).read(value.get(f"{_STEP}h"))
    return None if longer is None else longer * hours / _STEP


# The sun


def _sun_times(suns: Iterable[_Values], place: Place, now: datetime) -> tuple[SunTimes, ...]:
    """Return the sun times in order of the dates: of today in 2.5, of eight days in One Call."""
    zone = ZoneInfo(place.timezone)
    by_date: dict[Any, SunTimes] = {}
    for values in suns:
        times = (parse_instant(values.get(name)) for name in ("sunrise", "sunset"))
        sunrise, sunset = (time if time and abs(time - now) < _NO_SUN else None for time in times)
        if sunrise and sunset and abs(sunset - sunrise) > _SAME_DAY:
            sunset = None
        if first := sunrise or sunset:
            day = first.astimezone(zone).date()
            by_date[day] = SunTimes(day, sunrise, sunset)
    return tuple(by_date[day] for day in sorted(by_date))

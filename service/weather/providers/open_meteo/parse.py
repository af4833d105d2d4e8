"""From one place's part of Open-Meteo's answer to what it says, in our units."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError

from service.core.errors import Cause, UpstreamError
from service.places.model import Place
from service.weather.model import Current, HourlyForecast, HourlyPoint
from service.weather.provider import ProviderForecast
from service.weather.providers.coordinates import is_near
from service.weather.providers.instants import KEPT_BACK, hours, instant, is_about_now
from service.weather.providers.open_meteo.payload import Element
from service.weather.providers.open_meteo.sun import suns_of
from service.weather.providers.open_meteo.wmo_codes import sky_of
from service.weather.providers.skies import held_against

_GRID = 0.5  # degrees: the position in the answer is the middle of a model's cell
_COLUMNS = ("temperature", "precipitation", "precipitation_probability", "code", "wind_speed", "is_day")


def said_of(part: object, position: int, place: Place, now: datetime) -> ProviderForecast:
    """What the part at this position says of the place.

    Raises:
        UpstreamError: where it cannot be used: it is another place's, for another time, or empty.
    """
    element = _element(part, position, place)
    offset = None if element["offset"] is None else timedelta(seconds=element["offset"])
    current = _current(element["current"], offset, place, now)
    steps = _steps(element["hourly"], offset, place)
    if current is None and not steps:
        raise UpstreamError(Cause.UNREADABLE, f"The part for {place.id} says nothing that can be used.")
    if not any(is_about_now(step.time, now) for step in steps):
        if current is None:
            raise _for_another_time(place, steps[0].time)
        return ProviderForecast(place, current, None, current.time)
    kept = tuple(step for step in steps if step.time >= now - KEPT_BACK)
    outlook = HourlyForecast(kept, suns_of(element["daily"], offset))
    return ProviderForecast(place, current, outlook, current.time if current else None)


def _element(part: object, position: int, place: Place) -> Mapping[str, Any]:
    try:
        element: Mapping[str, Any] = Element().load(part)  # type: ignore[arg-type] # load tells what is none
    except ValidationError as fault:
        raise UpstreamError(Cause.UNREADABLE, f"The part for {place.id} is not an object.") from fault
    if element["position"] not in (None, position):
        raise UpstreamError(Cause.UNREADABLE, f"The part for {place.id} has another place's number.")
    if not is_near(place, element["latitude"], element["longitude"], _GRID):
        raise UpstreamError(Cause.UNREADABLE, f"The part for {place.id} is another place's weather.")
    return element


def _for_another_time(place: Place, time: datetime) -> UpstreamError:
    return UpstreamError(Cause.CLOCK, f"What is said of {place.id} is for {time:%Y-%m-%d %H:%M} UTC.")


def _current(
    values: Mapping[str, Any] | None, offset: timedelta | None, place: Place, now: datetime
) -> Current | None:
    if values is None:
        return None
    time = instant(values["time"], offset)
    if time is None:
        raise UpstreamError(Cause.UNREADABLE, f"The values for {place.id} name no time.")
    if not is_about_now(time, now):
        raise _for_another_time(place, time)
    current = Current(
        time=time,
        condition=held_against(sky_of(values["code"], place), values["temperature"], values["precipitation"]),
        temperature=values["temperature"],
        apparent_temperature=values["apparent_temperature"],
        humidity=values["humidity"],
        wind_speed=values["wind_speed"],
        wind_direction=values["wind_direction"],
        wind_gust=values["wind_gust"],
        pressure=values["pressure"],
        cloud_cover=values["cloud_cover"],
        precipitation=values["precipitation"],
        is_day=_yes_or_no(values["is_day"]),
    )
    return None if current == Current(time) else current


def _steps(series: Mapping[str, Any] | None, offset: timedelta | None, place: Place) -> list[HourlyPoint]:
    """The hours; none where their times are no series of hours, or where nothing is said of them."""
    if series is None:
        return []
    times = hours(series["time"], offset)
    columns = [_column(series[name], len(times)) for name in _COLUMNS]
    steps = [_step(time, row, place) for time, row in zip(times, zip(*columns, strict=True), strict=True)]
    return steps if any(step != HourlyPoint(step.time) for step in steps) else []


def _column(values: list[float | None] | None, length: int) -> list[float | None]:
    """The values of one variable; nobody knows which hours a list of another length is for."""
    return values if values is not None and len(values) == length else [None] * length


def _step(time: datetime, row: Sequence[float | None], place: Place) -> HourlyPoint:
    temperature, precipitation, probability, code, wind_speed, is_day = row
    return HourlyPoint(
        time=time,
        condition=held_against(sky_of(code, place), temperature, precipitation),
        temperature=temperature,
        precipitation=precipitation,
        precipitation_probability=probability,
        wind_speed=wind_speed,
        is_day=_yes_or_no(is_day),
    )


def _yes_or_no(value: float | None) -> bool | None:
    return bool(value) if value in (0, 1) else None

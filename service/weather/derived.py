"""Values derived from a provider's data, the same for every provider and marked as derived.

The feels-like temperature, and conditions that agree with the numbers beside them. Days are in `days.py`.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from service.weather.hours import MUCH_WATER, SOME_WATER
from service.weather.model import (
    FROZEN,
    UNKNOWN_CONDITION,
    WET,
    Condition,
    Current,
    DetailedCondition,
    HourlyForecast,
    HourlyPoint,
    Intensity,
)

_DRY_SKIES = {
    Condition.CLEAR,
    Condition.MOSTLY_CLEAR,
    Condition.PARTLY_CLOUDY,
    Condition.OVERCAST,
    Condition.FOG,
    Condition.HAZE,
}
_TOO_WARM_FOR_ICE = 10.0  # °C: snow and ice melt above this, so the provider's code must be wrong
_FREEZING = 0.0  # °C
_SOME_CHANCE = 30.0  # %
_NO_CHANCE = 0.5  # %: less is shown as 0
_HOTTEST, _HOTTEST_FELT = 43.0, 58.0  # °C: the ends of the table that the heat index was fitted to
_DAY = timedelta(days=1)
_NEAR = timedelta(hours=3)  # half of the longest time from one temperature to the next


def with_feels_like(current: Current) -> Current:
    """Return the values with a feels-like temperature, derived where the provider gave none."""
    if current.apparent_temperature is not None:
        return current
    derived = feels_like(current.temperature, current.humidity, current.wind_speed)
    return replace(current, apparent_temperature=derived, apparent_temperature_derived=derived is not None)


def feels_like(temperature: float | None, humidity: float | None, wind_speed: float | None) -> float | None:
    """MET Norway's published rule: heat index when hot and humid, wind chill when cold and windy.

    Temperature in °C, humidity in %, wind in m/s; the result in °C with one decimal. None where the rule
    needs a value that is missing, and above the ends of its table: beyond them its polynomial is far off.
    """
    if temperature is None or temperature > _HOTTEST:
        return None
    if temperature > 26:  # noqa: PLR2004 - the rule's own limits
        if humidity is None:
            return None
        felt = round(_heat_index(temperature, humidity), 1) if humidity > 40 else temperature  # noqa: PLR2004
        return felt if felt <= _HOTTEST_FELT else None
    if temperature < 10:  # noqa: PLR2004
        if wind_speed is None:
            return None
        return round(_wind_chill(temperature, wind_speed), 1) if wind_speed > 1.33 else temperature  # noqa: PLR2004
    return temperature


def _heat_index(temperature: float, humidity: float) -> float:
    """Rothfusz' regression (US National Weather Service), in °C."""
    t, h = temperature, humidity
    return (
        -8.784695
        + 1.61139411 * t
        + 2.338549 * h
        - 0.14611605 * t * h
        - 0.012308094 * t**2
        - 0.016424828 * h**2
        + 0.002211732 * t**2 * h
        + 0.00072546 * t * h**2
        - 0.000003582 * t**2 * h**2
    )


def _wind_chill(temperature: float, wind_speed: float) -> float:
    """The Canadian and American index of 2001, in °C."""
    v = math.pow(wind_speed * 3.6, 0.16)
    return 13.12 + 0.6215 * temperature - 11.37 * v + 0.3965 * temperature * v


def plausible_condition(
    condition: DetailedCondition,
    temperature: float | None,
    precipitation: float | None,
    probability: float | None = None,
) -> DetailedCondition:
    """Return the condition in agreement with the numbers beside it: °C, mm in its hour, %.

    | the condition | the numbers                                             | becomes                    |
    |---------------|---------------------------------------------------------|----------------------------|
    | snow, ice     | above 10 °C                                             | unknown                    |
    | thunder       | less than 0.1 mm and 30 %, as far as they are known     | dry thunder                |
    | other wet     | 0 mm and 0 %                                            | overcast, as rain has been |
    | dry sky       | at least 1 mm                                           | rain, below 0 °C snow      |

    Models give thunderstorm codes under hot, humid skies from which nothing falls. A number that is None
    contradicts nothing.
    """
    kind = condition.kind
    if kind in FROZEN and temperature is not None and temperature > _TOO_WARM_FOR_ICE:
        return UNKNOWN_CONDITION
    if kind is Condition.THUNDER:
        return _plausible_thunder(condition, precipitation, probability)
    if precipitation is None:
        return condition
    if kind in WET and precipitation < SOME_WATER and probability is not None and probability < _NO_CHANCE:
        return DetailedCondition(Condition.OVERCAST)
    if kind in _DRY_SKIES and precipitation >= MUCH_WATER:  # models write less under codes of a dry sky
        is_frost = temperature is not None and temperature < _FREEZING
        return DetailedCondition(Condition.SNOW if is_frost else Condition.RAIN)
    return condition


def _plausible_thunder(
    condition: DetailedCondition, precipitation: float | None, probability: float | None
) -> DetailedCondition:
    if precipitation is None and probability is None:
        return condition
    if (precipitation or 0.0) < SOME_WATER and (probability or 0.0) < _SOME_CHANCE:
        return DetailedCondition(Condition.THUNDER, Intensity.DRY)
    is_dry = condition.intensity is Intensity.DRY  # stored by a version that looked at the water alone
    return DetailedCondition(Condition.THUNDER) if is_dry else condition


def with_plausible_conditions(hourly: HourlyForecast) -> HourlyForecast:
    """Return the forecast with conditions that agree with their numbers."""
    near = temperatures_near(hourly.points)
    return replace(hourly, points=tuple(map(_with_plausible_condition, hourly.points, near)))


def _with_plausible_condition(point: HourlyPoint, temperature: float | None) -> HourlyPoint:
    condition = plausible_condition(
        point.condition, temperature, point.precipitation, point.precipitation_probability
    )
    return point if condition == point.condition else point._replace(condition=condition)


def temperatures_near(points: Sequence[HourlyPoint]) -> list[float | None]:
    """Return a temperature to judge each hour's condition by, never to tell: its own, else the nearest one.

    Providers tell it every three or six hours only, and no hour between is colder for that. Of two equally
    near the earlier one counts; None where there is none within three hours.
    """
    temperatures = [point.temperature for point in points]
    if None not in temperatures:
        return temperatures
    known = [point for point in points if point.temperature is not None]
    starts = [point.time for point in known]
    near: list[float | None] = []
    for point in points:
        index = bisect_left(starts, point.time)
        nearest = min(
            known[max(0, index - 1) : index + 1], key=lambda one: abs(one.time - point.time), default=None
        )
        is_near = nearest is not None and abs(nearest.time - point.time) <= _NEAR
        near.append(nearest.temperature if nearest is not None and is_near else None)
    return near


def with_past_points(hourly: HourlyForecast, previous: HourlyForecast, since: datetime) -> HourlyForecast:
    """Return a forecast preceded by those points of the previous one that began at `since` or later.

    A provider whose series begins now would otherwise leave today without its morning. Hours at the beginning
    of the series that have precipitation only (`hours.moved_to_beginning`) keep their temperature.
    """
    if not hourly.points:
        return hourly
    start = hourly.points[0].time
    past = tuple(point for point in previous.points if since <= point.time < start)
    dates = {sun.date for sun in hourly.sun_times}
    yesterday = since.date() - _DAY  # a day more, since local dates differ from UTC's by up to one
    past_suns = tuple(sun for sun in previous.sun_times if sun.date not in dates and sun.date >= yesterday)
    return HourlyForecast(
        past + _with_known_air(hourly.points, previous),
        tuple(sorted(past_suns + hourly.sun_times, key=attrgetter("date"))),
        tuple(one for one in previous.extremes if since <= one.start < start) + hourly.extremes,
    )


def start_of_today(timezone: str, now: datetime) -> datetime:
    """Return the instant at which the local date began: no earlier hour is shown."""
    zone = ZoneInfo(timezone)
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)


def _with_known_air(points: tuple[HourlyPoint, ...], previous: HourlyForecast) -> tuple[HourlyPoint, ...]:
    """Return the points; those before the first temperature have temperature, wind and daylight of before."""
    bare = next((n for n, point in enumerate(points) if point.temperature is not None), 0)
    if not bare:
        return points
    known = {point.time: point for point in previous.points if point.temperature is not None}
    return tuple(_with_air_of(known.get(point.time), point) for point in points[:bare]) + points[bare:]


def _with_air_of(known: HourlyPoint | None, point: HourlyPoint) -> HourlyPoint:
    if known is None:
        return point
    return point._replace(temperature=known.temperature, wind_speed=known.wind_speed, is_day=known.is_day)

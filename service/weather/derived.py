"""Values derived from a provider's data, the same for every provider and marked as derived.

The feels-like temperature, the days of an hourly forecast, and conditions that contradict the numbers beside
them.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.weather.model import (
    UNKNOWN_CONDITION,
    Condition,
    Current,
    Day,
    DetailedCondition,
    HourlyForecast,
    HourlyPoint,
    Intensity,
    SunTimes,
)

_FROZEN = {Condition.SNOW, Condition.SLEET, Condition.FREEZING_RAIN}
_WET = _FROZEN | {Condition.DRIZZLE, Condition.RAIN, Condition.SHOWERS, Condition.THUNDER}
_TOO_WARM_FOR_ICE = 10.0  # °C: snow and ice melt above this, so the provider's code must be wrong
_WET_HOURS_OF_A_WET_DAY = 2
_MORNING, _EVENING = 7, 18  # the extremes lie between these local hours: without both, a day has none
_DAY = timedelta(days=1)


def with_feels_like(current: Current) -> Current:
    """Return the values with a feels-like temperature, derived where the provider gave none."""
    if current.apparent_temperature is not None:
        return current
    derived = feels_like(current.temperature, current.humidity, current.wind_speed)
    return replace(current, apparent_temperature=derived, apparent_temperature_derived=derived is not None)


def feels_like(temperature: float | None, humidity: float | None, wind_speed: float | None) -> float | None:
    """MET Norway's published rule: heat index when hot and humid, wind chill when cold and windy.

    Temperature in °C, humidity in %, wind in m/s; the result in °C with one decimal. None where the rule
    needs a value that is missing.
    """
    if temperature is None:
        return None
    if temperature > 26:  # noqa: PLR2004 - the rule's own limits
        if humidity is None:
            return None
        return round(_heat_index(temperature, humidity), 1) if humidity > 40 else temperature  # noqa: PLR2004
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
    condition: DetailedCondition, temperature: float | None, precipitation: float | None
) -> DetailedCondition:
    """Return the condition in agreement with the numbers beside it.

    Thunder without precipitation is dry thunder: models give thunderstorm codes under hot, humid skies from
    which nothing falls. Snow or ice in warm air is an unknown condition.
    """
    if condition.kind is Condition.THUNDER and precipitation == 0:
        return DetailedCondition(Condition.THUNDER, Intensity.DRY)
    if condition.kind in _FROZEN and temperature is not None and temperature > _TOO_WARM_FOR_ICE:
        return UNKNOWN_CONDITION
    return condition


def with_past_points(hourly: HourlyForecast, previous: HourlyForecast) -> HourlyForecast:
    """Return a forecast preceded by those points of the previous one that are up to a day older.

    A provider whose series begins now would otherwise leave today without its morning.
    """
    if not hourly.points:
        return hourly
    start = hourly.points[0].time
    past = tuple(point for point in previous.points if start - _DAY <= point.time < start)
    dates = {sun.date for sun in hourly.sun_times}
    yesterday = (start - _DAY).date() - _DAY  # a day more, since local dates differ from UTC's by up to one
    past_suns = tuple(sun for sun in previous.sun_times if sun.date not in dates and sun.date >= yesterday)
    sun_times = sorted(past_suns + hourly.sun_times, key=lambda sun: sun.date)
    return HourlyForecast(past + hourly.points, tuple(sun_times))


def days_of(hourly: HourlyForecast, timezone: str, now: datetime) -> tuple[Day, ...]:
    """Return summaries of the days from the local today on."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    by_date: dict[date, list[HourlyPoint]] = {}
    for point in hourly.points:
        day = point.time.astimezone(zone).date()
        if day >= today:
            by_date.setdefault(day, []).append(point)
    sun_times = {sun.date: sun for sun in hourly.sun_times}
    return tuple(_day(day, points, sun_times.get(day), zone) for day, points in sorted(by_date.items()))


def _day(day: date, points: Sequence[HourlyPoint], sun: SunTimes | None, zone: ZoneInfo) -> Day:
    is_whole = points[0].time.astimezone(zone).hour <= _MORNING and _reaches_evening(points[-1], zone)
    temperatures = [p.temperature for p in points if p.temperature is not None] if is_whole else []
    amounts = [p.precipitation for p in points if p.precipitation is not None] if is_whole else []
    chances = [p.precipitation_probability for p in points if p.precipitation_probability is not None]
    precipitation = round(sum(amounts), 1) if amounts else None
    return Day(
        date=day,
        condition=_condition_of_day(points, precipitation),
        temperature_min=min(temperatures, default=None),
        temperature_max=max(temperatures, default=None),
        precipitation=precipitation,
        precipitation_probability=max(chances, default=None),
        sunrise=sun.sunrise if sun else None,
        sunset=sun.sunset if sun else None,
    )


def _reaches_evening(last: HourlyPoint, zone: ZoneInfo) -> bool:
    start = last.time.astimezone(zone)
    end = (last.time + timedelta(hours=last.hours)).astimezone(zone)
    return start.hour >= _EVENING or end.date() > start.date()


def _condition_of_day(points: Sequence[HourlyPoint], precipitation: float | None) -> DetailedCondition:
    """Return thunder or rain if it lasts for hours, else the most common condition of the daylight hours.

    The intensity of rain follows the day's sum, as Vietnamese bulletins count it, never the worst hour.
    """
    wet_hours = Counter[Condition]()
    for point in points:
        if point.condition.kind in _WET:
            wet_hours[point.condition.kind] += point.hours
    if wet_hours[Condition.THUNDER] >= _WET_HOURS_OF_A_WET_DAY:
        return DetailedCondition(Condition.THUNDER)
    if wet_hours.total() >= _WET_HOURS_OF_A_WET_DAY:
        kind = wet_hours.most_common(1)[0][0]
        return DetailedCondition(
            kind, _rain_intensity(precipitation) if kind is Condition.RAIN else Intensity.PLAIN
        )
    known = [point for point in points if point.condition.kind is not Condition.UNKNOWN]
    conditions = [point.condition for point in known if point.is_day] or [p.condition for p in known]
    dry = [condition for condition in conditions if condition.kind not in _WET] or conditions
    return Counter(dry).most_common(1)[0][0] if dry else UNKNOWN_CONDITION


def _rain_intensity(millimetres: float | None) -> Intensity:
    """Return the intensity of a day's sum: mưa nhỏ below 16 mm, vừa to 50, to to 100, rất to above."""
    if millimetres is None:
        return Intensity.PLAIN
    for limit, intensity in ((16, Intensity.LIGHT), (51, Intensity.MODERATE), (100, Intensity.HEAVY)):
        if millimetres < limit:
            return intensity
    return Intensity.VERY_HEAVY

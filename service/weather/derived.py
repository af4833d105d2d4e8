"""What may be worked out from what a provider said: once, for every provider, and marked."""

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
_TOO_WARM_FOR_ICE = 10.0  # °C: ice does not fall through such air; the code is taken for a fault
_WET_HOURS_OF_A_WET_DAY = 2
_MORNING, _EVENING = 7, 18  # a day's extremes lie between these hours; steps that miss them sum up no day


def complete(current: Current) -> Current:
    """Add the feels-like temperature where the provider gave none, and mark it."""
    if current.apparent_temperature is not None:
        return current
    felt = feels_like(current.temperature, current.humidity, current.wind_speed)
    return replace(current, apparent_temperature=felt, apparent_temperature_derived=felt is not None)


def feels_like(temperature: float | None, humidity: float | None, wind_speed: float | None) -> float | None:
    """MET Norway's published rule: heat index when hot and humid, wind chill when cold and windy.

    Temperature in °C, humidity in %, wind in m/s; the answer in °C with one decimal. None where the rule
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


def believable(condition: DetailedCondition, temperature: float | None) -> DetailedCondition:
    """The condition, or unknown where snow or ice is said to fall through warm air."""
    if condition.kind in _FROZEN and temperature is not None and temperature > _TOO_WARM_FOR_ICE:
        return UNKNOWN_CONDITION
    return condition


def carry_over(old: HourlyForecast, new: HourlyForecast) -> HourlyForecast:
    """The new outlook with those steps of the old one that lie before it, for a day back.

    A provider whose series begins now would otherwise leave today without its morning.
    """
    if not new.points:
        return new
    first = new.points[0].time
    past = tuple(step for step in old.points if first - timedelta(days=1) <= step.time < first)
    dates = {sun.date for sun in new.sun_times}
    yesterday = (first - timedelta(days=1)).date() - timedelta(days=1)  # wherever the place lies
    suns = tuple(sun for sun in old.sun_times if sun.date not in dates and sun.date >= yesterday)
    return HourlyForecast(past + new.points, tuple(sorted(suns + new.sun_times, key=lambda sun: sun.date)))


def days_of(outlook: HourlyForecast, timezone: str, now: datetime) -> tuple[Day, ...]:
    """The days from the local today on, summed up from the steps."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    by_date: dict[date, list[HourlyPoint]] = {}
    for step in outlook.points:
        day = step.time.astimezone(zone).date()
        if day >= today:
            by_date.setdefault(day, []).append(step)
    suns = {sun.date: sun for sun in outlook.sun_times}
    return tuple(_day(day, steps, suns.get(day), zone) for day, steps in sorted(by_date.items()))


def _day(day: date, steps: Sequence[HourlyPoint], sun: SunTimes | None, zone: ZoneInfo) -> Day:
    whole = steps[0].time.astimezone(zone).hour <= _MORNING and _ends_in_the_evening(steps[-1], zone)
    temperatures = [step.temperature for step in steps if step.temperature is not None] if whole else []
    sums = [step.precipitation for step in steps if step.precipitation is not None] if whole else []
    chances = [s.precipitation_probability for s in steps if s.precipitation_probability is not None]
    rain = round(sum(sums), 1) if sums else None
    return Day(
        date=day,
        condition=_sky_of_day(steps, rain),
        temperature_min=min(temperatures, default=None),
        temperature_max=max(temperatures, default=None),
        precipitation=rain,
        precipitation_probability=max(chances, default=None),
        sunrise=sun.sunrise if sun else None,
        sunset=sun.sunset if sun else None,
    )


def _ends_in_the_evening(last: HourlyPoint, zone: ZoneInfo) -> bool:
    begins = last.time.astimezone(zone)
    ends = (last.time + timedelta(hours=last.hours)).astimezone(zone)
    return begins.hour >= _EVENING or ends.date() > begins.date()


def _sky_of_day(steps: Sequence[HourlyPoint], rain: float | None) -> DetailedCondition:
    """The day in one word: thunder or rain that lasts, else the commonest sky of the daylight hours.

    The strength of rain follows the day's sum, as Vietnamese bulletins count it, never the worst hour.
    """
    wet = Counter[Condition]()
    for step in steps:
        if step.condition.kind in _WET:
            wet[step.condition.kind] += step.hours
    if wet[Condition.THUNDER] >= _WET_HOURS_OF_A_WET_DAY:
        return DetailedCondition(Condition.THUNDER)
    if wet.total() >= _WET_HOURS_OF_A_WET_DAY:
        condition = wet.most_common(1)[0][0]
        return DetailedCondition(
            condition, _strength(rain) if condition is Condition.RAIN else Intensity.PLAIN
        )
    said = [step for step in steps if step.condition.kind is not Condition.UNKNOWN]
    daylight = [step for step in said if step.is_day] or said
    dry = [step.condition for step in daylight if step.condition.kind not in _WET] or [
        s.condition for s in daylight
    ]
    return Counter(dry).most_common(1)[0][0] if dry else UNKNOWN_CONDITION


def _strength(rain: float | None) -> Intensity:
    """The words of a day's sum in mm: nhỏ below 16, vừa to 50, to to 100, rất to above."""
    if rain is None:
        return Intensity.PLAIN
    for limit, detail in ((16, Intensity.LIGHT), (51, Intensity.MODERATE), (100, Intensity.HEAVY)):
        if rain < limit:
            return detail
    return Intensity.VERY_HEAVY

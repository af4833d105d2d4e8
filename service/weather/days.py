"""Days from hours: one pure rule that is the same for every provider, and marked as derived.

A day is the local date of its place. Its daylight is 06 to 18 o'clock, its night the rest of the date. Sums
are added in decimal and rounded half up once, to 0.1 mm, as they are shown. The condition of each hour agrees
with the hour's own water already (`derived.with_plausible_conditions`); which hour water belongs to is not
decided here. The first row that is true holds:

| the hours of the day                           | the condition of the day                             |
|------------------------------------------------|------------------------------------------------------|
| at least 1 mm in the daylight, or 10 mm in all | wet, of the family of the whole day                  |
| it thunders for two hours of the daylight      | thunder, dry if it is dry in all of these hours      |
| else                                           | the commonest of the daylight, a dry one if there is |

- A wet day is of the family thunder where thunder with rain lasts for two hours, else of the wet condition
  under which most water falls. Water under no wet condition is rain.
- A day that is not wet has a wet night where at least 1 mm of rain falls in its night.
- A chance of 0 % beside water that falls in the day is not told.
- Where no hour says how much falls, two wet hours count as wet.
- The strength of rain, showers, thunder and drizzle follows the rounded sum of the whole day, never the worst
  hour's code: below 16 mm light, below 51 moderate, below 100 heavy, from 100 very heavy. Without a sum it is
  not said. Other families have none.

docs/decisions/0017 has the reasons and the words.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from service.weather.model import (
    UNKNOWN_CONDITION,
    WET,
    Condition,
    Day,
    DetailedCondition,
    HourlyForecast,
    HourlyPoint,
    Intensity,
    PolarSun,
    SunTimes,
)

STRENGTHS = ((16, Intensity.LIGHT), (51, Intensity.MODERATE), (100, Intensity.HEAVY))  # below so many mm
STRONGEST = Intensity.VERY_HEAVY
FAMILIES = (Condition.RAIN, Condition.SHOWERS, Condition.THUNDER, Condition.DRIZZLE)  # those with a strength

_DAYLIGHT = range(6, 18)  # local hours
_MIDDAY = range(9, 15)
_WET_DAYLIGHT, _WET_DAY, _WET_NIGHT = Decimal(1), Decimal(10), Decimal(1)  # mm
_LASTING = 2  # hours
_MORNING, _EVENING = 7, 18  # the extremes lie between these local hours: without both, a day has none
_TENTH = Decimal("0.1")
_NO_CHANCE = 0.5  # %: less is shown as 0
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Hour:
    """One hour of a point, with its share of the point's water in mm."""

    is_daylight: bool
    condition: DetailedCondition
    water: Decimal | None


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
    known_water = _sum(_millimetres(point) for point in points)
    precipitation = known_water if is_whole else None
    chances = [p.precipitation_probability for p in points if p.precipitation_probability is not None]
    chance = max(chances, default=None)
    condition, has_wet_night = _condition_of_day(
        [hour for point in points for hour in _hours(point, zone)], precipitation
    )
    if chance is not None and chance < _NO_CHANCE and (known_water or is_wet(condition)):
        chance = None  # the water that falls contradicts it
    return Day(
        date=day,
        condition=condition,
        temperature_min=min(temperatures, default=None),
        temperature_max=max(temperatures, default=None),
        precipitation=None if precipitation is None else float(precipitation),
        precipitation_probability=chance,
        sunrise=sun.sunrise if sun else None,
        sunset=sun.sunset if sun else None,
        polar=sun.polar if sun else None,
        is_dark=_is_dark(points, sun, zone),
        has_wet_night=has_wet_night,
    )


def _is_dark(points: Sequence[HourlyPoint], sun: SunTimes | None, zone: ZoneInfo) -> bool:
    """Return whether it is a polar night: the provider says so, or it is night at midday and all daylight."""
    if sun is not None and (sun.polar or sun.sunrise or sun.sunset):
        return sun.polar is PolarSun.DOWN
    lights = {point.time.astimezone(zone).hour: point.is_day for point in points if point.is_day is not None}
    return any(hour in lights for hour in _MIDDAY) and not any(lights.get(hour) for hour in _DAYLIGHT)


def _reaches_evening(last: HourlyPoint, zone: ZoneInfo) -> bool:
    start = last.time.astimezone(zone)
    end = (last.time + last.hours * _HOUR).astimezone(zone)
    return start.hour >= _EVENING or end.date() > start.date()


def _hours(point: HourlyPoint, zone: ZoneInfo) -> list[_Hour]:
    water = _millimetres(point)
    if point.hours == 1:  # nearly all of them
        return [_Hour(point.time.astimezone(zone).hour in _DAYLIGHT, point.condition, water)]
    share = None if water is None else water / point.hours
    starts = (point.time + n * _HOUR for n in range(point.hours))
    return [_Hour(start.astimezone(zone).hour in _DAYLIGHT, point.condition, share) for start in starts]


def _millimetres(point: HourlyPoint) -> Decimal | None:
    return None if point.precipitation is None else _decimal(point.precipitation)


@lru_cache(1024)  # most hours have one of a few amounts
def _decimal(number: float) -> Decimal:
    """Return the number as it is written: 0.1 is a tenth, not the float that is a little more."""
    return Decimal(str(number))


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the rounded sum of those amounts that are known; None where none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)).quantize(_TENTH, ROUND_HALF_UP) if known else None


def _condition_of_day(
    hours: Sequence[_Hour], precipitation: Decimal | None
) -> tuple[DetailedCondition, bool]:
    """Return the condition, and whether a day that is not wet has a wet night."""
    daylight = [hour for hour in hours if hour.is_daylight]
    if _are_wet(daylight, _WET_DAYLIGHT) or _are_wet(hours, _WET_DAY):
        return _with_strength(_family(hours), precipitation), False
    night = [h for h in hours if not h.is_daylight and h.condition.kind is not Condition.SNOW]
    return _dry_condition(daylight or hours, precipitation), _are_wet(night, _WET_NIGHT)


def _are_wet(hours: Sequence[_Hour], least: Decimal) -> bool:
    water = _sum(hour.water for hour in hours)
    if water is None:
        return sum(is_wet(hour.condition) for hour in hours) >= _LASTING
    return water >= least


def _family(hours: Sequence[_Hour]) -> Condition:
    wet_hours = Counter[Condition]()
    water: defaultdict[Condition, Decimal] = defaultdict(Decimal)
    for hour in hours:
        if is_wet(hour.condition):
            wet_hours[hour.condition.kind] += 1
            water[hour.condition.kind] += hour.water or 0
    if wet_hours[Condition.THUNDER] >= _LASTING:
        return Condition.THUNDER
    return max(wet_hours, key=lambda kind: (water[kind], wet_hours[kind]), default=Condition.RAIN)


def _dry_condition(hours: Sequence[_Hour], precipitation: Decimal | None) -> DetailedCondition:
    conditions = [hour.condition for hour in hours if hour.condition.kind is not Condition.UNKNOWN]
    thunder = [condition for condition in conditions if condition.kind is Condition.THUNDER]
    if len(thunder) >= _LASTING:
        wettest = next(filter(is_wet, thunder), thunder[0])
    else:
        dry = [condition for condition in conditions if condition.kind not in WET] or conditions
        wettest = Counter(dry).most_common(1)[0][0] if dry else UNKNOWN_CONDITION
    return _with_strength(wettest.kind, precipitation) if is_wet(wettest) else wettest


def _with_strength(family: Condition, precipitation: Decimal | None) -> DetailedCondition:
    if family not in FAMILIES or precipitation is None:
        return DetailedCondition(family)
    return DetailedCondition(
        family, next((strength for limit, strength in STRENGTHS if precipitation < limit), STRONGEST)
    )


def is_wet(condition: DetailedCondition) -> bool:
    """Return whether the condition says that something falls: all of the wet ones but dry thunder."""
    return condition.kind in WET and condition.intensity is not Intensity.DRY

"""Days from hours: one pure rule that is the same for every provider, and marked as derived.

A day is the local date of its place, and an hour belongs to the date on which it begins. Its daylight is
06 to 18 o'clock, its night the rest of the date. Sums are added in decimal and compared as they are shown,
rounded half up once to 0.1 mm; the day itself has the sum unrounded. The condition of each hour agrees with
the hour's own water already (`derived.with_plausible_conditions`). The first row that is true holds:

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

A number of the day is told only where no hour that is missing could change it:

| the number of the day          | None if it is not known of one of these hours |
|--------------------------------|-----------------------------------------------|
| lowest temperature             | 00, 01 … 08                                   |
| highest temperature            | 10, 11 … 17                                   |
| precipitation, its probability | all hours of the date, which are 23 to 25     |

Where the provider tells the extremes of several hours in the place of their temperatures, these count for the
day that holds more of these hours, and the temperature at their beginning does not.

docs/decisions/0017 and 0019 have the reasons and the words.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from service.weather.hours import HOUR, total
from service.weather.model import (
    UNKNOWN_CONDITION,
    WET,
    Condition,
    Day,
    DetailedCondition,
    Extremes,
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
_MIDNIGHT, _LOW_UNTIL = time(0), time(9)  # the hours in which the lowest temperature mostly is
_HIGH_FROM, _HIGH_UNTIL = time(10), time(18)
_TENTH = Decimal("0.1")
NO_CHANCE = 0.5  # %: less is shown as 0
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Hour:
    """An hour of a day, and whether it begins in its daylight."""

    point: HourlyPoint
    is_daylight: bool


_Slot = tuple[datetime, HourlyPoint | None]  # when an hour begins, and what is told of it


def days_of(hourly: HourlyForecast, timezone: str, now: datetime) -> tuple[Day, ...]:
    """Return summaries of the days from the local today on."""
    calendar = _Calendar(ZoneInfo(timezone))
    today = calendar.date_of(now)
    by_date: dict[date, list[_Hour]] = {}
    for point in hourly.points:
        local = point.time.astimezone(calendar.zone)
        if (day := local.date()) >= today:
            by_date.setdefault(day, []).append(_Hour(point, local.hour in _DAYLIGHT))
    sun_times = {sun.date: sun for sun in hourly.sun_times}
    low = _Extreme(min, [(one, one.lowest) for one in hourly.extremes], calendar)
    high = _Extreme(max, [(one, one.highest) for one in hourly.extremes], calendar)
    return tuple(_day(day, by_date[day], sun_times.get(day), calendar, low, high) for day in sorted(by_date))


def _day(  # noqa: PLR0913, PLR0917 - one argument for each of its parts
    day: date,
    hours: Sequence[_Hour],
    sun: SunTimes | None,
    calendar: "_Calendar",
    low: "_Extreme",
    high: "_Extreme",
) -> Day:
    points = [hour.point for hour in hours]
    slots = _slots(calendar.hours_of(day, points[0].time), points)
    water = _of_all([point.precipitation if point else None for _, point in slots])
    chances = _of_all([point.precipitation_probability if point else None for _, point in slots])
    precipitation, chance = total(water) if water else None, max(chances) if chances else None
    condition, has_wet_night = _condition_of_day(
        hours, None if precipitation is None else _rounded(precipitation)
    )
    if chance is not None and chance < NO_CHANCE and (_water(hours) or is_wet(condition)):
        chance = None  # the water that falls contradicts it
    nine, ten, evening = (calendar.at(day, clock) for clock in (_LOW_UNTIL, _HIGH_FROM, _HIGH_UNTIL))
    return Day(
        date=day,
        condition=condition,
        temperature_min=low.of(day, points, [slot for slot in slots if slot[0] < nine]),
        temperature_max=high.of(day, points, [slot for slot in slots if ten <= slot[0] < evening]),
        precipitation=None if precipitation is None else float(precipitation),
        precipitation_probability=chance,
        sunrise=sun.sunrise if sun else None,
        sunset=sun.sunset if sun else None,
        polar=sun.polar if sun else None,
        is_dark=_is_dark(points, sun, calendar.zone),
        has_wet_night=has_wet_night,
        warmest=high.known_of(day, points),
    )


def _slots(starts: Sequence[datetime], points: Sequence[HourlyPoint]) -> list[_Slot]:
    """Return for each hour when it begins, and its point where there is one."""
    known = {point.time: point for point in points}
    return [(start, known.get(start)) for start in starts]


def _of_all(values: Sequence[float | None]) -> list[float]:
    """Return the values; none of them where one is unknown."""
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else []


def _is_dark(points: Sequence[HourlyPoint], sun: SunTimes | None, zone: ZoneInfo) -> bool:
    """Return whether it is a polar night: the provider says so, or it is night at midday and all daylight."""
    if sun is not None and (sun.polar or sun.sunrise or sun.sunset):
        return sun.polar is PolarSun.DOWN
    lights = {point.time.astimezone(zone).hour: point.is_day for point in points if point.is_day is not None}
    return any(hour in lights for hour in _MIDDAY) and not any(lights.get(hour) for hour in _DAYLIGHT)


# The numbers of a date


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The dates of a zone. Instants are in UTC: within a zone, subtraction knows no change of clocks."""

    zone: ZoneInfo

    def date_of(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def hours_of(self, day: date, one: datetime) -> list[datetime]:
        """Return when the hours of a date begin, whole hours from one of them: 23 to 25."""
        begin, end = self.at(day, _MIDNIGHT), self.at(day + _DAY, _MIDNIGHT)
        first = begin + (one - begin) % HOUR
        return [first + n * HOUR for n in range(-((first - end) // HOUR))]

    def date_with_most_of(self, period: Extremes) -> date:
        """Return the date that holds most of these hours; of two halves the first."""
        day = self.date_of(period.start)
        before_midnight = self.at(day + _DAY, _MIDNIGHT) - period.start
        return day if 2 * before_midnight >= period.hours * HOUR else day + _DAY


class _Extreme:
    """The lowest, or the highest, temperature of each date."""

    def __init__(
        self,
        choose: Callable[[Iterable[float]], float],
        periods: Iterable[tuple[Extremes, float | None]],
        calendar: _Calendar,
    ) -> None:
        """`choose` is min or max; `periods` are those of which the provider tells it, where it does."""
        self._choose = choose
        self._told: defaultdict[date, list[float]] = defaultdict(list)
        self._within: set[datetime] = set()  # the hours of these periods
        for period, value in periods:
            if value is not None:
                self._told[calendar.date_with_most_of(period)].append(value)
                self._within.update(period.start + n * HOUR for n in range(period.hours))

    def of(self, day: date, points: Iterable[HourlyPoint], needed: Iterable[_Slot]) -> float | None:
        """Return that of a date with these points; None where one of the needed hours is unknown."""
        within = self._within
        for start, point in needed:
            if (point is None or point.temperature is None) and start not in within:
                return None
        return self.known_of(day, points)

    def known_of(self, day: date, points: Iterable[HourlyPoint]) -> float | None:
        """Return that of what is known of a date with these points, although hours may be missing."""
        within = self._within
        own = [p for p in points if p.time not in within] if within else points
        values = [point.temperature for point in own if point.temperature is not None]
        values += self._told.get(day, ())
        return self._choose(values) if values else None


# Sums


def _rounded(precipitation: Decimal) -> Decimal:
    return precipitation.quantize(_TENTH, ROUND_HALF_UP)


def _water(hours: Iterable[_Hour]) -> Decimal | None:
    """Return the rounded sum of those hours of which it is known; None where it is of none."""
    known = [amount for hour in hours if (amount := hour.point.precipitation) is not None]
    return _rounded(total(known)) if known else None


# The condition


def _condition_of_day(
    hours: Sequence[_Hour], precipitation: Decimal | None
) -> tuple[DetailedCondition, bool]:
    """Return the condition, and whether a day that is not wet has a wet night."""
    daylight = [hour for hour in hours if hour.is_daylight]
    if _are_wet(daylight, _WET_DAYLIGHT) or _are_wet(hours, _WET_DAY):
        return _with_strength(_family(hours), precipitation), False
    night = [h for h in hours if not h.is_daylight and h.point.condition.kind is not Condition.SNOW]
    return _dry_condition(daylight or hours, precipitation), _are_wet(night, _WET_NIGHT)


def _are_wet(hours: Sequence[_Hour], least: Decimal) -> bool:
    water = _water(hours)
    if water is None:
        return sum(is_wet(hour.point.condition) for hour in hours) >= _LASTING
    return water >= least


def _family(hours: Sequence[_Hour]) -> Condition:
    wet_hours = Counter[Condition]()
    water: defaultdict[Condition, list[float]] = defaultdict(list)
    for point in (hour.point for hour in hours):
        if is_wet(point.condition):
            wet_hours[point.condition.kind] += 1
            water[point.condition.kind].append(point.precipitation or 0.0)
    if wet_hours[Condition.THUNDER] >= _LASTING:
        return Condition.THUNDER
    return max(wet_hours, key=lambda kind: (total(water[kind]), wet_hours[kind]), default=Condition.RAIN)


def _dry_condition(hours: Sequence[_Hour], precipitation: Decimal | None) -> DetailedCondition:
    conditions = [
        hour.point.condition for hour in hours if hour.point.condition.kind is not Condition.UNKNOWN
    ]
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

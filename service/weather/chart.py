"""The hours ahead as geometry: a temperature line, bars of rain, the nights; drawn by chart.svg.jinja."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from service.weather.chart_box import BASE_OF_HOURS, COLUMN, GROUND, HEIGHT, Box, Label, box_around, fitting
from service.weather.model import HourlyPoint

_LEAST_RAIN = 0.05  # mm: less would be labelled 0
_ABOVE, _BELOW = -6, 14  # from a point of the line to the base of its label
_TICK = 3
_HOURS_BETWEEN_MARKS = 6
_NOON = 12
_HOURS_AROUND_PEAK = 5


@dataclass(frozen=True, slots=True)
class Words:
    """How things are worded: temperatures in °C, rain in mm, times in the place's zone."""

    degrees: Callable[[float], str]
    rain: Callable[[float], str]
    hour: Callable[[datetime], str]
    day: Callable[[date], str]


@dataclass(frozen=True, slots=True)
class Reading:
    """A number and the time of its step."""

    time: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Paths in units of the box, empty where there is nothing to draw, and the words.

    The last four are for those who cannot see it: temperatures in °C, rain in mm of one hour and in sum.
    `wettest` is None in a dry time; `rain` where nothing is known of rain.
    """

    width: int
    height: int
    nights: str
    grid: str
    bars: str
    line: str
    labels: tuple[Label, ...]
    lowest: Reading
    highest: Reading
    wettest: Reading | None
    rain: float | None


def draw(hours: Sequence[HourlyPoint], zone: ZoneInfo, words: Words) -> Chart | None:
    """The chart of these steps, each an hour long and in order of time.

    None where there is no line to draw: fewer than two steps with a temperature.
    """
    warmth = [Reading(step.time, step.temperature) for step in hours if step.temperature is not None]
    if len(warmth) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    known = [Reading(step.time, step.precipitation) for step in hours if step.precipitation is not None]
    wet = [reading for reading in known if reading.value >= _LEAST_RAIN]
    box = box_around(hours[0].time, hours[-1].time, [*map(_value, warmth)], [*map(_value, wet)])
    marks = _marks(hours, zone)
    return Chart(
        width=box.width,
        height=HEIGHT,
        nights=_nights(hours, box),
        grid=_grid(marks, box),
        bars=_bars(wet, box),
        line=_line(warmth, box),
        labels=(*_degrees(warmth, words, box), *_rain(wet, words, box), *_times(marks, words, box)),
        lowest=min(warmth, key=_value),
        highest=max(warmth, key=_value),
        wettest=max(wet, key=_value, default=None),
        rain=round(sum(map(_value, known)), 1) if known else None,
    )


def _line(warmth: Sequence[Reading], box: Box) -> str:
    """One stroke for each run of hours without a gap; an hour by itself is a dot (`h0` with round caps)."""
    path, at = "", (-HEIGHT, 0)
    for reading in warmth:
        x, y = box.middle(reading.time), box.of_temperature(reading.value)
        joined = x - at[0] <= COLUMN
        path += f"l{_pair(x - at[0], y - at[1])}" if joined else f"M{x} {y}h0"
        at = x, y
    return path


def _bars(wet: Sequence[Reading], box: Box) -> str:
    path, at = "", (0, 0)
    for reading in wet:
        x, y = box.middle(reading.time), box.of_rain(reading.value)
        path += f"m{_pair(x - at[0], GROUND - at[1])}v{y - GROUND}"
        at = x, y
    return path


def _nights(hours: Sequence[HourlyPoint], box: Box) -> str:
    """A rectangle for each run of dark hours; what is not known to be dark is left light."""
    spans: list[tuple[int, int]] = []
    for left in (box.left(step.time) for step in hours if step.is_day is False):
        begin = spans.pop()[0] if spans and spans[-1][1] == left else left
        spans.append((begin, left + COLUMN))
    return "".join(f"M{begin} 0V{GROUND}H{end}V0z" for begin, end in spans)


def _grid(marks: Sequence[datetime], box: Box) -> str:
    """The ground, a tick under every mark, and a line from top to bottom where a day begins."""
    ticks = (f"M{box.middle(mark)} {GROUND if mark.hour else 0}V{GROUND + _TICK}" for mark in marks)
    return f"M0 {GROUND}H{box.width}" + "".join(ticks)


def _degrees(warmth: Sequence[Reading], words: Words, box: Box) -> list[Label]:
    """The highest and the lowest, then every other rise and fall that has room."""
    peaks = [(peak, _ABOVE) for peak in sorted(_peaks(warmth, 1), key=_value, reverse=True)]
    dips = [(dip, _BELOW) for dip in sorted(_peaks(warmth, -1), key=_value)]
    ranked = [*peaks[:1], *dips[:1], *peaks[1:], *dips[1:]]
    return fitting(
        box.word("degrees", words.degrees(at.value), at.time, box.of_temperature(at.value) + offset)
        for at, offset in ranked
    )


def _peaks(warmth: Sequence[Reading], sign: int) -> list[Reading]:
    """Those above (or with -1 below) all the hours around them; of a plateau the first."""
    found = []
    for at, reading in enumerate(warmth):
        before = [sign * other.value for other in warmth[max(0, at - _HOURS_AROUND_PEAK) : at]]
        after = [sign * other.value for other in warmth[at + 1 : at + 1 + _HOURS_AROUND_PEAK]]
        here = sign * reading.value
        if all(other < here for other in before) and all(other <= here for other in after):
            found.append(reading)
    return found


def _rain(wet: Sequence[Reading], words: Words, box: Box) -> list[Label]:
    """The highest bar says how much it is: that is the scale of all."""
    if not wet:
        return []
    most = max(wet, key=_value)
    return [box.word("rain", words.rain(most.value), most.time, box.of_rain(most.value) - 3).label]


def _marks(hours: Sequence[HourlyPoint], zone: ZoneInfo) -> list[datetime]:
    local = [step.time.astimezone(zone) for step in hours]
    return [time for time in local if time.hour % _HOURS_BETWEEN_MARKS == 0]


def _times(marks: Sequence[datetime], words: Words, box: Box) -> list[Label]:
    """The days where they begin, the noons, and the lesser marks if there is room for all of these."""
    days = [box.word("day", words.day(mark.date()), mark, BASE_OF_HOURS) for mark in marks if not mark.hour]
    hours = [mark for mark in marks if mark.hour]
    noons = [box.word("noon", words.hour(mark), mark, BASE_OF_HOURS) for mark in hours if mark.hour == _NOON]
    rest = [box.word("minor", words.hour(mark), mark, BASE_OF_HOURS) for mark in hours if mark.hour != _NOON]
    placed = fitting([*days, *noons, *rest])
    return placed if len(placed) == len(marks) else fitting([*days, *noons])


def _value(reading: Reading) -> float:
    return reading.value


def _pair(x: int, y: int) -> str:
    return f"{x}{y}" if y < 0 else f"{x} {y}"

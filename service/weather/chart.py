"""The chart of the next hours: a temperature line, rain bars and the nights, as SVG paths and labels.

`templates/widgets/chart.svg.jinja` draws it. The paths are in a box of `COLUMN_WIDTH` units an hour and
`HEIGHT` units, which is stretched to the available width; labels are placed in percent of that width, so that
text keeps its size.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from service.weather.hours import SOME_WATER, total
from service.weather.model import HourlyPoint

COLUMN_WIDTH = 6  # a bar and a gap in whole numbers
HEIGHT = 128
_BASELINE = 111  # y of the bars' lower end; the times are below it
_TIMES_Y = 124
_LINE_TOP, _LINE_BOTTOM, _LINE_BOTTOM_WITHOUT_RAIN = 18, 60, 92
_BARS_TOP = 88
_TICK = 3

_MIN_TEMPERATURE_SPAN = 6.0  # °C: a calm day must not look like a stormy one
_MIN_RAIN_SCALE = 2.0  # mm: drizzle must not look like a flood

_LABEL_ABOVE, _LABEL_BELOW = -6, 14  # from a point of the line to the baseline of its label
_LONG_STEP = 3  # hours
_HOURS_AROUND_PEAK = 5
_HOURS_BETWEEN_TIMES = 6
_NOON = 12

# Labels must not touch each other in a chart of this width in CSS pixels; widths are shares of it.
_NARROWEST = 280
_CHARACTER_WIDTH = 6.2 / _NARROWEST
_LABEL_GAP = 8 / _NARROWEST


@dataclass(frozen=True, slots=True)
class LabelFormats:
    """How labels are written: temperatures in °C, rain in mm, times in the place's zone."""

    degrees: Callable[[float], str]
    rain: Callable[[float], str]
    hour: Callable[[datetime], str]
    day: Callable[[date], str]


@dataclass(frozen=True, slots=True)
class TimedValue:
    """A number and its time."""

    time: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Label:
    """A text, placed as in SVG: `x` and `y` of the baseline in percent.

    `kind` is degrees, rain, day, noon or minor (the other hours, which a narrow chart may leave out).
    """

    kind: str
    text: str
    x: str
    y: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Chart:
    """Paths, which are empty where there is nothing to draw, labels, and the numbers of a text alternative.

    Temperatures are in °C; `rain` is the unrounded sum of all hours in mm (None if it is unknown).
    """

    width: int
    height: int
    nights: str
    grid: str
    bars: str
    line: str
    labels: tuple[Label, ...]
    lowest: TimedValue
    highest: TimedValue
    rain: float | None


def draw_chart(hours: Sequence[HourlyPoint], zone: ZoneInfo, formats: LabelFormats) -> Chart | None:
    """Return the chart of these points, each an hour long and in order of time.

    None for fewer than two temperatures, which make no line.
    """
    temperatures = [
        TimedValue(point.time, point.temperature) for point in hours if point.temperature is not None
    ]
    if len(temperatures) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    rain = [TimedValue(point.time, point.precipitation) for point in hours if point.precipitation is not None]
    wet = [amount for amount in rain if amount.value >= SOME_WATER]
    axes = _axes(hours, temperatures, wet)
    local_times = [point.time.astimezone(zone) for point in hours]
    marks = [time for time in local_times if time.hour % _HOURS_BETWEEN_TIMES == 0]
    return Chart(
        width=axes.width,
        height=HEIGHT,
        nights=_nights(hours, axes),
        grid=_grid(marks, axes),
        bars=_bars(wet, axes),
        line=_line(temperatures, axes),
        labels=(
            *_temperature_labels(temperatures, formats, axes),
            *_rain_labels(wet, formats, axes),
            *_time_labels(marks, formats, axes),
        ),
        lowest=min(temperatures, key=_value),
        highest=max(temperatures, key=_value),
        rain=float(total(map(_value, rain))) if rain else None,
    )


def _value(item: TimedValue) -> float:
    return item.value


# Coordinates


@dataclass(frozen=True, slots=True)
class _Axes:
    """Maps times to x and values to y: `low` °C to `line_bottom`, `rain_scale` mm to a bar of full height."""

    start: datetime
    columns: int
    low: float
    high: float
    line_bottom: int
    rain_scale: float

    @property
    def width(self) -> int:
        return self.columns * COLUMN_WIDTH

    def left(self, time: datetime) -> int:
        return round((time - self.start) / timedelta(hours=1)) * COLUMN_WIDTH

    def middle(self, time: datetime) -> int:
        """Return the middle of the column of an hour."""
        return self.left(time) + COLUMN_WIDTH // 2

    def temperature_y(self, value: float) -> int:
        height = self.line_bottom - _LINE_TOP
        return round(self.line_bottom - (value - self.low) / (self.high - self.low) * height)

    def rain_y(self, value: float) -> int:
        return _BASELINE - max(1, round(value / self.rain_scale * (_BASELINE - _BARS_TOP)))


def _axes(
    hours: Sequence[HourlyPoint], temperatures: Sequence[TimedValue], wet: Sequence[TimedValue]
) -> _Axes:
    low, high = min(map(_value, temperatures)), max(map(_value, temperatures))
    margin = max(0.0, _MIN_TEMPERATURE_SPAN - (high - low)) / 2
    first, last = hours[0].time, hours[-1].time
    return _Axes(
        start=first,
        columns=round((last - first) / timedelta(hours=1)) + 1,
        low=low - margin,
        high=high + margin,
        line_bottom=_LINE_BOTTOM if wet else _LINE_BOTTOM_WITHOUT_RAIN,
        rain_scale=max(_MIN_RAIN_SCALE, *map(_value, wet)) if wet else _MIN_RAIN_SCALE,
    )


# Paths


def _line(temperatures: Sequence[TimedValue], axes: _Axes) -> str:
    """Return a stroke for each run without a gap; a single temperature is a dot (`h0` with round caps).

    Where no two temperatures are nearer than three hours, that is the series' own step and no gap.
    """
    path, last_x, last_y = "", 0, 0
    nearest = min(later.time - item.time for item, later in pairwise(temperatures))
    step = COLUMN_WIDTH * (_LONG_STEP if nearest == timedelta(hours=_LONG_STEP) else 1)
    for item in temperatures:
        x, y = axes.middle(item.time), axes.temperature_y(item.value)
        is_next = bool(path) and x - last_x <= step
        path += f"l{_pair(x - last_x, y - last_y)}" if is_next else f"M{x} {y}h0"
        last_x, last_y = x, y
    return path


def _bars(wet: Sequence[TimedValue], axes: _Axes) -> str:
    path, last_x, last_y = "", 0, 0
    for item in wet:
        x, y = axes.middle(item.time), axes.rain_y(item.value)
        path += f"m{_pair(x - last_x, _BASELINE - last_y)}v{y - _BASELINE}"
        last_x, last_y = x, y
    return path


def _nights(hours: Sequence[HourlyPoint], axes: _Axes) -> str:
    """Return a rectangle for each run of dark hours; hours of unknown daylight are left light."""
    spans: list[tuple[int, int]] = []
    for left in (axes.left(point.time) for point in hours if point.is_day is False):
        begin = spans.pop()[0] if spans and spans[-1][1] == left else left
        spans.append((begin, left + COLUMN_WIDTH))
    return "".join(f"M{begin} 0V{_BASELINE}H{end}V0z" for begin, end in spans)


def _grid(marks: Sequence[datetime], axes: _Axes) -> str:
    """Return the baseline, a tick below it for every mark, and a line of full height where a day begins."""
    ticks = (f"M{axes.middle(mark)} {_BASELINE if mark.hour else 0}V{_BASELINE + _TICK}" for mark in marks)
    return f"M0 {_BASELINE}H{axes.width}" + "".join(ticks)


def _pair(x: int, y: int) -> str:
    return f"{x}{y}" if y < 0 else f"{x} {y}"


# Labels


@dataclass(frozen=True, slots=True)
class _PlacedLabel:
    """A label and the horizontal extent that it has in the narrowest chart, in shares of the width."""

    left: float
    right: float
    label: Label


def _temperature_labels(
    temperatures: Sequence[TimedValue], formats: LabelFormats, axes: _Axes
) -> list[Label]:
    """Label the highest and the lowest temperature, then all other peaks and dips that have room."""
    peaks = [(peak, _LABEL_ABOVE) for peak in sorted(_peaks(temperatures, 1), key=_value, reverse=True)]
    dips = [(dip, _LABEL_BELOW) for dip in sorted(_peaks(temperatures, -1), key=_value)]
    ranked = [*peaks[:1], *dips[:1], *peaks[1:], *dips[1:]]
    return _without_overlaps(
        _place(
            "degrees", formats.degrees(item.value), item.time, axes.temperature_y(item.value) + offset, axes
        )
        for item, offset in ranked
    )


def _peaks(temperatures: Sequence[TimedValue], sign: int) -> list[TimedValue]:
    """Return those above (or with -1 below) all the hours around them; of a plateau the first."""
    peaks = []
    for index, item in enumerate(temperatures):
        before = temperatures[max(0, index - _HOURS_AROUND_PEAK) : index]
        after = temperatures[index + 1 : index + 1 + _HOURS_AROUND_PEAK]
        value = sign * item.value
        if all(sign * other.value < value for other in before) and all(
            sign * other.value <= value for other in after
        ):
            peaks.append(item)
    return peaks


def _rain_labels(wet: Sequence[TimedValue], formats: LabelFormats, axes: _Axes) -> list[Label]:
    """Label the highest bar, which gives the scale for all of them."""
    if not wet:
        return []
    wettest = max(wet, key=_value)
    y = axes.rain_y(wettest.value) - 3
    return [_place("rain", formats.rain(wettest.value), wettest.time, y, axes).label]


def _time_labels(marks: Sequence[datetime], formats: LabelFormats, axes: _Axes) -> list[Label]:
    """Label the days where they begin and the noons; other marks only if there is room for all of them."""
    days = [_place("day", formats.day(mark.date()), mark, _TIMES_Y, axes) for mark in marks if not mark.hour]
    hours = [mark for mark in marks if mark.hour]
    noons = [_place("noon", formats.hour(m), m, _TIMES_Y, axes) for m in hours if m.hour == _NOON]
    others = [_place("minor", formats.hour(m), m, _TIMES_Y, axes) for m in hours if m.hour != _NOON]
    labels = _without_overlaps([*days, *noons, *others])
    return labels if len(labels) == len(marks) else _without_overlaps([*days, *noons])


def _place(kind: str, text: str, time: datetime, y: float, axes: _Axes) -> _PlacedLabel:
    """Place a label in the middle of an hour, or at the edge of the chart that would cut it off."""
    share = axes.middle(time) / axes.width
    width = len(text) * _CHARACTER_WIDTH
    left = min(max(share - width / 2, 0.0), 1 - width)
    x, anchor = _percent(share), "middle"
    if left == 0:
        x, anchor = "0", "start"
    elif left == 1 - width:
        x, anchor = "100%", "end"
    return _PlacedLabel(left, left + width, Label(kind, text, x, _percent(y / HEIGHT), anchor))


def _without_overlaps(labels: Iterable[_PlacedLabel]) -> list[Label]:
    """Return those that do not touch one that comes before them, from left to right."""
    placed: list[_PlacedLabel] = []
    for label in labels:
        if all(
            label.right + _LABEL_GAP <= other.left or other.right + _LABEL_GAP <= label.left
            for other in placed
        ):
            placed.append(label)
    return [item.label for item in sorted(placed, key=lambda item: item.left)]


def _percent(share: float) -> str:
    return f"{round(share * 100, 1):g}%"

"""The chart of the next hours: temperature, rain and its probability, days and nights, as paths and labels.

`templates/widgets/chart.svg.jinja` draws it. The paths are in a box of `COLUMN_WIDTH` units an hour and
`HEIGHT` units, which is stretched to the available width; labels are placed in percent of that width, so that
text keeps its size. From top to bottom: the names of the days, the temperature with its scale, the rain, and
the hours.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import ceil, floor
from zoneinfo import ZoneInfo

from service.locales.numbers import celsius
from service.locales.numbers import fahrenheit as to_fahrenheit
from service.weather.hours import SOME_WATER, total
from service.weather.model import HourlyPoint

COLUMN_WIDTH = 6  # a bar and a gap in whole numbers
HEIGHT = 168
_DAYS_Y = 11
_PLOT_TOP = 18
_BASELINE = 146  # y of the bars' lower end; the times are below it
_TIMES_Y = 161
_LINE_TOP, _LINE_BOTTOM, _LINE_BOTTOM_WITHOUT_RAIN = 38, 92, 126
_BARS_TOP = 112  # of the most rain, and of a probability of 100 %
_TICK = 3
_SCALE_STEPS = (1, 2, 5, 10, 20, 50)  # degrees between two lines of the scale
_MAX_LINES = 4

_MIN_TEMPERATURE_SPAN = 6.0  # °C: a calm day must not look like a stormy one
_MIN_RAIN_SCALE = 2.0  # mm: drizzle must not look like a flood

_LABEL_ABOVE, _LABEL_BELOW = -6, 14  # from a point of the line to the baseline of its label
_LONG_STEP = 3  # hours
_HOURS_AROUND_PEAK = 5
_HOURS_BETWEEN_TIMES = 6

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
    short_day: Callable[[date], str]
    now: str
    fahrenheit: bool


@dataclass(frozen=True, slots=True)
class TimedValue:
    """A number and its time."""

    time: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Label:
    """A text, placed as in SVG: `x` and `y` of the baseline in percent.

    `kind` is degrees, rain, day, hour, now or scale.
    """

    kind: str
    text: str
    x: str
    y: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Chart:
    """Paths, which are empty where there is nothing to draw, labels, and the numbers of a text alternative.

    Temperatures are in °C; `rain` is the unrounded sum in mm of all hours of which it is known (None: of
    none), and `rain_is_whole` says whether these are all hours.
    """

    width: int
    height: int
    nights: str
    grid: str
    chance: str
    bars: str
    line: str
    labels: tuple[Label, ...]
    lowest: TimedValue
    highest: TimedValue
    rain: float | None
    rain_is_whole: bool


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
    scale = _scale(axes, fahrenheit=formats.fahrenheit)
    local_times = [point.time.astimezone(zone) for point in hours]
    marks = [time for time in local_times if time.hour % _HOURS_BETWEEN_TIMES == 0]
    return Chart(
        width=axes.width,
        height=HEIGHT,
        nights=_nights(hours, axes),
        grid=_grid(marks, scale, axes),
        chance=_chance(hours, axes),
        bars=_bars(wet, axes),
        line=_line(temperatures, axes),
        labels=(
            *_temperature_labels(temperatures, formats, axes),
            *_rain_labels(wet, formats, axes),
            *_day_labels(local_times, formats, axes),
            *_time_labels(marks, formats, axes),
            *_scale_labels(scale, formats, axes),
        ),
        lowest=min(temperatures, key=_value),
        highest=max(temperatures, key=_value),
        rain=float(total(map(_value, rain))) if rain else None,
        rain_is_whole=len(rain) == len(hours),
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
    return "".join(f"M{begin} {_PLOT_TOP}V{_BASELINE}H{end}V{_PLOT_TOP}z" for begin, end in spans)


def _scale(axes: _Axes, *, fahrenheit: bool) -> list[float]:
    """Return the temperatures in °C of the lines of the scale, which are round in the unit that is shown."""
    to_shown: Callable[[float], float] = to_fahrenheit if fahrenheit else float
    low, high = to_shown(axes.low), to_shown(axes.high)
    step = next((step for step in _SCALE_STEPS if (high - low) / step < _MAX_LINES), _SCALE_STEPS[-1])
    lines = [step * number for number in range(ceil(low / step), floor(high / step) + 1)]
    return [celsius(line) if fahrenheit else float(line) for line in lines]


def _grid(marks: Sequence[datetime], scale: Sequence[float], axes: _Axes) -> str:
    """Return the baseline, the lines of the scale, a tick for every mark, and a line where a day begins."""
    ticks = (
        f"M{axes.left(mark)} {_BASELINE if mark.hour else _PLOT_TOP}V{_BASELINE + _TICK}" for mark in marks
    )
    lines = (f"M0 {axes.temperature_y(value)}h{axes.width}" for value in scale)
    return f"M0 {_BASELINE}h{axes.width}" + "".join([*lines, *ticks])


def _chance(hours: Sequence[HourlyPoint], axes: _Axes) -> str:
    """Return the area below the probability of rain, in steps of an hour; hours without one have none."""
    path = ""
    for point in hours:
        if point.precipitation_probability:
            height = round(point.precipitation_probability / 100 * (_BASELINE - _BARS_TOP))
            path += f"M{axes.left(point.time)} {_BASELINE}v-{height}h{COLUMN_WIDTH}v{height}z"
    return path


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


def _day_labels(local_times: Sequence[datetime], formats: LabelFormats, axes: _Axes) -> list[Label]:
    """Label every day in the middle of its hours, with its short name where the long one has no room."""
    labels = []
    for day in dict.fromkeys(time.date() for time in local_times):
        own = [time for time in local_times if time.date() == day]
        left, right = axes.left(own[0]), axes.left(own[-1]) + COLUMN_WIDTH
        room = (right - left) / axes.width - _LABEL_GAP
        text = next(
            (
                text
                for text in (formats.day(day), formats.short_day(day))
                if len(text) * _CHARACTER_WIDTH <= room
            ),
            None,
        )
        if text:
            x = _percent((left + right) / 2 / axes.width)
            labels.append(Label("day", text, x, _percent(_DAYS_Y / HEIGHT)))
    return labels


def _time_labels(marks: Sequence[datetime], formats: LabelFormats, axes: _Axes) -> list[Label]:
    """Label the beginning, which is now, and the hours of all marks that have room."""
    now = _PlacedLabel(
        0,
        len(formats.now) * _CHARACTER_WIDTH,
        Label("now", formats.now, "0", _percent(_TIMES_Y / HEIGHT), "start"),
    )
    hours = [_place("hour", formats.hour(mark), mark, _TIMES_Y, axes, middle=False) for mark in marks]
    return _without_overlaps([now, *hours])


def _scale_labels(scale: Sequence[float], formats: LabelFormats, axes: _Axes) -> list[Label]:
    """Label the lines of the scale, on the left of the chart."""
    return [
        Label("scale", formats.degrees(value), "0", _percent((axes.temperature_y(value) + 4) / HEIGHT), "end")
        for value in scale
    ]


def _place(  # noqa: PLR0913 - a label and its place
    kind: str, text: str, time: datetime, y: float, axes: _Axes, *, middle: bool = True
) -> _PlacedLabel:
    """Place a label in the middle or at the beginning of an hour, or at the edge that would cut it off."""
    share = (axes.middle(time) if middle else axes.left(time)) / axes.width
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

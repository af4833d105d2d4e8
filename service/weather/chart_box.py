"""Where things lie in the chart: lines in a box that is stretched to the room, words in percent of the room.

The box is `COLUMN` units an hour wide and `HEIGHT` high. Words keep their size while the box is stretched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

COLUMN = 6  # wide enough for a bar and a gap in whole numbers
HEIGHT = 128
GROUND = 111  # the bars stand on it, the hours hang under it
BASE_OF_HOURS = 124

_LINE_TOP, _LINE_FOOT, _LINE_FOOT_WITHOUT_RAIN = 18, 60, 92
_BARS_TOP = 88
_LEAST_SPAN = 6.0  # °C: a calm day is not drawn as a storm
_LEAST_SCALE = 2.0  # mm: drizzle is not drawn as a flood

_NARROWEST = 280  # CSS pixels of room in which no two words may touch
_LETTER = 6.2 / _NARROWEST
_SPACE = 8 / _NARROWEST


@dataclass(frozen=True, slots=True)
class Label:
    """A word at a point of the room, as SVG has it: the point in percent, y of the base line.

    `kind` is degrees, rain, day, noon or minor (the other hours, which a narrow room may leave out).
    """

    kind: str
    text: str
    x: str
    y: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Word:
    """A label and the shares of the room's width it may take in the narrowest room."""

    left: float
    right: float
    label: Label


@dataclass(frozen=True, slots=True)
class Box:
    """Where times and amounts lie: the temperature `low` at `foot`, a bar of `scale` mm at full height."""

    start: datetime
    columns: int
    low: float
    high: float
    foot: int
    scale: float

    @property
    def width(self) -> int:
        return self.columns * COLUMN

    def left(self, time: datetime) -> int:
        return round((time - self.start) / timedelta(hours=1)) * COLUMN

    def middle(self, time: datetime) -> int:
        """A column's middle stands for its hour, whether a sum is of the hour before or after (see Step)."""
        return self.left(time) + COLUMN // 2

    def of_temperature(self, value: float) -> int:
        return round(self.foot - (value - self.low) / (self.high - self.low) * (self.foot - _LINE_TOP))

    def of_rain(self, value: float) -> int:
        return GROUND - max(1, round(value / self.scale * (GROUND - _BARS_TOP)))

    def word(self, kind: str, text: str, time: datetime, y: float) -> Word:
        """A word in the middle of an hour, or at the edge of the room that would cut it off."""
        share = self.middle(time) / self.width
        width = len(text) * _LETTER
        left = min(max(share - width / 2, 0.0), 1 - width)
        x, anchor = _percent(share), "middle"
        if left == 0:
            x, anchor = "0", "start"
        elif left == 1 - width:
            x, anchor = "100%", "end"
        return Word(left, left + width, Label(kind, text, x, _percent(y / HEIGHT), anchor))


def box_around(first: datetime, last: datetime, temperatures: Sequence[float], rains: Sequence[float]) -> Box:
    """The box for the hours from first to last, these temperatures (°C) and this rain (mm), if any."""
    low, high = min(temperatures), max(temperatures)
    spare = max(0.0, _LEAST_SPAN - (high - low)) / 2
    return Box(
        start=first,
        columns=round((last - first) / timedelta(hours=1)) + 1,
        low=low - spare,
        high=high + spare,
        foot=_LINE_FOOT if rains else _LINE_FOOT_WITHOUT_RAIN,
        scale=max(_LEAST_SCALE, *rains) if rains else _LEAST_SCALE,
    )


def fitting(words: Iterable[Word]) -> list[Label]:
    """Those that do not touch one that comes before them; from left to right."""
    placed: list[Word] = []
    for word in words:
        if all(word.right + _SPACE <= other.left or other.right + _SPACE <= word.left for other in placed):
            placed.append(word)
    return [word.label for word in sorted(placed, key=lambda word: word.left)]


def _percent(share: float) -> str:
    return f"{round(share * 100, 1):g}%"

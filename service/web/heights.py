"""The heights of the widgets in CSS pixels: functions of layout, width and parameters alone.

Every row of a widget has one height at a width, whatever its text, so that another site can reserve the
place before anything loads. The numbers are those of the style sheets in `templates/widgets`, at the default
size of text (16 pixels to a rem); a test compares them with Chromium.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from service.web.widget_options import ArticleLayout, Layout

NARROWEST, WIDEST = 250, 1200  # between these widths the heights are exact
USUAL_NARROWEST, USUAL_WIDEST = 320, 700  # the widths of a column that is not said to be another
DEFAULT_WIDTH = 400  # of an oEmbed without `maxwidth`
MUCH = 40  # a frame that cannot change its height should not be given one that differs by more


class Step(NamedTuple):
    """The height from a width on: `fixed`, and `row` for every row that holds up to `columns` items."""

    width: int
    fixed: int
    row: int = 0
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Height:
    """The height of one layout, by its steps in order of their widths, the first one at 0."""

    steps: tuple[Step, ...]

    def at(self, width: int) -> int:
        """Return the height at this width, without items if it depends on their number."""
        return self.step(width).fixed

    def holding(self, items: int) -> "Height":
        """Return the height with this number of items."""
        steps = ((step, -(-items // step.columns) * step.row) for step in self.steps)
        return Height(tuple(Step(step.width, step.fixed + rows) for step, rows in steps))

    def between(self, narrowest: int, widest: int) -> tuple[int, int]:
        """Return the smallest and the largest height between these widths, both included."""
        widths = [narrowest, *(step.width for step in self.steps if narrowest < step.width <= widest)]
        heights = [self.at(width) for width in widths]
        return min(heights), max(heights)

    def above(self, other: "Height", distance: int) -> "Height":
        """Return the height of this layout above another one in the same card."""
        widths = sorted({step.width for step in (*self.steps, *other.steps)})
        more = {width: self.at(width) - _CARD + distance for width in widths}
        lower = {width: other.step(width) for width in widths}
        return Height(
            tuple(step._replace(width=width, fixed=step.fixed + more[width]) for width, step in lower.items())
        )

    def step(self, width: int) -> Step:
        """Return the step that this width is on."""
        return next(step for step in reversed(self.steps) if step.width <= width)


_CARD = 26  # borders and padding
_TITLE = 32
_NOW, _NOW_NARROW = 68, 100  # below 296 pixels the sky is under the temperature
_FOOT = 6
_LINE = 20  # of the foot
_FACTS_ROW = 44
FULL_FACTS = 8  # in layout `full`: those of `_full_facts` in service/weather/presenter.py
_HEADING = 30
_CHART = 168
_DAY = 40  # a row of the days, and of the table
_DAYS = 7


def _full(now: int, columns: int, lines: int) -> int:
    above = _TITLE + now + _facts(columns)
    return _CARD + above + _HEADING + _CHART + _HEADING + _DAYS * _DAY + _FOOT + lines * _LINE


def _facts(columns: int) -> int:
    return 17 + -(-FULL_FACTS // columns) * _FACTS_ROW


_COMPACT_FACTS = 53
_WITHOUT_FOOT = _CARD + _TITLE + _COMPACT_FACTS + _FOOT

WEATHER: Mapping[Layout, Height] = {
    Layout.COMPACT: Height(
        (
            Step(0, _WITHOUT_FOOT + _NOW_NARROW + 3 * _LINE),
            Step(296, _WITHOUT_FOOT + _NOW + 2 * _LINE),
        )
    ),
    Layout.STRIP: Height((Step(0, 86), Step(600, 50))),
    Layout.FULL: Height(
        (
            Step(0, _full(_NOW_NARROW, 2, 3)),
            Step(296, _full(_NOW, 2, 2)),
            Step(576, _full(_NOW, 4, 1)),
            # Two columns: the days stand beside everything else.
            Step(960, _CARD + _TITLE + _NOW + _facts(4) + _HEADING + _CHART + _FOOT + _LINE),
        )
    ),
    Layout.TABLE: Height(
        tuple(
            Step(width, _CARD + _TITLE + _FOOT + lines * _LINE, row=_DAY)
            for width, lines in ((0, 3), (296, 2))
        )
    ),
}

_HEAD = _TITLE + _LINE  # the title of a list and the line under it

ARTICLES: Mapping[ArticleLayout, Height] = {
    ArticleLayout.LIST: Height(
        (
            Step(0, _CARD + _HEAD, row=127),
            Step(296, _CARD + _HEAD, row=109),
            Step(480, _CARD + _HEAD, row=117),
        )
    ),
    ArticleLayout.CARDS: Height(
        tuple(
            Step(width, _CARD + _HEAD, row=284, columns=columns)
            for columns, width in enumerate((0, 480, 720, 960), start=1)
        )
    ),
    ArticleLayout.HEADLINES: Height((Step(0, _CARD + _HEAD, row=75), Step(480, _CARD + _HEAD, row=37))),
}

PORTAL = WEATHER[Layout.COMPACT].above(ARTICLES[ArticleLayout.HEADLINES], distance=21)

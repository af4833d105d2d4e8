"""The weather as a picture: where each text and drawing stands, in pixels, in all states.

SVG wraps nothing and moves nothing out of the way, so every text has a room of its own here and is made to
keep to it in any font (`text_width`). Lines stand so far apart that no letter touches one of the next line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from service.locales.formatter import Formatter
from service.weather.presenter import Fact, WeatherView
from service.weather.text_width import Fitted, Widths, fit, measure, share, wrap
from service.web.widget_options import PICTURE_SIZES, Layout


class Style(NamedTuple):
    """A class of texts in the style sheet; `colour` is one of its names."""

    size: float
    bold: bool = False
    colour: str = "fg"


_COMPACT = {
    "name": Style(17, bold=True),
    "chip": Style(11.5, colour="soft"),
    "big": Style(40, bold=True),
    "long": Style(32, bold=True),
    "unit": Style(17),
    "sky": Style(13.5, bold=True),
    "warn": Style(13, bold=True, colour="warm"),
    "high": Style(13, colour="warm"),
    "low": Style(13, colour="rain"),
    "label": Style(11.5, colour="soft"),
    "value": Style(13.5, bold=True),
    "rain": Style(13.5, bold=True, colour="rain"),
    "foot": Style(11.5, colour="soft"),
    "old": Style(11.5, bold=True, colour="old"),
    "credit": Style(11.5, colour="accent"),
    "says": Style(13.5, colour="soft"),
}
_STRIP = _COMPACT | {
    "name": Style(15, bold=True),
    "big": Style(22, bold=True),
    "long": Style(22, bold=True),
    "unit": Style(13),
    "sky": Style(13),
    "value": Style(13),
    "rain": Style(13, colour="rain"),
    "says": Style(12, colour="soft"),
}
_EDGE = 14  # to the left and right of everything
_NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True)
class Text:
    """A text on its baseline, from `x` on or, if it `ends` there, up to it.

    Its `unit` is smaller and `raised`, so that its top is that of the digits.
    """

    style: str
    x: float
    y: float
    text: str
    length: int | None = None
    ends: bool = False
    unit: str = ""
    raised: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """A small drawing of the template: up, down, drop or arrow, with its lower left corner at x and y."""

    kind: str
    x: float
    y: float
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """The content of the picture.

    Attributes:
        styles: of the texts, by the name of their class.
        icon: the content of the icon's `<symbol>`, "" without one; `icon_at` is its x, y and size.
        rule: y of the line across the picture; None without one.
        box: x, y, width and height of the frame around the mark of sample data.
        bar: x, y and height of the bar before a sentence.
    """

    size: tuple[int, int]
    title: str
    description: str
    styles: tuple[tuple[str, Style], ...]
    texts: tuple[Text, ...]
    drawings: tuple[Drawing, ...] = ()
    icon: str = ""
    icon_at: tuple[float, float, float] = (0, 0, 0)
    rule: float | None = None
    box: tuple[float, float, float, float] | None = None
    bar: tuple[float, float, float] | None = None


def draw(view: WeatherView, layout: Layout, formatter: Formatter) -> Picture:
    """Return the picture of this view; layout `full` has the picture of `compact`."""
    sheet = _Sheet(_STRIP if layout is Layout.STRIP else _COMPACT, PICTURE_SIZES[layout])
    if view.alone:
        (_strip_sentence if layout is Layout.STRIP else _compact_sentence)(sheet, view)
    elif layout is Layout.STRIP:
        _strip(sheet, view, formatter)
    else:
        _compact(sheet, view)
    if layout is not Layout.STRIP:
        _head(sheet, view, formatter)
    return sheet.picture(view, _description(view, formatter))


class _Sheet:
    """What was placed so far."""

    def __init__(self, styles: dict[str, Style], size: tuple[int, int]) -> None:
        self.styles, self.size = styles, size
        self.right = size[0] - _EDGE
        self.room = self.right - _EDGE
        self.texts: list[Text] = []
        self.drawings: list[Drawing] = []
        self.icon_at: tuple[float, float, float] = (0, 0, 0)
        self.rule: float | None = None
        self.box: tuple[float, float, float, float] | None = None
        self.bar: tuple[float, float, float] | None = None

    def measure(self, style: str, text: str) -> Widths:
        return measure(text, self.styles[style].size, bold=self.styles[style].bold)

    def fit(self, style: str, text: str, room: float) -> Fitted:
        return fit(text, self.styles[style].size, room, bold=self.styles[style].bold)

    def wrap(self, style: str, text: str, room: float, lines: int) -> list[str]:
        return wrap(text, self.styles[style].size, room, lines, bold=self.styles[style].bold)

    def put(self, style: str, x: float, y: float, text: str, room: float, *, ends: bool = False) -> None:  # noqa: PLR0913 - each is one of the text's
        """Place a text that keeps to this room."""
        fitted = self.fit(style, text, room)
        self.texts.append(Text(style, round(x, 1), y, fitted.text, fitted.length, ends))

    def put_number(self, style: str, x: float, y: float, text: str) -> float:
        """Place a short text with its width in Noto Sans, as what follows stands close; return the width."""
        width = self.measure(style, text).noto
        self.texts.append(Text(style, round(x, 1), y, text, round(width)))
        return width

    def picture(self, view: WeatherView, description: str) -> Picture:
        used = {text.style for text in self.texts} | {"unit" for text in self.texts if text.unit}
        return Picture(
            size=self.size,
            title=view.title,
            description=description,
            styles=tuple((name, style) for name, style in self.styles.items() if name in used),
            texts=tuple(self.texts),
            drawings=tuple(self.drawings),
            icon=next((content for _, content in view.symbols), ""),
            icon_at=self.icon_at,
            rule=self.rule,
            box=self.box,
            bar=self.bar,
        )


# compact

_TITLE = 28  # baselines
_CHIP_ROOM = 110
_BIG = 78
_SKY = {1: (69,), 2: (59, 79), 3: (50, 68.5, 87)}  # by the number of lines beside the temperature
_RULE = 98
_LABEL, _VALUE = 116, 134
_WHEN, _WHOSE = 157, 173
_TEMPERATURE_X = 74
_SHORT = 2  # digits of a temperature that have room in the largest size
_CAP_HEIGHT = 0.72  # of the size of a text
_GAP = 8
_MARK, _MARK_ROOM = 8, 11  # the width of a triangle, and with the space after it
_ICON_ROOM = 15  # of a drop or an arrow, with the space after it


def _head(sheet: _Sheet, view: WeatherView, formatter: Formatter) -> None:
    """Place the title, and beside it the mark of sample data."""
    room = float(sheet.room)
    if view.sample:
        mark = formatter.text("demo.source")
        width = round(min(sheet.measure("chip", mark).noto, _CHIP_ROOM))
        sheet.put("chip", sheet.right - 6, _TITLE - 1, mark, width, ends=True)
        sheet.box = (sheet.right - width - 12.5, _TITLE - 15.5, width + 12, 20)
        room -= width + 12 + _GAP
    sheet.put("name", _EDGE, _TITLE, view.place or view.title, room)


def _compact(sheet: _Sheet, view: WeatherView) -> None:
    sheet.icon_at = (_EDGE, 39, 52)
    end = _put_temperature(sheet, view, _TEMPERATURE_X if view.icon else _EDGE, _BIG)
    _put_sky(sheet, view, sheet.right - end - _GAP)
    sheet.rule = _RULE
    _put_facts(sheet, view.facts)
    if when := view.notice or view.updated:
        sheet.put("old" if view.notice else "foot", _EDGE, _WHEN, when, sheet.room)
    if credits_ := _credits(view):
        sheet.put("credit", _EDGE, _WHOSE, credits_, sheet.room)


def _put_temperature(sheet: _Sheet, view: WeatherView, x: float, y: float) -> float:
    """Place the temperature and return where it ends in a wide font."""
    number, unit = view.temperature or ("", "")
    unit = unit and _NO_BREAK + unit
    style = "big" if len(number) <= _SHORT else "long"
    raised = round(_CAP_HEIGHT * (sheet.styles[style].size - sheet.styles["unit"].size), 1)
    sheet.texts.append(Text(style, round(x, 1), y, number, unit=unit, raised=raised))
    return x + sheet.measure(style, number).wide + sheet.measure("unit", unit).wide


def _put_sky(sheet: _Sheet, view: WeatherView, room: float) -> None:
    """Place the condition, what is dangerous, and the day's extremes, at the right of the temperature."""
    condition = view.condition or ""
    lines = [
        ("sky", line) for line in sheet.wrap("sky", condition, room, 1 if view.alert else 2) if condition
    ]
    if view.alert:
        lines.append(("warn", view.alert))
    *baselines, last = _SKY[len(lines) + 1]
    for (style, line), y in zip(lines, baselines, strict=True):
        sheet.put(style, sheet.right, y, line, room, ends=True)
    high, low = view.high or "", view.low or ""
    width = sheet.measure("high", high).noto + sheet.measure("low", low).noto + 2 * _MARK_ROOM + _GAP
    _put_extremes(sheet, view, sheet.right - width, last)


def _put_extremes(sheet: _Sheet, view: WeatherView, x: float, y: float) -> float:
    """Place today's high and low and return where they end."""
    for kind, style, value in (("up", "high", view.high), ("down", "low", view.low)):
        sheet.drawings.append(Drawing(kind, round(x, 1), y - 1))
        x += _MARK_ROOM + sheet.put_number(style, x + _MARK_ROOM, y, value or "") + _GAP
    return x - _GAP


def _put_facts(sheet: _Sheet, facts: Sequence[Fact]) -> None:
    """Place the facts in columns, as wide as each has to be."""
    marks = [_ICON_ROOM if _mark(fact) else 0 for fact in facts]
    widths = []
    for fact, mark in zip(facts, marks, strict=True):
        label, value = sheet.measure("label", fact.label), sheet.measure("value", fact.value + fact.more)
        widths.append(Widths(max(label.noto, value.noto + mark), max(label.wide, value.wide + mark)))
    rooms = share(widths, sheet.room - _GAP * (len(facts) - 1))
    gap = (sheet.room - sum(rooms)) / max(len(facts) - 1, 1)
    x = float(_EDGE)
    for fact, mark, room in zip(facts, marks, rooms, strict=True):
        sheet.put("label", x, _LABEL, fact.label, room)
        _put_value(sheet, fact, x, _VALUE, room - mark)
        x += room + gap


def _put_value(sheet: _Sheet, fact: Fact, x: float, y: float, room: float) -> None:
    """Place the value of a fact after its mark."""
    if mark := _mark(fact):
        sheet.drawings.append(Drawing(mark, round(x, 1), y + 1, fact.towards or 0))
        x += _ICON_ROOM
    sheet.put("rain" if fact.kind == "rain" else "value", x, y, fact.value + fact.more, room)


def _mark(fact: Fact) -> str:
    if fact.kind == "rain":
        return "drop"
    return "arrow" if fact.towards is not None else ""


def _compact_sentence(sheet: _Sheet, view: WeatherView) -> None:
    """Place the sentence that stands for the weather, in lines."""
    x, first, pitch = _EDGE + 11, 60, 19
    room, most = sheet.right - x, 7
    lines = sheet.wrap("says", view.notice or "", room, most)
    for number, line in enumerate(lines):
        sheet.put("says", x, first + number * pitch, line, room)
    sheet.bar = (_EDGE, first - 14, len(lines) * pitch)


# strip

_LINE = 30  # the baseline of everything
_ITEM_GAP = 10
_STRIP_ICON = 28
_NAME_ROOM = 190
_ALERT_ROOM = 260
_FOOT_ROOM = 330


class _Item(NamedTuple):
    """One value in a strip: its style, text, the mark before it, and how wide it may be at most."""

    style: str
    text: str
    mark: str = ""
    turn: int = 0
    most: float = 200

    @property
    def before(self) -> float:
        return _ICON_ROOM if self.mark else 0


def _strip(sheet: _Sheet, view: WeatherView, formatter: Formatter) -> None:
    """Place everything in one line: the time and the source at its end, before it what has room."""
    room = sheet.room - _put_strip_foot(sheet, view) - _ITEM_GAP
    number, unit = view.temperature or ("", "")
    icon = _STRIP_ICON + _ITEM_GAP if view.icon else 0
    fixed = icon + sheet.measure("big", number).wide + sheet.measure("unit", _NO_BREAK + unit).wide
    fixed += sum(sheet.measure("high", value or "").noto + _MARK_ROOM for value in (view.high, view.low))
    name = _Item("name", view.place, most=_NAME_ROOM)
    sky = [_Item("warn", view.alert, most=_ALERT_ROOM)] if view.alert else []
    sky += [_Item("sky", view.condition)] if view.condition else []
    for facts in _fewer_and_fewer(view.facts, formatter):
        items = [name, *sky, *facts]
        left = room - fixed - _GAP - _ITEM_GAP * (len(items) + 1) - sum(item.before for item in items)
        widths = [_bounded(sheet, item) for item in items]
        if sum(width.noto for width in widths) <= left:
            break
    rooms = share(widths, left)
    gap = _ITEM_GAP + min((left - sum(rooms)) / (len(items) + 2), _ITEM_GAP)
    x = float(_EDGE)
    for place, (item, width) in enumerate(zip(items, rooms, strict=True)):
        if item.mark:
            sheet.drawings.append(Drawing(item.mark, round(x, 1), _LINE + 1, item.turn))
            x += item.before
        sheet.put(item.style, x, _LINE, item.text, width)
        x += width + gap
        if place == 0:
            if view.icon:
                sheet.icon_at = (round(x, 1), (sheet.size[1] - _STRIP_ICON) / 2, _STRIP_ICON)
                x += icon
            x = _put_temperature(sheet, view, x, _LINE + 2) + gap
        if place == len(sky):
            x = _put_extremes(sheet, view, x, _LINE) + gap


def _fewer_and_fewer(facts: Sequence[Fact], formatter: Formatter) -> Iterator[list[_Item]]:
    """Yield the facts, then fewer of them: the last one loses the rest of its value, then goes itself."""
    calm = formatter.text("wind.calm")
    for number in range(len(facts), 0, -1):
        last = facts[number - 1]
        for more in (last.more, "") if last.more else ("",):
            yield [_item(fact, calm) for fact in (*facts[: number - 1], replace(last, more=more))]
    yield []


def _put_strip_foot(sheet: _Sheet, view: WeatherView) -> float:
    """Place the time and the source at the end of the line and return how wide they are."""
    when, credits_ = view.notice or view.updated, _credits(view)
    style = "old" if view.notice else "foot"
    parts = [(style, when)] if when else []
    parts += [("credit", credits_)] if credits_ else []
    rooms = share([sheet.measure(*part) for part in parts], _FOOT_ROOM - _ITEM_GAP * len(parts))
    x = float(sheet.right)
    for (style_, text), room in zip(reversed(parts), reversed(rooms), strict=True):
        # With the width of Noto Sans, or a wide font would take it from the weather.
        width = min(room, sheet.measure(style_, text).noto)
        sheet.put(style_, x, _LINE, text, width, ends=True)
        x -= width + _ITEM_GAP
    return sheet.right - x - _ITEM_GAP if parts else 0.0


def _item(fact: Fact, calm: str) -> _Item:
    mark, value = _mark(fact), fact.value + fact.more
    speaks = mark or fact.value == calm
    return _Item(
        "rain" if fact.kind == "rain" else "value",
        value if speaks else f"{fact.label} {value}",
        mark,
        fact.towards or 0,
    )


def _bounded(sheet: _Sheet, item: _Item) -> Widths:
    width = sheet.measure(item.style, item.text)
    return Widths(min(width.noto, item.most), min(width.wide, item.most))


def _strip_sentence(sheet: _Sheet, view: WeatherView) -> None:
    """Place the name and, beside it, the sentence in one line or in two."""
    title = view.place or view.title
    name = min(sheet.measure("name", title).wide, _NAME_ROOM)
    sheet.put("name", _EDGE, _LINE, title, name)
    x = _EDGE + name + _ITEM_GAP
    room = sheet.right - x
    lines = sheet.wrap("says", view.notice or "", room, 2)
    for line, y in zip(lines, (_LINE,) if len(lines) == 1 else (21, 38), strict=True):
        sheet.put("says", x, y, line, room)


# both


def _credits(view: WeatherView) -> str:
    return ", ".join(credit.text for credit in view.credits)


def _description(view: WeatherView, formatter: Formatter) -> str:
    """Return all that the picture says, in sentences."""
    if view.alone:
        return view.notice or ""
    told = [(formatter.text("temperature.high"), view.high), (formatter.text("temperature.low"), view.low)]
    told += [(fact.label, fact.value) for fact in view.facts if fact.kind == "rain"]
    today = [f"{label} {value}" for label, value in told if value != formatter.text("value.dash")]
    extremes = formatter.sentence_of(today) if today else None
    sentences = (view.alert, view.sentence, extremes, view.notice, view.sample)
    return " ".join(f"{sentence.removesuffix('.')}." for sentence in sentences if sentence)

"""How wide a text is: in Noto Sans, and in DejaVu Sans, which is among the widest that a system may have.

A picture is laid out before it is known which font draws it. `fit` makes a text keep to its room in any font:
one that a wide font would draw beyond it is given the width that it has in Noto Sans (`textLength`), one that
is too wide even for that ends in "…".
"""

import csv
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from unicodedata import category, east_asian_width, normalize

_TABLE = Path(__file__).parent / "fonts" / "widths.tsv"
_WITHOUT_WIDTH = {"Mn", "Me", "Cf"}  # marks above and below letters, and what joins them
_WHOLE_PHRASES = {*map(chr, range(0xFDF0, 0xFE00)), *map(chr, range(0x12000, 0x12550))}  # Arabic, cuneiform
_SQUEEZED = 0.88  # of its width in Noto Sans: narrower letters look wrong
_BOX = "\u25a1"  # which the shipped fonts lack, so that they draw what stands for a missing letter
_ELLIPSIS = "…"
_WHOLE_WORDS = 0.7  # of the letters that have room
_DANGLING = " \u00a0\u200d,.;:·–-("  # noqa: RUF001 - a dash


class Widths(NamedTuple):
    """The width of a text in pixels."""

    noto: float
    wide: float


class Fitted(NamedTuple):
    """A text that keeps to its room; `length` is its width in pixels, None where any font keeps to it."""

    text: str
    length: int | None


@lru_cache(1)
def _table() -> dict[str, tuple[int, ...]]:
    """Return for each letter its width in four fonts: noto, noto bold, wide, wide bold."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.reader((line for line in file if not line.startswith("#")), delimiter="\t")
        next(rows)
        return {chr(int(code, 16)): tuple(map(int, widths)) for code, *widths in rows}


def measure(text: str, size: float, *, bold: bool) -> Widths:
    """Return the width of the text at this size in pixels."""
    table = _table()
    noto, wide = 0, 0
    for letter in normalize("NFC", text):
        widths = table.get(letter) or _guess(letter)
        noto += widths[bold]
        wide += widths[2 + bold]
    return Widths(noto * size / 1000, wide * size / 1000)


def _guess(letter: str) -> tuple[int, ...]:
    """Return the widths of a letter of another script, or of an emoji, as `_table` has them."""
    if category(letter) in _WITHOUT_WIDTH:
        return 0, 0, 0, 0
    if east_asian_width(letter) in "WF" and category(letter) != "So":
        return 1000, 1000, 1000, 1000
    widest = 12_000 if letter in _WHOLE_PHRASES else 1300
    return 700, 700, widest, widest


def drawable(text: str) -> str:
    """Return the text with a box for each letter that the shipped fonts lack, and without such marks.

    resvg would draw a box for the marks too, and does not keep such a text to its length.
    """
    return "".join(map(_drawable, normalize("NFC", text)))


def _drawable(letter: str) -> str:
    if letter.isascii() or letter in _table():
        return letter
    return "" if category(letter)[0] == "M" or category(letter) == "Cf" else _BOX


def fit(text: str, size: float, room: float, *, bold: bool) -> Fitted:
    """Return the text so that it takes no more than this room in pixels, whatever the font."""
    widths = measure(text, size, bold=bold)
    if widths.wide <= room:
        return Fitted(text, None)
    if widths.noto * _SQUEEZED > room:
        text = _cut(text, size, room, bold=bold)
        widths = measure(text, size, bold=bold)
    return Fitted(text, int(min(widths.noto, room)))


def _cut(text: str, size: float, room: float, *, bold: bool) -> str:
    """Return the longest beginning that has room with an ellipsis, of whole words if that loses little."""
    text = normalize("NFC", text)
    end = len(text)
    while end and measure(text[:end] + _ELLIPSIS, size, bold=bold).noto > room:
        end -= 1
    word_end = text.rfind(" ", 0, end + 1)
    kept = text[: word_end if word_end >= end * _WHOLE_WORDS else end]
    while kept and (kept[-1] in _DANGLING or category(f"{text} "[len(kept)]) in _WITHOUT_WIDTH):
        kept = kept[:-1]  # nor is a letter parted from its marks
    return kept + _ELLIPSIS


def wrap(text: str, size: float, room: float, lines: int, *, bold: bool) -> list[str]:
    """Return the text in at most so many lines, the last of which has all the rest."""
    found: list[str] = []
    for word in text.split(" "):
        longer = f"{found[-1]} {word}" if found else word
        if not found or (len(found) < lines and measure(longer, size, bold=bold).noto > room):
            found.append(word)
        else:
            found[-1] = longer
    return found


def share(widths: Sequence[Widths], room: float) -> list[float]:
    """Return the room for each of several texts side by side, of this room for all.

    Each has what it takes in a wide font, or else as much of that as there is; where there is not even room
    for Noto Sans, the widest give way.
    """
    noto, wide = sum(one.noto for one in widths), sum(one.wide for one in widths)
    if wide <= room:
        return [one.wide for one in widths]
    if noto <= room:
        part = (room - noto) / (wide - noto)
        return [one.noto + part * (one.wide - one.noto) for one in widths]
    most = _most([one.noto for one in widths], room)
    return [min(one.noto, most) for one in widths]


def _most(widths: Iterable[float], room: float) -> float:
    """Return the width to which the widest are reduced, so that all have room together."""
    left = sorted(widths)
    while left and left[0] * len(left) <= room:
        room -= left.pop(0)
    return room / len(left)

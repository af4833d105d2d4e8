"""A sheet to draw flat shapes on, and its way into a PNG file.

Lengths are pixels, y grows downwards; a colour is red, green and blue from 0 to 255.
"""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 960, 640

Colour = tuple[int, int, int]
Edge = Callable[[float], float]  # the y of a shape's edge at x

_FINER = 2  # drawn so many times as large and then made small, so that slanting edges are smooth
_QUICKLY = 3  # of 9: the higher ones take twice the time for a third less


class Canvas:
    """What lies beyond the edges of the sheet is left out."""

    def __init__(self, top: Colour, bottom: Colour, level: int) -> None:
        """A sheet that goes from one colour over into another, down to a level, and is of that below."""
        column = Image.new("RGB", (1, HEIGHT))
        for y in range(HEIGHT):
            column.putpixel((0, y), _faded(top, bottom, min(1.0, y / level)))
        self._sheet = column.resize((WIDTH * _FINER, HEIGHT * _FINER), Image.Resampling.NEAREST)
        self._pen = ImageDraw.Draw(self._sheet)

    def fill(self, left: float, right: float, top: Edge, bottom: Edge, colour: Colour) -> None:
        """What lies between two edges, as far as the one is above the other."""
        between = range(max(0, round(left)), min(WIDTH, round(right)) + 1)
        columns = [x for x in between if top(x) < bottom(x)]
        outline = [(x, top(x)) for x in columns] + [(x, bottom(x)) for x in reversed(columns)]
        if outline:
            self._pen.polygon([(x * _FINER, y * _FINER) for x, y in outline], fill=colour)

    def box(self, left: float, right: float, top: float, bottom: float, colour: Colour) -> None:
        """An upright rectangle."""
        self.fill(left, right, lambda _: top, lambda _: bottom, colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A circle around (x, y)."""
        self._pen.circle((x * _FINER, y * _FINER), radius * _FINER, fill=colour)

    def png(self) -> bytes:
        """The sheet as a file."""
        file = io.BytesIO()
        self._sheet.reduce(_FINER).save(file, "PNG", compress_level=_QUICKLY)
        return file.getvalue()


def _faded(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue

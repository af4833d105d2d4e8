"""A sheet to draw flat shapes on, column by column, and its way into a PNG file (RFC 2083).

Lengths are pixels, y grows downwards; a colour is red, green and blue from 0 to 255.
"""

import math
import struct
import zlib
from collections.abc import Callable

WIDTH, HEIGHT = 960, 640

Colour = tuple[int, int, int]
Edge = Callable[[int], float]  # the y of a shape's edge in the column x

_TRUECOLOUR = 2
_LEVEL = 6  # of 9: the higher ones take twice the time for a hundredth less


class Canvas:
    """Three planes, one for each part of a colour, each the columns one after the other.

    What lies beyond the edges of the sheet is left out.
    """

    def __init__(self, top: Colour, bottom: Colour, level: int) -> None:
        """A sheet that goes from one colour over into another, down to a level, and is of that below."""
        parts = zip(top, bottom, strict=True)
        self._planes = [bytearray(_fading(one, other, level) * WIDTH) for one, other in parts]

    def fill(self, left: float, right: float, top: Edge, bottom: Edge, colour: Colour) -> None:
        """What lies between two edges; where an edge cuts a pixel, the colours mix."""
        for x in range(max(0, round(left)), min(WIDTH, round(right))):
            self._column(x, max(0.0, top(x)), min(float(HEIGHT), bottom(x)), colour)

    def box(self, left: float, right: float, top: float, bottom: float, colour: Colour) -> None:
        """An upright rectangle."""
        self.fill(left, right, lambda _: top, lambda _: bottom, colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A circle around (x, y)."""

        def half(column: int) -> float:
            return math.sqrt(max(0.0, radius**2 - (column + 0.5 - x) ** 2))

        self.fill(
            x - radius, x + radius, lambda column: y - half(column), lambda column: y + half(column), colour
        )

    def png(self) -> bytes:
        """The sheet as a file."""
        head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, _TRUECOLOUR, 0, 0, 0)
        rows = b"".join(map(self._row, range(HEIGHT)))
        chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, _LEVEL)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)

    def _column(self, x: int, top: float, bottom: float, colour: Colour) -> None:
        if bottom <= top:
            return
        first, last = math.ceil(top), math.floor(bottom)
        start = x * HEIGHT
        for plane, part in zip(self._planes, colour, strict=True):
            if last > first:
                plane[start + first : start + last] = bytes((part,)) * (last - first)
            if first > top:
                _mix(plane, start + first - 1, part, min(first, bottom) - top)
            if last < bottom and last >= first:
                _mix(plane, start + last, part, bottom - last)

    def _row(self, y: int) -> bytes:
        row = bytearray(1 + 3 * WIDTH)  # the first byte says that the row is written as it is
        for place, plane in enumerate(self._planes):
            row[1 + place :: 3] = plane[y::HEIGHT]
        return bytes(row)


def _fading(one: int, other: int, level: int) -> bytes:
    return bytes(round(one + (other - one) * min(1, y / level)) for y in range(HEIGHT))


def _mix(plane: bytearray, place: int, part: int, share: float) -> None:
    plane[place] = round(plane[place] + (part - plane[place]) * share)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

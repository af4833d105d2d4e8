"""An editor's accent colour, moved in lightness until text in it can be read (WCAG 2.2, 1.4.3).

Colours are six hex digits, with or without `#`; every function raises ValueError for anything else.
"""

import colorsys
import re
from bisect import bisect_left
from dataclasses import dataclass

_HEX = re.compile(r"#?([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})", re.ASCII)
_STEPS = 1024  # of lightness: finer than the 256 that a channel can show

_Colour = tuple[int, int, int]  # red, green, blue, 0 to 255


@dataclass(frozen=True, slots=True)
class Accents:
    """One accent as it is shown in the two themes, as `#rrggbb`."""

    light: str
    dark: str


def accents(accent: str, light: str, dark: str) -> Accents:
    """The accent as text on the page background of either theme."""
    return Accents(readable(accent, light), readable(accent, dark))


def readable(accent: str, background: str, ratio: float = 4.5) -> str:
    """The colour of the accent's hue, nearest to it in lightness, that has this contrast, as `#rrggbb`.

    4.5 can be had on every background. Where a higher ratio cannot, it is black or white, whichever has more.
    """
    colour, behind = _colour(accent), _luminance(_colour(background))
    if _ratio(_luminance(colour), behind) >= ratio:
        return _hex(colour)
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    goal = max(0.0, 1.0, key=lambda pole: _ratio(pole, behind))  # black or white, both ways

    def moved(step: int) -> _Colour:
        there = lightness + (goal - lightness) * step / _STEPS
        red, green, blue = colorsys.hls_to_rgb(hue, there, saturation)
        return round(red * 255), round(green * 255), round(blue * 255)

    def suffices(step: int) -> bool:
        return _ratio(_luminance(moved(step)), behind) >= ratio

    # On the way luminance only rises, or only falls, and the first step is not enough: so neither is any
    # before the last crossing of the ratio, and bisection may be used.
    return _hex(moved(bisect_left(range(_STEPS), True, key=suffices)))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    return _ratio(_luminance(_colour(one)), _luminance(_colour(other)))


def _ratio(one: float, other: float) -> float:
    """Of two luminances."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def _luminance(colour: _Colour) -> float:
    red, green, blue = colour
    return 0.2126 * _LINEAR[red] + 0.7152 * _LINEAR[green] + 0.0722 * _LINEAR[blue]


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB's own


_LINEAR = tuple(_linear(channel / 255) for channel in range(256))


def _colour(text: str) -> _Colour:
    match = _HEX.fullmatch(text)
    if match is None:
        raise ValueError(f"not six hex digits: {text!r}")
    red, green, blue = (int(pair, 16) for pair in match.groups())
    return red, green, blue


def _hex(colour: _Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)

"""An editor's accent colour, moved in lightness until text in it can be read (WCAG 2.2, 1.4.3).

Colours are six hex digits, with or without `#`; every function raises ValueError for anything else.
"""

import colorsys
import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

_HEX = re.compile(r"#?([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})", re.ASCII)
_WHITE, _BLACK = "#ffffff", "#000000"
_COLOURS_KEPT = 256
_STEPS = 1024  # of lightness: finer than the 256 that a channel can show


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
    red, green, blue = _channels(accent)
    if contrast(accent, background) >= ratio:
        return _hex(red, green, blue)
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    end = max(_BLACK, _WHITE, key=lambda pole: contrast(pole, background))
    goal = 1.0 if end == _WHITE else 0.0

    def moved(step: int) -> str:
        there = lightness + (goal - lightness) * step / _STEPS
        return _hex(*colorsys.hls_to_rgb(hue, there, saturation))

    # On the way luminance only rises, or only falls, and the first step is not enough: so neither is any
    # before the last crossing of the ratio, and bisection may be used.
    return moved(
        bisect_left(range(_STEPS), True, key=lambda step: contrast(moved(step), background) >= ratio)
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(_COLOURS_KEPT)  # a page's background is asked for at every step
def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB's own


def _channels(colour: str) -> tuple[float, float, float]:
    match = _HEX.fullmatch(colour)
    if match is None:
        raise ValueError(f"not six hex digits: {colour!r}")
    red, green, blue = (int(pair, 16) / 255 for pair in match.groups())
    return red, green, blue


def _hex(red: float, green: float, blue: float) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in (red, green, blue))

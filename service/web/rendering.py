"""Render widgets and pages: template, inline style in the editor's accent, inline script and its policy."""

import colorsys
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from flask import Response
from jinja2 import Environment

from service.web import responses
from service.web.cache_policy import CachePolicy

DEFAULT_ACCENT = "0b61a4"
HEIGHT_SCRIPT, SELECT_SCRIPT, RETRY_SCRIPT = "widgets/frame.js", "widgets/weather.js", "widgets/retry.js"
_LIGHT, _DARK = "#ffffff", "#15191e"  # --bg of weather.css
_STYLES_IN_MEMORY = 256


@dataclass(frozen=True, slots=True)
class Accents:
    """One accent as it is shown in the two themes, as `#rrggbb`."""

    light: str
    dark: str


_PLACEHOLDERS = Accents(light="#accent-light", dark="#accent-dark")


class Sheet(NamedTuple):
    """A template of a style sheet, and its variables beside the accent."""

    name: str
    variables: tuple[tuple[str, object], ...]


def sheet(name: str, **variables: object) -> Sheet:
    """Return this template with these variables."""
    return Sheet(name, tuple(variables.items()))


class Renderer:
    """Renders pages that may be framed. One for an application; safe for threads."""

    def __init__(self, templates: Environment, frame_ancestors: Sequence[str]) -> None:
        """Take the templates, and the sites that may frame the pages (none: all)."""
        self._templates = templates
        self._frame_ancestors = tuple(frame_ancestors)
        self._sheets = lru_cache(_STYLES_IN_MEMORY)(self._render_sheets)
        self._script = lru_cache(_STYLES_IN_MEMORY)(self._minified)

    def page(  # noqa: PLR0913 - what is on the page, and what its policy allows
        self,
        template: str,
        *,
        style: str,
        scripts: Sequence[str] = (),
        cache: CachePolicy | None = None,
        status: int = 200,
        images: bool = False,
        frames: bool = False,
        connects: bool = False,
        **variables: object,
    ) -> Response:
        """Return the page; `scripts` are names of templates, which become one inline script."""
        script = "".join(self._script(name) for name in scripts)
        html = self._templates.get_template(template).render(**variables, style=style, script=script)
        return responses.page(
            html,
            cache,
            status,
            styles=[style],
            scripts=[script] if script else [],
            frame_ancestors=self._frame_ancestors,
            images=images,
            frames=frames,
            connects=connects,
        )

    def text(self, template: str, **variables: object) -> str:
        """Return the rendered template."""
        return self._templates.get_template(template).render(**variables)

    def style(self, accent: str | None, *sheets: Sheet) -> str:
        """Return these sheets, one after the other, in this accent (None: the usual one) made readable.

        The sheets are rendered and minified once; the accent is put in by replacing, for editors choose any.
        """
        readable = accents(accent or DEFAULT_ACCENT, _LIGHT, _DARK)
        css = self._sheets(sheets)
        return css.replace(_PLACEHOLDERS.light, readable.light).replace(_PLACEHOLDERS.dark, readable.dark)

    def _render_sheets(self, sheets: tuple[Sheet, ...]) -> str:
        rendered = (
            self._templates.get_template(name).render(dict(variables), accents=_PLACEHOLDERS)
            for name, variables in sheets
        )
        return responses.minify("\n".join(rendered))

    def _minified(self, name: str) -> str:
        return responses.minify(self._templates.get_template(name).render())


# The accent: an editor's colour, as dark or light as it has to be to be read.

_HEX = re.compile(r"#?([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})", re.ASCII)
_STEPS = 1024  # of lightness: finer than the 256 that a channel can show

_Colour = tuple[int, int, int]  # red, green, blue, 0 to 255


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

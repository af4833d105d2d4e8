"""Render widgets and pages with inline style, inline script, and an accent colour that is readable."""

import colorsys
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from flask import Response
from jinja2 import Environment

from service.web import responses
from service.web.cache_policy import CachePolicy
from service.web.widget_options import Theme

DEFAULT_ACCENT = "0b61a4"
HEIGHT_SCRIPT, SELECT_SCRIPT, RETRY_SCRIPT = "widgets/frame.js", "widgets/weather.js", "widgets/retry.js"
_LIGHT, _DARK = "#ffffff", "#171c22"  # --bg of card.css
_READABLE, _WELL_READABLE = 4.5, 7.0  # contrast of text: WCAG 2, levels AA and AAA
_STYLES_IN_MEMORY = 256


@dataclass(frozen=True, slots=True)
class Accents:
    """The colours of one accent in the two themes, as `#rrggbb`."""

    light: str
    dark: str


_PLACEHOLDERS = Accents(light="#accent-light", dark="#accent-dark")


class Sheet(NamedTuple):
    """The template of a style sheet, with its variables except the accent."""

    name: str
    variables: tuple[tuple[str, object], ...]


def sheet(name: str, **variables: object) -> Sheet:
    """Return the sheet of this template and these variables."""
    return Sheet(name, tuple(variables.items()))


class Look(Protocol):
    """The options of a card's look."""

    @property
    def theme(self) -> Theme: ...
    @property
    def transparent(self) -> bool: ...
    @property
    def border(self) -> bool: ...


def card_sheet(look: Look, shows: Sequence[str], *, is_page: bool = False) -> Sheet:
    """Return the sheet of a widget's card; `shows` names its parts, `is_page` says that it fills the page."""
    return sheet(
        "widgets/card.css",
        theme=look.theme.value,
        transparent=look.transparent,
        no_border=not look.border,
        is_page=is_page,
        shows=tuple(shows),
    )


class Renderer:
    """Renders the pages that other sites may frame. Thread-safe."""

    def __init__(self, templates: Environment, frame_ancestors: Sequence[str]) -> None:
        """Render with these templates; `frame_ancestors` are the sites that may frame them (empty: all)."""
        self._templates = templates
        self._frame_ancestors = tuple(frame_ancestors)
        self._sheets = lru_cache(_STYLES_IN_MEMORY)(self._render_sheets)
        self._script = lru_cache(_STYLES_IN_MEMORY)(self._minified)

    def page(  # noqa: PLR0913 - one argument for each part of the page and of its policy
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
        """Return the page; `scripts` are names of templates, which are joined to one inline script."""
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
        """Return these sheets, joined, with a readable form of this accent (None: the default).

        The sheets are rendered and minified once, with placeholders for the accent, which can be any colour.
        """
        in_dark = _READABLE if accent else _WELL_READABLE  # our own colour may move further than an editor's
        colours = accents(accent or DEFAULT_ACCENT, _LIGHT, _DARK, in_dark)
        css = self._sheets(sheets)
        return css.replace(_PLACEHOLDERS.light, colours.light).replace(_PLACEHOLDERS.dark, colours.dark)

    def _render_sheets(self, sheets: tuple[Sheet, ...]) -> str:
        rendered = (
            self._templates.get_template(name).render(dict(variables), accents=_PLACEHOLDERS)
            for name, variables in sheets
        )
        return responses.minify("\n".join(rendered))

    def _minified(self, name: str) -> str:
        return responses.minify(self._templates.get_template(name).render())


# The accent: the editor's colour, with its lightness changed as far as its contrast requires.

_HEX = re.compile(r"#?([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})", re.ASCII)
_STEPS = 1024  # of lightness: finer than the 256 values of a channel

_Colour = tuple[int, int, int]  # red, green, blue, 0 to 255


def accents(accent: str, light: str, dark: str, in_dark: float = _READABLE) -> Accents:
    """Return the accent as a text colour on either theme's background, with this contrast in the dark."""
    return Accents(readable(accent, light), readable(accent, dark, in_dark))


def readable(accent: str, background: str, ratio: float = _READABLE) -> str:
    """Return the colour of the accent's hue, nearest to it in lightness, that has this contrast (WCAG 2).

    A ratio of 4.5 is possible on every background. If a higher one is not, the result is black or white,
    whichever has the higher contrast.
    """
    colour, background_luminance = _colour(accent), _luminance(_colour(background))
    if _ratio(_luminance(colour), background_luminance) >= ratio:
        return _hex(colour)
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    # 0 and 1 are lightness and luminance of black and white.
    goal = max(0.0, 1.0, key=lambda pole: _ratio(pole, background_luminance))

    def shifted(step: int) -> _Colour:
        target = lightness + (goal - lightness) * step / _STEPS
        red, green, blue = colorsys.hls_to_rgb(hue, target, saturation)
        return round(red * 255), round(green * 255), round(blue * 255)

    def suffices(step: int) -> bool:
        return _ratio(_luminance(shifted(step)), background_luminance) >= ratio

    # The luminance of the steps is monotonic and the first step does not suffice, so all steps from a certain
    # one on suffice: bisection finds it.
    return _hex(shifted(bisect_left(range(_STEPS), True, key=suffices)))


def _ratio(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def _luminance(colour: _Colour) -> float:
    red, green, blue = colour
    return 0.2126 * _LINEAR[red] + 0.7152 * _LINEAR[green] + 0.0722 * _LINEAR[blue]


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - from the definition of sRGB


_LINEAR = tuple(_linear(channel / 255) for channel in range(256))


def _colour(text: str) -> _Colour:
    match = _HEX.fullmatch(text)
    if match is None:
        raise ValueError(f"not six hex digits: {text!r}")
    red, green, blue = (int(pair, 16) for pair in match.groups())
    return red, green, blue


def _hex(colour: _Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)

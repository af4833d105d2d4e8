"""Turns a presented widget into bytes: template, inline style and script, and the policy that allows them."""

import textwrap
from functools import lru_cache

from flask import Response
from jinja2 import Environment

from service.locales.speech import Speech
from service.web import answers
from service.web.validity import Validity
from service.widgets.accent import accents
from service.widgets.heights import HEIGHTS
from service.widgets.options import Layout, Options
from service.widgets.weather import WeatherView

_ACCENT = "0b61a4"
_LIGHT, _DARK = "#ffffff", "#15191e"  # --bg of weather.css
_STYLES_KEPT = 256
_LINES = 3


class Drawing:
    """Draws every widget and picture. One for a process; safe for threads."""

    def __init__(self, templates: Environment, frame_ancestors: tuple[str, ...]) -> None:
        """Take the templates, and the portals that may frame us (none: everybody)."""
        self._templates = templates
        self._frame_ancestors = frame_ancestors
        self._frame, self._select, self._retry = (
            answers.small(templates.get_template(f"widgets/{name}.js").render())
            for name in ("frame", "weather", "retry")
        )
        self._style = lru_cache(_STYLES_KEPT)(self._style_of)

    def weather(
        self, view: WeatherView, options: Options, speech: Speech, validity: Validity, status: int = 200
    ) -> Response:
        """The weather widget as a page."""
        noted = bool(view.notice or view.sample)
        style = self._style(options.layout, options.theme.value, options.accent or _ACCENT, noted=noted)
        script = self._frame + (self._select if view.form else "") + (self._retry if view.retry else "")
        html = self._templates.get_template("widgets/weather.html").render(
            view=view,
            options=options,
            say=speech.text,
            style=style,
            script=script,
            height=HEIGHTS[options.layout],
        )
        response = answers.page(
            html,
            validity,
            status,
            styles=[style],
            scripts=[script],
            frame_ancestors=self._frame_ancestors,
        )
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def picture(
        self, view: WeatherView, options: Options, _speech: Speech, validity: Validity, status: int = 200
    ) -> Response:
        """The weather widget as an SVG picture."""
        colours = accents(options.accent or _ACCENT, _LIGHT, _DARK)
        style = answers.small(
            self._templates.get_template("widgets/picture.css").render(
                theme=options.theme.value, accents=colours
            )
        )
        svg = self._templates.get_template("widgets/picture.svg").render(
            view=view, options=options, lines=_lines, style=style
        )
        return answers.picture(svg, validity, status, styles=[style])

    def _style_of(self, layout: Layout, theme: str, accent: str, *, noted: bool) -> str:
        sheet = self._templates.get_template("widgets/weather.css")
        colours = accents(accent, _LIGHT, _DARK)
        return answers.small(sheet.render(layout=layout.value, theme=theme, accents=colours, noted=noted))


def _lines(text: str, width: int) -> list[str]:
    """A sentence in lines of a picture, which break nothing by themselves."""
    return textwrap.wrap(text, width, break_long_words=False)[:_LINES]

"""Turns a presented widget into bytes: template, inline style and script, and the policy that allows them."""

import textwrap

from flask import Response
from jinja2 import Environment

from service.locales.formatter import Formatter
from service.weather.presenter import WeatherView
from service.web import responses
from service.web.cache_policy import CachePolicy
from service.web.heights import HEIGHTS
from service.web.options import Options
from service.web.styles import Styles, sheet

_LINES = 3


class WeatherRenderer:
    """Draws every widget and picture. One for a process; safe for threads."""

    def __init__(self, templates: Environment, frame_ancestors: tuple[str, ...]) -> None:
        """Take the templates, and the portals that may frame us (none: everybody)."""
        self._templates = templates
        self._frame_ancestors = frame_ancestors
        self._frame, self._select, self._retry = (
            responses.minify(templates.get_template(f"widgets/{name}.js").render())
            for name in ("frame", "weather", "retry")
        )
        self._styles = Styles(templates)

    def weather(
        self,
        view: WeatherView,
        options: Options,
        formatter: Formatter,
        validity: CachePolicy,
        status: int = 200,
    ) -> Response:
        """The weather widget as a page."""
        look = {"layout": options.layout.value, "theme": options.theme.value}
        noted = bool(view.notice or view.sample)
        style = self._styles.of(options.accent, sheet("widgets/weather.css", **look, noted=noted))
        script = self._frame + (self._select if view.form else "") + (self._retry if view.retry else "")
        html = self._templates.get_template("widgets/weather.html").render(
            view=view,
            options=options,
            say=formatter.text,
            style=style,
            script=script,
            height=HEIGHTS[options.layout],
        )
        response = responses.page(
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
        self,
        view: WeatherView,
        options: Options,
        _formatter: Formatter,
        validity: CachePolicy,
        status: int = 200,
    ) -> Response:
        """The weather widget as an SVG picture."""
        style = self._styles.of(options.accent, sheet("widgets/picture.css", theme=options.theme.value))
        svg = self._templates.get_template("widgets/picture.svg").render(
            view=view, options=options, lines=_lines, style=style
        )
        return responses.picture(svg, validity, status, styles=[style])


def _lines(text: str, width: int) -> list[str]:
    """A sentence in lines of a picture, which break nothing by themselves."""
    return textwrap.wrap(text, width, break_long_words=False)[:_LINES]

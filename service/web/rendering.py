"""Render widgets and pages: template, inline style in the editor's accent, inline script and its policy."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from flask import Response
from jinja2 import Environment

from service.web import responses
from service.web.accent import Accents, accents
from service.web.cache_policy import CachePolicy

DEFAULT_ACCENT = "0b61a4"
HEIGHT_SCRIPT, SELECT_SCRIPT, RETRY_SCRIPT = "widgets/frame.js", "widgets/weather.js", "widgets/retry.js"
_LIGHT, _DARK = "#ffffff", "#15191e"  # --bg of weather.css
_PLACEHOLDERS = Accents(light="#accent-light", dark="#accent-dark")
_STYLES_IN_MEMORY = 256


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

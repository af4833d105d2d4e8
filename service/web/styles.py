"""The inline style of a widget: sheets drawn and made small once, an editor's accent put in each time."""

from functools import lru_cache
from typing import NamedTuple

from jinja2 import Environment

from service.web import responses
from service.web.accent import Accents, accents

_USUAL = "0b61a4"
_LIGHT, _DARK = "#ffffff", "#15191e"  # --bg of weather.css
_NO_ACCENT_YET = Accents(light="#accent-light", dark="#accent-dark")
_KEPT = 256


class Sheet(NamedTuple):
    """A template of a style sheet, and what it is drawn with beside the accent."""

    name: str
    given: tuple[tuple[str, object], ...]


def sheet(name: str, **given: object) -> Sheet:
    """This template with these variables."""
    return Sheet(name, tuple(given.items()))


class Styles:
    """Draws styles. Safe for threads."""

    def __init__(self, templates: Environment) -> None:
        """Take the templates."""
        self._templates = templates
        self._drawn = lru_cache(_KEPT)(self._draw)

    def of(self, accent: str | None, *sheets: Sheet) -> str:
        """These sheets, one after the other, in this accent (None: the usual one) as it can be read."""
        there, shown = _NO_ACCENT_YET, accents(accent or _USUAL, _LIGHT, _DARK)
        return self._drawn(sheets).replace(there.light, shown.light).replace(there.dark, shown.dark)

    def _draw(self, sheets: tuple[Sheet, ...]) -> str:
        drawn = (
            self._templates.get_template(name).render(dict(given), accents=_NO_ACCENT_YET)
            for name, given in sheets
        )
        return responses.minify("\n".join(drawn))

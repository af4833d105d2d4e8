"""The script for `<portal-widget>`, with the kinds, parameters and heights from the views' declarations."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TypeVar

from flask import Response
from jinja2 import Environment

from service.web.cache_policy import EMBED_SCRIPT
from service.web.heights import ARTICLES, PORTAL, WEATHER, Height
from service.web.parameters import Query
from service.web.responses import minify, respond
from service.web.views import View
from service.web.widget_options import DEFAULT_ARTICLES, ArticleLayout

T = TypeVar("T")

_INDENT = re.compile(r"\n\s*")


def view(templates: Environment, views: Iterable[View]) -> View:
    """Return the declaration of `/embed.js`; it offers the widgets among these views."""

    @cache
    def script() -> str:
        kinds = {view.embedding.kind: view for view in views if view.embedding and view.embedding.kind}
        framed = (view for view in views if view.embedding and view.rule.startswith("/widgets/"))
        names = (name for widget in framed for name in widget.parameters.fields)
        # `title` is HTML's own attribute: the heading of a list is `heading`.
        parameters = dict.fromkeys(["city", *(name for name in names if name != "title")])
        text = templates.get_template("embed.js").render(
            kinds=_json(list(kinds)),
            parameters=_json(list(parameters)),
            steps=_fields(_STEPS, lambda layouts: _fields(layouts, _json)),
            limits=_fields(_LIMITS, str),
        )
        return _INDENT.sub("", minify(text))

    def embed_js(_query: Query) -> Response:
        response = respond(script(), "text/javascript; charset=utf-8")
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return View(name="embed_js", rule="/embed.js", respond=embed_js, cache=EMBED_SCRIPT)


def _steps(height: Height) -> list[list[int]]:
    """Return width, height, and where there are items the height and the columns of a row, of each step."""
    return [
        [step.width, step.fixed, *([step.row, step.columns] if step.row else [])] for step in height.steps
    ]


# The first layout of a kind is the default. Below the weather the headlines have no layout of their own.
_STEPS = {
    "weather": {layout.value: _steps(height) for layout, height in WEATHER.items()},
    "articles": {layout.value: _steps(height) for layout, height in ARTICLES.items()},
    "portal": {"portal": _steps(PORTAL)},
}
_LIMITS = {layout.value: number for layout, number in DEFAULT_ARTICLES.items()} | {
    "portal": DEFAULT_ARTICLES[ArticleLayout.HEADLINES]
}


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _fields(values: Mapping[str, T], to_text: Callable[[T], str]) -> str:
    """Return an object of JavaScript; the names need no quotes."""
    return "{" + ",".join(f"{name}:{to_text(value)}" for name, value in values.items()) + "}"

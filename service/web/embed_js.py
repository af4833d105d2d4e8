"""The script for `<portal-widget>`, with the kinds, parameters and heights from the views' declarations."""

import json
import re
from collections.abc import Iterable
from functools import cache

from flask import Response
from jinja2 import Environment

from service.web.cache_policy import EMBED_SCRIPT
from service.web.parameters import Query
from service.web.responses import minify, respond
from service.web.views import View
from service.web.widget_options import (
    CARD_COLUMN,
    CARD_MARGIN,
    DEFAULT_ARTICLES,
    HEIGHTS,
    ArticleLayout,
    article_height,
)

_INDENT = re.compile(r"\n\s*")


def view(templates: Environment, views: Iterable[View]) -> View:
    """Return the declaration of `/embed.js`; it offers the widgets among these views."""

    @cache
    def script() -> str:
        kinds = {view.embedding.kind: view for view in views if view.embedding and view.embedding.kind}
        parameters = dict.fromkeys(
            ["city", *(name for widget in kinds.values() for name in widget.parameters.fields)]
        )
        text = templates.get_template("embed.js").render(
            kinds=json.dumps(list(kinds), separators=(",", ":")),
            parameters=json.dumps(list(parameters), separators=(",", ":")),
            **_heights(),
        )
        return _INDENT.sub("", minify(text))

    def embed_js(_query: Query) -> Response:
        response = respond(script(), "text/javascript; charset=utf-8")
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return View(name="embed_js", rule="/embed.js", respond=embed_js, cache=EMBED_SCRIPT)


def _heights() -> dict[str, str | int]:
    """Return the template's variables: heights as fields of JavaScript objects, and the widths of cards."""
    frame = {layout.value: height for layout, height in HEIGHTS.items()}
    frame["articles"] = article_height(ArticleLayout.LIST, 0)
    item = {layout.value: article_height(layout, 1) - article_height(layout, 0) for layout in ArticleLayout}
    defaults = {layout.value: DEFAULT_ARTICLES[layout] for layout in ArticleLayout}
    return {
        "frame": _fields(frame),
        "item": _fields(item),
        "default_limits": f"{{{_fields(defaults)}}}",
        "card_column": CARD_COLUMN,
        "card_margin": CARD_MARGIN,
    }


def _fields(values: dict[str, int]) -> str:
    return ",".join(f"{name}:{value}" for name, value in values.items())

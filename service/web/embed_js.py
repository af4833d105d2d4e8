"""The script for `<portal-widget>`, with the kinds, parameters and heights that the views declare."""

import json
import re
from collections.abc import Iterable
from functools import cache

from flask import Response
from jinja2 import Environment

from service.web.cache_policy import EMBED_SCRIPT
from service.web.heights import BESIDE_CARDS, CARD_COLUMN, HEIGHTS, article_height
from service.web.parameters import Query
from service.web.responses import minify, respond
from service.web.views import View
from service.web.widget_options import USUAL_ARTICLES, ArticleLayout

_INDENT = re.compile(r"\n\s*")


def view(templates: Environment, views: Iterable[View]) -> View:
    """Return the declaration of `/embed.js`; it offers the widgets among these views."""

    @cache
    def script() -> str:
        kinds = {view.embedding.kind: view for view in views if view.embedding and view.embedding.kind}
        parameters = dict.fromkeys(
            ["city", *(name for offer in kinds.values() for name in offer.parameters.fields)]
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
    """Return the heights as fields of JavaScript objects, and the widths that cards take."""
    frame = {layout.value: height for layout, height in HEIGHTS.items()}
    frame["articles"] = article_height(ArticleLayout.LIST, 0)
    item = {layout.value: article_height(layout, 1) - article_height(layout, 0) for layout in ArticleLayout}
    usual = {layout.value: USUAL_ARTICLES[layout] for layout in ArticleLayout}
    return {
        "frame": _fields(frame),
        "item": _fields(item),
        "usual": f"{{{_fields(usual)}}}",
        "column": CARD_COLUMN,
        "beside": BESIDE_CARDS,
    }


def _fields(values: dict[str, int]) -> str:
    return ",".join(f"{name}:{value}" for name, value in values.items())

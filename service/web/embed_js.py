"""The script for `<portal-widget>`, with the documented heights in it."""

import re
from datetime import timedelta

from flask import Blueprint, Response
from jinja2 import Environment

from service.web.cache_policy import for_long
from service.web.heights import BESIDE_CARDS, CARD_COLUMN, HEIGHTS, article_height
from service.web.options import USUAL_ARTICLES, ArticleLayout
from service.web.responses import answer, minify

_RENEWED = timedelta(hours=1)
_INDENT = re.compile(r"\n\s*")


def embed(templates: Environment) -> Blueprint:
    """The route `/embed.js`."""
    script = _INDENT.sub("", minify(templates.get_template("embed.js").render(**_heights())))
    routes = Blueprint("embed", __name__)

    @routes.get("/embed.js")
    def embed_js() -> Response:
        response = answer(script, "text/javascript; charset=utf-8", for_long(_RENEWED))
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return routes


def _heights() -> dict[str, str | int]:
    """As the fields of JavaScript's objects, and the widths that cards take."""
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

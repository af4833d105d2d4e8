"""Turns presented articles into bytes: template, inline style and script, and the policy that allows them."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from jinja2 import Environment

from service.articles.page_presenter import ArticleView
from service.articles.presenter import ArticlesView
from service.locales.formatter import Formatter
from service.weather.presenter import WeatherView
from service.web import responses
from service.web.cache_policy import CachePolicy
from service.web.heights import article_height, portal_height
from service.web.options import ArticleOptions, Layout, Options
from service.web.styles import Styles, sheet

_FRAME, _SELECT, _RETRY, _PAGE = (
    "widgets/frame.js",
    "widgets/weather.js",
    "widgets/retry.js",
    "pages/article.js",
)


class ArticleRenderer:
    """Draws articles in lists and on their pages. One for a process; safe for threads."""

    def __init__(self, templates: Environment, frame_ancestors: Sequence[str]) -> None:
        """Take the templates, and the portals that may frame us (none: everybody)."""
        self._templates = templates
        self._frame_ancestors = tuple(frame_ancestors)
        self._script = {
            name: responses.minify(templates.get_template(name).render())
            for name in (_FRAME, _SELECT, _RETRY, _PAGE)
        }
        self._styles = Styles(templates)

    def articles(
        self, view: ArticlesView, options: ArticleOptions, validity: CachePolicy, status: int = 200
    ) -> Response:
        """The article widget as a page."""
        style = self._style("widgets/articles.css", options.layout.value, options.theme.value, options.accent)
        height = article_height(options.layout, options.limit)
        parts = {"view": view, "options": options, "height": height}
        drawn = self._page(
            "widgets/articles.html",
            parts,
            style=style,
            scripts=[_FRAME, *([_RETRY] if view.retry else [])],
            validity=validity,
            status=status,
        )
        return _unindexed(_with_pictures(drawn) if any(teaser.image for teaser in view.teasers) else drawn)

    def portal(  # noqa: PLR0913 - two parts, how each looks, and what is said of the answer
        self,
        view: ArticlesView,
        options: ArticleOptions,
        *,
        weather: WeatherView | None,
        weather_options: Options,
        formatter: Formatter,
        validity: CachePolicy,
        status: int = 200,
    ) -> Response:
        """Weather above headlines as a page."""
        above = weather.title if weather else formatter.text("weather.title")
        parts = {
            "view": view,
            "options": options,
            "weather": weather,
            "weather_options": weather_options,
            "title": formatter.text("portal.title", weather=above),
            "say": formatter.text,
            "height": portal_height(options.limit),
        }
        style = self._style("widgets/articles.css", "portal", options.theme.value, options.accent)
        waits = view.retry or (weather is not None and weather.retry)
        selects = weather is not None and weather.form is not None
        scripts = [_FRAME, *([_SELECT] if selects else []), *([_RETRY] if waits else [])]
        return _unindexed(
            self._page(
                "widgets/portal.html", parts, style=style, scripts=scripts, validity=validity, status=status
            )
        )

    def article(  # noqa: PLR0913 - two parts, how they look, and what is said of the answer
        self,
        view: ArticleView,
        options: Options,
        *,
        weather: WeatherView | None,
        formatter: Formatter,
        validity: CachePolicy,
        status: int = 200,
    ) -> Response:
        """The page of an article, the weather beside it."""
        parts = {"view": view, "weather": weather, "options": options, "say": formatter.text}
        style = self._style("pages/article.css", "page", options.theme.value, options.accent)
        return _with_pictures(
            self._page(
                "pages/article.html",
                parts,
                style=style,
                scripts=[_FRAME, _PAGE, *([_RETRY] if weather and weather.retry else [])],
                validity=validity,
                status=status,
                connects=True,
            )
        )

    def _page(  # noqa: PLR0913 - the template and its parts, and what is said of the answer
        self,
        template: str,
        parts: dict[str, Any],
        *,
        style: str,
        scripts: Sequence[str],
        validity: CachePolicy,
        status: int,
        connects: bool = False,
    ) -> Response:
        inline = [self._script[name] for name in scripts]
        html = self._templates.get_template(template).render(**parts, style=style, scripts=inline)
        return responses.page(
            html,
            validity,
            status,
            styles=[style],
            scripts=inline,
            frame_ancestors=self._frame_ancestors,
            connects=connects,
        )

    def _style(self, name: str, layout: str, theme: str, accent: str | None) -> str:
        """The style of the compact weather, which has the colours, and over it that of the articles."""
        below = sheet("widgets/weather.css", layout=Layout.COMPACT.value, theme=theme)
        return self._styles.of(accent, below, sheet(name, layout=layout))


def _with_pictures(response: Response) -> Response:
    """Pictures are fetched from us alone."""
    response.headers["Content-Security-Policy"] += "; img-src 'self'"
    return response


def _unindexed(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return response

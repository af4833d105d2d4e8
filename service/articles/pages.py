"""One article: its page, the way to the original, and its pictures."""

import re
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, request

from service.articles import json, widget_parameters
from service.articles.drawing import ArticleRenderer
from service.articles.model import Article
from service.articles.page_presenter import present
from service.articles.service import ArticleService
from service.weather.weather_box import WeatherBox
from service.web import cache_policy, parameters, responses
from service.web.cache_policy import CachePolicy
from service.web.context import AppContext
from service.web.options import Options
from service.web.pages import Pages
from service.web.responses import SHORT

_CHANGES = CachePolicy(timedelta(minutes=5), stale=timedelta(hours=1))
_FOR_EVER = "public, max-age=31536000, immutable"
_HASH = re.compile(r"[0-9a-f]{16,64}")


def article_pages(
    context: AppContext, articles: ArticleService, drawing: ArticleRenderer, pages: Pages
) -> Blueprint:
    """The routes `/articles/{id}`, `/go/{id}` and `/images/{hash}.webp`; `pages` says what is not there."""
    views = _ArticlePages(context, articles, drawing, pages)
    routes = Blueprint("article_pages", __name__)
    routes.add_url_rule("/articles/<article_id>", view_func=views.article)
    routes.add_url_rule("/go/<article_id>", view_func=views.original)
    routes.add_url_rule("/images/<digest>.webp", view_func=views.picture)
    return routes


class _ArticlePages:
    def __init__(
        self, context: AppContext, articles: ArticleService, drawing: ArticleRenderer, pages: Pages
    ) -> None:
        self._context, self._articles, self._drawing, self._pages = context, articles, drawing, pages
        self._weather = WeatherBox(context)
        self._query = widget_parameters.article_query(context.languages)

    def article(self, article_id: str) -> Response:
        """The article as its portal shows it, the weather beside it."""
        article = self._articles.article(article_id)
        if article is None:
            return self._gone()
        options = parameters.options(self._query, request.args)
        given = tuple((name, value) for name, value in options.given if name != "layout")
        formatter = self._context.formatter(options.language, options.units)
        weather, weather_until, status = self._weather.view(
            request.args.get("city"),
            options,
            formatter,
            action=f"{self._context.prefix}/articles/{article.id}",
            hidden=given,
        )
        source = self._articles.sources[article.source]
        view = present(
            article,
            source,
            body=json.body_html(article, source, self._context.prefix),
            formatter=formatter,
            back=self._list_url(options),
            prefix=self._context.prefix,
            base_url=self._context.base_url(request.environ.get("SERVER_PORT", "8000")),
            sample=self._context.settings.demo,
        )
        return self._drawing.article(
            view,
            options,
            weather=weather,
            formatter=formatter,
            validity=cache_policy.of_all([_CHANGES, weather_until]),
            status=status,
        )

    def original(self, article_id: str) -> Response:
        """The only redirect there is: by id, never to an address that was handed in."""
        article = self._articles.article(article_id)
        if article is None:
            response = self._gone()
        elif _is_web(article):
            response = responses.answer("", "text/plain; charset=utf-8", SHORT, 302)
            response.headers["Location"] = article.url or ""
        else:
            response = self._pages.message(404, [self._pages.formatter().text("error.not_found")])
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def picture(self, digest: str) -> Response:
        """A picture, for ever: another picture has another name."""
        body = self._articles.picture(digest) if _HASH.fullmatch(digest) else None
        if body is None:
            return self._pages.message(404, [self._pages.formatter().text("error.not_found")])
        response = responses.answer(body, "image/webp", SHORT)
        response.headers["Cache-Control"] = _FOR_EVER
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        return response

    def _gone(self) -> Response:
        said = self._pages.formatter().text("error.article_gone")
        return self._pages.message(404, [said], news=f"{self._context.prefix}/widgets/articles")

    def _list_url(self, options: Options) -> str:
        """Where "back" leads to who has come from nowhere."""
        kept = [(name, value) for name, value in options.given if name in {"lang", "theme", "accent"}]
        return f"{self._context.prefix}/widgets/articles" + (f"?{urlencode(kept)}" if kept else "")


def _is_web(article: Article) -> bool:
    return urlsplit(article.url or "").scheme in {"http", "https"}

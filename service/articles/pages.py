"""The page of an article, the redirect to the original, and the images of articles."""

import re
from urllib.parse import urlencode, urlsplit

from flask import Response

from service.articles import json
from service.articles.model import Article
from service.articles.page_presenter import present
from service.articles.presenter import Teaser, more_news
from service.articles.service import DEPENDS_ON, ArticleService
from service.core.errors import StoreError
from service.http_cache import cache_tags
from service.locales.formatter import Formatter
from service.settings.model import ArticleSource
from service.weather.service import DEPENDS_ON as WEATHER
from service.weather.widget import WeatherBox, weather_options, weather_sheet
from service.web import responses
from service.web.cache_policy import ARTICLE_PAGE, IMAGE, SHORT, shortest
from service.web.context import AppContext
from service.web.error_handlers import MessagePages
from service.web.heights import Height, Step
from service.web.parameters import (
    LANGUAGE_OF_ERRORS,
    Accent,
    ParameterError,
    Parameters,
    Query,
    Text,
    city_select,
    language,
    theme,
    units,
)
from service.web.rendering import HEIGHT_SCRIPT, RETRY_SCRIPT, SELECT_SCRIPT, Renderer, card_sheet, sheet
from service.web.views import Embedding, PathValues, View
from service.web.widget_options import ArticleOptions, Layout

_HEIGHT = Height((Step(0, 600),))  # of a frame, in which the page scrolls and tells its own height
_PAGE_SCRIPT = "pages/article.js"
_MORE = 5  # other articles beside one
_HASH = re.compile(r"[0-9a-f]{16,64}")


def views(
    context: AppContext,
    articles: ArticleService,
    weather: WeatherBox,
    renderer: Renderer,
    messages: MessagePages,
) -> list[View]:
    """Return the views `/articles/{id}`, `/go/{id}` and `/images/{hash}.webp`."""
    pages = _ArticlePages(context, articles, weather, renderer, messages)
    return [
        View(
            name="article",
            rule="/articles/<article_id>",
            respond=pages.article,
            parameters=Parameters(
                lang=language(context.languages),
                theme=theme(),
                units=units(),
                accent=Accent(),
                select=city_select(),
                city=Text(),
            ),
            cache=None,
            depends_on=DEPENDS_ON | WEATHER,
            shows_faults=True,  # an article that is not there is not found, whatever the parameters
            embedding=Embedding(height=lambda _query: _HEIGHT, title=pages.title),
        ),
        View(
            name="original",
            rule="/go/<article_id>",
            respond=pages.original,
            parameters=LANGUAGE_OF_ERRORS,
            cache=SHORT,
            depends_on=DEPENDS_ON,
        ),
        View(
            name="image",
            rule="/images/<digest>.webp",
            respond=pages.image,
            parameters=LANGUAGE_OF_ERRORS,
            cache=IMAGE,
            depends_on=DEPENDS_ON,
        ),
    ]


class _ArticlePages:
    def __init__(
        self,
        context: AppContext,
        articles: ArticleService,
        weather: WeatherBox,
        renderer: Renderer,
        messages: MessagePages,
    ) -> None:
        self._context, self._articles, self._weather = context, articles, weather
        self._renderer, self._messages = renderer, messages

    def article(self, query: Query, article_id: str) -> Response:
        """Return the article's page, with the weather box beside the article."""
        article = self._articles.article(article_id)
        if article is None:
            return self._gone()
        if query.faults:
            raise ParameterError(query.faults)
        options = weather_options(query)
        formatter = self._context.formatter(options.language, options.units)
        weather, weather_cache, status = self._weather.view(
            query["city"],
            options,
            action=f"{self._context.prefix}/articles/{article.id}",
            hidden=tuple((name, value) for name, value in query.given.items() if name != "city"),
        )
        source = self._articles.sources[article.source]
        view = present(
            article,
            source,
            body=json.body_html(article, source, self._context.prefix),
            formatter=formatter,
            back=self._list_url(query),
            prefix=self._context.prefix,
            base_url=self._context.base_url,
            sample=self._context.settings.demo,
        )
        scripts = [
            HEIGHT_SCRIPT,
            _PAGE_SCRIPT,
            *([SELECT_SCRIPT] if weather and weather.form else []),
            *([RETRY_SCRIPT] if weather and weather.retry else []),
        ]
        sheets = [weather_sheet(weather, Layout.COMPACT, beside=True)] if weather else []
        card = card_sheet(options, weather.parts if weather else (), is_page=True)
        style = self._renderer.style(options.accent, card, *sheets, sheet("pages/article.css"))
        return self._renderer.page(
            "pages/article.html",
            style=style,
            scripts=scripts,
            cache=shortest([ARTICLE_PAGE, weather_cache]),
            status=status,
            images=True,
            connects=True,
            view=view,
            more=self._more(article, source, query, formatter),
            weather=weather,
            options=options,
            text=formatter.text,
            address=query.address(f"/articles/{article.id}"),
        )

    def _more(
        self, article: Article, source: ArticleSource, query: Query, formatter: Formatter
    ) -> tuple[Teaser, ...]:
        """Return the newest other articles of the source.

        The page does not depend on them, or each new article would make all pages of its source anew: they
        may be as old as a page is.
        """
        with cache_tags.recording():
            try:
                newest = self._articles.page(sources=[source.id], limit=_MORE + 1).articles
            except StoreError:
                return ()
        others = [one for one in newest if one.id != article.id][:_MORE]
        options = ArticleOptions(formatter.language, given=tuple(query.given.items()))
        return more_news(others, source, formatter, self._context.prefix, options)

    def original(self, _query: Query, article_id: str) -> Response:
        """Redirect to the original by the article's id; a URL in the request would be an open redirect."""
        article = self._articles.article(article_id)
        if article is None:
            return responses.unindexed(self._gone())
        if urlsplit(article.url or "").scheme not in {"http", "https"}:
            return responses.unindexed(self._messages.not_found())
        response = responses.respond("", "text/plain; charset=utf-8", status=302)
        response.headers["Location"] = article.url or ""
        return responses.unindexed(response)

    def image(self, _query: Query, digest: str) -> Response:
        """Return an image; its URL has its hash, so that it never changes."""
        body = self._articles.image(digest) if _HASH.fullmatch(digest) else None
        if body is None:
            return self._messages.not_found()
        response = responses.respond(body, "image/webp")
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        return response

    def title(self, _query: Query, path: PathValues, _formatter: Formatter) -> str | None:
        article = self._articles.article(path["article_id"])
        return article.title if article else None

    def _gone(self) -> Response:
        sentence = self._messages.formatter().text("error.article_gone")
        articles_url = f"{self._context.prefix}/widgets/articles"
        return self._messages.page(404, [sentence], title="error.title_gone", articles_url=articles_url)

    def _list_url(self, query: Query) -> str:
        """Return the URL of the list, the target of "back" without a history."""
        look = [(name, value) for name, value in query.given.items() if name in {"lang", "theme", "accent"}]
        return f"{self._context.prefix}/widgets/articles" + (f"?{urlencode(look)}" if look else "")

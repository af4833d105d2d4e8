"""The JSON API of the articles of all sources, newest first."""

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response

from service.articles import json, schemas
from service.articles.repository import Page, Period
from service.articles.service import DEPENDS_ON, ArticleService
from service.settings.model import ArticleSource
from service.web.context import AppContext
from service.web.parameters import (
    Fault,
    Moment,
    Parameter,
    ParameterError,
    Parameters,
    Query,
    SourceIds,
    Text,
    WholeNumber,
    described,
    language,
)
from service.web.responses import json_response, problem
from service.web.views import Audience, Description, View

_MAX_LIMIT, _DEFAULT_LIMIT = 100, 20


def list_parameters(context: AppContext, articles: ArticleService, **more: Parameter) -> Parameters:
    """Return the parameters of lists and feeds."""
    return Parameters(
        source=described("Ids of sources, with commas between; all by default.", SourceIds(articles.sources)),
        q=described("Words, or their beginnings, of title, lead, author or organisation.", Text()),
        category=described("A category, whole; diacritics and case do not count.", Text()),
        limit=described("How many articles at most.", WholeNumber(1, _MAX_LIMIT, _DEFAULT_LIMIT)),
        lang=language(context.languages),
        **more,
    )


def views(context: AppContext, articles: ArticleService) -> list[View]:
    """Return the views under `/api/v1/articles`."""
    api = _ArticleApi(context, articles)
    # A day begins where the readers are: at the place that pages show by default.
    zone = ZoneInfo(context.default_city.timezone if context.default_city else ArticleSource.timezone)
    return [
        View(
            name="api.articles",
            rule="/api/v1/articles",
            respond=api.articles,
            parameters=list_parameters(
                context,
                articles,
                after=described(
                    "Published then or later; a day begins at midnight of the default place. Articles"
                    " without a date are left out, as with `before`.",
                    Moment(zone),
                ),
                before=described("Published earlier.", Moment(zone)),
                cursor=described("The `next_cursor` of the page before.", Text(None)),
            ),
            cache=None,
            depends_on=DEPENDS_ON,
            audience=Audience.PROGRAMS,
            description=Description(
                summary="api.articles",
                media={"application/json": schemas.Articles},
                examples=["/api/v1/articles?limit=2"],
                has_pages=True,
            ),
        ),
        View(
            name="api.article",
            rule="/api/v1/articles/<article_id>",
            respond=api.article,
            cache=None,
            depends_on=DEPENDS_ON,
            audience=Audience.PROGRAMS,
            description=Description(
                summary="api.article",
                media={"application/json": schemas.WholeArticle},
                path={"article_id": "The id of an article."},
                not_found="api.article_not_found",
                examples=["/api/v1/articles/{article_id}"],
            ),
        ),
    ]


class _ArticleApi:
    def __init__(self, context: AppContext, articles: ArticleService) -> None:
        self._context, self._articles = context, articles

    def articles(self, query: Query) -> Response:
        now = self._context.clock()
        # Statuses are read first: articles that arrive in between are newer than stated, never older.
        statuses = self._articles.statuses(now, query["source"])
        formatter, base_url = self._context.formatter(query["lang"]), self._context.base_url
        period = Period(query["after"], query["before"])
        page = self._page(query, period)
        payload = {
            "articles": [
                json.snippet(article, self._articles.sources[article.source], base_url)
                for article in page.articles
            ],
            "next_cursor": page.cursor,
            "total": self._articles.count(query["source"], query["q"], query["category"], period),
            "sources": [json.source_status(status, formatter) for status in statuses],
            **self._context.sample,
        }
        modified = max((at for status in statuses if (at := status.fetched_at) is not None), default=None)
        response = json_response(payload, self._articles.cache_policy(statuses, now, modified))
        if page.cursor is not None:
            given = [(name, value) for name, value in query.given.items() if name != "cursor"]
            query_string = urlencode([*given, ("cursor", page.cursor)])
            response.headers["Link"] = f'<{base_url}/api/v1/articles?{query_string}>; rel="next"'
        return response

    def article(self, _query: Query, article_id: str) -> Response:
        article = self._articles.article(article_id)
        if article is None:
            return problem(404, "No article has this id.", sample=self._context.settings.demo)
        source, now = self._articles.sources[article.source], self._context.clock()
        payload = json.with_text(article, source, self._context.base_url) | self._context.sample
        statuses = self._articles.statuses(now, [source.id])
        return json_response(payload, self._articles.cache_policy(statuses, now, article.changed_at))

    def _page(self, query: Query, period: Period) -> Page:
        try:
            return self._articles.page(
                sources=query["source"],
                query=query["q"],
                category=query["category"],
                limit=query["limit"],
                cursor=query["cursor"],
                period=period,
            )
        except ValueError as error:
            values = "the next_cursor of an earlier answer"
            raise ParameterError((Fault("cursor", values, described=True),)) from error

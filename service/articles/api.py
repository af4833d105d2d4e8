"""JSON for programs: the articles of the portals, newest first."""

from typing import Any

from flask import Blueprint, Response, request

from service.articles import json
from service.articles import parameters as article_parameters
from service.articles.repository import Page
from service.articles.service import ArticleService
from service.articles.validity import of_articles
from service.web import parameters
from service.web.context import AppContext
from service.web.responses import json_answer, problem


def article_api(context: AppContext, articles: ArticleService) -> Blueprint:
    """The routes under `/api/v1/articles`."""
    views = _ArticleApi(context, articles)
    routes = Blueprint("article_api", __name__, url_prefix="/api/v1/articles")
    routes.add_url_rule("", view_func=views.listed)
    routes.add_url_rule("/<article_id>", view_func=views.one)
    return routes


class _ArticleApi:
    def __init__(self, context: AppContext, articles: ArticleService) -> None:
        self._context, self._articles = context, articles
        self._sample = {"sample": True} if context.settings.demo else {}
        self._of_list = article_parameters.list_query(articles.sources, context.languages)

    def listed(self) -> Response:
        query = parameters.parsed(self._of_list, request.args)
        now = self._context.clock()
        # How it stands is read first: articles that arrive in between are newer than told, never older.
        standings = self._articles.standings(now, query["source"])
        formatter = self._context.formatter(query["lang"])
        page = self._page(query)
        payload = {
            "articles": [
                json.snippet(article, self._articles.sources[article.source], self._base_url())
                for article in page.articles
            ],
            "next_cursor": page.cursor,
            "sources": [json.standing(standing, formatter) for standing in standings],
            **self._sample,
        }
        modified = max((at for s in standings if (at := s.fetched_at) is not None), default=None)
        return json_answer(payload, of_articles(standings, self._context.settings.articles, now, modified))

    def one(self, article_id: str) -> Response:
        article = self._articles.article(article_id)
        if article is None:
            return problem(404, "No article has this id.", sample=self._context.settings.demo)
        source = self._articles.sources[article.source]
        now = self._context.clock()
        standings = self._articles.standings(now, [source.id])
        payload = json.whole(article, source, self._base_url()) | self._sample
        goals = self._context.settings.articles
        return json_answer(payload, of_articles(standings, goals, now, article.changed_at))

    def _page(self, query: dict[str, Any]) -> Page:
        try:
            return self._articles.page(
                sources=query["source"], query=query["q"], limit=query["limit"], cursor=query["cursor"]
            )
        except ValueError as error:
            raise article_parameters.bad_cursor() from error

    def _base_url(self) -> str:
        return self._context.base_url(request.environ["SERVER_PORT"])

"""JSON for programs: the articles of the portals, newest first."""

from typing import Any

from flask import Blueprint, Response, request

from service.articles import json
from service.articles import parameters as article_parameters
from service.articles.repository import Page
from service.articles.service import ArticleReader
from service.articles.validity import of_articles
from service.web import parameters
from service.web.context import House
from service.web.responses import json_answer, problem


def article_api(house: House, articles: ArticleReader) -> Blueprint:
    """The routes under `/api/v1/articles`."""
    views = _ArticleApi(house, articles)
    routes = Blueprint("article_api", __name__, url_prefix="/api/v1/articles")
    routes.add_url_rule("", view_func=views.listed)
    routes.add_url_rule("/<article_id>", view_func=views.one)
    return routes


class _ArticleApi:
    def __init__(self, house: House, articles: ArticleReader) -> None:
        self._house, self._articles = house, articles
        self._sample = {"sample": True} if house.settings.demo else {}
        self._of_list = article_parameters.list_query(articles.portals, house.languages)

    def listed(self) -> Response:
        query = parameters.parsed(self._of_list, request.args)
        now = self._house.clock()
        # How it stands is read first: articles that arrive in between are newer than told, never older.
        standings = self._articles.standings(now, query["source"])
        speech = self._house.speech(query["lang"])
        page = self._page(query)
        payload = {
            "articles": [
                json.snippet(article, self._articles.portals[article.source], self._base_url())
                for article in page.articles
            ],
            "next_cursor": page.cursor,
            "sources": [json.standing(standing, speech) for standing in standings],
            **self._sample,
        }
        modified = max((at for s in standings if (at := s.fetched_at) is not None), default=None)
        return json_answer(payload, of_articles(standings, self._house.settings.articles, now, modified))

    def one(self, article_id: str) -> Response:
        article = self._articles.article(article_id)
        if article is None:
            return problem(404, "No article has this id.", sample=self._house.settings.demo)
        portal = self._articles.portals[article.source]
        now = self._house.clock()
        standings = self._articles.standings(now, [portal.id])
        payload = json.whole(article, portal, self._base_url()) | self._sample
        goals = self._house.settings.articles
        return json_answer(payload, of_articles(standings, goals, now, article.changed_at))

    def _page(self, query: dict[str, Any]) -> Page:
        try:
            return self._articles.page(
                sources=query["source"], query=query["q"], limit=query["limit"], cursor=query["cursor"]
            )
        except ValueError as error:
            raise article_parameters.bad_cursor() from error

    def _base_url(self) -> str:
        return self._house.base_url(request.environ["SERVER_PORT"])

"""For those who run it: alive, ready, and what robots may read."""

from collections import Counter
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response

from service.articles.service import ArticleService
from service.core.errors import StoreError
from service.core.freshness import State
from service.web.cache_policy import NO_STORE, for_long
from service.web.context import AppContext
from service.web.icon import favicon_ico
from service.web.responses import answer, json_answer

_DAY = timedelta(days=1)


def ops(context: AppContext, articles: ArticleService) -> Blueprint:
    """The routes for probes and robots."""
    routes = Blueprint("ops", __name__)
    sample = {"sample": True} if context.settings.demo else {}

    @routes.get("/healthz")
    def healthz() -> Response:
        return json_answer({"status": "ok", **sample}, NO_STORE)

    @routes.get("/readyz")
    def readyz() -> Response:
        return json_answer({"status": "ready", **_readiness(context, articles), **sample}, NO_STORE)

    @routes.get("/robots.txt")
    def robots() -> Response:
        prefix = context.prefix
        text = f"User-agent: *\nDisallow: {prefix}/api/\nDisallow: {prefix}/go/\n"
        return answer(text, "text/plain; charset=utf-8", for_long(_DAY))

    @routes.get("/favicon.ico")
    def favicon() -> Response:
        return answer(favicon_ico(), "image/x-icon", for_long(_DAY))

    return routes


def _readiness(context: AppContext, articles: ArticleService) -> dict[str, Any]:
    """What can be told; a store that fails does not make the worker unready, for it answers from memory.

    `weather` counts the places in each state, `articles` the sources; null: nothing is known.
    """
    trouble = context.reader.store_trouble()
    states = context.reader.states(context.catalogue, context.clock())
    sources = _sources(context, articles)
    return {
        "store": {"state": "failed" if trouble else "ok"},
        "weather": {state.value: states[state] for state in State} if states is not None else None,
        "articles": {state.value: sources[state] for state in State} if sources is not None else None,
    }


def _sources(context: AppContext, articles: ArticleService) -> Counter[State] | None:
    try:
        return Counter(standing.state for standing in articles.standings(context.clock()))
    except StoreError:
        return None

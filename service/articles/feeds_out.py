"""The articles as feeds: RSS, Atom and JSON Feed of the same channel."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from cachetools import LRUCache
from flask import Blueprint, Response, request

from service.articles import feed_atom, feed_json, feed_rss
from service.articles import parameters as article_parameters
from service.articles.feed_channel import Authority, Channel, items, newest_change
from service.articles.model import Article, StoredImage
from service.articles.service import ArticleService
from service.articles.validity import of_articles
from service.core.errors import StoreError
from service.settings.model import ArticleSource
from service.web import parameters
from service.web.context import AppContext
from service.web.responses import answer

_SIZES_KNOWN = 10_000
_FORMATS: Mapping[str, tuple[Callable[[Channel], bytes], str]] = {
    "rss": (feed_rss.written, feed_rss.KIND),
    "atom": (feed_atom.written, feed_atom.KIND),
    "json": (feed_json.written, feed_json.KIND),
}


def feeds(context: AppContext, articles: ArticleService) -> Blueprint:
    """The routes under `/feeds`."""
    routes = Blueprint("feeds", __name__, url_prefix="/feeds")
    routes.add_url_rule("/articles.<any(rss,atom,json):form>", view_func=_Feeds(context, articles).feed)
    return routes


class _Feeds:
    def __init__(self, context: AppContext, articles: ArticleService) -> None:
        self._context, self._articles = context, articles
        self._sizes = _Sizes(articles)
        self._query = article_parameters.feed_query(articles.sources, context.languages)

    def feed(self, form: str) -> Response:
        write, kind = _FORMATS[form]
        query = parameters.parsed(self._query, request.args)
        now = self._context.clock()
        standings = self._articles.standings(now, query["source"])
        shown = self._articles.page(sources=query["source"], limit=query["limit"]).articles
        channel = self._channel(form, query, [standing.source for standing in standings], shown)
        valid = of_articles(standings, self._context.settings.articles, now, channel.updated)
        response = answer(write(channel), f"{kind}; charset=utf-8", valid)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        return response

    def _channel(
        self, form: str, query: Mapping[str, Any], sources: Sequence[ArticleSource], shown: Sequence[Article]
    ) -> Channel:
        settings = self._context.settings
        base_url = self._context.base_url(request.environ["SERVER_PORT"])
        authority = Authority(base_url, settings.site.public_url)
        title, description = self._words(query["lang"], sources)
        return Channel(
            id=authority.tag("/".join(["articles", *query["source"]])),
            title=title,
            description=description,
            link=_url(f"{base_url}/widgets/articles", _given(query, "source", "lang")),
            self_url=_url(f"{base_url}/feeds/articles.{form}", _given(query, "source", "limit", "lang")),
            language=_language(sources, query["lang"]),
            refresh=settings.articles.refresh,
            items=items(shown, self._articles.sources, authority, self._sizes.of),
            updated=newest_change(shown),
            sample=settings.demo,
        )

    def _words(self, language: str, sources: Sequence[ArticleSource]) -> tuple[str, str]:
        """The title and the description."""
        formatter = self._context.formatter(language)
        names = [source.name for source in sources]
        title = names[0] if len(names) == 1 else formatter.text("articles.title")
        told = formatter.text("articles.from", source=", ".join(names)) if names else title
        sample = formatter.text("demo.source") if self._context.settings.demo else ""
        return title, f"{sample}. {told}" if sample else told


class _Sizes:
    """How many bytes the pictures have; one whose hash is the same stays the same. Safe for threads."""

    def __init__(self, articles: ArticleService) -> None:
        self._articles = articles
        self._known: LRUCache[str, int] = LRUCache(_SIZES_KNOWN)
        self._lock = threading.Lock()  # cachetools' caches are not thread-safe

    def of(self, picture: StoredImage) -> int | None:
        """The bytes of this picture, or None while it cannot be had."""
        with self._lock:
            known = self._known.get(picture.hash)
        if known is not None:
            return known
        try:
            body = self._articles.picture(picture.hash)
        except StoreError:
            return None
        if body is None:
            return None
        with self._lock:
            self._known[picture.hash] = len(body)
        return len(body)


def _language(sources: Sequence[ArticleSource], usual: str) -> str:
    """The one that all of these sources write; where they differ, that of the feed's title."""
    languages = {source.language for source in sources}
    return languages.pop() if len(languages) == 1 else usual


def _given(query: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Those of these parameters that the request names, as we write them ourselves."""
    return {name: _written(query[name]) for name in names if request.args.get(name)}


def _written(value: list[str] | int | str) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)


def _url(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query, safe=',')}" if query else path

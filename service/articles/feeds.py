"""The newest articles as feeds: one channel, in three formats."""

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from cachetools import LRUCache
from flask import Response

from service.articles import json
from service.articles.api import list_parameters
from service.articles.feed_formats import FORMATS, Channel, Image, Images, Item
from service.articles.model import Article, ArticleImage, StoredImage
from service.articles.service import DEPENDS_ON, ArticleService
from service.core.errors import StoreError
from service.settings.model import ArticleSource
from service.web.context import AppContext
from service.web.parameters import Query
from service.web.responses import for_programs, respond
from service.web.views import Audience, Description, View

_SIZES_IN_MEMORY = 10_000
_NO_HOST = "portal-widgets"  # in the ids of articles while no public URL is configured


def views(context: AppContext, articles: ArticleService) -> list[View]:
    """Return the view `/feeds/articles.{rss,atom,json}`."""
    return [
        View(
            name="feed",
            rule=f"/feeds/articles.<any({','.join(FORMATS)}):form>",
            respond=_Feeds(context, articles).feed,
            parameters=list_parameters(context, articles),
            cache=None,
            depends_on=DEPENDS_ON,
            audience=Audience.PROGRAMS,
            description=Description(
                summary="api.feed",
                media={media_type: None for _, media_type in FORMATS.values()},
                path={"form": f"One of {', '.join(FORMATS)}."},
                not_found="api.feed_not_found",
            ),
        )
    ]


class _Feeds:
    def __init__(self, context: AppContext, articles: ArticleService) -> None:
        self._context, self._articles = context, articles
        self._sizes: LRUCache[str, int] = LRUCache(_SIZES_IN_MEMORY)  # of images, by hash: they never change
        self._lock = threading.Lock()  # cachetools' caches are not thread-safe

    def feed(self, query: Query, form: str) -> Response:
        write, media_type = FORMATS[form]
        now = self._context.clock()
        statuses = self._articles.statuses(now, query["source"])
        articles = self._articles.page(
            sources=query["source"], query=query["q"], category=query["category"], limit=query["limit"]
        ).articles
        channel = self._channel(form, query, [status.source for status in statuses], articles)
        cache = self._articles.cache_policy(statuses, now, channel.updated)
        return for_programs(respond(write(channel), f"{media_type}; charset=utf-8", cache))

    def _channel(
        self, form: str, query: Query, sources: Sequence[ArticleSource], articles: Sequence[Article]
    ) -> Channel:
        base_url = self._context.base_url
        title, description = self._title_and_description(query, sources)
        return Channel(
            id=self._tag(_url("/".join(["articles", *query["source"]]), query, "q", "category")),
            title=title,
            description=description,
            link=_url(f"{base_url}/widgets/articles", query, "source", "q", "category", "lang"),
            self_url=_url(
                f"{base_url}/feeds/articles.{form}", query, "source", "q", "category", "limit", "lang"
            ),
            language=_language(sources, query["lang"]),
            refresh=self._context.settings.articles.refresh,
            items=tuple(map(self._item, articles)),
            # The last change in the store, not the newest date of publication, which may be in the future.
            updated=max((article.changed_at for article in articles), default=None),
            sample=self._context.settings.demo,
        )

    def _title_and_description(self, query: Query, sources: Sequence[ArticleSource]) -> tuple[str, str]:
        """Return both; the title has what the articles were chosen by."""
        formatter = self._context.formatter(query["lang"])
        names = [source.name for source in sources]
        title = names[0] if len(names) == 1 else formatter.text("articles.title")
        title = " \u2013 ".join(filter(None, (title, query["category"].strip(), query["q"].strip())))
        description = formatter.text("articles.from", source=", ".join(names)) if names else title
        sample = formatter.text("demo.source") if self._context.settings.demo else ""
        return title, f"{sample}. {description}" if sample else description

    def _item(self, article: Article) -> Item:
        base_url, source = self._context.base_url, self._articles.sources[article.source]
        published = json.published_at(article, source)
        return Item(
            id=self._tag(f"article/{article.id}"),
            title=article.title,
            link=article.url or f"{base_url}/articles/{article.id}",
            published=published,
            date_only=article.published.date_only if article.published else False,
            updated=_updated(article, published),
            lead=article.lead,
            author=article.author,
            organisation=article.organisation,
            language=article.language,
            categories=article.categories,
            source=source,
            images=self._images(article.image) if article.image else None,
            body_html=json.body_html(article, source, base_url),
        )

    def _tag(self, name: str) -> str:
        """Return a tag URI (RFC 4151), which does not depend on the URL of the request."""
        host = urlsplit(self._context.settings.site.public_url).hostname or _NO_HOST
        return f"tag:{host if host.isascii() else host.encode('idna').decode()},2020:{name}"

    def _images(self, image: ArticleImage) -> Images:
        narrow, wide = image.variants[0], image.variants[-1]
        return Images(self._image(wide), self._image(narrow), image.caption or image.alt)

    def _image(self, image: StoredImage) -> Image:
        url = json.image_url(image, self._context.base_url)
        return Image(url, image.width, image.height, self._size(image))

    def _size(self, image: StoredImage) -> int | None:
        """Return the size of an image in bytes; None while the store fails."""
        with self._lock:
            size = self._sizes.get(image.hash)
        if size is not None:
            return size
        try:
            body = self._articles.image(image.hash)
        except StoreError:
            return None
        if body is None:
            return None
        with self._lock:
            self._sizes[image.hash] = len(body)
        return len(body)


def _updated(article: Article, published: datetime | None) -> datetime:
    """Return when the article was changed; for one that never was, its publication, not our first fetch."""
    is_changed = article.changed_at > article.first_seen
    return article.changed_at if is_changed or published is None else published


def _language(sources: Sequence[ArticleSource], default: str) -> str:
    """Return the language that all these sources share; where they differ, the default."""
    languages = {source.language for source in sources}
    return languages.pop() if len(languages) == 1 else default


def _url(path: str, query: Query, *names: str) -> str:
    """Return the URL with these parameters, as far as the request has them."""
    parameters: Mapping[str, str] = {name: _as_text(query[name]) for name in names if name in query.given}
    return f"{path}?{urlencode(parameters, safe=',')}" if parameters else path


def _as_text(value: list[str] | int | str) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)

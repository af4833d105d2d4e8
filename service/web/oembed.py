"""oEmbed 1.0 (https://oembed.com/): from the address of a widget or an article to the frame that shows it.

Nothing is fetched: an address is ours or it is not found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Blueprint, Response, request

from service.articles import widget_parameters
from service.articles.service import ArticleService
from service.locales.formatter import Formatter
from service.start_page.choices import WIDTHS
from service.web import parameters
from service.web.context import AppContext
from service.web.heights import HEIGHTS, article_height, portal_height
from service.web.options import USUAL_ARTICLES, ArticleLayout
from service.web.responses import SHORT, answer, json_answer, problem

_WIDTHS = {**{kind.value: width for kind, width in WIDTHS.items()}, "article": 600}
_ARTICLE_PAGE = 600  # pixels high; it scrolls, and tells its parent how high it would be
_LARGEST = 10_000
_OF_A_FRAME = ("city", "lang", "theme", "units", "layout", "accent", "select", "source", "limit")
FRAMED = frozenset(_OF_A_FRAME)  # every page that can be framed names them in its discovery links
_WEATHER = "/widgets/weather"
_NO_SIZE = [f"Must be a whole number from 1 to {_LARGEST}."]


@dataclass(frozen=True, slots=True)
class Embed:
    """What an address of ours shows: the frame's title, and its size where nobody limits it."""

    kind: str
    title: str
    height: int


def oembed(context: AppContext, articles: ArticleService) -> Blueprint:
    """The route `/oembed`."""
    views = _OEmbed(context, articles)
    routes = Blueprint("oembed", __name__)
    routes.add_url_rule("/oembed", view_func=views.answer)
    return routes


def discovery(context: AppContext) -> list[tuple[str, str]]:
    """Types and addresses of the `<link>` elements by which the oEmbed of the page asked for is found."""
    base_url = context.base_url(request.environ["SERVER_PORT"])
    args = request.args
    given = {name: value for name in _OF_A_FRAME if (value := args.get(name))}
    path = quote(request.path)
    if request.path.startswith(_WEATHER):
        usual = context.default_city.id if context.default_city else ""
        city = (
            given.pop("city", usual)
            if request.path == _WEATHER
            else request.path.removeprefix(f"{_WEATHER}/")
        )
        path = f"{_WEATHER}/{quote(city, safe='')}"
    url = quote(f"{base_url}{path}" + (f"?{urlencode(given)}" if given else ""), safe=":/")
    return [
        (f"{kind}+oembed", f"{base_url}/oembed?format={form}&url={url}")
        for kind, form in (("application/json", "json"), ("text/xml", "xml"))
    ]


class _OEmbed:
    def __init__(self, context: AppContext, articles: ArticleService) -> None:
        self._context, self._articles = context, articles
        sources = tuple(articles.sources)
        self._of_weather = parameters.widget_query(context.language, context.languages)
        self._of_articles = widget_parameters.articles_query(context.languages, sources)
        self._of_portal = widget_parameters.portal_query(context.languages, sources)

    def answer(self) -> Response:
        """A `rich` answer with a frame; 404 for what is not ours, 501 for another format."""
        sample = self._context.settings.demo
        form = request.args.get("format", "json")
        if form not in {"json", "xml"}:
            return problem(501, "The format must be json or xml.", sample=sample)
        faults = {name: _NO_SIZE for name in ("maxwidth", "maxheight") if _limit(name) is None}
        if "url" not in request.args:
            faults["url"] = ["Must be the address of a widget or an article here."]
        if faults:
            detail = "; ".join(f"{name}: {said[0]}" for name, said in faults.items())
            return problem(400, detail, faults, sample=sample)
        base_url = self._context.base_url(request.environ["SERVER_PORT"])
        inside = _inside(request.args["url"], base_url)
        shown = self._shown(*inside) if inside else None
        if inside is None or shown is None:
            return problem(404, "This address shows no widget and no article here.", sample=sample)
        path, given = inside
        url = f"{base_url}{path}" + (f"?{urlencode(given)}" if given else "")
        told = self._told(shown, url, base_url)
        return _xml(told) if form == "xml" else json_answer(told, SHORT)

    def _told(self, shown: Embed, url: str, base_url: str) -> dict[str, Any]:
        width = min(_WIDTHS[shown.kind], _limit("maxwidth") or _LARGEST)
        height = min(shown.height, _limit("maxheight") or _LARGEST)
        frame = (
            f'<iframe src="{escape(url)}" width="{width}" height="{height}" title="{escape(shown.title)}" '
            'frameborder="0" loading="lazy" referrerpolicy="strict-origin-when-cross-origin"></iframe>'
        )
        sample = {"sample": True} if self._context.settings.demo else {}
        return {
            "version": "1.0",
            "type": "rich",
            "title": shown.title,
            "provider_name": "portal-widgets",
            "provider_url": f"{base_url}/",
            "cache_age": 3600,
            "width": width,
            "height": height,
            "html": frame,
            **sample,
        }

    def _shown(self, path: str, given: Mapping[str, str]) -> Embed | None:
        try:
            return self._view(path.strip("/").split("/"), given)
        except parameters.ParameterError:
            return None

    def _view(self, parts: list[str], given: Mapping[str, str]) -> Embed | None:
        match parts:
            case ["widgets", "weather", *rest] if len(rest) <= 1:
                return self._weather(rest[0] if rest else given.get("city", ""), given)
            case ["widgets", "articles"]:
                options = widget_parameters.article_options(self._of_articles, given)
                title = self._formatter(options.language).text("articles.title")
                return Embed("articles", title, article_height(options.layout, options.limit))
            case ["widgets", "portal"]:
                return self._portal(given)
            case ["articles", article_id]:
                article = self._articles.article(article_id)
                return Embed("article", article.title, _ARTICLE_PAGE) if article else None
        return None

    def _weather(self, city: str, given: Mapping[str, str]) -> Embed | None:
        options = parameters.options(self._of_weather, given)
        place = self._context.catalogue.get(city) if city else self._context.default_city
        if place is None:
            return None
        title = self._formatter(options.language).text("weather.in_place", place=place.name(options.language))
        return Embed("weather", title, HEIGHTS[options.layout])

    def _portal(self, given: Mapping[str, str]) -> Embed | None:
        kept = {name: value for name, value in given.items() if name != "layout"}
        options = widget_parameters.article_options(self._of_portal, kept)
        weather = self._weather(given.get("city", ""), {"lang": options.language})
        if weather is None:
            return None
        title = self._formatter(options.language).text("portal.title", weather=weather.title)
        limit = options.limit or USUAL_ARTICLES[ArticleLayout.HEADLINES]
        return Embed("portal", title, portal_height(limit))

    def _formatter(self, language: str) -> Formatter:
        return self._context.formatter(language)


def _limit(name: str) -> int | None:
    """The most pixels that are allowed; None for a value that is none."""
    given = request.args.get(name, str(_LARGEST))
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 6 else 0  # noqa: PLR2004 - digits of 10,000
    return number if 1 <= number <= _LARGEST else None


def _inside(url: str, base_url: str) -> tuple[str, dict[str, str]] | None:
    """Path and parameters of an address of ours; the scheme may be the other one."""
    try:
        asked, ours = urlsplit(url), urlsplit(base_url)
        same = (asked.hostname, asked.port) == (ours.hostname, ours.port)
    except ValueError:
        return None
    if asked.scheme not in {"http", "https"} or not same or not asked.path.startswith(f"{ours.path}/"):
        return None
    # People paste a slash at the end, too; the pages themselves have none.
    path = "/" + unquote(asked.path.removeprefix(ours.path)).strip("/")
    given: dict[str, str] = {}
    for name, value in parse_qsl(asked.query):
        given.setdefault(name, value)
    return path, given


def _xml(told: Mapping[str, Any]) -> Response:
    root = Element("oembed")
    for name, value in told.items():
        SubElement(root, name).text = str(value)
    body = tostring(root, encoding="utf-8", xml_declaration=True)
    response = answer(body, "text/xml; charset=utf-8", SHORT)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response

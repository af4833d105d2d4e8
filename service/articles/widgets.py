"""The widgets that show articles: alone, and below the weather in one frame."""

from dataclasses import replace

from flask import Response

from service.articles.presenter import ArticlesView, present, present_fault
from service.articles.service import DEPENDS_ON, ArticleService
from service.core.errors import StoreError
from service.locales.formatter import Formatter
from service.locales.numbers import Units
from service.weather.service import DEPENDS_ON as WEATHER
from service.weather.widget import WeatherBox, weather_options, weather_sheet
from service.web import responses
from service.web.cache_policy import SHORT, UNAVAILABLE, CachePolicy, shortest
from service.web.context import AppContext
from service.web.heights import ARTICLES, PORTAL, Height
from service.web.parameters import (
    Heading,
    OneOf,
    Parameter,
    Parameters,
    Query,
    SourceIds,
    Text,
    WholeNumber,
    card,
    city_select,
    language,
    theme,
    theme_of,
    units,
)
from service.web.rendering import HEIGHT_SCRIPT, RETRY_SCRIPT, SELECT_SCRIPT, Renderer, card_sheet, sheet
from service.web.views import Embedding, PathValues, View
from service.web.widget_options import (
    DEFAULT_ARTICLES,
    MAX_ARTICLES,
    ArticleLayout,
    ArticleOptions,
    Layout,
)

_BAD_REQUEST = 400


def views(
    context: AppContext, articles: ArticleService, weather: WeatherBox, renderer: Renderer
) -> list[View]:
    """Return the views `/widgets/articles` and `/widgets/portal`."""
    selected = _SelectedArticles(context, articles)
    widget = _ArticleWidget(selected, renderer)
    portal = _PortalFrame(context, selected, weather, renderer)
    selection: dict[str, Parameter] = {
        "source": SourceIds(articles.sources, any_if_none=True),
        "q": Text(),
        "category": Text(),
        "limit": WholeNumber(1, MAX_ARTICLES, None),
    }
    layout = OneOf(tuple(ArticleLayout), ArticleLayout.LIST)
    return [
        View(
            name="widgets.articles",
            rule="/widgets/articles",
            respond=widget.page,
            parameters=Parameters(
                lang=language(context.languages),
                theme=theme(),
                layout=layout,
                **card(),
                title=Heading(),
                **selection,
            ),
            cache=None,
            depends_on=DEPENDS_ON,
            shows_faults=True,
            embedding=Embedding(
                kind="articles",
                height=_height,
                title=widget.title,
            ),
        ),
        View(
            name="widgets.portal",
            rule="/widgets/portal",
            respond=portal.page,
            parameters=Parameters(
                lang=language(context.languages),
                theme=theme(),
                units=units(),
                **card(),
                title=Heading(),
                select=city_select("yes"),
                **selection,
                city=Text(),
            ),
            cache=None,
            depends_on=DEPENDS_ON | WEATHER,
            shows_faults=True,
            embedding=Embedding(
                kind="portal",
                height=lambda query: PORTAL.holding(_limit(query)),
                title=portal.title,
                title_with_select=portal.title_with_select,
            ),
        ),
    ]


def article_options(query: Query) -> ArticleOptions:
    """Return how articles are to look; below the weather, which has no layouts, they are headlines."""
    layout = _layout(query)
    return ArticleOptions(
        language=query["lang"],
        theme=theme_of(query),
        layout=layout,
        accent=query["accent"],
        transparent=query.values.get("transparent") == "yes",
        border=query.values.get("border") != "no",
        title=query.values.get("title", ""),
        sources=tuple(query["source"]),
        query=query["q"],
        category=query["category"],
        limit=query["limit"] or DEFAULT_ARTICLES[layout],
        given=tuple(query.given.items()),
    )


def _layout(query: Query) -> ArticleLayout:
    return ArticleLayout(query.values.get("layout", ArticleLayout.HEADLINES))


def _limit(query: Query) -> int:
    limit: int = query["limit"] or DEFAULT_ARTICLES[_layout(query)]
    return limit


def _height(query: Query) -> Height:
    return ARTICLES[_layout(query)].holding(_limit(query))


class _SelectedArticles:
    """Makes the view of the articles that a widget's parameters select."""

    def __init__(self, context: AppContext, articles: ArticleService) -> None:
        self._context, self._articles = context, articles

    def view(self, query: Query, options: ArticleOptions) -> tuple[ArticlesView, CachePolicy]:
        """Return the view and its cache policy; faults and a failing store become sentences in the view."""
        formatter = self.formatter(options)
        if query.faults:
            return present_fault(formatter, [fault.sentence(formatter) for fault in query.faults]), SHORT
        try:
            return self._read(options, formatter)
        except StoreError:
            return present_fault(formatter, [formatter.text("error.server")]), UNAVAILABLE

    def formatter(self, options: ArticleOptions) -> Formatter:
        return self._context.formatter(options.language)

    def _read(self, options: ArticleOptions, formatter: Formatter) -> tuple[ArticlesView, CachePolicy]:
        now = self._context.clock()
        statuses = self._articles.statuses(now, options.sources)
        page = self._articles.page(
            sources=options.sources, query=options.query, category=options.category, limit=options.limit
        )
        view = present(
            page.articles,
            statuses,
            formatter=formatter,
            options=options,
            prefix=self._context.prefix,
            sample=self._context.settings.demo,
        )
        return view, self._articles.cache_policy(statuses, now)


class _ArticleWidget:
    def __init__(self, selected: _SelectedArticles, renderer: Renderer) -> None:
        self._selected, self._renderer = selected, renderer

    def page(self, query: Query) -> Response:
        options = article_options(query)
        view, cache = self._selected.view(query, options)
        response = self._renderer.page(
            "widgets/articles.html",
            style=self._renderer.style(
                options.accent,
                card_sheet(options, view.parts),
                sheet("widgets/articles.css", layout=options.layout.value),
            ),
            scripts=[HEIGHT_SCRIPT, *([RETRY_SCRIPT] if view.retry else [])],
            cache=cache,
            status=_BAD_REQUEST if query.faults else 200,
            images=any(teaser.image for teaser in view.teasers),
            view=view,
            options=options,
            text=self._selected.formatter(options).text,
            address=query.address("/widgets/articles"),
        )
        return responses.unindexed(response)

    def title(self, query: Query, _path: PathValues, formatter: Formatter) -> str | None:
        heading: str = query["title"]
        return heading or formatter.text("articles.title")


class _PortalFrame:
    """The compact weather above headlines."""

    def __init__(
        self, context: AppContext, selected: _SelectedArticles, weather: WeatherBox, renderer: Renderer
    ) -> None:
        self._context, self._selected, self._weather, self._renderer = context, selected, weather, renderer

    def page(self, query: Query) -> Response:
        options, box_options = article_options(query), weather_options(query)
        if self._context.catalogue.get(query["city"]) is None:  # links to article pages must not repeat it
            options = replace(options, given=tuple(pair for pair in options.given if pair[0] != "city"))
        view, cache = self._selected.view(query, options)
        weather, status = None, _BAD_REQUEST
        if not query.faults:  # an invalid parameter makes the intended place uncertain
            hidden = tuple((name, value) for name, value in query.given.items() if name != "city")
            action = f"{self._context.prefix}/widgets/portal"
            weather, weather_cache, status = self._weather.view(
                query["city"], box_options, action=action, hidden=hidden
            )
            cache = shortest([cache, weather_cache])
        formatter = self._context.formatter(options.language, Units(query["units"]))
        weather_title = weather.title if weather else formatter.text("weather.title")
        scripts = [
            HEIGHT_SCRIPT,
            *([SELECT_SCRIPT] if weather and weather.form else []),
            *([RETRY_SCRIPT] if view.retry or (weather and weather.retry) else []),
        ]
        response = self._renderer.page(
            "widgets/portal.html",
            style=self._renderer.style(
                options.accent,
                card_sheet(options, sorted({*view.parts, *(weather.parts if weather else ())})),
                *([weather_sheet(weather, Layout.COMPACT)] if weather else []),
                sheet("widgets/articles.css", layout="portal"),
            ),
            scripts=scripts,
            cache=cache,
            status=status,
            view=view,
            options=options,
            weather=weather,
            weather_options=box_options,
            title=formatter.text("portal.title", weather=weather_title),
            text=formatter.text,
            address=query.address("/widgets/portal"),
        )
        return responses.unindexed(response)

    def title(self, query: Query, _path: PathValues, formatter: Formatter) -> str | None:
        city = query["city"]
        place = self._context.catalogue.get(city) if city else self._context.default_city
        if place is None:
            return None
        weather = formatter.text("weather.in_place", place=place.name(formatter.language))
        return formatter.text("portal.title", weather=weather)

    def title_with_select(self, query: Query, formatter: Formatter) -> str | None:
        if not weather_options(query).select:
            return None
        return formatter.text("portal.title", weather=formatter.text("weather.any_place"))

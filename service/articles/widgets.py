"""The widgets that show articles: alone, or under the weather in one frame."""

from dataclasses import replace

from flask import Blueprint, Response, request

from service.articles import validity as article_validity
from service.articles import widget_parameters
from service.articles.drawing import ArticleRenderer
from service.articles.presenter import ArticlesView, present, present_fault
from service.articles.service import ArticleService
from service.core.errors import StoreError
from service.locales.formatter import Formatter
from service.weather.weather_box import WeatherBox
from service.web import cache_policy, parameters
from service.web.cache_policy import NOT_NOW, CachePolicy
from service.web.context import AppContext
from service.web.options import ArticleOptions, Options
from service.web.parameter_messages import sentence
from service.web.responses import SHORT


def article_widgets(context: AppContext, articles: ArticleService, drawing: ArticleRenderer) -> Blueprint:
    """The routes `/widgets/articles` and `/widgets/portal`."""
    routes = Blueprint("article_widgets", __name__, url_prefix="/widgets")
    shown = _Shown(context, articles)
    for name, views in (
        ("articles", _Articles(context, shown, drawing)),
        ("portal", _PortalFrame(context, shown, drawing)),
    ):
        routes.add_url_rule(f"/{name}", name, views)
    return routes


class _Shown:
    """The articles that a widget was asked for, presented."""

    def __init__(self, context: AppContext, articles: ArticleService) -> None:
        self._context, self._articles = context, articles
        self.sources = tuple(articles.sources)

    def view(self, options: ArticleOptions, formatter: Formatter) -> tuple[ArticlesView, CachePolicy]:
        """What is drawn; a store that fails is said in a sentence, and the weather beside it stays."""
        try:
            return self._read(options, formatter)
        except StoreError:
            return present_fault(formatter, [formatter.text("error.server")]), NOT_NOW

    def _read(self, options: ArticleOptions, formatter: Formatter) -> tuple[ArticlesView, CachePolicy]:
        now = self._context.clock()
        standings = self._articles.standings(now, options.sources)
        listed = (
            self._articles.page(sources=options.sources, limit=options.limit).articles if standings else ()
        )
        view = present(
            listed,
            standings,
            formatter=formatter,
            options=options,
            prefix=self._context.prefix,
            sample=self._context.settings.demo,
        )
        valid = article_validity.of_articles(standings, self._context.settings.articles, now)
        return view, valid


class _Articles:
    def __init__(self, context: AppContext, shown: _Shown, drawing: ArticleRenderer) -> None:
        self._context, self._shown, self._drawing = context, shown, drawing
        self._query = widget_parameters.articles_query(context.languages, shown.sources)

    def __call__(self) -> Response:
        try:
            options = widget_parameters.article_options(self._query, request.args)
        except parameters.ParameterError as error:
            return self._fault(error)
        view, valid = self._shown.view(options, self._context.formatter(options.language))
        return self._drawing.articles(view, options, valid)

    def _fault(self, error: parameters.ParameterError) -> Response:
        """Parameters that cannot be used, said in the widget; those that can be are kept to."""
        usable = parameters.usable(self._query, request.args)
        options = widget_parameters.article_options(self._query, usable)
        formatter = self._context.formatter(options.language)
        view = present_fault(formatter, [sentence(fault, formatter) for fault in error.faults])
        return self._drawing.articles(view, options, SHORT, 400)


class _PortalFrame:
    def __init__(self, context: AppContext, shown: _Shown, drawing: ArticleRenderer) -> None:
        self._context, self._shown, self._drawing = context, shown, drawing
        self._weather = WeatherBox(context)
        self._query = widget_parameters.portal_query(context.languages, shown.sources)

    def __call__(self) -> Response:
        try:
            options, beside = self._options(dict(request.args))
        except parameters.ParameterError as error:
            return self._fault(error)
        formatter = self._context.formatter(options.language, beside.units)
        view, until = self._shown.view(self._with_weather(options, beside), formatter)
        weather, weather_until, status = self._weather.view(
            request.args.get("city"),
            beside,
            formatter,
            action=f"{self._context.prefix}/widgets/portal",
            hidden=tuple(dict(beside.given + options.given).items()),
        )
        return self._drawing.portal(
            view,
            options,
            weather=weather,
            weather_options=beside,
            formatter=formatter,
            validity=cache_policy.of_all([until, weather_until]),
            status=status,
        )

    def _fault(self, error: parameters.ParameterError) -> Response:
        """Where the weather would be nothing is drawn: what was asked for is not known."""
        options, beside = self._options(parameters.usable(self._query, request.args))
        formatter = self._context.formatter(options.language, beside.units)
        view = present_fault(formatter, [sentence(fault, formatter) for fault in error.faults])
        return self._drawing.portal(
            view,
            options,
            weather=None,
            weather_options=beside,
            formatter=formatter,
            validity=SHORT,
            status=400,
        )

    def _with_weather(self, options: ArticleOptions, beside: Options) -> ArticleOptions:
        """With the place and the units of the weather here, for the weather on an article's page."""
        city = request.args.get("city", "")
        units = tuple((name, value) for name, value in beside.given if name == "units")
        known = (("city", city),) if self._context.catalogue.get(city) else ()
        return replace(options, given=(*options.given, *units, *known))

    def _options(self, given: dict[str, str]) -> tuple[ArticleOptions, Options]:
        """How the two parts look; a layout that is asked for is not looked at, nor passed on."""
        given.pop("layout", None)
        options = widget_parameters.article_options(self._query, given)
        return options, parameters.options(self._query, given)

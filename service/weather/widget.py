"""The widgets: pages for iframes, and pictures for places that allow none."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from service.locales.formatter import Formatter
from service.places.model import Place
from service.weather.model import Dataset
from service.weather.presenter import WeatherView, present, present_fault, present_unknown
from service.web import cache_policy, parameters
from service.web.cache_policy import CachePolicy
from service.web.city_forms import city_form_of
from service.web.city_select import CityForm
from service.web.context import AppContext
from service.web.options import Layout, Options
from service.web.parameter_messages import sentence
from service.web.rendering import WeatherRenderer
from service.web.responses import SHORT


def widgets(context: AppContext, drawing: WeatherRenderer) -> Blueprint:
    """The routes under `/widgets`."""
    views = _Widgets(context, drawing)
    routes = Blueprint("widgets", __name__, url_prefix="/widgets")
    routes.add_url_rule("/weather", view_func=views.chosen)
    routes.add_url_rule("/weather/<city>", view_func=views.weather)
    routes.add_url_rule("/weather/<city>.svg", view_func=views.picture)
    routes.register_error_handler(parameters.ParameterError, views.fault)
    return routes


class _Widgets:
    def __init__(self, context: AppContext, drawing: WeatherRenderer) -> None:
        self._context, self._drawing = context, drawing
        self._query = parameters.widget_query(context.language, context.languages)

    def weather(self, city: str) -> Response:
        options = parameters.options(self._query, request.args)
        formatter = self._context.formatter(options.language, options.units)
        view, valid, status = self._view(city, options, formatter)
        return self._drawing.weather(view, options, formatter, valid, status)

    def chosen(self) -> Response:
        """What the select submits: the same answer at another address."""
        usual = self._context.default_city
        return self.weather(request.args.get("city") or (usual.id if usual else ""))

    def picture(self, city: str) -> Response:
        options = parameters.options(self._query, request.args)
        formatter = self._context.formatter(options.language, options.units)
        view, valid, status = self._view(city, options, formatter)
        return self._drawing.picture(view, options, formatter, valid, status)

    def fault(self, error: parameters.ParameterError) -> Response:
        """Parameters that cannot be used, said in the widget; those that can be are kept to."""
        options = parameters.options(self._query, parameters.usable(self._query, request.args))
        formatter = self._context.formatter(options.language, options.units)
        place = self._context.catalogue.get((request.view_args or request.args).get("city", ""))
        sentences = [sentence(fault, formatter) for fault in error.faults]
        view = present_fault(formatter, sentences, self._form(place, options))
        draw = self._drawing.picture if request.path.endswith(".svg") else self._drawing.weather
        return draw(view, options, formatter, SHORT, 400)

    def _view(
        self, city: str, options: Options, formatter: Formatter
    ) -> tuple[WeatherView, CachePolicy, int]:
        place = self._context.catalogue.get(city)
        if place is None:
            return present_unknown(formatter, self._form(None, options)), SHORT, 404
        now = self._context.clock()
        datasets = tuple(Dataset) if options.layout is Layout.FULL else (Dataset.CURRENT,)
        (forecast,) = self._context.reader.forecasts([place], now, datasets)
        goals = self._context.settings.weather
        valid = cache_policy.of_forecast(forecast, now, goals.refresh)
        view = present(
            forecast,
            source=self._context.sources.get(forecast.provider_id or ""),
            form=self._form(place, options),
            formatter=formatter,
            options=options,
            sample=self._context.settings.demo,
            today=now.astimezone(ZoneInfo(place.timezone)).date(),
        )
        return view, valid, 200

    def _form(self, place: Place | None, options: Options) -> CityForm | None:
        action = f"{self._context.prefix}/widgets/weather"
        return city_form_of(self._context, place, options, action=action, hidden=options.given)

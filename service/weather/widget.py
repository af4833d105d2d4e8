"""The widgets: pages for iframes, and pictures for places that allow none."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from service.locales.formatter import Speech
from service.places.model import Place
from service.weather.model import Aspect
from service.weather.presenter import WeatherView, present, present_fault, present_unknown
from service.web import cache_policy, parameters
from service.web.cache_policy import Validity
from service.web.city_forms import city_form_of
from service.web.city_select import CityForm
from service.web.context import House
from service.web.options import Layout, Options
from service.web.parameter_messages import sentence
from service.web.rendering import Drawing
from service.web.responses import SHORT


def widgets(house: House, drawing: Drawing) -> Blueprint:
    """The routes under `/widgets`."""
    views = _Widgets(house, drawing)
    routes = Blueprint("widgets", __name__, url_prefix="/widgets")
    routes.add_url_rule("/weather", view_func=views.chosen)
    routes.add_url_rule("/weather/<city>", view_func=views.weather)
    routes.add_url_rule("/weather/<city>.svg", view_func=views.picture)
    routes.register_error_handler(parameters.ParameterError, views.fault)
    return routes


class _Widgets:
    def __init__(self, house: House, drawing: Drawing) -> None:
        self._house, self._drawing = house, drawing
        self._query = parameters.widget_query(house.language, house.languages)

    def weather(self, city: str) -> Response:
        options = parameters.options(self._query, request.args)
        speech = self._house.speech(options.language, options.units)
        view, valid, status = self._view(city, options, speech)
        return self._drawing.weather(view, options, speech, valid, status)

    def chosen(self) -> Response:
        """What the select submits: the same answer at another address."""
        usual = self._house.default_city
        return self.weather(request.args.get("city") or (usual.id if usual else ""))

    def picture(self, city: str) -> Response:
        options = parameters.options(self._query, request.args)
        speech = self._house.speech(options.language, options.units)
        view, valid, status = self._view(city, options, speech)
        return self._drawing.picture(view, options, speech, valid, status)

    def fault(self, error: parameters.ParameterError) -> Response:
        """Parameters that cannot be used, said in the widget; those that can be are kept to."""
        options = parameters.options(self._query, parameters.usable(self._query, request.args))
        speech = self._house.speech(options.language, options.units)
        place = self._house.catalogue.get((request.view_args or request.args).get("city", ""))
        sentences = [sentence(fault, speech) for fault in error.faults]
        view = present_fault(speech, sentences, self._form(place, options))
        draw = self._drawing.picture if request.path.endswith(".svg") else self._drawing.weather
        return draw(view, options, speech, SHORT, 400)

    def _view(self, city: str, options: Options, speech: Speech) -> tuple[WeatherView, Validity, int]:
        place = self._house.catalogue.get(city)
        if place is None:
            return present_unknown(speech, self._form(None, options)), SHORT, 404
        now = self._house.clock()
        aspects = tuple(Aspect) if options.layout is Layout.FULL else (Aspect.CURRENT,)
        (forecast,) = self._house.reader.forecasts([place], now, aspects)
        goals = self._house.settings.weather
        valid = cache_policy.of_forecast(forecast, now, goals.refresh)
        view = present(
            forecast,
            source=self._house.sources.get(forecast.source or ""),
            form=self._form(place, options),
            speech=speech,
            options=options,
            sample=self._house.settings.demo,
            today=now.astimezone(ZoneInfo(place.timezone)).date(),
        )
        return view, valid, 200

    def _form(self, place: Place | None, options: Options) -> CityForm | None:
        action = f"{self._house.prefix}/widgets/weather"
        return city_form_of(self._house, place, options, action=action, hidden=options.given)

"""JSON for programs: the places and their weather."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from service.locales.units import Units
from service.places.model import PLACE_ID, Place
from service.weather import json
from service.web import cache_policy, parameters
from service.web.context import AppContext
from service.web.responses import json_answer, problem

_PLACES_CHANGE = timedelta(hours=1)


def api(context: AppContext) -> Blueprint:
    """The routes under `/api/v1`."""
    views = _Api(context)
    routes = Blueprint("api", __name__, url_prefix="/api/v1")
    routes.add_url_rule("/cities", view_func=views.cities)
    routes.add_url_rule("/cities/<city>", view_func=views.city)
    routes.add_url_rule("/weather", view_func=views.several)
    routes.add_url_rule("/weather/<city>", view_func=views.weather)
    return routes


class _Api:
    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._sample = {"sample": True} if context.settings.demo else {}
        self._writers = {
            pair: json.WeatherJson(formatter, context.sources, sample=context.settings.demo)
            for pair, formatter in context.speeches.items()
        }
        self._of_weather = parameters.weather_query(context.language, context.languages)
        self._of_several = parameters.several_query(context.language, context.languages)
        self._of_cities = parameters.cities_query(context.language, context.languages)

    def cities(self) -> Response:
        query = parameters.parsed(self._of_cities, request.args)
        found = self._context.catalogue.search(query["q"], query["limit"])
        payload = {"cities": [json.city(place, query["lang"]) for place in found], **self._sample}
        return json_answer(payload, cache_policy.for_long(_PLACES_CHANGE))

    def city(self, city: str) -> Response:
        language = parameters.parsed(self._of_weather, request.args)["lang"]
        place = self._context.catalogue.get(city)
        if place is None:
            return self._unknown([city])
        return json_answer(json.city(place, language) | self._sample, cache_policy.for_long(_PLACES_CHANGE))

    def weather(self, city: str) -> Response:
        query = parameters.parsed(self._of_weather, request.args)
        place = self._context.catalogue.get(city)
        if place is None:
            return self._unknown([city])
        (payload,), valid = self._told([place], query)
        return json_answer(payload, valid)

    def several(self) -> Response:
        query = parameters.parsed(self._of_several, request.args)
        ids = query["cities"]
        found = {city: self._context.catalogue.get(city) for city in ids}
        if unknown := [city for city, place in found.items() if place is None]:
            return self._unknown(unknown)
        payloads, valid = self._told([place for city in ids if (place := found[city])], query)
        return json_answer({"weather": payloads, **self._sample}, valid)

    def _told(
        self, places: Sequence[Place], query: dict[str, Any]
    ) -> tuple[list[dict[str, Any]], cache_policy.CachePolicy]:
        now = self._context.clock()
        forecasts = self._context.reader.forecasts(places, now)
        goals = self._context.settings.weather
        valid = [cache_policy.of_forecast(f, now, goals.refresh) for f in forecasts]
        writer = self._writers[query["lang"], Units(query["units"])]
        return [writer.weather(forecast) for forecast in forecasts], cache_policy.of_all(valid)

    def _unknown(self, cities: Sequence[str]) -> Response:
        """Another place's weather is never shown; near names are told instead."""
        named = ", ".join(f"“{city}”" for city in cities if PLACE_ID.fullmatch(city))
        near = ", ".join(place.id for city in cities[:1] for place in self._context.catalogue.search(city, 3))
        hint = f" Near it: {near}." if near else ""
        every = f"{self._context.prefix}/api/v1/cities"
        said = f"No place has the id {named}." if named else "No place has such an id."
        return problem(404, f"{said}{hint} All places: {every}", sample=self._context.settings.demo)
